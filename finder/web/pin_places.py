"""Where numbers and names go on a map, so that none covers another. Plain geometry in the units of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PIN = 28  # radius of a number: on the smallest phone the target is wider than the 24 pixels of WCAG 2.5.8
PITCH = 2 * PIN + 2
IN_A_ROW = 4
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


@dataclass(frozen=True, slots=True)
class _Heap:
    """Numbers that would cover each other, laid side by side in rows about the middle of where they belong."""

    members: tuple[int, ...]
    x: float
    y: float

    @property
    def box(self) -> Box:
        columns = min(len(self.members), IN_A_ROW)
        rows = -(-len(self.members) // IN_A_ROW)
        half_wide, half_high = columns * PITCH / 2, rows * PITCH / 2
        return Box(self.x - half_wide, self.y - half_high, self.x + half_wide, self.y + half_high)

    def settled(self, wide: int, high: int, free: Point | None) -> _Heap:
        """The heap moved so that all of it is on the map and a point that is to stay in sight is not under it."""
        heap = self._inside(wide, high)
        if free is None or not heap.box.meets(Box(free[0] - DOT, free[1] - DOT, free[0] + DOT, free[1] + DOT)):
            return heap
        half = (heap.box.bottom - heap.box.top) / 2 + DOT
        below = free[1] + half <= high - half + DOT and (heap.y >= free[1] or free[1] < 2 * half)
        return _Heap(heap.members, heap.x, free[1] + half if below else free[1] - half)._inside(wide, high)

    def _inside(self, wide: int, high: int) -> _Heap:
        box = self.box
        x = self.x + max(0.0, -box.left) - max(0.0, box.right - wide)
        y = self.y + max(0.0, -box.top) - max(0.0, box.bottom - high)
        return _Heap(self.members, x, y)

    def places(self) -> list[tuple[int, Point]]:
        """Each member with its place: in rows from the start, the last row in the middle."""
        box, found = self.box, []
        for row in range(0, len(self.members), IN_A_ROW):
            line = self.members[row:row + IN_A_ROW]
            top = box.top + PITCH * (row // IN_A_ROW + .5)
            left = self.x - len(line) * PITCH / 2
            found += [(one, (round(left + PITCH * (at + .5)), round(top))) for at, one in enumerate(line)]
        return found


def arranged(wanted: Sequence[Point], wide: int, high: int, free: Point | None = None) -> list[Point]:
    """The places of numbers that want to be at some points, in the same order, none over another.

    A number with room around it stays where it is. Those that would cover each other become one heap, and heaps that
    meet become one, until none do. `free` is a point that no number is to cover.
    """
    heaps = [_Heap((one,), *point).settled(wide, high, free) for one, point in enumerate(wanted)]
    while (pair := _first_meeting(heaps)) is not None:
        one, two = (heaps[at] for at in pair)
        members = tuple(sorted(one.members + two.members))
        middle = [sum(wanted[at][axis] for at in members) / len(members) for axis in (0, 1)]
        heaps = [heap for heap in heaps if heap not in (one, two)]
        heaps.append(_Heap(members, *middle).settled(wide, high, free))
    places = dict(place for heap in heaps for place in heap.places())
    return [places[at] for at in range(len(wanted))]


def _first_meeting(heaps: Sequence[_Heap]) -> tuple[int, int] | None:
    for at, one in enumerate(heaps):
        for other in range(at + 1, len(heaps)):
            if one.box.meets(heaps[other].box):
                return at, other
    return None


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
