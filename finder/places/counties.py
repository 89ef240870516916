"""The counties of a state with their names and ZIP codes: outlines and gazetteer put together. Asks no network.

The outlines know numbers and no names, the gazetteer names and no shapes; a county is called what most ZIP codes that
lie in it say. Its people are those of its ZIP codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from finder.places import gazetteer, outlines, people
from finder.places.distance import unit_vectors
from finder.places.gazetteer import Zip
from finder.places.outlines import Array, on_plane

# ANSI INCITS 38:2009, the numbers by which counties begin; source: Census Bureau, "ANSI codes for states".
NUMBERS: Mapping[str, str] = dict(pair.split(":") for pair in (
    "AL:01 AK:02 AZ:04 AR:05 CA:06 CO:08 CT:09 DE:10 DC:11 FL:12 GA:13 HI:15 ID:16 IL:17 IN:18 IA:19 KS:20 KY:21 "
    "LA:22 ME:23 MD:24 MA:25 MI:26 MN:27 MS:28 MO:29 MT:30 NE:31 NV:32 NH:33 NJ:34 NM:35 NY:36 NC:37 ND:38 OH:39 "
    "OK:40 OR:41 PA:42 RI:44 SC:45 SD:46 TN:47 TX:48 UT:49 VT:50 VA:51 WA:53 WV:54 WI:55 WY:56 AS:60 GU:66 MP:69 "
    "PR:72 VI:78").split())


@dataclass(frozen=True, slots=True)
class County:
    """One county: its number, its name (empty where no ZIP code lies in it), its place among the outlines."""

    code: str
    name: str
    area: int


@dataclass(frozen=True, slots=True)
class Homes:
    """The ZIP codes of a state where people live: unit vectors (n x 3 float32), and how many live in each (int64)."""

    points: Array
    people: Array

    @property
    def counted(self) -> bool:
        """Whether numbers of people are known of this state."""
        return bool(self.people.any())


@dataclass(frozen=True, slots=True)
class Ground:
    """A state: its counties, the middle of each, and the homes of its people with the county each lies in.

    A middle is the median of the points of a county's ZIP codes, or of its outline where it has none. Points are unit
    vectors (n x 3 float32).
    """

    counties: Sequence[County]
    middles: Array
    homes: Homes
    county: Array  # per home, its place in `counties`


@cache
def of_state(state: str) -> Ground:
    """The counties of a state by its two letters, in the order of their numbers. Takes a moment, once a state."""
    areas, zips = outlines.load().counties, of_zips(state)
    chosen = [at for at, code in enumerate(areas.names) if code[:2] == NUMBERS.get(state)]
    chosen.sort(key=lambda at: areas.names[at])
    plane = on_plane(np.array([one.latitude for one in zips]), np.array([one.longitude for one in zips]))
    plane = plane.reshape(-1, 2)
    within = np.full(len(zips), -1)
    for place, area in enumerate(chosen):
        within[_inside(areas.rings[area], areas.boxes[area], plane)] = place
    middles = np.array([_middle(plane[within == place], areas.boxes[area]) for place, area in enumerate(chosen)])
    lost = np.flatnonzero(within < 0)  # a little off the shore, or a point across a border
    if len(lost) and len(chosen):
        away = np.abs(plane[lost, None] - middles[None]).sum(axis=2)
        within[lost] = away.argmin(axis=1)
    names = _names([[zips[one] for one in np.flatnonzero(within == place).tolist()] for place in range(len(chosen))])
    return Ground([County(areas.names[area], name, area) for area, name in zip(chosen, names, strict=True)],
                  _off_plane(middles.reshape(-1, 2)), homes_of(state), within[_lived_in(state)])


@cache
def homes_of(state: str) -> Homes:
    """Where the people of a state live: the ZIP codes with people, or all standard ones where none were counted."""
    lived_in, zips = _lived_in(state), of_zips(state)
    chosen = [zips[one] for one in np.flatnonzero(lived_in).tolist()]
    return Homes(unit_vectors(np.array([one.latitude for one in chosen]), np.array([one.longitude for one in chosen])),
                 people.of_zips([one.code for one in chosen]))


def _lived_in(state: str) -> Array:
    zips = of_zips(state)
    settled: Array = people.of_zips([one.code for one in zips]) > 0
    return settled if settled.any() else np.array([one.standard for one in zips], bool)


@cache
def of_zips(state: str) -> Sequence[Zip]:
    """All ZIP codes of a state."""
    return tuple(one for one in gazetteer.load().zips.values() if one.state == state)


def _inside(rings: Sequence[Array], box: Array, points: Array) -> Array:
    """Which points of the plane lie in an area, by the even-odd rule."""
    near = np.flatnonzero((points[:, 0] >= box[0]) & (points[:, 0] <= box[2])
                          & (points[:, 1] >= box[1]) & (points[:, 1] <= box[3]))
    x, y = points[near, :1], points[near, 1:]
    crossings = np.zeros(len(near), int)
    for ring in rings:
        one, two = ring, np.roll(ring, -1, axis=0)
        over = (one[:, 1] > y) != (two[:, 1] > y)
        rise = np.where(one[:, 1] == two[:, 1], 1.0, two[:, 1] - one[:, 1])
        at = one[:, 0] + (y - one[:, 1]) / rise * (two[:, 0] - one[:, 0])
        crossings += (over & (at > x)).sum(axis=1)
    found: Array = near[crossings % 2 == 1]
    return found


def _middle(points: Array, box: Array) -> Array:
    found: Array = np.median(points, axis=0) if len(points) else (box[:2] + box[2:]) / 2
    return found


def _off_plane(points: Array) -> Array:
    """Points of the plane of web maps as unit vectors."""
    latitudes = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * points[:, 1]))))
    return unit_vectors(latitudes, points[:, 0] * 360 - 180)


def _names(held: Sequence[Sequence[Zip]]) -> list[str]:
    """What to call each county. Two never share a name: the one with more ZIP codes of that name has it."""
    votes = [Counter(one.county for one in zips if one.county) for zips in held]
    order = sorted(((-count, place, name) for place, found in enumerate(votes) for name, count in found.items()))
    names, taken = [""] * len(held), set()
    for _, place, name in order:
        if not names[place] and name.casefold() not in taken:
            names[place] = name
            taken.add(name.casefold())
    return names
