"""Feeds: sources that are read again and again, how each is doing, and what waits because of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, Target
from finder.errors import Invalid, NotFound, Problem
from finder.exchange import feeds, peers, subscriptions, uploads
from finder.listings.models import Feed
from finder.web import history_words, open_form
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.steward import import_words
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext, ngettext

FIELDS = ("name", "url", "format", "every_hours", "mapping")
EVERY = ("1", "6", "24", "168")
SAID: Mapping[str, str] = {
    "added": N_("Added. It is read for the first time in a few minutes."), "paused": N_("It is not read for now."),
    "resumed": N_("It is read again in a few minutes."), "removed": N_("Removed. The listings it brought stay."),
    "anew": N_("All of it is read anew in a few minutes."),
}
STATES: Mapping[str, str] = {feeds.ON: N_("Is read"), feeds.HELD: N_("Waits for you"), feeds.OFF: N_("Paused")}
FAILING = N_("Cannot be read")


@dataclass(frozen=True, slots=True)
class Line:
    """One feed as its page shows it. `peer` is the other Finder site that it reads, as that calls itself; `left` says
    why listings of it are left alone, and how many."""

    feed: Feed
    state: str
    good: str
    tried: str
    error: str
    every: str
    waits: str
    peer: str
    more: bool
    left: Sequence[tuple[str, int]]


def feed_here(session: Any, feed: str, **values: Any) -> Target:
    """What a page about one feed is about: one that is there."""
    feeds.find(session, _number(feed))
    return Target()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound("feed")
    return int(text)


@desk.page("/feeds", Action.IMPORT)
def feeds_list() -> ResponseReturnValue:
    """Sources that are read again and again"""
    with services().database.reading() as session:
        waiting = {one.feed_id: str(one.id) for one in uploads.open_ones(session, uploads.WAITING) if one.feed_id}
        left = subscriptions.left_alone(session)
        lines = [_line(one, waiting.get(one.id, ""), left.get(one.id, {})) for one in feeds.every(session)]
    code = request.args.get("said", "")
    return render("steward/feeds", lines=lines, said=gettext(SAID[code]) if code in SAID else "")


def _line(one: Feed, waits: str, left: Mapping[str, int]) -> Line:
    failing = one.state == feeds.ON and one.error
    told = one.told or {}
    return Line(one, gettext(FAILING if failing else STATES[one.state]),
                history_words.moment(one.good_at) if one.good_at else "",
                history_words.moment(one.tried_at) if one.tried_at else "", import_words.feed_error(one.error),
                every(one.every_hours), waits, str(told.get("name") or told.get("address") or ""),
                bool(told.get("more")), import_words.held(left))


def every(hours: int) -> str:
    """How often a feed is read, in words."""
    if hours % 24 == 0:
        return ngettext("every day", "every %(count)s days", hours // 24)
    return ngettext("every hour", "every %(num)s hours", hours)


@desk.page("/feeds/new", Action.IMPORT, methods=("GET", "POST"))
def feed_new() -> ResponseReturnValue:
    """Read a source again and again"""
    if request.method == "GET":
        return _page(_proposed(), {})
    form = {name: request.form.get(name, "").strip() for name in FIELDS}
    held = services()
    try:
        with held.database.transaction() as session:
            feeds.add(session, name=form["name"], url=form["url"], fmt=form["format"], every_hours=form["every_hours"],
                      mapping=form["mapping"], now=held.now())
    except Invalid as wrong:
        return _page(form, wrong.errors), 422
    return redirect(link()("steward.feeds_list", said="added"), 303)


def _proposed() -> dict[str, str]:
    """The form as it starts: filled from an upload that was tried out, if one is named."""
    form = {"every_hours": "24"}
    key = request.args.get("upload", "")
    if key:
        try:
            with services().database.reading() as session:
                found = uploads.find(session, uploads.key_of(key))
        except NotFound:
            return form
        form |= {"name": found.name, "format": found.format, "url": str((found.report or {}).get("url") or ""),
                 "mapping": found.mapping or ""}
    return form


def _page(form: Mapping[str, str], errors: Mapping[str, list[Problem]]) -> str:
    hours = [(one, every(int(one))) for one in EVERY]
    if (typed := form.get("every_hours", "")) not in EVERY and typed.isascii() and typed.isdigit() and len(typed) < 4:
        hours.append((typed, every(int(typed))))
    return render("steward/feeds_new", form=form, errors=open_form.words(errors, import_words.OWN),
                  formats=import_words.formats(feeds.FOR_FEEDS), hours=hours, finder=import_words.FORMATS[peers.FORMAT])


@desk.page("/feeds/<feed>/<deed>", Action.IMPORT, about=feed_here, methods=("POST",))
def feed_change(feed: str, deed: str) -> ResponseReturnValue:
    """Pause, resume or remove a feed, or read all of it anew"""
    deeds = {"pause": (feeds.pause, "paused"), "resume": (feeds.resume, "resumed"), "anew": (feeds.read_anew, "anew"),
             "remove": (feeds.remove, "removed")}
    if deed not in deeds:
        raise NotFound("page")
    do, said = deeds[deed]
    with services().database.transaction() as session:
        do(session, _number(feed))
    return redirect(link()("steward.feeds_list", said=said), 303)
