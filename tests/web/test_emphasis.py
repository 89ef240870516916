from __future__ import annotations

import pytest

from finder.errors import Invalid
from finder.web import emphasis
from tests.pages import Page, Pages

INTAKE = {"format": "finder-intake/1", "needs": ["anxiety"], "emphasis": {"freshness": 2, "cost": 0.5}}


def _search(pages: Pages) -> Page:
    return pages.post("/", {"need": "feeling down", "place": "Durham, NC"})


def _names(page: Page) -> list[str]:
    return [tag.text for tag in page.main.all("h3")]


def test_what_matters_more_changes_the_order_and_is_said() -> None:
    changed = emphasis.taken(INTAKE, {"cost": ["2"], "reach": ["0.5"], "need": ["1"]})
    assert changed["emphasis"] == {"freshness": 2, "cost": 2, "reach": 0.5}
    assert emphasis.shifted(changed) == "More: What it costs. Less: That I can get there easily"


def test_as_usual_leaves_no_trace_in_the_answers() -> None:
    plain = {"format": "finder-intake/1", "needs": ["anxiety"]}
    assert emphasis.taken(plain, {"cost": ["1"]}) == plain
    assert emphasis.shifted(plain) == ""


@pytest.mark.parametrize("value", ["3", "-1", "", "nan", "2.0"])
def test_another_step_is_refused_by_its_row(value: str) -> None:
    with pytest.raises(Invalid) as wrong:
        emphasis.taken(INTAKE, {"cost": [value]})
    assert list(wrong.value.errors) == ["cost"]


def test_the_order_of_the_page_follows_and_comes_back(pages: Pages) -> None:
    before = _names(_search(pages))
    shifted = pages.post("/results/weigh", {"need": "0.5", "reach": "0.5", "cost": "2"})
    assert shifted.path == "/results"
    assert _names(shifted) != before
    assert "More: What it costs. Less: That it is about what I need" in shifted.main.text
    assert _names(pages.post("/results/weigh", {"clear": "1"})) == before


def test_the_same_groups_are_found_whatever_matters_more(pages: Pages) -> None:
    heading = _search(pages).heading
    assert pages.post("/results/weigh", {"cost": "2", "identity": "0.5"}).heading == heading


def test_a_wrong_step_is_a_page_and_not_a_failure(pages: Pages) -> None:
    _search(pages)
    assert pages.post("/results/weigh", {"reach": "9"}).status == 422


def test_without_answers_there_is_nothing_to_weigh(pages: Pages) -> None:
    assert pages.post("/results/weigh", {"reach": "2"}).path == "/results"
