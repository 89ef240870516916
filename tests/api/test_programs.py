import uuid

import pytest


def found(client, query=""):
    answer = client.get(f"/api/v1/programs{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def names(answer):
    return [one["listing"]["id"] for one in answer["programs"]]


def test_all_that_is_published_is_listed_but_what_is_paused(client):
    answer = found(client)
    assert set(names(answer)) == {"l1", "l2", "l3", "l4", "l5", "l7", "l8"}
    assert answer["total"] == 7
    assert (answer["page"], answer["per_page"]) == (1, 20)


def test_paused_programs_are_listed_when_asked_for(client):
    assert names(found(client, "?status=paused")) == ["l6"]


@pytest.mark.parametrize(("query", "expected"), [
    ("q=lamp", {"l1"}), ("q=lampp", {"l1"}), ("focus=anxiety,grief", {"l2", "l5"}),
    ("focus.all=anxiety,depression", {"l2"}), ("focus.not=depression", {"l5", "l8"}),
    ("formats=online_video", {"l4"}), ("languages=es", {"l5"}), ("cost=free,sliding", {"l1"}),
    ("near=27701&radius_miles=5&formats=in_person", {"l1", "l2", "l3", "l5", "l7"}),
    ("near=90012&radius_miles=5&formats=in_person", set()),
    ("days=1&from=18:30&until=18:30&q=lamp", {"l1"}), ("days=1&from=18:31&q=lamp", set()),
    ("near=27701&nearest=1&q=lamp", {"l1"}), ("starting=12&q=lamp", {"l1"}), ("starting=1&q=lamp", set()),
    ("latitude=35.99&longitude=-78.9&radius_miles=5&gender_mix=women", {"l7"}),
])
def test_words_place_and_filters_narrow_the_list(client, query, expected):
    assert set(names(found(client, f"?{query}"))) == expected


@pytest.mark.parametrize("sort", ["relevance", "distance", "next_session", "freshness"])
def test_every_order_lists_the_same_programs(client, sort):
    answer = found(client, f"?sort={sort}&near=27701")
    assert len(names(answer)) == 7


def test_pages_follow_one_another(client):
    pages = [names(found(client, f"?per_page=3&page={page}")) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [one for page in pages for one in page] == names(found(client))


def test_one_program_is_read_by_id_and_by_slug(client, ids):
    by_id = client.get(f"/api/v1/programs/{ids['l1']}").json
    assert uuid.UUID(by_id["id"])
    assert by_id["listing"]["name"] == "Tuesday Lamp"
    assert by_id["status"] == "active"
    assert by_id["next_sessions"][0] == "2026-11-24T18:30:00-05:00"
    assert client.get(f"/api/v1/programs/{by_id['slug']}").json == by_id


def test_a_paused_program_is_reachable_by_its_address(client):
    paused = found(client, "?status=paused")["programs"][0]
    answer = client.get(f"/api/v1/programs/{paused['slug']}").json
    assert answer["status"] == "paused"
    assert answer["next_sessions"] == []


def test_P9_a_hidden_address_is_never_shown(client, ids):
    for path in ("?q=quiet", f"/{ids['l3']}"):
        said = client.get(f"/api/v1/programs{path}").text
        assert "Quiet House" in said
        assert "Canary" not in said
        assert "35.994" not in said


@pytest.mark.parametrize("key", ["no-such", str(uuid.UUID(int=7)), "%00", "a" * 500, "..", "l1", "%ED%A0%80"])
def test_an_unknown_program_is_not_found(client, key):
    answer = client.get(f"/api/v1/programs/{key}")
    assert answer.status_code == 404
    assert answer.json["code"] == "not_found"


def test_an_unchanged_program_is_not_sent_twice(client, ids):
    first = client.get(f"/api/v1/programs/{ids['l1']}")
    again = client.get(f"/api/v1/programs/{ids['l1']}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_a_list_that_may_tell_a_place_is_kept_by_nobody(client):
    assert client.get("/api/v1/programs?near=27701").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("query", "field"), [
    ("radius_miles=-1", "radius_miles"), ("latitude=91&longitude=0", "latitude"), ("latitude=1", "longitude"),
    ("colour=red", "colour"), ("focus=x", "focus"), ("page=0", "page"), ("page=NaN", "page"), ("sort=price", "sort"),
    ("q=%00", "q"), ("per_page=" + "9" * 30, "per_page"),
])
def test_L2_a_wrong_parameter_is_named(client, query, field):
    answer = client.get(f"/api/v1/programs?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_a_program_takes_no_parameters(client, ids):
    assert client.get(f"/api/v1/programs/{ids['l1']}?x=1").status_code == 422
