"""What stewards put up for all pages: alerts for a region, and words of tags. Held until the catalog's version moves.

A page must show also when the database is away: then what was known last counts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g

from finder.journal import Logged
from finder.listings import alerts, tags
from finder.listings.alerts import Shown
from finder.listings.tags import Known
from finder.wordings.language import day, language

log = logging.getLogger("finder.web")


@dataclass(slots=True)
class Board:
    """What was read last, and at which version of the catalog."""

    seen: int = -1
    alerts: Sequence[Shown] = ()
    tags: Mapping[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Banner:
    """One alert as a page shows it. `lang` is the language of its words, where that is not the page's."""

    number: int
    words: str
    lang: str
    url: str
    until: str


def install(app: Flask) -> None:
    """Hangs the board on an app, and gives templates the banners of their page."""
    app.extensions["finder_board"] = Board()
    app.jinja_env.globals.update(banners=banners, tag_labels=lambda document: labels_of(tags.of(document)))


def board() -> Board:
    """What is up now; looked at once a request."""
    if "board" not in g:
        g.board = _read(current_app.extensions["finder_board"])
    found: Board = g.board
    return found


def _read(held: Board) -> Board:
    services, now = current_app.extensions["finder"], g.get("snapshot")
    if now is None or now.version == held.seen:  # `own` has asked for this page already; none means that it was in vain
        return held
    try:
        with services.database.reading() as session:
            held.alerts, held.tags = alerts.coming(session, services.now()), tags.known(session)
        held.seen = now.version
    except Exception as away:  # noqa: BLE001 - any failure of any driver; the page shows all the same
        log.warning(Logged("board_unread", error=type(away).__name__))
    return held


def concerns(states: Iterable[str]) -> None:
    """Says which states ("US:PA") the page of this request is about."""
    g.concerns = frozenset(states) | g.get("concerns", frozenset())


def of_place(place: Mapping[str, Any] | None) -> set[str]:
    """The state of the place that a search was about, as "US:PA"; none where none is known."""
    return {f"{place['country']}:{place['state']}"} if place and place["state"] else set()


def of_documents(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    """The states where listings meet, as "US:PA"."""
    places = [session.get("location") or {} for one in documents for session in one.get("sessions") or ()]
    return {f"{one.get('country') or 'US'}:{one['state']}" for one in places if one.get("state")}


def banners() -> list[Banner]:
    """The alerts that stand now and concern this page; those of its states before those for everywhere."""
    now, states = current_app.extensions["finder"].now(), g.get("concerns", frozenset())
    found = [one for one in board().alerts if one.stands(now) and one.concerns(states)]
    found.sort(key=lambda one: (not one.states, -one.number))
    return [banner(one) for one in found[:alerts.MOST_SHOWN]]


def banner(one: Shown) -> Banner:
    """An alert in the reader's language, else in the one it was written in."""
    mine = language()
    lang = mine if mine in one.texts else next(iter(one.texts))
    last = (one.until_at - alerts.WEST - timedelta(seconds=1)).date()
    return Banner(one.number, one.texts[lang], "" if lang == mine else lang, one.url, day(last))


def labels_of(codes: Iterable[str]) -> list[str]:
    """What tags are called, those that are known; by name."""
    there = board().tags
    return sorted(there[one].label(language()) for one in codes if one in there)
