"""The row passes of a search as compiled loops: one visit per row, where `scan` makes one pass per rule.

Reads the same tables and adds and multiplies in the same order, so that it gives the same answers; the tests run both
beside the row-by-row reference. Imported only where numba is installed, see `compiled`.

`visit` takes its arrays out of their tuples before it starts, and is one long function: reaching into a tuple within
the loop, or handing one on, would count references row by row, at ten times the cost.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from finder.matching import ways
from finder.matching.columns import KINDS
from finder.matching.judging import AVOIDED, BLOCK_SHIFT, FAILS, FAILS_COST, FILTERED, FLAG_SHIFT, GATE_SHIFT, RIDES
from finder.matching.ruleset import BIT
from finder.matching.scoring import UNKNOWN
from finder.places.distance import RADIUS_MILES

# What the loops hold as constants.
_FAR, _UNMODERATED, _ACCESS, _SETS = ways.FAR, ways.UNMODERATED, ways.ACCESS_BLOCKS, ways.ALL_BLOCKS + 1
_STATES, _BY_HAND, _NO_WAY, _PAD = ways.STATES, ways.BY_HAND, ways.NO_WAY, ways.PAD
_UNKNOWN, _FLOOR, _RIDE_HELP, _OTHER = UNKNOWN, ways.FLOOR, ways.RIDE_HELP, ways.NOT_CHOSEN_IN_PERSON
_BLOCKED, _FAR_STATE, _BLOCK_REASONS, _CLASS_KIND = (ways.BLOCKED_KINDS, ways.FAR_STATE, ways.BLOCK_REASONS,
                                                     ways.CLASS_KIND)
_KINDS = len(KINDS)
_FAILING = FAILS | FAILS_COST | FILTERED
_SHIFT, _COST, _FILTERED = BLOCK_SHIFT, FAILS_COST, FILTERED
_RIDES, _AVOIDED = RIDES << FLAG_SHIFT, AVOIDED << FLAG_SHIFT
_GATE = GATE_SHIFT
_BLOCK = 4096
_DIAMETER = 2 * RADIUS_MILES
# Reasons that a way can give; a set of them is a number below 64.
WAY_REASONS = ("age", "format", "distance", "state_licence", "accessibility", "schedule")
_WAY_BITS = tuple(BIT[reason] for reason in WAY_REASONS)
# Places in `Counts.gains`.
GAIN_FORMATS, GAIN_RADIUS, GAIN_TIMES, GAIN_COST, GAIN_ACCESS = range(5)


class Rows(NamedTuple):
    """What stands per row of a set of columns, and where to look."""

    starts: Any  # of the stretches to visit, ascending
    stops: Any
    grid_size: int
    keys: Any  # key x row
    offset: Any  # where each key's numbers begin in flat tables
    lists: Any  # number of the list of ways
    xyz: Any
    known: Any
    dead: Any  # rows as if absent, ascending


class Tables(NamedTuple):
    """What a search makes of every key number; the keys one after the other."""

    marks: Any  # row code, row flags and the place of the gate in `gates`, see `compiled`
    add: Any
    marking: Any  # keys that mark anything
    added: Any  # keys that add points
    gates: Any
    access_key: int
    access: Any  # gate of access by number of `access_key`, in person and remote; empty where nobody asks
    stays: Any  # per row, False: filtered out; may be empty
    list_stays: Any  # the same per list of ways


class Ways(NamedTuple):
    """What a search makes of every list of ways; see `ways.Judged`."""

    lists: Any  # list x position: classes
    fails: Any  # by class
    passes: Any
    if_any_format: Any  # `passes` when no format is required; empty where that is not asked
    if_any_time: Any
    far_value: Any
    far_remote: Any
    remote: Any
    remote_at: Any
    person: Any  # list x (in a chosen format, in another): schedule utility
    person_at: Any
    weights: Any  # of reach and schedule
    unstated: float
    reasons: Any  # list x blocks: set of WAY_REASONS, 0 not worked out yet; kept from search to search
    grid_counts: Any


class Asked(NamedTuple):
    """What the person asked for, as numbers."""

    located: bool
    origin: Any
    bounded: bool  # by a radius
    farthest: float
    wider: float
    floor_miles: float
    per_mile: float  # natural logarithm of what each mile leaves of reach
    avoids: bool
    young: bool
    access_required: bool
    filtered: bool
    partly: bool  # grid rows outside the stretches are far away, and counted as such


class Apart(NamedTuple):
    """Programs with several places, judged beforehand; see `scatter`."""

    row: Any
    meets: Any
    value: Any
    remote: Any


class Counts(NamedTuple):
    """Filled by a visit."""

    key: Any  # rows that passed per key number
    stays: Any  # rows not filtered out per key number, where filters are set
    list: Any  # rows that passed per list of ways
    seen: Any  # grid rows visited per list
    missed: Any  # rows without a way, by set of reasons
    per_point: Any
    gains: Any


class Passing(NamedTuple):
    """Filled by a visit: the rows that passed; and young, rows whose text spaces are shut to a minor."""

    row: Any
    tenths: Any
    remote: Any
    shut: Any
    young: Any
    young_blocks: Any


@njit(cache=True)
def tally(bits: Any, amount: Any, found: Any) -> None:
    """Adds up how often each reason stands: `bits` per number, `amount` programs of each; into `found`, by reason."""
    for number in range(len(bits)):
        left = bits[number]
        if left and amount[number]:
            for place in range(len(found)):
                if left >> place & 1:
                    found[place] += amount[number]


@njit(cache=True)
def _square(xyz: Any, row: int, origin: Any) -> Any:
    """The square of the straight line through the earth, in radii."""
    x, y, z = xyz[row, 0] - origin[0], xyz[row, 1] - origin[1], xyz[row, 2] - origin[2]
    return x * x + y * y + z * z


@njit(cache=True)
def _miles(xyz: Any, row: int, origin: Any) -> Any:
    """As `chord_miles`."""
    return math.asin(min(math.sqrt(_square(xyz, row, origin)) * 0.5, 1.0)) * _DIAMETER


@njit(cache=True)
def _missed(lists: Any, fails: Any, known: Any, one: Any, blocks: Any) -> Any:
    """As `ways.list_reasons`, for one list and one set of blocks, as a set of WAY_REASONS; `known` ones are kept."""
    if known[one, blocks]:
        return np.int64(known[one, blocks])
    shared, fewest, least = np.int64(0xFFFF), np.int64(0), 99
    for at in range(lists.shape[1]):
        of_class = lists[one, at]
        if of_class != _PAD:
            bits = np.int64(fails[of_class] | _BLOCK_REASONS[blocks, _CLASS_KIND[of_class]])
            shared &= bits
            count = 0
            for bit in _WAY_BITS:
                count += bits & bit != 0
            if count < least:
                fewest, least = bits, count
    found = np.int64(0)
    bits = shared if shared != 0 else fewest
    for place in range(len(_WAY_BITS)):
        if bits & _WAY_BITS[place]:
            found |= 1 << place
    known[one, blocks] = found
    return found


@njit(cache=True)
def _best(remote: Any, remote_at: Any, person: Any, person_at: Any, weights: Any, one: int, shut: int,
          reach: float) -> tuple[float, bool]:
    """As `Judged.best`, for one row that has a way."""
    far, far_at = -math.inf, 99
    for kind in range(1, _KINDS):
        value, at = remote[one, kind], remote_at[one, kind]
        if not shut >> kind & 1 and (value > far or (value == far and at < far_at)):
            far, far_at = value, at
    if shut & 1:
        return far, True
    here, here_at = weights[0] * reach + weights[1] * person[one, 0], person_at[one, 0]
    other, other_at = weights[0] * _OTHER + weights[1] * person[one, 1], person_at[one, 1]
    if other > here or (other == here and other_at < here_at):
        here, here_at = other, other_at
    if far > here or (far == here and far_at < here_at):
        return far, True
    return here, False


@njit(cache=True)
def visit(rows: Rows, tables: Tables, judged: Ways, asked: Asked, apart: Apart, counts: Counts,  # noqa: C901 - see top
          passing: Passing) -> tuple[int, int]:
    """Visits the stretches and fills counts and passing; gives how many rows passed, and how many are young.

    Goes by blocks and, within a block, key by key, so that the tables it reads stay near the processor.
    """
    starts, stops, grid_size, keys, offset, lists, xyz, points, dead = rows
    marks_of, add_of, marking, added, gates, access_key, access, stays, list_stays = tables
    (classes, fails, passes, any_format, any_time, far_value, far_remote, remote_of, remote_at, person, person_at,
     weights, unstated, reasons, grid_counts) = judged
    (located, origin, bounded, farthest, wider, floor_miles, per_mile, avoids, minor, access_required, filtered,
     partly) = asked
    apart_row, apart_meets, apart_value, apart_remote = apart
    key_count, stay_count, list_count, seen, missed, per_point, gains = counts
    out_row, out_tenths, out_remote, out_shut, out_young, out_blocks = passing
    found, young, gone, scattered = 0, 0, 0, 0
    # Beyond this no distance matters, so that none is worked out.
    most = max(farthest, wider) if bounded else floor_miles
    concern = (2 * math.sin(min(most * 1.001 / _DIAMETER, math.pi / 2))) ** 2 + 1e-9
    marks, points_of = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.float64)
    kept, miles_of, several_of = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.float64), np.empty(_BLOCK, np.int64)
    for one in range(len(dead)):
        if dead[one] < grid_size:
            seen[lists[dead[one]]] += 1
    for stretch in range(len(starts)):
        for first in range(starts[stretch], stops[stretch], _BLOCK):
            size = min(_BLOCK, stops[stretch] - first)
            marks[:size] = 0
            for key in marking:
                column, table = keys[key, first : first + size], marks_of[offset[key] : offset[key + 1]]
                for at in range(size):
                    marks[at] |= table[column[at]]
            begun = found
            for at in range(size):
                row = first + at
                one, mark, miles = lists[row], np.int64(marks[at]), math.inf
                code = mark & 0xFF
                if (len(list_stays) and not list_stays[one]) or (len(stays) and not stays[row]):
                    code |= _FILTERED
                while gone < len(dead) and dead[gone] < row:
                    gone += 1
                if gone < len(dead) and dead[gone] == row:
                    code |= _FILTERED
                elif row < grid_size:
                    seen[one] += 1
                blocks = code >> _SHIFT
                if bounded and points[row]:
                    if _square(xyz, row, origin) < concern:
                        miles = _miles(xyz, row, origin)
                    if miles > farthest:
                        blocks |= _FAR
                several = -1  # place among those with several places
                while scattered < len(apart_row) and apart_row[scattered] < row:
                    scattered += 1
                if scattered < len(apart_row) and apart_row[scattered] == row:
                    several = scattered
                if filtered and not code & _FILTERED:
                    for key in range(len(keys)):
                        stay_count[offset[key] + keys[key, row]] += 1
                shut = _BLOCKED[blocks]
                meets = apart_meets[several] if several >= 0 else passes[one] & ~shut != 0
                if meets and not code & _FAILING:
                    out_row[found], out_shut[found], kept[found - begun] = row, shut, mark >> 8 << 8 | blocks
                    miles_of[found - begun], several_of[found - begun] = miles, several
                    found += 1
                elif meets:
                    if code & _FAILING == _COST:
                        gains[GAIN_COST] += 1
                elif several < 0 and not code & _FILTERED:
                    missed[_missed(classes, fails, reasons, one, blocks)] += 1
                    if minor and blocks & _UNMODERATED:
                        out_young[young], out_blocks[young] = row, blocks
                        young += 1
                    if not code & _FAILING:  # only its ways keep it out: which single change would let it in
                        if len(any_format) and any_format[one] & ~shut:
                            gains[GAIN_FORMATS] += 1
                        if len(any_time) and any_time[one] & ~shut:
                            gains[GAIN_TIMES] += 1
                        if access_required and passes[one] & ~_BLOCKED[blocks & ~_ACCESS]:
                            gains[GAIN_ACCESS] += 1
                        if blocks & _FAR and miles <= wider and passes[one] & ~_BLOCKED[blocks & ~_FAR]:
                            gains[GAIN_RADIUS] += 1
            here = found - begun
            points_of[:here] = 0.0
            for key in added:
                column, table = keys[key], add_of[offset[key] : offset[key + 1]]
                for at in range(here):
                    points_of[at] += table[column[out_row[begun + at]]]
            for key in range(len(keys)):
                column, number = keys[key], key_count[offset[key] : offset[key + 1]]
                for at in range(here):
                    number[column[out_row[begun + at]]] += 1
            for at in range(here):
                row = out_row[begun + at]
                mark, miles, several = np.int64(kept[at]), miles_of[at], several_of[at]
                one = lists[row]
                if several >= 0:
                    value, remote = apart_value[several], apart_remote[several]
                else:
                    # The best way: out of the tables where no distance enters, else by hand. As `Scan.best_way`.
                    rides: Any = mark & _RIDES != 0
                    state: Any = np.int64(_FAR_STATE[mark & 0xFF])
                    by_hand = state == _BY_HAND
                    if by_hand:
                        state = 0
                    near = False
                    if located and points[row]:
                        state += 2 if rides else 1
                        if not bounded and _square(xyz, row, origin) < concern:
                            miles = _miles(xyz, row, origin)
                        near = miles <= floor_miles
                    shut = out_shut[begun + at]
                    if passes[one] == _NO_WAY:
                        value, remote = unstated, False
                    elif near:
                        reach = max(math.exp(per_mile * miles), _FLOOR)
                        value, remote = _best(remote_of, remote_at, person, person_at, weights, one, shut,
                                              min(reach + _RIDE_HELP, 1.0) if rides else reach)
                    elif by_hand:
                        reach = _UNKNOWN if state == 0 else _FLOOR if state == 1 else _FLOOR + _RIDE_HELP
                        value, remote = _best(remote_of, remote_at, person, person_at, weights, one, shut, reach)
                    else:
                        state += np.int64(one) * _STATES
                        value, remote = far_value[state], far_remote[state]
                gate = gates[mark >> _GATE]
                if avoids and mark & _AVOIDED:
                    gate *= 0.3
                if len(access):
                    gate *= access[keys[access_key, row], 1 if remote else 0]
                tenths = np.int64(math.floor(min(gate * (points_of[at] + value), 100.0) * 10 + 0.5 + 1e-7))
                list_count[one] += 1
                per_point[tenths // 10] += 1
                out_tenths[begun + at], out_remote[begun + at] = tenths, remote
    if partly:  # grid rows outside the stretches meet only in person, at one point that is too far
        for one in range(len(grid_counts)):
            if grid_counts[one] > seen[one]:
                missed[_missed(classes, fails, reasons, one, _FAR)] += grid_counts[one] - seen[one]
    return found, young


@njit(cache=True, nogil=True)
def visit_aside(rows: Rows, tables: Tables, judged: Ways, asked: Asked, apart: Apart, counts: Counts,
                passing: Passing) -> tuple[int, int]:
    """The same for long stretches, beside other threads."""
    found: tuple[int, int] = visit(rows, tables, judged, asked, apart, counts, passing)
    return found
