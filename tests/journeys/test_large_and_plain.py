"""Pages at four times the size, with loose text, in two colors of the device's own, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.journeys.conftest import Start, Visit, served
from tests.journeys.scenes import SCENES
from tests.journeys.touching import hidden_focus
from tests.web.sample import LISTINGS
from tests.web.site import Site

pytestmark = pytest.mark.browser

# A desk of 1280 by 1024 pixels at four times the size (WCAG 2.2, 1.4.10) leaves this much.
ZOOMED: dict[str, Any] = {"width": 320, "height": 256, "device_scale_factor": 4}
# Spaces that a reader may ask for (WCAG 2.2, 1.4.12).
LOOSE = """() => { const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
                     p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet]; }"""
# Words cut off, or laid over the edge of what holds them.
CUT = """() => [...document.querySelectorAll('main *, .lampline *, .masthead *')]
  .filter((one) => one.checkVisibility() && !one.closest('svg, .vh, .scroll, select, textarea, .trap')
    && getComputedStyle(one).overflow !== 'visible' && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
    && one.tagName !== 'INPUT')
  .map((one) => `${one.tagName} ${one.className}`)"""
# Two colors only: what is a control must still have an edge or a line under it.
BARE = """() => [...document.querySelectorAll(
    '.btn, .choice, .match, .card, .exit, input, select, .pair, .offer, .notice')]
  .filter((one) => one.checkVisibility() && !one.closest('.trap') && getComputedStyle(one).opacity !== '0'
    && !one.matches('[type=radio], [type=checkbox]')
    && ['Top', 'Bottom'].every((side) => parseFloat(getComputedStyle(one)[`border${side}Width`]) === 0))
  .map((one) => `${one.tagName} ${one.className}`)"""
TODAY = date.today().toordinal()  # noqa: DTZ011 - which sample a run takes, nothing else
TODAYS = [name for place, name in enumerate(SCENES) if (place + TODAY) % 5 == 0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    made = Site(tmp_path_factory.mktemp("site"), [dict(one) for one in LISTINGS])
    running = served(made.app)
    yield next(running), made
    next(running, None)


def _open(visit: Visit, kept: tuple[str, Site], name: str, language: str = "") -> None:
    visit.site, site = kept
    SCENES[name].open(visit, site, language)
    visit.page.wait_for_load_state()
    visit.complaints = [one for one in visit.complaints if "status of 4" not in one]


def _assert_legible(start: Start, kept: tuple[str, Site], name: str) -> None:
    visit = start(**ZOOMED)
    _open(visit, kept, name, "/es")
    visit.check()
    line = visit.page.locator(".lampline").bounding_box()
    assert line is not None
    assert line["height"] <= ZOOMED["height"] * 0.4
    visit.page.evaluate(LOOSE)
    wide = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert visit.page.evaluate(CUT) == []


def _assert_clear_in_two_colors(start: Start, kept: tuple[str, Site], name: str) -> None:
    visit = start(390, 740, forced_colors="active")
    _open(visit, kept, name)
    visit.check()
    assert visit.page.evaluate(BARE) == []
    assert hidden_focus(visit.page) == []


@pytest.mark.turns(2)
@pytest.mark.parametrize("name", TODAYS)
def test_a_page_can_be_read_at_four_times_the_size_and_with_loose_text(start: Start, kept: tuple[str, Site],
                                                                       name: str) -> None:
    _assert_legible(start, kept, name)


@pytest.mark.turns(2)
@pytest.mark.parametrize("name", TODAYS)
def test_a_page_keeps_its_edges_and_its_focus_in_two_colors(start: Start, kept: tuple[str, Site], name: str) -> None:
    _assert_clear_in_two_colors(start, kept, name)


@pytest.mark.soak
@pytest.mark.parametrize("name", SCENES)
def test_every_page_can_be_read_at_four_times_the_size_and_with_loose_text(start: Start, kept: tuple[str, Site],
                                                                           name: str) -> None:
    _assert_legible(start, kept, name)


@pytest.mark.soak
@pytest.mark.parametrize("name", SCENES)
def test_every_page_keeps_its_edges_and_its_focus_in_two_colors(start: Start, kept: tuple[str, Site],
                                                                name: str) -> None:
    _assert_clear_in_two_colors(start, kept, name)


@pytest.mark.parametrize("name", ["handout", "listing-rich", "results", "crisis", "list"])
def test_paper_has_the_facts_and_the_help_line_and_none_of_the_controls(start: Start, kept: tuple[str, Site],
                                                                        name: str) -> None:
    visit = start(1280, 800, color_scheme="dark")
    _open(visit, kept, name)
    page = visit.page
    assert page.locator(".lampline").is_visible()
    page.emulate_media(media="print")
    lines = [one.inner_text() for one in page.locator(".lampline, .hand__crisis").all() if one.is_visible()]
    assert len(lines) == 1
    assert "988" in lines[0]
    assert page.locator("h1").is_visible()
    for control in (".exit", ".nav", ".foot", ".noprint", ".facets"):
        assert not [one for one in page.locator(control).all() if one.is_visible()], control
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
