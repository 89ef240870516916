"""What is published, listing by listing in an order that stays: what other programs page through.

A shelf holds names and times only, as they stood at one version of the catalog; what a listing says is read when it is
asked for. Whatever a door works out from all listings (which of them use a term, say) it may leave on the shelf, and it
goes with the shelf when listings change.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.models import PUBLISHED, WITHHELD, Program
from finder.db import Database
from finder.exchange import change_log
from finder.exchange.entries import Entry, entries

Kept = TypeVar("Kept")
PIECE = 500  # listings read at once; SQLite takes so many ids in one statement with ease


@dataclass(frozen=True, slots=True)
class Card:
    """One published listing by name. `changed_at` is UTC."""

    id: uuid.UUID
    slug: str
    organization_id: uuid.UUID | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """The published listings of one version, by id. `changed_at`: when anything public changed last, also by going;
    `mark`: as in the log of changes, for versions are counted again after a backup was put back."""

    version: int
    instance_id: uuid.UUID
    cards: tuple[Card, ...]
    changed_at: datetime | None
    mark: str = ""
    _left: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    @property
    def state(self) -> str:
        """What names of kept answers and files call this version."""
        return "-".join(filter(None, (self.instance_id.hex[:8], str(self.version), self.mark)))

    def left(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What was worked out under a name, made by the first who asks while others wait."""
        with self._lock:
            if name not in self._left:
                self._left[name] = make()
            found: Kept = self._left[name]
            return found


def read(session: Session) -> Shelf:
    """The shelf of the database as it stands."""
    version, instance_id = queries.version(session), queries.instance_id(session)
    found = session.execute(select(Program.id, Program.slug, Program.organization_id, Program.updated_at)
                            .where(Program.state == PUBLISHED).order_by(Program.id))
    cards = tuple(Card(row[0], row[1], row[2], row[3].replace(tzinfo=UTC)) for row in found)
    last = session.execute(select(func.max(Program.updated_at)).where(Program.state != WITHHELD)).scalar()
    return Shelf(version, instance_id, cards, last.replace(tzinfo=UTC) if last else None, change_log.mark(session))


def listings(session: Session, cards: Sequence[Card]) -> Iterator[Entry]:
    """What these listings say now, in the order of the cards; those that went meanwhile are left out."""
    for start in range(0, len(cards), PIECE):
        piece = [card.id for card in cards[start:start + PIECE]]
        found = {one.id: one for one in entries(session, ids=piece)}
        yield from (found[key] for key in piece if key in found)


class Shelves:
    """Holds the newest shelf of one worker, and reads another one when the catalog's version has moved."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._current: Shelf | None = None
        self._lock = threading.Lock()

    def current(self) -> Shelf:
        """The shelf of the present version. One SQL statement when nothing changed."""
        version, held = self.database.catalog_version(), self._current
        if held is not None and held.version == version:
            return held
        with self._lock:
            if self._current is None or self._current.version != version:
                with self.database.reading(long=True) as session:
                    self._current = read(session)
            return self._current
