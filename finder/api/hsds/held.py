"""What an answer of this door is made of: the shelf of the present version, the index over it, the codes of 211 that
the operator supplied, and the listings themselves, each guarded before anything is made of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app

from finder.api.blueprint import services
from finder.api.feeds import around
from finder.api.open_door import tag
from finder.errors import Invalid
from finder.exchange import shelf as shelves
from finder.exchange.entries import Entry
from finder.exchange.hsds import runners, supplied, write
from finder.exchange.hsds.index import Index
from finder.exchange.hsds.indexes import Indexes
from finder.exchange.hsds.runners import Runners
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.hsds.terms import Row
from finder.exchange.shelf import Card, Shelf
from finder.journal import Logged
from finder.services import Services

AT_ONCE = 200  # listings read at a time for an answer that is sent as it is made
_LOG = logging.getLogger("finder.api")
_KEY = "finder_hsds"


@dataclass(slots=True)
class _Kept:
    """What this door keeps in one worker."""

    indexes: Indexes
    state: object = None
    codes: Codes = NONE
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Held:
    """One state of the catalog, at one instant. It stays what it is while an answer is sent."""

    services: Services
    shelf: Shelf
    codes: Codes
    now: datetime
    indexes: Indexes

    def index(self) -> Index:
        """The filters over all listings; made by the first who asks."""
        return self.indexes.current(self.shelf, self.codes)

    def runners(self) -> Runners:
        """The organizations."""
        return self.shelf.left("hsds runners", lambda: runners.of(self.shelf.cards))

    def entries(self, cards: Sequence[Card]) -> Iterator[Entry]:
        """What these listings say, guarded. A connection is held while some of them are read, and none between."""
        for start in range(0, len(cards), AT_ONCE):
            with self.services.database.reading(long=True) as session:
                found = list(shelves.listings(session, cards[start:start + AT_ONCE]))
            yield from map(self.guard, found)

    def guard(self, entry: Entry) -> Entry:
        """A listing as its page shows it to everybody."""
        return write.guarded(entry, f"{self.services.settings.address}/programs/{entry.slug}")

    def service(self, entry: Entry) -> Row:
        """A whole service."""
        return write.service(entry, self.now, self.codes)

    def names(self, cards: Sequence[Card]) -> Iterator[tuple[str, Row]]:
        """Id, name and status of these services and nothing else of them, behind their organizations' ids."""
        with self.services.database.reading(long=True) as session:
            yield from runners.names(session, cards)

    def name(self, *more: object) -> str:
        """What an answer is called for whoever keeps it. Offsets of clocks depend on the day."""
        return tag(self.shelf, around.mark(), self.codes.key, *more, day=self.now.date())


def held() -> Held:
    """The present state."""
    given = services()
    kept: _Kept = current_app.extensions.get(_KEY) or current_app.extensions.setdefault(
        _KEY, _Kept(Indexes(given.database, _guard(given))))
    return Held(given, given.shelf(), _codes(given, kept), given.now(), kept.indexes)


def _guard(given: Services) -> Any:
    address = given.settings.address
    return lambda entry: write.guarded(entry, f"{address}/programs/{entry.slug}")


def _codes(given: Services, kept: _Kept) -> Codes:
    """The codes as the operator's file says now. A file that cannot be read is as good as none, and the log says so."""
    folder = given.settings.instance
    try:
        about = (folder / "crosswalks" / "211.csv").stat()
        state: object = (about.st_mtime_ns, about.st_size)
    except OSError:
        state = None
    with kept.lock:
        if state != kept.state:
            kept.state, kept.codes = state, _read(given) if state else NONE
        return kept.codes


def _read(given: Services) -> Codes:
    try:
        return supplied.read(given.settings.instance)
    except (Invalid, OSError) as broken:
        errors: Mapping[str, Any] | str = broken.errors if isinstance(broken, Invalid) else type(broken).__name__
        _LOG.error(Logged("codes_unread", error=errors))
        return NONE
