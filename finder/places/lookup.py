"""What a person typed as their place, turned into a point without asking anybody outside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A point on earth and what is known around it. `precision` says how exact the point is."""

    text: str
    latitude: float
    longitude: float
    precision: str
    timezone: str | None = None
    state: str | None = None
    country: str | None = None
    county: str | None = None
    postal_code: str | None = None
