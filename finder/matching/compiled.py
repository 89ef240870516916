"""The row passes of a search by compiled loops, where numba is installed; without it, or until they are ready, `scan`.

The loops stand in `rows`. Here their tables are laid out, and what they counted is read. Both give the same answers.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from finder.matching import ways
from finder.matching.builder import build
from finder.matching.columns import Columns
from finder.matching.grid import near_slices
from finder.matching.judging import FILTERED, FLAG_SHIFT, GATES, NO_FILTERS, Filters, Parts, judge_traits
from finder.matching.passed import Passed, over_key, per_reason
from finder.matching.ruleset import BIT, CRITERIA, HALVING_MILES, RADIUS_SLACK, REASONS
from finder.matching.scatter import Scatter
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.places.distance import unit_vector

Visit = Callable[..., tuple[int, int]]
_NONE_BOOL, _NONE_ROWS = np.empty(0, bool), np.empty(0, np.int64)
_NO_KINDS, _NO_GATES = np.empty(0, np.uint8), np.empty((0, 2))
_WARM = Need(now=datetime(2026, 1, 1, tzinfo=UTC))
HALVE_FROM = 100_000  # so many rows are visited by two threads; below, starting the second costs more than it saves
_BESIDE = ThreadPoolExecutor(1, "rows")


class Loops:
    """The compiled loops of one process: `module` is None until they are ready, and for good without numba."""

    def __init__(self, halve_from: int = HALVE_FROM) -> None:
        self.module: Any = None
        self.halve_from = halve_from

    def load(self) -> bool:
        """Reads the loops, or compiles them (some twenty seconds, once per installation). False without numba, and
        where what was compiled can be kept nowhere: neither beside the code nor in NUMBA_CACHE_DIR."""
        try:
            from finder.matching import rows
        except (ImportError, RuntimeError):
            return False
        for halve_from in (1, HALVE_FROM):
            _warm(rows, halve_from)
        self.module = rows
        return True

    def load_aside(self, after_seconds: float = 0.0) -> None:
        """The same in a thread of its own, so much later: until then searches go the other way."""
        waiting = threading.Timer(after_seconds, self.load)
        waiting.daemon = True
        waiting.start()


def _warm(loops: Any, halve_from: int) -> None:
    """One search over two made-up programs, so that nobody waits for the compiler."""
    columns = build([{"format": "finder-listing/1", "id": name, "name": name, "group_type": "peer_support"}
                     for name in ("one", "two")], _WARM.today)
    pack = ways.pack(columns, None)
    parts = judge_traits(_WARM, columns, dict.fromkeys(CRITERIA, 10.0), NO_FILTERS)
    judged = ways.judge(_WARM, pack, 14.0, 9.0)
    _Pass(_WARM, columns, pack, judged, parts, NO_FILTERS, None, True).run(loops, halve_from)


def pass_rows(loops: Loops, need: Need, columns: Columns, pack: ways.Pack, judged: ways.Judged,
              parts: Mapping[str, Parts], filters: Filters, dead: Array | None, *, relaxing: bool) -> Passed:
    """As `scan.pass_rows`, which says what it means; `loops` are ready."""
    return _Pass(need, columns, pack, judged, parts, filters, dead, relaxing).run(loops.module, loops.halve_from)


def halves(stretches: Sequence[slice]) -> tuple[int, list[slice], list[slice]]:
    """The row in the middle of some stretches, and the stretches before and from it."""
    left = sum(one.stop - one.start for one in stretches) // 2
    middle = stretches[-1].stop
    for one in stretches:
        if left < one.stop - one.start:
            middle = one.start + left
            break
        left -= one.stop - one.start
    first = [slice(one.start, min(one.stop, middle)) for one in stretches if one.start < middle]
    second = [slice(max(one.start, middle), one.stop) for one in stretches if one.stop > middle]
    return middle, first, second


class _Pass:
    """One visit: what goes into the loops and what comes out of them."""

    def __init__(self, need: Need, columns: Columns, pack: ways.Pack, judged: ways.Judged, parts: Mapping[str, Parts],
                 filters: Filters, dead: Array | None, relaxing: bool) -> None:
        self.need, self.columns, self.pack, self.judged, self.parts = need, columns, pack, judged, parts
        self.filters, self.relaxing = filters, relaxing
        self.young = need.age is not None and need.age < 18
        self.dead = _NONE_ROWS if dead is None else dead
        place = need.place
        self.origin = None if place is None else unit_vector(place.latitude, place.longitude)
        self.bounded = self.origin is not None and need.radius_miles is not None
        # As in `scan`: only a radius lets grid rows go unvisited.
        self.partly = self.bounded and not filters.active and not need.access_required
        self.visiting = (near_slices(columns, need, ways.wider(need.radius_miles or 0)) if self.partly
                         else [slice(0, columns.size)])
        self.offset = columns.offset
        self.marks, self.marking = self._marks()
        self.list_stays = _NONE_BOOL if filters.lists is None else filters.lists(pack.lists)
        marked = self._marked(columns.scattered.row.astype(np.int64))
        self.scatter = Scatter(need, columns, pack, judged, self.origin, self._code_apart(marked),
                               lambda _: (marked >> FLAG_SHIFT & 0xFF).astype(np.uint8))

    def _marks(self) -> tuple[Array, Array]:
        """Row code, row flags and gates per key number, packed into one number; and the keys that have any."""
        found, marking = np.zeros(int(self.offset[-1]), np.uint32), []
        for number, key in enumerate(self.columns.keys):
            over = [(part.marks, values) for trait, values in key.values.items()
                    if (part := self.parts[trait]).marks is not None]
            if over:
                mine = found[self.offset[number] : self.offset[number + 1]]
                for marks, values in over:
                    mine |= marks if len(key.values) == 1 else marks[values]
                marking.append(number)
        return found, np.array(marking, np.int64)

    def _added(self) -> tuple[Array, Array]:
        """Points per key number, and the keys that give any."""
        found, added = np.empty(int(self.offset[-1])), []
        for number, key in enumerate(self.columns.keys):
            over = over_key(key, self.parts, "add", np.add)
            if over is not None:
                found[self.offset[number] : self.offset[number + 1]] = over
                added.append(number)
        return found, np.array(added, np.int64)

    def _marked(self, rows: Array) -> Array:
        found = np.zeros(len(rows), np.uint32)
        for key in self.marking:
            found |= self.marks[self.offset[key] + self.columns.table[key, rows].astype(np.int64)]
        return found

    def _code_apart(self, marked: Array) -> Array:
        """The row codes of scattered programs."""
        rows = self.columns.scattered.row.astype(np.int64)
        if not len(rows):
            return np.empty(0, np.uint8)
        code = (marked & 0xFF).astype(np.uint8)
        out = np.isin(rows, self.dead) if len(self.dead) else np.zeros(len(rows), bool)
        if len(self.list_stays):
            out |= ~self.list_stays[self.pack.rows[rows]]
        if self.filters.rows is not None:
            out |= ~self.filters.rows[rows]
        code[out] |= FILTERED
        return code

    def run(self, loops: Any, halve_from: int) -> Passed:
        size = sum(one.stop - one.start for one in self.visiting)
        tables, judged, asked, apart = self._tables(loops), self._ways(loops), self._asked(loops), self._apart(loops)

        def visit(call: Visit, stretches: Sequence[slice], dead: Array) -> tuple[Any, Any]:
            counts, passing = self._empty(loops, stretches)
            found, young = call(self._rows(loops, stretches, dead), tables, judged, asked, apart, counts, passing)
            return counts, loops.Passing(*(one[:found] for one in passing[:4]), *(one[:young] for one in passing[4:]))

        if size < halve_from:
            counts, passing = visit(loops.visit, self.visiting, self.dead)
        else:
            middle, first, second = halves(self.visiting)
            early = self.dead < middle
            begun = _BESIDE.submit(visit, loops.visit_aside, second, self.dead[~early])
            parts = [visit(loops.visit_aside, first, self.dead[early]), begun.result()]
            counts = loops.Counts(*(one + other for one, other in zip(parts[0][0], parts[1][0], strict=True)))
            passing = loops.Passing(*(np.concatenate(both) for both in zip(parts[0][1], parts[1][1], strict=True)))
        if self.partly:
            loops.count_far(self.pack.lists, self.judged.class_fails, self.judged.reasons, self.pack.grid_counts,
                            counts.seen, counts.missed)
        return Passed(
            passing.row, passing.tenths, passing.remote, passing.shut, counts.per_point, counts.key, counts.list,
            self._hidden(counts, loops, passing.young, passing.young_blocks),
            self._relax(counts.gains, loops) if self.relaxing else {}, self.origin, self.scatter.miles,
        )

    def _rows(self, loops: Any, stretches: Sequence[slice], dead: Array) -> Any:
        columns = self.columns
        return loops.Rows(np.array([one.start for one in stretches], np.int64),
                          np.array([one.stop for one in stretches], np.int64), columns.grid_size, columns.table,
                          self.offset, self.pack.rows, columns.xyz, columns.known, dead)

    def _empty(self, loops: Any, stretches: Sequence[slice]) -> tuple[Any, Any]:
        """Counts at nothing, and room for every row of the stretches."""
        size = sum(one.stop - one.start for one in stretches)
        total, lists, few = int(self.offset[-1]), len(self.pack.lists), size if self.young else 0
        counts = loops.Counts(np.zeros(total, np.int32), np.zeros(total if self.filters.active else 0, np.int64),
                              np.zeros(lists, np.int64), np.zeros(lists, np.int64), np.zeros(64, np.int64),
                              np.zeros(101, np.int64), np.zeros(5, np.int64))
        passing = loops.Passing(np.empty(size, np.int32), np.empty(size, np.uint16), np.empty(size, bool),
                                np.empty(size, np.uint8), np.empty(few, np.int64), np.empty(few, np.uint8))
        return counts, passing

    def _apart(self, loops: Any) -> Any:
        scatter = self.scatter
        return loops.Apart(self.columns.scattered.row, scatter.passes, scatter.value, scatter.remote)

    def _tables(self, loops: Any) -> Any:
        add, added = self._added()
        access_key, access = 0, _NO_GATES
        if self.need.access:
            utility = self.parts["access"].utility
            for number, key in enumerate(self.columns.keys):
                if "access" in key.values:
                    of_trait = np.stack([utility["in_person"], utility["remote"]], axis=1)
                    access_key, access = number, of_trait[key.values["access"]]
        stays = _NONE_BOOL if self.filters.rows is None else self.filters.rows
        return loops.Tables(self.marks, add, self.marking, added, GATES, access_key, access, stays, self.list_stays)

    def _ways(self, loops: Any) -> Any:
        need, judged, pack = self.need, self.judged, self.pack
        any_format = any_time = _NO_KINDS
        if need.formats_required:
            any_format = ways.passes(replace(need, formats_required=frozenset()), pack)
        if need.times_required:
            any_time = ways.passes(replace(need, times_required=frozenset()), pack)
        return loops.Ways(
            pack.lists, judged.class_fails, judged.passes, any_format, any_time, judged.far_value, judged.far_remote,
            judged.remote, judged.remote_at, judged.person, judged.person_at,
            np.array([judged.weight_reach, judged.weight_schedule], np.float64), judged.unstated, judged.reasons)

    def _asked(self, loops: Any) -> Any:
        need, radius = self.need, self.need.radius_miles
        farthest = wider = math.inf
        if self.bounded and radius is not None:
            farthest = radius * RADIUS_SLACK
            wider = ways.wider(radius) * RADIUS_SLACK if radius < ways.WIDEST_MILES else -math.inf
        per_mile = -0.9 / max(radius, 1.0) if radius is not None else math.log(0.5) / HALVING_MILES[need.travel]
        origin = np.zeros(3) if self.origin is None else self.origin.astype(np.float64)
        return loops.Asked(self.origin is not None, origin, self.bounded, farthest, wider, ways.floor_miles(need),
                           per_mile, bool(need.avoid), self.young, bool(need.access_required), self.filters.active,
                           self.partly, self._wondering())

    def _wondering(self) -> bool:
        """Whether a single change could let more in; see `_relax`."""
        need = self.need
        return bool(self.relaxing and (need.formats_required or need.times_required or need.access_required
                                       or self.bounded or need.cost_kind == "free_only"))

    def _hidden(self, counts: Any, loops: Any, young: Array, young_blocks: Array) -> dict[str, int]:
        """Programs per reason; a program counts under each of its reasons."""
        totals = np.zeros(len(REASONS), np.int64)
        gone = self.dead if not self.filters.active else _NONE_ROWS
        for number, key in enumerate(self.columns.keys):
            over = over_key(key, self.parts, "bits", np.bitwise_or)
            if over is not None:
                of_key = (counts.stays[self.offset[number] : self.offset[number + 1]] if self.filters.active
                          else key.counts)
                if len(gone):
                    of_key = of_key - np.bincount(key.rows[gone], minlength=len(key.counts))
                loops.tally(over, of_key, totals)
        if len(self.scatter.counted):
            totals += per_reason(self.scatter.reasons[self.scatter.counted], None)
        found = dict(zip(REASONS, totals.tolist(), strict=True))
        for held, count in enumerate(counts.missed.tolist()):
            if count:
                for place, reason in enumerate(loops.WAY_REASONS):
                    if held >> place & 1:
                        found[reason] += count
        found["age"] -= self._twice_for_age(young, young_blocks)
        return {reason: count for reason, count in found.items() if count}

    def _twice_for_age(self, young: Array, blocks: Array) -> int:
        """As in `scan`: who fails by age limits, and as an unmoderated text space too, counts once."""
        if self.need.age is None or self.need.age >= 18:
            return 0
        of_ways = ways.list_reasons(self.pack.lists[self.pack.rows[young]], blocks.astype(np.int64),
                                    self.judged.class_fails)
        apart = self.scatter.counted
        reasons = np.concatenate([of_ways, self.scatter.reasons[apart]])
        rows = np.concatenate([young, self.columns.scattered.row[apart].astype(np.int64)])
        bits = np.zeros(len(rows), np.uint16)
        for key in self.columns.keys:
            over = over_key(key, self.parts, "bits", np.bitwise_or)
            if over is not None:
                bits |= over[key.rows[rows]]
        return int(((bits & reasons & BIT["age"]) != 0).sum())

    def _relax(self, gains: Array, loops: Any) -> dict[str, int]:
        """How many more programs each single change would add; changes that add none are left out."""
        need, scatter = self.need, self.scatter
        several = bool(len(scatter.eligible))
        adds = {"formats_any": int(gains[loops.GAIN_FORMATS]) if need.formats_required else 0,
                "radius_wider": int(gains[loops.GAIN_RADIUS]), "times_any": int(gains[loops.GAIN_TIMES]),
                "cost_any": int(gains[loops.GAIN_COST]) if need.cost_kind == "free_only" else 0,
                "access_any": int(gains[loops.GAIN_ACCESS])}
        if several and need.formats_required:
            adds["formats_any"] += scatter.gain(
                ways.class_fails(replace(need, formats_required=frozenset())), ways.ALL_BLOCKS)
        if several and self.bounded and need.radius_miles is not None and need.radius_miles < ways.WIDEST_MILES:
            adds["radius_wider"] += scatter.gain_wider(replace(need, radius_miles=ways.wider(need.radius_miles)))
        if several and need.times_required:
            adds["times_any"] += scatter.gain(
                ways.class_fails(replace(need, times_required=frozenset())), ways.ALL_BLOCKS)
        if several and need.access_required:
            adds["access_any"] += scatter.gain(self.judged.class_fails, ways.ALL_BLOCKS & ~ways.ACCESS_BLOCKS)
        return {change: count for change, count in adds.items() if count}

