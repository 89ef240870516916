"""Which rows of the grid part a radius can reach."""

from __future__ import annotations

import numpy as np

from finder.matching.columns import BAND_DEGREES, Columns
from finder.matching.traits import Array
from finder.matching.types import Need


def near_slices(columns: Columns, need: Need, radius: float | None) -> list[slice]:
    """Grid rows that can be within the radius, then everything that is not in the grid."""
    place = need.place
    assert place is not None
    assert radius is not None
    reach = radius * 1.03 + 0.5  # the rule's own slack, and the difference between a chord and these flat bounds
    tall = reach / 68.7  # miles in a degree of latitude, at least
    low, high = place.latitude - tall, place.latitude + tall
    widest = max(abs(low), abs(high))
    wide = 360.0 if widest > 85 else reach / (69.0 * float(np.cos(np.radians(widest)))) + 0.05
    first = max(0, int(np.floor((low + 90) / BAND_DEGREES)))
    last = min(len(columns.bands) - 2, int(np.floor((high + 90) / BAND_DEGREES)))
    slices: list[slice] = []
    for band in range(first, last + 1):
        start, stop = int(columns.bands[band]), int(columns.bands[band + 1])
        if start < stop:
            slices += _within(columns.longitude[start:stop], start, place.longitude, wide)
    slices.append(slice(columns.grid_size, columns.size))
    return slices


def _within(band: Array, start: int, longitude: float, wide: float) -> list[slice]:
    if wide >= 180:
        return [slice(start, start + len(band))]
    found = []
    for shift in (-360.0, 0.0, 360.0):
        left, right = np.searchsorted(band, (longitude + shift - wide, longitude + shift + wide))
        if left < right:
            found.append(slice(start + int(left), start + int(right)))
    return found


def row_numbers(slices: list[slice]) -> Array:
    """The rows of slices, one after the other."""
    return np.concatenate([np.arange(one.start, one.stop, dtype=np.int64) for one in slices])
