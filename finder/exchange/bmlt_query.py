"""Choosing among the meetings of a BMLT server by the parameters of GetSearchResults.

Where BMLT servers differ from their description, this does as the servers do (bmlt-enabled/bmlt-server): starts are
strictly after and before, what is empty sorts last, a number in SearchString is also a meeting's own number.
"""

from __future__ import annotations

import heapq
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from finder.exchange.bmlt_answers import FIELDS, ROOT_BODY, USUAL_SORT, Answers
from finder.exchange.bmlt_parameters import Query, Unreadable, Wanted, is_set, is_whole, listed, number, numbers, one
from finder.places.distance import RADIUS_MILES, sphere_miles

KM_PER_MILE = 1.609344
DISTANCES = ("distance_in_km", "distance_in_miles")
LONGEST_SEARCH = 200  # characters of SearchString that are looked at
SHORTEST_SEARCH = 3  # below that only a number counts
NEAREST = -10.0  # as a radius: so many of the nearest, where an address is sought without one
_DEGREE_MILES = math.radians(1) * RADIUS_MILES * 0.999  # a little less, so that a band is never too thin
_PLACE = ("location_municipality", "location_city_subsection", "location_neighborhood")
_SORTS = {"weekday": ("weekday_tinyint", *_PLACE[:2], "start_time", _PLACE[2]),
          "time": ("weekday_tinyint", "start_time", *_PLACE),
          "town": (*_PLACE, "weekday_tinyint", "start_time"),
          "state": ("location_province", *_PLACE[:2], "weekday_tinyint", "start_time"),
          "weekday_state": ("weekday_tinyint", "location_province", _PLACE[0], "start_time", _PLACE[1])}
_AS_NUMBERS = frozenset(("id_bigint", "shared_group_id_bigint", "service_body_bigint", "latitude", "longitude"))
_SEARCHED = ("meeting_name", "comments", "location_text", "location_street", "location_municipality",
             "location_province", "location_postal_code_1")
_BREAKS = re.compile(r"[\s,]+")
# The point that an address in words stands for, latitude and longitude; None when nobody can say.
Locate = Callable[[str], tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a query chose, in its order, and how many miles away each is where it asked around a point."""

    rows: list[int]
    miles: dict[int, float] = field(default_factory=dict)


def search(held: Answers, query: Query, locate: Locate = lambda text: None) -> Found:
    """The meetings that a query asks for, in its order and of its page. Raises Unreadable."""
    if one(query, "advanced_published") not in ("", "0", "1"):
        return Found([])  # unpublished ones only
    rows: Iterable[int] = range(len(held))
    for step in (_coded, _with_formats, _clocks, _of_one_field, _worded):
        rows = step(held, rows, query)
    found = _around(held, list(rows), query, locate)
    return Found(_page(_sorted(held, found, query), query), found.miles)


def _coded(held: Answers, rows: Iterable[int], query: Query) -> Iterable[int]:
    for name, column in (("weekdays", "weekday_tinyint"), ("venue_types", "venue_type"), ("meeting_ids", "id_bigint"),
                         ("services", "service_body_bigint")):
        chosen = numbers(query, name)
        if name == "services" and is_set(query, "recursive"):
            chosen = with_children(held, chosen)
        wanted, values = Wanted(chosen), held.columns[column]
        if not wanted.all:
            rows = [row for row in rows if values[row] in wanted]
    return rows


def with_children(held: Answers, chosen: Sequence[str]) -> list[str]:
    """Numbers of service bodies with those below them; only the instance itself has any."""
    below = [body["id"] for body in held.bodies]
    return [*chosen, *(below if ROOT_BODY in chosen else ()),
            *(f"-{key}" for key in (below if f"-{ROOT_BODY}" in chosen else ()))]


def _with_formats(held: Answers, rows: Iterable[int], query: Query) -> Iterable[int]:
    chosen = numbers(query, "formats")
    if not chosen:
        return rows
    inside = {text for text in chosen if not text.startswith("-")}
    outside = {text.removeprefix("-") for text in chosen if text.startswith("-")}
    all_of_them = (one(query, "formats_comparison_operator") or "AND").upper() == "AND"

    @cache
    def fits(numbers_of_formats: str) -> bool:
        there = set(numbers_of_formats.split(","))
        enough = inside <= there if all_of_them else bool(inside & there) or not inside
        return enough and not outside & there
    values = held.columns["format_shared_id_list"]
    return [row for row in rows if fits(values[row])]


def _clocks(held: Answers, rows: Iterable[int], query: Query) -> Iterable[int]:
    """By start, end and length. The end of a length that is not stated is not known, and no bound leaves it out."""
    after, before = _minutes(query, "StartsAfter"), _minutes(query, "StartsBefore")
    ends, least, most = (_minutes(query, name) for name in ("EndsBefore", "MinDuration", "MaxDuration"))
    if {after, before, ends, least, most} == {None}:
        return rows

    @cache
    def fits(start_time: str, duration_time: str) -> bool:
        start, length = _of_clock(start_time), _of_clock(duration_time) if duration_time else None
        starts = (after is None or start > after) and (before is None or start < before)
        return starts and (length is None or ((ends is None or start + length <= ends)
                                              and (least is None or length >= least)
                                              and (most is None or length <= most)))
    starts, lengths = held.columns["start_time"], held.columns["duration_time"]
    return [row for row in rows if fits(starts[row], lengths[row])]


def _minutes(query: Query, name: str) -> int | None:
    """Hours and minutes, each put into its range."""
    hours, minutes = number(query, f"{name}H"), number(query, f"{name}M")
    if hours is None and minutes is None:
        return None
    return 60 * min(23, max(0, int(hours or 0))) + min(59, max(0, int(minutes or 0)))


def _of_clock(text: str) -> int:
    hours, minutes = text.split(":")[:2]
    return 60 * int(hours) + int(minutes)


def _of_one_field(held: Answers, rows: Iterable[int], query: Query) -> Iterable[int]:
    """By the whole value of one field, or one of several."""
    key = one(query, "meeting_key")
    if not key:
        return rows
    wanted = {value.strip().casefold() for value in query.get("meeting_key_value") or () if value.strip()}
    if key not in FIELDS or key in ("formats", "latitude", "longitude") or not wanted:
        raise Unreadable(key)
    if key in ("start_time", "duration_time"):
        wanted |= {f"{value}:00" for value in wanted}
    values = held.columns[key]
    return [row for row in rows if values[row].casefold() in wanted]


def _worded(held: Answers, rows: Iterable[int], query: Query) -> Iterable[int]:
    """By every word of SearchString; where all are numbers, also by a meeting's own one."""
    text = one(query, "SearchString")[:LONGEST_SEARCH].casefold()
    words = [word for word in _BREAKS.split(text) if word]
    own_numbers = {str(int(word)) for word in words} if all(map(is_whole, words)) else set()
    is_long = len(text) >= SHORTEST_SEARCH
    if is_set(query, "StringSearchIsAnAddress") or not (own_numbers or (words and is_long)):
        return rows
    ids, columns = held.columns["id_bigint"], [held.columns[name] for name in _SEARCHED]

    def fits(row: int) -> bool:
        said = "\n".join([values[row] for values in columns]).casefold()
        return ids[row] in own_numbers or (is_long and all(word in said for word in words))
    return [row for row in rows if fits(row)]


def _around(held: Answers, rows: list[int], query: Query, locate: Locate) -> Found:
    """Within a radius of a point, or, where the radius is below 0, so many of the nearest. Meetings without a point
    are nowhere."""
    point, miles = _circle(query, locate)
    if point is None:
        return Found(rows)
    pins: Iterable[tuple[float, float, int]] = held.pins
    if miles is not None and miles >= 0:
        band = miles / _DEGREE_MILES
        pins = held.pins[bisect_left(held.pins, (point[0] - band,)):bisect_right(held.pins, (point[0] + band, 181.0))]
    if len(rows) < len(held):
        among = set(rows)
        pins = (pin for pin in pins if pin[2] in among)
    away = ((sphere_miles(*point, latitude, longitude), row) for latitude, longitude, row in pins)
    if miles is None:
        near = list(away)
    elif miles < 0:
        near = heapq.nsmallest(int(-miles), away)
    else:
        near = [pair for pair in away if pair[0] <= miles]
    return Found(sorted(row for _, row in near), {row: far for far, row in near})


def _circle(query: Query, locate: Locate) -> tuple[tuple[float, float] | None, float | None]:
    """The point and the radius in miles that are asked about; without a radius everything, for its distance."""
    if is_set(query, "StringSearchIsAnAddress") and one(query, "SearchString"):
        point = locate(one(query, "SearchString")[:LONGEST_SEARCH])
        if point is None:
            raise Unreadable("SearchString")
        return point, number(query, "SearchStringRadius") or NEAREST
    latitude, longitude = number(query, "lat_val"), number(query, "long_val")
    if latitude is None and longitude is None:
        return None, None
    miles, kilometers = number(query, "geo_width"), number(query, "geo_width_km")
    if miles is None and kilometers is not None:
        miles = kilometers / KM_PER_MILE if kilometers > 0 else kilometers
    if miles is None and not set(DISTANCES) & set(listed(query, "data_field_key")):
        raise Unreadable("geo_width")
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Unreadable("lat_val")
    return (latitude, longitude), miles


def _sorted(held: Answers, found: Found, query: Query) -> list[int]:
    if found.miles and is_set(query, "sort_results_by_distance"):
        return sorted(found.rows, key=lambda row: (found.miles[row], row))
    asked = dict.fromkeys(name for name in listed(query, "sort_keys") if name in FIELDS)
    keys = tuple(asked) or _SORTS.get(one(query, "sort_key"), USUAL_SORT)
    rows = found.rows
    if keys == USUAL_SORT:
        return rows  # as they lie
    for name in reversed(keys):
        values = held.columns[name]
        told_apart = sorted({values[row] for row in rows}, key=float if name in _AS_NUMBERS else _alphabetically)
        rows = _by(values, {value: place for place, value in enumerate(told_apart)}, rows)
    return rows


def _by(values: Sequence[str], order: Mapping[str, int], rows: list[int]) -> list[int]:
    return sorted(rows, key=lambda row: order[values[row]])


def _alphabetically(value: str) -> tuple[bool, str]:
    return value == "", value.casefold()


def _page(rows: list[int], query: Query) -> list[int]:
    size, page = number(query, "page_size"), number(query, "page_num")
    if size is None:
        return rows
    if size < 1:
        raise Unreadable("page_size")
    first = int(size) * (max(1, int(page or 1)) - 1)
    return rows[first:first + int(size)]
