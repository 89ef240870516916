"""A group that pauses, ends here, comes back or is copied; and what became of its listing over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, Problem
from finder.fields import is_day
from finder.listings import changes, drafts, looked_after, pauses, removals
from finder.listings.changes import Entry, Listing
from finder.web import history_words
from finder.web.desk import listing_here, render, version_read
from finder.web.operator import form_view, piece_words
from finder.web.operator.blueprint import desk
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.wordings.language import N_, gettext

LONGEST_REASON = 1000
USUAL_PAUSE = timedelta(days=28)
# What a copy does not take along: it is another group, and nobody has checked it.
NOT_COPIED = frozenset(("format", "id", "status", "verified", "source", "capacity", "starts_on"))
KINDS: Mapping[str, str] = {
    "import": N_("Came from its source"), "added": N_("Added"), "edited": N_("Changed"), "checked": N_("Checked"),
    "paused": N_("Paused"), "resumed": N_("Meets again"), "deleted": N_("Deleted"), "restored": N_("Brought back"),
    "reverted": N_("Taken back"), "merged": N_("Made one with another listing"),
    "unpublished": N_("Taken out of sight"), "undone": N_("An import was taken back"),
    "hidden": N_("Taken out of sight"), "shown": N_("Shown again"), "reviewed": N_("A proposed change was accepted"),
    "feed": N_("The words of its source were taken over"),
}
WHO: Mapping[str, str] = {
    "operator": N_("one of its editors"), "editor": N_("one of its editors"), "steward": N_("a steward"),
    "contact": N_("its contact"), "calendar": N_("by itself, as was said"), "import": N_("an import"),
}

SOMEBODY = N_("somebody else")
# Kinds whose reason is a code, a visitor's, or told to stewards alone.
UNTOLD = frozenset(("checked", "reviewed", "hidden", "deleted", "merged", "undone", "resumed"))


@desk.page("/listings/<slug>/pause", Action.EDIT_LISTING, about=listing_here, methods=("GET", "POST"))
def pause(slug: str) -> ResponseReturnValue:
    """Not meeting until a day"""
    there, today = _listing(slug), services().now().date()
    if request.method == "GET":
        return _pause(there, (today + USUAL_PAUSE).isoformat(), None)
    base, typed = version_read(), request.form.get("back_on", "").strip()
    try:
        if not is_day(typed):
            raise Invalid({"back_on": [Problem("not_a_date")]})
        with services().database.transaction() as session:
            pauses.pause(session, there.id, back_on=date.fromisoformat(typed), base=base, author=author(),
                         now=services().now())
    except Invalid as wrong:
        return _pause(there, typed, wrong), 422
    except Conflict as first:
        return _pause(_again(slug, first), typed, None, moved=True), 409
    return _back(there)


def _pause(there: Listing, typed: str, wrong: Invalid | None, *, moved: bool = False) -> str:
    errors = form_view.problem_words(wrong.errors) if wrong else {}
    return render("operator/pause", listing=there, back_on=typed, errors=errors, moved=moved)


def _again(slug: str, first: Conflict) -> Listing:
    """The listing as somebody else left it meanwhile, so that the form can be sent once more."""
    if first.code != "stale":
        raise first
    return _listing(slug)


@desk.page("/listings/<slug>/meets", Action.EDIT_LISTING, about=listing_here, methods=("POST",))
def unpause(slug: str) -> ResponseReturnValue:
    """A paused group meets again"""
    base, there = version_read(), _listing(slug)
    with services().database.transaction() as session:
        looked_after.meet_again(session, there.id, base=base, author=author(), now=services().now())
    return _back(there)


@desk.page("/listings/<slug>/delete", Action.DELETE_LISTING, about=listing_here, methods=("GET", "POST"))
def delete(slug: str) -> ResponseReturnValue:
    """Take a listing down, or ask never to be listed"""
    there = _listing(slug)
    if request.method == "GET":
        return _delete(there)
    base, how = version_read(), request.form.get("how", "")
    reason = request.form.get("reason", "").replace("\x00", "").strip()[:LONGEST_REASON]
    if how not in ("delete", "never"):
        return _delete(there, reason=reason, errors={"how": [gettext("Please pick one.")]}), 422
    try:
        with services().database.transaction() as session:
            deed = removals.remove if how == "never" else changes.delete
            deed(session, there.id, base=base, author=author(), now=services().now(), reason=reason or None)
    except Conflict as first:
        return _delete(_again(slug, first), how=how, reason=reason, moved=True), 409
    return _back(there)


def _delete(there: Listing, *, how: str = "", reason: str = "", errors: Mapping[str, list[str]] | None = None,
            moved: bool = False) -> str:
    return render("operator/delete", listing=there, how=how, reason=reason, errors=errors or {}, moved=moved)


@desk.page("/listings/<slug>/undelete", Action.DELETE_LISTING, about=listing_here, methods=("POST",))
def undelete(slug: str) -> ResponseReturnValue:
    """Bring a deleted listing back"""
    base, there = version_read(), _listing(slug)
    with services().database.transaction() as session:
        looked_after.bring_back(session, there.id, base=base, author=author(), now=services().now())
    return _back(there)


@desk.page("/listings/<slug>/copy", Action.EDIT_LISTING, about=listing_here, methods=("GET", "POST"))
def copy(slug: str) -> ResponseReturnValue:
    """A new group that begins as a copy"""
    there = _listing(slug)
    if request.method == "GET":
        return render("operator/copy", listing=there)
    document = {name: one for name, one in there.document.items() if name not in NOT_COPIED}
    with services().database.transaction() as session:
        kept = drafts.save(session, actor().account_id, {"name": [document["name"]]}, base=document,
                           now=services().now())
    return redirect(link()("operator.edit_draft", key=kept.id), 303)


@desk.page("/listings/<slug>/history", Action.SEE_HISTORY, about=listing_here)
def history(slug: str) -> ResponseReturnValue:
    """Every change of a listing"""
    there = _listing(slug)
    with services().database.reading() as session:
        entries = changes.history(session, there.id)
    return render("operator/history", listing=there, entries=[_entry(one) for one in entries])


def _entry(one: Entry) -> dict[str, Any]:
    compared = piece_words.changes(one.before, one.after) if one.before and one.after else []
    return {"version": one.version, "day": wording.day_text(one.at.date().isoformat()),
            "kind": gettext(KINDS.get(one.kind, one.kind)), "who": _who(one), "changes": compared,
            "reason": None if one.kind in UNTOLD else one.reason}


def _who(one: Entry) -> str:
    if one.account_id == actor().account_id:
        return history_words.through(gettext("you"), one.actor)
    return history_words.through(gettext(WHO.get(one.actor.partition(":")[0].partition("+")[0], SOMEBODY)), one.actor)


def _listing(slug: str) -> Listing:
    with services().database.reading() as session:
        return changes.find(session, slug)


def _back(there: Listing) -> ResponseReturnValue:
    return redirect(link()("operator.listings", _anchor=f"g-{there.slug}"), 303)
