import pytest


def ask(client, words):
    answer = client.get("/api/v1/places", query_string={"q": words})
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize("words", ["27701", "Durham, NC", "durham north carolina"])
def test_a_place_is_found_by_zip_and_by_name(client, words):
    answer = ask(client, words)
    assert answer["choices"] == []
    assert answer["why"] is None
    assert answer["place"]["state"] == "NC"
    assert answer["place"]["timezone"] == "America/New_York"
    assert round(answer["place"]["latitude"]) == 36


def test_a_name_of_many_places_offers_choices(client):
    answer = ask(client, "Franklin")
    assert answer["place"] is None
    assert answer["why"] == "ambiguous"
    assert len({one["state"] for one in answer["choices"]}) > 1


def test_what_is_no_place_is_said_to_be_unknown(client):
    answer = ask(client, "qqqqzzzz")
    assert answer == {"place": None, "choices": [], "why": "unknown"}


@pytest.mark.parametrize("query", ["", "q=", "q=%00", "q=" + "a" * 201, "q=27701&x=1"])
def test_a_wrong_question_is_a_problem(client, query):
    answer = client.get(f"/api/v1/places?{query}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
