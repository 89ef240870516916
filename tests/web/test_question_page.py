from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.intake.document import PATHS
from finder.intake.questionnaire import questionnaire
from finder.web.question_page import field_id
from tests.pages import Page, Pages

PAGES = tuple(page.id for page in questionnaire().pages)


def _answer_all(pages: Pages, prefix: str = "", **special: dict[str, Any]) -> Page:
    """Goes through the questionnaire as a person would; pages not named are sent as they come."""
    page = pages.get(f"{prefix}/find/")
    for _ in range(len(PAGES)):
        name = page.path.rsplit("/", 1)[-1]
        page = pages.post(page.path, {**page.form(f"/find/{name}"), **special.get(name, {})})
        assert page.status == 200, page.main.text[:300]
        if page.path.endswith("/results"):
            return page
    raise AssertionError("the questionnaire does not end")


NEED = {"needs": ["depression", "anxiety"]}
WHERE = {"near.text": "Durham, NC", "radius_miles": "50"}


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_two_answers_are_enough(pages: Pages, prefix: str) -> None:
    page = _answer_all(pages, prefix, need=NEED, where=WHERE)
    assert page.path == f"{prefix}/results"
    assert "Lantern Street Low Mood Circle" in page.main.text


def test_every_answer_is_shown_again_on_the_way_back(pages: Pages) -> None:
    said: dict[str, dict[str, Any]] = {
        "who": {"asked_by": "self", "attending_as": "person"}, "need": {**NEED, "needs_text": "worn out"},
        "feelings": {f"phq4.{item}": str(item % 4) for item in range(4)},
        "impact": {"impact": "2", "needs.first": "anxiety"},
        "safety": {"safety": "past"}, "about": {"age": "44", "gender": "woman", "languages": ["en", "es"],
                                               "identities": ["parents"], "not_identities": ["veterans"]},
        "where": {**WHERE, "travel": "transit", "formats.in_person": "wish", "times.evening": "must",
                  "access.step_free": "must"},
        "preferences": {"cost.kind": "up_to", "cost.amount": "12.5", "insurance": ["medicaid"], "led_by": "peer",
                        "identity_preference": "prefer", "women_only": "false", "start_soon": "true",
                        "avoid": ["mutual_aid_12step"]},
    }
    _answer_all(pages, **said)
    said["need"]["needs"] = ["anxiety", "depression"]  # the one that matters most came first
    for name, expected in said.items():
        form = pages.get(f"/find/{name}").form(f"/find/{name}")
        for field, value in expected.items():
            wanted = value if isinstance(value, list) else [value]
            assert sorted(form[field]) == sorted(wanted), (name, field)


def test_summary_says_what_was_used_and_not_the_safety_answer(pages: Pages) -> None:
    page = _answer_all(pages, need=NEED, where=WHERE, safety={"safety": "past"})
    used = page.of_class("used")[0].text
    for words in ("Depression or low mood; Anxiety and worry", "Durham, NC", "Up to 50 miles", "You skipped:",
                  "Your answer is used. We do not repeat it here."):
        assert words in used, words
    assert "Not now, but in the past" not in page.main.text


@pytest.mark.parametrize(("name", "form", "field"), [
    ("need", {}, "needs"), ("need", {"needs_text": "   "}, "needs"), ("need", {"needs": ["nothing"]}, "needs"),
    ("need", {"needs": ["grief", "anxiety", "sleep", "anger"]}, "needs"),
    ("need", {"needs_text": "x" * 201}, "needs_text"), ("need", {"needs_text": "a\x00b"}, "needs_text"),
    ("where", {}, "near.text"), ("where", {"near.text": "y" * 201}, "near.text"),
    ("where", {"near.text": "27701", "radius_miles": "-1"}, "radius_miles"),
    ("where", {"near.text": "27701", "radius_miles": "1e400"}, "radius_miles"),
    ("where", {"near.text": "27701", "radius_miles": "far"}, "radius_miles"),
    ("about", {"age": "-1"}, "age"), ("about", {"age": "121"}, "age"), ("about", {"age": "10" * 40}, "age"),
    ("about", {"age": "old"}, "age"), ("about", {"gender": "robot"}, "gender"),
    ("about", {"languages": ["english"]}, "languages"), ("about", {"identities": ["x"] * 99}, "identities"),
    ("safety", {"safety": "maybe"}, "safety"), ("safety", {"urgent": ["boredom"]}, "urgent"),
    ("impact", {"impact": "5"}, "impact"), ("impact", {"impact": "1.5"}, "impact"),
    ("preferences", {"cost.kind": "up_to", "cost.amount": "-3"}, "cost.amount"),
    ("preferences", {"cost.kind": "up_to", "cost.amount": "nan"}, "cost.amount"),
    ("preferences", {"led_by": "bot"}, "led_by"), ("preferences", {"start_soon": "perhaps"}, "start_soon"),
], ids=str)
def test_wrong_answer_brings_the_page_back(pages: Pages, name: str, form: dict[str, Any], field: str) -> None:
    back = pages.post(f"/find/{name}", form)
    assert back.status == 422
    assert back.title.startswith("Error:")
    targets = [tag["href"].removeprefix("#") for tag in back.of_class("errors")[0].all("a")]
    assert targets
    assert all(back.all(id=target) for target in targets)
    assert any(target.startswith(field_id(field)) for target in targets), targets
    assert back.of_class("field--error")
    assert pages.client.get_cookie("answers") is None


def test_wrong_answer_keeps_what_was_typed(pages: Pages) -> None:
    back = pages.post("/find/about", {"age": "121", "gender": "woman", "languages": ["es", "vi"]})
    form = back.form("/find/about")
    assert (form["age"], form["gender"], sorted(form["languages"])) == (["121"], ["woman"], ["es", "vi"])


def test_skipping_takes_the_answers_of_the_page_back(pages: Pages) -> None:
    pages.post("/find/safety", {"safety": "active"})
    assert "checked" in pages.get("/find/safety").one("input", id="safety-active").attributes
    pages.post("/find/safety", {"safety": "active", "skip": "1"})
    assert "checked" not in pages.get("/find/safety").one("input", id="safety-active").attributes


def test_groups_can_be_seen_as_soon_as_there_is_enough(pages: Pages) -> None:
    pages.post("/find/need", NEED)
    assert not pages.get("/find/safety").all("button", name="see")
    pages.post("/find/where", WHERE)
    assert pages.get("/find/safety").all("button", name="see")
    assert pages.post("/find/safety", {"see": "1", "safety": "none"}).path == "/results"


def test_too_little_for_a_search_is_said_with_help_first(pages: Pages) -> None:
    pages.post("/find/safety", {"safety": "active"})
    page = pages.get("/results")
    assert page.heading == "We need two answers to make a list"
    assert page.of_class("first")[0].all("a")[0]["href"] == "tel:988"


@pytest.mark.parametrize(("form", "first", "boxes"), [
    ({"safety": "active"}, "You do not have to be alone with this.", True),
    ({"safety": "passive"}, "You do not have to be alone with this.", False),
    ({"urgent": "withdrawal"}, "Please get medical help today.", False),
    ({"urgent": "violence"}, "You have a right to be safe.", False),
    ({"urgent": "psychosis"}, "Please talk to someone today.", False),
    ({"safety": "skip"}, "", True), ({"safety": "past"}, "", False),
    ({"safety": "active", "urgent": ["violence", "overdose"]}, "You do not have to be alone with this.", True),
], ids=str)
def test_help_comes_first_and_groups_stay(pages: Pages, form: dict[str, Any], first: str, boxes: bool) -> None:
    pages.post("/find/need", NEED)
    pages.post("/find/where", WHERE)
    pages.post("/find/safety", form)
    result = pages.get("/results")
    panels = result.of_class("first")
    assert [panel.one_heading for panel in panels] == ([first] if first else [])
    if panels:
        order = [tag for tag in result.one("body").walk()
                 if tag.has_class("first") or tag.has_class("lampline") or tag.name == "main"]
        assert [tag.name for tag in order] == ["aside", "aside", "main"]
        assert order[0] is panels[0]
        assert "tel:911" in [tag["href"] for tag in panels[0].all("a")]
    assert bool(result.of_class("offer")) is boxes
    assert result.of_class("match")


def test_instrument_keeps_its_words_and_credit(pages: Pages) -> None:
    page = pages.get("/find/feelings")
    assert page.heading.startswith("Over the last two weeks, how often have you been bothered")
    for words in ("Feeling nervous, anxious or on edge", "Not being able to stop or control worrying",
                  "Little interest or pleasure in doing things", "Feeling down, depressed, or hopeless", "PHQ-4"):
        assert words in page.main.text


def test_nothing_is_ticked_before_the_person_does(pages: Pages) -> None:
    for name in PAGES:
        for tag in pages.get(f"/find/{name}").all("input"):
            if "checked" in tag.attributes:
                assert tag["value"] == "no"


def test_page_nobody_wrote_is_a_404(pages: Pages) -> None:
    assert pages.get("/find/money").status == 404
    assert pages.post("/find/money", {}).status == 404


_TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(["-1", "NaN", "1e309", "\ud800", "\x00", "9" * 400, "true",
                                                         "must", "wish", "online", "<b>", "null"]))
_NAMES = st.one_of(st.sampled_from([*PATHS, "needs.first", "formats.phone", "times.any", "access.step_free", "x.y", "",
                                    "near", "cost", "phq4", "skip", "see"]), st.text(max_size=10))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PAGES), st.dictionaries(_NAMES, st.lists(_TEXTS, max_size=3), max_size=8))
def test_no_form_is_a_fault_of_ours(shared_app: Flask, name: str, form: dict[str, list[str]]) -> None:
    client = Pages(shared_app.test_client())
    sent = {name: [value.encode("utf-8", "replace").decode() for value in values] for name, values in form.items()}
    assert client.post(f"/find/{name}", sent).status < 500
    assert client.post("/", sent).status < 500
    assert client.post("/results", sent).status < 500
    assert client.post("/results/change", sent).status < 500
