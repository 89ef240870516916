"""Distances: geodesic for what is shown, chords of unit vectors for what is searched.

The fast path treats the earth as a sphere whose radius fits the latitudes at hand; the tests hold it within 0.6 % of
geopy's geodesic.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from geopy.distance import ELLIPSOIDS, Geodesic

Array = npt.NDArray[Any]

# Mean earth radius in miles (IUGG 1980, R1 = 6371.0088 km).
RADIUS_MILES = 6371.0088 / 1.609344
METERS_PER_MILE = 1609.344
# Squares of ground in a degree (each 2.2 km from south to north); the middle of one stands for a hidden place in it.
HIDDEN_GROUNDS = 50
# What geopy's `geodesic` works with, asked for the distance alone: it finds the directions too, at twice the cost.
_WGS84 = Geodesic(ELLIPSOIDS["WGS-84"][0] * 1000, ELLIPSOIDS["WGS-84"][2])


def distance_miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Miles along the ellipsoid (WGS 84) between two points in degrees."""
    return float(_WGS84.Inverse(lat1, lon1, lat2, lon2, Geodesic.DISTANCE)["s12"]) / METERS_PER_MILE


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
