"""What would become of a form: the group as people will see it, what is shown at once, and what waits and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.listings import checks, pieces
from finder.listings.changes import Listing
from finder.listings.review import Trust
from finder.search import shown
from finder.web import listing_page, mapping
from finder.web.operator import piece_words
from finder.web.pages import services


def held_pieces(before: Mapping[str, Any], after: Mapping[str, Any], trust: Trust) -> list[str]:
    """The pieces that a second person looks at before they are shown."""
    return [] if trust is Trust.STEWARD else pieces.risky(before, after)


def view(before: Mapping[str, Any] | None, after: Mapping[str, Any], trust: Trust) -> dict[str, Any]:
    """Everything the template of a preview shows; `before` is None for a new group."""
    held = services()
    now = held.now()
    document = shown.public(after)
    found = {"document": document, "status": document.get("status", "active")}
    compared = piece_words.changes(before, after, held=held_pieces(before, after, trust)) \
        if before is not None else []
    return {**listing_page.view(found, now, directions=held.settings.directions), "changes": compared,
            "waiting": [one for one in compared if one.waits], "map": mapping.of_listing(document, held),
            "new_waits": before is None and trust is not Trust.STEWARD}


def dated(there: Listing, wanted: Mapping[str, Any], trust: Trust, *, still_right: bool) -> dict[str, Any]:
    """The listing with the days of checking that go with a change by its own people.

    What they changed they know today, but for what waits; with `still_right` all the rest as well, and the places.
    """
    today, before = services().now().date(), there.document
    held = {name.partition(".")[0] for name in held_pieces(before, wanted, trust)}
    document = dict(wanted)
    if still_right:
        if document.get("capacity"):
            document["capacity"] = {**document["capacity"], "as_of": today.isoformat()}
        fields = [name for name in checks.stated(document) if name not in held]
    else:
        changed = {name.partition(".")[0] for name in pieces.changed(before, wanted)} - held
        fields = [name for name in checks.stated(document) if name in changed] if before.get("verified") else []
    core = set(checks.CORE) <= set(fields)
    if fields and (core or before.get("verified")):
        document["verified"] = checks.verified({**document, "verified": before.get("verified")}, fields, "operator",
                                               today)
    return document
