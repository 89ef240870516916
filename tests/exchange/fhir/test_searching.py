from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.crosswalks import Crosswalk, Row
from finder.errors import Invalid, Problem
from finder.exchange.fhir import capability, finding, searching
from finder.exchange.fhir.bundles import ignored, outcome, searchset
from finder.exchange.fhir.conditions import Condition, condition, plainly, split
from finder.exchange.fhir.elements import HSD, PLAN_NET_LOCATION, PLAN_NET_SERVICE, TERMS_211
from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.exchange.fhir.searching import decoded, read
from finder.places.distance import distance_miles
from tests.exchange.fhir.shelved import SITE, Shelved
from tests.exchange.fhir_judges import faults, judged
from tests.exchange.published import CHANGED, FULL, entry

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
SHELVED = Shelved(ENTRIES.values())
found = SHELVED.find


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
    ("communication=so", {"circle", "grief", "hidden", "online"}), ("communication=urn:ietf:bcp:47|es", set()),
    ("organization:Organization=nothing", set()), (f"organization=Location/{ENTRIES['grief'].organization_id}", set()),
    (f"organization=https://finder.example/fhir/Organization/{ENTRIES['grief'].organization_id}", {"grief"}),
    (f"organization:Organization={ENTRIES['grief'].organization_id}", {"grief"}),
    ("location.organization.name=hill", {"grief"}), ("location:Location.organization:Organization.name=x", set()),
    (f"location._profile={PLAN_NET_LOCATION}", {"circle", "grief", "hidden"}),
    ("_lastUpdated=sa2026-11-21", {"hidden", "online"}), ("_lastUpdated=eb2026-11-21", {"circle"}),
    ("_lastUpdated=2026-11-20T09:30:15.000Z", {"circle"}), ("_lastUpdated=2026-11-20T09:30:15.5Z", set()),
    (f"_profile={PLAN_NET_LOCATION}", set()), (f"_profile={PLAN_NET_LOCATION},{HSD}", {"circle", "online"}),
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
    (f"_profile={PLAN_NET_LOCATION}", "Location", {"Old Library", "Café Río", "Durham, NC"}),
    ("identifier=https://finder.example/locations|", "Location", {"Old Library", "Café Río", "Durham, NC"}),
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
    ("name:below=x", "HealthcareService", "name:below", "not_a_code"),
    ("active:not=x", "HealthcareService", "active:not", "not_a_code"),
    ("endpoint.name=x", "HealthcareService", "endpoint.name", "unknown_key"),
    ("location.color=x", "HealthcareService", "location.color", "unknown_key"),
    ("location.organization.color=x", "HealthcareService", "location.organization.color", "unknown_key"),
    ("location.near=x", "HealthcareService", "location.near", "bad_value"),
    ("organization:Location=x", "HealthcareService", "organization:Location", "not_a_code"),
    ("mode=full", "HealthcareService", "mode", "unknown_key"), ("=x", "HealthcareService", "", "unknown_key"),
    ("name=\u0301", "HealthcareService", "name", "bad_value"), ("name=%00", "Location", "name", "bad_value"),
    ("identifier=%1f", "Location", "identifier", "bad_value"),
    ("_lastUpdated=20261120", "Location", "_lastUpdated", "bad_value"),
    ("_lastUpdated=2026-W01", "Location", "_lastUpdated", "bad_value"),
    ("_lastUpdated=2026-02-30", "Location", "_lastUpdated", "bad_value"),
    ("_lastUpdated=0001-01-01T00:00:00%2B14:00", "Location", "_lastUpdated", "bad_value"),
    ("near=1_0|1", "Location", "near", "bad_value"), ("near=1|1|infinity", "Location", "near", "bad_value"),
    ("near=1|1|1|km|x", "Location", "near", "bad_value"), ("near=１|1", "Location", "near", "bad_value"),
    ("_count=1&_count=2", "Location", "_count", "repeated"), ("_count=１", "Location", "_count", "bad_value"),
    ("_pretty=yes", "Location", "_pretty", "not_a_code"), ("_total=some", "Location", "_total", "not_a_code"),
    (f"name={','.join('x' * 101)}", "Location", "", "too_many"),
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
    ("_summary=text", "Location", "_summary", "not_a_code"),
    (f"name={'x' * 2000}", "Location", "name", "too_long"),
    ("&".join(["name=x"] * 50), "Location", "", "too_many"),
], ids=lambda value: str(value)[:40])
def test_what_cannot_be_used_is_refused_by_name(query: str, type_: str, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        found(query, type_)
    assert {key: [one.code for one in problems] for key, problems in refused.value.errors.items()} == {name: [code]}


def page(query: str, type_: str = "HealthcareService") -> dict[str, Any]:
    asked = read(type_, parse_qsl(query))
    return searchset(finding.find(SHELVED.directory, asked, SHELVED.making), asked, base=BASE)


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
    assert set(links(page(""))) == {"self", "first", "last"}
    assert page(urlsplit(links(bundle)["last"]).query)["entry"] == bundle["entry"]
    assert links(page(""))["self"] == f"{BASE}/HealthcareService"


def test_a_page_behind_the_last_is_empty_and_says_the_total() -> None:
    bundle = page("_offset=400")
    assert (bundle["total"], "entry" in bundle, "next" in links(bundle)) == (4, False, False)
    assert len(page(urlsplit(links(bundle)["previous"]).query)["entry"]) == 4
    assert links(page("name=nothing&_offset=5"))["previous"] == links(page("name=nothing"))["last"]


@pytest.mark.parametrize("query", ["_count=0", "_summary=count"])
def test_a_count_alone_holds_no_resources(query: str) -> None:
    bundle = page(query)
    assert (bundle["total"], "entry" in bundle, list(links(bundle))) == (4, False, ["self"])


def test_no_page_holds_more_than_the_most() -> None:
    many = [replace(ENTRIES["circle"], id=uuid.uuid4()) for _ in range(searching.MOST + 5)]
    shelved = Shelved(many)
    assert len(shelved.find("_count=9999").matches) == searching.MOST
    assert len(shelved.read) == searching.MOST


def test_what_matches_lead_to_comes_along_once_and_is_not_counted() -> None:
    bundle = page("_include=HealthcareService:location&_include=HealthcareService:organization:Organization")
    modes = [(one["search"]["mode"], one["resource"]["resourceType"]) for one in bundle["entry"]]
    assert bundle["total"] == 4
    assert {one: modes.count(one) for one in modes} == {
        ("match", "HealthcareService"): 4, ("include", "Location"): 3, ("include", "Organization"): 2}
    assert len({one["fullUrl"] for one in bundle["entry"]}) == len(modes)


def test_one_resource_is_read_by_its_id() -> None:
    place = str(ENTRIES["grief"].meetings[0].location_id)
    resource = finding.one(SHELVED.directory, "Location", place, SHELVED.making)
    assert resource is not None
    assert resource["name"] == "Café Río"
    for type_ in ("HealthcareService", "Location", "Organization"):
        for odd in (str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1)), place.upper(), f"{place},{place}", "",
                    "../x", place.replace("-", ""), f"urn:uuid:{place}", "\x00", "é" * 36):
            assert finding.one(SHELVED.directory, type_, odd, SHELVED.making) is None


@pytest.mark.parametrize(("value", "parts"), [("a,b", ["a", "b"]), (r"a\,b", ["a,b"]), (r"a\\,b", ["a\\", "b"]),
                                              (r"\x", [r"\x"]), ("", [""])])
def test_a_comma_can_be_meant(value: str, parts: list[str]) -> None:
    assert [plainly(one) for one in split(value, ",")] == parts


STATEMENT = capability.statement(base=BASE, title="A site", version="0.1.0", today=date(2026, 11, 24),
                                 rights="CC-BY-4.0")


def test_the_statement_names_what_the_search_goes_by() -> None:
    said = {one["type"]: one for one in STATEMENT["rest"][0]["resource"]}
    for type_, parameters in PARAMETERS.items():
        assert [one["name"] for one in said[type_]["searchParam"]] == list(parameters)
        assert [one["code"] for one in said[type_]["interaction"]] == ["read", "search-type"]
        assert [one["type"] for one in said[type_]["searchParam"]] == [one.kind for one in parameters.values()]
        assert said[type_].get("searchInclude", []) == [f"{type_}:{name}" for name in LINKS[type_]]
    assert LINKS["HealthcareService"] == {"location": "Location", "organization": "Organization"}


def refusal(query: str, type_: str = "HealthcareService") -> dict[str, Any]:
    with pytest.raises(Invalid) as refused:
        found(query, type_)
    return outcome("invalid", "Unprocessable", refused.value.errors)


@pytest.mark.turns(3)
def test_answers_of_every_kind_are_valid() -> None:
    lenient = read("HealthcareService", [("color", "red"), ("name", "e")], lenient=True)
    answers = [page(""), page("_offset=400"), page("_count=0"), page("", "Location"), page("", "Organization"),
               page("_include=HealthcareService:location&name=x", "HealthcareService"),
               searchset(finding.find(SHELVED.directory, lenient, SHELVED.making), lenient, base=BASE)]
    odd = {"\x00na\nme": [Problem("too_long")], "": []}
    alone = [STATEMENT, refusal("color=red&name="), outcome("invalid", "", odd), outcome("not_found", "Not Found"),
             outcome("something", ""), ignored(["a\x00", ""])]
    assert faults([*answers, {"resourceType": "Bundle", "type": "collection",
                              "entry": [{"resource": one} for one in alone]}]) == []
    broken = [{**alone[0], "kind": "thing"}, {**alone[1], "issue": []}]
    for verdict in judged([{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one}]}
                           for one in broken]):
        assert any(verdict.values())


@pytest.mark.parametrize(("code", "issue"), [
    ("not_found", "not-found"), ("too_often", "throttled"), ("invalid", "invalid"), ("internal_error", "exception"),
    ("unavailable", "transient"), ("something_else", "processing")])
def test_what_went_wrong_has_a_code_of_fhir(code: str, issue: str) -> None:
    assert outcome(code, "Words")["issue"] == [
        {"severity": "error", "code": issue, "details": {"text": "Words"}, "diagnostics": code}]


def test_a_refused_parameter_is_named_and_its_value_is_not() -> None:
    assert refusal("near=secret|1", "Location")["issue"] == [
        {"severity": "error", "code": "invalid", "diagnostics": "near: bad_value", "expression": ["http.near"]}]


def test_all_that_is_wrong_is_said_at_once() -> None:
    issues = refusal("color=red&name=&_count=x&_lastUpdated=y")["issue"]
    assert [(one["code"], one["diagnostics"]) for one in issues] == [
        ("not-supported", "color: unknown_key"), ("invalid", "name: bad_value"), ("invalid", "_count: bad_value"),
        ("invalid", "_lastUpdated: bad_value")]


def test_who_asks_for_leniency_gets_what_is_known_and_is_told_what_was_left_out() -> None:
    pairs = [("color", "red"), ("name", "evening"), ("active", " "), ("location.color", "x"), ("color", "blue")]
    query = read("HealthcareService", pairs, lenient=True)
    bundle = searchset(finding.find(SHELVED.directory, query, SHELVED.making), query, base=BASE)
    assert [one["search"]["mode"] for one in bundle["entry"]] == ["match", "outcome"]
    assert [one["diagnostics"] for one in bundle["entry"][-1]["resource"]["issue"]] == [
        "color: left out", "active: left out", "location.color: left out"]
    assert links(bundle)["self"] == f"{BASE}/HealthcareService?name=evening"


@pytest.mark.parametrize("pair", [("name:below", "x"), ("near", "here"), ("_lastUpdated", "x"), ("_include", "x")])
def test_leniency_is_for_names_that_are_not_known_and_for_nothing_else(pair: tuple[str, str]) -> None:
    with pytest.raises(Invalid):
        read("Location", [pair], lenient=True)


@pytest.mark.parametrize("raw", [b"name=%zz", b"name=%", b"name=%f", b"name=%ff", b"name=\xff", b"%c3=x"])
def test_parameters_that_cannot_be_decoded_are_refused(raw: bytes) -> None:
    with pytest.raises(UnicodeError):
        decoded(raw)


def test_parameters_are_decoded_as_forms_are() -> None:
    assert decoded(b"a=1&b=%C3%A9+x&c&&=d&a=2") == [("a", "1"), ("b", "é x"), ("c", ""), ("", "d"), ("a", "2")]
    with pytest.raises(Invalid) as refused:
        decoded(b"&".join([b"a=1"] * 10_000))
    assert [one.code for one in refused.value.errors[""]] == ["too_many"]


def test_a_page_reads_the_listings_it_shows_and_no_others() -> None:
    shelved = Shelved(ENTRIES.values())
    shelved.find("name=evening&_count=1&_include=HealthcareService:organization")
    assert {IDS[str(one.id)] for one in shelved.read} == {"circle", "online"}  # who runs both, as the last says
    shelved.read.clear()
    assert shelved.find("_summary=count").total == 4
    assert shelved.read == []


def test_a_listing_that_went_meanwhile_is_left_out_of_its_page() -> None:
    shelved = Shelved(ENTRIES.values())
    del shelved.entries[ENTRIES["grief"].id]
    assert {IDS[one["id"]] for one in shelved.find("").matches} == {"circle", "hidden", "online"}


def test_searches_are_remembered_under_a_name_that_does_not_tell_what_was_asked() -> None:
    shelved = Shelved(ENTRIES.values())
    assert shelved.find("name=evening&service-type=grief&_count=1").total == 0
    assert shelved.find("service-type=grief&name=evening&_offset=1").total == 0
    kept = shelved.directory._remembered
    assert len(kept) == 1
    assert b"evening" not in next(iter(kept))
    assert shelved.find("service-type=grief").total == 1
    for number in range(100):
        shelved.find(f"name=x{number}")
    assert len(kept) == 64


def test_what_is_remembered_is_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finder.exchange.fhir.directory.MOST_PLACES", 5)
    shelved = Shelved(ENTRIES.values())
    for query in ("active=true", "name:contains=e", "name=evening"):
        assert shelved.find(query).total == len(shelved.find(query).matches)
    assert len(shelved.directory._remembered) == 2


TERMS = Crosswalk("211", [Row("RP-1400.8000-100", "Bereavement Support Groups", "focus_areas", "grief"),
                          Row("RP-1400.8000", "Support Groups", "focus_areas", "grief"),
                          Row("LR-1", "Wheelchair access", "accessibility", "step_free")])


def test_terms_of_211_that_an_operator_supplied_stand_behind_ours_and_are_found() -> None:
    shelved = Shelved(ENTRIES.values(), TERMS)
    (grief,) = shelved.find(f"service-type={TERMS_211}|RP-1400.8000-100").matches
    assert IDS[grief["id"]] == "grief"
    (focus,) = [one for one in grief["type"] if any(code["code"] == "grief" for code in one["coding"])]
    assert focus["coding"][1:] == [
        {"system": TERMS_211, "code": "RP-1400.8000-100", "display": "Bereavement Support Groups"},
        {"system": TERMS_211, "code": "RP-1400.8000", "display": "Support Groups"}]
    assert shelved.find("characteristic=LR-1").total == 4
    assert found("service-type=RP-1400.8000").total == 0
    assert TERMS_211 not in str(found("").matches)
    assert faults([{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": grief}]}]) == []


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180),
       st.sampled_from((.98, .9999999, 1.0000001, 1.02)))
def test_what_is_near_is_what_the_ellipsoid_says_however_quickly_it_was_judged(
        north: float, east: float, other_north: float, other_east: float, share: float) -> None:
    here, there = (round(north, 5), round(east, 5)), (round(other_north, 5), round(other_east, 5))
    far = round(distance_miles(*here, *there) * share, 6)
    assume(far < 12_000)
    test = condition("Location", "near", f"{here[0]:.5f}|{here[1]:.5f}|{far:.6f}|[mi_us]")
    assert isinstance(test, Condition)
    assert test.meets(there) == (distance_miles(*here, *there) <= far)
