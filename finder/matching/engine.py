"""One search over one set of columns: who passes, how well each fits, and what was left out and why.

Rules run over trait values, then over folded keys; rows only gather. With a radius, grid rows outside it are counted
but not visited. The plain row-by-row reference in the tests must agree with every number here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from finder.matching import eligibility, scoring, ways
from finder.matching.columns import BAND_DEGREES, IN_PERSON, Columns, Key
from finder.matching.ruleset import BIT, CARE_TYPES, PLACE_FEATURES, REASONS
from finder.matching.traits import ACCESS, GROUP_TYPES, Array
from finder.matching.types import Need
from finder.places.distance import chord_miles, unit_vectors

# Row code: what decides in the first pass. Bits 3-7 are the blocks of `ways` (FAR is found per row).
FAILS, FAILS_COST, FILTERED = 1, 2, 4
_BLOCK_SHIFT = 3
# Row flags: what the safety order asks of a program (contract section 8).
TOO_LIGHT, CONTAINS, CARE, AVOIDED, RIDES = 1, 2, 4, 8, 16

_RIDE = ACCESS.index("ride_help")


@dataclass(slots=True)
class Parts:
    """What one trait gives per value; None where this search does not ask."""

    bits: Array | None = None
    code: Array | None = None
    add: Array | None = None
    gate: Array | None = None
    flags: Array | None = None
    utility: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader narrows the list to, on top of the rules. What is filtered out is not counted as hidden.

    `traits`: trait -> function of its table, giving True per value that stays; `lists`: function of the lists of way
    classes; `rows`: True per row that stays.
    """

    traits: Mapping[str, Callable[[Any], Array]] = field(default_factory=dict)
    lists: Callable[[Array], Array] | None = None
    rows: Array | None = None

    @property
    def active(self) -> bool:
        return bool(self.traits) or self.lists is not None or self.rows is not None


NO_FILTERS = Filters()


@dataclass(slots=True)
class Found:
    """The outcome over one set of columns. Arrays run over `rows`, the rows that passed."""

    columns: Columns
    need: Need
    pack: ways.Pack
    judged: ways.Judged
    parts: Mapping[str, Parts]
    rows: Array
    score: Array  # 0..100, one decimal
    miles: Array  # to the row's in-person point; NaN unknown or not judged
    remote: Array  # the chosen way is remote
    hidden: dict[str, int]
    relax: dict[str, int]

    def values(self, trait: str, rows: Array) -> Array:
        """The trait's value number of rows."""
        for key in self.columns.keys:
            if trait in key.values:
                return key.values[trait][key.rows[rows]]
        raise KeyError(trait)

    def utility(self, criterion: str, trait: str, rows: Array) -> Array:
        return self.parts[trait].utility[criterion][self.values(trait, rows)]


def search(need: Need, columns: Columns, weights: Mapping[str, float], *, filters: Filters = NO_FILTERS,
           dead: Array | None = None, relaxing: bool = True) -> Found:
    """Judges every program for one need.

    `weights` sum to 100. `dead`: rows that a newer set of columns replaces; they are as if absent.
    """
    parts = judge_traits(need, columns, weights, filters)
    zone = need.place.timezone if need.place else None
    pack = ways.pack(columns, zone)
    judged = ways.judge(need, pack, weights["reach"], weights["schedule"])
    scan = _Scan(need, columns, pack, judged, parts, filters, dead)
    rows = scan.rows[scan.passing]
    add, gate = scan.gathered(rows, "add", 0.0, np.add), scan.gathered(rows, "gate", 1.0, np.multiply)
    value, miles, remote = scan.best_way()
    score = rounded(scan.row_gates(rows, gate, remote) * (add + value))
    return Found(columns, need, pack, judged, parts, rows, score, miles, remote, scan.hidden(),
                 scan.relax() if relaxing else {})


def rounded(points: Array) -> Array:
    """Capped at 100 and rounded to one decimal, halves up; the nudge takes float noise out of exact halves."""
    return np.floor(np.minimum(points, 100.0) * 10 + 0.5 + 1e-7) / 10


def judge_traits(need: Need, columns: Columns, weights: Mapping[str, float],
                 filters: Filters) -> dict[str, Parts]:
    """Every rule that looks at one trait, over its values."""
    tables = columns.tables
    parts = {
        "focus": _focus(need, tables["focus"], weights), "kind": _kind(need, tables["kind"], weights),
        "rules": _rules(need, tables["rules"]), "who": _who(need, tables["who"], weights),
        "talk": Parts(bits=eligibility.talk(need, tables["talk"])),
        "money": _money(need, tables["money"], weights), "opening": _opening(need, tables["opening"], weights),
        "fresh": _fresh(tables["fresh"], weights), "area": _area(need, tables["area"]),
        "access": _access(need, tables["access"]),
    }
    for trait, part in parts.items():
        stays = filters.traits.get(trait)
        part.code = _code(part, None if stays is None else stays(tables[trait]))
    return parts


def _focus(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.need(need, table)
    return Parts(add=weights["need"] * utility, gate=scoring.need_gate(utility), utility={"need": utility})


def _kind(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    level, preference = scoring.severity(need, table), scoring.preference(need, table)
    flags = np.zeros(len(level), np.uint8)
    if need.level is not None:
        flags |= TOO_LIGHT * (table.high <= need.level - 2).astype(np.uint8)
        contains = (table.low <= need.level) & (need.level <= table.high)
        flags |= CONTAINS * contains.astype(np.uint8)
        care = np.isin(table.group_type, [place for place, code in enumerate(GROUP_TYPES) if code in CARE_TYPES])
        flags |= CARE * care.astype(np.uint8)
    if need.avoid:
        flags |= AVOIDED * scoring.avoided_kind(need.avoid, table).astype(np.uint8)
    return Parts(
        bits=eligibility.kind(need, table), gate=scoring.severity_gate(level), flags=flags,
        add=weights["severity"] * level + weights["preference"] * preference,
        utility={"severity": level, "preference": preference},
    )


def _rules(need: Need, table: Any) -> Parts:
    part = Parts(bits=eligibility.rules(need, table))
    if need.age is not None and need.age < 18:
        part.code = np.where(table.unmoderated, ways.UNMODERATED << _BLOCK_SHIFT, 0).astype(np.uint8)
    return part


def _who(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.identity(need, table)
    part = Parts(bits=eligibility.who(need, table), add=weights["identity"] * utility,
                 gate=scoring.restriction_gate(need, table), utility={"identity": utility})
    if need.avoid:
        part.flags = AVOIDED * scoring.avoided_who(need.avoid, table).astype(np.uint8)
    return part


def _money(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.cost(need, table)
    return Parts(bits=eligibility.money(need, table), add=weights["cost"] * utility, utility={"cost": utility})


def _opening(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.availability(need, table)
    return Parts(bits=eligibility.opening(need, table), add=weights["availability"] * utility,
                 gate=scoring.availability_gate(utility), utility={"availability": utility})


def _fresh(table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.freshness(table)
    return Parts(add=weights["freshness"] * utility, gate=scoring.freshness_gate(utility),
                 utility={"freshness": utility})


def _area(need: Need, table: Any) -> Parts:
    blocked = eligibility.unlicensed(need, table)
    return Parts(bits=eligibility.area(need, table),
                 code=np.where(blocked, ways.UNLICENSED << _BLOCK_SHIFT, 0).astype(np.uint8))


def _access(need: Need, table: Any) -> Parts:
    code = np.zeros(len(table.answer), np.uint8)
    for place, feature in enumerate(ACCESS):
        if feature in need.access_required:
            block = ways.NO_PLACE_ACCESS if feature in PLACE_FEATURES else ways.NO_ACCESS
            code |= np.where(table.answer[:, place] == 3, block << _BLOCK_SHIFT, 0).astype(np.uint8)
    if need.languages == frozenset(("asl",)):
        captions = table.answer[:, ACCESS.index("captions")] != 1
        code |= np.where(captions, ways.NO_CAPTIONS << _BLOCK_SHIFT, 0).astype(np.uint8)
    part = Parts(code=code, flags=(RIDES * (table.answer[:, _RIDE] == 1)).astype(np.uint8))
    if need.access:
        part.utility = {"in_person": scoring.access_gate(need, table, remote=False),
                        "remote": scoring.access_gate(need, table, remote=True)}
    return part


def _code(part: Parts, stays: Array | None) -> Array | None:
    code = part.code
    if part.bits is not None and part.bits.any():
        cost = np.uint16(BIT["cost"])
        fails = ((part.bits & ~cost) != 0) * np.uint8(FAILS) | ((part.bits & cost) != 0) * np.uint8(FAILS_COST)
        code = fails if code is None else code | fails
    if stays is not None:
        out = np.where(stays, 0, FILTERED).astype(np.uint8)
        code = out if code is None else code | out
    return code if code is None or code.any() else None


class _Scan:
    """The row passes of one search, over the rows worth visiting."""

    def __init__(self, need: Need, columns: Columns, pack: ways.Pack, judged: ways.Judged, parts: Mapping[str, Parts],
                 filters: Filters, dead: Array | None) -> None:
        self.need, self.columns, self.pack, self.judged, self.parts = need, columns, pack, judged, parts
        self.filtered, self.dead = filters.active, dead
        place = need.place
        point = None if place is None else (np.array([place.latitude]), np.array([place.longitude]))
        self.origin = None if point is None else unit_vectors(*point)[0]
        self.bounded = self.origin is not None and need.radius_miles is not None
        # Only a radius lets grid rows go unvisited; filters and access musts need every row's own facts.
        self.visiting = (near_slices(columns, need, need.radius_miles)
                         if self.bounded and not self.filtered and not need.access_required
                         else [slice(0, columns.size)])
        self.rows = _numbers(self.visiting)
        self.code = self._code(filters)
        self.lists = self.take(pack.rows)
        self.kinds = judged.passes[self.lists]
        self.miles = self._miles()
        blocks = self.code >> _BLOCK_SHIFT
        if self.bounded:
            blocks = blocks | (ways.too_far(need, self.miles) * np.uint8(ways.FAR))
        self.blocks = blocks
        self.open = self.kinds & ~ways.BLOCKED_KINDS[blocks]
        self.meets = self.open != 0
        self.scatter = _Scatter(self)
        self.meets[self.scatter.at] = self.scatter.meets(judged.class_fails, ways.ALL_BLOCKS)
        self.fits = (self.code & (FAILS | FAILS_COST | FILTERED)) == 0
        self.passing = np.flatnonzero(self.meets & self.fits)

    def take(self, column: Array) -> Array:
        """A column over the rows visited."""
        if len(self.visiting) == 1:
            return column[self.visiting[0]]
        return np.concatenate([column[one] for one in self.visiting])

    def _over_key(self, key: Key, what: str, combine: Any) -> Array | None:
        found: Array | None = None
        for trait, values in key.values.items():
            part = getattr(self.parts[trait], what)
            if part is not None:
                mine = part[values]
                found = mine if found is None else combine(found, mine)
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

    def gathered(self, rows: Array, what: str, start: float, combine: Any) -> Array:
        """A sum, product or union over all traits, for rows of the columns."""
        found: Array | None = None
        for key in self.columns.keys:
            over = self._over_key(key, what, combine)
            if over is not None:
                mine = over[key.rows[rows]]
                found = mine if found is None else combine(found, mine)
        return np.full(len(rows), start) if found is None else found

    def best_way(self) -> tuple[Array, Array, Array]:
        """Of the passing rows: weighted reach + schedule of the chosen way, miles, and whether it is remote."""
        judged, at = self.judged, self.passing
        rows, lists = self.rows[at], self.lists[at]
        miles = self._passing_miles(at, rows)
        shut = ways.BLOCKED_KINDS[self.blocks[at]]
        remote, remote_at = judged.best_remote(lists, shut)
        in_person, in_person_at = judged.best_in_person(lists, self._reach(rows, miles))
        in_person[(shut & 1) != 0] = -np.inf
        is_remote = (remote > in_person) | ((remote == in_person) & (remote_at < in_person_at))
        value = np.where(is_remote, remote, in_person)
        none = self.kinds[at] == ways.NO_WAY
        value[none] = scoring.UNKNOWN * (judged.weight_reach + judged.weight_schedule)
        is_remote[none] = False
        self.scatter.settle(at, value, miles, is_remote)
        return value, miles, is_remote

    def _passing_miles(self, at: Array, rows: Array) -> Array:
        if self.bounded:
            return self.miles[at].astype(float)
        miles = np.full(len(rows), np.nan)
        if self.origin is not None:
            known = np.flatnonzero(self.columns.known[rows])
            miles[known] = chord_miles(self.columns.xyz[rows[known]], self.origin)
        return miles

    def _reach(self, rows: Array, miles: Array) -> Array:
        """In-person reach; only rows near enough to rise above the floor pay for the curve."""
        known = ~np.isnan(miles)
        reach = np.where(known, ways.FLOOR, scoring.UNKNOWN)
        near = np.flatnonzero(miles <= ways.floor_miles(self.need))
        reach[near] = ways.in_person_reach(self.need, miles[near])
        rides = (self.gathered(rows, "flags", 0, np.bitwise_or).astype(np.uint8) & RIDES) != 0
        reach[rides & known] = np.minimum(reach[rides & known] + ways.RIDE_HELP, 1.0)
        return reach

    def row_gates(self, rows: Array, gate: Array, remote: Array) -> Array:
        """Gates that depend on two traits at once or on the chosen way: avoid and access."""
        if self.need.avoid:
            flags = self.gathered(rows, "flags", 0, np.bitwise_or).astype(np.uint8)
            gate = gate * np.where((flags & AVOIDED) != 0, 0.3, 1.0)
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
                counts += _per_reason(over, self._key_counts(key))
        counts += self._hidden_ways()
        return {reason: int(count) for reason, count in zip(REASONS, counts, strict=True) if count}

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
        missed = missed[~np.isin(missed, self.scatter.at)] if len(self.scatter.at) else missed
        combined = self.lists[missed].astype(np.int64) * 64 + self.blocks[missed]
        different, amount = _tally(combined, len(lists) * 64)
        reasons = ways.list_reasons(lists[different // 64], different % 64, fails)
        counts = _per_reason(reasons, amount)
        counts += _per_reason(self.scatter.reasons[self.scatter.counted], None)
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
        both.append((self.scatter.at[scattered], self.scatter.reasons[scattered]))
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
        return _per_reason(ways.list_reasons(self.pack.lists[some], blocks, self.judged.class_fails), far[some])

    def relax(self) -> dict[str, int]:
        """How many more programs each single change would add; changes that add none are left out."""
        need = self.need
        missed = np.flatnonzero(~self.meets & self.fits)
        adds: dict[str, int] = {}
        if need.formats_required:
            adds["formats_any"] = self._gain(missed, ways.class_fails(replace(need, formats_required=frozenset())))
        if self.bounded and need.radius_miles is not None and need.radius_miles < ways.WIDEST_MILES:
            adds["radius_wider"] = self._gain_wider()
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
        if len(self.scatter.at):
            opened &= ~np.isin(missed, self.scatter.at)
        return int(opened.sum()) + int((self.scatter.meets(fails, blocks) & self.scatter.eligible).sum())

    def _gain_wider(self) -> int:
        wider = replace(self.need, radius_miles=ways.wider(self.need.radius_miles or 0))
        scan = _Scan(wider, self.columns, self.pack, self.judged, self.parts,
                     Filters(rows=~_flag(self.columns.size, self.filtered_rows())) if self.filtered else NO_FILTERS,
                     self.dead)
        return len(scan.passing) - len(self.passing)

    def filtered_rows(self) -> Array:
        found: Array = self.rows[(self.code & FILTERED) != 0]
        return found


class _Scatter:
    """Programs that meet in person at several points, judged way by way."""

    def __init__(self, scan: _Scan) -> None:
        table = scan.columns.scattered
        self.scan, self.table = scan, table
        self.at = table.row.astype(np.int64) - scan.columns.size + len(scan.rows)
        self.first = table.start[:-1].astype(np.int64)
        self.owner = np.repeat(np.arange(len(self.at)), np.diff(table.start))
        self.classes = scan.pack.scattered
        self.miles = np.full(len(self.classes), np.nan)
        if scan.origin is not None and len(self.classes):
            self.miles[table.known] = chord_miles(table.xyz[table.known], scan.origin)
        blocks = scan.blocks[self.at] & np.uint8(0xFF ^ ways.FAR)
        self.blocks = blocks[self.owner] | (ways.too_far(scan.need, self.miles) * np.uint8(ways.FAR))
        code = scan.code[self.at]
        self.eligible = (code & (FAILS | FAILS_COST | FILTERED)) == 0
        self.counted = ((code & FILTERED) == 0) & ~self.meets(scan.judged.class_fails, ways.ALL_BLOCKS)
        self.eligible &= ~self.meets(scan.judged.class_fails, ways.ALL_BLOCKS)

    def fails(self, class_fails: Array, blocks: int) -> Array:
        found: Array = class_fails[self.classes] | ways.BLOCK_REASONS[self.blocks & np.uint8(blocks), self.table.kind]
        return found

    def meets(self, class_fails: Array, blocks: int) -> Array:
        """Per scattered program: whether one way passes."""
        if not len(self.at):
            return np.zeros(0, bool)
        found: Array = np.logical_or.reduceat(self.fails(class_fails, blocks) == 0, self.first)
        return found

    @property
    def reasons(self) -> Array:
        if not len(self.at):
            return np.zeros(0, np.uint16)
        fails = self.fails(self.scan.judged.class_fails, ways.ALL_BLOCKS)
        shared = np.bitwise_and.reduceat(fails, self.first)
        order = np.bitwise_count(fails).astype(np.int64) * len(fails) + np.arange(len(fails))
        fewest = np.minimum.reduceat(order, self.first) % len(fails)
        return np.where(shared != 0, shared, fails[fewest])

    def settle(self, passing: Array, value: Array, miles: Array, remote: Array) -> None:
        """Writes the chosen way of each passing scattered program over what the row passes found."""
        if not len(self.at):
            return
        judged, need = self.scan.judged, self.scan.need
        reach = ways.in_person_reach(need, self.miles)
        rows = self.table.row[self.owner].astype(np.int64)
        rides = (self.scan.gathered(rows, "flags", 0, np.bitwise_or).astype(np.uint8) & RIDES) != 0
        reach = np.where(rides & ~np.isnan(self.miles), np.minimum(reach + ways.RIDE_HELP, 1.0), reach)
        reach[~ways.class_chosen(need)[self.classes]] = ways.NOT_CHOSEN_IN_PERSON
        of_way = np.where(self.table.kind == IN_PERSON,
                          judged.weight_reach * reach + judged.weight_schedule * judged.class_schedule[self.classes],
                          judged.class_remote[self.classes])
        of_way[self.fails(judged.class_fails, ways.ALL_BLOCKS) != 0] = -np.inf
        best = np.maximum.reduceat(of_way, self.first)
        place = np.where(of_way == best[self.owner], np.arange(len(of_way)), len(of_way))
        chosen = np.minimum.reduceat(place, self.first)
        where = np.searchsorted(passing, self.at)
        here = np.flatnonzero(self.scan.meets[self.at] & self.scan.fits[self.at])
        where, chosen = where[here], chosen[here]
        value[where] = best[here]
        remote[where] = self.table.kind[chosen] != IN_PERSON
        miles[where] = np.where(remote[where], np.nan, self.miles[chosen])


def near_slices(columns: Columns, need: Need, radius: float | None) -> list[slice]:
    """Grid rows that can be within the radius, then everything that is not in the grid."""
    place = need.place
    assert place is not None
    assert radius is not None
    reach = radius * 1.03 + 0.5  # the rule's own slack, and the difference between a chord and these flat bounds
    tall = reach / 68.7  # miles in a degree of latitude, at least
    low, high = place.latitude - tall, place.latitude + tall
    widest = max(abs(low), abs(high))
    wide = 360.0 if widest > 85 else reach / (69.0 * float(np.cos(np.radians(widest)))) + 0.05
    first = max(0, int(np.floor((low + 90) / BAND_DEGREES)))
    last = min(len(columns.bands) - 2, int(np.floor((high + 90) / BAND_DEGREES)))
    slices: list[slice] = []
    for band in range(first, last + 1):
        start, stop = int(columns.bands[band]), int(columns.bands[band + 1])
        if start < stop:
            slices += _within(columns.longitude[start:stop], start, place.longitude, wide)
    slices.append(slice(columns.grid_size, columns.size))
    return slices


def _within(band: Array, start: int, longitude: float, wide: float) -> list[slice]:
    if wide >= 180:
        return [slice(start, start + len(band))]
    found = []
    for shift in (-360.0, 0.0, 360.0):
        left, right = np.searchsorted(band, (longitude + shift - wide, longitude + shift + wide))
        if left < right:
            found.append(slice(start + int(left), start + int(right)))
    return found


def _numbers(slices: list[slice]) -> Array:
    return np.concatenate([np.arange(one.start, one.stop, dtype=np.int64) for one in slices])


def _flag(size: int, rows: Array) -> Array:
    flags = np.zeros(size, bool)
    flags[rows] = True
    return flags


def _per_reason(bits: Array, amount: Array | None) -> Array:
    """Reason -> number, from reason bits and how often each stands."""
    amount = np.ones(len(bits), np.int64) if amount is None else amount
    return np.array([int(amount[(bits >> place & 1) != 0].sum()) for place in range(len(REASONS))], np.int64)


def _tally(values: Array, size: int) -> tuple[Array, Array]:
    """The different values and how often each stands."""
    if size <= 4_000_000:
        counts = np.bincount(values, minlength=1)
        different = np.flatnonzero(counts)
        return different, counts[different]
    return np.unique(values, return_counts=True)
