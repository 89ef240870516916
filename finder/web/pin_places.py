"""Where numbers and names go on a map, so that none covers another. Plain geometry in the units of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

PIN = 28  # radius of a number: on the smallest phone the target is wider than the 24 pixels of WCAG 2.5.8
PITCH = 2 * PIN + 2
STEP = PITCH // 2  # how finely a place beside is looked for
DOT = 15  # half of the room that the reader's own place takes
LETTER, LINE = 13, 30  # about the width of a letter and the height of a line of names

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that something fills."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around_pin(cls, x: float, y: float) -> Box:
        return cls(x - PIN, y - PIN, x + PIN, y + PIN)

    def meets(self, other: Box) -> bool:
        """Whether the two share any room."""
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)


def _steps(wide: int, high: int) -> list[Point]:
    """Ways to step aside, the shortest first; of equal ones sideways goes before down and down before up."""
    reach = range(-(max(wide, high) // STEP), max(wide, high) // STEP + 1)
    found = [(x * STEP, y * STEP) for x in reach for y in reach]
    return sorted(found, key=lambda step: (hypot(*step), abs(step[1]), -step[1], -step[0]))


_STEPS = _steps(640, 460)


def arranged(wanted: Sequence[Point], wide: int, high: int, free: Point | None = None) -> list[Point]:
    """The places of numbers that want to be at some points, in the same order, none over another and all on the map.

    A number stays where it is if nothing is there; else it steps aside as little as it can, those that come first in
    the list before the others. `free` is a point that no number is to cover.
    """
    placed: list[Point] = []
    for x, y in wanted:
        at = min(max(x, PIN), wide - PIN), min(max(y, PIN), high - PIN)
        places = ((at[0] + dx, at[1] + dy) for dx, dy in _STEPS)
        placed.append(next((one for one in places if _fits(one, placed, wide, high, free)), at))
    return placed


def _fits(place: Point, placed: Sequence[Point], wide: int, high: int, free: Point | None) -> bool:
    x, y = place
    if not (PIN <= x <= wide - PIN and PIN <= y <= high - PIN):
        return False
    if free and (x - free[0]) ** 2 + (y - free[1]) ** 2 < (PIN + DOT) ** 2:
        return False
    return all((x - other[0]) ** 2 + (y - other[1]) ** 2 >= PITCH ** 2 for other in placed)


def room_for(words: str, x: int, y: int, taken: list[Box], *, wide: int, high: int) -> Point | None:
    """Where the middle of a name's line fits: under, over or on its point. None when it would cover what is there.

    The room it gets is added to what is taken.
    """
    half = len(words) * LETTER / 2 + 6
    for middle in (y + PIN + LINE / 2, y - PIN - LINE / 2, y):
        box = Box(x - half, middle - LINE / 2, x + half, middle + LINE / 2)
        inside = box.left >= 0 and box.top >= 0 and box.right <= wide and box.bottom <= high
        if inside and not any(box.meets(one) for one in taken):
            taken.append(box)
            return x, round(middle)
    return None
