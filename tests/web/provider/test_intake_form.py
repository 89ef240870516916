from __future__ import annotations

from typing import Any

import pytest

from finder.errors import Invalid
from finder.intake.document import REMOTE
from finder.understanding import understand
from finder.vocabulary import vocabulary
from finder.web import question_page
from finder.web.provider import intake_form

KNOWN = {"needs_text": ["drinking"], "near.text": ["27701"]}
BLANK: dict[str, Any] = {"format": "finder-intake/1"}


def sure(intake: Any) -> tuple[str, ...]:
    return question_page.understood(intake, vocabulary())


def taken(form: dict[str, list[str]], said: dict[str, Any] | None = None) -> dict[str, Any]:
    return intake_form.taken(said or BLANK, {**KNOWN, **form}, sure)


def refused(form: dict[str, list[str]]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as wrong:
        taken(form)
    return {path: [one.code for one in many] for path, many in wrong.value.errors.items()}


def test_a_form_becomes_answers_of_a_provider() -> None:
    found = taken({"scores.phq9": ["14"], "scores.phq9_item9": ["1"], "scores.gad7": [" 11 "], "age": ["40"],
                   "formats.in_person": ["must"], "access.step_free": ["wish"], "cost.kind": ["free_only"]})
    assert found == {
        "format": "finder-intake/1", "asked_by": "provider", "age": 40, "needs_text": "drinking",
        "scores": {"phq9": 14, "phq9_item9": 1, "gad7": 11}, "near": {"text": "27701"}, "formats": ["in_person"],
        "formats_required": ["in_person"], "cost": {"kind": "free_only"}, "access": ["step_free"]}


def test_what_was_left_empty_was_not_asked_and_zero_was() -> None:
    assert "scores" not in taken({"scores.gad7": [""], "scores.phq9_item9": [""]})
    assert taken({"scores.gad7": ["0"]})["scores"] == {"gad7": 0}


@pytest.mark.parametrize(("form", "errors"), [
    ({"scores.phq9": ["14"]}, {"scores.phq9_item9": ["required"]}),
    ({"scores.phq9": ["2"], "scores.phq9_item9": ["3"]}, {"scores.phq9": ["totals_differ"]}),
    ({"scores.phq9": ["27"], "scores.phq9_item9": ["2"]}, {"scores.phq9": ["totals_differ"]}),
    ({"scores.phq9": ["28"], "scores.phq9_item9": ["0"]}, {"scores.phq9": ["out_of_range"]}),
    ({"scores.gad7": ["22"]}, {"scores.gad7": ["out_of_range"]}),
    ({"scores.audit_c": ["13"]}, {"scores.audit_c": ["out_of_range"]}),
    ({"scores.dast10": ["11"]}, {"scores.dast10": ["out_of_range"]}),
    ({"scores.pc_ptsd5": ["6"]}, {"scores.pc_ptsd5": ["out_of_range"]}),
    ({"scores.gad7": ["-1"]}, {"scores.gad7": ["out_of_range"]}),
    ({"scores.gad7": ["ten"]}, {"scores.gad7": ["not_a_number"]}),
    ({"needs_text": [""], "near.text": [" "]}, {"needs": ["required"], "near": ["required"]}),
    ({"reach": ["7"]}, {"reach": ["not_a_code"]}),
], ids=["item 9 missing", "total below item 9", "total above all items", "PHQ-9", "GAD-7", "AUDIT-C", "DAST-10",
        "PC-PTSD-5", "below zero", "no number", "nothing to search with", "emphasis"])
def test_a_wrong_field_is_named(form: dict[str, list[str]], errors: dict[str, list[str]]) -> None:
    assert refused(form) == errors


def test_item_9_can_stand_alone() -> None:
    assert taken({"scores.phq9_item9": ["2"]})["scores"] == {"phq9_item9": 2}


def test_online_is_a_place_of_its_own_until_a_place_is_typed() -> None:
    found = taken({"near.text": ["Online"]})
    assert "near" not in found
    assert set(found["formats_required"]) == set(REMOTE)
    form = intake_form.view(found, (), None, {})
    assert form["top"]["near.text"].value == "online"
    again = {"near.text": ["27701"], "radius_miles": ["online"], **{f"formats.{one}": ["wish"] for one in REMOTE}}
    assert taken(again, found) == {**taken({}), "near": {"text": "27701"}}


def test_what_the_form_does_not_ask_stays_and_what_does_not_apply_any_more_goes() -> None:
    said = taken({"goal": ["stop"]}) | {"identities": ["veterans"]}
    assert taken({"goal": ["stop"]}, said)["identities"] == ["veterans"]
    assert "goal" not in taken({"needs_text": ["trouble sleeping"], "goal": ["stop"]}, said)


def test_the_order_of_needs_from_another_page_stays() -> None:
    said = {**BLANK, "needs": ["grief", "anxiety"]}
    assert taken({"needs": ["anxiety", "grief"]}, said)["needs"] == ["grief", "anxiety"]


def test_emphasis_counts_for_this_search() -> None:
    assert taken({"cost": ["2"], "reach": ["0.5"], "schedule": ["1"]})["emphasis"] == {"cost": 2, "reach": 0.5}


def test_a_refused_form_comes_back_as_it_was_typed() -> None:
    form = {**KNOWN, "scores.phq9": ["14"], "scores.gad7": ["eleven"], "gender": ["woman"], "cost": ["2"],
            "safety": ["passive"]}
    with pytest.raises(Invalid) as wrong:
        intake_form.taken(BLANK, form, sure)
    view = intake_form.view(BLANK, understand("drinking", vocabulary()), form, wrong.value.errors)
    assert view["top"]["needs_text"].value == "drinking"
    assert [one.value for one in view["totals"]][:3] == ["14", "", "eleven"]
    assert [one.value for one in view["top"]["gender"].choices if one.ticked] == ["woman"]
    assert {row.field: [value for value, _, chosen in row.steps if chosen] for row in view["weighing"]}["cost"] == ["2"]
    assert next(one for one in view["parts"] if one.id == "safe").is_open
    assert view["errors"]["scores.gad7"]


def test_an_error_at_the_need_or_the_place_stands_at_its_box() -> None:
    with pytest.raises(Invalid) as wrong:
        intake_form.taken(BLANK, {}, sure)
    assert set(intake_form.words_of(wrong.value.errors)) == {"needs_text", "near.text"}


def test_unsure_words_are_asked_back_and_sure_ones_named() -> None:
    heard = understand("panick atacks, no grief", vocabulary())
    view = intake_form.view(BLANK, heard, None, {})
    assert view["sure"] == ["Panic attacks"]
    assert [one.value for one in view["meant"]] == ["grief"]
    assert intake_form.view({**BLANK, "needs": ["grief"]}, heard, None, {})["meant"] == []


def test_questions_about_use_are_asked_where_somebody_uses() -> None:
    assert "use" in [one.id for one in intake_form.view(BLANK, understand("drinking", vocabulary()), None, {})["parts"]]
    assert "use" not in [one.id for one in intake_form.view(BLANK, (), None, {})["parts"]]


def test_help_does_not_wait_for_a_corrected_field() -> None:
    found = intake_form.heard({"scores.phq9_item9": ["2"], "scores.gad7": ["99"], "safety": ["active"],
                               "urgent": ["nonsense"]})
    assert found["scores"] == {"phq9_item9": 2}
    assert found["safety"] == "active"
    assert "urgent" not in found
