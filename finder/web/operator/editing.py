"""What every page of the form shares: the form as it was typed, the listing it was made from, and what its buttons do
to sessions. Nothing typed is lost by any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from finder.errors import Invalid, NotFound
from finder.listings import changes, drafts
from finder.listings.changes import Listing
from finder.listings.drafts import Kept
from finder.web import mapping
from finder.web.desk import render
from finder.web.mapping import Map
from finder.web.operator import form_reading, form_sessions, form_view
from finder.web.operator.form_kinds import Form, Sent
from finder.web.operator.form_reading import Read
from finder.web.operator.form_sessions import MARK, MOST, Reading
from finder.web.operator.form_view import Meeting
from finder.web.pages import link, services
from finder.wordings.language import language

# Fields of the page that are no fields of the listing.
OURS = frozenset(("form_token", "version", "do", "mark", "still_right", "note"))
MOST_NAMES = 3000
MOST_MAPS = 2
PREVIEW, PUBLISH, DRAFT, FRAGMENT = "preview", "publish", "draft", "fragment"
_BUTTON = re.compile(r"^(add|remove|up|down)(?::([0-9]{1,2}))?$")
_SESSION = re.compile(r"^sessions\.([0-9]{1,2})\.(.+)$")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is edited: a listing, or a new group in a draft. `base` is the listing that the form was made from, at
    `version`; {} for one that began empty."""

    listing: Listing | None
    base: Mapping[str, Any]
    version: int | None
    draft: Kept | None = None

    @property
    def action(self) -> str:
        """The address of the form."""
        if self.listing is not None:
            return link()("operator.edit", slug=self.listing.slug)
        assert self.draft is not None
        return link()("operator.edit_draft", key=self.draft.id)

    @property
    def name(self) -> str:
        if self.listing is not None:
            return str(self.listing.document["name"])
        return self.draft.name if self.draft is not None else ""


def of_listing(session: Any, slug: str, account_id: int, version: int | None = None) -> Subject:
    """A listing as its form sees it, at the version the form was made from (None: of the draft, or now).

    Raises NotFound.
    """
    there = changes.find(session, slug)
    draft = drafts.of_listing(session, account_id, there.id)
    if version is None:
        version = draft.version if draft is not None and draft.version is not None else there.version
    return Subject(there, _base(session, there, version), version, draft)


def _base(session: Any, there: Listing, version: int) -> Mapping[str, Any]:
    if version == there.version:
        return there.document
    try:
        return changes.as_of([changes.at_version(session, there.id, version)], version)[0]
    except NotFound:  # a number that never was: what the form left alone is taken from the listing of today
        return there.document


def of_draft(session: Any, key: str, account_id: int) -> Subject:
    """A new group in a draft. Raises NotFound."""
    draft = drafts.find(session, key, account_id)
    if draft.program is not None:
        raise NotFound("draft")
    return Subject(None, draft.base, None, draft)


def typed() -> Sent:
    """The fields of the form as they were sent, as a form or as JSON; signs that no database keeps are left out."""
    sent = _of_json(request.get_json(silent=True)) if request.is_json else dict(request.form.lists())
    found = {name: [one.replace("\x00", "") for one in many] for name, many in sent.items()
             if name not in OURS and len(name) <= 60}
    return dict(list(found.items())[:MOST_NAMES])


def _of_json(sent: Any) -> Sent:
    """Names with a text or a list of texts each; all else is left out."""
    pairs = sent.items() if isinstance(sent, dict) else ()
    lists = {name: one if isinstance(one, list) else [one] for name, one in pairs}
    return {name: many for name, many in lists.items() if all(_is_text(one) for one in (name, *many))}


def _is_text(one: Any) -> bool:
    """Whether it is text without half a character, which no database keeps."""
    return isinstance(one, str) and not any("\ud800" <= letter <= "\udfff" for letter in one)


def reading() -> Reading:
    """What reading a form needs to know."""
    held = services()
    return Reading(held.gazetteer, language(), held.now().date())


def read(form: Form, subject: Subject) -> Read:
    """The form as a document, not yet checked."""
    return form_reading.read(form, subject.base, reading())


def form_of(subject: Subject) -> Form:
    """The form as it is opened: the draft, or the listing as it stands."""
    if subject.draft is not None and subject.draft.form:
        return {**_blank(subject), **subject.draft.form}
    return _blank(subject)


def _blank(subject: Subject) -> Sent:
    shown = form_reading.show(subject.base, language())
    if subject.draft is not None and MARK in subject.draft.form:
        return {name: many for name, many in shown.items() if not name.startswith(MARK)}
    return shown


def page(subject: Subject, form: Form, wrong: Invalid | None = None, *, saved: bool = False) -> str:
    """The form as a page, with what is wrong in it."""
    found, now = read(form, subject), services().now()
    errors = form_view.problem_words(wrong.errors) if wrong is not None else {}
    meetings = form_view.meetings(form, errors, found.blocks, now)
    return render(
        "operator/edit", subject=subject, errors=errors, before=form_view.parts(form, errors, after=False),
        meetings=meetings, maps=_maps(meetings), after=form_view.parts(form, errors, after=True),
        room=len(form_sessions.numbers(form)) < MOST, saved=saved)


def _maps(meetings: Sequence[Meeting]) -> dict[int, tuple[Map, str]]:
    """Maps to set a point on, by session, with the frame that turns a press into degrees. A few, for they weigh."""
    drawn = [(one.number, mapping.to_pick(one.spot, services())) for one in meetings if one.spot][:MOST_MAPS]
    return {number: (one, f"{frame.west!r} {frame.north!r} {frame.width!r}") for number, (one, frame) in drawn}


# -- the buttons of sessions -----------------------------------------------------------------------------------------


def arranged(form: Form, button: str) -> Sent | None:
    """The form after one of the buttons add, remove:2, up:2 or down:2; None for any other button."""
    found = _BUTTON.match(button)
    if found is None:
        return None
    order: list[int | None] = list(form_sessions.numbers(form))
    what, at = found[1], order.index(int(found[2])) if found[2] and int(found[2]) in order else -1
    if what == "add":
        order = [*order, None][:MOST]
    elif at >= 0:
        one = order.pop(at)
        if what != "remove":
            order.insert(max(0, at - 1) if what == "up" else at + 1, one)
    return _renumbered(form, order)


def _renumbered(form: Form, order: Sequence[int | None]) -> Sent:
    kept = {name: list(many) for name, many in form.items() if not _SESSION.match(name)}
    for place, number in enumerate(order):
        if number is None:
            kept[f"sessions.{place}.format"] = [""]
            continue
        for name, many in form.items():
            own = _SESSION.match(name)
            if own and int(own[1]) == number:
                kept[f"sessions.{place}.{own[2]}"] = list(many)
    kept[MARK] = [str(len(order))]
    return kept
