"""A group answers what a clinic asks, from the letter in two clicks; the person sees it by their code, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Start, served
from tests.web.asked import EVERYTHING, PERSON, AskedSite

pytestmark = pytest.mark.browser

SCREENS = {
    "narrow": {"width": 320, "height": 640}, "narrow, no scripts": {"width": 320, "height": 640, "scripts": False},
    "desk": {"width": 1280, "height": 800}, "dark phone": {"width": 390, "height": 740, "color_scheme": "dark"},
}


@pytest.fixture
def asked(tmp_path: Path) -> AskedSite:
    return AskedSite(tmp_path, **EVERYTHING)


@pytest.fixture
def address(asked: AskedSite) -> Iterator[str]:
    yield from served(asked.app)


@pytest.mark.parametrize("screen", SCREENS)
def test_from_the_letter_to_a_yes_is_two_clicks(start: Start, asked: AskedSite, address: str, screen: str) -> None:
    visit = start(**SCREENS[screen])
    visit.site = address
    page, clicks = visit.page, 1
    visit.go(asked.path)  # the first click: the link in the letter
    assert asked.task().state == "seen", "a browser says that a person looks"
    visit.check()
    assert PERSON["name"] not in page.content()
    page.get_by_role("button", name="Yes, they can come").click()
    clicks += 1
    page.wait_for_load_state()
    expect(page.locator("[role=status].notice")).to_contain_text("Yes. The first day is December 1, 2026.")
    expect(page.locator("main")).to_contain_text(PERSON["name"])
    visit.check()
    assert (asked.task().state, clicks) == ("accepted", 2)


@pytest.mark.parametrize("screen", SCREENS)
def test_the_person_sees_it_says_that_they_went_and_leaves_nothing_behind(
        start: Start, asked: AskedSite, address: str, screen: str) -> None:
    visit = start(**SCREENS[screen])
    visit.site = address
    page = visit.page
    visit.go("/next-step")
    page.get_by_label("Your code").fill(asked.code.lower())
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("River Circle 1 has your request.")
    visit.check()
    page.get_by_role("button", name="I went").first.click()
    expect(page.locator("main")).to_contain_text("You went to River Circle 1.")
    visit.check()
    assert asked.referral.outcome == "attended"
    assert page.evaluate("document.cookie") == "" if visit.scripts else True
    page.get_by_role("button", name="Forget on this device").click()
    expect(page.get_by_label("Your code")).to_be_visible()
    page.go_back()
    expect(page.locator("main")).not_to_contain_text("River Circle")
    assert visit.context.cookies() == []
