"""Questions to the feeds and to the doors of the standards with as much in each as one may ask."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from finder.api.sync.changes import PER_PAGE
from finder.exchange.changes import MOST_IN_PAGE
from finder.exchange.fhir.searching import MOST, MOST_LENGTH, MOST_PARAMETERS, MOST_VALUES
from finder.exchange.hsds.paging import MOST_PER_PAGE
from finder.exchange.hsds.terms import term_id
from finder.vocabulary import vocabulary

WORDS = ("group", "circle", "serenity", "a", "e", "new", "hope", "saint", "é", "-", '"', "%", "_", "street", "durham")
BMLT = "/bmlt/client_interface/json/"
FHIR = {"HealthcareService": ("name", "identifier", "characteristic", "service-type", "location.name",
                              "location.address-city", "organization.name"),
        "Location": ("name", "address", "address-city", "address-state", "organization.name"),
        "Organization": ("name", "type", "identifier")}
# Answers that hold every listing, whoever asks: made once for a state of the catalog, or two at a time.
WHOLE = ("/meetings.json", "/data/listings.csv", "/data/listings.jsonl", "/hsds/package.zip", "/sitemap.xml",
         "/sitemap-1.xml", "/feeds/changes.atom", "/hsds/services?format=ndjson",
         "/hsds/services?format=ndjson&full=true", f"{BMLT}?switcher=GetSearchResults")
Asked = tuple[str, dict[str, Any] | list[tuple[str, str]]]


def words(dice: random.Random, most: int) -> str:
    return " ".join(dice.choices(WORDS, k=most // 3))[:most].strip()


def hsds_list(dice: random.Random) -> Asked:
    what = dice.choice(("services", "organizations", "service_at_locations"))
    term = term_id("focus_areas", dice.choice(list(vocabulary().lists["focus_areas"].codes)))
    asked: dict[str, Any] = {"per_page": dice.choice((MOST_PER_PAGE, 100, 50)), "page": dice.choice((1, 7, 40))}
    asked |= {"search": dice.choice((words(dice, 100), "e", "circle"))} if dice.random() < 0.7 else {}
    asked |= {"taxonomy_term_id": term} if dice.random() < 0.5 else {}
    if what == "service_at_locations" and dice.random() < 0.7:
        asked |= {"postcode": "60614", "proximity": "40000000"}
    if dice.random() < 0.4:
        asked |= {"full_service" if what == "organizations" else "full": "true", "per_page": 100}
    return f"/hsds/{what}", asked


def hsds_minimal(dice: random.Random) -> Asked:
    return "/hsds/services", {"minimal": "true", "per_page": 25_000, "search": dice.choice(("", "e"))}


def fhir_search(dice: random.Random) -> Asked:
    """Up to forty conditions of up to a hundred values in all."""
    type_ = dice.choice(list(FHIR))
    names = dice.choices(FHIR[type_], k=dice.choice((1, 3, MOST_PARAMETERS - 4)))
    each = max(1, MOST_VALUES // len(names))
    asked = [(name + dice.choice(("", ":contains", ":exact") if name.endswith(("name", "city", "address")) else ("",)),
              ",".join(dice.choice(WORDS[:9]) for _ in range(each))[:MOST_LENGTH]) for name in names]
    if type_ != "Organization" and dice.random() < 0.5:
        near = "location.near" if type_ == "HealthcareService" else "near"
        asked.append((near, "40.7|-74.0|20000|km"))
    asked += [("_count", str(MOST)), ("_offset", str(dice.choice((0, 400)))), ("_total", "accurate")]
    if type_ == "HealthcareService":
        asked += [("_include", "*")] if dice.random() < 0.3 else [
            ("_include", "HealthcareService:location"), ("_include", "HealthcareService:organization")]
    return f"/fhir/{type_}", asked


def bmlt_search(dice: random.Random) -> Asked:
    asked: dict[str, Any] = {"switcher": "GetSearchResults", "sort_keys": "distance_in_km,start_time,meeting_name"}
    if dice.random() < 0.5:
        asked["SearchString"] = words(dice, 200)
    if dice.random() < 0.5:
        asked |= {"lat_val": "40.7", "long_val": "-74.0", "geo_width": "-1000000" if dice.random() < 0.5 else "300"}
    if dice.random() < 0.5:
        asked |= {"meeting_ids": ",".join(map(str, range(1, 1000))), "formats": ",".join(map(str, range(1, 60)))}
    return BMLT, asked | {"page_size": "500", "page_num": str(dice.choice((1, 20)))}


def sync(dice: random.Random) -> Asked:
    return "/api/v1/changes", {"limit": dice.choice((MOST_IN_PAGE, PER_PAGE))}


PAGES: Mapping[str, Callable[[random.Random], Asked]] = {
    "HSDS": hsds_list, "HSDS, ids": hsds_minimal, "FHIR": fhir_search, "BMLT": bmlt_search, "sync": sync}
