from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finder.api.hsds.asked import _instant
from finder.exchange.hsds.terms import taxonomy_id, term_id
from finder.listings.edits import Incoming, import_listings
from finder.places.distance import METERS_PER_MILE, distance_miles
from tests.api.feeds.publishing import Publisher
from tests.api.hsds.door import SHORT, Door
from tests.listings.database import NOW, take
from tests.web.site import group

SALEM = {"address_1": "1 Elm St", "city": "Salem", "state": "OR", "postal_code": "97301", "country": "US",
         "latitude": 44.9429, "longitude": -123.0351, "precision": "exact"}
KEIZER = {**SALEM, "city": "Keizer", "postal_code": "97303-1234", "latitude": 44.9901, "longitude": -123.0262}
BOISE = {**SALEM, "city": "Boise", "state": "ID", "postal_code": "83702", "latitude": 43.6187, "longitude": -116.2146}


def here(place: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format": "in_person", "location": place, **more}


LISTINGS = [
    group(1, focus=["grief"], sessions=[here(SALEM)], organization={"name": "River Care", "kind": "peer_run"}),
    group(2, focus=["grief", "anxiety"], sessions=[here(KEIZER), here(BOISE)], description="A circle with tea."),
    group(3, focus=["anxiety"], sessions=[here({**SALEM, "hidden": True})]),
    group(4, sessions=[{"format": "online_video"}], coverage={"states": ["OR"]},
          organization={"name": "River Care", "kind": "peer_run"}),
    group(5, sessions=[here(SALEM)], coverage={"counties": ["OR:Polk"], "postal_codes": ["97304"]}),
    group(6, name="No Place Yet", focus=["grief"]),
    group(7, sessions=[{"format": "online_video"}], coverage={"countries": ["CA"]}),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """Seven listings; the first three as they were a week ago."""
    publisher = Publisher(tmp_path_factory.mktemp("small"))
    take(publisher.database, LISTINGS)
    return Door(publisher)


def numbers(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The names' last words of services, or of the services of places, in order of the alphabet."""
    return sorted((row.get("service") or row)["name"].rpartition(" ")[2] for row in rows)


def terms(value: Any) -> Iterator[dict[str, Any]]:
    """Every term that is said anywhere in a row."""
    if isinstance(value, dict):
        if "taxonomy_term" in value:
            yield value["taxonomy_term"]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from terms(one)


@pytest.mark.parametrize("name", ["services", "service_at_locations"])
def test_a_term_finds_whatever_says_it_anywhere_and_nothing_else(odd_door: Door, name: str) -> None:
    rows = odd_door.rows(name, full=True)
    said = {row["id"]: {one["id"] for one in terms(row)} for row in rows}
    for key in sorted(set().union(*said.values()))[::3]:
        assert odd_door.ids(name, taxonomy_term_id=key) == [row for row, held in said.items() if key in held], key


@pytest.mark.parametrize("name", ["services", "service_at_locations"])
def test_a_taxonomy_finds_whatever_says_one_of_its_terms(odd_door: Door, name: str) -> None:
    rows = odd_door.rows(name, full=True)
    said = {row["id"]: {one["taxonomy_detail"]["id"] for one in terms(row)} for row in rows}
    for one in odd_door.rows("taxonomies"):
        found = odd_door.ids(name, taxonomy_id=one["id"])
        assert found == [row for row, held in said.items() if one["id"] in held], one["name"]


def test_an_organization_is_found_by_the_terms_of_its_services(odd_door: Door) -> None:
    services = odd_door.rows("services", full=True)
    for list_name, code in (("focus_areas", "depression"), ("group_types", "peer_support"), ("severity", "2")):
        key = term_id(list_name, code)
        runners = {row["organization_id"] for row in services if any(one["id"] == key for one in terms(row))}
        assert set(odd_door.ids("organizations", taxonomy_term_id=key)) == runners
        wider = set(odd_door.ids("organizations", taxonomy_id=taxonomy_id(list_name)))
        assert runners <= wider


@pytest.mark.parametrize("name", ["services", "service_at_locations"])
def test_an_organization_id_finds_its_services(odd_door: Door, name: str) -> None:
    rows = odd_door.rows(name)
    for key in odd_door.ids("organizations")[::5]:
        mine = [row["id"] for row in rows if (row.get("service") or row)["organization_id"] == key]
        assert odd_door.ids(name, organization_id=key) == mine
        assert odd_door.ids(name, organization_id=key.upper()) == mine


@pytest.mark.parametrize(("search", "found"), [
    ("river", ["1", "2", "3", "4", "5", "7"]), ("tea", ["2"]), ("salem", ["1", "3", "5"]), ('"no place"', ["Yet"]),
    ("river -tea", ["1", "3", "4", "5", "7"]), ("rivr circl", ["1", "2", "3", "4", "5", "7"]), ("nothing-like-it", []),
    ("elm", ["1", "2", "5"]), ("", ["1", "2", "3", "4", "5", "7", "Yet"])])
def test_words_are_looked_for_as_the_site_does(small: Door, search: str, found: list[str]) -> None:
    assert numbers(small.rows("services", search=search)) == found
    assert {row["service"]["id"] for row in small.rows("service_at_locations", search=search)} <= set(
        small.ids("services", search=search))


@pytest.mark.parametrize(("search", "found"), [("river care", 1), ("RIVER", 5), ("yet place", 1), ("nobody", 0)])
def test_organizations_are_found_by_their_names(small: Door, search: str, found: int) -> None:
    assert len(small.rows("organizations", search=search)) == found


@pytest.mark.parametrize(("postcode", "found"), [
    ("97301", ["1", "4"]), ("97301-9999", ["1", "4"]), ("97303", ["2", "4"]), ("97304", ["4", "5"]),
    ("83702", ["2"]), ("00000", []), ("K1A 0B1", [])])
def test_a_postcode_finds_the_area_that_is_served_or_else_the_place(small: Door, postcode: str,
                                                                    found: list[str]) -> None:
    assert numbers(small.rows("service_at_locations", postcode=postcode)) == found


def test_a_place_in_an_area_that_the_postcode_is_not_in_is_not_found_by_its_own(small: Door) -> None:
    assert "5" not in numbers(small.rows("service_at_locations", postcode="97301"))


@pytest.mark.parametrize(("meters", "found"), [
    (2500, []), (2600, ["1"]), ("4890.5", ["1"]), ("4892.5", ["1", "2"]),
    (700_000, ["1", "2", "2"]), (0, []), (10**12 - 1, ["1", "2", "2"])])
def test_proximity_is_in_meters_from_the_middle_of_the_postcode(small: Door, meters: Any, found: list[str]) -> None:
    assert numbers(small.rows("service_at_locations", postcode="97301", proximity=meters)) == found


def test_proximity_agrees_with_the_geodesic_of_every_point(door: Door) -> None:
    zips = door.publisher.app.extensions["finder"].gazetteer.zips
    rows = [row for row in door.rows("service_at_locations", full=True) if not row["service"].get("service_areas")]
    codes = sorted({one["postal_code"] for row in rows for one in row["location"].get("addresses", ())} & zips.keys())
    seen = 0
    for code, meters in zip(codes, (300, 3_000, 30_000, 300_000, 3_000_000, 900_000), strict=False):
        middle = zips[code]
        near = {row["id"] for row in rows if "latitude" in row["location"] and distance_miles(
            middle.latitude, middle.longitude, row["location"]["latitude"], row["location"]["longitude"],
        ) * METERS_PER_MILE <= meters}
        assert near == set(door.ids("service_at_locations", postcode=code, proximity=meters)) & {
            row["id"] for row in rows}
        seen += len(near)
    assert seen > 50


def test_from_a_place_nobody_knows_nothing_is_near(small: Door) -> None:
    assert small.rows("service_at_locations", postcode="K1A 0B1", proximity=10_000_000) == []


def test_filters_are_laid_over_one_another(small: Door) -> None:
    grief, anxiety = term_id("focus_areas", "grief"), term_id("focus_areas", "anxiety")
    assert numbers(small.rows("services", taxonomy_term_id=grief, search="river")) == ["1", "2"]
    assert numbers(small.rows("services", taxonomy_term_id=anxiety, search="tea")) == ["2"]
    assert numbers(small.rows("services", taxonomy_term_id=grief, taxonomy_id=taxonomy_id("organization_kinds"))) == [
        "1"]
    assert numbers(small.rows("services", taxonomy_term_id=grief, modified_after="2999-01-01")) == []
    assert numbers(small.rows("service_at_locations", taxonomy_term_id=anxiety, postcode="83702")) == ["2"]
    assert numbers(small.rows("service_at_locations", taxonomy_term_id=term_id("session_formats", "online_video"),
                              organization_id=small.rows("organizations", search="river care")[0]["id"])) == ["4"]


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("asked", [
    {"taxonomy_term_id": "nobody"}, {"taxonomy_id": "nobody"}, {"taxonomy_term_id": term_id("focus_areas", "panic")}])
def test_what_nothing_is_filed_under_finds_nothing(small: Door, name: str, asked: dict[str, str]) -> None:
    found = small.page(name, **asked)
    assert (found["total_items"], found["total_pages"], found["empty"]) == (0, 0, True)
    assert small.lines(name, **asked) == []


def test_terms_are_found_by_taxonomy_words_and_place_in_a_tree(small: Door) -> None:
    grief = term_id("focus_areas", "grief")
    focus = small.rows("taxonomy_terms", taxonomy_id=taxonomy_id("focus_areas"))
    assert {row["taxonomy"] for row in focus} == {"Focus areas"}
    assert grief in {row["id"] for row in focus}
    assert grief in small.ids("taxonomy_terms", search="GRIEF")
    assert small.ids("taxonomy_terms", search="focus_areas:grief") == [grief]
    assert small.ids("taxonomy_terms", top_only=True) == small.ids("taxonomy_terms")
    assert small.ids("taxonomy_terms", parent_id=grief) == []
    assert [row["name"] for row in small.rows("taxonomies", search="focus")] == ["Focus areas"]


def test_what_changed_since_is_found_by_day_and_by_instant(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, LISTINGS[:3])
    door = Door(publisher)
    later = NOW + timedelta(days=2)
    with publisher.database.transaction() as session:
        import_listings(session, [Incoming({**LISTINGS[0], "description": "New."}, 1)], source="A feed", now=later,
                        complete=False)
    stamp = later.strftime("%Y-%m-%dT%H:%M:%S")
    for text in ("2026-11-25", f"{stamp}Z", f"{stamp}+00:00", stamp, "2026-11-26T14:00:00+02:00",
                 door.one("services", door.ids("services", modified_after=stamp)[0])["last_modified"]):
        assert numbers(door.rows("services", modified_after=text)) == ["1"], text
    assert door.ids("services", modified_after=f"{stamp[:-2]}01Z") == []
    assert numbers(door.rows("services", modified_after="2026-11-24")) == ["1", "2", "3"]
    assert numbers(door.rows("service_at_locations", modified_after="2026-11-25")) == ["1"]
    # A plus sign that an address has made a space of.
    sent = door.publisher.client.get(f"/hsds/services?modified_after={stamp}+00:00", base_url="https://finder.example")
    assert numbers(sent.json["contents"]) == ["1"]


@pytest.mark.parametrize(("asked", "ignored"), [
    ({"modified_after": "yesterday"}, ["modified_after"]), ({"modified_after": "0001-01-01T00:00:00+14:00"},
                                                           ["modified_after"]),
    ({"format": "xml"}, ["format"]), ({"format": "XML", "modified_after": "x"}, ["format", "modified_after"])])
def test_texts_that_cannot_be_read_are_passed_over_and_named(small: Door, asked: dict[str, str],
                                                             ignored: list[str]) -> None:
    found = small.page("services", **asked)
    assert (found.pop("ignored"), found) == (ignored, small.page("services"))


@pytest.mark.parametrize(("asked", "ignored"), [
    ({"proximity": "near"}, ["proximity"]), ({"proximity": 5000}, ["proximity"]), ({"postcode": "---"}, ["postcode"]),
    ({"postcode": "97301", "proximity": -5}, ["proximity"]), ({"postcode": "97301", "proximity": "nan"},
                                                              ["proximity"])])
def test_a_distance_that_is_none_or_from_nowhere_is_passed_over_and_named(small: Door, asked: dict[str, Any],
                                                                          ignored: list[str]) -> None:
    found = small.page("service_at_locations", **asked)
    rest = {name: value for name, value in asked.items() if name not in ignored}
    assert (found.pop("ignored"), found) == (ignored, small.page("service_at_locations", **rest))


@pytest.mark.parametrize(("asked", "field"), [
    ({"page": "one"}, "page"), ({"per_page": "1e3"}, "per_page"), ({"page": "1.5"}, "page"), ({"full": "yes"}, "full"),
    ({"minimal": ""}, "minimal"), ({"page": "٣"}, "page"), ({"taxonomy": "x"}, "taxonomy"), ({"lang": "es"}, "lang")])
def test_what_is_no_value_of_its_kind_or_no_parameter_is_refused(small: Door, asked: dict[str, str],
                                                                 field: str) -> None:
    answer = small.get("/services", **asked)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert list(answer.json["errors"]) == [field]


def test_a_parameter_that_stands_twice_is_refused(small: Door) -> None:
    answer = small.get("/services?page=1&page=2")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["page"])


@pytest.mark.parametrize("body", [
    b"[]", b'"x"', b'{"page": "1"}', b'{"page": true}', b'{"full": 1}', b'{"search": 5}', b'{"search": null}',
    b'{"search": ["x"]}', b'{"nope": 1}', b'{"page": 1.5}', b'{"search": "\\ud800"}', b'{"page": 1, "page": 2}',
    b"{", b"\xff", b'{"page": NaN}', b'{"page": 1e999}', b"[" * 20_000])
def test_a_body_that_says_no_such_thing_is_refused(small: Door, body: bytes) -> None:
    answer = small.post("/services", data=body, content_type="application/json")
    assert (answer.status_code in (400, 422), answer.mimetype) == (True, "application/problem+json")


def test_L2_a_body_of_another_kind_or_too_long_is_refused(small: Door) -> None:
    assert small.post("/services", data="search=x", content_type="text/plain").status_code == 415
    assert small.post("/services", data="<x/>", content_type="application/xml").status_code == 415
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        long = json.dumps({"search": "x" * 70_000}) if kind.endswith("json") else "search=" + "x" * 70_000
        assert small.post("/services", data=long, content_type=kind).status_code == 413
    assert small.post("/services?page=1", json={}).status_code == 422
    doubled = small.post("/services", data="page=1&page=2", content_type="application/x-www-form-urlencoded")
    assert doubled.status_code == 422


def test_instants_are_compared_in_their_zones() -> None:
    assert _instant("2026-11-24T12:00:00+02:00") == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert _instant("20261124") == datetime(2026, 11, 24, tzinfo=UTC)
    assert _instant("2026-02-30") is None
