from itertools import pairwise

import pytest

from finder.intake.severity import SOURCES, assess
from tests.make import make_intake

# Contract section 4, cell by cell: the lowest and the highest total of each level. PHQ-4 level 4 needs impact 4.
TOTALS = {
    "phq9": [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)],
    "gad7": [(0, 4), (5, 9), (10, 14), (15, 21)],
    "k6": [(0, 4), (5, 7), (8, 12), (13, 18), (19, 24)],
    "dast10": [(0, 0), (1, 2), (3, 5), (6, 8), (9, 10)],
}
AUDIT_C_WOMAN = [(0, 2), (3, 5), (6, 7), (8, 9), (10, 12)]
AUDIT_C_OTHER = [(0, 3), (4, 5), (6, 7), (8, 9), (10, 12)]
PHQ4 = [(0, 2), (3, 5), (6, 8), (9, 12)]


def edges(cells):
    return [(total, level) for level, cell in enumerate(cells) for total in sorted(set(cell))]


def items(total):
    """Four PHQ-4 answers of this sum."""
    return [total // 4 + (1 if item < total % 4 else 0) for item in range(4)]


def level(**said):
    return assess(make_intake(**said)).level


def sources(**said):
    return assess(make_intake(**said)).sources


@pytest.mark.parametrize(("name", "total", "expected"),
                         [(name, total, found) for name, cells in TOTALS.items() for total, found in edges(cells)])
def test_each_edge_of_each_instrument_gives_its_level(name, total, expected):
    assert level(scores={name: total}) == expected
    assert sources(scores={name: total}) == (name,)


@pytest.mark.parametrize("cells", [*TOTALS.values(), AUDIT_C_WOMAN, AUDIT_C_OTHER, PHQ4])
def test_the_cells_of_the_table_leave_no_gap(cells):
    assert all(after[0] == before[1] + 1 for before, after in pairwise(cells))


@pytest.mark.parametrize(("gender", "cells"), [("woman", AUDIT_C_WOMAN), ("man", AUDIT_C_OTHER),
                                               ("nonbinary", AUDIT_C_OTHER), (None, AUDIT_C_OTHER)])
def test_the_cut_off_of_the_audit_c_is_three_for_a_woman_and_four_for_all_others(gender, cells):
    for total, expected in edges(cells):
        assert level(gender=gender, scores={"audit_c": total}) == expected, total


@pytest.mark.parametrize(("total", "expected"), edges(PHQ4))
def test_each_edge_of_the_phq4_gives_its_level(total, expected):
    assert level(phq4=items(total)) == expected
    assert sources(phq4=items(total)) == ("phq4",)


@pytest.mark.parametrize(
    ("total", "impact", "expected", "reached_by"),
    [
        (9, 4, 4, ("phq4",)), (12, 4, 4, ("phq4",)), (8, 4, 3, ("impact",)), (9, 3, 3, ("phq4",)),
        (0, 4, 3, ("impact",)), (8, 3, 2, ("phq4", "impact")), (0, 2, 0, ("phq4",)), (12, 0, 3, ("phq4",)),
    ],
)
def test_a_severe_phq4_with_impact_four_is_level_four(total, impact, expected, reached_by):
    assert level(phq4=items(total), impact=impact) == expected
    assert sources(phq4=items(total), impact=impact) == reached_by


def test_impact_four_lifts_no_other_instrument_to_level_four():
    assert level(scores={"gad7": 21}, impact=4) == 3
    assert level(stated_level=3, impact=4) == 3


@pytest.mark.parametrize("consequences", [0, 1, 2, None])
@pytest.mark.parametrize("loss", [0, 1, 2, 3, 4, None])
def test_substance_use_is_loss_of_control_up_to_two_plus_consequences(loss, consequences):
    said = {"loss_of_control": loss, "consequences": consequences}
    given = {name: value for name, value in said.items() if value is not None}
    if given:
        assert level(substance=given) == min(2, loss or 0) + (consequences or 0)
        assert sources(substance=given) == ("substance",)


@pytest.mark.parametrize("stated", range(5))
def test_a_stated_level_counts_as_given(stated):
    assert level(stated_level=stated) == stated
    assert sources(stated_level=stated) == ("stated_level",)


@pytest.mark.parametrize(
    ("said", "floor", "source"),
    [
        ({"impact": 3}, 2, "impact"), ({"impact": 4}, 3, "impact"),
        ({"scores": {"pc_ptsd5": 4}}, 2, "pc_ptsd5"), ({"scores": {"pc_ptsd5": 5}}, 2, "pc_ptsd5"),
        ({"scores": {"phq9_item9": 1}}, 2, "phq9_item9"), ({"scores": {"phq9_item9": 3}}, 2, "phq9_item9"),
        ({"safety": "passive"}, 2, "safety"), ({"safety": "active"}, 4, "safety"),
        *[({"urgent": [code]}, 3, "urgent") for code in ("withdrawal", "overdose", "medical", "mania", "psychosis")],
    ],
    ids=str,
)
def test_a_floor_alone_sets_its_level_and_lifts_a_lower_measure_only(said, floor, source):
    assert (level(**said), sources(**said)) == (floor, (source,))
    assert (level(stated_level=0, **said), sources(stated_level=0, **said)) == (floor, (source,))
    both = sources(stated_level=floor, **said)
    assert both == tuple(one for one in SOURCES if one in ("stated_level", source))
    if floor < 4:
        assert (level(stated_level=4, **said), sources(stated_level=4, **said)) == (4, ("stated_level",))


@pytest.mark.parametrize(
    "said",
    [
        {}, {"impact": 0}, {"impact": 1}, {"impact": 2}, {"scores": {"pc_ptsd5": 3}}, {"scores": {"pc_ptsd5": 0}},
        {"scores": {"phq9_item9": 0}}, {"safety": "none"}, {"safety": "past"}, {"safety": "skip"},
        {"urgent": ["violence"]}, {"urgent": []}, {"scores": {}}, {"needs": ["suicidal_thoughts"]},
        {"phq4": None, "impact": None, "substance": None, "stated_level": None, "scores": None, "safety": None},
        {"scores": {"phq9": None, "audit_c": None}},
    ],
    ids=str,
)
def test_what_is_neither_a_measure_nor_a_floor_sets_no_level(said):
    assert assess(make_intake(**said)) == assess(make_intake())
    assert level(**said) is None
    assert sources(**said) == ()


def test_the_highest_measure_wins_and_only_it_is_named():
    assert level(phq4=items(4), scores={"phq9": 16, "gad7": 9}, impact=3) == 3
    assert sources(phq4=items(4), scores={"phq9": 16, "gad7": 9}, impact=3) == ("phq9",)


def test_sources_that_reach_the_level_come_in_the_order_of_the_contract():
    said = {"urgent": ["mania"], "impact": 4, "stated_level": 3, "substance": {"loss_of_control": 4, "consequences": 1},
            "scores": {"dast10": 6, "audit_c": 8, "k6": 13, "gad7": 15, "phq9": 15, "pc_ptsd5": 5}}
    assert level(**said) == 3
    assert sources(**said) == ("phq9", "gad7", "k6", "audit_c", "dast10", "substance", "stated_level", "impact",
                               "urgent")


def test_the_floors_of_level_two_come_in_the_order_of_the_contract():
    said = {"safety": "passive", "scores": {"phq9_item9": 2, "pc_ptsd5": 4, "phq9": 3}, "impact": 3,
            "phq4": items(6)}
    assert sources(**said) == ("phq4", "impact", "pc_ptsd5", "phq9_item9", "safety")


def test_active_thoughts_and_a_severe_measure_are_both_named():
    assert sources(phq4=items(12), impact=4, safety="active") == ("phq4", "safety")
