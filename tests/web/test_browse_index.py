from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import Pages
from tests.web.sample import DURHAM
from tests.web.site import Site, group


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_the_first_page_leads_to_topics_kinds_and_places(pages: Pages, prefix: str) -> None:
    links = pages.get(f"{prefix}/").links
    for name in ("topics", "kinds", "places"):
        assert f"{prefix}/{name}" in links
        assert pages.get(f"{prefix}/{name}").status == 200


def test_a_kind_says_what_a_first_visit_is_like_and_leads_to_its_groups(pages: Pages) -> None:
    page = pages.get("/kinds")
    row = next(item for item in page.main.all("li") if "Warmline" in item.text)
    assert "It is for company, not for emergencies." in row.text
    found = pages.get(row.all("a")[0]["href"])
    assert found.heading == "1 group"
    assert "Maple Line Phone Circle" in found.main.text


def test_from_a_state_to_a_town_to_what_is_near_it(pages: Pages) -> None:
    page = pages.get("/places")
    (state,) = [item for item in page.main.all("li") if "North Carolina" in item.text]
    assert state.text == "North Carolina 3 towns"
    page = pages.get(state.all("a")[0]["href"])
    assert page.heading == "North Carolina"
    town = next(link for link in page.main.all("a") if link.text.startswith("Chapel Hill"))
    found = pages.get(town["href"])
    assert found.heading.endswith("within 15 miles of Chapel Hill, NC, or online")
    assert "Mañana Clara" in found.main.text


def test_a_state_without_groups_is_no_dead_end(pages: Pages) -> None:
    page = pages.get("/places/wy")
    assert "No group in our list meets in person here." in page.main.text
    assert any("how=2" in link for link in page.links)


@pytest.mark.parametrize("state", ["zz", "NC", "n", "north-carolina"])
def test_a_state_that_is_none_is_a_404(pages: Pages, state: str) -> None:
    assert pages.get(f"/places/{state}").status == 404


def test_addresses_of_these_pages_name_no_condition(pages: Pages) -> None:
    for path in ("/topics", "/kinds", "/places", "/places/nc"):
        for link in pages.get(path).links:
            assert not any(word in link for word in ("depression", "grief", "alcohol", "peer", "therapy")), link


def test_a_page_of_a_list_can_be_compared_and_taken_along(tmp_path: Path) -> None:
    session = {"format": "in_person", "location": DURHAM}
    site = Site(tmp_path, [group(number, sessions=[session]) for number in (1, 2, 3)])
    page = site.pages.get("/programs")
    (form,) = page.all("form", id="pick")
    boxes = [tag for tag in page.all("input", type="checkbox") if tag["form"] == "pick"]
    assert len(boxes) == 3
    ticked = "&".join(f"g={box['value']}" for box in boxes[:2])
    assert site.pages.get(f"{form['action']}?{ticked}").heading == "2 groups, side by side"
    for words in ("On paper", "As plain text"):
        link = next(tag["href"] for tag in page.main.all("a") if tag.text == words)
        assert site.pages.get(link).source.count("River Circle") == 3


def test_comparing_nothing_says_how_to_tick(pages: Pages) -> None:
    page = pages.get("/compare")
    assert page.status == 404
    assert "Tick “Compare” at two to four groups in a list." in page.main.text
