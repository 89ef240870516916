from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from finder.exchange.fhir.elements import HSD, PLAN_NET_SERVICE, TERMS_211
from tests.api.conftest import LISTINGS
from tests.api.fhir.asking import BASE, FORM, Asking, ids, links
from tests.api.fhir.conftest import FHIR, Made, make_app
from tests.exchange.published import FULL
from tests.listings.database import take

TYPES = ("HealthcareService", "Location", "Organization")
JOINS = ("https://zoom.us/j/5550100", "zoom.us")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("fhir"), [*LISTINGS, FULL])
    yield made
    made.extensions["finder"].database.close()


@pytest.fixture
def asking(app: Flask) -> Asking:
    return Asking(app)


@pytest.mark.parametrize("type_", TYPES)
def test_a_search_gives_what_each_address_gives(asking: Asking, type_: str) -> None:
    bundle = asking.read(type_)
    assert bundle["total"] == len(bundle["entry"])
    for one in bundle["entry"]:
        assert one["fullUrl"] == f"{BASE}/{type_}/{one['resource']['id']}"
        assert asking.follow(one["fullUrl"]) == one["resource"]


@pytest.mark.parametrize("link", ["location", "organization"])
def test_what_resources_lead_to_comes_along_before_anybody_has_searched(make: Made, link: str) -> None:
    found = Asking(make(LISTINGS)).read("HealthcareService", {"_include": f"HealthcareService:{link}", "_count": "50"})
    assert found["total"] == len(LISTINGS)
    if link == "location":
        assert "Location" in {one["resource"]["resourceType"] for one in found["entry"]}


def test_every_listing_is_a_service_also_one_that_is_paused(asking: Asking) -> None:
    found = asking.read("HealthcareService")["entry"]
    assert {one["resource"]["name"] for one in found} == {one["name"] for one in (*LISTINGS, FULL)}
    assert [one["resource"]["name"] for one in found if not one["resource"]["active"]] == ["Resting Group"]


def test_the_second_shape_is_had_by_its_profile(asking: Asking) -> None:
    (found,) = asking.read("HealthcareService", {"_profile": HSD})["entry"]
    assert found["resource"]["meta"]["profile"] == [HSD]
    path = f"HealthcareService/{found['resource']['id']}"
    assert asking.read(path, {"_profile": HSD}) == found["resource"]
    assert asking.read(path)["meta"]["profile"] == [PLAN_NET_SERVICE]
    assert asking.refused(f"/fhir/Location/{found['resource']['id']}?_profile=x") == [
        ("not-supported", "_profile: unknown_key")]


def test_links_to_join_are_nowhere_and_the_page_that_shows_them_is(asking: Asking) -> None:
    (found,) = asking.all("HealthcareService", {"name": "evening circle"})
    said = [one["value"] for one in found["telecom"]]
    assert "+16465550100,,123#" in said  # the page shows it too
    page = next(one for one in said if one.startswith("https://finder.example/programs/"))
    assert found["identifier"][0]["system"] == "https://finder.example/programs"
    assert asking.client.get(page.removeprefix("https://finder.example"),
                             base_url="https://finder.example").status_code == 200
    everything = [json.dumps(asking.all(type_)) for type_ in TYPES]
    assert not any(join in text for join in JOINS for text in everything)


def test_P9_a_hidden_place_is_a_town(asking: Asking) -> None:
    (quiet,) = asking.all("HealthcareService", {"name": "quiet"})
    place = asking.read(quiet["location"][0]["reference"])
    assert place["address"] == {"city": "Durham", "state": "NC", "country": "US"}
    assert "position" not in place
    assert asking.all("HealthcareService", {"name": "quiet", "location.near": "35.994|-78.8986|5000"}) == []


def test_pages_first_middle_last_and_beyond(asking: Asking) -> None:
    whole = ids(asking.read("HealthcareService"))
    first = asking.read("HealthcareService", {"_count": "4"})
    assert (ids(first), set(links(first))) == (whole[:4], {"self", "first", "next", "last"})
    middle = asking.follow(links(first)["next"])
    assert (ids(middle), set(links(middle))) == (whole[4:8], {"self", "first", "previous", "next", "last"})
    last = asking.follow(links(middle)["next"])
    assert (ids(last), set(links(last))) == (whole[8:], {"self", "first", "previous", "last"})
    assert asking.follow(links(middle)["last"]) == last
    assert asking.follow(links(last)["previous"]) == middle
    assert asking.follow(links(middle)["first"]) | {"link": 0} == first | {"link": 0}
    beyond = asking.read("HealthcareService", {"_count": "4", "_offset": "999999999"})
    assert (beyond["total"], ids(beyond)) == (9, [])
    assert asking.follow(links(beyond)["previous"]) == last
    for bundle in (first, middle, last):
        assert asking.follow(links(bundle)["self"]) == bundle


@pytest.mark.parametrize("pairs", [{"_count": "0"}, {"_summary": "count"}])
def test_the_number_alone(asking: Asking, pairs: dict[str, str]) -> None:
    assert {key: value for key, value in asking.read("Location", pairs).items() if key != "link"} == {
        "resourceType": "Bundle", "type": "searchset", "total": asking.read("Location")["total"]}


def test_what_programs_lead_to_comes_along(asking: Asking) -> None:
    bundle = asking.read("HealthcareService", [("name", "evening circle"), ("_include", "HealthcareService:location"),
                                               ("_include", "HealthcareService:organization")])
    assert bundle["total"] == 1
    included = [one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "include"]
    assert [one["name"] for one in included] == ["Old Library", "River Care"]
    for one in included:
        assert asking.read(f"{one['resourceType']}/{one['id']}") == one


@pytest.mark.parametrize(("far", "names"), [
    ("1", {"Evening Circle"}), ("1|km", {"Evening Circle"}), ("0.7|[mi_us]", {"Evening Circle"}),
    ("999|m", set()), ("0.6|[mi_us]", set()), ("", {"Evening Circle"})])
def test_near_goes_by_its_units(asking: Asking, far: str, names: set[str]) -> None:
    north = 44.94 + 1.0 / 111.15  # a kilometer, nearly
    found = asking.all("HealthcareService", {"location.near": f"{north}|-123.03|{far}".rstrip("|")})
    assert {one["name"] for one in found} == names


@pytest.mark.parametrize("pairs", [
    [], [("name", "e")], [("name:contains", "círculo & more")], [("_count", "2"), ("_offset", "2")],
    [("service-type", "depression"), ("service-type", "anxiety")], [("_include", "HealthcareService:location")],
    [("_profile", HSD), ("_pretty", "true")], [("location.near", "35.99|-78.9|10|[mi_us]")]])
def test_a_form_is_answered_as_an_address_is(asking: Asking, pairs: list[tuple[str, str]]) -> None:
    wanted = asking.answered(f"/fhir/HealthcareService?{urlencode(pairs)}")
    for number in range(len(pairs) + 1):  # some in the address, the rest in the form
        path = "/fhir/HealthcareService/_search" + (f"?{urlencode(pairs[:number])}" if number else "")
        sent = asking.answered(path, "POST", data=urlencode(pairs[number:]), content_type=FORM)
        assert sent.get_data() == wanted.get_data()
    assert asking.answered("/fhir/Location/_search", "POST").json["total"] == asking.read("Location")["total"]


def test_who_has_a_page_already_is_told_so_until_a_listing_changes(make: Made) -> None:
    made = make([FULL])
    asking = Asking(made)
    services = asking.answered("/fhir/HealthcareService?name=evening")
    tag = services.headers["ETag"]
    assert tag.startswith('W/"')
    assert services.headers["Last-Modified"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    same = {"If-None-Match": tag}
    assert asking.answered("/fhir/HealthcareService?name=evening", status=304, headers=same).get_data() == b""
    assert asking.answered("/fhir/HealthcareService?color=red", status=400, headers=same)
    assert asking.answered("/fhir/HealthcareService?name=evening", headers={"If-None-Match": 'W/"other"'})
    assert asking.answered("/fhir/HealthcareService/_search?name=evening", "POST", headers=same)
    take(made.extensions["finder"].database, [FULL | {"name": "Evening Walk"}])
    assert asking.answered("/fhir/HealthcareService?name=evening", headers=same).json["total"] == 1


def test_one_resource_keeps_its_tag_while_others_change(make: Made) -> None:
    made = make([FULL, FULL | {"id": "other", "name": "Other"}])
    asking = Asking(made)
    (one,) = asking.all("HealthcareService", {"name": "evening"})
    path = f"/fhir/HealthcareService/{one['id']}"
    first = asking.answered(path)
    assert first.headers["Last-Modified"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    take(made.extensions["finder"].database, [FULL, FULL | {"id": "other", "name": "Another"}])
    same = {"If-None-Match": first.headers["ETag"]}
    assert asking.answered(path, status=304, headers=same).get_data() == b""
    assert asking.answered(path + "?_pretty=true", headers=same).get_data() != first.get_data()
    take(made.extensions["finder"].database, [FULL | {"name": "Evening Walk"}])
    assert asking.answered(path, headers=same).json["name"] == "Evening Walk"


@pytest.mark.parametrize("path", ["/fhir/metadata", "/fhir/Questionnaire", "/fhir/Questionnaire/intake-en"])
def test_what_no_listing_changes_has_a_tag_too(asking: Asking, path: str) -> None:
    tag = asking.answered(path).headers["ETag"]
    assert asking.answered(path, status=304, headers={"If-None-Match": tag})


def test_head_is_get_without_a_body(asking: Asking) -> None:
    for path in ("/fhir/metadata", "/fhir/HealthcareService?name=e", "/fhir/Questionnaire/intake-es"):
        assert asking.answered(path, "HEAD").get_data() == b""
        assert asking.answered(path, "HEAD").headers["ETag"] == asking.answered(path).headers["ETag"]


@pytest.mark.parametrize("headers", [
    {}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": FHIR}, {"Accept": "text/html"},
    {"Accept": "application/fhir+json; fhirVersion=4.0"}, {"Accept": "application/fhir+xml, application/json;q=0.1"},
    {"Accept": "application/xml;q=0.9, */*;q=0.8"}, {"Accept": "nonsense"}, {"Accept": ""}])
def test_programs_that_can_read_json_or_say_something_odd_get_it(asking: Asking, headers: dict[str, str]) -> None:
    asking.answered("/fhir/Organization", headers=headers)


@pytest.mark.parametrize("accept", ["application/fhir+xml", "text/turtle", "application/xml, text/xml;q=0.5"])
def test_who_can_read_xml_or_turtle_alone_is_told_that_there_is_none(asking: Asking, accept: str) -> None:
    for path in ("/fhir/metadata", "/fhir/Location", "/fhir/Questionnaire/intake-en"):
        assert asking.refused(path, status=406, headers={"Accept": accept}) == [("not-supported", "not_acceptable")]
    asking.answered("/fhir/Location?_format=json", headers={"Accept": accept})  # which counts before Accept


@pytest.mark.parametrize(("form", "status"), [
    ("json", 200), ("application/json", 200), ("application/fhir%2Bjson", 200), ("application/fhir+json", 200),
    ("application/fhir%2Bjson;fhirVersion=4.0", 200), ("text/json", 200), ("JSON", 200), ("xml", 406), ("ttl", 406),
    ("application/fhir%2Bxml", 406), ("html/json", 406), ("%20", 400)])
def test_the_form_of_the_answer_may_stand_in_the_address(asking: Asking, form: str, status: int) -> None:
    for path in ("/fhir/metadata", "/fhir/Location"):
        asking.answered(f"{path}?_format={form}", status=status)


@pytest.mark.parametrize("path", ["/fhir/metadata", "/fhir/HealthcareService", "/fhir/Questionnaire/intake-en"])
def test_long_answers_are_squeezed_for_who_takes_that(asking: Asking, path: str) -> None:
    plain = asking.answered(path)
    squeezed = asking.client.get(path, base_url="https://finder.example", headers={"Accept-Encoding": "gzip"})
    assert (squeezed.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    assert gzip.decompress(squeezed.get_data()) == plain.get_data()
    assert squeezed.headers["ETag"] == plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_lines_for_people_say_the_same(asking: Asking) -> None:
    pretty = asking.answered("/fhir/Organization?_pretty=true")
    assert pretty.get_data(as_text=True).count("\n") > 20
    plain = asking.answered("/fhir/Organization")
    assert [one["resource"] for one in pretty.json["entry"]] == [one["resource"] for one in plain.json["entry"]]


def test_unknown_parameters_are_refused_or_left_out_and_said(asking: Asking) -> None:
    path = "/fhir/HealthcareService?color=red&name=evening&_sort=name&location.color=red"
    assert asking.refused(path) == [("not-supported", "color: unknown_key"), ("not-supported", "_sort: unknown_key"),
                                    ("not-supported", "location.color: unknown_key")]
    strict = {"Prefer": "handling=strict"}
    assert len(asking.refused(path, headers=strict)) == 3
    lenient = {"Prefer": "return=minimal, Handling=Lenient"}
    found = asking.answered(path, headers=lenient)
    assert [one["search"]["mode"] for one in found.json["entry"]] == ["match", "outcome"]
    outcome = found.json["entry"][1]["resource"]
    assert {one["severity"] for one in outcome["issue"]} == {"warning"}
    assert [one["expression"] for one in outcome["issue"]] == [["http.color"], ["http._sort"], ["http.location.color"]]
    assert links(found.json)["self"] == f"{BASE}/HealthcareService?name=evening"
    assert "Prefer" in found.headers["Vary"]
    assert "Prefer" in found.headers["Access-Control-Allow-Headers"]
    plain = asking.answered("/fhir/HealthcareService?name=evening")
    assert plain.headers["ETag"] != found.headers["ETag"]
    assert asking.answered("/fhir/metadata?color=red", headers=lenient)
    assert asking.refused("/fhir/metadata?color=red") == [("not-supported", "color: unknown_key")]


def test_the_intake_is_there_in_each_language_under_an_address_of_its_own(asking: Asking) -> None:
    bundle = asking.read("Questionnaire")
    assert ids(bundle) == ["intake-en", "intake-es"]
    for one in bundle["entry"]:
        resource = one["resource"]
        assert resource["url"] == one["fullUrl"] == f"{BASE}/Questionnaire/{resource['id']}"
        assert asking.follow(resource["url"]) == resource
        assert ids(asking.read("Questionnaire", {"url": resource["url"]})) == [resource["id"]]
    assert [one["resource"]["language"] for one in bundle["entry"]] == ["en", "es"]
    assert ids(asking.read("Questionnaire", {"_id": "intake-es"})) == ["intake-es"]
    assert ids(asking.read("Questionnaire", {"title:contains": "quién"})) == ["intake-es"]
    assert ids(asking.read("Questionnaire", {"name": "intake", "_count": "1", "_offset": "1"})) == ["intake-es"]
    assert ids(asking.read("Questionnaire", {"status": "active", "version": "1", "name:exact": "x"})) == []
    assert asking.refused("/fhir/Questionnaire?_lastUpdated=2026")
    assert asking.refused("/fhir/Questionnaire/intake", status=404)


def test_an_instance_in_one_language_offers_the_intake_in_it(make: Made) -> None:
    asking = Asking(make([], locales="en"))
    assert ids(asking.read("Questionnaire")) == ["intake-en"]
    assert asking.refused("/fhir/Questionnaire/intake-es", status=404)


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/fhir/QuestionnaireResponse"), ("GET", "/fhir/QuestionnaireResponse"),
    ("PUT", "/fhir/QuestionnaireResponse/1"), ("POST", "/fhir/"), ("POST", "/fhir")])
def test_no_address_takes_answers(asking: Asking, method: str, path: str) -> None:
    answers = json.dumps({"resourceType": "QuestionnaireResponse", "status": "completed"})
    assert asking.refused(path, status=404, method=method, data=answers, content_type=FHIR) == [
        ("not-found", "not_found")]
    said = asking.read("metadata")["rest"][0]["resource"]
    assert "QuestionnaireResponse" not in [one["type"] for one in said]


def test_an_empty_directory_answers_too(make: Made) -> None:
    asking = Asking(make([]))
    for type_ in TYPES:
        assert asking.read(type_)["total"] == 0
        assert asking.read(type_, {"name": "x", "_lastUpdated": "2026"})["total"] == 0
    assert asking.read("Location", {"near": "1|1"})["total"] == 0
    assert asking.read("HealthcareService", {"location.near": "1|1"})["total"] == 0


def test_terms_of_211_are_taken_from_the_operators_file_as_it_stands(make: Made, tmp_path: Path,
                                                                     caplog: pytest.LogCaptureFixture) -> None:
    asking = Asking(make([FULL]))
    plain = asking.answered("/fhir/HealthcareService?service-type=depression")
    assert TERMS_211 not in plain.get_data(as_text=True)
    (tmp_path / "crosswalks").mkdir()
    file = tmp_path / "crosswalks" / "211.csv"
    file.write_text("theirs,label,list,ours\nRP-1500,Depression Groups,focus_areas,depression\n")
    same = {"If-None-Match": plain.headers["ETag"]}
    changed = asking.answered("/fhir/HealthcareService?service-type=RP-1500", headers=same)
    assert changed.json["total"] == 1
    assert {"system": TERMS_211, "code": "RP-1500", "display": "Depression Groups"} in [
        code for one in changed.json["entry"][0]["resource"]["type"] for code in one["coding"]]
    file.write_text("theirs,label,list,ours\nRP-1500,Depression Groups,focus_areas,nothing of ours\n")
    assert asking.read("HealthcareService", {"service-type": "RP-1500"})["total"] == 0
    assert "211" in caplog.text
    assert "not_a_code" in caplog.text
    file.unlink()
    assert asking.read("HealthcareService", {"service-type": "depression"}) == plain.json


def statement(asking: Asking) -> dict[str, Any]:
    return asking.read("metadata", {"mode": "full"})


def test_the_statement_is_about_this_instance(make: Made) -> None:
    found = statement(Asking(make([], site_name="Seats", data_license="CC-BY-4.0")))
    assert (found["title"], found["url"], found["copyright"]) == ("Seats", f"{BASE}/metadata", "CC-BY-4.0")
    assert (found["fhirVersion"], found["kind"], found["date"]) == ("4.0.1", "instance", "2026-11-24")
    assert Asking(make([])).refused("/fhir/metadata?mode=terminology") == [("not-supported", "mode: not_a_code")]
