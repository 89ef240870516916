from itertools import combinations

import pytest

from finder.intake.notices import ORDER, raised
from finder.intake.severity import assess
from tests.make import make_intake

ALONE = ("standing_line_only",)


def notices(*, needs=None, **said):
    """Notices as a search finds them: level from the answers, needs chosen unless given as understood."""
    intake = make_intake(**said)
    return raised(intake, needs if needs is not None else said.get("needs", ()), assess(intake).level)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"safety": "passive"}, ("crisis_panel_first",)),
        ({"safety": "active"}, ("crisis_panel_first", "see_clinician_soon")),
        ({"scores": {"phq9_item9": 1}}, ("crisis_panel_first",)),
        ({"scores": {"phq9_item9": 3}, "safety": "none"}, ("crisis_panel_first",)),
        ({"urgent": ["withdrawal"]}, ("medical_urgent_first",)),
        ({"urgent": ["overdose"]}, ("medical_urgent_first",)),
        ({"urgent": ["medical"]}, ("medical_urgent_first",)),
        ({"urgent": ["violence"]}, ("safety_dv_first",)),
        ({"needs": ["domestic_violence"]}, ("safety_dv_first",)),
        ({"urgent": ["mania"]}, ("urgent_assessment_first",)),
        ({"urgent": ["psychosis"]}, ("urgent_assessment_first",)),
        ({"safety": "skip"}, ("offer_panel",)),
        ({"needs": ["suicidal_thoughts"]}, ("offer_panel",)),
        ({"needs": ["self_harm"]}, ("offer_panel",)),
        ({"scores": {"phq9": 0}}, ("offer_panel",)),
        ({"stated_level": 4}, ("see_clinician_soon",)),
        ({"scores": {"k6": 19}}, ("see_clinician_soon",)),
        ({"scores": {"phq9": 16, "phq9_item9": 0}}, ("see_clinician_soon",)),
        ({}, ALONE),
    ],
    ids=str,
)
def test_each_row_of_the_table_raises_its_notice(said, expected):
    assert notices(**said) == expected


@pytest.mark.parametrize(
    "said",
    [
        {"safety": "none"}, {"safety": "past"}, {"stated_level": 3}, {"impact": 4}, {"phq4": [3, 3, 3, 3]},
        {"scores": {"phq9": 15, "phq9_item9": 0}}, {"scores": {"phq9": 15}, "safety": "none"},
        {"scores": {"phq9": 10}, "safety": "past"}, {"scores": {"gad7": 21}}, {"scores": {"phq9_item9": 0}},
        {"scores": {"phq9": None}}, {"scores": None}, {"urgent": []}, {"needs": ["depression", "relationships"]},
        {"needs": ["suicide_loss"]}, {"needs": ["psychosis", "bipolar"]}, {"needs": ["sexual_assault"]},
    ],
    ids=str,
)
def test_what_raises_no_notice_leaves_the_standing_line(said):
    assert notices(**said) == ALONE


@pytest.mark.parametrize(("score", "item9", "safety", "expected"), [
    (12, None, None, True), (12, 0, None, False), (12, None, "none", False), (12, None, "past", False),
    (12, None, "skip", True), (None, None, None, False), (None, 0, None, False),
])
def test_a_phq9_that_hides_its_ninth_item_offers_the_panel_only_while_safety_was_not_asked(score, item9, safety,
                                                                                           expected):
    found = notices(scores={"phq9": score, "phq9_item9": item9}, safety=safety)
    assert ("offer_panel" in found) == expected


@pytest.mark.parametrize("offer", [{"needs": ["self_harm"]}, {"scores": {"phq9": 5}},
                                   {"needs": ["suicidal_thoughts"]}], ids=str)
def test_Y3_the_crisis_panel_takes_the_place_of_the_offer(offer):
    assert "offer_panel" in notices(**offer)
    found = notices(**{**offer, "safety": "passive"})
    assert "crisis_panel_first" in found
    assert "offer_panel" not in found


def test_the_ninth_item_takes_the_place_of_the_offer_even_when_safety_was_skipped():
    assert notices(safety="skip", scores={"phq9": 5, "phq9_item9": 1}) == ("crisis_panel_first",)


def test_needs_understood_from_free_text_raise_notices_too():
    assert notices(needs=("domestic_violence",)) == ("safety_dv_first",)
    assert notices(needs=["sleep", "self_harm"]) == ("offer_panel",)


RAISERS = {
    "crisis_panel_first": {"scores": {"phq9_item9": 1}},
    "medical_urgent_first": {"urgent": ["overdose"]},
    "safety_dv_first": {"needs": ["domestic_violence"]},
    "urgent_assessment_first": {"urgent": ["psychosis"]},
    "offer_panel": {"safety": "skip"},
    "see_clinician_soon": {"stated_level": 4},
}


@pytest.mark.parametrize("together", [some for size in range(7) for some in combinations(RAISERS, size)], ids=str)
def test_any_notices_together_come_in_the_order_of_the_contract(together):
    said = {}
    for notice in together:
        for name, value in RAISERS[notice].items():
            said[name] = [*said.get(name, ()), *value] if name == "urgent" else value
    expected = [one for one in ORDER if one in together]
    if "crisis_panel_first" in expected and "offer_panel" in expected:
        expected.remove("offer_panel")
    assert notices(**said) == (tuple(expected) or ALONE)


def test_a_level_of_four_reached_by_a_floor_says_to_see_somebody_soon():
    assert "see_clinician_soon" in notices(safety="active")
    assert "see_clinician_soon" not in notices(safety="passive", urgent=["medical"])
