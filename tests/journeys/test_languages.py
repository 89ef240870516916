"""Longer words, and lines that run the other way, on the narrowest phone."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from finder.intake.questionnaire import questionnaire
from tests.catalogs import ARABIC, STRETCHED, addresses
from tests.journeys.conftest import Start, Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def narrow(start: Start, tongues_site: str) -> Visit:
    visit = start(320, 640)
    visit.site = tongues_site
    return visit


def _search(visit: Visit, language: str) -> None:
    visit.go(f"/{language}/")
    visit.page.locator("[name=need]").fill("feeling down")
    visit.page.locator("[name=place]").fill("Durham, NC 27701")
    visit.page.locator("form.seek button, .seek button").first.click()
    visit.page.wait_for_load_state()
    assert visit.path == f"/{language}/results"


@pytest.mark.turns(2)
@pytest.mark.parametrize("language", [STRETCHED, ARABIC], ids=["longer", "right to left"])
def test_every_page_fits_the_narrowest_phone(narrow: Visit, many_tongues: Flask, language: str) -> None:
    asked = addresses(many_tongues, language) + [f"/{language}/find/{page.id}" for page in questionnaire().pages]
    for address in asked:
        answer = many_tongues.test_client().get(address)
        if answer.mimetype == "text/html" and answer.status_code < 400:
            narrow.go(address)
            narrow.check()
    _search(narrow, language)
    assert narrow.page.locator(".match").count() > 1
    narrow.page.locator("details:not([open]) > summary").evaluate_all("all => all.forEach(one => one.click())")
    narrow.check()


def test_pages_turn_around_from_right_to_left(narrow: Visit) -> None:
    narrow.page.set_viewport_size({"width": 1280, "height": 800})
    sides = {}
    for prefix in ("", f"/{ARABIC}"):
        narrow.go(f"{prefix}/crisis")
        expect(narrow.page.locator("html")).to_have_css("direction", "rtl" if prefix else "ltr")
        box = {name: narrow.page.locator(name).first.bounding_box() for name in (".exit", ".brand")}
        sides[prefix] = [one["x"] > 640 for one in box.values() if one]
    assert sides == {"": [True, False], f"/{ARABIC}": [False, True]}


def test_arrows_point_along_the_line(narrow: Visit) -> None:
    turned = "all => all.map(one => new DOMMatrix(getComputedStyle(one).transform).a)"
    for prefix, way in (("", 1), (f"/{ARABIC}", -1)):
        narrow.go(f"{prefix}/crisis")
        assert set(narrow.page.locator(".exit .icon").evaluate_all(turned)) == {way}
        assert set(narrow.page.locator(".ways .icon:not(.icon--turns)").evaluate_all(turned)) <= {1}


def test_the_list_of_languages_opens_by_keyboard_and_leads_to_the_same_page(narrow: Visit) -> None:
    narrow.go(f"/{STRETCHED}/programs?topic=1")
    summary = narrow.page.locator(".tongues summary")
    summary.focus()
    narrow.page.keyboard.press("Enter")
    narrow.check()
    narrow.page.keyboard.press("Tab")
    narrow.page.keyboard.press("Enter")
    narrow.page.wait_for_url(f"{narrow.site}/programs?topic=1")
