from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from finder.catalog.listing_schema import load
from finder.errors import Invalid, NotFound, TooOften
from finder.exchange.fhir import capability, searching
from finder.exchange.fhir.bundles import outcome, searchset
from finder.exchange.fhir.elements import HSD, PLAN_NET_SERVICE
from finder.exchange.fhir.parameters import PARAMETERS, split
from finder.exchange.fhir.searching import find, read
from tests.exchange.fhir_judges import faults, judged
from tests.exchange.published import CHANGED, FULL, entry

SITE = "https://finder.example"
BASE = f"{SITE}/fhir"
DURHAM = {"name": "Café Río", "address_1": "2 Main St", "city": "Durham", "state": "NC", "postal_code": "27701",
          "latitude": 35.996, "longitude": -78.8986}
_FIRST = FULL["sessions"][0]
LISTINGS = {
    "circle": FULL,
    "grief": FULL | {"id": "grief", "name": "Grief Évening", "group_type": "grief_group", "focus": ["grief"],
                     "organization": {"name": "Hill House"}, "status": "paused",
                     "sessions": [{**_FIRST, "location": DURHAM}]},
    "hidden": FULL | {"id": "hidden", "name": "Safe Evenings", "organization": None, "focus": ["domestic_violence"],
                      "sessions": [{**_FIRST, "location": {**DURHAM, "hidden": True}}]},
    "online": FULL | {"id": "online", "name": "Online, 50% free", "sessions": [{"format": "online_video"}]},
}
ENTRIES = {name: entry(load(document), changed_at=CHANGED + timedelta(days=place))
           for place, (name, document) in enumerate(LISTINGS.items())}
IDS = {str(one.id): name for name, one in ENTRIES.items()}


def found(query: str, type_: str = "HealthcareService") -> searching.Found:
    return find(ENTRIES.values(), read(type_, parse_qsl(query, keep_blank_values=True)), site=SITE)


def names(query: str) -> set[str]:
    return {IDS[one["id"]] for one in found(query).matches}


@pytest.mark.parametrize(("query", "expected"), [
    ("", {"circle", "grief", "hidden", "online"}),
    ("name=evening", {"circle"}), ("name=grief evening", {"grief"}),
    ("name:contains=EVENING", {"circle", "grief", "hidden"}),
    ("name:exact=evening circle", set()), ("name:exact=Evening Circle", {"circle"}),
    ("name=evening,safe", {"circle", "hidden"}), ("name=online\\, 50", {"online"}),
    ("name:contains=evening&name:contains=grief", {"grief"}),
    ("active=false", {"grief"}), ("active=true", {"circle", "hidden", "online"}),
    ("service-type=grief", {"grief"}),
    ("service-type=tag:finder.example,2026:codes/focus-areas|grief,anger", {"grief"}),
    ("service-type=tag:finder.example,2026:codes/group-types|grief", set()),
    ("service-type=tag:finder.example\\,2026:codes/focus-areas|grief", {"grief"}),
    ("service-type=http://terminology.hl7.org/CodeSystem/service-type|224", {"circle", "grief", "hidden", "online"}),
    ("service-type=|grief", set()), ("service-category=behav", {"circle", "grief", "hidden", "online"}),
    ("characteristic=in_person", set()), ("characteristic=online_video", {"circle", "online"}),
    (f"identifier={SITE}/programs|{ENTRIES['grief'].id}", {"grief"}), ("identifier=hidden", {"hidden"}),
    (f"_id={ENTRIES['grief'].id},{ENTRIES['online'].id}", {"grief", "online"}), ("_id=nothing", set()),
    (f"organization=Organization/{ENTRIES['grief'].organization_id}", {"grief"}),
    (f"organization={ENTRIES['circle'].organization_id}", {"circle", "online"}),
    ("organization.name=hill", {"grief"}), ("organization:Organization.name=river", {"circle", "online"}),
    (f"location={ENTRIES['circle'].meetings[0].location_id}", {"circle"}),
    ("location.address-city=durham", {"grief", "hidden"}), ("location.address-state=OR", {"circle"}),
    ("location.address-postalcode=277", {"grief"}), ("location.address=2 main", {"grief"}),
    ("location.name=cafe rio", {"grief"}),
    ("location.near=36|-79", {"grief"}), ("location.near=36|-79|5", set()),
    ("location.near=36|-79|10|[mi_us]", {"grief"}),
    ("_lastUpdated=2026-11-21", {"grief"}), ("_lastUpdated=gt2026-11-21", {"hidden", "online"}),
    ("_lastUpdated=ge2026-11-21&_lastUpdated=lt2026-11-23", {"grief", "hidden"}), ("_lastUpdated=ne2026-11", set()),
    ("_lastUpdated=le2026-11-20T09:30:15Z", {"circle"}),
    ("_lastUpdated=eq2026", {"circle", "grief", "hidden", "online"}),
    ("_lastUpdated=2026-11-20T10:30:15%2B01:00", {"circle"}), ("_lastUpdated=2026-11-20T09:30", {"circle"}),
    (f"_profile={HSD}", {"circle", "online"}), (f"_profile={PLAN_NET_SERVICE}", {"circle", "hidden", "online"}),
    ("_format=json&_total=accurate&_pretty=true", {"circle", "grief", "hidden", "online"}),
])
def test_programs_are_found_by(query: str, expected: set[str]) -> None:
    assert names(query) == expected


@pytest.mark.parametrize(("query", "type_", "expected"), [
    ("", "Location", {"Old Library", "Café Río", "Durham, NC"}), ("address-city=salem", "Location", {"Old Library"}),
    ("name=café", "Location", {"Café Río"}),
    ("address-country=us", "Location", {"Old Library", "Café Río", "Durham, NC"}),
    ("near=35.996|-78.8986|1|km", "Location", {"Café Río"}), ("organization.name=hill", "Location", {"Café Río"}),
    ("status=active", "Location", {"Old Library", "Café Río", "Durham, NC"}),
    ("", "Organization", {"River Care", "Hill House"}), ("name=hill", "Organization", {"Hill House"}),
    ("type=peer_run", "Organization", {"River Care"}), ("active=false", "Organization", set()),
])
def test_places_and_organizations_are_found_by(query: str, type_: str, expected: set[str]) -> None:
    assert {one["name"] for one in found(query, type_).matches} == expected


def test_what_several_listings_share_is_one_resource_that_changed_with_the_last_of_them() -> None:
    river = found("name=river", "Organization").matches
    assert [one["meta"]["lastUpdated"] for one in river] == ["2026-11-23T09:30:15Z"]


@pytest.mark.parametrize(("query", "type_", "name", "code"), [
    ("color=red", "HealthcareService", "color", "unknown_key"),
    ("near=1|1", "HealthcareService", "near", "unknown_key"),
    ("name:below=x", "HealthcareService", "name", "not_a_code"),
    ("active:not=x", "HealthcareService", "active", "not_a_code"),
    ("endpoint.name=x", "HealthcareService", "endpoint.name", "unknown_key"),
    ("location.color=x", "HealthcareService", "color", "unknown_key"),
    ("location:Patient.name=x", "HealthcareService", "location:Patient.name", "unknown_key"),
    ("name=", "HealthcareService", "name", "bad_value"), ("name=a,", "HealthcareService", "name", "bad_value"),
    ("_lastUpdated=yesterday", "Location", "_lastUpdated", "bad_value"),
    ("_lastUpdated=9999", "Location", "_lastUpdated", "bad_value"),
    ("_lastUpdated=ap2026", "Location", "_lastUpdated", "bad_value"),
    ("near=91|0", "Location", "near", "bad_value"), ("near=nan|0", "Location", "near", "bad_value"),
    ("near=1", "Location", "near", "bad_value"), ("near=1|1|5|furlong", "Location", "near", "bad_value"),
    ("near=1|1|-5", "Location", "near", "bad_value"), ("near=1|1|1e999", "Location", "near", "bad_value"),
    ("_count=-1", "Location", "_count", "bad_value"), ("_count=ten", "Location", "_count", "bad_value"),
    ("_offset=1e3", "Location", "_offset", "bad_value"),
    ("_include=Location:endpoint", "Location", "_include", "not_a_code"),
    ("_include=HealthcareService:organization", "Location", "_include", "not_a_code"),
    ("_revinclude=x", "Location", "_revinclude", "unknown_key"), ("_format=xml", "Location", "_format", "not_a_code"),
    (f"_profile={HSD}", "Location", "_profile", "not_a_code"), ("_summary=text", "Location", "_summary", "not_a_code"),
    (f"name={'x' * 2000}", "Location", "name", "too_long"),
    ("&".join(["name=x"] * 50), "Location", "_count", "too_many"),
], ids=lambda value: str(value)[:40])
def test_what_cannot_be_used_is_refused_by_name(query: str, type_: str, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        found(query, type_)
    assert {key: [one.code for one in problems] for key, problems in refused.value.errors.items()} == {name: [code]}


def page(query: str, type_: str = "HealthcareService") -> dict[str, Any]:
    asked = read(type_, parse_qsl(query))
    return searchset(find(ENTRIES.values(), asked, site=SITE), asked, base=BASE)


def links(bundle: dict[str, Any]) -> dict[str, str]:
    return {one["relation"]: one["url"] for one in bundle["link"]}


def test_pages_follow_one_another_and_hold_each_resource_once() -> None:
    bundle, seen = page("_count=3&name:contains=e"), []
    assert bundle["total"] == 4
    while True:
        seen += [one["resource"]["id"] for one in bundle["entry"]]
        if "next" not in links(bundle):
            break
        address = links(bundle)["next"]
        assert address.startswith(f"{BASE}/HealthcareService?")
        bundle = page(urlsplit(address).query)
    assert sorted(seen) == sorted(IDS)
    assert page(urlsplit(links(bundle)["previous"]).query) == page("_count=3&name:contains=e")
    assert set(links(page(""))) == {"self", "first"}
    assert links(page(""))["self"] == f"{BASE}/HealthcareService"


def test_a_page_behind_the_last_is_empty_and_says_the_total() -> None:
    bundle = page("_offset=400")
    assert (bundle["total"], "entry" in bundle, "next" in links(bundle)) == (4, False, False)


@pytest.mark.parametrize("query", ["_count=0", "_summary=count"])
def test_a_count_alone_holds_no_resources(query: str) -> None:
    bundle = page(query)
    assert (bundle["total"], "entry" in bundle, list(links(bundle))) == (4, False, ["self"])


def test_no_page_holds_more_than_the_most() -> None:
    many = [replace(ENTRIES["circle"], id=uuid.uuid4()) for _ in range(searching.MOST + 5)]
    assert len(find(many, read("HealthcareService", [("_count", "9999")]), site=SITE).matches) == searching.MOST


def test_what_matches_lead_to_comes_along_once_and_is_not_counted() -> None:
    bundle = page("_include=HealthcareService:location&_include=HealthcareService:organization:Organization")
    modes = [(one["search"]["mode"], one["resource"]["resourceType"]) for one in bundle["entry"]]
    assert bundle["total"] == 4
    assert {one: modes.count(one) for one in modes} == {
        ("match", "HealthcareService"): 4, ("include", "Location"): 3, ("include", "Organization"): 2}
    assert len({one["fullUrl"] for one in bundle["entry"]}) == len(modes)


def test_one_resource_is_read_by_its_id() -> None:
    place = str(ENTRIES["grief"].meetings[0].location_id)
    resource = searching.one(ENTRIES.values(), "Location", place, site=SITE)
    assert resource is not None
    assert resource["name"] == "Café Río"
    for odd in (str(uuid.uuid4()), place.upper(), f"{place},{place}", "", "../x"):
        assert searching.one(ENTRIES.values(), "Location", odd, site=SITE) is None


@pytest.mark.parametrize(("value", "parts"), [("a,b", ["a", "b"]), (r"a\,b", ["a,b"]), (r"a\\,b", ["a\\", "b"]),
                                              (r"\x", [r"\x"]), ("", [""])])
def test_a_comma_can_be_meant(value: str, parts: list[str]) -> None:
    assert split(value, ",") == parts


STATEMENT = capability.statement(base=BASE, title="A site", version="0.1.0", now=datetime(2026, 11, 24, tzinfo=UTC))


def test_the_statement_names_what_the_search_goes_by() -> None:
    said = {one["type"]: one for one in STATEMENT["rest"][0]["resource"]}
    for type_, parameters in PARAMETERS.items():
        assert [one["name"] for one in said[type_]["searchParam"]] == list(parameters)
        assert [one["code"] for one in said[type_]["interaction"]] == ["read", "search-type"]
    assert said["Location"]["searchInclude"] == ["Location:organization"]


def test_answers_of_every_kind_are_valid() -> None:
    refusal = Invalid({"\x00na\nme": [], "x": []})
    with pytest.raises(Invalid) as refused:
        found("color=red")
    answers = [page(""), page("_offset=400"), page("_count=0"), page("", "Location"), page("", "Organization"),
               page("_include=HealthcareService:location&name=%00", "HealthcareService")]
    alone = [STATEMENT, outcome(refused.value), outcome(refusal), outcome(NotFound("x")), outcome(TooOften())]
    assert faults([*answers, {"resourceType": "Bundle", "type": "collection",
                              "entry": [{"resource": one} for one in alone]}]) == []
    broken = [{**alone[0], "kind": "thing"}, {**alone[1], "issue": []}]
    for verdict in judged([{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one}]}
                           for one in broken]):
        assert any(verdict.values())


@pytest.mark.parametrize(("error", "code"), [(NotFound("program"), "not-found"), (TooOften(seconds=5), "processing"),
                                             (Invalid({}), "invalid")])
def test_what_went_wrong_has_a_code_of_fhir(error: Any, code: str) -> None:
    assert [(one["severity"], one["code"]) for one in outcome(error)["issue"]] == [("error", code)]


def test_a_refused_parameter_is_named_and_its_value_is_not() -> None:
    with pytest.raises(Invalid) as refused:
        found("near=secret|1", "Location")
    assert outcome(refused.value)["issue"] == [
        {"severity": "error", "code": "invalid", "diagnostics": "near: bad_value"}]
