"""The immutable columns of a set of listings: trait numbers per program, points, and ways to attend.

Built once from listing documents for one day. Rows that can only be reached in person at one known point come first,
in grid order, so that a search with a radius touches only what is near; all others follow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from finder.matching import traits
from finder.matching.traits import Array
from finder.places.distance import rough_point, unit_vectors
from finder.schedules.recurrence import Rule, is_over, occurrences

KINDS = ("in_person", "online_video", "phone", "text_chat", "self_paced")
IN_PERSON = 0
_KIND = {code: place for place, code in enumerate(KINDS)}

TRAITS: Mapping[str, Any] = {
    "focus": traits.FocusTable, "kind": traits.KindTable, "style": traits.StyleTable, "rules": traits.RulesTable,
    "who": traits.WhoTable, "groups": traits.GroupsTable,
    "talk": traits.TalkTable, "money": traits.MoneyTable, "opening": traits.OpeningTable, "fresh": traits.FreshTable,
    "area": traits.AreaTable, "access": traits.AccessTable,
}
SHOWN_STARTS = 9
BAND_DEGREES = 0.25  # height of a grid band; about 17 miles, so that a usual radius spans a handful


@dataclass(frozen=True, slots=True)
class Key:
    """Several traits folded into one number per program.

    `rows` holds that number per program; `values[trait]` the trait's value number per key number; `counts` how many
    programs hold each key number (`near_counts`: of them, those in the grid part).
    """

    rows: Array
    values: Mapping[str, Array]
    counts: Array
    grid_counts: Array


@dataclass(frozen=True, slots=True)
class Waysets:
    """The different lists of ways: entry arrays in order, and where each list starts (one more than lists)."""

    start: Array
    kind: Array
    hybrid: Array
    schedule: Array  # index into `schedules`, -1: no time stated


@dataclass(frozen=True, slots=True)
class Scattered:
    """Programs that meet in person at several points: every way of theirs with its own point."""

    row: Array  # program row of each such program
    start: Array  # its first way; one more than programs
    kind: Array
    hybrid: Array
    schedule: Array
    xyz: Array
    known: Array


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything one search may touch, and how to name a row again."""

    today: date
    size: int
    grid_size: int  # rows before this one are in the grid part
    tables: Mapping[str, Any]
    keys: tuple[Key, ...]
    offset: Array  # where the numbers of each key begin when all keys' numbers stand one after the other; one more
    holder: Mapping[str, int]  # trait -> which of `keys` holds it
    table: Array  # key x row: the `rows` of all keys; empty where one of them takes more than two bytes
    xyz: Array  # unit vector of the in-person point; zeros where unknown
    known: Array  # the row has one known in-person point
    longitude: Array  # grid part only
    bands: Array  # first row of each grid band; one more than bands
    wayset: Array
    waysets: Waysets
    schedules: Sequence[tuple[Rule, date]]
    starts: Sequence[tuple[datetime, ...]]  # per schedule, the next starts, from the day before `today` on
    scattered: Scattered
    tiebreak: Array
    loops: Any  # compiled row passes (`compiled.Loops`), or None: NumPy makes them
    names: Sequence[Any]  # per row, what the caller named it (a UUID, a listing id)
    documents: Sequence[Any]
    packs: dict[str | None, Any] = field(default_factory=dict)  # by zone, filled on first use; see ways.pack
    judged: dict[Any, Any] = field(default_factory=dict)  # what parts of answers make of traits; see judging
    marks: dict[Any, Any] = field(default_factory=dict)  # filled on first use; see facets
    moments: dict[int, Any] = field(default_factory=dict)  # by schedule, `starts` in writing; see chosen
    told: dict[int, Any] = field(default_factory=dict)  # by row, what showing it takes; see search.snapshot
    reasons: dict[Any, Any] = field(default_factory=dict)  # equal ones made once; see explanation
    hours: dict[str | None, Any] = field(default_factory=dict)  # by zone, filled on first use; see search.hours
    words: dict[str, Any] = field(default_factory=dict)  # filled on first use; see search.text and search.names

    @property
    def hot_bytes(self) -> int:
        """Bytes that any query may touch: keys, points, grid and the ways of every zone in use."""
        arrays = [key.rows for key in self.keys]  # rows of `table`
        arrays += [self.xyz, self.known, self.longitude, self.tiebreak]
        arrays += [pack.rows for pack in self.packs.values()]
        arrays += [self.scattered.row, self.scattered.start, self.scattered.kind, self.scattered.xyz]
        arrays += [pack.scattered for pack in self.packs.values()]
        return int(sum(array.nbytes for array in arrays))


class _Interned:
    """Different values in order of first sight."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        return self.numbers.setdefault(value, len(self.numbers))

    @property
    def values(self) -> list[Any]:
        return list(self.numbers)


class Builder:
    """Takes listing documents one by one and gives Columns; a document is read once and not kept unless asked."""

    def __init__(self, today: date, keep: Callable[[Mapping[str, Any]], Any] | None = None, loops: Any = None) -> None:
        self.today = today
        self.keep = keep
        self.loops = loops
        self.values = {name: _Interned() for name in TRAITS}
        self.numbers: dict[str, list[int]] = {name: [] for name in TRAITS}
        self.waysets, self.schedules = _Interned(), _Interned()
        self.rules: dict[Hashable, tuple[int, bool]] = {}
        self.wayset: list[int] = []
        self.points: list[tuple[float, float] | None] = []
        self.scattered: dict[int, list[tuple[int, bool, int, tuple[float, float] | None]]] = {}
        self.local: list[bool] = []
        self.names: list[Any] = []
        self.documents: list[Any] = []
        self.ids: list[str] = []

    def add(self, listing: Mapping[str, Any], name: Any = None) -> None:
        """One valid listing document under the caller's name for it (default: its id)."""
        ways, over = self._ways(listing)
        row = len(self.ids)
        self._traits(listing, over)
        self.wayset.append(self.waysets.number(tuple(way[:3] for way in ways)))
        places = {way[3] for way in ways if way[0] == IN_PERSON}
        self.points.append(next(iter(places)) if len(places) == 1 else None)
        if len(places) > 1:
            self.scattered[row] = ways
        self.local.append(bool(ways) and len(places) == 1 and None not in places
                          and all(way[0] == IN_PERSON for way in ways))
        self.ids.append(listing["id"])
        self.names.append(listing["id"] if name is None else name)
        self.documents.append(self.keep(listing) if self.keep else None)

    def _traits(self, listing: Mapping[str, Any], over: bool) -> None:
        numbers, values, today = self.numbers, self.values, self.today
        for name, value in (
            ("focus", traits.focus_value(listing)), ("kind", traits.kind_value(listing)),
            ("style", traits.style_value(listing)), ("groups", traits.groups_value(listing)),
            ("rules", traits.rules_value(listing)), ("who", traits.who_value(listing)),
            ("talk", traits.talk_value(listing)), ("money", traits.money_value(listing)),
            ("opening", traits.opening_value(listing, today, over)), ("fresh", traits.fresh_value(listing, today)),
            ("area", traits.area_value(listing)), ("access", traits.access_value(listing)),
        ):
            numbers[name].append(values[name].number(value))

    def _ways(self, listing: Mapping[str, Any]) -> tuple[list[tuple[int, bool, int, Any]], bool]:
        """Ways in the order of the sessions, without sessions that are over; and whether all are over."""
        sessions = listing.get("sessions") or ()
        ways: list[tuple[int, bool, int, Any]] = []
        cohort = listing.get("starts_on") if listing.get("open_group") is False else None
        over = True
        for session in sessions:
            schedule, past = self._schedule(session, cohort)
            if past:
                continue
            over = False
            point = _point(session.get("location"))
            if session["format"] == "hybrid":
                ways.append((IN_PERSON, True, schedule, point))
                ways.append((_KIND["online_video"], True, schedule, None))
            else:
                kind = _KIND[session["format"]]
                ways.append((kind, False, schedule, point if kind == IN_PERSON else None))
        return ways, over and bool(sessions)

    def _schedule(self, session: Mapping[str, Any], cohort: str | None) -> tuple[int, bool]:
        key = (session.get("anytime"), session.get("repeats"), session.get("start_time"), session.get("timezone"),
               session.get("valid_from"), session.get("valid_until"), tuple(session.get("except_dates") or ()), cohort)
        known = self.rules.get(key)
        if known is None:
            rule = Rule.of(session)
            from_day = max(self.today, date.fromisoformat(cohort)) if cohort else self.today
            known = (self.schedules.number((rule, from_day)), is_over(rule, self.today))
            self.rules[key] = known
        return known

    def build(self) -> Columns:
        """The columns of all listings added, in grid order."""
        order, grid_size, bands, longitude = self._grid()
        spots = [self.points[row] for row in order]
        known = np.array([spot is not None for spot in spots], bool)
        xyz = np.zeros((len(order), 3), np.float32)
        if known.any():
            found = np.array([spot for spot in spots if spot is not None], float)
            xyz[known] = unit_vectors(found[:, 0], found[:, 1])
        tables = {name: table.of(self.values[name].values) for name, table in TRAITS.items()}
        numbers = {name: np.array(self.numbers[name], np.int64)[order] for name in TRAITS}
        sizes = {name: len(self.values[name].numbers) for name in TRAITS}
        keys, table = fold(numbers, sizes, grid_size)
        return Columns(
            today=self.today, size=len(order), grid_size=grid_size, tables=tables,
            keys=keys, offset=np.cumsum([0, *(len(key.counts) for key in keys)]),
            holder={trait: place for place, key in enumerate(keys) for trait in key.values}, table=table,
            xyz=xyz, known=known, longitude=longitude, bands=bands,
            wayset=np.array(self.wayset, np.int32)[order], waysets=_waysets(self.waysets.values),
            schedules=self.schedules.values, starts=[_starts(*one) for one in self.schedules.values],
            scattered=self._scattered(order),
            tiebreak=tiebreak([self.ids[row] for row in order], self.today), loops=self.loops,
            names=[self.names[row] for row in order], documents=[self.documents[row] for row in order],
        )

    def _grid(self) -> tuple[Array, int, Array, Array]:
        local = np.array(self.local, bool)
        here = np.flatnonzero(local)
        points = np.array([self.points[row] for row in here], float).reshape(-1, 2)
        band = np.floor((points[:, 0] + 90) / BAND_DEGREES).astype(np.int64)
        order = np.lexsort((points[:, 1], band))
        bands = np.searchsorted(band[order], np.arange(int(180 / BAND_DEGREES) + 2))
        rows = np.concatenate([here[order], np.flatnonzero(~local)])
        return rows, len(here), bands, points[order, 1].astype(np.float32)

    def _scattered(self, order: Array) -> Scattered:
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        programs = sorted(self.scattered, key=lambda row: int(place[row]))
        ways = [way for row in programs for way in self.scattered[row]]
        xyz = np.zeros((len(ways), 3), np.float32)
        known = np.array([way[3] is not None for way in ways], bool)
        if known.any():
            found = np.array([way[3] for way in ways if way[3] is not None], float)
            xyz[known] = unit_vectors(found[:, 0], found[:, 1])
        lengths = [len(self.scattered[row]) for row in programs]
        return Scattered(
            row=np.array([place[row] for row in programs], np.int32),
            start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
            kind=np.array([way[0] for way in ways], np.uint8), hybrid=np.array([way[1] for way in ways], bool),
            schedule=np.array([way[2] for way in ways], np.int32), xyz=xyz, known=known,
        )


def build(listings: Iterable[Mapping[str, Any]], today: date,
          keep: Callable[[Mapping[str, Any]], Any] | None = None, loops: Any = None) -> Columns:
    """Columns of listing documents for one day."""
    builder = Builder(today, keep, loops)
    for listing in listings:
        builder.add(listing)
    return builder.build()


def tiebreak(ids: Sequence[str], today: date) -> Array:
    """First eight bytes of the contract's daily hash of each listing id, which orders like the whole (section 7)."""
    day = f"{today.isoformat()}\n".encode()
    digests = b"".join(hashlib.sha256(day + one.encode()).digest()[:8] for one in ids)
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def fold(numbers: Mapping[str, Array], sizes: Mapping[str, int], grid_size: int) -> tuple[tuple[Key, ...], Array]:
    """Folds traits into as few keys as stay small against the number of programs; the keys, and their table.

    Two keys become one while their different pairs number at most a sixteenth of the programs, and at most 1,024: each
    key spared is one pass less, but only while the tables over key values stay where the processor has them at hand.
    """
    rows = len(next(iter(numbers.values())))
    limit = min(1_024, max(64, rows // 16))
    keys: list[tuple[Array, int, dict[str, Array]]] = [
        (numbers[name], sizes[name], {name: np.arange(sizes[name])}) for name in sorted(sizes, key=lambda n: sizes[n])
    ]
    done: list[tuple[Array, int, dict[str, Array]]] = []
    while keys:
        first = keys.pop(0)
        for other in keys:
            pair = first[0] * other[1] + other[0]
            found, inverse = np.unique(pair, return_inverse=True)
            if len(found) <= limit:
                left, right = found // other[1], found % other[1]
                values = {name: column[left] for name, column in first[2].items()}
                values |= {name: column[right] for name, column in other[2].items()}
                keys = [(inverse, len(found), values), *[one for one in keys if one is not other]]
                break
        else:
            done.append(first)
    small = all(size <= 65_536 for _, size, _ in done)
    table = np.array([row for row, _, _ in done], np.uint16 if small else np.uint32)
    folded = tuple(_key(row, values, size, grid_size) for row, (_, size, values) in zip(table, done, strict=True))
    return folded, table if small else np.empty((0, rows), np.uint16)


def _key(rows: Array, values: dict[str, Array], size: int, grid_size: int) -> Key:
    return Key(rows, {name: column.astype(np.intp) for name, column in values.items()},
               np.bincount(rows, minlength=size), np.bincount(rows[:grid_size], minlength=size))


def _starts(rule: Rule, from_day: date) -> tuple[datetime, ...]:
    """Start times that a search may show: one day more than counts, since a zone behind UTC is still on that day."""
    if rule.timezone is None:
        return ()
    return occurrences(rule, from_day - timedelta(days=1), SHOWN_STARTS)


def _point(location: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """Where a session meets. Of a hidden place it is a rough point, whichever way the listing came in: distances from
    several places together would tell where the true one is."""
    if not location or location.get("latitude") is None:
        return None
    if location.get("hidden"):
        return rough_point(location["latitude"], location["longitude"])
    return (location["latitude"], location["longitude"])


def _waysets(values: Sequence[tuple[tuple[int, bool, int], ...]]) -> Waysets:
    entries = [entry for value in values for entry in value]
    lengths = [len(value) for value in values]
    return Waysets(
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        kind=np.array([entry[0] for entry in entries], np.uint8),
        hybrid=np.array([entry[1] for entry in entries], bool),
        schedule=np.array([entry[2] for entry in entries], np.int32),
    )
