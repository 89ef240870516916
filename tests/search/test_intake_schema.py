import copy
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from finder.errors import Invalid
from finder.intake import document as doc
from finder.search import intake_schema
from finder.search.intake_schema import load, searchable
from tests.make import make_intake
from tests.shared import shared

FULL = make_intake(
    asked_by="self", attending_as="person", age=34, gender="woman", needs=["depression", "alcohol"],
    needs_text="cannot sleep since the move", phq4=[0, 1, 2, 3], impact=2,
    substance={"loss_of_control": 2, "consequences": 1}, stated_level=1,
    scores={"phq9": 11, "phq9_item9": 0, "k6": None},
    safety="past", urgent=["mania"], goal="unsure", recently_using=False, takes_recovery_medication=True,
    near={"text": "Durham, NC"}, radius_miles=12.5, travel="transit", formats=["in_person", "phone"],
    formats_required=["phone"], times=["evening", "any"], times_required=True, languages=["es", "tlh"],
    identities=["veterans"], not_identities=["students"], identity_preference="prefer", women_only=False,
    cost={"kind": "up_to", "amount": 20}, insurance=["none"], access=["step_free"], access_required=False,
    led_by="either", avoid=["php", "CBT", "faith_jewish"], one_to_one_preferred=False, start_soon=True,
    emphasis={"cost": 2, "reach": 0.5},
)


def codes(document):
    with pytest.raises(Invalid) as caught:
        load(document)
    return {field: [one.code for one in problems] for field, problems in caught.value.errors.items()}


@pytest.mark.parametrize("left_out", [None, *FULL])
def test_the_quick_reading_gives_what_the_schema_gives(left_out, monkeypatch):
    document = {key: value for key, value in FULL.items() if key != left_out or key == "format"}
    quick = load(copy.deepcopy(document))
    monkeypatch.setattr(intake_schema, "_unobjected", lambda given: None)
    assert json.dumps(load(document)) == json.dumps(quick)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in {
    "near": ({}, [], "27701", {"text": "Durham"}, {"text": ""}, {"text": None}, {"longitude": 2, "latitude": 1},
             {"latitude": 1}, {"latitude": None, "longitude": 1}, {"text": "x", "latitude": 1, "longitude": 1},
             {"latitude": 91, "longitude": True}, {"town": "x"}, {1: "x"}, {"text": "\u202edurham"}),
    "cost": ({}, {"kind": "any"}, {"kind": "up_to"}, {"kind": "up_to", "amount": None}, {"amount": 5, "kind": "up_to"},
             {"amount": 5}, {"kind": "any", "amount": float("nan")}, {"kind": None}, {"kind": "dear", "amount": -1}),
    "substance": ({}, {"consequences": 1, "loss_of_control": 4}, {"loss_of_control": None}, {"consequences": 3}),
    "scores": ({}, {"phq9": None}, {"phq9": 27, "k6": 3}, {"phq9": 28}, {"phq10": 1}),
}.items() for value in values], ids=str)
def test_an_object_within_is_read_as_its_schema_reads_it(name, value, monkeypatch):
    def outcome():
        try:
            return json.dumps(load({**FULL, name: copy.deepcopy(value)}))
        except Invalid as refused:
            return {field: [(one.code, one.values) for one in problems] for field, problems in refused.errors.items()}

    quick = outcome()
    monkeypatch.setattr(intake_schema, "_unobjected", lambda given: None)
    assert outcome() == quick


def accepts(document):
    try:
        load(document)
    except Invalid:
        return False
    return True


@pytest.fixture(scope="module")
def schema():
    return json.loads(shared("contract", "intake.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator(schema):
    return Draft202012Validator(schema)


def test_a_full_intake_is_accepted_and_keeps_what_was_said():
    assert load(FULL) == {**FULL, "scores": {"phq9": 11, "phq9_item9": 0}}


def test_an_intake_with_nothing_but_its_format_is_valid():
    assert load(make_intake()) == make_intake()


def test_what_means_not_stated_is_dropped_and_what_was_answered_stays():
    said = make_intake(age=None, needs_text="", phq4=None, substance=None, scores={"phq9": None}, near=None, urgent=[],
                       emphasis={}, impact=0, recently_using=False, identity_preference="none", formats_required=False)
    assert load(said) == make_intake(impact=0, recently_using=False, identity_preference="none", formats_required=False)


def test_the_keys_come_in_the_order_of_the_contract():
    assert list(load(dict(reversed(FULL.items())))) == list(FULL)


@pytest.mark.parametrize(
    ("field", "value", "problems"),
    [
        ("format", "finder-intake/2", {"format": ["not_a_code"]}),
        ("name", "Ann", {"name": ["unknown_key"]}),
        ("asked_by", None, {"asked_by": ["required"]}),
        ("asked_by", "friend", {"asked_by": ["not_a_code"]}),
        ("gender", 1, {"gender": ["wrong_type"]}),
        ("age", "34", {"age": ["not_a_number"]}),
        ("age", -1, {"age": ["out_of_range"]}),
        ("age", 121, {"age": ["out_of_range"]}),
        ("age", 10**30, {"age": ["out_of_range"]}),
        ("age", True, {"age": ["not_a_number"]}),
        ("age", math.nan, {"age": ["not_a_number"]}),
        ("needs", [], {"needs": ["too_few"]}),
        ("needs", ["depression", "depression"], {"needs": ["repeated"]}),
        ("needs", ["ocd", "panic", "sleep", "anger"], {"needs": ["too_many"]}),
        ("needs", ["sadness"], {"needs": ["not_a_code"]}),
        ("needs", "ocd", {"needs": ["wrong_type"]}),
        ("needs_text", "a" * 201, {"needs_text": ["too_long"]}),
        ("needs_text", "a\x00b", {"needs_text": ["bad_text"]}),
        ("needs_text", "a\nb", {"needs_text": ["bad_text"]}),
        ("needs_text", "a\n", {"needs_text": ["bad_text"]}),
        ("needs_text", "\ud800", {"needs_text": ["bad_text"]}),
        ("phq4", [0, 1, 2], {"phq4": ["too_few"]}),
        ("phq4", [0, 1, 2, 3, 0], {"phq4": ["too_many"]}),
        ("phq4", [0, 4, 2, "3"], {"phq4.1": ["out_of_range"], "phq4.3": ["not_a_number"]}),
        ("phq4", [0, None, 2, 3], {"phq4.1": ["required"]}),
        ("phq4", {}, {"phq4": ["wrong_type"]}),
        ("impact", 5, {"impact": ["out_of_range"]}),
        ("substance", {}, {"substance": ["required"]}),
        ("substance", {"consequences": 3}, {"substance.consequences": ["out_of_range"]}),
        ("substance", {"loss_of_control": None}, {"substance.loss_of_control": ["required"]}),
        ("substance", {"amount": 1}, {"substance.amount": ["unknown_key"]}),
        ("substance", [], {"substance": ["wrong_type"]}),
        ("scores", {"phq9": 28}, {"scores.phq9": ["out_of_range"]}),
        ("scores", {"beck": 1}, {"scores.beck": ["unknown_key"]}),
        ("safety", "yes", {"safety": ["not_a_code"]}),
        ("urgent", None, {"urgent": ["required"]}),
        ("recently_using", "no", {"recently_using": ["wrong_type"]}),
        ("near", {}, {"near.text": ["required"]}),
        ("near", {"text": " "}, {"near.text": ["too_short"]}),
        ("near", {"text": "Durham", "latitude": 1.0}, {"near.text": ["place_twice"]}),
        ("near", {"latitude": 1.0}, {"near.longitude": ["one_coordinate"]}),
        ("near", {"latitude": 90.1, "longitude": 0}, {"near.latitude": ["out_of_range"]}),
        ("near", {"latitude": math.nan, "longitude": 0}, {"near.latitude": ["not_a_number"]}),
        ("near", "27701", {"near": ["wrong_type"]}),
        ("radius_miles", -1, {"radius_miles": ["out_of_range"]}),
        ("radius_miles", 0, {"radius_miles": ["out_of_range"]}),
        ("radius_miles", 1000.5, {"radius_miles": ["out_of_range"]}),
        ("radius_miles", math.inf, {"radius_miles": ["not_a_number"]}),
        ("formats_required", [], {"formats_required": ["too_few"]}),
        ("formats_required", "true", {"formats_required": ["wrong_type"]}),
        ("times_required", ["any"], {"times_required": ["not_a_code"]}),
        ("access_required", None, {"access_required": ["required"]}),
        ("languages", ["EN"], {"languages": ["not_a_code"]}),
        ("languages", ["en\n"], {"languages": ["not_a_code"]}),
        ("languages", [f"a{chr(97 + one)}" for one in range(11)], {"languages": ["too_many"]}),
        ("identity_preference", None, {"identity_preference": ["required"]}),
        ("women_only", 1, {"women_only": ["wrong_type"]}),
        ("cost", {}, {"cost.kind": ["required"]}),
        ("cost", {"kind": "up_to"}, {"cost.amount": ["required"]}),
        ("cost", {"kind": "up_to", "amount": None}, {"cost.amount": ["required"]}),
        ("cost", {"kind": "any", "amount": 100_001}, {"cost.amount": ["out_of_range"]}),
        ("insurance", list(doc.INSURANCE[:10]), {"insurance": ["too_many"]}),
        ("avoid", ["depression"], {"avoid": ["not_a_code"]}),
        ("emphasis", {"price": 1}, {"emphasis.price": ["unknown_key"]}),
        ("emphasis", {"need": 3}, {"emphasis.need": ["not_a_code"]}),
        ("emphasis", {"need": True}, {"emphasis.need": ["not_a_code"]}),
        ("emphasis", None, {"emphasis": ["required"]}),
    ],
)
def test_a_wrong_answer_is_refused_by_its_path(field, value, problems):
    assert codes({**make_intake(), field: value}) == problems


def test_all_wrong_answers_are_named_together():
    assert codes({"age": "x", "near": {"text": ""}, "format": "finder-intake/1", "pets": 2}) == {
        "age": ["not_a_number"], "near.text": ["too_short"], "pets": ["unknown_key"]}


@pytest.mark.parametrize("document", [None, [], "finder-intake/1", 5, {}, {"format": None}], ids=repr)
def test_what_is_no_intake_document_is_refused(document):
    assert codes(document)


def test_a_document_that_json_could_not_hold_is_refused_and_nothing_else_happens():
    assert codes({**make_intake(), 5: 1, "needs": [["ocd"]], "safety": b"none", "emphasis": {(): 1}})


def test_marks_of_direction_are_taken_out_of_what_a_person_typed():
    assert load(make_intake(needs_text="\u2067غم\u2069"))["needs_text"] == "غم"


def test_a_value_echoed_in_a_problem_is_short():
    with pytest.raises(Invalid) as caught:
        load(make_intake(safety="a" * 500))
    assert len(caught.value.errors["safety"][0].values["value"]) == 40


def test_every_vignette_is_valid_and_can_be_searched():
    for line in shared("contract", "vignettes-dev.jsonl").read_text(encoding="utf-8").splitlines():
        assert searchable(load(json.loads(line)["intake"])) == {}


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({}, ["near", "needs"]),
        ({"needs": ["ocd"]}, ["near"]),
        ({"near": {"text": "27701"}}, ["needs"]),
        ({"needs": ["ocd"], "near": {"text": "27701"}}, []),
        ({"needs_text": "panic", "near": {"latitude": 0.0, "longitude": 0.0}}, []),
        ({"needs_text": "  ", "near": {"text": "27701"}}, ["needs"]),
        ({"needs": ["ocd"], "formats": ["phone"]}, []),
        ({"needs": ["ocd"], "formats": ["self_paced"]}, []),
        ({"needs": ["ocd"], "formats_required": ["online_video"]}, []),
        ({"needs": ["ocd"], "formats": ["in_person", "hybrid"]}, ["near"]),
        ({"needs": ["ocd"], "formats_required": True}, ["near"]),
    ],
    ids=str,
)
def test_a_search_needs_a_need_and_a_place_or_a_remote_way(said, missing):
    found = searchable(load(make_intake(**said)))
    assert sorted(found) == missing
    assert all([one.code for one in problems] == ["required"] for problems in found.values())


# What a person, a program or an attacker may put into any place of a document.
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 40),
    st.sampled_from([10**30, -(10**30), 0.5, 1.0, 2.0, 2.5, 1e308, 1001]),
    st.sampled_from(["", " ", "a", "any", "en", "x" * 200, "x" * 201, "a\tb", "\x7f", "\u00a0", "é", "true", "none"]),
    st.sampled_from([*doc.FOCUS, *doc.POPULATIONS, *doc.FORMATS, *doc.TIMES, *doc.ACCESS, *doc.AVOIDABLE]),
    st.lists(st.sampled_from([*doc.TIMES, *doc.FORMATS, *doc.FOCUS[:4], *doc.ACCESS[:4], "en", "es", "asl", 1, None]),
             max_size=7),
    st.lists(st.integers(-1, 4), max_size=5), st.just({}), st.just([]),
    st.fixed_dictionaries({}, optional={"kind": st.sampled_from([*doc.COST_KINDS, "x"]),
                                        "amount": st.sampled_from([None, 0, 5.5, -1])}),
    st.fixed_dictionaries({}, optional={"text": st.sampled_from(["27701", "", " \u00a0", "a\x01"]),
                                        "latitude": st.sampled_from([None, 0, -90.0, 91]),
                                        "longitude": st.sampled_from([0, 180, 181])}),
    st.dictionaries(st.sampled_from([*doc.TOTALS, *doc.CRITERIA, "loss_of_control", "consequences", "x"]),
                    st.sampled_from([None, 0, 1, 2, 0.5, 3, 12, "1", True]), max_size=3),
)


@st.composite
def mutated(draw):
    document = copy.deepcopy(FULL)
    for name in draw(st.lists(st.sampled_from(sorted(FULL)), max_size=25)):
        document.pop(name, None)
    document["format"] = draw(st.sampled_from(["finder-intake/1"] * 20 + ["finder-intake/2", None]))
    for _ in range(draw(st.integers(0, 3))):
        document[draw(st.sampled_from([*sorted(FULL), "extra"]))] = draw(JUNK)
    return document


@settings(max_examples=1500, deadline=None)
@given(document=mutated())
def test_it_accepts_and_refuses_exactly_as_the_contract_schema(validator, document):
    assert accepts(document) == validator.is_valid(document), document


@settings(max_examples=300, deadline=None)
@given(document=mutated())
def test_a_canonical_document_is_valid_and_stays_the_same(validator, document):
    if accepts(document):
        found = load(document)
        assert validator.is_valid(found)
        assert load(found) == found


@settings(max_examples=300, deadline=None)
@given(value=st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
                          lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner,
                                                                                     max_size=4), max_leaves=12),
       name=st.sampled_from(sorted(FULL)))
def test_nothing_but_invalid_is_ever_raised(value, name):
    accepts(value)
    accepts({**make_intake(), name: value})


def _node(schema, path):
    node = schema
    for step in path.split("."):
        for branch in (node, *node.get("oneOf", ()), *node.get("anyOf", ())):
            if step in branch.get("properties", {}):
                node = branch["properties"][step]
                break
            if step.isdigit() and "items" in branch:
                node = branch["items"]
                break
        else:
            raise KeyError(path)
    return node


def _branches(schema, node):
    for branch in (node, *node.get("oneOf", ()), *node.get("anyOf", ())):
        if "$ref" in branch:
            branch = schema["$defs"][branch["$ref"].rsplit("/", 1)[1]]
        yield branch


def _codes_of(schema, node):
    found = []
    for branch in _branches(schema, node):
        found += branch.get("enum", [])
        if "items" in branch:
            found += _codes_of(schema, branch["items"])
    return found


@pytest.mark.parametrize("path", doc.PATHS)
def test_the_table_of_paths_is_that_of_the_contract(schema, path):
    value, node = doc.PATHS[path], _node(schema, path)
    kinds = {"text": "string", "code": "string", "codes": "array", "whole": "integer", "number": "number",
             "flag": "boolean", "must": "array"}
    types = [kind for branch in _branches(schema, node)
             for kind in ([branch.get("type")] if isinstance(branch.get("type"), str) else branch.get("type") or [])]
    assert kinds[value.kind] in types
    assert ("null" in types) == value.nullable
    assert set(_codes_of(schema, node)) == set(value.codes)
    bounds = [branch.get(name) for branch in _branches(schema, node)
              for name in ("maximum", "maxItems", "maxLength") if name in branch]
    assert bounds == ([value.maximum] if value.maximum else [])


def test_no_path_of_the_contract_is_missing(schema):
    assert {path.partition(".")[0] for path in doc.PATHS} | {"format", "emphasis"} == set(schema["properties"])
