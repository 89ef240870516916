from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.errors import Invalid
from finder.search.query_schema import ALWAYS_STATED, FACETS
from finder.web import filters


@st.composite
def _filters(draw: st.DrawFn) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for facet in draw(st.lists(st.sampled_from(sorted(FACETS)), unique=True, max_size=4)):
        codes = [*FACETS[facet], *(() if facet in ALWAYS_STATED else ("unknown",))]
        kinds = ["any", "not", *(["all"] if facet in filters.SEVERAL else [])]
        mode = draw(st.sampled_from(kinds))
        found[facet] = {mode: draw(st.lists(st.sampled_from(codes), unique=True, min_size=1, max_size=5))}
    return found


@given(_filters())
def test_filters_survive_address_and_cookie(chosen: dict[str, dict[str, list[str]]]) -> None:
    address = {name: [str(one) for one in (value if isinstance(value, list) else [value])]
               for name, value in filters.in_address(chosen).items()}
    assert filters.read(address) == chosen
    assert filters.known_filters(chosen) == chosen


@given(_filters())
def test_address_holds_numbers_only(chosen: dict[str, dict[str, list[str]]]) -> None:
    for name, value in filters.in_address(chosen).items():
        assert value == "all" if name.endswith("-all") else all(isinstance(one, int) for one in value)


@pytest.mark.parametrize("number", ["-1", "999", "x", "1e3", "٣", "1.0", "0x1", "1" * 400])
def test_number_of_no_code_is_refused(number: str) -> None:
    with pytest.raises(Invalid) as caught:
        filters.read({"topic": [number]})
    assert list(caught.value.errors) == ["topic"]


def test_kind_of_group_cannot_be_unstated() -> None:
    with pytest.raises(Invalid):
        filters.read({"kind": ["0"]})


def test_names_nobody_knows_are_not_looked_at() -> None:
    assert filters.read({"utm_source": ["x"], "topic": [""]}) == {}


@pytest.mark.parametrize("stored", [
    None, [], {"focus": ["x"]}, {"focus": {"any": "grief"}}, {"status": {"any": ["paused"]}},
    {"focus": {"most": ["grief"]}}, {"focus": {"any": ["nothing"]}}, {"focus": {"any": [1]}},
    {"focus": {"any": ["grief,anxiety"]}},
], ids=str)
def test_filters_that_are_not_ours_are_refused(stored: object) -> None:
    with pytest.raises(Invalid):
        filters.known_filters(stored)


def test_chosen_boxes_come_first_and_unstated_last() -> None:
    counts = {"led_by": {"peer": 3, "unknown": 9, "licensed_clinician": 5}}
    rows = filters.facets(counts, {"led_by": {"any": ["co_led"]}})[0].rows
    assert [(row.code, row.count, row.ticked) for row in rows] == [
        ("co_led", 0, True), ("licensed_clinician", 5, False), ("peer", 3, False), ("unknown", 9, False)]
