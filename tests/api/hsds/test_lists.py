from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.hsds.door import LISTS, SHORT, WHOLE, Door
from tests.exchange.hsds.documents import errors

ENVELOPE = ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents")


@pytest.fixture(params=["door", "odd_door"], ids=["seed", "odd"])
def either(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(request.param)
    return found


def test_the_root_says_which_version_of_the_standard_it_is(door: Door) -> None:
    for path in ("", "/"):
        answer = door.get(path)
        assert answer.json == {"version": "3.0", "profile": "https://docs.openreferral.org/",
                               "openapi_url": "https://finder.example/openapi.json"}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_the_whole_envelope(door: Door, name: str) -> None:
    found = door.page(name)
    assert tuple(found) == ENVELOPE
    assert (found["page_number"], found["first_page"], found["empty"]) == (1, True, False)
    assert found["size"] == len(found["contents"]) == min(50, found["total_items"])


@pytest.mark.parametrize("name", SHORT)
def test_every_row_of_every_page_validates(either: Door, name: str) -> None:
    found = [row for row in either.rows(name)]
    assert found
    assert {row["id"]: wrong for row in found if (wrong := errors(row, SHORT[name]))} == {}


@pytest.mark.turns(3)
@pytest.mark.parametrize("name", SHORT)
def test_every_whole_row_validates_as_what_it_is(either: Door, name: str) -> None:
    asked = {"full": True, **({"full_service": True} if name == "organizations" else {})}
    found = [row for row in either.rows(name, **asked)]
    assert {row["id"]: wrong for row in found if (wrong := errors(row, WHOLE[name]))} == {}
    assert {row["id"]: wrong for row in found if (wrong := errors(row, SHORT[name]))} == {}


@pytest.mark.parametrize("name", SHORT)
def test_a_thing_alone_is_the_whole_row_of_the_list(either: Door, name: str) -> None:
    rows = either.rows(name, full=True)
    for row in rows[::7]:
        assert either.one(name, row["id"]) == row
        assert errors(row, WHOLE[name]) == []


@pytest.mark.parametrize("name", ["taxonomies", "taxonomy_terms"])
def test_every_taxonomy_and_term_is_there_alone_too(door: Door, name: str) -> None:
    rows = door.rows(name)
    assert len(rows) == door.page(name)["total_items"] > 10
    for row in rows[::9]:
        assert door.one(name, row["id"]) == row
        term = {"id": row["id"], "link_id": row["id"], "link_entity": "service", "taxonomy_term": row}
        assert errors({"id": row["id"], "name": "x", "status": "active", "attributes": [term]}, WHOLE["services"]) == []


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("per_page", [1, 7, 100])
def test_pages_hold_each_row_once_and_say_where_they_are(door: Door, name: str, per_page: int) -> None:
    total = door.page(name)["total_items"]
    if per_page == 1:
        numbers = [1, 2, total - 1, total]
    else:
        numbers = list(range(1, -(-total // per_page) + 1))
    seen: list[str] = []
    for number in numbers:
        found = door.page(name, page=number, per_page=per_page)
        last = number == -(-total // per_page)
        assert found["total_items"] == total
        assert (found["page_number"], found["first_page"], found["last_page"], found["empty"]) == (
            number, number == 1, last, False)
        assert found["size"] == (total - per_page * (number - 1) if last else per_page)
        seen += [row["id"] for row in found["contents"]]
    assert len(seen) == len(set(seen))
    if per_page > 1:
        assert len(seen) == total


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("number", [999, 10**9, 10**40])
def test_a_page_beyond_the_last_is_empty(door: Door, name: str, number: int) -> None:
    found = door.page(name, page=number)
    assert (found["empty"], found["size"], found["contents"]) == (True, 0, [])
    assert (found["first_page"], found["last_page"]) == (False, False)
    assert found["total_items"] == door.page(name)["total_items"]


@pytest.mark.parametrize(("asked", "page", "size"), [
    ({"page": 0}, 1, 50), ({"page": -7}, 1, 50), ({"per_page": 0}, 1, 1), ({"per_page": -10**40}, 1, 1),
    ({"per_page": 10**40}, 1, 80), ({"per_page": 10**40, "full": True}, 1, 80), ({"page": "2.0"}, 2, 30)])
def test_pages_out_of_range_are_those_at_its_ends(odd_door: Door, asked: dict[str, Any], page: int, size: int) -> None:
    found = odd_door.page("services", **asked)
    assert (found["page_number"], found["size"]) == (page, size)


def test_a_page_of_whole_rows_is_shorter(door: Door) -> None:
    assert door.page("services", per_page=500)["size"] > 100
    assert door.page("services", per_page=500, full=True)["size"] == 100


@pytest.mark.parametrize("name", LISTS)
def test_lines_are_the_rows_of_all_pages(door: Door, name: str) -> None:
    assert door.lines(name) == door.rows(name)
    assert door.lines(name, search="group") == door.rows(name, search="group")


@pytest.mark.turns(3)
@pytest.mark.parametrize("name", SHORT)
def test_lines_of_whole_rows_are_too(either: Door, name: str) -> None:
    assert either.lines(name, full=True) == either.rows(name, full=True)


def test_lines_of_whole_services_in_organizations_are_too(door: Door) -> None:
    assert door.lines("organizations", full_service=True) == door.rows("organizations", full_service=True)


def test_minimal_rows_are_ids_and_dates_all_on_one_page(door: Door) -> None:
    found = door.page("services", minimal=True)
    assert (found["size"], found["total_pages"]) == (found["total_items"], 1)
    assert {tuple(row) for row in found["contents"]} == {("id", "name", "status", "last_modified", "modified_date")}
    assert [row["id"] for row in found["contents"]] == door.ids("services")
    assert [errors(row, SHORT["services"]) for row in found["contents"] if errors(row, SHORT["services"])] == []
    assert door.lines("services", minimal=True) == found["contents"]
    assert door.page("services", minimal=True, per_page=10, page=2)["contents"] == found["contents"][10:20]


def test_an_organization_names_its_services_or_holds_them(door: Door) -> None:
    services = door.rows("services", full=True)
    for row in door.rows("organizations")[::5]:
        mine = [one for one in services if one["organization_id"] == row["id"]]
        named = door.one("organizations", row["id"])["services"]
        assert named == [{name: one[name] for name in ("id", "name", "status")} for one in mine]
        held = door.one("organizations", row["id"], full_service=True)["services"]
        assert held == [{name: value for name, value in one.items() if name != "organization"} for one in mine]


def test_every_service_has_an_organization_that_is_there(either: Door) -> None:
    held = {row["id"]: row for row in either.rows("organizations")}
    for row in either.rows("services"):
        assert row["organization"] == held[row["organization_id"]]
    assert set(held) == {row["organization_id"] for row in either.rows("services")}


def test_every_place_of_a_service_is_in_the_list_of_places(either: Door) -> None:
    places = {row["id"]: row for row in either.rows("service_at_locations", full=True)}
    services = either.rows("services", full=True)
    there = [one for row in services for one in row.get("service_at_locations", [])]
    assert {one["id"] for one in there} == set(places)
    for one in there:
        assert {name: value for name, value in places[one["id"]].items() if name != "service"} == one
    assert {row["service"]["id"] for row in places.values()} <= {row["id"] for row in services}


def ways(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"json": values}
    yield {"data": {name: str(value).lower() for name, value in values.items()},
           "content_type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("name", LISTS)
def test_a_post_says_the_same_as_the_address(door: Door, name: str) -> None:
    asked: dict[str, Any] = {"search": "group", "page": 2, "per_page": 3}
    if name in SHORT:
        asked["full"] = True
    for way in ways(asked):
        answer = door.post(f"/{name}", **way)
        assert answer.status_code == 200
        assert answer.json == door.page(name, **asked)
        assert answer.headers["Cache-Control"] == "no-store"
    lines = door.post(f"/{name}", json={"format": "ndjson"})
    assert lines.text == door.get(f"/{name}", format="ndjson").text


def test_an_empty_object_asks_for_everything_and_an_empty_post_for_nothing(door: Door) -> None:
    assert door.post("/services", json={}).json == door.page("services")
    answer = door.post("/services")
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")


def test_answers_are_squeezed_for_who_takes_that(door: Door) -> None:
    for path, asked in (("/services", {"full": True}), ("/services", {"format": "ndjson", "search": "group"}),
                        ("/organizations", {"full_service": True})):
        plain = door.get(path, **asked)
        packed = door.get(path, {"Accept-Encoding": "gzip"}, **asked)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) / 3
        assert "Accept-Encoding" in packed.vary
