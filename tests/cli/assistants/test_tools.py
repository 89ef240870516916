from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from finder import crisis
from finder.app import create_app
from finder.cli.assistants import schemas
from finder.cli.assistants.tools import Said, Tools
from finder.config import Settings
from finder.errors import Unavailable
from finder.intake.notices import ORDER
from tests.cli.assistants.conftest import CRISIS_FILE
from tests.conftest import SECRET

DURHAM = {"needs": ["depression"], "near": {"text": "27701"}, "radius_miles": 25}
CALLED = {"search_groups": {"near": "27701", "facets": True}, "match_groups": {"intake": DURHAM},
          "list_vocabulary": {}, "crisis_lines": {}}


def described(tools: Tools, name: str) -> schemas.Described:
    return next(one for one in schemas.tools(tools.languages) if one.name == name)


def answer(tools: Tools, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The values of an answer, which are what its schema says; what was asked is what the other one says."""
    one = described(tools, name)
    assert list(Draft202012Validator(one.takes).iter_errors(given)) == []
    said = tools.call(name, given)
    assert said.values is not None, said.texts
    assert [wrong.message for wrong in Draft202012Validator(one.gives).iter_errors(said.values)] == []
    return said.values


def failed(tools: Tools, name: str, given: dict[str, Any]) -> Said:
    said = tools.call(name, given)
    assert said.failed
    return said


# -- descriptions ----------------------------------------------------------------------------------------------------


def test_every_tool_is_described_by_valid_schemas(tools: Tools) -> None:
    found = schemas.tools(tools.languages)
    assert {one.name for one in found} == set(tools.named)
    for one in found:
        for schema in (one.takes, one.gives):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
            assert schema["additionalProperties"] is False


def test_the_rule_for_somebody_in_danger_stands_where_assistants_read_it(tools: Tools) -> None:
    for name in ("match_groups", "crisis_lines"):
        assert schemas.SAFETY in described(tools, name).about
    assert schemas.SAFETY in schemas.INSTRUCTIONS
    assert "first and whole" in described(tools, "search_groups").about


def test_a_tool_takes_nothing_that_no_provider_of_models_allows_in_a_name(tools: Tools) -> None:
    for one in schemas.tools(tools.languages):
        assert all(name.replace("_", "").isalnum() and len(name) <= 64 for name in one.takes["properties"])


# -- searching -------------------------------------------------------------------------------------------------------


def test_a_search_tells_of_groups_in_short(tools: Tools) -> None:
    found = answer(tools, "search_groups", {"q": "Tuesday Lamp"})
    (one,) = found["groups"]
    assert (one["name"], one["kind"], one["cost"], one["where"]) == ("Tuesday Lamp", "Peer support group", "Free",
                                                                   "Durham, NC")
    assert one["when"] == ["Every Tuesday, 6:30–8:00 pm"]
    assert one["page"] is None  # an instance without an address of its own names none
    assert (found["total"], found["page"], found["per_page"]) == (1, 1, 10)


def test_a_search_is_narrowed_as_on_the_site(tools: Tools) -> None:
    everything = answer(tools, "search_groups", {"per_page": 25})
    spanish = answer(tools, "search_groups", {"languages": ["es"]})
    online = answer(tools, "search_groups", {"formats": ["online_video"], "none_of": {"focus": ["grief"]}})
    assert everything["total"] == 7
    assert [one["name"] for one in spanish["groups"]] == ["Círculo de los lunes"]
    assert [one["name"] for one in online["groups"]] == ["Screen Circle"]
    assert answer(tools, "search_groups", {"status": "paused"})["groups"][0]["status"] == "paused"


def test_a_search_pages(tools: Tools) -> None:
    pages = [answer(tools, "search_groups", {"per_page": 3, "page": page})["groups"] for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({one["id"] for page in pages for one in page}) == 7
    assert "page 2" in tools.call("search_groups", {"per_page": 3}).texts[1]


def test_a_place_that_is_not_known_is_asked_about(tools: Tools) -> None:
    said = tools.call("search_groups", {"near": "Nowhereville, ZZ"})
    assert said.values is not None
    assert said.values["place"] is None
    assert "We do not know that place." in said.texts[1]


def test_a_hidden_place_stays_hidden(tools: Tools) -> None:
    one = answer(tools, "search_groups", {"q": "Quiet House"})["groups"][0]
    whole = answer(tools, "get_listing", {"id": one["id"]})
    assert "latitude" not in whole["listing"]["sessions"][0]["location"]
    assert "12 Canary Lane" not in repr((one, whole))


# -- matching --------------------------------------------------------------------------------------------------------


def test_a_match_says_why_what_to_ask_and_what_was_left_out(tools: Tools) -> None:
    found = answer(tools, "match_groups", {"intake": {**DURHAM, "gender": "man", "languages": ["en"]}})
    first = found["groups"][0]
    assert first["rank"] == 1
    assert first["fit"]
    assert all(one["text"] for one in (*first["reasons"], *first["ask_first"], *found["left_out"]))
    assert {one["reason"]: one["count"] for one in found["left_out"]}["restricted_population"] == 1
    assert found["no_diagnosis"].startswith("This is not a diagnosis")
    words = tools.call("match_groups", {"intake": {**DURHAM, "gender": "man", "languages": ["en"]}}).texts[1]
    for part in ("This is not a diagnosis", "Why:", "Ask first:", "Left out:", first["name"]):
        assert part in words


def test_no_number_of_a_match_is_told_that_could_be_read_as_a_chance(tools: Tools) -> None:
    said = tools.call("match_groups", {"intake": DURHAM})
    assert said.values is not None
    assert all("score" not in one for one in said.values["groups"])
    assert not any(word in repr(said).lower() for word in ("score", "utility", "probab"))


def test_what_a_good_match_lacks_is_asked_for(tools: Tools) -> None:
    found = answer(tools, "match_groups", {"intake": {}})
    assert [one["field"] for one in found["ask_for"]] == ["needs", "near"]
    assert answer(tools, "match_groups", {"intake": DURHAM})["ask_for"] == []


def test_a_match_is_the_sites_own(tools: Tools) -> None:
    from finder.search import find
    from finder.search.intake_schema import load

    held = tools.services
    site = find.match(load({"format": "finder-intake/1", **DURHAM}), snapshot=held.snapshot(),
                      gazetteer=held.gazetteer, vocabulary=held.vocabulary, now=held.now(), rules=held.rules)
    found = answer(tools, "match_groups", {"intake": DURHAM, "per_page": 20})
    assert [(one["rank"], one["id"], one["band"]) for one in found["groups"]] == [
        (one["rank"], one["id"], one["band"]) for one in site["matches"]]
    assert found["total"] == site["total"]


# -- help first ------------------------------------------------------------------------------------------------------


DANGERS = {
    "crisis_panel_first": {"safety": "passive"}, "medical_urgent_first": {"urgent": ["overdose"]},
    "safety_dv_first": {"urgent": ["violence"]}, "urgent_assessment_first": {"urgent": ["psychosis"]},
    "offer_panel": {"safety": "skip"},
}


@pytest.mark.parametrize("notice", sorted(DANGERS))
@pytest.mark.parametrize("lang", ["en", "es"])
def test_Y3_somebody_in_danger_gets_help_first_and_whole(tools: Tools, notice: str, lang: str) -> None:
    said = tools.call("match_groups", {"intake": {**DURHAM, **DANGERS[notice]}, "lang": lang})
    assert said.values is not None
    assert next(iter(said.values)) == "help_now"
    help_now = said.values["help_now"]
    assert help_now["say_first"] is True
    assert help_now["notices"][0]["code"] == notice
    first = said.texts[0]
    for line in crisis.panel([notice], "US"):
        assert line.name.of(lang) in first
        for way in line.ways:
            assert way.to in first
            assert way.keyword.of(lang) in first
    assert [one["id"] for one in help_now["lines"]] == [one.id for one in crisis.panel(
        [each["code"] for each in help_now["notices"]], "US")]
    assert said.values["groups"]  # results stay below


def test_every_notice_has_words_and_the_standing_line_is_never_missing(tools: Tools) -> None:
    with tools.speaking("en"):
        for code in ORDER:
            about = tools.help().about([code])
            assert about["lines"]
            assert about["notices"][0]["text"]
            assert about["say_first"] is (code not in ("standing_line_only", "see_clinician_soon"))
    for name, given in CALLED.items():
        if name not in ("list_vocabulary", "crisis_lines"):
            assert "988" in tools.call(name, given).texts[0]


@pytest.mark.parametrize("given", [
    {"intake": {"safety": "active", "needs": ["sadness"]}}, {"intake": {"safety": "active"}, "per_page": 99},
    {"safety": "active"}, {"intake": {"needs_text": "I want to die", "x": 1}},
    {"intake": {"safety": "active", "needs_text": "x" * 70_000}}])
def test_Y3_help_stands_first_also_where_the_rest_cannot_be_read(tools: Tools, given: dict[str, Any]) -> None:
    said = failed(tools, "match_groups", given)
    assert "988" in said.texts[0]
    assert said.texts[1].startswith("This cannot be asked so:")


@pytest.mark.parametrize("given", [{"q": "suicidal thoughts"}, {"focus": ["self_harm"]}, {"q": "suicidio"},
                                   {"q": "kill myself"}, {"q": "me quiero matar"}])
def test_Y3_who_looks_for_it_in_the_directory_is_offered_help_first(tools: Tools, given: dict[str, Any]) -> None:
    said = tools.call("search_groups", given)
    assert said.values is not None
    assert said.values["help_now"]["notices"][0]["code"] == "offer_panel"
    assert "988" in failed(tools, "search_groups", {**given, "owner": 1}).texts[0]


def test_an_ordinary_question_is_not_met_with_alarm(tools: Tools) -> None:
    said = tools.call("match_groups", {"intake": DURHAM})
    assert said.values is not None
    assert said.values["help_now"]["say_first"] is False
    assert "Say this first" not in said.texts[0]


@pytest.fixture
def away(tools: Tools) -> Tools:
    """The tools of an instance whose database is gone."""
    def gone() -> Any:
        raise Unavailable("database")

    services = replace(tools.services, snapshot=gone)
    return Tools(create_app(services.settings, services=services), services)


def test_Y3_help_is_there_while_the_database_is_not(away: Tools) -> None:
    said = failed(away, "match_groups", {"intake": {"safety": "active"}})
    assert "988" in said.texts[0]
    assert "cannot be read just now" in said.texts[1]
    assert away.call("crisis_lines", {}).values is not None
    assert failed(away, "search_groups", {}).texts == ("The list of groups cannot be read just now. Try again in a "
                                                       "minute.",)


def test_what_nobody_foresaw_is_answered_with_help_beside_it(tools: Tools) -> None:
    said = tools.broken("match_groups", {"intake": {"safety": "active"}})
    assert said.failed
    assert "988" in said.texts[0]


# -- the rest --------------------------------------------------------------------------------------------------------


def test_one_group_is_told_whole(tools: Tools) -> None:
    one = answer(tools, "search_groups", {"q": "Tuesday Lamp"})["groups"][0]
    for key in (one["id"], one["slug"]):
        found = answer(tools, "get_listing", {"id": key})
        assert found["listing"]["name"] == "Tuesday Lamp"
        assert found["next_sessions"]
        assert found["in_words"]


@pytest.mark.parametrize("key", ["nothing", "00000000-0000-0000-0000-000000000000", "../secret", "'; --"])
def test_a_group_that_is_not_there_is_said_so(tools: Tools, key: str) -> None:
    assert failed(tools, "get_listing", {"id": key}).texts == ("There is no such group in the list. It may have "
                                                              "closed.",)


def test_code_lists_come_in_both_languages(tools: Tools) -> None:
    lists = answer(tools, "list_vocabulary", {})["lists"]
    assert len(lists) == 9
    assert set(lists["focus_areas"][0]) == {"code", "label"}
    for lang, label in (("en", "Grief and loss"), ("es", "Duelo y pérdida")):
        terms = answer(tools, "list_vocabulary", {"list": "focus_areas", "lang": lang})["lists"]["focus_areas"]
        assert {"code", "label", "definition"} == set(terms[0])
        assert any(one["code"] == "grief" and one["label"] == label for one in terms), [
            one["label"] for one in terms if one["code"] == "grief"]


def test_every_crisis_line_is_there_whole_with_the_instances_own(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "crisis.toml"
    path.write_text(CRISIS_FILE, encoding="utf-8")
    settings = Settings(instance=tools.services.settings.instance, secret_key=SECRET, local_crisis_lines=str(path))
    services = replace(tools.services, settings=settings)
    own = Tools(create_app(settings, services=services), services)
    found = answer(own, "crisis_lines", {})
    national = crisis.lines("US")
    assert [one["id"] for one in found["lines"]] == [*(one.id for one in national), "county-mobile-team"]
    for line, told in zip(national, found["lines"], strict=False):
        assert [way["to"] for way in told["ways"]] == [way.to for way in line.ways]
        assert [way["link"] for way in told["ways"]] == [way.href("en") for way in line.ways]
    danger = own.call("match_groups", {"intake": {"safety": "active"}})
    assert "919-555-0100" in danger.texts[0]


def test_addresses_are_the_instances_own(tools: Tools) -> None:
    settings = replace(tools.services.settings, base_url="https://groups.example/")
    services = replace(tools.services, settings=settings)
    own = Tools(tools.app, services)
    one = answer(own, "search_groups", {"q": "Tuesday Lamp"})["groups"][0]
    assert one["page"] == f"https://groups.example/programs/{one['slug']}"


def test_errors_are_in_the_language_that_was_asked_for(tools: Tools) -> None:
    said = failed(tools, "search_groups", {"focus": ["tristeza"], "lang": "es"})
    assert "focus: “tristeza” no está en la lista." in said.texts[0]


def test_a_long_row_of_errors_is_cut(tools: Tools) -> None:
    said = failed(tools, "search_groups", {f"key{number}": 1 for number in range(500)})
    assert len(said.texts[0]) < 2000
    assert "+492" in said.texts[0]
