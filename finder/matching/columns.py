"""The immutable columns of a set of listings: trait numbers per program, points, and ways to attend.

Made once for one day (`builder`, `gathered`, `laying`). Rows that can only be reached in person at one known point
come first, in grid order, so that a search with a radius touches only what is near; all others follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from finder.matching import traits
from finder.matching.traits import Array
from finder.schedules.recurrence import Rule

KINDS = ("in_person", "online_video", "phone", "text_chat", "self_paced")
IN_PERSON = 0

TRAITS: Mapping[str, Any] = {
    "focus": traits.FocusTable, "kind": traits.KindTable, "style": traits.StyleTable, "rules": traits.RulesTable,
    "who": traits.WhoTable, "groups": traits.GroupsTable,
    "talk": traits.TalkTable, "money": traits.MoneyTable, "opening": traits.OpeningTable, "fresh": traits.FreshTable,
    "area": traits.AreaTable, "access": traits.AccessTable,
}
NOWHERE = 999.0  # degrees of an unknown place: equal to one another and to no other
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
