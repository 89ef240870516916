"""Facets: how the programs that passed divide, and the filters a reader narrows them by (contract section 9).

Both read the same marks: for every facet a table of which values of a trait carry which code. What a program does not
state counts under `unknown`, apart from no. A program's formats and times are those of all its ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np

from finder.matching import scoring, ways
from finder.matching.columns import KINDS, Columns
from finder.matching.engine import Found
from finder.matching.judging import Filters
from finder.matching.ruleset import BANDS
from finder.matching.traits import (
    ACCESS,
    FOCUS,
    GROUP_TYPES,
    LEADERS,
    MODALITIES,
    POPULATIONS,
    Array,
    MoneyTable,
)
from finder.matching.types import Need

FACETS = ("group_type", "focus", "modalities", "led_by", "formats", "times", "languages", "populations", "cost",
          "accessibility", "gender_mix", "capacity", "band")
UNKNOWN = "unknown"
_CAPACITY = ("", "open", "waitlist", "full", "assessment_first")
_MOST_KEPT = 64
_MIXES = ("", "women", "men", "mixed")
FORMAT_CODES = (*KINDS, "hybrid")


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of the values (rows) carry which codes (columns)."""

    codes: tuple[str, ...]
    has: Array  # value x code, bool


def _one(codes: Sequence[str], number: Array) -> Marks:
    """One code per value; numbers beyond the list mean not stated."""
    known = np.arange(len(codes))
    unknown = number >= len(codes)
    return Marks((*codes, UNKNOWN), np.column_stack([number[:, None] == known, unknown]))


def _several(codes: Sequence[str], mask: Array) -> Marks:
    """Any number of codes per value, as a bit mask; none means not stated."""
    shifts = np.arange(len(codes), dtype=np.uint64)
    bits = (mask.astype(np.uint64)[:, None] >> shifts & np.uint64(1)).astype(bool)
    return Marks((*codes, UNKNOWN), np.column_stack([bits, mask == 0]))


def _named(codes: Sequence[str], number: Array) -> Marks:
    """As `_one` for stored numbers whose 0 means not stated."""
    return _one(codes[1:], np.where(number == 0, len(codes), number.astype(int) - 1))


def _money(need: Need, table: MoneyTable) -> Marks:
    free = table.free | (table.amount == 0)
    covered = ~free & scoring.covered(need, table)
    sliding = ~free & table.sliding
    fee = table.stated & ~free & ~covered & ~sliding
    return Marks(("free", "covered", "sliding", "fee", UNKNOWN),
                 np.column_stack([free, covered, sliding, fee, ~table.stated]))


def _access(table: Any) -> Marks:
    """Features that are there or can be had on request."""
    has = (table.answer == 1) | (table.answer == 2)
    return Marks((*ACCESS, UNKNOWN), np.column_stack([has, (table.answer == 0).all(axis=1)]))


def _languages(table: Any) -> Marks:
    return Marks((*table.languages, UNKNOWN), np.column_stack([table.speaks, ~table.speaks.any(axis=1)]))


# facet -> (trait, marks of its table). What a facet shows of a listing does not depend on the person, except `covered`.
_OF_TRAIT: Mapping[str, tuple[str, Callable[[Need, Any], Marks]]] = {
    "group_type": ("kind", lambda need, table: _one(GROUP_TYPES, table.group_type)),
    "focus": ("focus", lambda need, table: _several(FOCUS, table.mask)),
    "modalities": ("style", lambda need, table: _several(MODALITIES, table.modalities)),
    "led_by": ("style", lambda need, table: _one(LEADERS, table.led_by)),
    "languages": ("talk", lambda need, table: _languages(table)),
    "populations": ("groups", lambda need, table: _several(POPULATIONS, table.populations)),
    "cost": ("money", _money),
    "accessibility": ("access", lambda need, table: _access(table)),
    "gender_mix": ("groups", lambda need, table: _named(_MIXES, table.gender_mix)),
    "capacity": ("opening", lambda need, table: _named(_CAPACITY, table.status)),
}
FILTERS = tuple(name for name in FACETS if name != "band")


def _formats(lists: Array) -> Marks:
    real = lists != ways.PAD
    kinds = [(real & (ways.CLASS_KIND[lists] == kind)).any(axis=1) for kind in range(len(KINDS))]
    hybrid = (real & ways.CLASS_HYBRID[lists]).any(axis=1)
    return Marks((*FORMAT_CODES, UNKNOWN), np.column_stack([*kinds, hybrid, ~real.any(axis=1)]))


def _times(lists: Array) -> Marks:
    slots = np.where((lists != ways.PAD) & (ways.CLASS_SLOTS[lists] < ways.NO_TIME), ways.CLASS_SLOTS[lists], 0)
    seen = np.bitwise_or.reduce(slots, axis=1)
    return _several(tuple(ways.SLOT_BITS), seen)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All marks that stand on one row of numbers, code after code: the numbers `value[start[i]]` up to the next start
    carry one code. `names`: per facet its codes, in this order."""

    names: tuple[tuple[str, tuple[str, ...]], ...]
    start: Array
    value: Array

    def count(self, numbers: Array, counts: dict[str, dict[str, int]]) -> None:
        """Adds how many programs carry each code; `numbers`: programs per value."""
        if not len(self.value):
            return
        totals, first = np.add.reduceat(numbers.take(self.value), self.start).tolist(), 0
        for facet, codes in self.names:
            mine = totals[first : first + len(codes)]
            first += len(codes)
            of_facet, here = counts[facet], compress(zip(codes, mine, strict=True), mine)
            if of_facet:
                for code, total in here:
                    of_facet[code] = of_facet.get(code, 0) + total
            else:
                of_facet.update(here)


def _sheet(marks: Sequence[tuple[str, Marks, int]]) -> Sheet:
    """The marks of several facets, each with the number its values begin at; codes nothing carries are left out."""
    names: list[tuple[str, tuple[str, ...]]] = []
    values, lengths = [np.empty(0, np.intp)], [0]
    for facet, mine, first in marks:
        of_code = [np.flatnonzero(mine.has[:, column]) for column in range(len(mine.codes))]
        names.append((facet, tuple(code for code, value in zip(mine.codes, of_code, strict=True) if len(value))))
        values += [value + first for value in of_code if len(value)]
        lengths += [len(value) for value in of_code if len(value)]
    return Sheet(tuple(names), np.cumsum(lengths)[:-1], np.concatenate(values))


def facets(founds: Sequence[Found]) -> dict[str, dict[str, int]]:
    """Counts per facet and code over all that passed in these found sets; codes that none carries are left out."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for found in founds:
        columns, pack = found.columns, found.pack
        _of_listing(columns, found.need).count(found.key_counts, counts)
        _of_cost(columns, found.need).count(found.key_counts, counts)
        _of_ways(pack).count(found.list_counts, counts)
        _count_bands(found, counts["band"])
    return counts


def _of_keys(columns: Columns, need: Need, wanted: Sequence[str]) -> Sheet:
    """The marks of facets by key number, the keys one after the other."""
    marks, first = [], 0
    for key in columns.keys:
        for facet in wanted:
            trait, of_table = _OF_TRAIT[facet]
            if trait in key.values:
                of_values = of_table(need, columns.tables[trait])
                marks.append((facet, Marks(of_values.codes, of_values.has[key.values[trait]]), first))
        first += len(key.counts)
    return _sheet(marks)


def _of_listing(columns: Columns, need: Need) -> Sheet:
    """What does not depend on the person: made once per set of columns."""
    known: Sheet | None = columns.marks.get("listing")
    if known is None:
        known = columns.marks["listing"] = _of_keys(columns, need, [one for one in _OF_TRAIT if one != "cost"])
    return known


def _of_cost(columns: Columns, need: Need) -> Sheet:
    """What is covered depends on the insurance named; kept per insurance, which alone says nothing about who asked."""
    key = ("cost", need.insurance)
    known: Sheet | None = columns.marks.get(key)
    if known is None:
        if len(columns.marks) >= _MOST_KEPT:
            columns.marks.clear()
        known = columns.marks[key] = _of_keys(columns, need, ["cost"])
    return known


def _of_ways(pack: ways.Pack) -> Sheet:
    known: Sheet | None = pack.marks.get("ways")
    if known is None:
        known = pack.marks["ways"] = _sheet([("formats", _formats(pack.lists), 0), ("times", _times(pack.lists), 0)])
    return known


def _count_bands(found: Found, counts: dict[str, int]) -> None:
    above = np.cumsum(found.per_point[::-1])[::-1]  # from so many points on
    higher = 0
    for name, least in BANDS:
        here = int(above[int(least)])
        if here > higher:
            counts[name] = counts.get(name, 0) + here - higher
        higher = here


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader asks of one facet: at least one of `any`, every one of `every`, none of `none`."""

    any: frozenset[str] = frozenset()
    every: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()

    def stays(self, marks: Marks) -> Array:
        """True per value that stays."""
        column = {code: place for place, code in enumerate(marks.codes)}

        def carries(code: str) -> Array:
            empty: Array = np.zeros(len(marks.has), bool)
            return marks.has[:, column[code]] if code in column else empty

        ok = np.ones(len(marks.has), bool)
        if self.any:
            ok &= np.logical_or.reduce([carries(code) for code in self.any])
        for code in self.every:
            ok &= carries(code)
        for code in self.none:
            ok &= ~carries(code)
        return ok


@dataclass(frozen=True, slots=True)
class Choices:
    """A reader's filters by facet name (all facets but `band`)."""

    of: Mapping[str, Choice] = field(default_factory=dict)

    def filters(self, need: Need, rows: Array | None = None) -> Filters:
        """The same as the engine takes them; `rows`: True per row that stays for another reason."""
        traits: dict[str, list[tuple[Callable[[Need, Any], Marks], Choice]]] = {}
        for facet, choice in self.of.items():
            if facet in _OF_TRAIT:
                trait, marks = _OF_TRAIT[facet]
                traits.setdefault(trait, []).append((marks, choice))
        ways_of = [(_formats, self.of["formats"])] if "formats" in self.of else []
        if "times" in self.of:
            ways_of.append((_times, self.of["times"]))

        def by_table(wanted: list[tuple[Callable[[Need, Any], Marks], Choice]]) -> Callable[[Any], Array]:
            return lambda table: np.logical_and.reduce([one.stays(marks(need, table)) for marks, one in wanted])

        def by_lists(lists: Array) -> Array:
            stays: Array = np.logical_and.reduce([choice.stays(marks(lists)) for marks, choice in ways_of])
            return stays

        return Filters({trait: by_table(wanted) for trait, wanted in traits.items()},
                       by_lists if ways_of else None, rows)
