"""What a BMLT client asks for, chosen from the answers there are. Whatever cannot be read is answered with [].

Parameters are a mapping of names to all their values: `weekdays=2,3`, `weekdays[]=2&weekdays[]=3` and both at once
mean the same. A negative number leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from finder.exchange.bmlt_answers import FIELDS, ROOT_BODY, Answers, definition, server_info
from finder.exchange.weekly import Site
from finder.places.distance import sphere_miles
from finder.vocabulary import Vocabulary

KM_PER_MILE = 1.609344
LONGEST_SEARCH = 200  # characters of SearchString that are looked at
MOST_VALUES = 1000  # of one parameter
_SORTS = {"weekday": ("weekday_tinyint", "start_time"), "time": ("start_time", "weekday_tinyint"),
          "town": ("location_municipality", "weekday_tinyint", "start_time"),
          "state": ("location_province", "location_municipality", "weekday_tinyint", "start_time"),
          "weekday_state": ("weekday_tinyint", "location_province", "location_municipality", "start_time")}
_SEARCHED = ("meeting_name", "comments", "location_text", "location_street", "location_municipality",
             "location_province", "location_postal_code_1")
Query = Mapping[str, Sequence[str]]
Meeting = dict[str, str]


class _Unreadable(ValueError):
    """A parameter that is none of the known shapes."""


def parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The pairs of a query string by name, without the brackets that some clients put behind the names of lists."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.partition("[")[0], []).append(value)
    return found


def answer(held: Answers, query: Query, *, site: Site, vocabulary: Vocabulary) -> Any:
    """The answer to a query, by its `switcher`: a list, or an object of meetings and formats; [] for what is wrong or
    not known here."""
    kinds: Mapping[str, Callable[[], Any]] = {
        "GetSearchResults": lambda: _search(held, query, site, vocabulary),
        "GetFormats": lambda: _formats(held, query, site, vocabulary),
        "GetServiceBodies": lambda: _bodies(held, query),
        "GetServerInfo": lambda: server_info(site),
        "GetFieldKeys": lambda: [{"key": name, "description": name} for name in FIELDS],
    }
    kind = kinds.get(_one(query, "switcher"))
    try:
        return kind() if kind else []
    except _Unreadable:
        return []


def search(held: Answers, query: Query) -> list[Meeting]:
    """The whole meetings that a query asks for, in its order and of its page; all fields. Raises ValueError."""
    found: Iterable[Meeting] = held.meetings
    for name, field in (("weekdays", "weekday_tinyint"), ("venue_types", "venue_type"), ("meeting_ids", "id_bigint")):
        found = _among(found, query, name, field)
    found = _texts(_clocks(_services(_with_formats(found, query), query, held), query), query)
    return _page(_sorted(_near(list(found), query), query), query)


def _search(held: Answers, query: Query, site: Site, vocabulary: Vocabulary) -> Any:
    if _one(query, "advanced_published") == "-1":
        return []
    found = search(held, query)
    columns = [name for name in _listed(query, "data_field_key") if name in (*FIELDS, *_DISTANCES)]
    wanted = bool(_listed(query, "data_field_key"))
    meetings = [{name: one[name] for name in columns if name in one} for one in found] if wanted else found
    if _one(query, "get_used_formats") != "1":
        return meetings
    used = {key for one in found for key in one["formats"].split(",") if key}
    lang = _one(query, "lang_enum")
    formats = [definition(held.formats[key], vocabulary, lang, site) for key in sorted(used)]
    return {"formats": formats} if _one(query, "get_formats_only") == "1" else {"meetings": meetings,
                                                                                "formats": formats}


def _formats(held: Answers, query: Query, site: Site, vocabulary: Vocabulary) -> list[dict[str, str]]:
    keys, numbers = _listed(query, "key_strings"), _numbers(query, "format_ids")
    langs = _listed(query, "lang_enum") or [""]
    return [definition(one, vocabulary, lang, site) for _, one in sorted(held.formats.items())
            if (not keys or one.key in keys) and _chosen(one.id, numbers) for lang in langs[:2]]


def _bodies(held: Answers, query: Query) -> list[dict[str, str]]:
    numbers = _numbers(query, "services")
    found = [one for one in held.bodies if _chosen(one["id"], numbers)]
    if numbers and _one(query, "recursive") == "1" and ROOT_BODY in numbers:
        return list(held.bodies)
    return found


def _one(query: Query, name: str) -> str:
    values = query.get(name) or ("",)
    return values[-1].strip()


def _listed(query: Query, name: str) -> list[str]:
    found = [part.strip() for value in query.get(name) or () for part in value.split(",") if part.strip()]
    if len(found) > MOST_VALUES:
        raise _Unreadable(name)
    return found


def _numbers(query: Query, name: str) -> list[str]:
    """Whole numbers as text, without leading zeros; those below 0 begin with a minus."""
    found = []
    for text in _listed(query, name):
        bare = text.removeprefix("-")
        if not (bare.isascii() and bare.isdigit() and len(bare) <= 20):
            raise _Unreadable(name)
        found.append(f"{'-' if text != bare else ''}{int(bare)}")
    return found


def _number(query: Query, name: str) -> float | None:
    text = _one(query, name)
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        raise _Unreadable(name) from None
    if not abs(found) < 1e9:  # NaN too
        raise _Unreadable(name)
    return found


def _chosen(value: str, numbers: Sequence[str]) -> bool:
    inside = [one for one in numbers if not one.startswith("-")]
    return f"-{value}" not in numbers and (not inside or value in inside)


def _among(meetings: Iterable[Meeting], query: Query, name: str, field: str) -> Iterable[Meeting]:
    numbers = _numbers(query, name)
    return [one for one in meetings if _chosen(one[field], numbers)] if numbers else meetings


def _services(meetings: Iterable[Meeting], query: Query, held: Answers) -> Iterable[Meeting]:
    numbers = _numbers(query, "services")
    if _one(query, "recursive") == "1" and ROOT_BODY in numbers:
        numbers = [one for one in numbers if one.startswith("-")] + [one["id"] for one in held.bodies]
    return [one for one in meetings if _chosen(one["service_body_bigint"], numbers)] if numbers else meetings


def _with_formats(meetings: Iterable[Meeting], query: Query) -> Iterable[Meeting]:
    numbers = _numbers(query, "formats")
    inside = {one for one in numbers if not one.startswith("-")}
    outside = {one.removeprefix("-") for one in numbers} - inside
    enough = 1 if _one(query, "formats_comparison_operator").upper() == "OR" else len(inside)
    for one in meetings:
        there = set(one["format_shared_id_list"].split(","))
        if not outside & there and len(inside & there) >= min(enough, len(inside)):
            yield one


def _clocks(meetings: Iterable[Meeting], query: Query) -> Iterable[Meeting]:
    """By start, end and length in minutes; bounds count as inside. The end of a length that is not stated is not
    known, and no bound leaves it out."""
    after, before = _minutes(query, "StartsAfter"), _minutes(query, "StartsBefore")
    ends, least, most = (_minutes(query, name) for name in ("EndsBefore", "MinDuration", "MaxDuration"))
    for one in meetings:
        start, length = _of_clock(one["start_time"]), _of_clock(one["duration_time"])
        known = one["duration_time"] != ""
        if (after is None or start >= after) and (before is None or start <= before) \
                and (ends is None or not known or start + length <= ends) \
                and (least is None or not known or length >= least) and (most is None or not known or length <= most):
            yield one


def _minutes(query: Query, name: str) -> int | None:
    hours, minutes = _number(query, f"{name}H"), _number(query, f"{name}M")
    return None if hours is None and minutes is None else int(60 * (hours or 0) + (minutes or 0))


def _of_clock(text: str) -> int:
    hours, minutes = (text or "0:0").split(":")[:2]
    return 60 * int(hours) + int(minutes)


def _texts(meetings: Iterable[Meeting], query: Query) -> Iterable[Meeting]:
    """By every word of SearchString, and by the whole value of one field; addresses are searched as words."""
    words = _one(query, "SearchString")[:LONGEST_SEARCH].casefold().split()
    key, value = _one(query, "meeting_key"), _one(query, "meeting_key_value").casefold()
    if key and key not in FIELDS:
        raise _Unreadable(key)
    for one in meetings:
        text = " ".join(one[name] for name in _SEARCHED).casefold() if words else ""
        if all(word in text for word in words) and (not key or one[key].casefold() == value):
            yield one


_DISTANCES = ("distance_in_km", "distance_in_miles")


def _near(meetings: list[Meeting], query: Query) -> list[Meeting]:
    """Within a radius of a point, or, where the radius is a whole number below 0, that many of the nearest. Meetings
    without a point are nowhere."""
    latitude, longitude = _number(query, "lat_val"), _number(query, "long_val")
    miles = _number(query, "geo_width")
    if miles is None:
        miles = _number(query, "geo_width_km")
        miles = miles / KM_PER_MILE if miles and miles > 0 else miles
    if latitude is None and longitude is None:
        return meetings
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180) or not miles:
        raise _Unreadable("lat_val")
    away = sorted(((sphere_miles(latitude, longitude, float(one["latitude"]), float(one["longitude"])), place)
                   for place, one in enumerate(meetings) if (one["latitude"], one["longitude"]) != ("0", "0")))
    kept = away[:int(-miles)] if miles < 0 else [pair for pair in away if pair[0] <= miles]
    if _one(query, "sort_results_by_distance") != "1":
        return [meetings[place] for place in sorted(place for _, place in kept)]
    return [meetings[place] | {"distance_in_miles": f"{far:.4f}", "distance_in_km": f"{far * KM_PER_MILE:.4f}"}
            for far, place in kept]


def _sorted(meetings: list[Meeting], query: Query) -> list[Meeting]:
    keys = [name for name in _listed(query, "sort_keys") if name in FIELDS] or _SORTS.get(_one(query, "sort_key"), ())
    if not keys and _one(query, "sort_results_by_distance") == "1":
        return meetings
    keys = (*(keys or _SORTS["weekday"]), "id_bigint")
    return sorted(meetings, key=lambda one: [one[name].casefold() for name in keys])


def _page(meetings: list[Meeting], query: Query) -> list[Meeting]:
    size, number = _number(query, "page_size"), _number(query, "page_num")
    if size is None:
        return meetings
    first = int(size) * (max(1, int(number or 1)) - 1)
    if size < 1:
        raise _Unreadable("page_size")
    return meetings[first:first + int(size)]
