"""Every public page in every size, theme and language: once each in a usual run, in all combinations with -m soak."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Start, Visit, served
from tests.web.sample import LISTINGS
from tests.web.site import Site

pytestmark = pytest.mark.browser

WIDTHS, THEMES, LANGUAGES = (320, 390, 1280), ("light", "dark"), ("", "/es")
COMBINATIONS = tuple(product(WIDTHS, THEMES, LANGUAGES))
# {slug} is a listing; {keys} and {two} are queries naming three and two of them.
PAGES = (
    "/", "/find/need", "/find/feelings", "/find/safety", "/find/where", "/programs",
    "/programs?near=Durham, NC&far=50&day=1", "/programs?near=Franklin", "/programs?{keys}", "/programs/{slug}",
    "/programs/{slug}/report", "/programs/{slug}/report/sent", "/saved", "/compare?{two}", "/compare?{keys}",
    "/list?{keys}", "/list/text?{keys}", "/handout?{keys}", "/crisis", "/topics", "/kinds",
    "/places", "/places/nc", "/privacy", "/accessibility",
    "/how-matching-works", "/learn/", "/learn/groups", "/learn/questions", "/results", "/nowhere",
)
TODAY = date.today().toordinal()  # noqa: DTZ011 - which sample a run takes, nothing else


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """A served site whose listings have real ids."""
    made = Site(tmp_path_factory.mktemp("site"), [dict(one) for one in LISTINGS])
    running = served(made.app)
    yield next(running), made
    next(running, None)


def _see(visit: Visit, kept: tuple[str, Site], path: str, language: str) -> None:
    visit.site, site = kept
    names = {"slug": site.slugs[0], "keys": "&".join(f"g={one}" for one in site.keys[:3]),
             "two": "&".join(f"g={one}" for one in site.keys[:2])}
    visit.go(language + path.format(**names))
    visit.complaints = [one for one in visit.complaints if "status of 4" not in one]
    visit.check()
    assert visit.page.locator(".lampline").is_visible()
    assert visit.page.locator("html").get_attribute("lang") == ("es" if language else "en")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_on_todays_screen(start: Start, kept: tuple[str, Site], path: str) -> None:
    width, theme, language = COMBINATIONS[(PAGES.index(path) * 5 + TODAY) % len(COMBINATIONS)]
    _see(start(width=width, color_scheme=theme), kept, path, language)


@pytest.mark.soak
@pytest.mark.parametrize(("width", "theme", "language"), COMBINATIONS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_on_every_screen(start: Start, kept: tuple[str, Site], path: str, width: int, theme: str,
                                         language: str) -> None:
    _see(start(width=width, color_scheme=theme), kept, path, language)


@pytest.mark.parametrize("scripts", [False, True], ids=["no scripts", "scripts"])
def test_from_the_box_to_saved_compared_and_paper(start: Start, kept: tuple[str, Site], scripts: bool) -> None:
    visit = start(width=360, height=740, scripts=scripts)
    visit.site = kept[0]
    visit.go("/programs")
    visit.page.locator("#q").fill("groups near Durham NC")
    visit.press("Look")
    assert visit.path == "/programs"
    visit.page.locator("h3 a").first.click()
    visit.press("Save")
    visit.check()
    visit.press("Yes, keep them here")
    visit.go("/programs")
    visit.page.locator(".match").nth(2).get_by_role("button", name="Save").click()
    visit.go("/saved")
    assert visit.page.locator("h1").inner_text() == "2 saved groups"
    visit.check()
    visit.page.locator("form.panel button").click()
    visit.page.wait_for_load_state()
    assert visit.path == "/compare"
    assert visit.page.locator("tbody tr").count() > 8
    visit.press("On paper", "link")
    assert visit.page.locator(".hand__list li").count() == 2
    visit.check()
    visit.go("/saved")
    visit.press("Clear saved groups")
    assert visit.context.cookies() == []
    if scripts:
        assert visit.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_near_me_sends_a_rounded_point_and_only_on_a_press(start: Start, kept: tuple[str, Site]) -> None:
    visit = start(geolocation={"latitude": 35.994033, "longitude": -78.898619}, permissions=["geolocation"])
    visit.site = kept[0]
    visit.go("/programs")
    visit.press("Near me")
    visit.page.wait_for_url("**near=35.99*")
    assert "35.994" not in visit.page.url
    assert visit.page.locator(".chips").inner_text().startswith("35.99, -78.90")


@pytest.mark.parametrize("scripts", [False, True], ids=["no scripts", "scripts"])
def test_a_number_on_the_map_and_its_group_lead_to_each_other(start: Start, kept: tuple[str, Site],
                                                              scripts: bool) -> None:
    visit = start(width=390, height=740, scripts=scripts)
    visit.site = kept[0]
    visit.go("/programs?near=Durham, NC&far=15")
    card = visit.page.locator(".match").filter(has=visit.page.locator(".onmap")).nth(1)
    card.locator(".onmap").click()
    number = urlsplit(visit.page.url).fragment
    pin = visit.page.locator(f"#{number}")
    expect(pin).to_be_in_viewport()
    lamp = "rgb(238, 179, 59)"
    expect(pin.locator("circle")).to_have_css("fill", lamp)
    pin.click()
    expect(card.locator("h3")).to_be_in_viewport()
    expect(card).to_have_css("outline-color", lamp)
    box = pin.locator("circle").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24
