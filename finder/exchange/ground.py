"""What importers ask about places: zone, state, the points of a ZIP and a city. All of it offline, each answer kept.

The gazetteer is handed in; this file only fits it to the questions and checks points against what a row says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from finder.exchange.cells.spots import Address, is_postal_box, point, street_key
from finder.exchange.cells.text import normalized, short
from finder.places import lookup
from finder.places.distance import RADIUS_MILES
from finder.places.lookup import Place

# A point farther than this from its own ZIP or city is wrong: the widest ZIP areas outside Alaska reach about 60 miles.
MOST_MILES = 60.0


class Ground(Protocol):
    """The answers about places that importers need."""

    def zone_at(self, latitude: float, longitude: float) -> str | None: ...

    def state_at(self, latitude: float, longitude: float) -> str | None: ...

    def zip_place(self, code: str) -> Place | None: ...

    def city_place(self, city: str, state: str) -> Place | None: ...


@dataclass(slots=True)
class Offline:
    """Ground on the gazetteer that ships with Finder. Without one (None) only zones of points are known."""

    gazetteer: Any = None
    _kept: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def zone_at(self, latitude: float, longitude: float) -> str | None:
        found: str | None = self._once(("zone", round(latitude, 3), round(longitude, 3)),
                                       lambda: lookup.timezone_at(latitude, longitude))
        return found

    def state_at(self, latitude: float, longitude: float) -> str | None:
        if self.gazetteer is None:
            return None
        found: Place = self._once(("point", round(latitude, 3), round(longitude, 3)),
                                  lambda: lookup.at_point(latitude, longitude, self.gazetteer))
        return found.state

    def zip_place(self, code: str) -> Place | None:
        if self.gazetteer is None or not code:
            return None
        found: Place | None = self._once(("zip", code), lambda: _only(lookup.resolve_zip(code, self.gazetteer)))
        return found

    def city_place(self, city: str, state: str) -> Place | None:
        if self.gazetteer is None or not city or not state:
            return None
        found: Place | None = self._once(("city", city, state),
                                         lambda: _only(lookup.resolve_city(city, state, self.gazetteer)))
        return found

    def _once(self, key: tuple[object, ...], ask: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = ask()
        return self._kept[key]


def _only(found: object) -> Place | None:
    """A place the gazetteer is sure of; choices are for people, not for importers."""
    return found if isinstance(found, Place) else None


@dataclass(frozen=True, slots=True)
class Spot:
    """A location of the contract (None when nothing is stated), its zone, a key for comparing, and doubts."""

    location: dict[str, Any] | None
    zone: str | None
    key: str
    flags: frozenset[str] = frozenset()


def spot(address: Address, latitude: object, longitude: object, ground: Ground, *, approximate: bool = False,
         shared: bool = False) -> Spot:
    """The location that an address and a point stand for (quirks 8 and 9).

    `approximate`: the source says the point is no address; `shared`: many unrelated rows carry the point. Both keep
    the city and lose the pin. Without a usable point the ZIP's or the city's stands in, with that precision.
    """
    flags: set[str] = set()
    here, why = point(latitude, longitude)
    if why and why != "no_point":
        flags.add(why)
    at_home = address.country in ("", "US", "PR")
    middle = ground.zip_place(address.postal_code) if at_home else None
    if here is not None and at_home:
        doubt = _contradiction(here, address, middle, ground)
        if doubt:
            flags.add(doubt)
            here, middle = (here, None) if doubt == "zip_far_from_point" else (None, middle)
    somewhere = address.city or address.street or address.county or address.state
    zone = ground.zone_at(*here) if here and somewhere else None
    precision = "exact"
    if here is not None and (approximate or shared or not address.street):
        flags |= {"shared_point"} if shared else set()
        here, precision = (here, "city") if address.city and not shared else (None, "")
    if here is None or precision == "city":
        stand_in = middle or (ground.city_place(address.city, address.state) if at_home else None)
        if stand_in is not None:
            here = (stand_in.latitude, stand_in.longitude)
            precision = "postal_code" if middle else "city"
            zone = zone or stand_in.timezone
    if is_postal_box(address.street):
        flags.add("postal_box")
    return Spot(_location(address, here, precision), zone, place_key(address, here), frozenset(flags))


def _contradiction(here: tuple[float, float], address: Address, middle: Place | None, ground: Ground) -> str:
    """What is wrong with a point: in another state, or far from its ZIP; `zip_far_from_point` when the city sides with
    the point and so the ZIP is the mistyped one; else empty."""
    if middle is not None and miles(*here, middle.latitude, middle.longitude) <= MOST_MILES:
        return ""
    city = ground.city_place(address.city, address.state)
    if city is not None and miles(*here, city.latitude, city.longitude) <= MOST_MILES:
        return "zip_far_from_point" if middle is not None else ""
    if address.state and _elsewhere(here, address, ground):
        return "point_outside_state"
    return "point_far_from_zip" if middle is not None else ""


def _elsewhere(here: tuple[float, float], address: Address, ground: Ground) -> bool:
    """Whether the point lies in another state than the stated one; not known is no."""
    found = ground.state_at(*here)
    if found is None:
        # Outside the United States or in its waters: wrong only if the clock there is none of the Americas or Pacific.
        zone = ground.zone_at(*here) if address.state else None
        return zone is not None and not zone.startswith(("America/", "Pacific/", "US/", "Etc/"))
    return bool(address.state) and found != address.state


def miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Miles along a sphere: enough to tell a wrong point from a right one."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = (math.sin((b - a) / 2) ** 2
            + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2)
    return 2 * RADIUS_MILES * math.asin(math.sqrt(min(1.0, half)))


def _location(address: Address, here: tuple[float, float] | None, precision: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for key, text, longest in (("name", address.name, 200), ("address_1", address.street, 200),
                               ("city", address.city, 100), ("state", address.state, 50),
                               ("postal_code", address.postal_code, 20)):
        if text:
            found[key] = short(text, longest)
    if address.country:
        found["country"] = address.country
    if here is not None:
        found |= {"latitude": round(here[0], 6), "longitude": round(here[1], 6), "precision": precision}
    return found or None


def place_key(address: Address, here: tuple[float, float] | None) -> str:
    """A text equal for rows at one place: street and ZIP or city; without a street the city, else the point."""
    if address.street:
        return f"{street_key(address.street)}|{address.postal_code or normalized(address.city)}"
    if address.city or address.name:
        return f"{normalized(address.name)}|{normalized(address.city)}|{address.state}"
    return f"{here[0]:.3f}|{here[1]:.3f}" if here else ""
