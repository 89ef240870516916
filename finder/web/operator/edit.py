"""Editing a listing: the form, its preview, publishing it, and choosing between two texts when somebody was first."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, drafts, pauses, pieces, review
from finder.listings.changes import Listing
from finder.listings.drafts import Kept
from finder.web.desk import listing_here, render, target_of, version_read
from finder.web.operator import editing, form_reading, piece_words, preview, stale
from finder.web.operator.blueprint import desk
from finder.web.operator.editing import DRAFT, FRAGMENT, PUBLISH, Subject
from finder.web.operator.form_kinds import Form
from finder.web.operator.trust import sender_for, trust_for
from finder.web.pages import link, services
from finder.web.signed_in import actor


@desk.page("/listings/<slug>/edit", Action.EDIT_LISTING, about=listing_here, methods=("GET", "POST"))
def edit(slug: str) -> ResponseReturnValue:
    """Everything about a group, in one form"""
    if request.method == "GET":
        with services().database.reading() as session:
            subject = editing.of_listing(session, slug, actor().account_id)
        return editing.page(subject, editing.form_of(subject))
    version, form, button = version_read(), editing.typed(), request.form.get("do", "")
    with services().database.reading() as session:
        subject = editing.of_listing(session, slug, actor().account_id, version)
    moved = editing.arranged(form, button)
    if moved is not None:
        return editing.page(subject, moved)
    if button == DRAFT:
        keep(subject, form)
        return redirect(link()("operator.listings", _anchor="drafts"), 303)
    try:
        document = form_reading.checked(editing.read(form, subject))
    except Invalid as wrong:
        return (fragment(subject, form) if button == FRAGMENT else editing.page(subject, form, wrong)), 422
    return _sent(subject, form, document, button)


def _sent(subject: Subject, form: Form, document: dict[str, Any], button: str) -> ResponseReturnValue:
    """A form without errors: shown, or published."""
    there = subject.listing
    assert there is not None
    if button == FRAGMENT:
        return fragment(subject, form, document)
    kept = keep(subject, form)
    if subject.version != there.version:
        return stale.page(there, subject, document, kept), 409
    if button == PUBLISH:
        return publish_now(there, kept, document, still_right=False)
    return redirect(link()("operator.show_preview", slug=there.slug), 303)


def keep(subject: Subject, form: Form) -> Kept:
    """Saves the form as the account's draft."""
    with services().database.transaction() as session:
        return drafts.save(session, actor().account_id, form, now=services().now(), version=subject.version,
                           program=subject.listing.id if subject.listing else None,
                           key=subject.draft.id if subject.draft and not subject.listing else None)


def fragment(subject: Subject, form: Form, document: dict[str, Any] | None = None) -> str:
    """The preview alone, for the page that shows it beside the form; empty while the form has errors."""
    if document is None:
        return ""
    there = subject.listing
    trust = trust_for(target_of(there)) if there is not None else review.Trust.EDITOR
    before = there.document if there is not None else None
    return render("operator/_preview", **preview.view(before, document, trust), slug="", quiet=True, level="h3",
                  preview=True, key="", fit=None)


@desk.page("/listings/<slug>/preview", Action.EDIT_LISTING, about=listing_here, methods=("GET", "POST"))
def show_preview(slug: str) -> ResponseReturnValue:
    """The group as people will see it, and what waits"""
    version = version_read() if request.method == "POST" else None
    with services().database.reading() as session:
        subject = editing.of_listing(session, slug, actor().account_id, version)
    there, draft = subject.listing, subject.draft
    assert there is not None
    if draft is None:
        if request.method == "POST":
            raise Conflict("draft")
        return _page(there, subject, there.document, None)
    try:
        document = form_reading.checked(editing.read(editing.form_of(subject), subject))
    except Invalid as wrong:
        return editing.page(subject, editing.form_of(subject), wrong), 422
    if subject.version != there.version:
        return stale.page(there, subject, document, draft), 409
    if request.method == "GET":
        return _page(there, subject, document, draft)
    if request.form.get("mark") != draft.mark:
        return _page(there, subject, document, draft, changed=True), 409
    return publish_now(there, draft, document, still_right=bool(request.form.get("still_right")))


def _page(there: Listing, subject: Subject, document: dict[str, Any], draft: Kept | None, *,
          changed: bool = False) -> str:
    trust = trust_for(target_of(there))
    return render("operator/preview", subject=subject, listing=there, draft=draft, changed=changed,
                  may_confirm=trust is not review.Trust.STEWARD, slug=there.slug, quiet=True, level="h2", preview=True,
                  key="", fit=None, **preview.view(there.document, document, trust))


def publish_now(there: Listing, draft: Kept, document: dict[str, Any], *, still_right: bool) -> ResponseReturnValue:
    """Shows at once what may be shown, keeps the rest for a steward, and throws the draft away."""
    target = target_of(there)
    sender = sender_for(target)
    wanted = preview.dated(there, document, sender.trust, still_right=still_right)
    try:
        with services().database.transaction() as session:
            review.propose(session, there.id, wanted, base=there.version, sender=sender,
                                     now=services().now(), country=services().settings.country)
            if there.document.get("status") == "paused" != document.get("status"):
                pauses.forget(session, there.id)
            drafts.discard(session, draft.id, sender.account_id or 0)
    except Invalid as wrong:
        subject = Subject(there, there.document, there.version, draft)
        at = Invalid(form_reading.at_fields(wrong.errors, ()))
        return editing.page(subject, editing.form_of(subject), at), 422
    except Conflict as first:
        if first.code != "stale":
            raise
        return _late(there, draft, document), 409
    return redirect(link()("operator.published", slug=there.slug), 303)


def _late(there: Listing, draft: Kept, document: dict[str, Any]) -> str:
    """Somebody was first between reading and writing."""
    with services().database.reading() as session:
        now_there = changes.find(session, there.id)
    return stale.page(now_there, Subject(now_there, there.document, there.version, draft), document, draft)


@desk.page("/listings/<slug>/published", Action.EDIT_LISTING, about=listing_here)
def published(slug: str) -> ResponseReturnValue:
    """Says what is shown now and what waits"""
    with services().database.reading() as session:
        there = changes.find(session, slug)
        waiting = [one for one in review.of_listing(session, there.id) if one.account_id == actor().account_id]
        names = [name for one in waiting for name in one.fields]
    return render("operator/published", listing=there, waiting=piece_words.waiting(names))


@desk.page("/listings/<slug>/choose", Action.EDIT_LISTING, about=listing_here, methods=("POST",))
def choose(slug: str) -> ResponseReturnValue:
    """Takes one of two texts, field by field"""
    version = version_read()
    with services().database.reading() as session:
        subject = editing.of_listing(session, slug, actor().account_id)
    there, draft = subject.listing, subject.draft
    assert there is not None
    if draft is None:
        raise NotFound("draft")
    try:
        mine = form_reading.checked(editing.read(editing.form_of(subject), subject))
    except Invalid as wrong:
        return editing.page(subject, editing.form_of(subject), wrong), 422
    if there.version != version:
        return stale.page(there, subject, mine, draft), 409
    names = [name for one in piece_words.changes(there.document, mine)
             if request.form.get(f"choose.{one.row.name}") == "mine" for name in one.row.names]
    merged = pieces.taken(there.document, mine, names)
    form = form_reading.show_on(merged, there.document, editing.reading().language)
    keep(Subject(there, there.document, there.version, draft), form)
    return redirect(link()("operator.show_preview", slug=there.slug), 303)
