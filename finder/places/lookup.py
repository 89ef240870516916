"""What a typed place means: a point and a time zone, or choices when it is not safe to say. Never a network call.

The United States only; elsewhere a point or online remains. A name is resolved alone only when it stands exactly, or
one letter off with nothing else that near; all else is asked back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA
from tzfpy import get_tz

from finder.places.distance import chord_miles, unit_vector
from finder.places.gazetteer import City, Gazetteer, Zip, folded


@dataclass(frozen=True, slots=True)
class Place:
    """A point somebody searches from. `precision` as in the contract; what is not known is None."""

    text: str
    latitude: float
    longitude: float
    precision: str
    timezone: str | None = None
    state: str | None = None
    country: str | None = None
    county: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Places that may be meant, the likeliest first, at most MOST_CHOICES.

    `why`: "ambiguous" (the name stands in several states), "unsure" (nothing has exactly this name), "no_point" (a
    military address, which has no place on the map), "unknown" (nothing like it).
    """

    choices: tuple[Place, ...]
    why: str


MOST_CHOICES = 20
MOST_UNSURE = 5
# A city name without a state is taken for the great city of that name when that has at least so many ZIP codes, and
# so many times those of the next.
DOMINANT_ZIPS, DOMINANT_RATIO = 20, 20
# Names of fewer letters have too many neighbors one letter away to correct without asking.
SHORTEST_CORRECTED = 4
LIKE = 0.72  # normalized edit similarity (0..1) from which a name is offered as "did you mean"
SURE_STATE_MILES, SURE_STATE_ZIPS = 40.0, 6  # a point's state is that of its nearest ZIP codes when they agree

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "PR": "Puerto Rico", "VI": "Virgin Islands", "GU": "Guam", "AS": "American Samoa",
    "MP": "Northern Mariana Islands", "FM": "Micronesia", "MH": "Marshall Islands", "PW": "Palau",
}
_MILITARY_STATES = frozenset(("AA", "AE", "AP"))
_STATE_NAMES = {folded(name): code for code, name in STATES.items()} | {
    "washington dc": "DC", "d c": "DC", "us virgin islands": "VI", "carolina del norte": "NC",
    "carolina del sur": "SC", "nueva york": "NY", "nuevo mexico": "NM", "nueva jersey": "NJ", "luisiana": "LA",
    "pensilvania": "PA", "tejas": "TX", "hawai": "HI", "misuri": "MO", "misisipi": "MS",
}
# What people call large cities beside their names.
_ALIASES = {"nyc": ("new york", "NY"), "new york city": ("new york", "NY"), "nueva york": ("new york", "NY"),
            "philly": ("philadelphia", "PA"), "filadelfia": ("philadelphia", "PA"), "dc": ("washington", "DC"),
            "d c": ("washington", "DC"), "washington dc": ("washington", "DC"), "sf": ("san francisco", "CA"),
            "la": ("los angeles", "CA"), "vegas": ("las vegas", "NV"), "nola": ("new orleans", "LA"),
            "atl": ("atlanta", "GA"), "nueva orleans": ("new orleans", "LA")}
_ZIP = re.compile(r"(?<!\d)(\d{5})(?:[- ]?\d{4})?(?!\d)")
_BARE_ZIP = re.compile(r"^(\d{3,5})(?:-\d{4})?$|^(\d{8,9})$")
_COUNTRY = re.compile(r"(?<![,\s])[,\s]++(usa|u\.s\.a\.?|us|u\.s\.|united states|estados unidos|ee\.? ?uu\.?)\s*$",
                      re.IGNORECASE)


def resolve(text: str, gazetteer: Gazetteer) -> Place | Choices:
    """A ZIP code or "city, state" as typed, to a place or to choices. Takes milliseconds; never raises."""
    words = _COUNTRY.sub("", " ".join(text[:200].split()))
    bare = _BARE_ZIP.match(words)
    if bare:
        return _from_zip(_padded(bare.group(1) or bare.group(2)), gazetteer)
    inside = _ZIP.search(words)
    if inside:
        found = _from_zip(inside.group(1), gazetteer)
        if isinstance(found, Place) or found.why == "no_point":
            return found
        words = _ZIP.sub("", words).strip(" ,")
    key = folded(words)
    if not key:
        return Choices((), "unknown")
    if set(key.upper().split()) & _MILITARY_STATES and {"apo", "fpo", "dpo"} & set(key.split()):
        return Choices((), "no_point")
    if key in _ALIASES:
        return resolve_city(*_ALIASES[key], gazetteer)
    city, state = _divided(words, gazetteer)
    return resolve_city(city, state, gazetteer) if state else _any_state(folded(city), gazetteer)


def alias(text: str) -> tuple[str, str] | None:
    """The city and state that people mean by a short name ("NYC", "Philly"); None when it is none."""
    return _ALIASES.get(folded(text))


def _padded(digits: str) -> str:
    """The five digits of a ZIP whose leading zeros a spreadsheet may have eaten."""
    return digits.zfill(9)[:5] if len(digits) > 5 else digits.zfill(5)


def resolve_zip(code: str, gazetteer: Gazetteer) -> Place | None:
    """The place of a ZIP code (ZIP+4 and lost leading zeros allowed); None if unknown or without a point."""
    bare = _BARE_ZIP.match(code.strip())
    found = gazetteer.zips.get(_padded(bare.group(1) or bare.group(2))) if bare else None
    return _of_zip(found) if found else None


def _from_zip(code: str, gazetteer: Gazetteer) -> Place | Choices:
    found = gazetteer.zips.get(code)
    if found:
        return _of_zip(found)
    if code in gazetteer.military:
        return Choices((), "no_point")
    near = [one for other, one in gazetteer.zips.items() if other.startswith(code[:4])] or \
           [one for other, one in gazetteer.zips.items() if other.startswith(code[:3])]
    near.sort(key=lambda one: (not one.standard, abs(int(one.code) - int(code))))
    return Choices(tuple(_of_zip(one) for one in near[:MOST_UNSURE]), "unsure" if near else "unknown")


def resolve_city(city: str, state: str | None, gazetteer: Gazetteer) -> Place | Choices:
    """A city by name, in a state if one is given (two letters or its name)."""
    key = folded(city)
    code = state_code(state) if state else None
    if code is None:
        return _any_state(key, gazetteer)
    cities = gazetteer.cities.get(code, {})
    exact = cities.get(key) or cities.get(_joined(key))
    if exact:
        return _of_city(exact)
    near = _near(key, gazetteer.keys.get(code, ()), 1)
    if len(near) == 1 and len(key) >= SHORTEST_CORRECTED:
        return _of_city(cities[near[0]])
    unsure = sorted((cities[name] for name in near), key=lambda one: (-one.size, one.name))
    if not near:
        unsure = [cities[name] for name in _like(key, gazetteer.keys.get(code, ()))]
    elsewhere = [one for one in gazetteer.names.get(key, ()) if one.state != code]
    return _choices([*unsure[:MOST_UNSURE], *elsewhere[:3]], "unsure")


def _joined(key: str) -> str:
    """A name whose last word says no more than that it is a place, without that word."""
    for ending in (" city", " township", " village", " borough", " town"):
        if key.endswith(ending):
            return key.removesuffix(ending)
    return key


def _any_state(key: str, gazetteer: Gazetteer) -> Place | Choices:
    cities = gazetteer.names.get(key, ())
    if cities and (len(cities) == 1 or _dominates(cities[0], cities[1])):
        return _of_city(cities[0])
    if cities:
        return _choices(cities, "ambiguous")
    near = _near(key, gazetteer.all_keys, 1) if len(key) >= SHORTEST_CORRECTED else []
    near = near or _like(key, gazetteer.all_keys)
    found = [city for name in near for city in gazetteer.names[name]]
    found.sort(key=lambda one: (OSA.distance(key, folded(one.name)), -one.size))
    return _choices(found[:MOST_UNSURE], "unsure")


def _dominates(first: City, second: City) -> bool:
    """Whether everybody means the first one: a great city against places of a ZIP code or two."""
    return first.size >= DOMINANT_ZIPS and first.size >= DOMINANT_RATIO * max(1, second.size)


def _near(key: str, names: Sequence[str], distance: int) -> list[str]:
    """Names at most so many letters away (one insertion, deletion, change or swap each)."""
    scorer: Any = OSA.distance
    return [name for name, _, _ in process.extract(key, names, scorer=scorer, score_cutoff=distance,
                                                   limit=MOST_CHOICES)]


def _like(key: str, names: Sequence[str]) -> list[str]:
    scorer: Any = OSA.normalized_similarity
    return [name for name, _, _ in process.extract(key, names, scorer=scorer, score_cutoff=LIKE, limit=MOST_UNSURE)]


def _choices(cities: Sequence[City], why: str) -> Choices:
    found = tuple(_of_city(one) for one in cities[:MOST_CHOICES])
    return Choices(found, why if found else "unknown")


def _divided(words: str, gazetteer: Gazetteer) -> tuple[str, str | None]:
    """City and state code of typed words; the state may be missing, spelt out, or one letter off after a comma."""
    before, comma, after = words.rpartition(",")
    if comma:
        code = state_code(after) or near_state(after)
        if code and before.strip(" ,"):
            return before.strip(" ,"), code
        words = words.replace(",", " ")
    parts = words.split()
    for count in (3, 2, 1):
        if len(parts) > count:
            code = state_code(" ".join(parts[-count:]))
            city = folded(" ".join(parts[:-count]))
            if code and (city in gazetteer.cities.get(code, {}) or folded(words) not in gazetteer.names):
                return " ".join(parts[:-count]), code
    return words, None


def state_code(text: str) -> str | None:
    """The two letters of a US state or territory given by code or name; None if it is none."""
    plain = text.strip(" .").upper()
    if plain in STATES:
        return plain
    return _STATE_NAMES.get(folded(text))


def near_state(text: str) -> str | None:
    """The code of the one state whose name is a letter off; None when there is none or it is short."""
    near = _near(folded(text), tuple(_STATE_NAMES), 1) if len(text.strip()) > SHORTEST_CORRECTED else []
    codes = {_STATE_NAMES[name] for name in near}
    return codes.pop() if len(codes) == 1 else None


def at_point(latitude: float, longitude: float, gazetteer: Gazetteer) -> Place:
    """A place given by its point.

    The zone is that of the point. State and county are named only where the nearest ZIP codes agree on them, so that
    nobody is turned away by a border guessed wrong; the postal code of a bare point is not known.
    """
    origin = unit_vector(latitude, longitude)
    miles = chord_miles(gazetteer.points, origin)
    nearest = np.argsort(miles)[:SURE_STATE_ZIPS].tolist()
    near = [gazetteer.spots[at] for at in nearest if miles[at] <= SURE_STATE_MILES]
    states, counties = {one.state for one in near}, {one.county for one in near}
    state = states.pop() if len(states) == 1 else None
    return Place(f"{latitude:.2f}, {longitude:.2f}", latitude, longitude, "exact", timezone_at(latitude, longitude),
                 state, "US" if near else None, counties.pop() if state and len(counties) == 1 else None)


def timezone_at(latitude: float, longitude: float) -> str | None:
    """The IANA zone of a point; None at sea or outside the data."""
    return get_tz(longitude, latitude) or None


def _of_zip(one: Zip) -> Place:
    return Place(f"{one.city}, {one.state} {one.code}", one.latitude, one.longitude, "postal_code",
                 timezone_at(one.latitude, one.longitude), one.state, "US", one.county, one.code)


def _of_city(one: City) -> Place:
    return Place(f"{one.name}, {one.state}", one.latitude, one.longitude, "city",
                 timezone_at(one.latitude, one.longitude), one.state, "US", one.county)
