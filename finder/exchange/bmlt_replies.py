"""What a BMLT server replies, by the `switcher` of the query. What cannot be read is replied to with []."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from finder.exchange.bmlt_answers import FIELDS, ROOT_BODY, Answers, Meeting
from finder.exchange.bmlt_formats import LANGUAGES, definition, every
from finder.exchange.bmlt_parameters import Query, Unreadable, Wanted, is_set, is_there, listed, numbers, one
from finder.exchange.bmlt_query import DISTANCES, KM_PER_MILE, Found, Locate, search, with_children
from finder.exchange.weekly import Site
from finder.vocabulary import Vocabulary

VERSION, VERSION_NUMBER = "3.0.0", "3000000"  # of the semantic API that is spoken here
MIDDLE = (39.8283, -98.5795)  # of the contiguous United States: where a first map opens while nothing has a point
ZOOM, NEAREST_ZOOM = 4, 12  # of that map; the closest that it opens with
NOTHING = "NULL"  # how BMLT servers name the value of a field that is empty


@dataclass(frozen=True, slots=True)
class Server:
    """What replies are made from. `lang`: the instance's language, for what names none."""

    held: Answers
    site: Site
    vocabulary: Vocabulary
    locate: Locate = lambda text: None
    lang: str = "en"


def reply(server: Server, query: Query) -> Any:
    """A list, or an object of meetings and formats; [] for a parameter that cannot be read. None for a switcher that
    is not known, which BMLT servers refuse."""
    kind = SWITCHERS.get(one(query, "switcher"))
    try:
        return kind(server, query) if kind else None
    except Unreadable:
        return []


def _search(server: Server, query: Query) -> Any:
    found = search(server.held, query, server.locate)
    only_formats = is_there(query, "get_formats_only")
    if not only_formats and not is_there(query, "get_used_formats"):
        return _meetings(server.held, found, query)
    lists = server.held.columns["formats"]
    used = {key for keys in {lists[row] for row in found.rows} for key in keys.split(",")} - {""}
    lang = one(query, "lang_enum") or server.lang
    formats = [definition(server.held.formats[key], server.vocabulary, lang, server.site) for key in sorted(used)]
    return {"formats": formats} if only_formats else {"meetings": _meetings(server.held, found, query),
                                                      "formats": formats}


def _meetings(held: Answers, found: Found, query: Query) -> list[Meeting]:
    asked = [name for name in listed(query, "data_field_key") if name in (*FIELDS, *DISTANCES)]
    columns = [(name, held.columns[name]) for name in FIELDS if not asked or name in asked]
    meetings = []
    for row in found.rows:
        meeting = {name: values[row] for name, values in columns}
        if row in found.miles:
            away = zip(DISTANCES, (found.miles[row] * KM_PER_MILE, found.miles[row]), strict=True)
            meeting |= {name: f"{far:.4f}" for name, far in away if not asked or name in asked}
        meetings.append(meeting)
    return meetings


def _formats(server: Server, query: Query) -> list[dict[str, str]]:
    keys, wanted = listed(query, "key_strings"), Wanted(numbers(query, "format_ids"))
    known = every(server.vocabulary) if is_set(query, "show_all") else [
        one for _, one in sorted(server.held.formats.items())]
    langs = dict.fromkeys(lang if lang in LANGUAGES else "en" for lang in listed(query, "lang_enum") or [server.lang])
    return [definition(one, server.vocabulary, lang, server.site) for one in known
            if (not keys or one.key in keys) and one.id in wanted for lang in langs]


def _bodies(server: Server, query: Query) -> list[dict[str, str]]:
    chosen = numbers(query, "services")
    if is_set(query, "recursive"):
        chosen = with_children(server.held, chosen)
    wanted = Wanted(chosen)
    found = [body for body in server.held.bodies if body["id"] in wanted]
    if found and is_set(query, "parents") and ROOT_BODY not in {body["id"] for body in found}:
        found = [server.held.bodies[0], *found]
    return found


def _server_info(server: Server, query: Query) -> list[dict[str, str]]:
    latitude, longitude, zoom = _first_map(server.held)
    states = sorted(set(server.held.columns["location_province"]) - {""})
    return [{"version": VERSION, "versionInt": VERSION_NUMBER, "langs": ",".join(LANGUAGES),
             "nativeLang": server.lang, "centerLatitude": str(latitude), "centerLongitude": str(longitude),
             "centerZoom": str(zoom), "defaultDuration": "01:00:00", "regionBias": server.site.country.lower(),
             "charSet": "UTF-8", "distanceUnits": "mi", "semanticAdmin": "0", "emailEnabled": "0",
             "emailIncludesServiceBodies": "0", "changesPerMeeting": "0",
             "meeting_states_and_provinces": ",".join(states), "meeting_counties_and_sub_provinces": "",
             "available_keys": ",".join(FIELDS), "google_api_key": "", "aggregator_mode_enabled": "0"}]


def _first_map(held: Answers) -> tuple[float, float, int]:
    """The middle of all points, and a zoom of web maps at which they fit into a window."""
    if not held.pins:
        return *MIDDLE, ZOOM
    north, west, south, east = _box(held)
    widest = max(east - west, 2 * (north - south), 360 / 2 ** NEAREST_ZOOM)
    zoom = min(NEAREST_ZOOM, int(math.log2(360 / widest)) + 1)
    return round((north + south) / 2, 4), round((east + west) / 2, 4), zoom


def _box(held: Answers) -> tuple[float, float, float, float]:
    longitudes = [longitude for _, longitude, _ in held.pins]
    return held.pins[-1][0], min(longitudes), held.pins[0][0], max(longitudes)


def _coverage(server: Server, query: Query) -> list[dict[str, str]]:
    north, west, south, east = map(str, _box(server.held)) if server.held.pins else ("",) * 4
    return [{"nw_corner_longitude": west, "nw_corner_latitude": north, "se_corner_longitude": east,
             "se_corner_latitude": south}]


def _keys(server: Server, query: Query) -> list[dict[str, str]]:
    return [{"key": name, "description": name.replace("_", " ")} for name in FIELDS]


def _values(server: Server, query: Query) -> list[dict[str, str]]:
    """The different values of one field, each with the numbers of its meetings."""
    name, columns = one(query, "meeting_key"), server.held.columns
    if name not in FIELDS:
        raise Unreadable(name)
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(columns["format_shared_id_list" if name == "formats" else name]):
        rows.setdefault(value, []).append(row)
    if name == "formats":
        rows = _limited(rows, query)
    ids = columns["id_bigint"]
    return [{name: value or NOTHING, "ids": ",".join(sorted((ids[row] for row in rows[value]), key=int))}
            for value in sorted(rows)]


def _limited(rows: Mapping[str, list[int]], query: Query) -> dict[str, list[int]]:
    """Lists of formats cut down to some: those of them that a list holds, or only the lists that hold all."""
    asked = [text for text in numbers(query, "specific_formats") if not text.startswith("-")]
    if not asked:
        return dict(rows)
    found: dict[str, list[int]] = {}
    for value, some in rows.items():
        there = [text for text in sorted(asked, key=int) if text in value.split(",")]
        if there and (len(there) == len(asked) or not is_set(query, "all_formats")):
            found.setdefault(",".join(there), []).extend(some)
    return found


SWITCHERS: Mapping[str, Callable[[Server, Query], Any]] = {
    "GetSearchResults": _search, "GetFormats": _formats, "GetServiceBodies": _bodies, "GetServerInfo": _server_info,
    "GetCoverageArea": _coverage, "GetFieldKeys": _keys, "GetFieldValues": _values,
    "GetChanges": lambda server, query: [],  # who changed what is not for everybody
}
