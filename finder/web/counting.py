"""Counting without knowing anybody: what pages add to the tallies, held in memory and written now and then, aside.

A request only adds one to a number; a thread of its own writes, at most once a minute or when there is much to write,
and what it cannot write waits. Nothing of a request is held but month, state, need or listing, and, so that loading a
page again counts once, a scrambled mark of the search for an hour, in this process alone.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, request

from finder.db import Database
from finder.intake.need import needs_of
from finder.listings import tallies
from finder.listings.tallies import FEW_FOUND, Cell
from finder.web.answers import AnswerCookie, Answers
from finder.web.board import of_place

EVERY = timedelta(minutes=1)
MUCH = 50  # counts that are written without waiting for the minute
MOST_CELLS, MOST_MARKS = 2_000, 5_000  # beyond that nothing more is held
REMEMBERED = timedelta(hours=1)


class Counts:
    """The counts of one process that are not written yet."""

    def __init__(self, *, on: bool) -> None:
        self.on = on
        self.writing: threading.Thread | None = None
        self._held: Counter[Cell] = Counter()
        self._marks: set[bytes] = set()
        self._since: datetime | None = None  # of the first count that waits, or of the last try
        self._marks_since: datetime | None = None
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()

    def note(self, *cells: Cell, now: datetime, search: str = "") -> None:
        """Adds one to each; nothing when this very search was counted within the hour."""
        if not self.on or not cells:
            return
        with self._lock:
            if search and self._is_known(search, now):
                return
            self._since = self._since or now
            for cell in cells:
                if cell in self._held or len(self._held) < MOST_CELLS:
                    self._held[cell] += 1

    def _is_known(self, search: str, now: datetime) -> bool:
        if self._marks_since is None or now - self._marks_since >= REMEMBERED or len(self._marks) >= MOST_MARKS:
            self._marks.clear()
            self._marks_since = now
        mark = hashlib.blake2b(search.encode("utf-8", "replace"), key=self._key, digest_size=8).digest()
        known = mark in self._marks
        self._marks.add(mark)
        return known

    def write_aside(self, database: Database, now: datetime) -> None:
        """Starts writing in a thread of its own when it is time; never waits."""
        with self._lock:
            if self._since is None or not self._held or self.writing is not None and self.writing.is_alive():
                return
            if now - self._since < EVERY and self._held.total() < MUCH:
                return
            taken, self._held, self._since = self._held, Counter(), None
            self.writing = threading.Thread(target=self._write, args=(database, taken, now), daemon=True)
        self.writing.start()

    def _write(self, database: Database, taken: Counter[Cell], now: datetime) -> None:
        try:
            with database.transaction() as session:
                tallies.add(session, taken, now=now)
        except Exception:  # noqa: BLE001 - busy, full or away: counts can wait, and no page may fail over them
            with self._lock:
                kept = taken if len(self._held) + len(taken) <= MOST_CELLS else Counter()
                self._held.update(kept)
                self._since = now + EVERY  # so that a database in trouble is left alone for a while


def install(app: Flask, *, on: bool) -> None:
    """Hangs the counts on an app; after a request whatever is due is written aside."""
    counts = app.extensions["finder_counts"] = Counts(on=on)

    @app.teardown_request
    def write(error: BaseException | None) -> None:
        held = app.extensions["finder"]
        counts.write_aside(held.database, held.now())


def _counts() -> Counts:
    found: Counts = current_app.extensions["finder_counts"]
    return found


def few_found(said: Answers, found: Mapping[str, Any], cookie: AnswerCookie, now: datetime) -> None:
    """A match for a place that found little. A list that the reader narrowed says nothing of what is missing."""
    state = _state(found)
    if not state or found["total"] >= FEW_FOUND or said.filters:
        return
    needs = needs_of(said.intake, [one["code"] for one in found["understood"] if one["certainty"] != "unsure"])
    _counts().note(*(tallies.unmet(now, state, need) for need in needs), now=now,
                   search=request.cookies.get(cookie.name, "-"))


def few_listed(filters: Mapping[str, Mapping[str, Any]], found: Mapping[str, Any], now: datetime) -> None:
    """The same of a list that is narrowed by a topic and a place, and by nothing else that it states."""
    state, topics = _state(found), (filters.get("focus") or {}).get("any") or ()
    if not state or found["total"] >= FEW_FOUND or set(filters) != {"focus"} or len(topics) > len(needs_of({}, topics)):
        return
    _counts().note(*(tallies.unmet(now, state, need) for need in topics if need != "unknown"), now=now,
                   search=request.full_path)


def opened(program: str, now: datetime) -> None:
    """A listing's page that was opened."""
    if request.method == "GET":
        _counts().note(tallies.view(now, program), now=now)


def _state(found: Mapping[str, Any]) -> str:
    """The state searched in, as "US:NC"; "" where none is known, and on a later page of the list."""
    (state,) = of_place(found["place"]) or {""}
    return state if request.method == "GET" and request.args.get("page", "1") == "1" else ""
