"""One typed line to an address that holds a place, filter numbers and ids of listings, and none of the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.errors import Invalid, Problem
from finder.places.lookup import Place
from finder.search import box, find
from finder.search.query_schema import load_browse
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.web import browse_page, listing_ids
from finder.web.showing import short_id

MOST_NAMED = 20  # listings that are called by name


def address(line: str, lang: str, *, services: Services, snapshot: Snapshot) -> dict[str, Any]:
    """The arguments of the browse page for a typed line. Raises Invalid when nothing was typed or it cannot be read.

    What the line says of place, need, kind, day and cost becomes filters; words that are left are looked for in what
    listings say, first within those filters, then with the whole line near the place, then with the whole line.
    """
    if not line.strip():
        raise Invalid({"q": [Problem("required")]})
    plain = load_browse({"q": [line.strip()]})
    asked = box.read(plain["text"] or "", vocabulary=services.vocabulary, gazetteer=services.gazetteer, lang=lang)
    wanted = {key: value for key, value in box.query(asked).items() if key != "insurance"}
    query = plain | {"text": None} | wanted
    if "near" in wanted and asked.place and isinstance(asked.place.found, Place):
        query["near"] = asked.place.found.text
    found = browse_page.in_address(query, query.get("filters") or {})
    if not asked.words:
        return found
    named = _named(asked, query, services, snapshot)
    return found | ({"g": [one for one in map(short_id, named) if one]} if named else {"none": "1"})


def _named(asked: box.Asked, query: Mapping[str, Any], services: Services, snapshot: Snapshot) -> list[str]:
    whole = asked.text.replace(asked.place.phrase, " ") if asked.place else asked.text
    anywhere = dict(query) | {"filters": {}, "days": (), "from": None, "until": None, "starting": None}
    tries = (dict(query) | {"text": asked.words}, anywhere | {"text": whole}, anywhere | {"text": whole, "near": None})
    for one in tries:
        answer = find.browse(one | {"per_page": MOST_NAMED, "sort": "relevance"}, snapshot=snapshot,
                             gazetteer=services.gazetteer, vocabulary=services.vocabulary, now=services.now())
        if answer["programs"]:
            return [program["id"] for program in answer["programs"]]
    return []


def named(arguments: Mapping[str, list[str]]) -> list[str]:
    """The ids of listings that an address names."""
    return listing_ids.decoded(arguments.get("g", ()))[:MOST_NAMED]
