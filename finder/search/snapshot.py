"""The picture of all published listings that searches read, and how each worker keeps it up to date.

The database is the truth. A snapshot is immutable: a base set of columns, the rows of it that are out of date, and a
small set of columns with what changed since. One number compared per request tells whether to look for changes.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from time import monotonic
from typing import Any, NamedTuple, Protocol

import numpy as np
import orjson
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.queries import Published
from finder.db import Database, abreast
from finder.errors import Unavailable
from finder.matching import ways
from finder.matching.builder import Builder
from finder.matching.chosen import offers_of
from finder.matching.columns import Columns
from finder.matching.compiled import Loops
from finder.matching.doubts import questions_of
from finder.matching.explanation import pieces_of, read_of
from finder.matching.facts import Facts
from finder.matching.traits import Array
from finder.search import shown
from finder.search.packed import Name, Picture, Texts
from finder.search.shown import Told
from finder.strict_json import written

TagWords = Callable[[Session], Mapping[str, Sequence[str]]]  # code of a tag -> words that it is found by

# Zones whose ways are worked out when a snapshot is built, so that nobody waits for them; others on first use.
READY_ZONES = (None, "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
               "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico")
MOST_CHANGES = 512  # so many changes are taken in at once; more, and a new base is built
MOST_BESIDE = 4_096  # so many are kept beside the base
MOST_TOLD = 16_384  # so many listings shown lately are kept read, at some 3 KB each
PROMPT_SIZE = 4_000  # up to so many listings a new base is built within the request that needs it: half a second
ASK_AGAIN_SECONDS = 0.5  # between two questions to a database that gave no answer

_NONE: Array = np.empty(0, np.int64)


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


class Beside:
    """What changed since a base was built: a growing set of columns, and which rows of the base they replace.

    Each change is read once. A listing that changes again leaves its older row behind, without a name.
    """

    def __init__(self, base: Part, today: date, loops: Loops | None) -> None:
        self.base, self.builder = base, Builder(today, written, loops)
        self._row: dict[str, int] = {}  # id -> its number in the builder
        self._dead: set[int] = set()

    def __len__(self) -> int:
        return len(self.builder.ids)

    def take(self, changes: Iterable[Published]) -> None:
        """Takes in listings as they are now; one without a document is gone."""
        for one in changes:
            name = str(one.id)
            if name in self._row:
                self.builder.names[self._row.pop(name)] = _NOBODY
            if name in self.base.rows:
                self._dead.add(self.base.rows[name])
            if one.document is not None:
                self._row[name] = len(self.builder.ids)
                self.builder.add(one.document, Name(name, one.slug))

    def parts(self) -> tuple[Part, Part]:
        """The base without what was replaced, and what stands beside it."""
        columns = self.builder.build()
        left = [row for row, name in enumerate(columns.names) if name is _NOBODY]
        return (replace(self.base, dead=np.array(sorted(self._dead), np.int64)),
                _part(columns, np.array(left, np.int64)))


_NOBODY = Name("", None)


class _Anew(NamedTuple):
    snapshot: Snapshot
    beside: Beside  # where changes of it go


class Shared(Protocol):
    """The picture that all workers of a machine share; see `finder.sharing`."""

    def turn(self) -> AbstractContextManager[None]:
        """One process of the machine at a time. Waits."""

    def pays(self, session: Session) -> bool:
        """Whether there are enough listings."""

    def picture(self, today: date, loops: Loops | None, tags: Mapping[str, Sequence[str]]) -> Picture | None:
        """What there is, if it may be used today."""

    def make(self, today: date, zones: Sequence[str | None], tags: Mapping[str, Sequence[str]], *,
             aside: bool) -> bool:
        """Has it made anew; `aside`: while searches go on. False when that failed."""

    def forget(self) -> None:
        """Lets nobody use it any longer."""


class Keeper:
    """Holds the newest snapshot of one worker and renews it when the catalog's version has moved.

    With `shared`, a large catalog is one file that all workers of the machine map.
    """

    def __init__(self, database: Database, now: Callable[[], datetime], loops: Loops | None = None,
                 tag_words: TagWords = _no_tags, shared: Shared | None = None, replica: Database | None = None) -> None:
        self.database, self.now, self.loops, self.tag_words = database, now, loops, tag_words
        self._replica = replica  # all listings are read from it where it is not behind
        self.settles = False  # a server's: what was built is kept out of the garbage collector's rounds
        self._shared = shared
        self._current: Snapshot | None = None
        self._beside: Beside | None = None
        self._overfull: Snapshot | None = None  # has more changes beside it than it can hold
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None
        self._lost_at: float | None = None  # when the database last gave no answer; None: it does
        self._asking = threading.Lock()

    def current(self) -> Snapshot:
        """The snapshot of the present version and day. One SQL statement when nothing changed.

        While the database does not answer, as when a standby takes a server's place, it is the one of before: people
        find groups meanwhile. Then one thread asks again now and then and nobody else waits. Raises Unavailable only
        where there is none yet.
        """
        held = self._current
        if self._lost_at is None or held is None:
            return self._asked(held)
        if monotonic() - self._lost_at < ASK_AGAIN_SECONDS or not self._asking.acquire(blocking=False):
            return held
        try:
            return self._asked(held)
        finally:
            self._asking.release()

    def _asked(self, held: Snapshot | None) -> Snapshot:
        try:
            found = self._newest()
        except Unavailable:
            if held is None:
                raise
            self._lost_at = monotonic()
            return held
        self._lost_at = None
        return found

    def _newest(self) -> Snapshot:
        version, today = self.database.catalog_version(), self.now().date()
        held = self._current
        if held is not None and (held.version, held.today) == (version, today) and not _is_damaged(held):
            return held
        with self._lock:
            held = self._current
            if held is None or (held.version, held.today) != (version, today) or _is_damaged(held):
                self._current = held = self._renewed(held, version, today)
            return held

    def _renewed(self, held: Snapshot | None, version: int, today: date) -> Snapshot:
        if held is None:
            return self._taken(self._anew(today))
        changed = held if held.version == version else self._with_changes(held)
        if _is_damaged(held) and self._shared is not None and not self._is_building():
            self._shared.forget()
        elif changed is not None and held.today == today:
            return changed
        # A large catalog is rebuilt aside; until then the listings are those of a moment ago.
        if not self._is_building():
            if max(held.size, self._published()) <= PROMPT_SIZE:
                return self._taken(self._anew(today))
            self._building = threading.Thread(target=self._rebuild, args=(today,), daemon=True)
            self._building.start()
        return changed or held

    def _published(self) -> int:
        """How many listings a new base would hold: an import may have brought many times what was there."""
        with self.database.reading() as session:
            return queries.count(session)

    def _is_building(self) -> bool:
        return self._building is not None and self._building.is_alive()

    def begin(self, held: Snapshot) -> None:
        """Begins with a snapshot that was made already; what changes from now on goes beside it."""
        with self._lock:
            self._current = self._taken(_Anew(held, Beside(held.parts[0], held.today, self.loops)))

    def _taken(self, anew: _Anew) -> Snapshot:
        """From now on changes go beside this base. Whoever calls holds the lock: a change that was taken in beside one
        base must not be missing beside the next."""
        self._beside, self._overfull = anew.beside, None
        return anew.snapshot

    def _anew(self, today: date, *, aside: bool = False) -> _Anew:
        """The snapshot of the database. In a server, the garbage collector never visits it again: of so many objects
        none is garbage, and to look at them all would hold up some search by a third of a second."""
        found = self._mapped(today, aside=aside)
        if found is None:
            plain = self._read(today)
            found = _Anew(plain, Beside(plain.parts[0], today, self.loops))
        if self.settles:
            gc.collect()
            gc.freeze()
        return found

    def _read(self, today: date) -> Snapshot:
        source = abreast(self.database, self._replica)
        try:
            return read(source, today, self.loops, self.tag_words)
        except Unavailable:
            if source is self.database:
                raise
            return read(self.database, today, self.loops, self.tag_words)

    def _mapped(self, today: date, *, aside: bool) -> _Anew | None:
        """The snapshot that all workers share, made by whoever comes first; None where there is none to be had."""
        if self._shared is None:
            return None
        with self.database.reading() as session:
            if not self._shared.pays(session):
                return None
            tags = self.tag_words(session)
        found = None if aside else self._fitting(today)
        if found is None:
            with self._shared.turn():
                found = self._fitting(today)
                if found is None and self._shared.make(today, READY_ZONES, tags, aside=aside):
                    found = self._fitting(today)
        return found

    def _fitting(self, today: date) -> _Anew | None:
        """What lies in the folder with what changed since, if it is not too much."""
        assert self._shared is not None
        with self.database.reading() as session:
            demo, tags = queries.is_demonstration(session), self.tag_words(session)
        picture: Picture | None = self._shared.picture(today, self.loops, tags)
        if picture is None:
            return None
        base = Part(picture.columns, _NONE, picture.rows, picture.slugs)
        beside = Beside(base, today, self.loops)
        found = self._taking(beside, Snapshot(picture.version, today, demo, (base,), tags))
        return None if found is None else _Anew(found, beside)

    def _rebuild(self, today: date) -> None:
        fresh = self._anew(today, aside=True)
        with self._lock:
            self._current = self._taken(fresh)

    def _with_changes(self, held: Snapshot) -> Snapshot | None:
        """The snapshot with what changed since; None when that is too much for a small part."""
        if self._beside is None or held is self._overfull:
            return None
        found = self._taking(self._beside, held)
        if found is None:
            self._overfull = held
        return found

    def _taking(self, beside: Beside, held: Snapshot) -> Snapshot | None:
        with self.database.reading() as session:
            version, demo, tags = queries.version(session), queries.is_demonstration(session), self.tag_words(session)
            found = queries.changed_since(session, held.version, MOST_CHANGES)
        shared = isinstance(beside.base.columns.documents, Texts)
        if (found is None or len(beside) + len(found) > MOST_BESIDE
                or (shared and beside.base.columns.words["text"][0] != tags)):
            return None
        beside.take(found)
        return Snapshot(version, held.today, demo, beside.parts() if found or len(held.parts) > 1 else held.parts, tags)


def _is_damaged(held: Snapshot) -> bool:
    """Whether a text of the shared file was found not to be what was written."""
    texts = held.parts[0].columns.documents
    return isinstance(texts, Texts) and bool(texts.damaged)
