"""The row passes of a search as compiled loops over blocks of rows, where `scan` makes one NumPy pass per rule.

Reads the same tables and adds and multiplies in the same order, so that it gives the same answers; the tests run both
beside the row-by-row reference. Imported only where numba is installed, see `compiled`.

Each step goes over a whole block, so that what it reads stays near the processor, and the step that sees every row
takes no branches: whether a row passes is a toss of a coin to the processor, and a wrong guess costs more than the
row. Arrays are taken out of their tuples once per visit: reaching into a tuple within a loop counts references.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from finder.matching import ways
from finder.matching.columns import KINDS
from finder.matching.judging import AVOIDED, BLOCK_SHIFT, FAILS, FAILS_COST, FILTERED, FLAG_SHIFT, GATE_SHIFT, RIDES
from finder.matching.row_tables import Apart, Asked, Counts, Passing, Rows, Tables, Ways
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
_GATE, _GATES = GATE_SHIFT, 127
# Marks that the loops add to those of `judging`: too far; one of several places, and whether one of these meets.
_FAR_BIT, _APART_BIT, _MEETS_BIT = 24, 25, 26
_NEAR_BLOCKS = (1 << 8 - BLOCK_SHIFT) - 1  # the blocks that stand in a row code: all but FAR
_BLOCK = 4096
_DIAMETER = 2 * RADIUS_MILES
# Reasons that a way can give; a set of them is a number below 64.
WAY_REASONS = ("age", "format", "distance", "state_licence", "accessibility", "schedule")
_WAY_BITS = tuple(BIT[reason] for reason in WAY_REASONS)
# Places in `Counts.gains`.
GAIN_FORMATS, GAIN_RADIUS, GAIN_TIMES, GAIN_COST, GAIN_ACCESS = range(5)


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
def _blocks(mark: Any) -> Any:
    return mark >> _SHIFT & _NEAR_BLOCKS | (mark >> _FAR_BIT & 1) * _FAR


@njit(cache=True)
def _mark(marks: Any, size: int, first: int, keys: Any, marking: Any, table: Any, offset: Any) -> None:
    """What the rules made of each row of a block."""
    marks[:size] = 0
    for key in marking:
        column, of_key = keys[key, first : first + size], table[offset[key] : offset[key + 1]]
        for at in range(size):
            marks[at] |= of_key[column[at]]


@njit(cache=True)
def _narrow(marks: Any, size: int, first: int, lists: Any, stays: Any, list_stays: Any) -> None:
    """Marks what a reader has filtered out by ways or row by row."""
    if len(list_stays):
        for at in range(size):
            if not list_stays[lists[first + at]]:
                marks[at] |= _FILTERED
    if len(stays):
        for at in range(size):
            if not stays[first + at]:
                marks[at] |= _FILTERED


@njit(cache=True)
def _single_out(marks: Any, size: int, first: int, dead: Any, apart_row: Any, apart_meets: Any) -> None:
    """Marks rows that are as if absent, and programs with several places."""
    for place in range(int(np.searchsorted(dead, first)), len(dead)):
        if dead[place] >= first + size:
            break
        marks[dead[place] - first] |= _FILTERED
    for place in range(int(np.searchsorted(apart_row, first)), len(apart_row)):
        if apart_row[place] >= first + size:
            break
        marks[apart_row[place] - first] |= 1 << _APART_BIT | np.int64(apart_meets[place]) << _MEETS_BIT


@njit(cache=True)
def _edge(miles: float) -> tuple[float, float]:
    """Squares of straight lines that are surely within and surely beyond so many miles; between them, measure."""
    if miles < 0:
        return -1.0, -1.0
    square = (2 * math.sin(min(miles / _DIAMETER, math.pi / 2))) ** 2
    return square * (1 - 1e-9), square * (1 + 1e-9) + 1e-15


@njit(cache=True)
def _beyond(xyz: Any, row: int, origin: Any, miles: float, edge: tuple[float, float]) -> Any:
    """Whether a row is farther than so many miles, as `_miles` says, mostly without asking it."""
    square = _square(xyz, row, origin)
    return square > edge[1] or (square > edge[0] and _miles(xyz, row, origin) > miles)


@njit(cache=True)
def _measure(marks: Any, size: int, first: int, xyz: Any, points: Any, origin: Any, farthest: float) -> None:
    """Marks the rows beyond the radius."""
    edge = _edge(farthest)
    for at in range(size):
        row = first + at
        if points[row] and _beyond(xyz, row, origin, farthest, edge):
            marks[at] |= 1 << _FAR_BIT


@njit(cache=True)
def _see(seen: Any, size: int, first: int, grid_size: int, lists: Any, dead: Any) -> None:
    """Counts the grid rows visited, per list of ways; those as if absent are counted already."""
    for row in range(first, min(first + size, grid_size)):
        seen[lists[row]] += 1
    for place in range(int(np.searchsorted(dead, first)), len(dead)):
        if dead[place] >= min(first + size, grid_size):
            break
        seen[lists[dead[place]]] -= 1


@njit(cache=True)
def _count_stays(marks: Any, size: int, first: int, keys: Any, offset: Any, stay_count: Any) -> None:
    """Counts the rows that are not filtered out, per number of every key."""
    for key in range(len(keys)):
        column, number = keys[key, first : first + size], stay_count[offset[key] : offset[key + 1]]
        for at in range(size):
            number[column[at]] += not marks[at] & _FILTERED


@njit(cache=True)
def _sift(marks: Any, size: int, first: int, lists: Any, passes: Any, out_row: Any, out_shut: Any, begun: int,
          missing: Any, blocked: Any) -> tuple[Any, Any]:
    """Puts down the rows that pass, from `begun` on, and counts those without a way in `missing`, by blocks and list of
    ways. Gives where they end, and the blocks met, as bits."""
    found, met = np.int64(begun), np.int64(0)
    for at in range(size):
        row, mark = first + at, np.int64(marks[at])
        one, blocks = lists[row], _blocks(mark)
        shut = blocked[blocks]
        apart = mark >> _APART_BIT & 1
        meets = np.int64(passes[one] & ~shut != 0) & ~apart | mark >> _MEETS_BIT & 1
        out_row[found], out_shut[found] = row, shut
        found += meets & np.int64(mark & _FAILING == 0)
        missing[blocks, one] += 1 & ~meets & ~apart & np.int64(mark & _FILTERED == 0)
        met |= 1 << blocks
    return found, met


@njit(cache=True)
def _wonder(marks: Any, size: int, first: int, lists: Any, passes: Any, any_format: Any, any_time: Any,
            access_required: bool, xyz: Any, origin: Any, wider: float, gains: Any) -> None:
    """Counts, of rows that only one kind of thing keeps out, which single change would let them in."""
    edge = _edge(wider)
    for at in range(size):
        mark = np.int64(marks[at])
        failing = mark & _FAILING
        if failing and failing != _COST:
            continue
        one, blocks, apart = lists[first + at], _blocks(mark), mark >> _APART_BIT & 1
        meets = mark >> _MEETS_BIT & 1 if apart else passes[one] & ~_BLOCKED[blocks] != 0
        if meets:
            gains[GAIN_COST] += failing == _COST
        elif not failing and not apart:
            shut = _BLOCKED[blocks]
            if len(any_format) and any_format[one] & ~shut:
                gains[GAIN_FORMATS] += 1
            if len(any_time) and any_time[one] & ~shut:
                gains[GAIN_TIMES] += 1
            if access_required and passes[one] & ~_BLOCKED[blocks & ~_ACCESS]:
                gains[GAIN_ACCESS] += 1
            if (blocks & _FAR and passes[one] & ~_BLOCKED[blocks & ~_FAR]
                    and not _beyond(xyz, first + at, origin, wider, edge)):
                gains[GAIN_RADIUS] += 1


@njit(cache=True)
def _minors(marks: Any, size: int, first: int, lists: Any, passes: Any, out_young: Any, out_blocks: Any,
            young: int) -> int:
    """Puts down rows without a way whose text spaces are shut to a minor, from `young` on; gives where they end."""
    for at in range(size):
        mark = np.int64(marks[at])
        blocks = _blocks(mark)
        if (blocks & _UNMODERATED and not mark & (_FILTERED | 1 << _APART_BIT)
                and not passes[lists[first + at]] & ~_BLOCKED[blocks]):
            out_young[young], out_blocks[young] = first + at, blocks
            young += 1
    return young


@njit(cache=True)
def _add_up(rows: Any, points: Any, keys: Any, offset: Any, added: Any, table: Any, key_count: Any) -> None:
    """Points of passing rows, key by key in their order, and how many of them hold each number of every key."""
    points[: len(rows)] = 0.0
    for key in added:
        column, of_key = keys[key], table[offset[key] : offset[key + 1]]
        for at in range(len(rows)):
            points[at] += of_key[column[rows[at]]]
    for key in range(len(keys)):
        column, number = keys[key], key_count[offset[key] : offset[key + 1]]
        for at in range(len(rows)):
            number[column[rows[at]]] += 1


@njit(cache=True)
def _settle(begun: int, found: int, first: int, marks: Any, worth: Any, rows: Rows, tables: Tables,  # noqa: C901 - see top
            judged: Ways, asked: Asked, apart: Apart, counts: Counts, passing: Passing) -> None:
    """The best way and the score of the rows of a block that passed, those from `begun` to before `found`."""
    _, _, _, keys, _, lists, xyz, points, _ = rows
    _, _, _, _, gates, access_key, access, _, _ = tables
    (_, _, passes, _, _, far_value, far_remote, remote_of, remote_at, person, person_at, weights, unstated,
     _) = judged
    located, origin, _, _, _, floor_miles, per_mile, avoids, _, _, _, _, _ = asked
    apart_row, _, apart_value, apart_remote = apart
    _, _, list_count, _, _, per_point, _ = counts
    out_row, out_tenths, out_remote, out_shut, _, _ = passing
    concern = _edge(floor_miles)[1]  # beyond this no distance matters, so that none is worked out
    for at in range(begun, found):
        row = out_row[at]
        mark = np.int64(marks[row - first])
        one = lists[row]
        if mark >> _APART_BIT & 1:
            several = np.searchsorted(apart_row, row)
            value, remote = apart_value[several], apart_remote[several]
        else:
            # The best way: out of the tables where no distance enters, else by hand. As `Scan.best_way`.
            rides: Any = mark & _RIDES != 0
            state: Any = np.int64(_FAR_STATE[_blocks(mark)])
            by_hand = state == _BY_HAND
            if by_hand:
                state = 0
            near, miles = False, math.inf
            if located and points[row]:
                state += 2 if rides else 1
                if _square(xyz, row, origin) < concern:
                    miles = _miles(xyz, row, origin)
                near = miles <= floor_miles
            if passes[one] == _NO_WAY:
                value, remote = unstated, False
            elif near:
                reach = max(math.exp(per_mile * miles), _FLOOR)
                value, remote = _best(remote_of, remote_at, person, person_at, weights, one, out_shut[at],
                                      min(reach + _RIDE_HELP, 1.0) if rides else reach)
            elif by_hand:
                reach = _UNKNOWN if state == 0 else _FLOOR if state == 1 else _FLOOR + _RIDE_HELP
                value, remote = _best(remote_of, remote_at, person, person_at, weights, one, out_shut[at],
                                      reach)
            else:
                state += np.int64(one) * _STATES
                value, remote = far_value[state], far_remote[state]
        gate = gates[mark >> _GATE & _GATES]
        if avoids and mark & _AVOIDED:
            gate *= 0.3
        if len(access):
            gate *= access[keys[access_key, row], 1 if remote else 0]
        tenths = np.int64(math.floor(min(gate * (worth[at - begun] + value), 100.0) * 10 + 0.5 + 1e-7))
        list_count[one] += 1
        per_point[tenths // 10] += 1
        out_tenths[at], out_remote[at] = tenths, remote


@njit(cache=True)
def visit(rows: Rows, tables: Tables, judged: Ways, asked: Asked, apart: Apart, counts: Counts,  # noqa: C901 - see top
          passing: Passing) -> tuple[int, int]:
    """Visits the stretches and fills counts and passing; gives how many rows passed, and how many are young."""
    starts, stops, grid_size, keys, offset, lists, xyz, points, dead = rows
    marks_of, add_of, marking, added, _, _, _, stays, list_stays = tables
    classes, fails, passes, any_format, any_time, _, _, _, _, _, _, _, _, reasons = judged
    _, origin, bounded, farthest, wider, _, _, _, minor, access_required, filtered, partly, wondering = asked
    key_count, stay_count, _, seen, missed, _, gains = counts
    out_row, _, _, out_shut, out_young, out_blocks = passing
    found, young, met = 0, 0, 0
    marks, worth = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK)
    missing = np.zeros((_SETS, len(passes)), np.int32)
    for one in range(len(dead)):
        if dead[one] < grid_size:
            seen[lists[dead[one]]] += 1
    for stretch in range(len(starts)):
        for first in range(starts[stretch], stops[stretch], _BLOCK):
            size = min(_BLOCK, stops[stretch] - first)
            _mark(marks, size, first, keys, marking, marks_of, offset)
            _narrow(marks, size, first, lists, stays, list_stays)
            _single_out(marks, size, first, dead, apart.row, apart.meets)
            if bounded:
                _measure(marks, size, first, xyz, points, origin, farthest)
            if partly:
                _see(seen, size, first, grid_size, lists, dead)
            if filtered:
                _count_stays(marks, size, first, keys, offset, stay_count)
            begun = found
            found, here = _sift(marks, size, first, lists, passes, out_row, out_shut, begun, missing, _BLOCKED)
            met |= here
            if wondering:
                _wonder(marks, size, first, lists, passes, any_format, any_time, access_required, xyz, origin, wider,
                        gains)
            if minor:
                young = _minors(marks, size, first, lists, passes, out_young, out_blocks, young)
            _add_up(out_row[begun:found], worth, keys, offset, added, add_of, key_count)
            _settle(begun, found, first, marks, worth, rows, tables, judged, asked, apart, counts, passing)
    for blocks in range(_SETS):
        for one in range(len(passes) if met >> blocks & 1 else 0):
            if missing[blocks, one]:
                missed[_missed(classes, fails, reasons, one, blocks)] += missing[blocks, one]
    return found, young


@njit(cache=True)
def count_far(lists: Any, fails: Any, reasons: Any, grid_counts: Any, seen: Any, missed: Any) -> None:
    """Adds the grid rows outside the stretches: they meet only in person, at one point that is too far."""
    for one in range(len(grid_counts)):
        if grid_counts[one] > seen[one]:
            missed[_missed(lists, fails, reasons, one, _FAR)] += grid_counts[one] - seen[one]


@njit(cache=True, nogil=True)
def visit_aside(rows: Rows, tables: Tables, judged: Ways, asked: Asked, apart: Apart, counts: Counts,
                passing: Passing) -> tuple[int, int]:
    """The same for long stretches, beside other threads."""
    found: tuple[int, int] = visit(rows, tables, judged, asked, apart, counts, passing)
    return found
