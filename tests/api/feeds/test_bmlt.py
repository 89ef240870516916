from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.api.feeds import bmlt as door
from finder.api.feeds.bmlt_described import PARAMETERS
from finder.api.feeds.weekly_site import writing
from finder.exchange.bmlt_answers import FIELDS
from finder.exchange.bmlt_replies import SWITCHERS
from finder.exchange.reading import Listing
from tests.api.conftest import app, client, listing, services  # noqa: F401 - fixtures
from tests.api.feeds.publishing import ADDRESS, Publisher, seed
from tests.contracts.test_openapi import run_cases
from tests.exchange.make import read
from tests.exchange.published import FULL
from tests.listings.database import take

JSON, SCRIPT = "/bmlt/client_interface/json/", "/bmlt/client_interface/jsonp/"
SEARCH = f"{JSON}?switcher=GetSearchResults"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    held = Publisher(tmp_path_factory.mktemp("seed"), seed())
    yield held
    held.database.close()


def test_the_seed_is_answered_whole_as_texts_for_any_site(seeded: Publisher) -> None:
    answer = seeded.get(SEARCH)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert len(answer.json) == len(seeded.get("/meetings.json").json) > 300
    assert {type(value) for one in answer.json for value in one.values()} == {str}
    assert {tuple(one) for one in answer.json} == {FIELDS}


@pytest.mark.parametrize("path", [JSON, JSON.rstrip("/"), SCRIPT, SCRIPT.rstrip("/")])
def test_an_address_works_with_and_without_a_stroke_at_its_end(seeded: Publisher, path: str) -> None:
    answer = seeded.get(f"{path}?switcher=GetServerInfo")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_browsers_that_ask_first_may_say_who_the_client_is(seeded: Publisher) -> None:
    answer = seeded.client.options(JSON, base_url=ADDRESS, headers={
        "Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "user-agent"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "*"


@pytest.mark.parametrize(("switcher", "code"), [("Nothing", "Pick one from the list."), ("", "Please fill this in."),
                                                ("GetNAWSDump", "Pick one from the list.")])
def test_a_question_that_nobody_knows_is_refused_as_bmlt_servers_do(seeded: Publisher, switcher: str,
                                                                    code: str) -> None:
    answer = seeded.get(f"{JSON}?switcher={switcher}")
    assert answer.status_code == 422
    assert code in answer.json["errors"]["switcher"][0]


@pytest.mark.parametrize("form", ["csv", "tsml", "xml", "json/more", "."])
def test_other_forms_are_not_there(seeded: Publisher, form: str) -> None:
    answer = seeded.get(f"/bmlt/client_interface/{form}/?switcher=GetSearchResults")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("switcher", [one for one in SWITCHERS if one not in ("GetFieldValues", "GetChanges")])
def test_every_question_has_an_answer(seeded: Publisher, switcher: str) -> None:
    assert seeded.get(f"{JSON}?switcher={switcher}").json


def test_an_answer_for_a_script_is_a_call_of_its_function(seeded: Publisher) -> None:
    plain = seeded.get(f"{JSON}?switcher=GetServiceBodies")
    for asked, name in (("&callback=jsonp_1764_9", "jsonp_1764_9"), ("", "callback"),
                        ("&callback=jQuery.cb.$_1", "jQuery.cb.$_1")):
        answer = seeded.get(f"{SCRIPT}?switcher=GetServiceBodies{asked}")
        assert answer.mimetype == "text/javascript"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.text == f"/**/{name}({plain.text});"


@pytest.mark.parametrize("callback", ["alert(1)//", "a;b", "1a", "a b", "", "a.", "a" * 65, "eval`1`", "a\n", "é",
                                      "a.b.c.d.e", "<script>", "\u2028"])
def test_a_callback_that_is_more_than_a_name_is_refused(seeded: Publisher, callback: str) -> None:
    answer = seeded.get(f"{SCRIPT}?switcher=GetServiceBodies&callback={quote(callback)}")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["callback"])
    assert callback not in answer.text or callback in ("", "a.", "1a", "a b", "a;b")


def test_who_has_the_newest_answer_is_told_so(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [listing(1)])
    first = held.get(SEARCH)
    assert held.get(SEARCH, If_None_Match=first.headers["ETag"]).status_code == 304
    take(held.database, [listing(1), listing(2)])
    second = held.get(SEARCH, If_None_Match=first.headers["ETag"])
    assert (second.status_code, len(first.json), len(second.json)) == (200, 1, 2)


def test_a_new_day_has_its_own_answers_and_the_old_ones_go(tmp_path: Path) -> None:
    session = listing(1)["sessions"][0]
    held = Publisher(tmp_path, [listing(1, sessions=[session, {**session, "start_time": "08:00",
                                                               "valid_from": "2026-11-25"}])])
    first = held.get(SEARCH)
    held.clock.at = held.clock.at.replace(day=25)
    second = held.get(SEARCH, If_None_Match=first.headers["ETag"])
    assert (len(first.json), len(second.json)) == (1, 2)
    left = held.app.extensions["finder"].shelf()._left
    assert [name for name in left if "bmlt" in name] == ["bmlt"]


def test_many_who_ask_at_once_get_one_answer(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [listing(number) for number in range(1, 60)])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: held.app.test_client().get(SEARCH, base_url=ADDRESS).data, range(8)))
    assert len(set(found)) == 1
    assert found[0].count(b"meeting_name") == 59


def test_answers_come_squeezed_to_who_can_read_that(seeded: Publisher) -> None:
    squeezed = seeded.get(SEARCH, Accept_Encoding="gzip")
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == seeded.get(SEARCH).data
    assert "Content-Encoding" not in seeded.get(f"{SEARCH}&page_size=0", Accept_Encoding="gzip").headers


def test_a_place_in_words_is_found_without_asking_anybody(seeded: Publisher) -> None:
    near = seeded.get(f"{SEARCH}&SearchString=Chicago,+IL&StringSearchIsAnAddress=1&SearchStringRadius=25").json
    assert near
    assert {one["location_province"] for one in near} <= {"IL", "IN"}
    assert all(float(one["distance_in_miles"]) <= 25 for one in near)
    nearest = seeded.get(f"{SEARCH}&SearchString=60601&StringSearchIsAnAddress=1&sort_results_by_distance=1").json
    far = [float(one["distance_in_miles"]) for one in nearest]
    assert (len(far), far) == (10, sorted(far))
    assert seeded.get(f"{SEARCH}&SearchString=Nowhere&StringSearchIsAnAddress=1").json == []


def test_it_is_not_there_where_the_operator_turned_it_off(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [listing(1)], bmlt="off")
    for path in (SEARCH, JSON, f"{SCRIPT}?switcher=GetServerInfo"):
        answer = held.get(path)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert held.get("/meetings.json").status_code == 200


def test_what_is_private_stays_so_and_links_to_join_are_the_operators_choice(tmp_path: Path) -> None:
    sessions = [{**FULL["sessions"][0], "location": {**FULL["sessions"][0]["location"], "hidden": True}}]
    held = Publisher(tmp_path, [{**FULL, "sessions": sessions, "description": "Tea. Led by Maria Gomez."}])
    said = held.get(f"{SEARCH}&get_used_formats=1").text + held.get(f"{JSON}?switcher=GetServiceBodies").text
    for private in ("zoom.us", "Gomez", "circle@example.org", "hello@river.example.org", "503-555-0101", "Elm",
                    "44.94", "Ring the bell", "5035550100"):
        assert private not in said, private
    direct = held.with_settings(feed_links="direct").test_client().get(SEARCH, base_url=ADDRESS).json
    assert [one["virtual_meeting_link"] for one in direct] == ["https://zoom.us/j/5550100"]


def test_one_file_serves_all_workers_of_an_instance(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [listing(1)])
    other = held.with_settings()
    assert held.get(SEARCH).data == other.test_client().get(SEARCH, base_url=ADDRESS).data
    assert len(list((tmp_path / "public").glob("bmlt-*.gz"))) == 1
    with held.app.test_request_context():
        assert door.bmlt_file(writing()).facts == {"meetings": 1, "left_out": {}}


def test_an_instance_without_listings_answers_too(tmp_path: Path) -> None:
    held = Publisher(tmp_path)
    assert held.get(SEARCH).json == []
    assert held.get(f"{JSON}?switcher=GetCoverageArea").status_code == 200
    assert len(held.get(f"{JSON}?switcher=GetServiceBodies").json) == 1


def test_answers_over_the_wire_go_into_our_own_importer_whole(seeded: Publisher, tmp_path: Path) -> None:
    for name, query in (("a", "GetSearchResults&get_used_formats=1"), ("b", "GetServiceBodies")):
        (tmp_path / f"{name}.json").write_bytes(seeded.get(f"{JSON}?switcher={query}").data)
    back = list(read(tmp_path, "bmlt"))
    assert all(isinstance(one, Listing) for one in back)
    assert sum(len(one.rows) for one in back if isinstance(one, Listing)) == len(seeded.get(SEARCH).json)


_names = st.sampled_from([one["name"] for one in PARAMETERS] + ["weekdays[]", "services[7]", "formats[", "key", "%"])
_values = st.one_of(st.text(max_size=12), st.integers().map(str), st.floats().map(str),
                    st.sampled_from(["1,2,-3", "GetSearchResults", "1", "0", "\x00", "id_bigint,meeting_name"]))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(list(SWITCHERS)), st.lists(st.tuples(_names, _values), max_size=6))
def test_any_query_is_answered(seeded: Publisher, switcher: str, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs)
    answer = seeded.get(f"{JSON}?{query}&switcher={switcher}")
    assert answer.status_code == 200, query
    assert isinstance(answer.json, list | dict)


@pytest.mark.parametrize("path", [JSON, SCRIPT])
def test_generated_requests_get_described_answers(app: Flask, path: str) -> None:  # noqa: F811
    assert run_cases(app, 12, only=path) > 20


def test_the_examples_of_the_description_are_such(client: Any) -> None:  # noqa: F811
    content = client.get("/openapi.json").json["paths"][JSON]["get"]["responses"]["200"]["content"]
    held = content["application/json"]
    for answer in (held["example"], client.get(SEARCH).json, client.get(f"{SEARCH}&get_used_formats=1").json):
        jsonschema.validate(answer, held["schema"])
