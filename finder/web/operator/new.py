"""A new group: the few things that matter first, what looks like it, then the one form in a draft of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import NOTHING, Action, Target
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, drafts, review
from finder.listings.drafts import Kept
from finder.search import alike as likeness
from finder.web.desk import allow, listing_here, render, version_read
from finder.web.operator import editing, form_reading, form_view, preview
from finder.web.operator.blueprint import desk
from finder.web.operator.editing import DRAFT, FRAGMENT, Subject
from finder.web.operator.form_fields import PLACE, Field, fields
from finder.web.operator.form_kinds import Form, Sent
from finder.web.operator.trust import sender_for, trust_for
from finder.web.pages import link, services, snapshot
from finder.web.signed_in import actor

FIRST = ("name", "group_type", "contact.phone", "contact.url")
FIRST_PLACE = ("location.address_1", "location.city", "location.state", "location.postal_code")


def draft_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about a draft is about: it is there only for whose it is."""
    drafts.find(session, key, actor().account_id)
    return NOTHING


def sent_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about something sent is about: it is there only for who sent it."""
    if review.find(session, key).account_id != actor().account_id:
        raise NotFound("proposal")
    return NOTHING


@desk.page("/new", Action.PROPOSE_LISTING, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Add a group: its name, kind and place, and what looks like it"""
    if request.method == "GET":
        return _first({}, None)
    form = editing.typed()
    try:
        document = form_reading.checked(form_reading.read(_with_session(form), {}, editing.reading()))
    except Invalid as wrong:
        return _first(form, wrong), 422
    alike = [] if request.form.get("sure") == "yes" else doubles(document)
    if alike:
        return _first(form, None, alike)
    with services().database.transaction() as session:
        kept = drafts.save(session, actor().account_id, _with_session(form), now=services().now(), base={})
    return redirect(link()("operator.edit_draft", key=kept.id), 303)


def doubles(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Listings that look like the one being written, to be looked at before it is sent."""
    return [{"slug": one.slug or one.id, "name": one.document["name"], "where": _where(one.document)}
            for one in likeness.find(snapshot(), document)]


def _where(document: Mapping[str, Any]) -> str:
    """A line that tells listings of one name apart: kind, and when and where it meets."""
    places = [one.get("location") or {} for one in document.get("sessions") or ()]
    return " · ".join(filter(None, [
        wording.label("group_types", document["group_type"]),
        *(wording.schedule_text(one) for one in (document.get("sessions") or ())[:2]),
        next((words for one in places if (words := ", ".join(one[key] for key in ("city", "state") if one.get(key)))),
             "")]))


def _with_session(form: Form) -> Sent:
    """The first step as the whole form has it: its place is that of a first meeting time."""
    found = {name: list(many) for name, many in form.items()}
    placed = any((form.get(f"sessions.0.{name}") or [""])[0].strip() for name in FIRST_PLACE)
    if placed and not (form.get("sessions.0.format") or [""])[0]:
        found["sessions.0.format"] = ["in_person"]
    return {**found, "sessions": ["1"]}


def _first(form: Form, wrong: Invalid | None, alike: Sequence[Mapping[str, Any]] = ()) -> str:
    errors = form_view.problem_words(wrong.errors) if wrong else {}
    known = {one.path: one for one in (*fields(), *(Field(f"sessions.0.{one.path}", one.label, one.kind, one.hint)
                                                    for one in PLACE))}
    controls = form_view.controls([known[name] for name in (*FIRST, *(f"sessions.0.{one}" for one in FIRST_PLACE))],
                                  form, errors)
    return render("operator/new", controls=controls, errors=errors, alike=alike)


# -- the draft of a new group ----------------------------------------------------------------------------------------


@desk.page("/drafts/<key>", Action.PROPOSE_LISTING, about=draft_here, methods=("GET", "POST"))
def edit_draft(key: str) -> ResponseReturnValue:
    """Everything about a new group, in one form"""
    with services().database.reading() as session:
        subject = editing.of_draft(session, key, actor().account_id)
    if request.method == "GET":
        return editing.page(subject, editing.form_of(subject))
    form, button = editing.typed(), request.form.get("do", "")
    moved = editing.arranged(form, button)
    if moved is not None:
        return editing.page(subject, moved)
    if button == DRAFT:
        _keep(subject, form)
        return redirect(link()("operator.listings", _anchor="drafts"), 303)
    try:
        document = form_reading.checked(editing.read(form, subject))
    except Invalid as wrong:
        return ("" if button == FRAGMENT else editing.page(subject, form, wrong)), 422
    if button == FRAGMENT:
        return _fragment(document)
    _keep(subject, form)
    return redirect(link()("operator.preview_draft", key=key), 303)


def _keep(subject: Subject, form: Form) -> None:
    assert subject.draft is not None
    with services().database.transaction() as session:
        drafts.save(session, actor().account_id, form, now=services().now(), key=subject.draft.id)


def _fragment(document: dict[str, Any]) -> str:
    return render("operator/_preview", **preview.view(None, document, _trust(document)), slug="", quiet=True,
                  level="h3", preview=True, key="", fit=None)


def _trust(document: Mapping[str, Any]) -> review.Trust:
    return trust_for(_target(document))


def _target(document: Mapping[str, Any]) -> Target:
    return Target(states=changes.states_of(document))


@desk.page("/drafts/<key>/preview", Action.PROPOSE_LISTING, about=draft_here, methods=("GET", "POST"))
def preview_draft(key: str) -> ResponseReturnValue:
    """A new group as people will see it, and the button that sends it"""
    with services().database.reading() as session:
        subject = editing.of_draft(session, key, actor().account_id)
    form, draft = editing.form_of(subject), subject.draft
    assert draft is not None
    try:
        document = form_reading.checked(editing.read(form, subject))
    except Invalid as wrong:
        return editing.page(subject, form, wrong), 422
    if request.method == "GET":
        return _page(subject, document)
    if request.form.get("mark") != draft.mark:
        return _page(subject, document, changed=True), 409
    alike = [] if request.form.get("sure") == "yes" else doubles(document)
    if alike:
        return _page(subject, document, alike=alike)
    return _send(subject, draft, document)


def _page(subject: Subject, document: dict[str, Any], *, changed: bool = False,
          alike: Sequence[Mapping[str, Any]] = ()) -> str:
    assert subject.draft is not None
    return render("operator/preview", subject=subject, listing=None, draft=subject.draft, changed=changed, alike=alike,
                  action=link()("operator.preview_draft", key=subject.draft.id), slug="", quiet=True, level="h2",
                  preview=True, key="", fit=None, **preview.view(None, document, _trust(document)))


def _send(subject: Subject, draft: Kept, document: dict[str, Any]) -> ResponseReturnValue:
    sender, held = sender_for(_target(document)), services()
    try:
        with held.database.transaction() as session:
            outcome = review.propose_new(session, document, sender=sender, now=held.now(),
                                         country=held.settings.country)
            drafts.discard(session, draft.id, sender.account_id or 0)
    except Invalid as wrong:
        at = Invalid(form_reading.at_fields(wrong.errors, ()))
        return editing.page(subject, editing.form_of(subject), at), 422
    if outcome.listing is not None:
        return redirect(link()("listing", slug=outcome.listing.slug), 303)
    return redirect(link()("operator.listings", _anchor="sent"), 303)


@desk.page("/drafts/<key>/open", Action.PROPOSE_LISTING, about=draft_here, methods=("POST",))
def go_on(key: str) -> ResponseReturnValue:
    """Go on with a draft, wherever its form is"""
    with services().database.reading() as session:
        kept = drafts.find(session, key, actor().account_id)
        there = changes.find(session, kept.program) if kept.program is not None else None
    to = link()("operator.edit", slug=there.slug) if there else link()("operator.edit_draft", key=key)
    return redirect(to, 303)


@desk.page("/drafts/<key>/discard", Action.PROPOSE_LISTING, about=draft_here, methods=("POST",))
def discard(key: str) -> ResponseReturnValue:
    """Throw a draft away"""
    with services().database.transaction() as session:
        drafts.discard(session, key, actor().account_id)
    return redirect(link()("operator.listings"), 303)


@desk.page("/sent/<key>/take-back", Action.PROPOSE_LISTING, about=sent_here, methods=("POST",))
def take_back(key: str) -> ResponseReturnValue:
    """Take back what waits for a steward"""
    with services().database.transaction() as session:
        review.withdraw(session, uuid.UUID(key), account_id=actor().account_id, now=services().now())
    return redirect(link()("operator.listings", _anchor="sent"), 303)


# -- saved while people write ----------------------------------------------------------------------------------------


@desk.page("/draft", Action.PROPOSE_LISTING, methods=("POST",))
def autosave() -> ResponseReturnValue:
    """Keeps the form as a draft while somebody writes"""
    form, slug = editing.typed(), request.args.get("slug", "")
    try:
        kept = _autosave(form, slug, request.args.get("key", ""))
    except Conflict as full:
        return {"saved": False, "code": full.code}, 409
    except Invalid:
        return {"saved": False, "code": "too_long"}, 413
    return {"saved": True, "mark": kept.mark}


def _autosave(form: Form, slug: str, key: str) -> Kept:
    held, account = services(), actor().account_id
    if not slug:
        with held.database.transaction() as session:
            return drafts.save(session, account, form, now=held.now(),
                               key=drafts.find(session, key, account).id if key else None, base=None if key else {})
    version = version_read()
    with held.database.reading() as session:
        target, there = listing_here(session, slug), changes.find(session, slug)
    allow(Action.EDIT_LISTING, target)
    with held.database.transaction() as session:
        return drafts.save(session, account, form, now=held.now(), program=there.id, version=version)
