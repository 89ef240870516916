"""The offline gazetteer of the United States: ZIP codes and city names with points, from the `zipcodes` package.

Loaded once; asks no network. Names are kept folded, so that "St. Paul", "saint paul" and "SAINT  PAUL" are one.
"""

from __future__ import annotations

import gc
import hashlib
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import zipcodes

from finder.places import ready_made
from finder.places.distance import unit_vectors
from finder.places.outlines import on_plane

# Words of place names that people and the postal service shorten (USPS Publication 28, appendix C, and usage).
_LONG = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount", "mtn": "mountain", "n": "north", "s": "south",
         "e": "east", "w": "west", "hts": "heights", "hgts": "heights", "spgs": "springs", "spg": "springs",
         "spngs": "springs", "sprgs": "springs", "jct": "junction", "ctr": "center", "centre": "center",
         "bch": "beach", "twp": "township", "vlg": "village", "lk": "lake", "is": "island", "pk": "park",
         "crk": "creek", "cyn": "canyon", "grv": "grove", "hbr": "harbor", "harbour": "harbor", "rdg": "ridge",
         "vly": "valley", "frk": "fork", "fls": "falls", "hls": "hills", "cty": "city", "pt": "point",
         "boro": "borough", "so": "south", "no": "north"}
_PREFIX = re.compile(r"\b(mc|o) (?=[a-z]{3})")  # "Mc Cormick" and "O Fallon" are written together as often as not
LARGE = 6  # ZIP codes from which a city is known by its name alone; some 230 names
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_COUNTY = re.compile(r" (County|Parish|Borough|Municipio|Census Area|Municipality|City and Borough)$")


@dataclass(frozen=True, slots=True)
class Zip:
    """One ZIP code with its point. `county` without the word County."""

    code: str
    city: str
    state: str
    county: str | None
    latitude: float
    longitude: float
    standard: bool


@dataclass(frozen=True, slots=True)
class City:
    """One city of one state.

    Its point is the median latitude and longitude of its standard ZIP codes (of all it has when none is standard):
    near the middle of where people get mail, and not moved by one far-off code. `county` only when all share one;
    `size` is its number of standard ZIP codes, the nearest thing to a population that the package holds.
    """

    name: str
    state: str
    latitude: float
    longitude: float
    county: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """`cities`: state -> folded name -> city. `names`: folded name -> cities in any state, larger ones first."""

    zips: Mapping[str, Zip]
    military: frozenset[str]
    cities: Mapping[str, Mapping[str, City]]
    keys: Mapping[str, Sequence[str]]  # state -> folded names, for comparing
    names: Mapping[str, Sequence[City]]
    all_keys: Sequence[str]
    large: Sequence[str]  # folded names of the larger cities, with so many ZIP codes as LARGE says
    points: npt.NDArray[np.float32]  # unit vector of each of `spots`
    spots: Sequence[Zip]
    towns: Sequence[City]  # with standard ZIP codes of their own, larger ones first
    town_points: npt.NDArray[np.float64]  # of each of `towns` on the plane of web maps


Cities = dict[str, dict[str, City]]


def folded(name: str) -> str:
    """A place name in small letters without accents and marks, its usual short forms written out."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    long = " ".join(_LONG.get(word, word) for word in _NOT_WORD.split(letters) if word)
    return _PREFIX.sub(r"\1", long)


_loaded: list[Gazetteer] = []


def load(ready: Path | None = None) -> Gazetteer:
    """The gazetteer that ships with Finder, once for a process. To put it together takes most of a second. `ready`: a
    folder in which it is kept for the next process, which reads it there in a fifth of that time."""
    if not _loaded:
        # Half a million objects that all stay: looking through them for garbage again and again would double the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            _loaded.append(put_together(ready))
        finally:
            if collecting:
                gc.enable()
    return _loaded[0]


def put_together(ready: Path | None = None) -> Gazetteer:
    """A gazetteer of its own; see `load`, which everybody shares."""
    kept = ready_made.read(ready, _key()) if ready is not None else None
    if kept is not None:
        with suppress(ValueError, LookupError, TypeError):
            return _gazetteer(*_unpacked(kept))
    zips, military, cities = _from_codes()
    if ready is not None:
        ready_made.write(ready, _key(), _packed(zips, military, cities))
    return _gazetteer(zips, military, cities)


def _key() -> str:
    """Names what a gazetteer is made of: the list of ZIP codes, and this way of reading it."""
    way = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"gazetteer of zipcodes {version('zipcodes')} as {way}"


def _packed(zips: dict[str, Zip], military: set[str], cities: Cities) -> list[list[str]]:
    """Columns of text, in the order of the mappings."""
    all_zips, named = list(zips.values()), [(key, one) for of_state in cities.values() for key, one in of_state.items()]
    return [
        [one.code for one in all_zips], [one.city for one in all_zips], [one.state for one in all_zips],
        [one.county or "" for one in all_zips], [repr(one.latitude) for one in all_zips],
        [repr(one.longitude) for one in all_zips], ["1" if one.standard else "" for one in all_zips],
        sorted(military), [key for key, _ in named], [one.name for _, one in named], [one.state for _, one in named],
        [repr(one.latitude) for _, one in named], [repr(one.longitude) for _, one in named],
        [one.county or "" for _, one in named], [str(one.size) for _, one in named]]


def _unpacked(columns: Sequence[Sequence[str]]) -> tuple[dict[str, Zip], set[str], Cities]:
    """Raises ValueError, LookupError or TypeError for columns that are none of ours."""
    code, city, state, county, latitude, longitude, standard, military, key, *named = columns
    same = sys.intern  # names of places come again and again
    counties = (same(one) or None for one in county)
    zips = dict(zip(code, map(Zip, code, map(same, city), map(same, state), counties, map(float, latitude),
                              map(float, longitude), map(bool, standard)), strict=True))
    name, of, north, east, around, size = named
    counties = (same(one) or None for one in around)
    cities: Cities = {}
    for folded_name, one in zip(key, map(City, map(same, name), map(same, of), map(float, north), map(float, east),
                                         counties, map(int, size)), strict=True):
        cities.setdefault(one.state, {})[folded_name] = one
    return zips, set(military), cities


def _from_codes() -> tuple[dict[str, Zip], set[str], Cities]:
    zips: dict[str, Zip] = {}
    military: set[str] = set()
    named: dict[tuple[str, str], _Named] = {}
    rows: list[dict[str, Any]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    for row in rows:
        latitude, longitude = float(row["lat"] or 0), float(row["long"] or 0)
        if row["zip_code_type"] == "MILITARY":
            military.add(row["zip_code"])
            continue
        if latitude == 0 and longitude == 0:
            continue  # no point is known; 0/0 lies in the Gulf of Guinea
        county = _COUNTY.sub("", row["county"]).strip() or None
        one = Zip(row["zip_code"], _titled(row["city"]), row["state"], county, latitude, longitude,
                  row["zip_code_type"] == "STANDARD" and row["active"])
        if row["active"]:
            zips[one.code] = one
        for rank, names in enumerate(([row["city"]], row["acceptable_cities"], row["unacceptable_cities"])):
            for name in names:
                key = (one.state, folded(name))
                if key[1]:
                    named.setdefault(key, _Named()).take(rank, _titled(name), one)
    cities: Cities = {}
    for (state, name), found in named.items():
        cities.setdefault(state, {})[name] = found.city(state)
    return zips, military, cities


class _Named:
    """ZIP codes known under one name in one state; those where it is the main name count before mere aliases."""

    __slots__ = ("rank", "text", "zips")

    def __init__(self) -> None:
        self.rank = 9
        self.text = ""
        self.zips: list[Zip] = []

    def take(self, rank: int, name: str, one: Zip) -> None:
        if rank < self.rank:
            self.rank, self.text, self.zips = rank, name, []
        if rank == self.rank:
            self.zips.append(one)

    def city(self, state: str) -> City:
        standard = [one for one in self.zips if one.standard]
        used = standard or self.zips
        counties = {one.county for one in used}
        return City(self.text, state, round(median(one.latitude for one in used), 4),
                    round(median(one.longitude for one in used), 4),
                    next(iter(counties)) if len(counties) == 1 else None,
                    len(standard) if self.rank == 0 else 0)


def _titled(name: str) -> str:
    return name.title() if name.isupper() else name


def _gazetteer(zips: dict[str, Zip], military: set[str], cities: Cities) -> Gazetteer:
    names: dict[str, list[City]] = {}
    for of_state in cities.values():
        for key, city in of_state.items():
            names.setdefault(key, []).append(city)
    for found in names.values():
        found.sort(key=lambda city: (-city.size, city.state))
    spots = [one for one in zips.values() if one.standard]
    points = unit_vectors(np.array([one.latitude for one in spots]), np.array([one.longitude for one in spots]))
    towns = sorted((city for of_state in cities.values() for city in of_state.values() if city.size),
                   key=lambda city: (-city.size, city.state, city.name))
    plane = on_plane(np.array([one.latitude for one in towns]), np.array([one.longitude for one in towns]))
    large = tuple(name for name, found in names.items() if found[0].size >= LARGE)
    return Gazetteer(zips, frozenset(military), cities, {state: tuple(found) for state, found in cities.items()},
                     names, tuple(names), large, points.astype(np.float32), spots, towns, plane)
