"""The browse pages: an address of a place and numbers, to a list of cards. No answer enters and no cookie is set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finder import wording
from finder.errors import Invalid, Problem
from finder.places.gazetteer import Gazetteer
from finder.search import find
from finder.search.query_schema import load_browse, usual_sort
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.web import filters as narrowing
from finder.web import mapping, typed_place
from finder.web.showing import card
from finder.wordings.language import gettext

RADII = (5, 15, 25, 50, 100)  # miles that the page offers
RADIUS = "25"
SORTS = ("relevance", "distance", "next_session", "freshness")
PER_PAGE = 20
SOON = (3, 24, 72)  # hours that the page offers for "starting soon"
NEAREST = (5, 10, 20)
MOST_WAYS_OUT = 8  # chips that are tried alone when a list is empty


# Name in the page's address -> parameter of the query. None of them says what is sought.
PLAIN: Mapping[str, str] = {"near": "near", "sort": "sort", "page": "page", "far": "radius_miles", "from": "from",
                            "until": "until", "soon": "starting", "nearest": "nearest"}
Errors = Mapping[str, Sequence[Problem]]
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)")
POINT_DIGITS = 2  # of a degree: about one kilometer, so that an address never says where somebody is more closely


def read(arguments: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, dict[str, list[str]]]]:
    """The query for `find.browse` and the filters in it. Raises Invalid naming the fields of the page."""
    filters = narrowing.read(arguments)
    asked = narrowing.arguments(filters)
    for name, parameter in PLAIN.items():
        values = list(arguments.get(name, ()))[-1:]
        if values and values[0].strip():
            asked[parameter] = [values[0].strip()]
    days = [one for one in arguments.get("day", ()) if one]
    if days:
        asked["days"] = [",".join(days)]
    _point(asked)
    if not {"near", "latitude"} & set(asked):
        asked.pop("radius_miles", None)
        asked.pop("nearest", None)
    if "1" in arguments.get("paused", ()):
        asked["status"] = ["paused"]
    try:
        query = load_browse(asked)
    except Invalid as wrong:
        fields = {parameter: name for name, parameter in PLAIN.items()} | {"days": "day", "latitude": "near",
                                                                           "longitude": "near"}
        raise Invalid({fields.get(name, name): found for name, found in wrong.errors.items()}, "query") from wrong
    return query, filters


def as_far_as_read(arguments: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], narrowing.Filters,
                                                                           Errors]:
    """What `read` gives for all but the fields it refuses, and what is wrong with those."""
    left: Mapping[str, Sequence[str]] = arguments
    wrong: dict[str, Sequence[Problem]] = {}
    while True:
        try:
            query, filters = read(left)
        except Invalid as refused:
            fields = {one for name in refused.errors for one in (name, f"{name}-not") if one in left}
            wrong |= refused.errors
            if not fields:
                return *read({}), wrong
            left = {name: values for name, values in left.items() if name not in fields}
        else:
            return query, filters, wrong


def sent(form: Mapping[str, Sequence[str]], gazetteer: Gazetteer) -> dict[str, Any]:
    """The address a sent form leads to, with the place as the gazetteer spells it. Raises Invalid naming its fields."""
    query, filters = read(form)
    if query["near"]:
        query["near"] = typed_place.for_address(query["near"], gazetteer, "near")
    return in_address(query, filters)


def _point(asked: dict[str, list[str]]) -> None:
    """A place written as two numbers becomes a rounded point."""
    found = _POINT.fullmatch(asked.get("near", [""])[0].replace(" ", ""))
    if found:
        del asked["near"]
        asked["latitude"], asked["longitude"] = ([f"{round(float(one), POINT_DIGITS)}"] for one in found.groups())


def view(services: Services, snapshot: Snapshot, query: Mapping[str, Any], filters: narrowing.Filters,
         named: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """What the browse page shows. `named`: listings that were asked for by name; they come first."""
    now = services.now()
    found = find.browse(query, snapshot=snapshot, gazetteer=services.gazetteer,
                        vocabulary=services.vocabulary, now=now)
    linked = {**query, "near": _linked(query["near"], found["place"], services.gazetteer)}
    address = in_address(linked, filters)
    narrowed_by = chips(linked, filters, (found["place"] or {}).get("text"))
    pages = Pages(found["total"], query["page"])
    only_named = bool(named) and not address
    called = [card({"id": one["id"], "slug": one["slug"]}, one["document"], distance_miles=None, today=now.date())
              for one in named]
    shown = [one for one in found["programs"] if one["id"] not in {other["id"] for other in named}]
    cards = [card(one["listing"], one["document"], distance_miles=one["distance_miles"], today=now.date())
             for one in shown]
    listed = zip(called, named, strict=True) if only_named else zip(cards, shown, strict=True)
    stops = [mapping.Stop(rank, one.anchor, one.name, group["document"])
             for rank, (one, group) in enumerate(listed, 1 if only_named else pages.first_shown)]
    return {
        "named": called, "only_named": only_named,
        "found": found, "query": query, "filters": filters,
        "cards": cards, "map": mapping.of_list(stops, found["place"], query["radius_miles"], services),
        "facets": narrowing.facets(found["facets"], filters), "leave_out": narrowing.leave_out(filters),
        "in_address": address, "pages": pages, "radii": RADII,
        "sorts": SORTS, "days": [(number, wording.weekday_text(number)) for number in range(7)], "soon": SOON,
        "counts": NEAREST, "chips": narrowed_by,
        "ways_out": _ways_out(narrowed_by, services, snapshot) if not found["total"] else [],
        "clock": {name: _clock(query[name]) for name in ("from", "until")},
    }


def _linked(near: str | None, place: Mapping[str, Any] | None, gazetteer: Gazetteer) -> str | None:
    """The place in links to the same list: without words that somebody wrote into an address by hand."""
    if near is None or near.isdecimal():
        return near
    return place["text"] if place else typed_place.spelled(near, gazetteer)


def _ways_out(narrowed_by: Sequence[Chip], services: Services, snapshot: Snapshot) -> list[tuple[Chip, int]]:
    """When nothing is left: what each chip, taken off alone, would bring; the most useful first."""
    found = []
    for chip in narrowed_by[:MOST_WAYS_OUT]:
        query, _ = read({name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
                         for name, value in chip.without.items()})
        total = find.browse(query | {"per_page": 1}, snapshot=snapshot, gazetteer=services.gazetteer,
                            vocabulary=services.vocabulary, now=services.now())["total"]
        if total:
            found.append((chip, total))
    return sorted(found, key=lambda one: -one[1])


def in_address(query: Mapping[str, Any], filters: narrowing.Filters) -> dict[str, Any]:
    """The address of this list, without its page."""
    near = query["near"]
    if query["latitude"] is not None:
        near = f"{query['latitude']:.{POINT_DIGITS}f},{query['longitude']:.{POINT_DIGITS}f}"
    plain = {"near": near, "far": f"{query['radius_miles']:g}" if query["radius_miles"] else None,
             "sort": None if query["sort"] == usual_sort(query) else query["sort"], "paused": query["status"] and "1",
             "day": list(query["days"]), "from": _clock(query["from"]), "until": _clock(query["until"]),
             "soon": query["starting"], "nearest": query["nearest"]}
    return {**{name: value for name, value in plain.items() if value}, **narrowing.in_address(filters)}


def _clock(minutes: int | None) -> str | None:
    return None if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing the list is narrowed by, in words, and the address of the list without it."""

    words: str
    without: Mapping[str, Any]


def chips(query: Mapping[str, Any], filters: narrowing.Filters, place: str | None) -> list[Chip]:
    """Everything the list is narrowed by, each to be taken off alone."""
    address = in_address(query, filters)
    made = [Chip(words, {key: value for key, value in address.items() if key not in names})
            for names, words in _plain_chips(query, place)]
    for name in address.get("day", ()):
        made.append(Chip(wording.weekday_text(name), _less(address, "day", name)))
    for facet, modes in filters.items():
        for mode, codes in modes.items():
            field = narrowing.NAMES[facet] + ("-not" if mode == "not" else "")
            for code in codes:
                words = wording.facet_value_text(facet, code)
                made.append(Chip(gettext("not: %(value)s", value=words) if mode == "not" else words,
                                 _less(address, field, narrowing.number_of(facet, code))))
    return made


def _plain_chips(query: Mapping[str, Any], place: str | None) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []
    if query["near"] or query["latitude"] is not None:
        found.append((("near", "far", "nearest"), place or query["near"] or gettext("Near me")))
    if query["radius_miles"]:
        found.append((("far",), gettext("within %(miles)s miles", miles=f"{query['radius_miles']:g}")))
    if query["nearest"]:
        found.append((("nearest",), gettext("the %(count)s nearest", count=query["nearest"])))
    if query["from"] is not None:
        found.append((("from",), gettext("from %(time)s", time=_clock(query["from"]))))
    if query["until"] is not None:
        found.append((("until",), gettext("until %(time)s", time=_clock(query["until"]))))
    if query["starting"]:
        found.append((("soon",), gettext("starts within %(hours)s hours", hours=query["starting"])))
    return found


def _less(address: Mapping[str, Any], field: str, value: Any) -> dict[str, Any]:
    left = [one for one in address[field] if one != value]
    changed = {key: one for key, one in address.items() if key != field}
    return changed | {field: left} if left else changed


def fields(names: Iterable[str]) -> dict[str, str]:
    """Where the summary of errors leads to: the field itself, or the panel that holds the boxes."""
    own = {*PLAIN, "q"} - {"page"}
    return {name: name if name in own else "narrow" for name in names}


class Pages:
    """Which page of a list this is, and which are beside it."""

    def __init__(self, total: int, page: int, per_page: int = PER_PAGE) -> None:
        self.page, self.last = page, max(1, -(-total // per_page))
        self.first_shown = min(total, (page - 1) * per_page + 1)
        self.last_shown = min(total, page * per_page)
        self.previous = page - 1 if page > 1 else None
        self.next = page + 1 if page < self.last else None


