"""Sets of row numbers as one whole number each, whose bits are the rows: small, and quick to lay over one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_BLOCK = 512  # bytes looked at at once
_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def of(rows: Iterable[int], size: int) -> int:
    """The set of some rows of `size`."""
    held = bytearray((size + 7) // 8)
    for row in rows:
        held[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(held, "little")


def every(size: int) -> int:
    """The set of all rows."""
    return (1 << size) - 1


def rows(marks: int, start: int = 0, count: int | None = None) -> Iterator[int]:
    """The rows of a set in order: `count` of them (all, if None) from the `start`-th on, counted from 0."""
    left = marks.bit_count() - start if count is None else count
    held = marks.to_bytes((marks.bit_length() + 7) // 8, "little")
    for at in range(0, len(held), _BLOCK):
        if left <= 0:
            return
        block = held[at:at + _BLOCK]
        inside = int.from_bytes(block, "little").bit_count()
        if inside <= start:
            start -= inside
            continue
        found = [8 * (at + place) + bit for place, byte in enumerate(block) if byte for bit in _BITS[byte]]
        yield from found[start:start + left]
        left -= len(found) - start
        start = 0
