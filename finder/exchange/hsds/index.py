"""Which listings and places each term, area, postal code and point belongs to, for the filters of the standard.

Rows are those of a shelf's cards; places are numbered listing by listing.
"""

from __future__ import annotations

import uuid
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, isnan, nan, radians
from typing import Any

from finder.exchange.hsds import marks
from finder.exchange.hsds.filed import Filed, serves
from finder.exchange.shelf import Shelf
from finder.places.distance import METERS_PER_MILE, distance_miles, sphere_miles
from finder.places.lookup import Place

_DEGREE_METERS = 110_000.0  # a little less than a degree of latitude has anywhere
_SURE = 0.01  # the share by which a sphere's distance may be wrong, and more
_ID_BYTES = 16


class _Numbers:
    """Values by the order in which they came; those that are equal once."""

    __slots__ = ("_known", "values")

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Any, int] = {}

    def of(self, key: Any, value: Any) -> int:
        """The number of a value, which is known by its key."""
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.values)
            self.values.append(value)
        return number


@dataclass(slots=True)
class _Names:
    """What the columns hold numbers of; shared by an index and those made of it, and only added to."""

    terms: _Numbers = field(default_factory=_Numbers)
    sets: _Numbers = field(default_factory=_Numbers)  # of terms that are said of one place
    areas: _Numbers = field(default_factory=_Numbers)
    codes: _Numbers = field(default_factory=_Numbers)


class Columns:
    """What all listings are found by, listing by listing and place by place."""

    def __init__(self, names: _Names | None = None) -> None:
        self.names = names or _Names()
        self.said, self.said_to = array("H"), array("L", [0])  # numbers of terms; where those of a listing end
        self.area, self.place_to = array("L"), array("L", [0])
        self.ids = bytearray()
        self.latitude, self.longitude = array("d"), array("d")
        self.set, self.code = array("L"), array("L")

    def add(self, one: Filed) -> None:
        """One more listing."""
        names = self.names
        self.said.extend(sorted(names.terms.of(term, term) for term in one.terms))
        self.said_to.append(len(self.said))
        self.area.append(names.areas.of(repr(one.area), one.area))
        for place in one.places:
            latitude, longitude = place.point or (nan, nan)
            self.ids += uuid.UUID(place.id).bytes
            self.latitude.append(latitude)
            self.longitude.append(longitude)
            self.set.append(names.sets.of(place.terms, place.terms))
            self.code.append(names.codes.of(place.postal_code, place.postal_code))
        self.place_to.append(len(self.set))

    def copy(self, other: Columns, start: int, end: int) -> None:
        """The listings of some rows of other columns, which share the names."""
        _copy_parts(self.said, self.said_to, other.said, other.said_to, start, end)
        first, last = other.place_to[start], other.place_to[end]
        shift = self.place_to[-1] - first
        self.place_to.extend(one + shift for one in other.place_to[start + 1:end + 1])
        self.area.extend(other.area[start:end])
        self.ids += other.ids[_ID_BYTES * first:_ID_BYTES * last]
        for mine, theirs in ((self.latitude, other.latitude), (self.longitude, other.longitude)):
            mine.extend(theirs[first:last])
        for own, others in ((self.set, other.set), (self.code, other.code)):
            own.extend(others[first:last])


def _copy_parts(to: array[int], to_ends: array[int], of: array[int], of_ends: array[int], start: int,
                end: int) -> None:
    shift = to_ends[-1] - of_ends[start]
    to.extend(of[of_ends[start]:of_ends[end]])
    to_ends.extend(one + shift for one in of_ends[start + 1:end + 1])


class Index:
    """The filters over one shelf. Sets of rows are `marks`."""

    def __init__(self, shelf: Shelf, columns: Columns) -> None:
        self.shelf, self.columns = shelf, columns
        self.size, self.places = len(shelf.cards), len(columns.set)
        self._terms = _by_term(columns, self.size)
        self._place_terms = _by_place_term(columns)
        self._by_id: dict[bytes, int] | None = None  # these two are made when they are first asked for
        self._norths: tuple[array[float], array[int]] | None = None

    def with_terms(self, wanted: Collection[str]) -> int:
        """The listings that are filed under one of these terms, in themselves or at a place."""
        found = 0
        for term in wanted:
            found |= self._terms.get(term, 0) | self._listings(self._place_terms.get(term, 0))
        return found

    def places_with_terms(self, wanted: Collection[str]) -> int:
        """The places where one of these terms is true, of the place or of the listing itself."""
        found = 0
        for term in wanted:
            found |= self._place_terms.get(term, 0) | self.places_of(self._terms.get(term, 0))
        return found

    def places_of(self, listings_marked: int) -> int:
        """All places of some listings."""
        ends = self.columns.place_to
        return marks.of((place for row in marks.rows(listings_marked) for place in range(ends[row], ends[row + 1])),
                        self.places)

    def in_area(self, code: str, place: Place | None) -> int:
        """The places where a service that states its area serves a postal code, and those that lie at it where none is
        stated. `code` as `filed.folded_code` gives it; `place`: where it is, if known."""
        columns = self.columns
        areas = columns.names.areas.values
        inside = [area is not None and serves(area, code, place) for area in areas]
        here = {number for number, one in enumerate(columns.names.codes.values) if one == code}
        return marks.of(self._found_in_area(inside, [area is None for area in areas], here), self.places)

    def _found_in_area(self, inside: Sequence[bool], unstated: Sequence[bool], here: Collection[int]) -> Iterator[int]:
        columns = self.columns
        for row, area in enumerate(columns.area):
            first, last = columns.place_to[row], columns.place_to[row + 1]
            if inside[area]:
                yield from range(first, last)
            elif unstated[area]:
                yield from (place for place in range(first, last) if columns.code[place] in here)

    def outside_area(self, code: str, place: Place | None) -> int:
        """The places of services that state an area in which a postal code is not."""
        outside = [area is not None and not serves(area, code, place) for area in self.columns.names.areas.values]
        return self.places_of(marks.of((row for row, area in enumerate(self.columns.area) if outside[area]),
                                       self.size))

    def near(self, latitude: float, longitude: float, meters: float) -> int:
        """The places whose point everybody may know and that lie within so many meters of a point."""
        columns, reach = self.columns, meters / _DEGREE_METERS
        widest = min(90.0, abs(latitude) + reach)
        across = reach / cos(radians(widest)) if widest < 89.9 else 360.0
        norths, places = self._northward()
        found = []
        for place in places[bisect_left(norths, latitude - reach):bisect_right(norths, latitude + reach)]:
            north, east = columns.latitude[place], columns.longitude[place]
            apart = abs(east - longitude)
            if min(apart, 360 - apart) <= across and _within(meters, latitude, longitude, north, east):
                found.append(place)
        return marks.of(found, self.places)

    def _northward(self) -> tuple[array[float], array[int]]:
        """The latitudes of all points in order, and the places that they are of."""
        if self._norths is None:
            held = self.columns.latitude
            places = array("L", sorted((place for place in range(self.places) if not isnan(held[place])),
                                       key=held.__getitem__))
            self._norths = array("d", (held[place] for place in places)), places
        return self._norths

    def place_of_id(self, key: uuid.UUID) -> int | None:
        """The place whose service_at_location has this id."""
        if self._by_id is None:
            ids = bytes(self.columns.ids)
            self._by_id = {ids[_ID_BYTES * place:_ID_BYTES * (place + 1)]: place for place in range(self.places)}
        return self._by_id.get(key.bytes)

    def id_of(self, place: int) -> uuid.UUID:
        """The id of a place's service_at_location."""
        return uuid.UUID(bytes=bytes(self.columns.ids[_ID_BYTES * place:_ID_BYTES * (place + 1)]))

    def listing_of(self, place: int) -> int:
        """The row of the listing that a place is of."""
        low, high, ends = 0, self.size, self.columns.place_to
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if ends[middle] <= place else (low, middle)
        return low

    def _listings(self, places_marked: int) -> int:
        return marks.of((self.listing_of(place) for place in marks.rows(places_marked)), self.size)


def _within(meters: float, *points: float) -> bool:
    found = sphere_miles(*points) * METERS_PER_MILE
    if abs(found - meters) <= _SURE * meters:
        found = distance_miles(*points) * METERS_PER_MILE
    return found <= meters


def _by_term(columns: Columns, size: int) -> Mapping[str, int]:
    held = [bytearray() for _ in columns.names.terms.values]
    start = 0
    for row in range(size):
        end, place, bit = columns.said_to[row + 1], row >> 3, 1 << (row & 7)
        for number in columns.said[start:end]:
            mine = held[number]
            if not mine:
                mine.extend(bytes((size + 7) // 8))
            mine[place] |= bit
        start = end
    return {term: int.from_bytes(one, "little") for term, one in zip(columns.names.terms.values, held, strict=True)
            if one}


def _by_place_term(columns: Columns) -> Mapping[str, int]:
    of_set: dict[int, list[int]] = {}
    for place, number in enumerate(columns.set):
        of_set.setdefault(number, []).append(place)
    found: dict[str, int] = {}
    for number, places in of_set.items():
        held = marks.of(places, len(columns.set))
        for term in columns.names.sets.values[number]:
            found[term] = found.get(term, 0) | held
    return found
