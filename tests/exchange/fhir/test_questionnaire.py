from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.crosswalks import crosswalk
from finder.errors import Invalid
from finder.exchange.fhir.questionnaire import LOINC, intake_of, questionnaire, response
from finder.intake import document as doc
from finder.intake.questionnaire import questionnaire as asked
from finder.search import intake_schema
from tests.exchange.fhir_judges import faults, judged

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = "https://finder.example/fhir"
EN = questionnaire(asked(), base=BASE, lang="en")
ES = questionnaire(asked(), base=BASE, lang="es")
FULL: dict[str, Any] = {
    "format": "finder-intake/1", "asked_by": "self", "attending_as": "person", "age": 34, "gender": "woman",
    "needs": ["alcohol", "anxiety"], "needs_text": "I drink too much, and worry", "phq4": [0, 1, 2, 3], "impact": 2,
    "substance": {"loss_of_control": 2, "consequences": 0}, "stated_level": 2, "scores": {"phq9": 9, "phq9_item9": 0},
    "safety": "none", "urgent": ["medical"], "goal": "moderation", "recently_using": False,
    "takes_recovery_medication": True, "near": {"text": "Durham, NC"}, "radius_miles": 15, "travel": "transit",
    "formats": ["in_person", "phone"], "formats_required": ["phone"], "times": ["evening"], "languages": ["en", "so"],
    "identities": ["lgbtq"], "not_identities": ["veterans"], "identity_preference": "prefer", "women_only": True,
    "cost": {"kind": "up_to", "amount": 12.5}, "insurance": ["none"], "access": ["step_free"],
    "access_required": ["step_free"], "led_by": "peer", "avoid": ["iop"], "one_to_one_preferred": False,
    "start_soon": True,
}


def items(of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in of.get("item", ()):
        yield one
        yield from items(one)


BY_LINK = {one["linkId"]: one for one in items(EN)}


def alone(resource: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]}


@pytest.mark.turns(3)
def test_two_judges_find_nothing_wrong_with_questions_and_answers() -> None:
    answered = [response(one, base=BASE, now=NOW) for one in (FULL, {"format": doc.FORMAT})]
    # npm's fhir takes an answer that is false for one that is missing.
    true = [json.loads(json.dumps(one).replace('"answerBoolean": false', '"answerBoolean": true')) for one in (EN, ES)]
    assert faults([alone(one) for one in (*true, *answered)]) == []
    assert [verdict["medplum"] or [] for verdict in judged([alone(EN), alone(ES)])] == [[], []]


@pytest.mark.turns(3)
def test_each_judge_can_say_no_to_questions() -> None:
    odd, nameless = copy.deepcopy(EN), copy.deepcopy(EN)
    odd["item"][0]["item"][1]["type"] = "radio"
    nameless["item"][0]["item"][1].pop("linkId")
    for verdict in judged([alone(odd), alone(nameless)]):
        assert verdict["fhir"]
    assert any(verdict["medplum"] is None or verdict["medplum"] for verdict in judged([alone(nameless)]))


def test_every_question_is_asked_under_its_path_once_and_in_both_languages() -> None:
    links = [one["linkId"] for one in items(EN)]
    questions = [question for page in asked().pages for question in page.questions]
    assert len(links) == len(set(links))
    assert {question.path for question in questions} | {one.must for one in questions if one.must} == {
        link for link in links if not link.startswith("page.")}
    assert links == [one["linkId"] for one in items(ES)]
    assert BY_LINK["impact"]["text"] != {one["linkId"]: one for one in items(ES)}["impact"]["text"]


def test_conditions_name_questions_and_answers_that_there_are() -> None:
    conditions = [(one["linkId"], part) for one in items(EN) for part in one.get("enableWhen", ())]
    assert {link for link, _ in conditions} > {"goal", "page.feelings", "women_only"}
    for _, part in conditions:
        options = [one["valueCoding"] for one in BY_LINK[part["question"]].get("answerOption", ())]
        if "answerCoding" in part:
            assert part["answerCoding"] in [{key: one[key] for key in ("system", "code")} for one in options]


@pytest.mark.parametrize(("link", "codes"), [
    ("phq4.0", ["69725-0"]), ("phq4.1", ["68509-9"]), ("phq4.2", ["44250-9"]), ("phq4.3", ["44255-8"]),
    ("impact", None), ("age", None)])
def test_loinc_codes_stand_at_published_items_only(link: str, codes: list[str] | None) -> None:
    found = BY_LINK[link].get("code")
    assert (found and [one["code"] for one in found]) == codes
    systems = {one["valueCoding"]["system"] for one in BY_LINK[link].get("answerOption", ())}
    assert (LOINC in systems) is (codes is not None)


def test_the_instruments_keep_their_credit_and_loinc_its_notice() -> None:
    assert "Pfizer" in EN["copyright"]
    assert "LOINC is copyright Regenstrief" in EN["copyright"]
    assert {row.theirs for row in crosswalk("loinc").rows if row.list_name == "phq_answers"} == {
        one["valueCoding"]["code"] for one in BY_LINK["phq4.0"]["answerOption"]}


def test_an_intake_comes_back_from_its_answers_as_it_was() -> None:
    assert intake_schema.load(intake_of(response(FULL, base=BASE, now=NOW))) == intake_schema.load(FULL)
    assert intake_of(response({"format": doc.FORMAT}, base=BASE, now=NOW)) == {"format": doc.FORMAT}
    everything = FULL | {"formats_required": True}
    assert intake_of(response(everything, base=BASE, now=NOW))["formats_required"] == ["in_person", "phone"]


def _values(path: str) -> st.SearchStrategy[Any]:
    value = doc.PATHS[path]
    if value.kind == "code":
        return st.sampled_from(value.codes)
    if value.kind in ("codes", "must"):
        codes = value.codes or ("en", "es", "so")
        return st.lists(st.sampled_from(codes), min_size=1, max_size=min(int(value.maximum), len(codes)), unique=True)
    if value.kind == "flag":
        return st.booleans()
    if value.kind == "whole":
        return st.integers(0, int(value.maximum))
    return st.integers(1, 100) if value.kind == "number" else st.sampled_from(["Durham, NC", "¿Qué?", "a b"])


@st.composite
def intakes(draw: st.DrawFn) -> dict[str, Any]:
    """Intakes such as forms make them: a must is a wish too, an amount goes with "up to", a point with no words."""
    found: dict[str, Any] = {"format": doc.FORMAT}
    paths = [path for path in doc.PATHS if not path.startswith(("phq4", "near.l", "cost."))]
    chosen = draw(st.sets(st.sampled_from(paths)))
    for path in doc.PATHS:
        if path in chosen:
            parent, dot, name = path.partition(".")
            (found.setdefault(parent, {}) if dot else found)[name or parent] = draw(_values(path))
    for name in ("formats", "times", "access"):
        if f"{name}_required" in found:
            wished = dict.fromkeys([*found.get(name, ()), *found[f"{name}_required"]])
            found[name] = list(wished)[:int(doc.PATHS[name].maximum)]
            found[f"{name}_required"] = [one for one in found[f"{name}_required"] if one in found[name]]
    if draw(st.booleans()):
        found["phq4"] = draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))
    if draw(st.booleans()):
        found["cost"] = draw(st.sampled_from([{"kind": "up_to", "amount": 15}, {"kind": "any"}, {"kind": "free_only"}]))
    if draw(st.booleans()):
        found["near"] = {"latitude": 35.5, "longitude": -78}
    return found


@settings(max_examples=150, deadline=None)
@given(intakes())
def test_any_intake_comes_back_from_its_answers(intake: dict[str, Any]) -> None:
    there = intake_schema.load(intake)
    back = intake_schema.load(intake_of(json.loads(json.dumps(response(there, base=BASE, now=NOW)))))
    assert back == there


def test_answers_may_be_nested_as_the_questions_are_and_given_by_score() -> None:
    answered = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [
        {"linkId": "page.need", "item": [{"linkId": "needs", "answer": [{"valueCoding": {"code": "grief"}}]}]},
        {"linkId": "page.feelings", "item": [
            {"linkId": f"phq4.{place}", "answer": [{"valueCoding": {"system": LOINC, "code": code}}]}
            for place, code in enumerate(("LA6568-5", "LA6571-9", "1", "2"))]}]}
    assert intake_of(answered) == {"format": doc.FORMAT, "needs": ["grief"], "phq4": [0, 3, 1, 2]}


DEEP: dict[str, Any] = {"linkId": "page.x"}
for _ in range(50):
    DEEP = {"linkId": "page.x", "item": [DEEP]}


@pytest.mark.parametrize(("answered", "code"), [
    (None, "wrong_type"), ([], "wrong_type"), ({"resourceType": "Patient"}, "wrong_type"),
    ({"item": {}}, "wrong_type"), ({"item": ["x"]}, "wrong_type"), ({"item": [{}]}, "required"),
    ({"item": [{"linkId": 7}]}, "required"), ({"item": [{"linkId": "color", "answer": []}]}, "unknown_key"),
    ({"item": [{"linkId": "emphasis", "answer": []}]}, "unknown_key"),
    ({"item": [{"linkId": "age", "answer": [{}]}]}, "wrong_type"),
    ({"item": [{"linkId": "age", "answer": {}}]}, "wrong_type"),
    ({"item": [{"linkId": "age", "answer": [{"valueCoding": {"display": "x"}}]}]}, "wrong_type"),
    ({"item": [{"linkId": "age", "answer": ["x"]}]}, "wrong_type"), ({"item": [DEEP]}, "too_deep"),
    ({"item": [{"linkId": "needs", "answer": [{"valueString": "x"}] * 1000}]}, "too_many"),
], ids=lambda value: str(value)[:60])
def test_answers_that_cannot_be_read_are_refused(answered: Any, code: str) -> None:
    if isinstance(answered, dict):
        answered = {"resourceType": "QuestionnaireResponse", **answered}
    with pytest.raises(Invalid) as refused:
        intake_of(answered)
    assert [problem.code for problems in refused.value.errors.values() for problem in problems] == [code]


@pytest.mark.parametrize("value", [{"valueString": "\ud800"}, {"valueDecimal": float("nan")}, {"valueInteger": 10**400},
                                   {"valueBoolean": True}, {"valueCoding": {"code": "x" * 10_000}}],
                         ids=["a lone surrogate", "NaN", "a huge number", "a boolean", "a long code"])
@pytest.mark.parametrize("path", ["age", "needs_text", "cost.amount", "recently_using", "needs", "phq4.0"])
def test_odd_values_are_left_to_the_validator_which_does_not_fall_over(path: str, value: dict[str, Any]) -> None:
    found = intake_of({"resourceType": "QuestionnaireResponse", "item": [{"linkId": path, "answer": [value]}]})
    with suppress(Invalid):
        assert intake_schema.load(found)["format"] == doc.FORMAT
