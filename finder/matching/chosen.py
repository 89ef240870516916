"""The way to attend that reach and schedule were taken from, for the few rows that are shown.

Scores do not depend on this file: the engine has already taken the best value; here the same class tables name the
way that gave it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from finder.matching import ways
from finder.matching.columns import IN_PERSON, KINDS
from finder.matching.engine import Found
from finder.matching.traits import ACCESS, Array
from finder.places.distance import chord_miles, unit_vectors
from finder.schedules.recurrence import Rule


@dataclass(frozen=True, slots=True)
class Way:
    """One way to attend, with what the rules made of it.

    `slots` are bits, None where the time is not stated; `miles`, by the fast
    formula, is None unless it meets in person at a known distance;
    `starts` the next start times, earliest first, none for anytime and unknown.
    """

    kind: str
    hybrid: bool
    chosen: bool
    slots: int | None
    reach: float
    schedule: float
    miles: float | None
    point: tuple[float, float] | None  # latitude and longitude, to about a yard, where `miles` is known
    rule: Rule | None
    starts: tuple[datetime, ...]


def way(found: Found, index: int) -> Way | None:
    """The chosen way of one passing row (by its place in `found.rows`); None for a program without sessions."""
    columns, row = found.columns, int(found.rows[index])
    number = int(columns.wayset[row])
    first, last = int(columns.waysets.start[number]), int(columns.waysets.start[number + 1])
    miles, points = _places(found, index, last - first)
    best: tuple[float, Way] | None = None
    for place in range(last - first):
        kind = int(columns.waysets.kind[first + place])
        if bool(found.remote[index]) == (kind == IN_PERSON) or not _open(found, index, kind, miles[place]):
            continue
        mine = _way(found, index, first + place, miles[place], points[place])
        if mine is not None and (best is None or mine[0] > best[0] + 1e-12):
            best = mine
    return None if best is None else best[1]


def _places(found: Found, index: int, count: int) -> tuple[list[float], Array]:
    """Distance and unit vector of each way; only programs with several places have more than one."""
    columns, row = found.columns, int(found.rows[index])
    scattered = columns.scattered
    at = int(np.searchsorted(scattered.row, row))
    if at == len(scattered.row) or scattered.row[at] != row or found.need.place is None:
        return [float(found.miles(np.array([index]))[0])] * count, np.repeat(columns.xyz[row : row + 1], count, axis=0)
    mine = slice(int(scattered.start[at]), int(scattered.start[at + 1]))
    place = found.need.place
    origin = unit_vectors(np.array([place.latitude]), np.array([place.longitude]))[0]
    miles = chord_miles(scattered.xyz[mine], origin).astype(float)
    miles[~scattered.known[mine]] = np.nan
    return miles.tolist(), scattered.xyz[mine]


def _point(vector: Array) -> tuple[float, float]:
    x, y, z = (float(one) for one in vector)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _open(found: Found, index: int, kind: int, miles: float) -> bool:
    """Whether nothing shuts this way: the far part of `shut` is judged anew, since each way has its own distance."""
    if kind == IN_PERSON:
        return not ways.too_far(found.need, np.array([miles]))[0]
    return not found.shut[index] >> kind & 1


def _way(found: Found, index: int, at: int, miles: float, vector: Array) -> tuple[float, Way] | None:
    columns, judged = found.columns, found.judged
    kind, hybrid = int(columns.waysets.kind[at]), bool(columns.waysets.hybrid[at])
    schedule = int(columns.waysets.schedule[at])
    slot_code = int(found.pack.slot_codes[schedule])
    number = kind + len(KINDS) * hybrid + 2 * len(KINDS) * slot_code
    if judged.class_fails[number]:
        return None
    in_time = float(judged.class_schedule[number])
    is_chosen = bool(judged.class_chosen[number])
    if kind == IN_PERSON:
        reach = _in_person_reach(found, index, miles) if is_chosen else ways.NOT_CHOSEN_IN_PERSON
    else:
        reach = (float(judged.class_remote[number]) - judged.weight_schedule * in_time) / judged.weight_reach
    near = kind == IN_PERSON and not np.isnan(miles)
    value = judged.weight_reach * reach + judged.weight_schedule * in_time
    return value, Way(
        KINDS[kind], hybrid, is_chosen, None if slot_code >= ways.NO_TIME else slot_code, reach, in_time,
        miles if near else None, _point(vector) if near else None,
        columns.schedules[schedule][0], columns.starts[schedule])


_RIDE = ACCESS.index("ride_help")


def _in_person_reach(found: Found, index: int, miles: float) -> float:
    reach = float(ways.in_person_reach(found.need, np.array([miles]))[0])
    if np.isnan(miles):
        return reach
    answers = found.columns.tables["access"].answer[found.values("access", found.rows[index : index + 1])[0]]
    return min(reach + ways.RIDE_HELP, 1.0) if answers[_RIDE] == 1 else reach
