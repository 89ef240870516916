from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.cli.assistants import asked
from finder.errors import Invalid
from finder.search import query_schema

LANGUAGES = ("en", "es")


def wrong(read: Callable[..., Any], given: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        read(given, LANGUAGES)
    return {field: [one.code for one in many] for field, many in caught.value.errors.items()}


# -- searching -------------------------------------------------------------------------------------------------------


def test_a_search_is_what_the_address_would_say() -> None:
    query, facets = asked.search({
        "q": "river", "near": "Durham, NC", "radius_miles": 12.5, "days": [1, 5], "from": "17:00", "until": "21:30",
        "focus": ["grief", "depression"], "languages": ["es"], "cost": ["covered"], "insurance": ["medicaid"],
        "all_of": {"accessibility": ["step_free", "captions"]}, "none_of": {"group_type": ["iop"]}, "facets": True,
        "page": 2, "per_page": 25, "lang": "es"}, LANGUAGES)
    wanted = query_schema.load_browse({
        "q": ["river"], "near": ["Durham, NC"], "radius_miles": ["12.5"], "days": ["1,5"], "from": ["17:00"],
        "until": ["21:30"], "focus": ["grief,depression"], "languages": ["es"], "cost": ["covered"],
        "insurance": ["medicaid"], "accessibility.all": ["step_free,captions"], "group_type.not": ["iop"],
        "page": ["2"], "per_page": ["25"]})
    wanted.pop("lang")
    assert query == wanted
    assert facets is True


def test_what_is_null_or_an_empty_list_is_not_asked() -> None:
    query, facets = asked.search({"q": None, "focus": [], "days": None, "all_of": {}, "facets": None}, LANGUAGES)
    assert (query["text"], query["filters"], query["days"], facets) == (None, {}, (), False)
    assert query["per_page"] == asked.SEARCH_PAGE


@pytest.mark.parametrize(("given", "errors"), [
    ({"owner": 1}, {"owner": ["unknown_key"]}),
    ({"q": 5}, {"q": ["wrong_type"]}), ({"q": "a\nb"}, {"q": ["bad_text"]}), ({"q": "x" * 201}, {"q": ["too_long"]}),
    ({"q": "\ud800"}, {"q": ["bad_text"]}),
    ({"radius_miles": "5"}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": True}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": math.nan}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": 0}, {"radius_miles": ["out_of_range"]}),
    ({"radius_miles": 1e300}, {"radius_miles": ["out_of_range"]}),
    ({"page": 0}, {"page": ["out_of_range"]}), ({"page": 1.5}, {"page": ["out_of_range"]}),
    ({"per_page": 26}, {"per_page": ["out_of_range"]}), ({"page": 10**30}, {"page": ["out_of_range"]}),
    ({"latitude": 35.9}, {"longitude": ["one_coordinate"]}),
    ({"near": "27701", "latitude": 1, "longitude": 1}, {"near": ["place_twice"]}),
    ({"nearest": 3}, {"near": ["required"]}),
    ({"focus": "grief"}, {"focus": ["wrong_type"]}), ({"focus": ["sadness"]}, {"focus": ["not_a_code"]}),
    ({"focus": ["grief,depression"]}, {"focus": ["not_a_code"]}), ({"focus": [1]}, {"focus": ["wrong_type"]}),
    ({"days": ["1"]}, {"days": ["wrong_type"]}), ({"days": [7]}, {"days": ["not_a_code"]}),
    ({"days": [True]}, {"days": ["wrong_type"]}), ({"from": "25:00"}, {"from": ["not_a_time"]}),
    ({"all_of": []}, {"all_of": ["wrong_type"]}), ({"all_of": {"owner": ["x"]}}, {"all_of.owner": ["unknown_key"]}),
    ({"none_of": {"focus": ["sadness"]}}, {"none_of.focus": ["not_a_code"]}),
    ({"none_of": {"focus": "grief"}}, {"none_of.focus": ["wrong_type"]}),
    ({"focus.all": ["grief"]}, {"focus.all": ["unknown_key"]}), ({"facets": "yes"}, {"facets": ["wrong_type"]}),
    ({"lang": "fr"}, {"lang": ["not_a_code"]}), ({"status": "closed"}, {"status": ["not_a_code"]}),
    ({"q": 5, "focus": ["sadness"], "owner": 1, "per_page": 99},
     {"q": ["wrong_type"], "focus": ["not_a_code"], "owner": ["unknown_key"], "per_page": ["out_of_range"]}),
])
def test_what_is_wrong_with_a_search_is_named(given: dict[str, Any], errors: dict[str, list[str]]) -> None:
    assert wrong(asked.search, given) == errors


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
                      lambda inner: st.lists(inner, max_size=4)
                      | st.dictionaries(st.text(max_size=9), inner, max_size=4), max_leaves=8)
NAMES = st.sampled_from([*query_schema.FACETS, "q", "near", "days", "all_of", "none_of", "page", "lang", "intake",
                         "id"])


@given(st.dictionaries(NAMES | st.text(max_size=10), VALUES, max_size=5))
def test_whatever_is_asked_is_read_or_refused_by_name(given: dict[str, Any]) -> None:
    for read in (asked.search, asked.match, asked.listing, asked.vocabulary):
        try:
            read(given, LANGUAGES)
        except Invalid as refused:
            assert refused.errors  # noqa: PT017 - either is fine, anything else is not
    asked.sound_parts(given)
    asked.sound_words(given)


# -- matching --------------------------------------------------------------------------------------------------------


def test_an_intake_needs_no_format_and_keeps_its_own_rules() -> None:
    found = asked.match({"intake": {"needs": ["grief"]}}, LANGUAGES)
    assert found == asked.Matching({"format": "finder-intake/1", "needs": ["grief"]}, 1, asked.MATCH_PAGE)
    assert asked.match({"intake": {"format": "finder-intake/1"}, "page": 2, "per_page": 20}, LANGUAGES).per_page == 20


@pytest.mark.parametrize(("given", "errors"), [
    ({}, {"intake": ["wrong_type"]}), ({"intake": None}, {"intake": ["wrong_type"]}),
    ({"intake": []}, {"intake": ["wrong_type"]}),
    ({"intake": {"needs": ["sadness"], "age": -1}}, {"intake.needs": ["not_a_code"], "intake.age": ["out_of_range"]}),
    ({"intake": {"near": {"text": "x", "latitude": 1}}}, {"intake.near.text": ["place_twice"]}),
    ({"intake": {"name": "Ann"}}, {"intake.name": ["unknown_key"]}),
    ({"intake": {"format": "finder-intake/2"}}, {"intake.format": ["not_a_code"]}),
    ({"intake": {}, "per_page": 21}, {"per_page": ["out_of_range"]}),
    ({"intake": {}, "page": True}, {"page": ["not_a_number"]}),
    ({"intake": {}, "page": 501}, {"page": ["out_of_range"]}),
    ({"intake": {}, "hidden_ids": True, "lang": 5}, {"hidden_ids": ["unknown_key"], "lang": ["not_a_code"]}),
])
def test_what_is_wrong_with_a_match_is_named(given: dict[str, Any], errors: dict[str, list[str]]) -> None:
    assert wrong(asked.match, given) == errors


@pytest.mark.parametrize("given", [
    {"intake": {"safety": "active", "needs": ["x"], "age": "old"}}, {"safety": "active"},
    {"intake": "help", "safety": "active"}, {"intake": {"safety": "active", "scores": {"phq9": 900}}}])
def test_Y3_a_danger_is_heard_whatever_is_wrong_beside_it(given: dict[str, Any]) -> None:
    assert asked.sound_parts(given)["safety"] == "active"


def test_Y3_the_sound_half_of_a_part_is_heard_too() -> None:
    assert asked.sound_parts({"intake": {
        "scores": {"phq9": "many", "phq9_item9": 2, "x": 1}, "urgent": ["hunger", "overdose"],
        "needs": ["sadness", "self_harm"], "phq4": [3, 3, 9, 1]}}) == {
            "scores": {"phq9_item9": 2}, "urgent": ["overdose"], "needs": ["self_harm"]}


def test_reading_the_sound_parts_costs_no_more_for_a_huge_intake() -> None:
    huge = {"intake": {"urgent": ["overdose", *["x"] * 200_000], "needs_text": "y" * 500_000,
                       **{f"key {number}": 1 for number in range(10_000)}}}
    assert asked.sound_parts(huge) == {"urgent": ["overdose"]}


# -- one thing, and how much -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("read", "given", "errors"), [
    (asked.listing, {}, {"id": ["required"]}), (asked.listing, {"id": ""}, {"id": ["required"]}),
    (asked.listing, {"id": 7}, {"id": ["wrong_type"]}), (asked.listing, {"id": "x" * 201}, {"id": ["too_long"]}),
    (asked.listing, {"id": "a", "slug": "b"}, {"slug": ["unknown_key"]}),
    (asked.vocabulary, {"list": "colors"}, {"list": ["not_a_code"]}),
    (asked.vocabulary, {"list": ["languages"]}, {"list": ["not_a_code"]}),
    (asked.vocabulary, {"lang": "xx"}, {"lang": ["not_a_code"]}),
])
def test_what_is_wrong_with_one_thing_is_named(read: Callable[..., Any], given: dict[str, Any],
                                               errors: dict[str, list[str]]) -> None:
    assert wrong(read, given) == errors


@pytest.mark.parametrize(("given", "code"), [({"q": "x" * asked.MOST_BYTES}, "too_long"),
                                             ({"q": "\ud800"}, "bad_json")], ids=["long", "half a character"])
def test_more_than_anybody_has_to_say_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        asked.check_size(given)
    assert [one.code for one in caught.value.errors[""]] == [code]
