"""The newest index of one worker. Each is made of the one before and of what changed meanwhile, so that a change of one
listing costs the reading of one listing.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Unavailable
from finder.exchange.hsds.filed import Filed, filed
from finder.exchange.hsds.index import Columns, Index
from finder.exchange.hsds.supplied import Codes
from finder.exchange.shelf import Card, Shelf, listings

_NOTHING = Filed(frozenset(), None, ())


class Indexes:
    """Holds the newest index of one worker, and makes the next one when listings or supplied codes have changed."""

    def __init__(self, database: Database, guard: Callable[[Any], Any], prompt: int = 50_000) -> None:
        self._database = database
        self._guard = guard  # makes of an entry what is given out
        self._prompt = prompt  # so many listings are read while whoever asks waits
        self._held: tuple[str, Index] | None = None
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._making: threading.Thread | None = None

    def current(self, shelf: Shelf, codes: Codes) -> Index:
        """The index of a shelf, with the codes of 211 that the operator supplied. Raises Unavailable while the first
        one of a large catalog is being made, aside, which takes a minute or two."""
        held = self._held
        if held is not None and _is_of(held, shelf, codes):
            return held[1]
        if len(shelf.cards) > self._prompt and (held is None or held[0] != codes.key):
            self._make_aside(shelf, codes)
            raise Unavailable("index")
        return self._made(shelf, codes)

    def _make_aside(self, shelf: Shelf, codes: Codes) -> None:
        with self._lock:
            if self._making is None or not self._making.is_alive():
                self._making = threading.Thread(target=self._made, args=(shelf, codes), daemon=True)
                self._making.start()

    def _made(self, shelf: Shelf, codes: Codes) -> Index:
        with self._turn:
            held = self._held
            if held is not None and _is_of(held, shelf, codes):
                return held[1]
            before = held[1] if held is not None and held[0] == codes.key else None
            with self._database.reading(long=True) as session:
                found = Index(shelf, self._columns(session, shelf, codes, before))
            if before is None or before.shelf.version < shelf.version:  # not that of a request from a moment ago
                self._held = codes.key, found
            return found

    def _columns(self, session: Session, shelf: Shelf, codes: Codes, before: Index | None) -> Columns:
        if before is None:
            found = Columns()
            self._read(session, shelf.cards, codes, found)
            return found
        since = min(before.shelf.version, shelf.version)
        changed = set(session.scalars(select(Program.id).where(Program.changed_version > since)))
        found = Columns(before.columns.names)
        for start, end, there in _runs(shelf.cards, before.shelf.cards, changed):
            if there is None:
                self._read(session, shelf.cards[start:end], codes, found)
            else:
                found.copy(before.columns, there, there + end - start)
        return found

    def _read(self, session: Session, cards: Sequence[Card], codes: Codes, to: Columns) -> None:
        found = listings(session, cards)
        entry = next(found, None)
        for card in cards:
            if entry is not None and entry.id == card.id:
                to.add(filed(self._guard(entry), codes))
                entry = next(found, None)
            else:  # it went meanwhile; the next version knows
                to.add(_NOTHING)


def _is_of(held: tuple[str, Index], shelf: Shelf, codes: Codes) -> bool:
    return held[0] == codes.key and held[1].shelf.version == shelf.version


def _runs(cards: Sequence[Card], before: Sequence[Card],
          changed: Collection[uuid.UUID]) -> Iterator[tuple[int, int, int | None]]:
    """Rows from and to, and where the same rows began before; None for those that are new or have changed."""
    there = {card.id: row for row, card in enumerate(before)}
    start, was = 0, _was(cards[0], there, changed) if cards else None
    for row in range(1, len(cards)):
        now = _was(cards[row], there, changed)
        if now != (was + row - start if was is not None else None):
            yield start, row, was
            start, was = row, now
    if cards:
        yield start, len(cards), was


def _was(card: Card, there: Mapping[uuid.UUID, int], changed: Collection[uuid.UUID]) -> int | None:
    return None if card.id in changed else there.get(card.id)
