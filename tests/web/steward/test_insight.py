from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings.models import Tally
from finder.web.steward.insight import rounded
from tests.listings.database import NOW
from tests.pages import Tag
from tests.web.people import Person
from tests.web.site import Site, group

POINTS = {"Durham": ("NC", 35.99, -78.9), "Reno": ("NV", 39.53, -119.81)}


def meets(city: str) -> dict[str, Any]:
    state, latitude, longitude = POINTS[city]
    return {"format": "in_person", "location": {"city": city, "state": state, "latitude": latitude,
                                                "longitude": longitude, "precision": "street"}}


def checked(age: int, method: str = "phone") -> dict[str, str]:
    return {"on": (NOW.date() - timedelta(days=age)).isoformat(), "method": method}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [
        group(1, sessions=[meets("Durham")], focus=["grief"], languages=["es"], verified=checked(10)),
        group(2, sessions=[meets("Durham")], verified=checked(100)), group(3, sessions=[meets("Reno")]),
        group(4, sessions=[{"format": "phone"}], verified=checked(1, "import"))])


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def rows(*tables: Tag) -> dict[str, list[str]]:
    return {row.all("th")[0].text: [cell.text for cell in row.all("td")]
            for table in tables for row in table.all("tr") if row.all("td")}


def test_the_share_that_people_checked_is_told_in_words_and_numbers(steward: Person) -> None:
    page = steward.get("/steward/insight")
    assert "a person checked 25 in the last 30 days, 25 in 90 days and 50 in 180 days" in page.main.text
    assert [tag.text for tag in page.of_class("tally")[0].all("dd")] == ["1", "0", "1", "2"]
    assert "Up to 30 days ago: 1. 31 to 90 days ago: 0." in page.of_class("gauge")[0].all("svg")[0]["aria-label"]
    assert rows(page.all("table")[0])["North Carolina"] == ["2", "1 (50%)", "1 (50%)", "2 (100%)"]


def test_everybody_can_read_the_number_on_the_page_about_the_site(site: Site) -> None:
    assert "Of every 100 listings, a person checked 25 in the last 90 days." in site.pages.get("/about").main.text


def test_a_list_that_is_empty_or_made_up_says_so_and_gives_no_number(tmp_path: Path, shared_app: Any) -> None:
    words = Site(tmp_path, []).pages.get("/about").main.text
    assert "There are no listings yet, so there was nothing to check." in words
    assert "Of every 100" not in words
    demo = shared_app.test_client().get("/about").get_data(as_text=True)
    assert "made up, so nobody has checked them" in demo


def test_counties_without_a_group_near_are_told_with_a_map(steward: Person) -> None:
    page = steward.get("/steward/insight?state=NC&topic=grief&language=es")
    found = rows(*page.all("table"))
    assert found["Durham"][0] == "1"
    assert found["Mecklenburg"][0] == "0"
    assert found["Mecklenburg"][2] == "930,000 of 930,000"
    assert "from the Census of 2010" in page.main.text
    assert "Puerto Rico" not in page.of_class("notice")[-1].text
    assert "Map of North Carolina" in page.of_class("map")[0].all("svg")[0]["aria-label"]
    assert len(page.of_class("map")[0].all("path")) == 100
    assert "counties have no group near" in page.main.text


def test_where_people_were_not_counted_the_page_says_so(steward: Person) -> None:
    page = steward.get("/steward/insight?state=PR")
    assert rows(*page.all("table"))["San Juan"][2] == "–"
    assert "For Puerto Rico and the islands there are no numbers here." in page.main.text


@pytest.mark.parametrize(("people", "told"), [(0, 0), (7, 7), (57, 57), (163, 160), (4356, 4400), (9799159, 9800000)])
def test_counts_of_people_are_told_with_two_figures(people: int, told: int) -> None:
    assert rounded(people) == told


def test_what_is_chosen_stays_chosen(steward: Person) -> None:
    page = steward.get("/steward/insight?state=NV&topic=grief&language=es&way=in_person")
    chosen = [tag["value"] for tag in page.all("option") if "selected" in tag.attributes]
    assert chosen == ["grief", "es", "in_person", "NV", "2026-10-01"]


def test_groups_that_meet_nowhere_have_no_map(steward: Person) -> None:
    page = steward.get("/steward/insight?state=NC&way=phone")
    assert page.of_class("map") == []
    assert "people anywhere in North Carolina can join: 1." in page.main.text


def test_a_steward_of_a_region_starts_with_it(site: Site) -> None:
    kim = Person(site, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:NV"))
    assert "Map of Nevada" in kim.get("/steward/insight").of_class("map")[0].all("svg")[0]["aria-label"]
    assert "Map of the United States" in kim.get("/steward/insight?state=all").of_class("map")[0].all(
        "svg")[0]["aria-label"]


@pytest.mark.parametrize("query", ["state=ZZ", "state=MP", "topic=nothing&language=xx&way=up", "month=2026-13-99",
                                   "month="])
def test_what_no_list_holds_is_as_if_not_asked(steward: Person, query: str) -> None:
    assert steward.get(f"/steward/insight?{query}").status == 200


def test_P8_only_numbers_from_eleven_on_of_months_that_are_over_are_shown(site: Site, steward: Person) -> None:
    with site.database.transaction() as session:
        session.add_all(Tally(day=day, kind="unmet", state=state, key=key, count=count) for day, state, key, count in (
            (date(2026, 10, 1), "US:NV", "grief", 11), (date(2026, 10, 1), "US:NV", "ocd", 10),
            (date(2026, 9, 1), "US:WY", "grief", 77), (date(2026, 11, 1), "US:NV", "grief", 99)))
    page = steward.get("/steward/insight")
    unmet = [[cell.text for cell in row.all("td")] for row in page.all("table")[-1].all("tr") if row.all("td")]
    assert unmet == [["Grief and loss", "11"]]
    assert "77" in steward.get("/steward/insight?month=2026-09-01").main.text
    assert "99" not in steward.get("/steward/insight?month=2026-11-01").all("table")[-1].text
