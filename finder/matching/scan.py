"""The row passes of one search over one set of columns: who passes, the best way of each, what was left out and why.

With a radius, grid rows outside it are counted but not visited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from finder.matching import scoring, ways
from finder.matching.columns import Columns, Key
from finder.matching.grid import near_slices, row_numbers
from finder.matching.judging import AVOIDED, BLOCK_SHIFT, FAILS, FAILS_COST, FILTERED, RIDES, Filters, Parts
from finder.matching.passed import Passed, over_key, per_reason
from finder.matching.ruleset import BIT, REASONS
from finder.matching.scatter import Scatter
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.places.distance import chord_miles, unit_vector

_FAR_REACH = np.array([scoring.UNKNOWN, ways.FLOOR, ways.FLOOR + ways.RIDE_HELP])


def pass_rows(need: Need, columns: Columns, pack: ways.Pack, judged: ways.Judged, parts: Mapping[str, Parts],
              filters: Filters, dead: Array | None, *, relaxing: bool) -> Passed:
    """Visits every row that can matter, one NumPy pass per rule."""
    scan = Scan(need, columns, pack, judged, parts, filters, dead)
    rows = scan.rows[scan.passing]
    add, gate = scan.of_passing("add", 0.0, np.add), scan.of_passing("gate", 1.0, np.multiply)
    value, remote = scan.best_way()
    tenths = rounded(scan.row_gates(rows, gate, remote) * (add + value))
    key_counts = [np.bincount(mine, minlength=len(key.counts))
                  for key, mine in zip(columns.keys, scan.numbers, strict=True)]
    return Passed(
        rows, tenths, remote, scan.shut, np.bincount(tenths // 10, minlength=101), np.concatenate(key_counts),
        np.bincount(pack.rows.take(rows), minlength=len(pack.lists)), scan.hidden(), scan.relax() if relaxing else {},
        scan.origin, scan.scatter.miles,
    )


def rounded(points: Array) -> Array:
    """Tenths of a point, capped at 1000, halves up; the nudge takes float noise out of exact halves."""
    return np.floor(np.minimum(points, 100.0) * 10 + 0.5 + 1e-7).astype(np.uint16)


class Scan:
    """The row passes of one search, over the rows worth visiting."""

    def __init__(self, need: Need, columns: Columns, pack: ways.Pack, judged: ways.Judged, parts: Mapping[str, Parts],
                 filters: Filters, dead: Array | None, *, everywhere: bool = False) -> None:
        self.need, self.columns, self.pack, self.judged, self.parts = need, columns, pack, judged, parts
        self.filtered, self.dead = filters.active, dead
        place = need.place
        self.origin = None if place is None else unit_vector(place.latitude, place.longitude)
        self.bounded = self.origin is not None and need.radius_miles is not None
        # Only a radius lets grid rows go unvisited; filters and access musts need every row's own facts. The visit goes
        # as far as the wider radius that `relax` may offer.
        self.visiting = (near_slices(columns, need, ways.wider(need.radius_miles or 0))
                         if self.bounded and not self.filtered and not need.access_required and not everywhere
                         else [slice(0, columns.size)])
        self.rows = row_numbers(self.visiting)
        self.code = self._code(filters)
        self.lists = self.take(pack.rows)
        self.kinds = judged.passes[self.lists]
        self.miles = self._miles()
        blocks = self.code >> BLOCK_SHIFT
        if self.bounded:
            blocks = blocks | (ways.too_far(need, self.miles) * np.uint8(ways.FAR))
        self.blocks = blocks
        self.open = self.kinds & ~ways.BLOCKED_KINDS[blocks]
        self.meets = self.open != 0
        self.apart = columns.scattered.row.astype(np.int64) - columns.size + len(self.rows)
        self.scatter = Scatter(need, columns, pack, judged, self.origin, self.code[self.apart], self._flags_of)
        self.meets[self.apart] = self.scatter.passes
        self.fits = (self.code & (FAILS | FAILS_COST | FILTERED)) == 0
        self.passing = np.flatnonzero(self.meets & self.fits)

    def take(self, column: Array) -> Array:
        """A column over the rows visited."""
        if len(self.visiting) == 1:
            return column[self.visiting[0]]
        return np.concatenate([column[one] for one in self.visiting])

    def _over_key(self, key: Key, what: str, combine: Any) -> Array | None:
        return over_key(key, self.parts, what, combine)

    def _flags_of(self, rows: Array) -> Array:
        found: Array = self.gathered(rows, "flags", 0, np.bitwise_or).astype(np.uint8)
        return found

    def _code(self, filters: Filters) -> Array:
        code = np.zeros(len(self.rows), np.uint8)
        for key in self.columns.keys:
            over = self._over_key(key, "code", np.bitwise_or)
            if over is not None:
                code |= over[self.take(key.rows)]
        if filters.lists is not None:
            stays = filters.lists(self.pack.lists)
            code |= np.where(stays, 0, FILTERED).astype(np.uint8)[self.take(self.pack.rows)]
        if filters.rows is not None:
            code[~self.take(filters.rows)] |= FILTERED
        if self.dead is not None and len(self.dead):
            at = np.searchsorted(self.rows, self.dead)
            at = at[at < len(self.rows)]
            code[at[np.isin(self.rows[at], self.dead)]] |= FILTERED
        return code

    def _miles(self) -> Array:
        if not self.bounded or self.origin is None:
            return np.empty(0, np.float32)
        miles = chord_miles(self.take(self.columns.xyz), self.origin)
        miles[~self.take(self.columns.known)] = np.nan
        return miles

    @cached_property
    def numbers(self) -> list[Array]:
        """Per key, the numbers of the rows that pass, in the size that NumPy indexes with."""
        rows = self.rows[self.passing]
        return [key.rows.take(rows).astype(np.intp) for key in self.columns.keys]

    def of_passing(self, what: str, start: float, combine: Any) -> Array:
        """A sum, product or union over all traits, for the rows that pass."""
        found: Array | None = None
        for key, numbers in zip(self.columns.keys, self.numbers, strict=True):
            over = self._over_key(key, what, combine)
            if over is not None:
                mine = over.take(numbers)
                found = mine if found is None else combine(found, mine, out=found)
        return np.full(len(self.passing), start) if found is None else found

    def gathered(self, rows: Array, what: str, start: float, combine: Any) -> Array:
        """A sum, product or union over all traits, for any rows of the columns."""
        found: Array | None = None
        for key in self.columns.keys:
            over = self._over_key(key, what, combine)
            if over is not None:
                mine = over[key.rows[rows]]
                found = mine if found is None else combine(found, mine)
        return np.full(len(rows), start) if found is None else found

    def best_way(self) -> tuple[Array, Array]:
        """Of the passing rows: weighted reach + schedule of the chosen way, and whether it is remote.

        What no distance enters stands ready per list of ways; only near rows, and those with some remote kind shut,
        are judged one by one.
        """
        judged, rows, lists = self.judged, self.rows[self.passing], self.lists[self.passing]
        state = ways.FAR_STATE.take(self.blocks[self.passing])
        own = state == ways.BY_HAND
        state[own] = 0
        if self.origin is not None:
            known = self.columns.known[rows]
            rides = (self._flags & RIDES) != 0
            state += known
            state += known & rides
            near, near_miles = self._near(rows, known)
            own[near] = True
        number = lists * np.intp(ways.STATES)
        number += state
        value, remote = judged.far_value.take(number), judged.far_remote.take(number)
        by_hand = np.flatnonzero(own)
        if len(by_hand):
            reach = _FAR_REACH[state[by_hand] % 3]
            if self.origin is not None:
                at = np.searchsorted(by_hand, near)
                reach[at] = ways.in_person_reach(self.need, near_miles)
                reach[at] = np.where(rides[near], np.minimum(reach[at] + ways.RIDE_HELP, 1.0), reach[at])
            value[by_hand], remote[by_hand] = judged.best(lists[by_hand], self.shut[by_hand], reach)
        here = np.flatnonzero(self.meets[self.apart] & self.fits[self.apart])
        where = np.searchsorted(self.passing, self.apart[here])
        value[where], remote[where] = self.scatter.value[here], self.scatter.remote[here]
        return value, remote

    @cached_property
    def shut(self) -> Array:
        """Kinds of way that other facts of the program shut to the person, as bits, for the rows that pass."""
        found: Array = ways.BLOCKED_KINDS.take(self.blocks[self.passing])
        return found

    @cached_property
    def _flags(self) -> Array:
        return self.of_passing("flags", 0, np.bitwise_or).astype(np.uint8)

    def _near(self, rows: Array, known: Array) -> tuple[Array, Array]:
        """Places among the passing rows of those near enough for reach to rise above its floor, and their miles."""
        if self.origin is None:
            return np.empty(0, np.intp), np.empty(0)
        floor = ways.floor_miles(self.need)
        if self.bounded:
            miles = self.miles[self.passing]
            near = np.flatnonzero(miles <= floor)
            return near, miles[near].astype(float)
        slices = near_slices(self.columns, self.need, floor)
        ends = np.searchsorted(rows, [(one.start, one.stop) for one in slices])
        near = np.concatenate([np.arange(first, last) for first, last in ends])
        near = near[known[near]]
        miles = chord_miles(self.columns.xyz[rows[near]], self.origin)
        close = miles <= floor
        return near[close], miles[close].astype(float)

    def row_gates(self, rows: Array, gate: Array, remote: Array) -> Array:
        """Gates that depend on two traits at once or on the chosen way: avoid and access."""
        if self.need.avoid:
            gate = gate * np.where((self._flags & AVOIDED) != 0, 0.3, 1.0)
        if self.need.access:
            for key in self.columns.keys:
                if "access" in key.values:
                    number = key.values["access"][key.rows[rows]]
                    utility = self.parts["access"].utility
                    gate = gate * np.where(remote, utility["remote"][number], utility["in_person"][number])
        return gate

    def hidden(self) -> dict[str, int]:
        """Programs per reason; a program counts under each of its reasons."""
        counts = np.zeros(len(REASONS), np.int64)
        for key in self.columns.keys:
            over = self._over_key(key, "bits", np.bitwise_or)
            if over is not None and over.any():
                counts += per_reason(over, self._key_counts(key))
        counts += self._hidden_ways()
        return {reason: int(count) for reason, count in zip(REASONS, counts, strict=True) if count}

    def reasons(self) -> Array:
        """Reason bits of every visited row; 0 for those that pass or are filtered out."""
        bits = self.gathered(self.rows, "bits", 0, np.bitwise_or).astype(np.uint16)
        counted = (self.code & FILTERED) == 0
        missed = np.flatnonzero(~self.meets & counted)
        bits[missed] |= ways.list_reasons(self.pack.lists[self.lists[missed]], self.blocks[missed].astype(np.int64),
                                          self.judged.class_fails)
        own = self.gathered(self.rows[self.apart], "bits", 0, np.bitwise_or).astype(np.uint16)
        bits[self.apart] = own | np.where(self.scatter.counted, self.scatter.reasons, np.uint16(0))
        bits[~counted] = 0
        return bits

    def _key_counts(self, key: Key) -> Array:
        if self.filtered:
            stays = (self.code & FILTERED) == 0
            return np.bincount(self.take(key.rows)[stays], minlength=len(key.counts))
        if self.dead is not None and len(self.dead):
            return key.counts - np.bincount(key.rows[self.dead], minlength=len(key.counts))
        return key.counts

    def _hidden_ways(self) -> Array:
        """Reasons of programs that have no passing way: those all its ways share, or those of the nearest miss."""
        lists, fails = self.pack.lists, self.judged.class_fails
        counted = (self.code & FILTERED) == 0
        missed = np.flatnonzero(~self.meets & counted)
        missed = missed[~np.isin(missed, self.apart)] if len(self.apart) else missed
        combined = self.lists[missed].astype(np.int64) * 64 + self.blocks[missed]
        different, amount = _tally(combined, len(lists) * 64)
        reasons = ways.list_reasons(lists[different // 64], different % 64, fails)
        counts = per_reason(reasons, amount)
        counts += per_reason(self.scatter.reasons[self.scatter.counted], None)
        counts -= self._twice_for_age(missed)
        if len(self.visiting) > 1 or len(self.rows) < self.columns.size:
            counts += self._hidden_far()
        return counts

    def _twice_for_age(self, missed: Array) -> Array:
        """Programs that fail by their age limits and, too, as unmoderated text spaces count once under age."""
        twice = np.zeros(len(REASONS), np.int64)
        if self.need.age is None or self.need.age >= 18:
            return twice
        at = missed[(self.blocks[missed] & ways.UNMODERATED) != 0]
        reasons = ways.list_reasons(self.pack.lists[self.lists[at]], self.blocks[at].astype(np.int64),
                                    self.judged.class_fails)
        both = [(at, reasons)]
        scattered = self.scatter.counted
        both.append((self.apart[scattered], self.scatter.reasons[scattered]))
        for where, found in both:
            of_program = self.gathered(self.rows[where], "bits", 0, np.bitwise_or).astype(np.uint16)
            twice[REASONS.index("age")] += int(((of_program & found & BIT["age"]) != 0).sum())
        return twice

    def _hidden_far(self) -> Array:
        """Grid rows outside the radius: they meet only in person at one point, so distance is always shared."""
        seen = self.rows[self.rows < self.columns.grid_size]
        size = len(self.pack.lists)
        far = self.pack.grid_counts - np.bincount(self.pack.rows[seen], minlength=size)
        if self.dead is not None and len(self.dead):
            gone = np.setdiff1d(self.dead[self.dead < self.columns.grid_size], seen)
            far = far - np.bincount(self.pack.rows[gone], minlength=size)
        some = np.flatnonzero(far)
        blocks = np.full(len(some), ways.FAR, np.int64)
        return per_reason(ways.list_reasons(self.pack.lists[some], blocks, self.judged.class_fails), far[some])

    def relax(self) -> dict[str, int]:
        """How many more programs each single change would add; changes that add none are left out."""
        need = self.need
        missed = np.flatnonzero(~self.meets & self.fits)
        adds: dict[str, int] = {}
        if need.formats_required:
            adds["formats_any"] = self._gain(missed, ways.class_fails(replace(need, formats_required=frozenset())))
        if self.bounded and need.radius_miles is not None and need.radius_miles < ways.WIDEST_MILES:
            adds["radius_wider"] = self._gain_wider(missed, need.radius_miles)
        if need.times_required:
            adds["times_any"] = self._gain(missed, ways.class_fails(replace(need, times_required=frozenset())))
        if need.cost_kind == "free_only":
            adds["cost_any"] = int((self.meets & ((self.code & (FAILS | FAILS_COST | FILTERED)) == FAILS_COST)).sum())
        if need.access_required:
            adds["access_any"] = self._gain(missed, self.judged.class_fails, ways.ALL_BLOCKS & ~ways.ACCESS_BLOCKS)
        return {change: count for change, count in adds.items() if count}

    def _gain(self, missed: Array, fails: Array, blocks: int = ways.ALL_BLOCKS) -> int:
        passes = ways.passing_kinds(self.pack.lists, fails)
        opened = (passes[self.lists[missed]] & ~ways.BLOCKED_KINDS[self.blocks[missed] & np.uint8(blocks)]) != 0
        if len(self.apart):
            opened &= ~np.isin(missed, self.apart)
        return int(opened.sum()) + self.scatter.gain(fails, blocks)

    def _gain_wider(self, missed: Array, radius: float) -> int:
        wider = replace(self.need, radius_miles=ways.wider(radius))
        far = missed[(self.blocks[missed] & ways.FAR) != 0]
        if len(self.apart):
            far = far[~np.isin(far, self.apart)]
        near = far[~ways.too_far(wider, self.miles[far])]
        blocks = self.blocks[near] & np.uint8(ways.ALL_BLOCKS & ~ways.FAR)
        opened = (self.kinds[near] & ~ways.BLOCKED_KINDS[blocks]) != 0
        return int(opened.sum()) + self.scatter.gain_wider(wider)


def _tally(values: Array, size: int) -> tuple[Array, Array]:
    """The different values and how often each stands."""
    if size <= 4_000_000:
        counts = np.bincount(values, minlength=1)
        different = np.flatnonzero(counts)
        return different, counts[different]
    return np.unique(values, return_counts=True)
