from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import Page
from tests.web.site import Site, group

EVENING = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TH", "start_time": "18:00",
           "timezone": "America/New_York",
           "location": {"city": "Asheville", "state": "NC", "latitude": 35.6, "longitude": -82.55}}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [
        group(1, name="Lantern Circle", focus=["grief"], sessions=[EVENING]),
        group(2, name="Harbor Evening", focus=["grief"], sessions=[{**EVENING, "repeats": "FREQ=WEEKLY;BYDAY=MO"}]),
        group(3, name="Quiet Hours", focus=["anxiety"])])


def _look(site: Site, line: str, start: str = "") -> Page:
    return site.pages.post(f"{start}/programs", {"q": line})


def _names(page: Page) -> list[str]:
    return [tag.all("a")[0].text for tag in page.main.all("h3")]


def test_need_place_and_day_are_read_out_of_one_line(site: Site) -> None:
    page = _look(site, "grief group near Asheville NC thursday")
    assert _names(page) == ["Lantern Circle"]
    chips = page.of_class("chips")[0].text
    for words in ("Asheville, NC", "Thursday"):
        assert words in chips


def test_a_misspelt_town_is_asked_back_and_the_rest_stays(site: Site) -> None:
    page = _look(site, "grief group near Ashville NC thursday")
    assert page.one("input", id="q")["value"] == "grief group near Ashville NC thursday"
    assert site.pages.seen == ["/programs"]
    # As three towns of other states are spelled, it may stand in the links to those.
    assert not [one for one in page.links if "Ashville" in one and "Ashville,+" not in one]
    choice = next(tag for tag in page.of_class("choicelinks")[0].all("a") if tag.text == "Asheville, NC")
    assert _names(site.pages.get(choice.attributes["href"])) == ["Lantern Circle"]


@pytest.mark.parametrize("line", ["Lantern Circle", "lanturn circle", "lantern circle asheville"])
def test_a_group_is_found_by_its_name(site: Site, line: str) -> None:
    assert _names(_look(site, line))[0] == "Lantern Circle"


@pytest.mark.parametrize("line", ["grief group near Ashville NC thursday", "Quiet Hours", "zqcanary grief"])
def test_P1_no_typed_word_and_no_condition_is_in_the_address(site: Site, line: str) -> None:
    _look(site, line)
    landed = site.pages.seen[-1].casefold()
    for word in ("grief", "quiet", "hours", "zqcanary", "thursday", "anxiety"):
        assert word not in landed


def test_words_that_nobody_uses_are_said(site: Site) -> None:
    assert "No group has those words." in _look(site, "zqcanary near Asheville NC").main.text


def test_spanish_is_read_in_spanish(site: Site) -> None:
    assert _names(_look(site, "grupo de duelo cerca de Asheville los jueves", "/es")) == ["Lantern Circle"]


@pytest.mark.parametrize("line", ["", "   ", "a\x00b", "x" * 3000, "\u202eabc"])
def test_what_cannot_be_read_is_said_at_the_box(site: Site, line: str) -> None:
    page = _look(site, line)
    assert page.status == 422
    assert "#q" in [tag.attributes.get("href") for tag in page.of_class("errors")[0].all("a")]


def test_W3_looking_sets_no_cookie(site: Site) -> None:
    response = site.pages.client.post("/programs", data={"q": "grief"})
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("typed", "place"), [("Quiet Hours", ""), ("quite hours", ""),
                                              ("Lantern Circle", "Asheville, NC")])
def test_a_name_in_the_first_box_of_the_first_page_finds_the_group(site: Site, typed: str, place: str) -> None:
    page = site.pages.post("/", {"need": typed, "place": place})
    assert page.path.startswith("/programs?")
    assert typed.split()[-1].lower() in _names(page)[0].lower()
    assert not any(word.lower() in page.path.lower() for word in typed.split())


def test_Y3_words_that_call_for_help_lead_to_the_page_that_offers_it(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1, name="Suicidal thoughts evening")])
    page = site.pages.post("/", {"need": "suicidal thoughts evening", "place": "Durham, NC"})
    assert page.path == "/results"
    assert "Would it help to talk to someone now?" in page.main.text


def test_a_place_in_the_first_box_of_the_first_page_is_understood(site: Site) -> None:
    page = site.pages.post("/", {"need": "grief near Asheville NC", "place": ""})
    assert page.path == "/results"
    assert "Asheville, NC" in page.main.text
