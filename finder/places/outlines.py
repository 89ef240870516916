"""The outlines of states and counties as they ship with Finder, on the plane of web maps. Asks no network.

Where they come from, and how to make them again, stands in outlines.txt beside this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FILE = Path(__file__).with_name("outlines.npz")
STATE, COUNTY = 1, 2  # what a line divides; a line with land on one side only is a coast
MOST_NORTH = 85.0511287798  # degrees; the square of web maps ends there


def on_plane(latitudes: Array, longitudes: Array) -> Array:
    """Points in degrees (n x 2 float64) on the square of web maps: x to the east and y to the south, both 0 to 1.

    Web Mercator (EPSG:3857) keeps angles, so that a circle of some miles is drawn as a circle, and map tiles fit.
    """
    radians = np.radians(np.clip(latitudes, -MOST_NORTH, MOST_NORTH))
    return np.stack([(np.asarray(longitudes) + 180) / 360, (1 - np.arcsinh(np.tan(radians)) / np.pi) / 2], axis=-1)


def on_plane_alone(latitude: float, longitude: float) -> tuple[float, float]:
    """The same of one point; arrays would take ten times as long over it."""
    north = math.radians(min(max(latitude, -MOST_NORTH), MOST_NORTH))
    return (longitude + 180) / 360, (1 - math.asinh(math.tan(north)) / math.pi) / 2


@dataclass(frozen=True, slots=True)
class Areas:
    """States or counties: per area its rings, each a closed run of points, and the box around all of them.

    Outer rings and holes are alike; the even-odd rule tells them apart.
    """

    names: Sequence[str]  # two letters of a state, the five digits of a county
    rings: Sequence[Sequence[Array]]
    boxes: Array  # west, north, east, south
    ring_boxes: Sequence[Array]  # the same of each ring of an area


@dataclass(frozen=True, slots=True)
class Outlines:
    """Lines that stand once each, with what they divide, and the areas made of them."""

    lines: Sequence[Array]
    divides: Array
    boxes: Array
    states: Areas
    counties: Areas


@cache
def load() -> Outlines:
    """The outlines. Takes a tenth of a second, once."""
    with np.load(FILE, allow_pickle=False) as held:
        file = {name: held[name] for name in held.files}
    points, starts = _points(file), file["starts"][:-1]
    lines = np.split(points, starts[1:])
    divides = file["divides"].tolist()
    borders = joined([line for line, kind in zip(lines, divides, strict=True) if kind == STATE])
    others = [(line, kind) for line, kind in zip(lines, divides, strict=True) if kind != STATE]
    drawn = [*borders, *(line for line, _ in others)]
    first = np.cumsum([0, *map(len, drawn)])[:-1]
    return Outlines(drawn, np.array([STATE] * len(borders) + [kind for _, kind in others]),
                    _boxes(np.concatenate(drawn), first),
                    _areas(lines, file, "state", [one.decode() for one in file["states"].tolist()]),
                    _areas(lines, file, "county", [f"{one:05}" for one in file["counties"].tolist()]))


def joined(lines: Sequence[Array]) -> list[Array]:
    """The same lines in fewer pieces: one that begins or ends where another does goes on in it. Each is walked once.

    The file parts them wherever a county begins; a drawing of states needs no such joints.
    """
    ends: dict[tuple[float, float], list[int]] = {}
    for number, line in enumerate(lines):
        for tip in (line[0], line[-1]):
            ends.setdefault((tip[0], tip[1]), []).append(number)
    left, made = dict.fromkeys(range(len(lines))), []
    while left:
        first = next(iter(left))
        del left[first]
        pieces = [lines[first]]
        for forward in (True, False):
            while (found := _next(pieces[-1 if forward else 0][-1 if forward else 0], ends, left)) is not None:
                piece = lines[found]
                del left[found]
                tip = pieces[-1][-1] if forward else pieces[0][0]
                if (piece[0 if forward else -1] != tip).any():
                    piece = piece[::-1]
                pieces.insert(len(pieces) if forward else 0, piece)
        made.append(np.concatenate([*(one[:-1] for one in pieces[:-1]), pieces[-1]]))
    return made


def _next(tip: Array, ends: Mapping[tuple[float, float], list[int]], left: Mapping[int, None]) -> int | None:
    return next((one for one in ends[tip[0], tip[1]] if one in left), None)


def _points(file: Mapping[str, Array]) -> Array:
    """The points of all lines, one after another: each line starts with a point, then come steps from it."""
    steps, starts = file["steps"].astype(np.int64), file["starts"]
    walked = np.cumsum(steps, axis=0)
    before = walked[starts[:-1]] - steps[starts[:-1]]
    degrees = (walked - np.repeat(before, np.diff(starts), axis=0)) * file["scale"] + file["corner"]
    return on_plane(degrees[:, 1], degrees[:, 0])


def _areas(lines: Sequence[Array], file: Mapping[str, Array], kind: str, names: Sequence[str]) -> Areas:
    rings = [_ring(lines, numbers) for numbers in np.split(file[f"{kind}_lines"], file[f"{kind}_rings"][1:-1])]
    starts = file[f"{kind}_starts"]
    lengths = np.cumsum([0, *map(len, rings)])
    points, spans = np.concatenate(rings), starts.tolist()
    return Areas(names, [rings[first:last] for first, last in zip(spans, spans[1:], strict=False)],
                 _boxes(points, lengths[starts[:-1]]), np.split(_boxes(points, lengths[:-1]), spans[1:-1]))


def _ring(lines: Sequence[Array], numbers: Array) -> Array:
    """The points of a ring; a line with a negative number n is line -1 - n walked backward (TopoJSON, 2.1.4)."""
    return np.concatenate([lines[one][:-1] if one >= 0 else lines[-1 - one][:0:-1] for one in numbers.tolist()])


def _boxes(points: Array, starts: Array) -> Array:
    """The box around each run of points: west, north, east, south."""
    return np.concatenate([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)], axis=1)
