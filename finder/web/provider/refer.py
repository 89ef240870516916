"""Making a referral: which groups are asked in which order, what the person agreed to, and how they may be reached.

A form comes back as it was sent when something is missing; the same form sent twice makes one referral.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from finder import wording
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, Problem, TooOften
from finder.referrals import creating, draft, letters, pace
from finder.teams.models import Team
from finder.web import listing_ids, listing_page
from finder.web.calendar_page import listings_of
from finder.web.desk import render
from finder.web.pages import cookie, link, services
from finder.web.provider import case, code_cookie, refer_choices, refer_form, start
from finder.web.provider.blueprint import desk, my_team, referral_keys, sender
from finder.web.provider.refer_form import Form
from finder.web.showing import Mark, by_line, freshness, phone, place, seat
from finder.wordings import consents, referrals
from finder.wordings.language import listed

USUAL_CONSENT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Asked:
    """A program as the form shows it. `by_letter`: somebody there reads our letters; else the sender calls."""

    key: str
    slug: str
    name: str
    by: str
    where: str
    seat: Mark
    seat_age: str
    fresh: Mark
    phone: str | None
    by_letter: bool


@desk.page("/refer", Action.REFER, methods=("GET", "POST"))
def refer() -> ResponseReturnValue:
    """Ask groups for a place, with what the person agreed to"""
    if request.method == "GET":
        return _page(_blank())
    form = request.form
    try:
        with services().database.transaction() as session:
            made = _make(session, form)
    except Invalid as wrong:
        # A key that is no key, or that made another person's referral, is of no more use.
        return _page(form, wrong.errors, once=_new_key() if "" in wrong.errors else form["once"]), 422
    except TooOften as full:
        response = make_response(_page(form, closed=True), 429)
        response.headers["Retry-After"] = str(full.values["seconds"])
        return response
    response = make_response(redirect(link()("provider.referral", key=made.referral.key), 303))
    cookie().clear(response)  # the next person begins with an empty form
    case.forget(response)
    if made.short_code is not None:
        code_cookie.tell(response, sender().account_id or 0, made.referral.key, made.short_code)
    return response


def _make(session: Any, form: Form) -> creating.Made:
    now = services().now()
    once = form.get("once", "")
    if not _is_key(once):
        raise Invalid({"": [Problem("too_fast")]})
    checked = draft.load(refer_form.draft_of(form), today=now.date())
    try:
        made = creating.create(session, my_team(), checked, by=sender(), once=once, keys=referral_keys(), now=now)
    except Conflict:  # somebody went back and wrote something else, maybe about another person
        raise Invalid({"": [Problem("sent_before")]}) from None
    if made.is_new:
        pace.take_turn(session, my_team(), now)
    return made


def _is_key(once: str) -> bool:
    return 0 < len(once) <= creating.LONGEST_ONCE and once.isascii()


def _blank() -> Form:
    """The form as it is first shown."""
    today = services().now().date()
    begun = start.begun()
    with services().database.reading() as session:
        code = begun.code or creating.free_code(session, my_team())
    wanted = listing_ids.decoded(request.args.getlist("g"))[:draft.MOST_PROGRAMS]
    fields: list[tuple[str, str]] = [
        *(("g", listing_ids.encode(one)) for one in wanted), *(("need", one) for one in begun.needs),
        *(("source", one) for one in begun.sources), *(("short", one) for one in begun.shortlist),
        ("code", code), ("suggested", _number(begun.suggested)), ("level", _number(begun.level)),
        ("reason", begun.reason), ("reason_note", begun.note), ("purpose", draft.PURPOSES[0]), ("asks_next", "1"),
        ("given_on", today.isoformat()), ("until", (today + USUAL_CONSENT).isoformat()),
        ("once", _new_key())]
    return MultiDict(fields)


def _new_key() -> str:
    """What makes of one form one referral, however often it is sent."""
    return secrets.token_urlsafe(16)


def _number(level: int | None) -> str:
    return "" if level is None else str(level)


def _page(form: Form, wrong: Mapping[str, Sequence[Problem]] | None = None, *, once: str = "",
          closed: bool = False) -> str:
    listings = listings_of(listing_ids.decoded(refer_form.ordered(form) or form.getlist("g")))
    if not listings:
        return render("provider/refer_nobody", gone=bool(form.getlist("g")))
    now, needs = services().now(), [one for one in form.getlist("need") if one in draft.FOCUS]
    with services().database.reading() as session:
        asked = [_asked(session, one, now) for one in listings]
        team = session.get_one(Team, my_team()).name
    substance = refer_form.shows_substance(needs, listings)
    said = consents.consent_lines(draft.CONSENT_TEXT, team=team, programs=listed(one.name for one in asked),
                                  substance=substance)
    return render("provider/refer", form=form, asked=asked, once=once or form.get("once", ""),
                  errors=refer_form.errors_of(wrong or {}), closed=closed, names=refer_form.ANCHORS,
                  places=refer_form.places_words(len(asked)), keys=[one.key for one in asked],
                  needs_words="; ".join(wording.label("focus_areas", one) for one in needs), said=said,
                  part_2=consents.part_2_text() if substance else "", open_identity=refer_form.tells_identity(form),
                  sources=referrals.instruments_text(form.getlist("source")), **refer_choices.all_of(form))


def _asked(session: Any, listing: Mapping[str, Any], now: datetime) -> Asked:
    document, today = listing["document"], now.date()
    return Asked(
        key=listing_ids.encode(listing["id"]), slug=listing["slug"] or listing["id"], name=document["name"],
        by=by_line(document), where=place(document.get("sessions") or (), None)[0],
        seat=seat(document.get("capacity"), document.get("starts_on"), today),
        seat_age=listing_page.seat_age(document.get("capacity"), today),
        fresh=freshness((document.get("verified") or {}).get("on"), today), phone=phone(document),
        by_letter=bool(letters.readers(session, uuid.UUID(listing["id"]))))
