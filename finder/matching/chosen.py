"""The way to attend that reach and schedule were taken from, for the few rows that are shown.

Scores do not depend on this file: the engine has already taken the best value; here the same class tables name the
way that gave it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from finder.matching import ways
from finder.matching.columns import IN_PERSON, KINDS, Columns
from finder.matching.engine import Found
from finder.matching.ruleset import RADIUS_SLACK
from finder.matching.traits import ACCESS, Array
from finder.matching.types import Need
from finder.places.distance import chord_miles, unit_vector
from finder.schedules.recurrence import Rule

Point = tuple[float, float]
Start = tuple[float, str]  # seconds since 1970, and the moment in writing with the offset of the session's zone
_RIDE = ACCESS.index("ride_help")
_NOISE = 1e-12
_HYBRID, _SLOT = len(KINDS), 2 * len(KINDS)  # how a class is numbered, see `ways`


class Way(NamedTuple):
    """One way to attend, with what the rules made of it.

    `slots` are bits, None where the time is not stated; `miles`, by the fast
    formula, is None unless it meets in person at a known distance;
    `starts` the next starts, earliest first, none for anytime and unknown.
    """

    kind: str
    hybrid: bool
    chosen: bool
    slots: int | None
    reach: float
    schedule: float
    miles: float | None
    point: Point | None  # latitude and longitude, to about a yard, where `miles` is known
    rule: Rule | None
    starts: tuple[Start, ...]


class Offers(NamedTuple):
    """The ways to attend of one row, as the columns hold them."""

    ways: tuple[tuple[int, bool, int], ...]  # kind, hybrid, schedule
    points: tuple[Point | None, ...]  # per way; says nothing about remote ones and unknown places
    ride: bool  # helps with the ride
    scattered: slice | None  # its ways in `columns.scattered`, for a program with several places


def offers_of(columns: Columns, row: int) -> Offers:
    """What a row offers; the same for every search over these columns."""
    number = int(columns.wayset[row])
    mine = slice(int(columns.waysets.start[number]), int(columns.waysets.start[number + 1]))
    kinds = columns.waysets.kind[mine].tolist()
    entries = zip(kinds, columns.waysets.hybrid[mine].tolist(), columns.waysets.schedule[mine].tolist(), strict=True)
    scattered = _scattered(columns, row)
    if scattered is None:
        here = _point(columns.xyz[row]) if IN_PERSON in kinds else None
        points = [here if kind == IN_PERSON else None for kind in kinds]
    else:
        points = [_point(vector) for vector in columns.scattered.xyz[scattered]]
    return Offers(tuple(entries), tuple(points), _helps_with_ride(columns, row), scattered)


def _scattered(columns: Columns, row: int) -> slice | None:
    scattered = columns.scattered
    at = int(scattered.row.searchsorted(row))
    if at == len(scattered.row) or scattered.row[at] != row:
        return None
    return slice(int(scattered.start[at]), int(scattered.start[at + 1]))


def _point(vector: Array) -> Point:
    x, y, z = vector.tolist()
    return (round(math.degrees(math.atan2(z, math.hypot(x, y))), 5), round(math.degrees(math.atan2(y, x)), 5))


def _helps_with_ride(columns: Columns, row: int) -> bool:
    for key in columns.keys:
        if "access" in key.values:
            value = key.values["access"][key.rows[row]]
            return bool(columns.tables["access"].answer[value, _RIDE] == 1)
    return False


def way(found: Found, index: int) -> Way | None:
    """The chosen way of one passing row (by its place in `found.rows`); None for a program without sessions."""
    return chosen_ways(found, [index], [offers_of(found.columns, int(found.rows[index]))])[0]


def chosen_ways(found: Found, indexes: Sequence[int], offers: Sequence[Offers]) -> list[Way | None]:
    """The chosen way of passing rows, given by their places in `found.rows` with what they offer."""
    at = np.array(indexes, np.int64)
    miles = found.miles(at)
    page = _Page(found)
    # As one array: NumPy's own powers differ from those of `math` in the last bit, and scores are made of these.
    reach = ways.in_person_reach(found.need, miles)
    return [page.best(*one) for one in zip(offers, miles.tolist(), reach.tolist(), found.remote[at].tolist(),
                                           found.shut[at].tolist(), strict=True)]


def farthest(need: Need) -> float:
    """Miles beyond which a way in person is too far, as in `ways.too_far`."""
    return math.inf if need.radius_miles is None else need.radius_miles * RADIUS_SLACK


class _Page:
    """What the rows of one page share: the search, and the classes of ways met so far."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.need, self.judged = found.need, found.judged
        self.farthest = farthest(found.need)
        self.slots, self.of_class = found.pack.slots, found.judged.of_class

    def best(self, offers: Offers, miles: float, reach: float, remote: bool, shut: int) -> Way | None:
        """The best way of one row among those that are open; the first of equals."""
        every = (self._places(offers.scattered) if offers.scattered is not None and not remote
                 else [(miles, reach)] * len(offers.ways))
        weigh_reach, weigh_schedule = self.judged.weight_reach, self.judged.weight_schedule
        found, most = None, -math.inf
        for place, (kind, hybrid, schedule) in enumerate(offers.ways):
            here = kind == IN_PERSON
            if remote == here or (every[place][0] > self.farthest if here else shut >> kind & 1):
                continue
            slots = self.slots[schedule]
            judged = self.of_class(kind + _HYBRID * hybrid + _SLOT * slots)
            if judged is None:
                continue
            in_time, chosen, worth = judged
            if here:
                worth = self._in_person(chosen, offers.ride, *every[place])
            value = weigh_reach * worth + weigh_schedule * in_time
            if found is None or value > most + _NOISE:
                found, most = (place, slots, chosen, worth, in_time), value
        return None if found is None else self._way(offers, every[found[0]][0], *found)

    def _in_person(self, chosen: bool, ride: bool, miles: float, reach: float) -> float:
        if not chosen:
            return ways.NOT_CHOSEN_IN_PERSON
        return min(reach + ways.RIDE_HELP, 1.0) if ride and miles == miles else reach  # NaN is not itself

    def _places(self, mine: slice) -> list[tuple[float, float]]:
        """Distance and reach of each way of a program with several places."""
        scattered, place = self.found.columns.scattered, self.need.place
        miles = np.full(mine.stop - mine.start, np.nan)
        if place is not None:
            origin = unit_vector(place.latitude, place.longitude)
            miles = chord_miles(scattered.xyz[mine], origin).astype(float)
            miles[~scattered.known[mine]] = np.nan
        return list(zip(miles.tolist(), ways.in_person_reach(self.need, miles).tolist(), strict=True))

    def _way(self, offers: Offers, miles: float, place: int, slots: int, chosen: bool, reach: float,
             in_time: float) -> Way:
        kind, hybrid, schedule = offers.ways[place]
        columns = self.found.columns
        near = kind == IN_PERSON and miles == miles
        starts = columns.moments.get(schedule)
        if starts is None:
            starts = columns.moments[schedule] = tuple(
                (one.timestamp(), one.isoformat()) for one in columns.starts[schedule])
        return Way(KINDS[kind], hybrid, chosen, None if slots >= ways.NO_TIME else slots, reach, in_time,
                   miles if near else None, offers.points[place] if near else None,
                   columns.schedules[schedule][0], starts)
