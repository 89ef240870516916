"""The picture of all published listings that searches read, and how each worker keeps it up to date.

The database is the truth. A snapshot is immutable: a base set of columns, the rows of it that are out of date, and a
small set of columns with what changed since. One number compared per request tells whether to look for changes.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from time import monotonic
from typing import Any

import numpy as np
import orjson
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.queries import Published
from finder.db import Database
from finder.matching import ways
from finder.matching.chosen import offers_of
from finder.matching.columns import Builder, Columns
from finder.matching.compiled import Loops
from finder.matching.doubts import questions_of
from finder.matching.explanation import pieces_of, read_of
from finder.matching.facts import Facts
from finder.matching.traits import Array
from finder.search import shown
from finder.search.shown import Told
from finder.strict_json import written

TagWords = Callable[[Session], Mapping[str, Sequence[str]]]  # code of a tag -> words that it is found by

# Zones whose ways are worked out when a snapshot is built, so that nobody waits for them; others on first use.
READY_ZONES = (None, "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
               "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico")
MOST_CHANGES = 512  # so many changed listings are kept beside the base; then a new base is built
MOST_TOLD = 16_384  # so many listings shown lately are kept read, at some 3 KB each
PROMPT_SIZE = 50_000  # up to so many listings a new base is built within the request that needs it

_NONE: Array = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Name:
    """What a row of columns is called outside: the instance's id and the readable address."""

    id: str
    slug: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One set of columns of a snapshot and the rows in it that a newer part replaces."""

    columns: Columns
    dead: Array
    rows: Mapping[str, int]  # id -> row
    slugs: Mapping[str, str]  # slug -> id


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All published listings as they stood at one version, for one day.

    Searches take turns: each is short and all work, and threads that wrest the processor from one another halve what
    a worker gets done. `tags`: the words that stewards gave each tag.
    """

    version: int
    today: date
    demo: bool
    parts: tuple[Part, ...]
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)
    built: float = field(default_factory=monotonic, init=False, compare=False, repr=False)

    def age_seconds(self) -> float:
        """Since it was built."""
        return monotonic() - self.built

    @property
    def size(self) -> int:
        """How many listings are in it."""
        return sum(part.columns.size - len(part.dead) for part in self.parts)

    def find(self, key: str) -> tuple[Name, dict[str, Any]] | None:
        """A listing by its id or slug."""
        for part in reversed(self.parts):
            row = part.rows.get(part.slugs.get(key, key))
            if row is not None and row not in part.dead:
                return part.columns.names[row], document(part.columns, row)
        return None


def document(columns: Columns, row: int) -> dict[str, Any]:
    """The canonical listing document of a row."""
    found: dict[str, Any] = orjson.loads(columns.documents[row])
    return found


def told(columns: Columns, row: int) -> Told:
    """The listing of a row ready to be shown; kept, since popular listings are shown again and again."""
    found: Told | None = columns.told.get(row)
    if found is None:
        if len(columns.told) >= MOST_TOLD:
            columns.told.clear()
        listing, name = document(columns, row), columns.names[row]
        facts = Facts(read_of(listing), pieces_of(listing, written), offers_of(columns, row),
                      questions_of(listing))
        summary = written(shown.summary(listing, name.id, name.slug))
        found = columns.told[row] = Told(name.id, facts, summary, columns.documents[row])
    return found


def from_documents(documents: Iterable[Mapping[str, Any]], today: date, loops: Loops | None = None) -> Snapshot:
    """A snapshot of canonical documents without a database; each is called by its own id."""
    builder = Builder(today, written, loops)
    for one in documents:
        builder.add(one, Name(one["id"], None))
    return Snapshot(0, today, False, (_part(builder.build()),))


def _no_tags(session: Session) -> Mapping[str, Sequence[str]]:
    return {}


def read(database: Database, today: date, loops: Loops | None = None, tag_words: TagWords = _no_tags) -> Snapshot:
    """The snapshot of a database as it stands."""
    builder = Builder(today, written, loops)
    with database.reading(long=True) as session:
        version, demo, tags = queries.version(session), queries.is_demonstration(session), tag_words(session)
        for one in queries.published(session):
            assert one.document is not None
            builder.add(one.document, Name(str(one.id), one.slug))
    columns = builder.build()
    for zone in READY_ZONES:
        ways.pack(columns, zone)
    return Snapshot(version, today, demo, (_part(columns),), tags)


def _part(columns: Columns, dead: Array = _NONE) -> Part:
    names: list[Name] = list(columns.names)
    return Part(columns, dead, {name.id: row for row, name in enumerate(names)},
                {name.slug: name.id for name in names if name.slug})


class Keeper:
    """Holds the newest snapshot of one worker and renews it when the catalog's version has moved."""

    def __init__(self, database: Database, now: Callable[[], datetime], loops: Loops | None = None,
                 tag_words: TagWords = _no_tags) -> None:
        self.database, self.now, self.loops, self.tag_words = database, now, loops, tag_words
        self.settles = False  # a server's: what was built is kept out of the garbage collector's rounds
        self._current: Snapshot | None = None
        self._changes: dict[str, Published] = {}  # what stands beside the base, by id
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None

    def current(self) -> Snapshot:
        """The snapshot of the present version and day. One SQL statement when nothing changed."""
        version, today = self.database.catalog_version(), self.now().date()
        held = self._current
        if held is not None and held.version == version and held.today == today:
            return held
        with self._lock:
            held = self._current
            if held is None or (held.version, held.today) != (version, today):
                self._current = held = self._renewed(held, today)
            return held

    def _renewed(self, held: Snapshot | None, today: date) -> Snapshot:
        if held is None:
            return self._anew(today)
        if held.today == today:
            changed = self._with_changes(held)
            if changed is not None:
                return changed
        if held.size <= PROMPT_SIZE:
            return self._anew(today)
        # A large catalog is rebuilt aside; until then the listings are those of a moment ago.
        if self._building is None or not self._building.is_alive():
            self._building = threading.Thread(target=self._rebuild, args=(today,), daemon=True)
            self._building.start()
        return held

    def _anew(self, today: date) -> Snapshot:
        self._changes = {}
        return self._read(today)

    def _read(self, today: date) -> Snapshot:
        """The snapshot of the database. In a server, the garbage collector never visits it again: of so many objects
        none is garbage, and to look at them all would hold up some search by a third of a second."""
        found = read(self.database, today, self.loops, self.tag_words)
        if self.settles:
            gc.collect()
            gc.freeze()
        return found

    def _rebuild(self, today: date) -> None:
        fresh = self._read(today)
        with self._lock:
            self._changes, self._current = {}, fresh

    def _with_changes(self, held: Snapshot) -> Snapshot | None:
        """The snapshot with what changed since; None when that is too much for a small part."""
        with self.database.reading() as session:
            version, demo, tags = queries.version(session), queries.is_demonstration(session), self.tag_words(session)
            found = queries.changed_since(session, held.version, MOST_CHANGES)
        if found is None or len(self._changes.keys() | {str(one.id) for one in found}) > MOST_CHANGES:
            return None
        changes = {**self._changes, **{str(one.id): one for one in found}}
        builder = Builder(held.today, written, self.loops)
        for name, one in changes.items():
            if one.document is not None:
                builder.add(one.document, Name(name, one.slug))
        base = held.parts[0]
        dead = np.array(sorted(base.rows[name] for name in changes if name in base.rows), np.int64)
        self._changes = changes
        parts = (replace(base, dead=dead), _part(builder.build()))
        return Snapshot(version, held.today, demo, parts, tags)
