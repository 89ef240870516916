"""Distances: geodesic for what is shown, chords of unit vectors for what is searched.

The fast path treats the earth as a sphere whose radius fits the latitudes at hand; the tests hold it within 0.6 % of
geopy's geodesic.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Mean earth radius in miles (IUGG 1980, R1 = 6371.0088 km).
RADIUS_MILES = 6371.0088 / 1.609344
METERS_PER_MILE = 1609.344
# Squares of ground in a degree (each 2.2 km from south to north); the middle of one stands for a hidden place in it.
HIDDEN_GROUNDS = 50
# WGS 84 (NIMA TR 8350.2): the radius at the equator, and to a pole, in meters.
_EQUATOR_METERS, _POLAR_METERS, _FLATTENING = 6378137.0, 6356752.3142, 1 / 298.257223563
_SQUEEZE = (_EQUATOR_METERS / _POLAR_METERS) ** 2 - 1
_ROUNDS, _SETTLED = 12, 1e-12  # of Vincenty's angle, in radians: a few micrometers on the ground
_OPPOSITE = 3.0  # radians; where points lie nearly opposite, the formula may settle elsewhere
_EDGE = 1e-4  # tenths of a mile, 16 mm: thirty times what the formula may be off


def distance_miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Miles along the ellipsoid (WGS 84) between two points in degrees."""
    globe = _globe()
    return float(globe.Inverse(lat1, lon1, lat2, lon2, globe.DISTANCE)["s12"]) / METERS_PER_MILE


@cache
def _globe() -> Any:
    """What geopy's `geodesic` works with, to be asked for the distance alone: it finds the directions too, at twice the
    cost. Read when it is first asked, for geopy brings the clients of thirty services along, and a start would wait."""
    from geopy.distance import Geodesic

    return Geodesic(_EQUATOR_METERS, _FLATTENING)


def shown_miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """`distance_miles` to one decimal, as it is shown, at a tenth of the cost.

    Vincenty's inverse formula (Survey Review 23, 1975) is exact to half a millimeter, so it rounds as geopy does unless
    it lies on the edge between two decimals, or the points so far apart that it does not settle: then geopy is asked.
    """
    found = _vincenty_miles(lat1, lon1, lat2, lon2)
    if found is None or abs(found * 10 % 1 - 0.5) < _EDGE:
        found = distance_miles(lat1, lon1, lat2, lon2)
    return round(found, 1)


def _vincenty_miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float | None:
    """Miles along the ellipsoid; None where the formula has not settled after a few rounds. Letters as Vincenty's."""
    one, two = (math.atan((1 - _FLATTENING) * math.tan(math.radians(lat))) for lat in (lat1, lat2))
    sin1, cos1, sin2, cos2 = math.sin(one), math.cos(one), math.sin(two), math.cos(two)
    difference = lam = math.remainder(math.radians(lon2 - lon1), math.tau)
    for _ in range(_ROUNDS):
        sin_lam, cos_lam = math.sin(lam), math.cos(lam)
        sin_sigma = math.hypot(cos2 * sin_lam, cos1 * sin2 - sin1 * cos2 * cos_lam)
        if sin_sigma == 0:
            return 0.0 if (lat1, lon1) == (lat2, lon2) else None
        cos_sigma = sin1 * sin2 + cos1 * cos2 * cos_lam
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = cos1 * cos2 * sin_lam / sin_sigma
        cos2_alpha = 1 - sin_alpha * sin_alpha
        middle = cos_sigma - 2 * sin1 * sin2 / cos2_alpha if cos2_alpha else 0.0  # cos of twice sigma m
        c = _FLATTENING / 16 * cos2_alpha * (4 + _FLATTENING * (4 - 3 * cos2_alpha))
        before, lam = lam, difference + (1 - c) * _FLATTENING * sin_alpha * (
            sigma + c * sin_sigma * (middle + c * cos_sigma * (2 * middle * middle - 1)))
        if abs(lam - before) < _SETTLED:
            break
    else:
        return None
    if sigma > _OPPOSITE:
        return None
    u2 = cos2_alpha * _SQUEEZE
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    off = b * sin_sigma * (middle + b / 4 * (cos_sigma * (2 * middle * middle - 1) - b / 6 * middle * (
        4 * sin_sigma * sin_sigma - 3) * (4 * middle * middle - 3)))
    return float(_POLAR_METERS * a * (sigma - off) / METERS_PER_MILE)


def rough_point(latitude: float, longitude: float) -> tuple[float, float]:
    """The middle of the square of ground that a point lies in: all that anybody may learn of where a hidden place is,
    from however many distances (TRUST P9). A middle is its own."""
    return round(latitude * HIDDEN_GROUNDS) / HIDDEN_GROUNDS, round(longitude * HIDDEN_GROUNDS) / HIDDEN_GROUNDS


def sphere_miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Miles along the sphere between two points in degrees (haversine): quick, and near enough for a drawing."""
    one, two = math.radians(lat1), math.radians(lat2)
    half = (math.sin((two - one) / 2) ** 2
            + math.cos(one) * math.cos(two) * math.sin(math.radians(lon2 - lon1) / 2) ** 2)
    return 2 * RADIUS_MILES * math.asin(math.sqrt(min(1.0, half)))


def unit_vectors(latitudes: Array, longitudes: Array) -> Array:
    """Unit vectors (n x 3, float32) of points in degrees; float32 keeps a point within a few feet."""
    lat, lon = np.radians(latitudes), np.radians(longitudes)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1).astype(np.float32)


def unit_vector(latitude: float, longitude: float) -> Array:
    """As `unit_vectors`, of one point, at a tenth of the cost."""
    lat, lon = math.radians(latitude), math.radians(longitude)
    return np.array((math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)), np.float32)


def chord_miles(vectors: Array, origin: Array) -> Array:
    """Miles from `origin` to each of n unit vectors, along the sphere."""
    x, y, z = (vectors[:, axis] - np.float64(origin[axis]) for axis in range(3))
    found: Array = np.arcsin(np.minimum(np.sqrt(x * x + y * y + z * z) * 0.5, 1.0)) * (2 * RADIUS_MILES)
    return found
