"""The browse pages: an address of a place and numbers, to a list of cards. No answer enters and no cookie is set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from finder.errors import Invalid
from finder.search import find
from finder.search.query_schema import load_browse
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.web import filters as narrowing
from finder.web.showing import card

RADII = (5, 15, 25, 50, 100)  # miles that the page offers
RADIUS = "25"
SORTS = ("relevance", "distance", "next_session", "freshness")
PER_PAGE = 20


def read(arguments: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, dict[str, list[str]]]]:
    """The query for `find.browse` and the filters in it. Raises Invalid naming the fields of the page."""
    filters = narrowing.read(arguments)
    asked = narrowing.arguments(filters)
    for name, parameter in (("near", "near"), ("sort", "sort"), ("page", "page"), ("far", "radius_miles")):
        values = list(arguments.get(name, ()))[-1:]
        if values and values[0].strip():
            asked[parameter] = [values[0].strip()]
    if "near" not in asked:
        asked.pop("radius_miles", None)
    if "1" in arguments.get("paused", ()):
        asked["status"] = ["paused"]
    try:
        query = load_browse(asked)
    except Invalid as wrong:
        raise Invalid({"far" if name == "radius_miles" else name: found for name, found in wrong.errors.items()},
                      "query") from wrong
    return query, filters


def view(services: Services, snapshot: Snapshot, query: Mapping[str, Any],
         filters: narrowing.Filters) -> dict[str, Any]:
    """What the browse page shows."""
    now = services.now()
    found = find.browse(query, snapshot=snapshot, gazetteer=services.gazetteer,
                        vocabulary=services.vocabulary, now=now)
    return {
        "found": found, "query": query, "filters": filters,
        "cards": [card(one["listing"], one["document"], distance_miles=one["distance_miles"], today=now.date())
                  for one in found["programs"]],
        "facets": narrowing.facets(found["facets"], filters), "leave_out": narrowing.leave_out(filters),
        "in_address": in_address(query, filters), "pages": Pages(found["total"], query["page"]), "radii": RADII,
        "sorts": SORTS,
    }


def in_address(query: Mapping[str, Any], filters: narrowing.Filters) -> dict[str, Any]:
    """The address of this list, without its page."""
    plain = {"near": query["near"], "far": f"{query['radius_miles']:g}" if query["radius_miles"] else None,
             "sort": None if query["sort"] == SORTS[0] else query["sort"], "paused": query["status"] and "1"}
    return {**{name: value for name, value in plain.items() if value}, **narrowing.in_address(filters)}


def fields(names: Iterable[str]) -> dict[str, str]:
    """Where the summary of errors leads to: the field itself, or the panel that holds the boxes."""
    return {name: name if name in ("near", "far", "sort") else "narrow" for name in names}


class Pages:
    """Which page of a list this is, and which are beside it."""

    def __init__(self, total: int, page: int, per_page: int = PER_PAGE) -> None:
        self.page, self.last = page, max(1, -(-total // per_page))
        self.first_shown = min(total, (page - 1) * per_page + 1)
        self.last_shown = min(total, page * per_page)
        self.previous = page - 1 if page > 1 else None
        self.next = page + 1 if page < self.last else None


