"""Where a listing meets, for comparing: street and number without the ways to write them, town, ZIP and point."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from finder.duplicates.weights import STREET_ALIKE
from finder.duplicates.words import bare
from finder.places.distance import METERS_PER_MILE, sphere_miles

# Points of a ZIP or a town say nothing of which house it is.
_OF_A_HOUSE = frozenset(("exact", "street", None))
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?<!\d)\d++[a-z]?$")
_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\b")
_UNIT = re.compile(r"(?:,|(?<!\s)\s)\s*+(?:(?:suites?|ste|units?|apt|rooms?|rm|floor|fl|bldg|building)\b|#).*$")
_UNITS = frozenset("suite suites ste unit units apt room rooms rm floor fl bldg building".split())
_SIDES: Mapping[str, str] = {"n": "n", "north": "n", "s": "s", "south": "s", "e": "e", "east": "e", "w": "w",
                             "west": "w", "ne": "ne", "northeast": "ne", "nw": "nw", "northwest": "nw", "se": "se",
                             "southeast": "se", "sw": "sw", "southwest": "sw"}
# Left out or written in ten ways: the number, the name and the ZIP tell the house without them.
_KINDS = frozenset("""street st str avenue ave av road rd boulevard blvd drive dr lane ln court ct place pl highway hwy
    parkway pkwy square sq terrace ter circle cir way route rte rt turnpike tpke pike plaza plz expressway expy trail
    trl calle avenida the of""".split())
_ORDINALS: Mapping[str, str] = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
                                "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10", "saint": "st",
                                "mount": "mt", "fort": "ft"}
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class Street:
    """House number, words of the street joined, and the sides (n, sw, …), suite or building; empty is not
    stated."""

    number: str = ""
    name: str = ""
    sides: frozenset[str] = frozenset()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place. `latitude` and `longitude` only where the point is that of a house; texts are folded."""

    street: Street
    city: str
    state: str
    zip: str
    latitude: float | None = None
    longitude: float | None = None


@lru_cache(maxsize=65_536)
def street_of(line: str) -> Street:
    """A street line: "309 East Broadway, Suite 2" gives 309, broadway, e. A post box gives nothing."""
    plain = bare(line)
    if not plain or _BOX.search(plain):
        return Street()
    house, _, behind = plain.partition(",")
    unit = _UNIT.search(f"{house} ")
    said = _WORD.findall(house[:unit.start()] if unit else house)
    number = next((word for word in said if _NUMBER.match(word)), "")
    rest = said[said.index(number) + 1:] if number else said
    sides = frozenset(_SIDES[word] for word in rest if word in _SIDES)
    name = [_spelled(word) for word in rest if word not in _SIDES]
    own = [word for word in name[:1] if word != "the"] + [word for word in name[1:] if word not in _KINDS]
    return Street(number, " ".join(own), sides, _unit(unit.group(0) if unit else behind))


def _unit(text: str) -> str:
    return " ".join(word for word in _WORD.findall(text) if word not in _UNITS)


def _spelled(word: str) -> str:
    ordinal = _ORDINAL.fullmatch(word)
    return ordinal.group(1) if ordinal else _ORDINALS.get(word, word)


def spot_of(location: Mapping[str, Any]) -> Spot:
    """The spot of a document's location; a hidden one gives town and state alone."""
    city, state = bare(location.get("city") or "").strip(), (location.get("state") or "").upper()
    if location.get("hidden"):
        return Spot(Street(), city, state, "")
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if latitude is None or longitude is None or location.get("precision") not in _OF_A_HOUSE:
        latitude = longitude = None
    return Spot(street_of(location.get("address_1") or ""), city, state, (location.get("postal_code") or "")[:5],
                latitude, longitude)


def meters(one: Spot, other: Spot) -> float | None:
    """Meters between two points; None where one is not known to the house."""
    if one.latitude is None or other.latitude is None or one.longitude is None or other.longitude is None:
        return None
    return sphere_miles(one.latitude, one.longitude, other.latitude, other.longitude) * METERS_PER_MILE


@lru_cache(maxsize=65_536)
def alike(here: str, there: str) -> bool:
    """Whether two names of streets are one but for a slip or two: "genesse" and "genesee"."""
    return bool(here) and (here == there or OSA.normalized_similarity(here, there) >= STREET_ALIKE)


def same_house(one: Spot, other: Spot) -> bool:
    """Whether both state the same number and street in the same town or ZIP. Sides count where both state one."""
    here, there = one.street, other.street
    if not here.number or here.number != there.number or not alike(here.name, there.name):
        return False
    if here.sides and there.sides and not here.sides & there.sides:
        return False
    return same_town(one, other) or bool(one.zip and one.zip == other.zip)


def other_number(one: Spot, other: Spot) -> bool:
    """Whether both state a number and a street, and these are two houses."""
    here, there = one.street, other.street
    return bool(here.number and there.number and here.name and there.name) and (
        here.number != there.number or not alike(here.name, there.name))


def other_unit(one: Spot, other: Spot) -> bool:
    """Whether both state a suite or building, and not the same."""
    return bool(one.street.unit and other.street.unit and one.street.unit != other.street.unit)


def same_town(one: Spot, other: Spot) -> bool:
    """Whether both are in one town of one state; a state that is not stated is no contradiction."""
    return bool(one.city) and one.city == other.city and (not one.state or not other.state or one.state == other.state)


def town_differs(one: Spot, other: Spot) -> bool:
    """Whether both state a state, or a town and a ZIP area, and the two cannot be one place."""
    if one.state and other.state and one.state != other.state:
        return True
    if one.zip and other.zip and one.zip[:3] != other.zip[:3]:
        return True
    return bool(one.city and other.city and one.city != other.city
                and not (one.zip and other.zip and one.zip == other.zip))
