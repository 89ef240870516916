"""The listings that a person may edit, with the few things that can be said about each by one tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action, Role, Scope, may
from finder.catalog.models import PUBLISHED
from finder.listings import changes, drafts, looked_after, pauses, tallies
from finder.listings.changes import Listing
from finder.listings.drafts import Kept
from finder.listings.models import Proposal
from finder.matching.ruleset import CAPACITY_DAYS
from finder.referrals import receiving
from finder.web.desk import listing_here, render, target_of, version_read
from finder.web.operator import piece_words
from finder.web.operator.blueprint import desk
from finder.web.pages import link, services
from finder.web.showing import DAYS_NEW, Mark, freshness, seat
from finder.web.signed_in import actor, author
from finder.wordings.language import N_, gettext

ROOMS: Mapping[str, str] = {
    "open": N_("Open"), "waitlist": N_("Waiting list"), "full": N_("Full"), "ask": N_("Ask us"),
}
STATES: Mapping[str, str] = {
    "withheld": N_("Not shown to anybody for now"), "gone": N_("Taken off the list by its source"),
    "deleted": N_("Deleted"),
}
SENT: Mapping[str, str] = {
    "waiting": N_("Waits for a steward"), "accepted": N_("Accepted"), "partly": N_("Accepted in part"),
    "rejected": N_("Not accepted"), "withdrawn": N_("Taken back"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One listing of the list."""

    listing: Listing
    when: tuple[str, ...]
    fresh: Mark
    seat: Mark
    room: str  # of ROOMS, as it stands
    state: str  # words where it is not simply shown
    paused: bool
    back_on: str
    old: bool
    views: int | None
    may_delete: bool

    @property
    def anchor(self) -> str:
        return f"g-{self.listing.slug}"


@desk.page("/", Action.SEE_OWN_LISTINGS)
def listings() -> ResponseReturnValue:
    """The groups you look after"""
    person, now = actor(), services().now()
    words = request.args.get("name", "")[:100]
    with services().database.reading() as session:
        own = looked_after.of_grants(session, person.grants)
        found = [one for one in looked_after.named(session, words, person.regions(Role.STEWARD))
                 if may(person, Action.EDIT_LISTING, target_of(one))] if _is_steward() else []
        shown = {one.id: one for one in (*own, *found)}
        back = {key: pauses.back_on(session, key) for key, one in shown.items()
                if one.document.get("status") == "paused"}
        views = tallies.views(session, list(shown), today=now.date())
        kept = drafts.of_account(session, person.account_id)
        sent = looked_after.sent_by(session, person.account_id, now)
        names = {one.id: one.document["name"] for one in shown.values()}
        waiting = [_sent(one, names) for one in sent]
        asking = receiving.waiting(session, [one.id for one in own], now=now)
    items = {key: _item(one, now.date(), back.get(key), views.get(key)) for key, one in shown.items()}
    return render("operator/listings", items=[items[one.id] for one in own], found=[items[one.id] for one in found],
                  words=words, steward=_is_steward(), drafts=[_draft(one, names) for one in kept], waiting=waiting,
                  rooms={code: gettext(one) for code, one in ROOMS.items()}, organizations=_organizations(own),
                  need_a_look=sum(items[one.id].old for one in own), asking=asking, said=request.args.get("said", ""))


def _is_steward() -> bool:
    person = actor()
    return person.second_step and Role.STEWARD in person.roles()


def _organizations(own: Sequence[Listing]) -> list[tuple[str, str]]:
    """The organizations that the person may edit as a whole: id and name."""
    mine = {one.value for one in actor().grants if one.role is Role.OPERATOR and one.scope is Scope.ORGANIZATION}
    names = {str(one.organization_id): one.document["organization"]["name"] for one in own
             if one.organization_id is not None and one.document.get("organization")}
    return sorted(((key, names[key]) for key in mine if key in names), key=lambda one: one[1])


def _item(one: Listing, today: date, back_on: date | None, views: int | None) -> Item:
    document = one.document
    capacity: dict[str, Any] = document.get("capacity") or {}
    paused = document.get("status") == "paused"
    fresh = (document.get("verified") or {}).get("on")
    known = bool(capacity) and (today - date.fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS
    times = tuple(dict.fromkeys(wording.schedule_text(each, today=today) for each in document.get("sessions") or ()))
    old = one.state == PUBLISHED and not paused and (
        fresh is None or (today - date.fromisoformat(fresh)).days > DAYS_NEW)
    return Item(one, times[:3], freshness(fresh, today), seat(capacity or None, document.get("starts_on"), today),
                capacity["status"] if known and capacity["status"] in ROOMS else "ask", _state(one), paused,
                wording.day_text(back_on.isoformat()) if back_on else "", old, views,
                may(actor(), Action.DELETE_LISTING, target_of(one)))


def _state(one: Listing) -> str:
    if one.merged_into is not None:
        return gettext("Now one with another listing")
    if one.state != PUBLISHED:
        return gettext(STATES.get(one.state, one.state))
    return {"paused": gettext("Not meeting for now"), "closed": gettext("It has ended")}.get(
        one.document.get("status", ""), "")


def _draft(one: Kept, names: Mapping[Any, str]) -> dict[str, Any]:
    name = one.name or names.get(one.program, "") or gettext("A group without a name yet")
    to = link()("operator.edit_draft", key=one.id) if one.program is None else None
    return {"key": str(one.id), "name": name, "to": to, "program": one.program,
            "saved": wording.day_text(one.saved_at.date().isoformat())}


def _sent(one: Proposal, names: Mapping[Any, str]) -> dict[str, Any]:
    return {"key": str(one.id), "name": names.get(one.program_id) or drafts.name_of(one.document), "state": one.state,
            "words": gettext(SENT.get(one.state, one.state)), "reason": one.reason, "kind": one.kind,
            "fields": [title for title, _ in piece_words.waiting(one.fields)] if one.kind == "edit" else [],
            "made": wording.day_text(one.made_at.date().isoformat())}


# -- one tap ---------------------------------------------------------------------------------------------------------


@desk.page("/listings/<slug>/said", Action.EDIT_LISTING, about=listing_here, methods=("POST",))
def said(slug: str) -> ResponseReturnValue:
    """One tap: whether new people can come, or that all is still right"""
    base, held, room = version_read(), services(), request.form.get("room", "")
    with held.database.transaction() as session:
        there = changes.find(session, slug)
        if "right" in request.form:
            looked_after.still_right(session, there.id, base=base, author=author(), now=held.now())
        else:
            looked_after.say_room(session, there.id, room, base=base, author=author(), now=held.now())
    return redirect(link()("operator.listings", said=there.slug, _anchor=f"g-{there.slug}"), 303)
