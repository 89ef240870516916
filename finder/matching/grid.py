"""Which rows of the grid part a radius can reach."""

from __future__ import annotations

from itertools import pairwise

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
    # In the columns' own size of number: else every band would be copied before it is searched.
    edges = np.array([(shift + place.longitude - wide, shift + place.longitude + wide)
                      for shift in _turns(place.longitude, wide)], np.float32)
    bounds = columns.bands[first : last + 2].tolist()
    for start, stop in pairwise(bounds):
        if start < stop and wide >= 180:
            slices.append(slice(start, stop))
        elif start < stop:
            found = columns.longitude[start:stop].searchsorted(edges).tolist()
            slices += [slice(start + left, start + right) for left, right in found if left < right]
    slices.append(slice(columns.grid_size, columns.size))
    return slices


def _turns(longitude: float, wide: float) -> list[float]:
    """Degrees to add so that what lies beyond the 180th meridian is found too, ascending."""
    return [*((-360.0,) if longitude + wide > 180 else ()), 0.0, *((360.0,) if longitude - wide < -180 else ())]


def row_numbers(slices: list[slice]) -> Array:
    """The rows of slices, one after the other."""
    return np.concatenate([np.arange(one.start, one.stop, dtype=np.int64) for one in slices])
