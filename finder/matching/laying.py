"""Lays out columns: puts listings into grid order, finds the different lists of ways, and folds traits into keys.

Takes plain arrays by listing in any order, so that it does not matter whether listings came as documents (`builder`)
or as columns of a database (`gathered`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from finder.matching.columns import BAND_DEGREES, IN_PERSON, KINDS, NOWHERE, TRAITS, Columns, Key, Scattered, Waysets
from finder.matching.traits import Array
from finder.places.distance import unit_vectors
from finder.schedules.recurrence import Rule, occurrences

SHOWN_STARTS = 9
MOST_PAIRS = 4_096  # of values of one key
_SAMPLE, _MOST_TABLE = 20_000, 8_000_000


class Ways(NamedTuple):
    """All ways to attend, listing by listing and in order. Degrees are 999 where unknown, and of remote ways."""

    program: Array
    kind: Array
    hybrid: Array
    schedule: Array
    schedules: Sequence[tuple[Rule, date]]
    latitude: Array
    longitude: Array


class Laid(NamedTuple):
    """What columns are made of, by listing in any order: per trait its different values and each listing's number."""

    today: date
    size: int
    values: Mapping[str, Sequence[Any]]
    numbers: Mapping[str, Array]
    ids: Sequence[str]  # the publishers'
    ways: Ways
    loops: Any


def lay_out(laid: Laid) -> tuple[Columns, Array]:
    """Columns in grid order, without names and documents; and which listing each row is."""
    ways, size = laid.ways, laid.size
    count = np.bincount(ways.program, minlength=size)
    start = np.concatenate([[0], np.cumsum(count)])
    spots = _spots(ways, start)
    order, grid_size, bands = _grid(spots)
    wayset, waysets = _waysets(ways, start)
    known = spots.known[order]
    xyz = np.zeros((size, 3), np.float32)
    if known.any():
        here = order[known]
        xyz[known] = unit_vectors(spots.latitude[here], spots.longitude[here])
    tables = {name: table.of(laid.values[name]) for name, table in TRAITS.items()}
    sizes = {name: len(laid.values[name]) for name in TRAITS}
    keys, table = fold({name: laid.numbers[name][order] for name in TRAITS}, sizes, grid_size)
    ids = laid.ids if isinstance(laid.ids, np.ndarray) else [laid.ids[row] for row in order.tolist()]
    return Columns(
        today=laid.today, size=size, grid_size=grid_size, tables=tables,
        keys=keys, offset=np.cumsum([0, *(len(key.counts) for key in keys)]),
        holder={trait: place for place, key in enumerate(keys) for trait in key.values}, table=table,
        xyz=xyz, known=known, longitude=spots.longitude[order[:grid_size]].astype(np.float32), bands=bands,
        wayset=wayset[order], waysets=waysets, schedules=ways.schedules,
        starts=[_starts(*one) for one in ways.schedules], scattered=_scattered(ways, start, spots.several, order),
        tiebreak=tiebreak(ids, laid.today), loops=laid.loops, names=(), documents=(),
    ), order


class _Spots(NamedTuple):
    """Per listing: the one point where it meets in person, if there is just one."""

    latitude: Array
    longitude: Array
    known: Array
    several: Array  # it meets at more than one
    local: Array  # it can be attended there only


def _spots(ways: Ways, start: Array) -> _Spots:
    size = len(start) - 1
    here = np.flatnonzero(ways.kind == IN_PERSON)
    count = np.bincount(ways.program[here], minlength=size)
    meets = count > 0
    first = np.cumsum(count) - count
    low, high = np.full((2, size), NOWHERE), np.full((2, size), NOWHERE)
    if len(here):
        for axis, degrees in enumerate((ways.latitude[here], ways.longitude[here])):
            low[axis, meets] = np.minimum.reduceat(degrees, first[meets])
            high[axis, meets] = np.maximum.reduceat(degrees, first[meets])
    several = (low != high).any(axis=0)
    known = meets & ~several & (low[0] != NOWHERE)
    return _Spots(low[0], low[1], known, several, known & (count == np.diff(start)))


def _grid(spots: _Spots) -> tuple[Array, int, Array]:
    """The listings in grid order and then all others, how many are in the grid, and where each band begins."""
    here = np.flatnonzero(spots.local)
    band = np.floor((spots.latitude[here] + 90) / BAND_DEGREES).astype(np.int64)
    order = np.lexsort((spots.longitude[here], band))
    bands = np.searchsorted(band[order], np.arange(int(180 / BAND_DEGREES) + 2))
    return np.concatenate([here[order], np.flatnonzero(~spots.local)]), len(here), bands


def _scattered(ways: Ways, start: Array, several: Array, order: Array) -> Scattered:
    rows = np.flatnonzero(several[order])
    programs = order[rows]
    lengths = start[programs + 1] - start[programs]
    first = np.cumsum(lengths) - lengths
    mine = np.arange(int(lengths.sum())) + np.repeat(start[programs] - first, lengths)
    latitude, longitude = ways.latitude[mine], ways.longitude[mine]
    known = latitude != NOWHERE
    xyz = np.zeros((len(mine), 3), np.float32)
    if known.any():
        xyz[known] = unit_vectors(latitude[known], longitude[known])
    return Scattered(
        row=rows.astype(np.int32), start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        kind=ways.kind[mine].astype(np.uint8), hybrid=ways.hybrid[mine].astype(bool),
        schedule=ways.schedule[mine].astype(np.int32), xyz=xyz, known=known,
    )


def _waysets(ways: Ways, start: Array) -> tuple[Array, Waysets]:
    """Per listing the number of its list of ways, and the different lists."""
    lengths = np.diff(start)
    codes = (ways.schedule.astype(np.int64) * 2 + ways.hybrid) * len(KINDS) + ways.kind
    different, code = np.unique(codes, return_inverse=True)
    number = np.zeros(len(lengths), np.int64)  # of what was seen of the list so far
    for at in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > at)
        pair = number[longer] * (len(different) + 1) + code[start[longer] + at] + 1
        found, inverse = np.unique(pair, return_inverse=True)
        number[longer] = inverse + 1 + number.max()
    _, first, rows = np.unique(number, return_index=True, return_inverse=True)
    count = lengths[first]
    begin = np.cumsum(count) - count
    mine = np.arange(int(count.sum())) + np.repeat(start[first] - begin, count)
    return rows.astype(np.int32), Waysets(
        start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64), kind=ways.kind[mine].astype(np.uint8),
        hybrid=ways.hybrid[mine].astype(bool), schedule=ways.schedule[mine].astype(np.int32),
    )


def tiebreak(ids: Sequence[str], today: date) -> Array:
    """First eight bytes of the contract's daily hash of each listing id, which orders like the whole (section 7)."""
    day = hashlib.sha256(f"{today.isoformat()}\n".encode())

    def digest(one: str) -> bytes:
        found = day.copy()
        found.update(one.encode())
        return found.digest()[:8]

    return np.frombuffer(b"".join(map(digest, ids)), ">u8").astype(np.uint64)


def fold(numbers: Mapping[str, Array], sizes: Mapping[str, int], grid_size: int) -> tuple[tuple[Key, ...], Array]:
    """Folds traits into as few keys as stay small against the number of programs; the keys, and their table.

    Two keys become one while their different pairs number at most a sixteenth of the programs, and at most MOST_PAIRS:
    each key spared is one pass less, but only while the tables over key values stay where the processor has them at
    hand.
    """
    rows = len(next(iter(numbers.values())))
    limit = min(MOST_PAIRS, max(64, rows // 16))
    keys: list[tuple[Array, int, dict[str, Array]]] = [
        (numbers[name], sizes[name], {name: np.arange(sizes[name])}) for name in sorted(sizes, key=lambda n: sizes[n])
    ]
    done: list[tuple[Array, int, dict[str, Array]]] = []
    while keys:
        first = keys.pop(0)
        for other in keys:
            paired = _paired(first, other, limit)
            if paired is not None:
                keys = [paired, *[one for one in keys if one is not other]]
                break
        else:
            done.append(first)
    small = all(size <= 65_536 for _, size, _ in done)
    table = np.array([row for row, _, _ in done], np.uint16 if small else np.uint32)
    folded = tuple(_key(row, values, size, grid_size) for row, (_, size, values) in zip(table, done, strict=True))
    return folded, table if small else np.empty((0, rows), np.uint16)


_Held = tuple[Array, int, dict[str, Array]]


def _paired(first: _Held, other: _Held, limit: int) -> _Held | None:
    """Two keys as one; None when they have more different pairs than `limit`. A few rows are asked first."""
    for some in (slice(0, _SAMPLE), slice(None)):
        pair = first[0][some].astype(np.int64) * other[1] + other[0][some]
        found = np.unique(pair) if first[1] * other[1] > _MOST_TABLE else np.flatnonzero(np.bincount(pair))
        if len(found) > limit:
            return None
    if first[1] * other[1] > _MOST_TABLE:
        inverse = np.searchsorted(found, pair)
    else:
        table = np.zeros(first[1] * other[1], np.int64)
        table[found] = np.arange(len(found))
        inverse = table[pair]
    left, right = found // other[1], found % other[1]
    values = {name: column[left] for name, column in first[2].items()}
    values |= {name: column[right] for name, column in other[2].items()}
    return inverse, len(found), values


def _key(rows: Array, values: dict[str, Array], size: int, grid_size: int) -> Key:
    return Key(rows, {name: column.astype(np.intp) for name, column in values.items()},
               np.bincount(rows, minlength=size), np.bincount(rows[:grid_size], minlength=size))


@lru_cache(maxsize=65_536)
def _starts(rule: Rule, from_day: date) -> tuple[datetime, ...]:
    """Start times that a search may show: one day more than counts, since a zone behind UTC is still on that day."""
    if rule.timezone is None:
        return ()
    return occurrences(rule, from_day - timedelta(days=1), SHOWN_STARTS)
