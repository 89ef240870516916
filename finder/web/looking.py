"""One typed line to an address that holds a place, filter numbers and ids of listings, and none of the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finder.errors import Invalid, Problem
from finder.search import box
from finder.search.query_schema import load_browse
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.web import browse_page, listing_ids, typed_place
from finder.web.showing import short_id

MOST_NAMED = 20  # listings that are called by name


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a typed line leads: the arguments of the browse page, and the words of a place that must be asked back."""

    address: Mapping[str, Any]
    unknown_place: str = ""


def landing(line: str, lang: str, *, services: Services, snapshot: Snapshot) -> Landing:
    """Where a typed line leads. Raises Invalid when nothing was typed or it cannot be read.

    What the line says of place, need, kind, day and cost becomes filters; listings that it calls by name, and those
    that hold the words left over, go along by their ids (see `box.search`).
    """
    if not line.strip():
        raise Invalid({"q": [Problem("required")]})
    plain = load_browse({"q": [line.strip()]})
    answer = box.search(plain["text"] or "", snapshot=snapshot, gazetteer=services.gazetteer,
                        vocabulary=services.vocabulary, lang=lang)
    asked = answer.asked
    wanted = {key: value for key, value in box.query(asked).items() if key != "insurance"}
    query = plain | {"text": None} | wanted
    query["near"] = typed_place.spelled(wanted["near"], services.gazetteer) if "near" in wanted else None
    found = browse_page.in_address(query, query.get("filters") or {})
    called = [one for one in map(short_id, [*answer.named, *answer.said][:MOST_NAMED]) if one]
    if called:
        found["g"] = called
    elif asked.words:
        found["none"] = "1"
    return Landing(found, "" if query["near"] else wanted.get("near", ""))


def by_name(line: str, place: str, lang: str, *, services: Services, snapshot: Snapshot) -> Mapping[str, Any]:
    """The arguments of the browse page for a line that calls groups by their name; empty for any other line."""
    try:
        plain = load_browse({"q": [line]})
    except Invalid:
        return {}  # what cannot be read is said at the box it was typed in
    answer = box.search(plain["text"] or "", snapshot=snapshot, gazetteer=services.gazetteer,
                        vocabulary=services.vocabulary, lang=lang)
    if not answer.named:
        return {}
    return landing(f"{line} {place}"[:box.MOST_TEXT], lang, services=services, snapshot=snapshot).address


def named(arguments: Mapping[str, Sequence[str]]) -> list[str]:
    """The ids of listings that an address names."""
    return listing_ids.decoded(arguments.get("g", ()))[:MOST_NAMED]
