import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.errors import Invalid
from finder.intake import document as doc
from finder.intake.answers import WISHED, answers_to_intake, intake_to_form, is_field
from finder.intake.need import need_from_answers, needs_of
from finder.search.intake_schema import load
from tests.make import NOW, make_intake
from tests.shared import shared


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, {}),
        ({"age": [""], "needs": [], "gender": ["  "], "safety": []}, {}),
        ({"age": [" 41 "]}, {"age": 41}),
        ({"age": ["0"]}, {"age": 0}),
        ({"age": ["forty"]}, {"age": "forty"}),
        ({"age": ["4.5"]}, {"age": "4.5"}),
        ({"age": ["9" * 5000]}, {"age": "9" * 5000}),
        ({"age": ["-1"]}, {"age": -1}),
        ({"age": ["\u0664\u0661"]}, {"age": "\u0664\u0661"}),
        ({"needs": ["ocd", "grief", "ocd", ""]}, {"needs": ["ocd", "grief"]}),
        ({"needs": ["ocd", "grief"], "needs.first": ["grief"]}, {"needs": ["grief", "ocd"]}),
        ({"needs": ["ocd"], "needs.first": ["sleep"]}, {"needs": ["ocd"]}),
        ({"needs.first": ["sleep"]}, {}),
        ({"needs_text": ["  cannot sleep "]}, {"needs_text": "cannot sleep"}),
        ({f"phq4.{item}": [str(item)] for item in range(4)}, {"phq4": [0, 1, 2, 3]}),
        ({"phq4.3": ["3"], "phq4.0": ["0"], "phq4.2": ["2"], "phq4.1": ["x"]}, {"phq4": [0, "x", 2, 3]}),
        ({"phq4.0": ["1"], "phq4.1": ["1"], "phq4.2": ["1"]}, {}),
        ({"substance.consequences": ["0"]}, {"substance": {"consequences": 0}}),
        ({"scores.phq9": ["12"], "scores.k6": [""]}, {"scores": {"phq9": 12}}),
        ({"recently_using": ["true"], "women_only": ["on"], "start_soon": ["no"]},
         {"recently_using": True, "women_only": True, "start_soon": False}),
        ({"recently_using": ["maybe"]}, {"recently_using": "maybe"}),
        ({"near.text": ["Durham, NC"]}, {"near": {"text": "Durham, NC"}}),
        ({"near.latitude": ["35.99"], "near.longitude": ["-78.9"]}, {"near": {"latitude": 35.99, "longitude": -78.9}}),
        ({"near.text": ["27701"], "near.latitude": ["35.99"], "near.longitude": ["-78.9"]},
         {"near": {"text": "27701"}}),
        ({"near.text": [" "], "near.latitude": ["0"], "near.longitude": ["0.5"]},
         {"near": {"latitude": 0, "longitude": 0.5}}),
        ({"radius_miles": ["12,5"]}, {"radius_miles": 12.5}),
        ({"radius_miles": ["far"]}, {"radius_miles": "far"}),
        ({"radius_miles": ["nan"]}, {"radius_miles": "nan"}),
        ({"radius_miles": ["1e3"]}, {"radius_miles": "1e3"}),
        ({"formats": ["phone"], "formats_required": ["true"]}, {"formats": ["phone"], "formats_required": True}),
        ({"formats.phone": ["wish"], "formats.in_person": ["must"], "formats.text_chat": ["no"]},
         {"formats": ["phone", "in_person"], "formats_required": ["in_person"]}),
        ({"formats.phone": ["no"]}, {}),
        ({"formats.phone": ["must"], "formats": ["hybrid"], "formats_required": ["hybrid"]},
         {"formats": ["hybrid", "phone"], "formats_required": ["hybrid", "phone"]}),
        ({"formats.pigeon": ["must"], "formats.": ["must"]}, {}),
        ({"times.any": ["must"], "times.evening": ["must"]},
         {"times": ["any", "evening"], "times_required": ["evening"]}),
        ({"radius_miles": ["online"]}, {"formats": list(doc.REMOTE), "formats_required": list(doc.REMOTE)}),
        ({"radius_miles": ["online"], "formats.phone": ["wish"], "formats.in_person": ["must"]},
         {"formats": ["phone"], "formats_required": ["phone"]}),
        ({"radius_miles": ["online"], "near.text": ["27701"]},
         {"near": {"text": "27701"}, "formats": list(doc.REMOTE), "formats_required": list(doc.REMOTE)}),
        ({"cost.amount": ["$ 20"]}, {"cost": {"amount": 20, "kind": "up_to"}}),
        ({"cost.kind": ["free_only"], "cost.amount": ["20"]}, {"cost": {"kind": "free_only"}}),
        ({"cost.kind": ["up_to"]}, {"cost": {"kind": "up_to"}}),
        ({"csrf": ["x"], "skip": ["1"], "emphasis": ["2"], "format": ["y"], "phq4": ["1"], "near": ["z"]}, {}),
        ({"gender": ["woman", "man"]}, {"gender": "man"}),
    ],
    ids=str,
)
def test_form_fields_become_an_intake(form, said):
    assert answers_to_intake(form) == make_intake(**said)


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ({}, {}),
        ({"age": 0, "recently_using": False, "gender": None, "urgent": []},
         {"age": ["0"], "recently_using": ["false"]}),
        ({"needs": ["ocd"]}, {"needs": ["ocd"]}),
        ({"needs": ["ocd", "grief"]}, {"needs": ["ocd", "grief"], "needs.first": ["ocd"]}),
        ({"phq4": [0, 1, 2, 3]}, {"phq4.0": ["0"], "phq4.1": ["1"], "phq4.2": ["2"], "phq4.3": ["3"]}),
        ({"radius_miles": 15.0}, {"radius_miles": ["15"]}),
        ({"radius_miles": 37.5}, {"radius_miles": ["37.5"]}),
        ({"near": {"latitude": 0, "longitude": -1.25}}, {"near.latitude": ["0"], "near.longitude": ["-1.25"]}),
        ({"formats": ["in_person", "phone"], "formats_required": True},
         {"formats.in_person": ["must"], "formats.phone": ["must"]}),
        ({"access": ["asl"], "access_required": ["step_free"]},
         {"access.asl": ["wish"], "access.step_free": ["must"]}),
        ({"times": ["any"], "times_required": False}, {"times.any": ["wish"]}),
        ({"formats": ["phone"], "formats_required": ["phone"]},
         {"formats.phone": ["wish"], "radius_miles": ["online"]}),
        ({"formats": ["phone"], "formats_required": True, "radius_miles": 5},
         {"formats.phone": ["must"], "radius_miles": ["5"]}),
        ({"emphasis": {"cost": 2}}, {}),
    ],
    ids=str,
)
def test_an_intake_becomes_form_fields(said, form):
    assert intake_to_form(make_intake(**said)) == form


def test_buttons_and_tokens_are_no_answers():
    assert [name for name in ("csrf", "see", "needs", "needs.first", "formats.phone", "formats.pigeon", "needs.ocd",
                              "phq4.3", "phq4.4", "cost", "cost.kind") if is_field(name)] == [
        "needs", "needs.first", "formats.phone", "phq4.3", "cost.kind"]


def meant(intake):
    """What matching reads of an intake."""
    return need_from_answers(intake, needs=needs_of(intake), place=None, level=None, now=NOW)


def test_every_vignette_survives_the_form():
    for line in shared("contract", "vignettes-dev.jsonl").read_text(encoding="utf-8").splitlines():
        intake = load(json.loads(line)["intake"])
        back = load(answers_to_intake(intake_to_form(intake)))
        assert meant(back) == meant(intake)
        settled = {f"{name}_required" for name in WISHED}
        assert {name: value for name, value in back.items() if name not in settled} == {
            name: value for name, value in intake.items() if name not in settled}


def _lists(codes, maximum, minimum=0):
    return st.lists(st.sampled_from(codes), min_size=minimum, max_size=maximum, unique=True)


def _value(path):
    value = doc.PATHS[path]
    return {
        "code": lambda: st.sampled_from(value.codes),
        "codes": lambda: _lists(value.codes or ("en", "es", "tlh"), min(int(value.maximum), 4), int(value.minimum)),
        "must": lambda: st.booleans() | _lists(value.codes, 3, 1),
        "whole": lambda: st.integers(int(value.minimum), int(value.maximum)),
        "number": lambda: st.integers(1, int(value.maximum)) | st.sampled_from([0.25, 37.5, 99.99]),
        "flag": st.booleans,
        "text": lambda: st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30),
    }[value.kind]()


@st.composite
def intakes(draw):
    flat = [path for path in doc.PATHS if "." not in path]
    said = {path: draw(_value(path)) for path in draw(st.lists(st.sampled_from(flat), unique=True))}
    if draw(st.booleans()):
        said["phq4"] = [draw(st.integers(0, 3)) for _ in range(4)]
    said["near"] = draw(st.sampled_from([None, {"text": "27701"}, {"latitude": -0.5, "longitude": 12}]))
    said["cost"] = draw(st.sampled_from([None, {"kind": "any"}, {"kind": "up_to", "amount": 12.5}]))
    said["substance"] = draw(st.sampled_from([None, {"loss_of_control": 0}, {"consequences": 2}]))
    said["scores"] = draw(st.sampled_from([None, {"phq9": 3, "phq9_item9": 0}]))
    return load(make_intake(**said))


@settings(max_examples=400, deadline=None)
@given(intake=intakes())
def test_any_intake_means_the_same_after_it_went_through_the_form(intake):
    form = intake_to_form(intake)
    assert all(isinstance(one, str) for values in form.values() for one in values)
    back = load(answers_to_intake(form))
    assert meant(back) == meant(intake)
    assert intake_to_form(back) == form


def _wrong_fields(form):
    try:
        load(answers_to_intake(form))
    except Invalid as wrong:
        return set(wrong.errors)
    return set()


@settings(max_examples=300, deadline=None)
@given(form=st.dictionaries(st.sampled_from([*doc.PATHS, "needs.first", "formats.phone", "times.any", "x", "near."]),
                            st.lists(st.text(max_size=12) | st.sampled_from(["online", "true", "1", "must", "ocd"]),
                                     max_size=3)))
def test_no_form_whatever_breaks_the_reading(form):
    assert {field for field in _wrong_fields(form) if field not in doc.PATHS} == set()
