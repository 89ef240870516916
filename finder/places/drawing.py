"""A piece of the land as shapes for a drawing: which piece, where a point lies in it, and the paths of its outlines.

Numbers of a drawing are whole units; `WIDE` by `HIGH` of them fill a frame. No words and no colors here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np

from finder.places.gazetteer import Gazetteer
from finder.places.outlines import COUNTY, MOST_NORTH, STATE, Areas, Array, Outlines, on_plane, on_plane_alone

WIDE, HIGH = 640, 460
MARGIN = 60  # units kept free around what a frame must hold, so that no number stands at its edge
EQUATOR_MILES = 24_901.461  # WGS 84
COUNTIES_UP_TO_MILES = 400.0  # in a wider frame county lines would be a gray haze
EDGE = 6  # the same around areas that are drawn by themselves
GRAINS = ((900.0, 3), (150.0, 2), (0.0, 1))  # from so many miles of width on, outlines go by so many units
# A point that lies off the line through its neighbors by less than this many grains is let go; in so many rounds.
STRAIGHT, SMOOTHINGS = 0.8, 3
# Where areas are cut: a little outside, so that no outline runs along the edge.
EDGES = ((0, -9.0, 1), (0, WIDE + 9.0, -1), (1, -9.0, 1), (1, HIGH + 9.0, -1))
LEAST_MILES = 8.0  # the least width of a frame: a street map would be needed to say more

Spot = tuple[float, float]  # latitude and longitude, in degrees


@dataclass(frozen=True, slots=True)
class Frame:
    """A window on the plane of web maps: its western and northern edge and its width there."""

    west: float
    north: float
    width: float

    @property
    def height(self) -> float:
        return self.width * HIGH / WIDE

    @property
    def miles(self) -> float:
        """How wide it is, measured along its middle."""
        middle = np.pi * (1 - 2 * (self.north + self.height / 2))
        return float(self.width * EQUATOR_MILES / np.cosh(middle))

    def units(self, points: Array) -> Array:
        """Points of the plane in units of the drawing."""
        return (points - (self.west, self.north)) * (WIDE / self.width)

    def spot(self, spot: Spot) -> tuple[int, int]:
        """A point in degrees in units of the drawing."""
        x, y = on_plane_alone(*spot)
        scale = WIDE / self.width
        return round((x - self.west) * scale), round((y - self.north) * scale)

    def holds(self, spot: Spot) -> bool:
        """Whether a point in degrees lies in it."""
        x, y = self.spot(spot)
        return 0 <= x <= WIDE and 0 <= y <= HIGH

    def length(self, miles: float, latitude: float) -> int:
        """Some miles in units, at a latitude."""
        return round(_on_plane_miles(miles, latitude) * WIDE / self.width)


def _on_plane_miles(miles: float, latitude: float) -> float:
    return miles / (EQUATOR_MILES * cos(radians(min(abs(latitude), MOST_NORTH))))


def frame_of(spots: Sequence[Spot], *, ring_miles: float = 0.0, least_miles: float = LEAST_MILES) -> Frame:
    """The smallest frame around some points, at least one, and around a ring of so many miles about the first."""
    places = np.array(spots, float)
    held = on_plane(places[:, 0], places[:, 1])
    reach = _on_plane_miles(ring_miles, spots[0][0])
    low = np.minimum(held.min(axis=0), held[0] - reach)
    high = np.maximum(held.max(axis=0), held[0] + reach)
    free = (WIDE - 2 * MARGIN, HIGH - 2 * MARGIN)
    scale = max((high - low) / free)  # of one unit, on the plane
    middle = (low + high) / 2
    width = min(max(float(scale * WIDE), _on_plane_miles(least_miles, float(places[:, 0].mean()))), 1.0)
    west, north = middle - np.array([width, width * HIGH / WIDE]) / 2
    return Frame(float(west), float(north), width)


@dataclass(frozen=True, slots=True)
class Land:
    """The `d` of SVG paths; empty where a frame shows nothing of the kind."""

    land: str
    home: str  # the county of the point that was named
    counties: str
    states: str


def land(frame: Frame, outlines: Outlines, home: Spot | None = None) -> Land:
    """The outlines in a frame: land to fill, the county of `home`, and the lines between counties and states."""
    miles = frame.miles
    grain = next(units for width, units in GRAINS if miles >= width)
    seen = _seen(frame, outlines.boxes)
    lines = {kind: _open_paths(frame, [outlines.lines[one] for one in
                                       np.flatnonzero(seen & (outlines.divides == kind)).tolist()], grain)
             for kind in (STATE, COUNTY) if kind == STATE or miles <= COUNTIES_UP_TO_MILES}
    areas = np.flatnonzero(_seen(frame, outlines.states.boxes)).tolist()
    county = _holding(outlines.counties, home) if home and COUNTY in lines else None
    return Land(_filled(frame, outlines.states, areas, grain),
                "" if county is None else _filled(frame, outlines.counties, [county], grain),
                lines.get(COUNTY, ""), lines[STATE])


Window = tuple[int, int, int, int]  # left, top, width and height, in units


def frame_around(areas: Areas, chosen: Sequence[int]) -> tuple[Frame, Window]:
    """The smallest frame around some areas, at least one, and the part of it that they take up. Of islands on the far
    side of the date line, as Alaska has some, those west of it are left out."""
    boxes = np.concatenate([areas.ring_boxes[one] for one in chosen])
    near = boxes[boxes[:, 0] < 0.5] if (boxes[:, 0] < 0.25).any() else boxes
    low, high = near[:, :2].min(axis=0), near[:, 2:].max(axis=0)
    free = (WIDE - 2 * EDGE, HIGH - 2 * EDGE)
    width = float(max((high - low) / free) * WIDE)
    west, north = (low + high) / 2 - np.array([width, width * HIGH / WIDE]) / 2
    frame = Frame(float(west), float(north), width)
    (left, top), (right, bottom) = np.rint(frame.units(np.array([low, high]))).astype(int).tolist()
    return frame, (left - EDGE, top - EDGE, right - left + 2 * EDGE, bottom - top + 2 * EDGE)


def shapes(frame: Frame, areas: Areas, chosen: Sequence[int]) -> list[str]:
    """A path for each of some areas, to be filled one by one; so fine that neighbors leave no gap to be seen."""
    return [_filled(frame, areas, [one], 1) for one in chosen]


def _seen(frame: Frame, boxes: Array) -> Array:
    found: Array = ((boxes[:, 0] <= frame.west + frame.width) & (boxes[:, 2] >= frame.west)
                    & (boxes[:, 1] <= frame.north + frame.height) & (boxes[:, 3] >= frame.north))
    return found


def _holding(areas: Areas, spot: Spot) -> int | None:
    """The number of the area a point lies in; None at sea."""
    x, y = on_plane(np.array([spot[0]]), np.array([spot[1]]))[0]
    boxes = areas.boxes
    near = (boxes[:, 0] <= x) & (boxes[:, 2] >= x) & (boxes[:, 1] <= y) & (boxes[:, 3] >= y)
    for area in np.flatnonzero(near).tolist():
        if sum(_crossings(ring, x, y) for ring in areas.rings[area]) % 2:
            return int(area)
    return None


def _crossings(ring: Array, x: float, y: float) -> int:
    """How often a ring crosses the ray from a point to the east: odd means that it is inside."""
    after = np.roll(ring, -1, axis=0)
    over = (ring[:, 1] > y) != (after[:, 1] > y)
    one, two = ring[over], after[over]
    at = one[:, 0] + (y - one[:, 1]) / (two[:, 1] - one[:, 1]) * (two[:, 0] - one[:, 0])
    return int((at > x).sum())


def _filled(frame: Frame, areas: Areas, chosen: Sequence[int], grain: int) -> str:
    """Closed paths of the rings of some areas, cut to a little more than the frame; specks are left out."""
    if not chosen:
        return ""
    rings = [ring for area in chosen for ring in areas.rings[area]]
    boxes = frame.units(np.concatenate([areas.ring_boxes[area] for area in chosen]).reshape(-1, 2, 2))
    low, high = boxes[:, 0], boxes[:, 1]
    shown = (high >= 0).all(axis=1) & (low <= (WIDE, HIGH)).all(axis=1) & (high - low >= grain).any(axis=1)
    kept = []
    for number in np.flatnonzero(shown).tolist():
        points = frame.units(rings[number])
        for axis, limit, keep in EDGES:
            if (low[number, axis] < limit) if keep > 0 else (high[number, axis] > limit):
                points = _cut(points, axis, limit, keep)
        if len(points) > 2:  # an area needs three corners
            kept.append(points)
    return _paths(kept, grain, "z")


def _cut(points: Array, axis: int, limit: float, keep: int) -> Array:
    """A closed run of points cut along one edge (Sutherland and Hodgman, 1974)."""
    if not len(points):
        return points
    inside = keep * (points[:, axis] - limit) >= 0
    if inside.all():
        return points
    after, inside_after = np.roll(points, -1, axis=0), np.roll(inside, -1)
    crosses = inside != inside_after
    span = np.where(crosses, after[:, axis] - points[:, axis], 1.0)
    hits = points + ((limit - points[:, axis]) / span)[:, None] * (after - points)
    found: Array = np.stack([hits, after], axis=1)[np.stack([crosses, inside_after], axis=1)]
    return found


def _open_paths(frame: Frame, lines: Sequence[Array], grain: int) -> str:
    """The paths of the pieces of lines that may be seen."""
    if not lines:
        return ""
    points = frame.units(np.concatenate(lines))
    one, two = points[:-1], points[1:]
    both = (np.maximum(one, two) >= 0) & (np.minimum(one, two) <= (WIDE, HIGH))
    seen: Array = both[:, 0] & both[:, 1]
    seen[np.cumsum([len(line) for line in lines[:-1]], dtype=np.int64) - 1] = False  # from one line to the next
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8))).reshape(-1, 2)
    return _paths([points[first:last + 1] for first, last in edges.tolist()], grain)


def _paths(runs: Sequence[Array], grain: int, end: str = "") -> str:
    """Runs of points as one path of steps between whole units; points that do not bend it are left out."""
    if not runs:
        return ""
    whole = np.rint(np.concatenate(runs) / grain).astype(np.int64) * grain
    run = np.repeat(np.arange(len(runs)), [len(one) for one in runs])
    moves = np.concatenate([[True], (whole[1:] != whole[:-1]).any(axis=1) | (run[1:] != run[:-1])])
    whole, run = whole[moves], run[moves]
    for turn in range(SMOOTHINGS):
        kept = _bends(whole, run, grain * STRAIGHT, turn)
        whole, run = whole[kept], run[kept]
    starts = np.flatnonzero(np.diff(run, prepend=-1)).tolist()
    steps = np.diff(whole, axis=0, prepend=0)
    steps[starts] = whole[starts]
    words = [f"{x} {y}" for x, y in steps.tolist()]
    least = 3 if end else 2
    path = "".join(f"M{words[first]}l{' '.join(words[first + 1:last])}{end}"
                   for first, last in zip(starts, [*starts[1:], len(words)], strict=True) if last - first >= least)
    return path.replace(" -", "-")  # a sign parts two numbers as well as a space


def _bends(points: Array, run: Array, straight: float, turn: int) -> Array:
    """Which points bend their line by more than so many units; of two neighbors only one is let go at a time."""
    steps = np.diff(points, axis=0)
    chord = steps[:-1] + steps[1:]
    off = np.abs(steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0])
    inside = (run[2:] == run[1:-1]) & (run[1:-1] == run[:-2])
    flat = inside & (off <= straight * np.hypot(chord[:, 0], chord[:, 1])) & chord.any(axis=1)
    flat[(np.arange(len(flat)) + turn) % 2 == 0] = False
    kept: Array = np.concatenate([[True], ~flat, [True]]) if len(points) > 2 else np.ones(len(points), bool)
    return kept


@dataclass(frozen=True, slots=True)
class Town:
    """A town to be named in a frame: its state and where it lies, in units."""

    name: str
    state: str
    x: int
    y: int


def towns(frame: Frame, gazetteer: Gazetteer, most: int) -> list[Town]:
    """The towns in a frame, the larger ones (by ZIP codes) first."""
    cities = gazetteer.towns
    x, y = gazetteer.town_points[:, 0], gazetteer.town_points[:, 1]
    inside = np.flatnonzero((x > frame.west) & (x < frame.west + frame.width)
                            & (y > frame.north) & (y < frame.north + frame.height))[:most]
    units = np.rint(frame.units(gazetteer.town_points[inside])).astype(int).tolist()
    return [Town(cities[one].name, cities[one].state, *spot) for one, spot in zip(inside.tolist(), units, strict=True)]
