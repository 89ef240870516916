"""Calendars that stay up to date: of a group, an organization, saved groups and a search, each with a page that says
how to use its address and what the address tells.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from finder.errors import Invalid, NotFound, Problem
from finder.exchange import ical
from finder.listings import doubles
from finder.search import find
from finder.web import browse_page, calendar_token, listing_ids, looking
from finder.web.blueprint import seeker
from finder.web.calendar_page import calendar, listings_of
from finder.web.keep_pages import base
from finder.web.pages import kept, link, render, services, snapshot

MOST_FOUND = 100  # groups in the calendar of a search
UNSAID = ("sort", "soon")  # a calendar has an order of its own, and is looked at later than "soon"
Listings = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Held:
    """What a calendar holds now, and how many groups it has no room for."""

    listings: Listings
    left_out: int = 0


@seeker.get("/calendar")
def about_calendars() -> ResponseReturnValue:
    """How groups come into a calendar of one's own, and what that tells others"""
    return render("calendar", kind="")


@seeker.get("/calendar/program/<slug>.ics")
def program_feed(slug: str) -> ResponseReturnValue:
    """The calendar of one group"""
    return calendar(lambda: [_program(slug)])


@seeker.get("/calendar/program/<slug>")
def program_subscribe(slug: str) -> ResponseReturnValue:
    """How to keep one group in a calendar"""
    found = _program(slug)
    if found["slug"] and found["slug"] != slug:
        return redirect(link()("program_subscribe", slug=found["slug"]), 301)
    runs = _organization_of(found["id"])
    return _page("program", Held([found]), link()("program_feed", slug=slug),
                 more=link()("organization_subscribe", key=runs) if runs else "")


@seeker.get("/calendar/organization/<key>.ics")
def organization_feed(key: str) -> ResponseReturnValue:
    """The calendar of all groups of an organization"""
    return calendar(lambda: _of_organization(key).listings)


@seeker.get("/calendar/organization/<key>")
def organization_subscribe(key: str) -> ResponseReturnValue:
    """How to keep all groups of an organization in a calendar"""
    return _page("organization", _of_organization(key), link()("organization_feed", key=key))


@seeker.get("/calendar/saved/<token>.ics")
def saved_feed(token: str) -> ResponseReturnValue:
    """The calendar of groups that somebody saved"""
    return _private(calendar(lambda: listings_of(calendar_token.ids_of(token))))


@seeker.get("/calendar/saved")
def saved_subscribe() -> ResponseReturnValue:
    """How to keep the groups saved on this device in a calendar"""
    g.personal = True
    found = listings_of(kept() or ())
    if not found:
        return redirect(link()("saved"), 303)
    token = calendar_token.of_ids([one["id"] for one in found])
    return _page("saved", Held(found), link()("saved_feed", token=token))


@seeker.post("/calendar/search")
def search_calendar() -> ResponseReturnValue:
    """Make the address of a calendar from a search"""
    asked = request.form.to_dict(flat=False)
    address = browse_page.sent(asked, services().gazetteer)
    said = {name: value for name, value in address.items() if name not in UNSAID}
    named = [listing_ids.encode(one) for one in looking.named(asked)]
    token = calendar_token.of_search(said | ({"g": named} if named else {}))
    try:
        _found(token)
    except NotFound:  # a name that several places share
        raise Invalid({"near": [Problem("unknown_place")]}, "query") from None
    return redirect(link()("search_subscribe", token=token), 303)


@seeker.get("/calendar/search/<token>.ics")
def search_feed(token: str) -> ResponseReturnValue:
    """The calendar of the groups that a search finds now"""
    return _private(calendar(lambda: _found(token).listings))


@seeker.get("/calendar/search/<token>")
def search_subscribe(token: str) -> ResponseReturnValue:
    """How to keep the groups of a search in a calendar"""
    g.personal = True
    return _page("search", _found(token), link()("search_feed", token=token))


def _found(token: str) -> Held:
    """What a search finds now. Raises NotFound for a token that is none, or whose place nobody knows any more."""
    asked = calendar_token.search_of(token)
    try:
        query, filters = browse_page.read(asked)
    except Invalid:
        raise NotFound("calendar") from None
    named = looking.named(asked)
    if named and not browse_page.in_address(query, filters):
        return Held(listings_of(named))
    held = services()
    found = find.browse({**query, "page": 1, "per_page": MOST_FOUND, "named": named}, snapshot=snapshot(),
                        gazetteer=held.gazetteer, vocabulary=held.vocabulary, now=held.now())
    if query["near"] and found["place"] is None:
        raise NotFound("calendar")
    ids = [one["id"] for one in (*found.get("named", ()), *found["programs"])]
    total = found["total"] + len(found.get("named", ()))
    return Held(listings_of(ids[:MOST_FOUND]), max(0, total - MOST_FOUND))


def _program(slug: str) -> Mapping[str, Any]:
    """A published group, or the one it was merged with. Raises NotFound."""
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    if found is None:
        with services().database.reading() as session:
            stays = doubles.successor(session, slug)
        found = find.program(stays, snapshot=snapshot(), now=services().now()) if stays is not None else None
    if found is None:
        raise NotFound("program")
    return found


def _of_organization(key: str) -> Held:
    """The public groups of an organization. Raises NotFound for one without any."""
    try:
        wanted = uuid.UUID(key)
    except ValueError:
        raise NotFound("organization") from None
    ids = [str(card.id) for card in services().shelf().cards if card.organization_id == wanted]
    if not ids or str(wanted) != key:
        raise NotFound("organization")
    return Held(listings_of(ids[:ical.MOST_PROGRAMS]), max(0, len(ids) - ical.MOST_PROGRAMS))


def _organization_of(program: str) -> str:
    """The organization that runs a group and others; empty where there is none."""
    try:
        key = uuid.UUID(program)
    except ValueError:  # an id that is no UUID, as in a hand-made catalog
        return ""
    cards = services().shelf().cards
    at = bisect_left(cards, key, key=lambda card: card.id)
    found = cards[at].organization_id if at < len(cards) and cards[at].id == key else None
    return str(found) if found is not None and sum(1 for card in cards if card.organization_id == found) > 1 else ""


def _private(response: Response) -> Response:
    """An answer that no store between here and there may keep."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _page(kind: str, held: Held, path: str, *, more: str = "") -> str:
    """The page of a calendar. `more`: the page of the organization that runs this group and others."""
    address = f"{base()}{path}"
    timed = sum(1 for one in held.listings if one["next_sessions"])
    return render("calendar", kind=kind, timed=timed, untimed=len(held.listings) - timed, left_out=held.left_out,
                  address=address, webcal=f"webcal://{address.partition('://')[2]}", more=more)
