"""Where groups are missing: for a topic, a language and a format, how many groups are near each county or state.

People are those of the ZIP codes, each taken to live at its point (places/people.py). Hidden points serve the distance
only, as in any search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from finder.matching.columns import IN_PERSON, KINDS, Columns
from finder.matching.traits import FOCUS, Array
from finder.places import counties
from finder.places.counties import Homes
from finder.places.distance import RADIUS_MILES
from finder.search.snapshot import Snapshot

REACH_MILES = 25.0  # the radius that a search without a wish has
REMOTE = KINDS[1:]
_AT_ONCE, _FEW = 128, 64  # points compared with all others in one step, so that the tables stay small
_TELLING = 1e-4  # of the earth's radius, some 2,000 feet: points nearer than that to each other are one
_ONE_NUMBER = np.array([1 << 32, 1 << 16, 1], np.int64)  # a place on that grid as one number
_NONE: Array = np.empty(0, np.intp)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" leaves it open. `focus` a code of focus_areas, `kind` one of KINDS."""

    focus: str = ""
    language: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """One county or state: groups within REACH_MILES of its middle (of a state: of any ZIP code), the miles from there
    to the nearest one (None: there is none at all, or it is a state), its people and those without a group near (None:
    nobody counted them here)."""

    code: str
    name: str
    groups: int
    nearest_miles: float | None
    people: int | None
    people_without: int | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The areas, the biggest gap first: most people without a group near, then fewest groups, then by name.

    `remote`: groups by video, phone, text or at any time that serve the whole state (or, of all states, that serve
    everywhere). `meeting`: groups that meet somewhere at a known place, wherever that is.
    """

    areas: Sequence[Area]
    remote: int
    meeting: int


def of_state(snapshot: Snapshot, wanted: Wanted, state: str) -> Coverage:
    """The counties of a state by its two letters. One without a ZIP code of its own (a city inside another county) has
    an empty name and no people."""
    spots, starts = _spots(snapshot, wanted)
    ground = counties.of_state(state)
    near, _ = _near(ground.homes.points, spots)
    groups, nearest = _around(ground.middles, spots, starts)
    places = [ground.county == at for at in range(len(ground.counties))]
    areas = [Area(one.code, one.name, int(groups[at]), nearest[at], *_people(ground.homes, places[at], near))
             for at, one in enumerate(ground.counties)]
    return Coverage(_sorted(areas), _remote(snapshot, wanted, state), len(starts))


def of_states(snapshot: Snapshot, wanted: Wanted) -> Coverage:
    """Every state; `groups` are those within REACH_MILES of any ZIP code of it."""
    spots, starts = _spots(snapshot, wanted)
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(spots))))
    areas = []
    for state in counties.NUMBERS:
        homes = counties.homes_of(state)
        near, used = _near(homes.points, spots)
        everywhere = np.ones(len(near), bool)
        areas.append(Area(state, state, len(np.unique(group[used])), None, *_people(homes, everywhere, near)))
    return Coverage(_sorted(areas), _remote(snapshot, wanted, ""), len(starts))


def _people(homes: Homes, here: Array, near: Array) -> tuple[int | None, int | None]:
    """The people of the homes that are here, and of those among them with no group near."""
    if here.any() and not homes.counted:
        return None, None
    return int(homes.people[here].sum()), int(homes.people[here & ~near].sum())


def _sorted(areas: Sequence[Area]) -> list[Area]:
    return sorted(areas, key=lambda one: (-(one.people_without or 0), one.groups, one.name, one.code))


# -- which listings --------------------------------------------------------------------------------------------------


def _rows(snapshot: Snapshot, wanted: Wanted) -> Iterator[tuple[Columns, Array]]:
    """Per part, the rows that are open and fit topic and language; of each listing the newest state only."""
    for part in snapshot.parts:
        columns = part.columns
        fits = ~_value(columns, "opening", columns.tables["opening"].closed)
        fits[part.dead] = False
        if wanted.focus:
            bit = np.uint64(1 << FOCUS.index(wanted.focus))
            fits &= _value(columns, "focus", (columns.tables["focus"].mask & bit) != 0)
        if wanted.language:
            table = columns.tables["talk"]
            speaks = table.speaks[:, table.languages.index(wanted.language)] if wanted.language in table.languages \
                else np.zeros(len(table.speaks), bool)
            fits &= _value(columns, "talk", speaks)
        yield columns, fits


def _value(columns: Columns, trait: str, table: Array) -> Array:
    """What a table over the values of a trait says of every row."""
    key = columns.keys[columns.holder[trait]]
    found: Array = table[key.values[trait][key.rows]]
    return found


def _spots(snapshot: Snapshot, wanted: Wanted) -> tuple[Array, Array]:
    """Unit vectors of the places where fitting groups meet, group by group, and where each group begins."""
    if wanted.kind in REMOTE:
        return np.zeros((0, 3), np.float32), np.zeros(0, np.int64)
    spots: list[Array] = []
    lengths: list[Array] = []
    for columns, fits in _rows(snapshot, wanted):
        alone = fits & columns.known
        spots.append(columns.xyz[alone])
        lengths.append(np.ones(int(alone.sum()), np.int64))
        several = columns.scattered
        rows = np.repeat(several.row, np.diff(several.start))
        kept = fits[rows] & several.known & (several.kind == IN_PERSON) if len(rows) else np.zeros(0, bool)
        spots.append(several.xyz[kept])
        lengths.append(np.unique(rows[kept], return_counts=True)[1])
    sizes = np.concatenate(lengths)
    return np.concatenate(spots), np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)[:len(sizes)]


def _remote(snapshot: Snapshot, wanted: Wanted, state: str) -> int:
    """How many fitting groups can be joined from anywhere in a state, or, with "", from anywhere at all."""
    if wanted.kind and wanted.kind not in REMOTE:
        return 0
    kinds = [KINDS.index(one) for one in ([wanted.kind] if wanted.kind else REMOTE)]
    count = 0
    for columns, fits in _rows(snapshot, wanted):
        ways = columns.waysets
        entry = np.isin(ways.kind, kinds)
        counted = np.concatenate([[0], np.cumsum(entry)])
        joins = counted[ways.start[1:]] > counted[ways.start[:-1]]
        area = columns.tables["area"]
        serves, licensed = ~area.limited, ~area.licensed
        if state:
            serves[area.naming["states"].get(state, _NONE)] = True
            serves[area.naming["countries"].get("US", _NONE)] = True
            licensed[area.naming["licensed"].get(state, _NONE)] = True
        count += int((fits & joins[columns.wayset] & _value(columns, "area", serves & licensed)).sum())
    return count


# -- how near --------------------------------------------------------------------------------------------------------


def _dot(miles: float) -> float:
    """The product of two unit vectors so many miles apart."""
    return float(np.cos(miles / RADIUS_MILES))


def _near(points: Array, spots: Array) -> tuple[Array, Array]:
    """Which points have a spot within REACH_MILES, and which spots have a point; spots closer together than _TELLING
    are taken for one."""
    reached, used = np.zeros(len(points), bool), np.zeros(len(spots), bool)
    beside = np.flatnonzero(_beside(points, spots))
    if not len(beside):
        return reached, used
    _, first, same = np.unique(np.rint(spots[beside] / _TELLING).astype(np.int32) @ _ONE_NUMBER, return_index=True,
                               return_inverse=True)
    here, ends = spots[beside[first]], np.float32(_dot(REACH_MILES))
    back = np.zeros(len(here), bool)
    along = points[:, np.ptp(points, axis=0).argmax()].argsort()  # so that a stripe has few spots beside it
    for start in range(0, len(points), _AT_ONCE):
        stripe = along[start:start + _AT_ONCE]
        few = np.flatnonzero(_beside(points[stripe], here))
        close = points[stripe] @ here[few].T >= ends
        reached[stripe] = close.any(axis=1)
        back[few] |= close.any(axis=0)
    used[beside] = back[same]
    return reached, used


def _beside(points: Array, spots: Array) -> Array:
    """Which spots may be within REACH_MILES of a point: those in the box around all points and so much more."""
    if not len(points):
        return np.zeros(len(spots), bool)
    more = REACH_MILES / RADIUS_MILES
    found: Array = ((spots >= points.min(axis=0) - more) & (spots <= points.max(axis=0) + more)).all(axis=1)
    return found


def _around(middles: Array, spots: Array, starts: Array) -> tuple[Array, list[float | None]]:
    """Per middle, how many groups meet within REACH_MILES, and the miles to the nearest."""
    if not len(starts) or not len(middles):
        return np.zeros(len(middles), int), [None] * len(middles)
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(spots))))
    beside = np.flatnonzero(_beside(middles, spots))
    first = np.flatnonzero(np.diff(group[beside], prepend=-1))
    exact, ends = spots.astype(np.float64), _dot(REACH_MILES)
    counts, best = np.zeros(len(middles), int), []
    for start in range(0, len(middles), _FEW):
        some = middles[start:start + _FEW].astype(np.float64)
        products = some @ exact.T
        if len(first):
            close = products[:, beside] >= ends
            counts[start:start + _FEW] = np.logical_or.reduceat(close, first, axis=1).sum(axis=1)
        # Of two that are close, the product says too little: it is nearly 1 either way.
        chords = np.linalg.norm(exact[products.argmax(axis=1)] - some, axis=1)
        best += (2 * RADIUS_MILES * np.arcsin(np.minimum(chords / 2, 1.0))).tolist()
    return counts, best
