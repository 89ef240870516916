"""Every public page in every size, theme and language: each once a run and some more by turns, all with -m soak."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask, template_rendered
from playwright.sync_api import expect

from tests.journeys.conftest import Start, Visit, served
from tests.journeys.scenes import SCENES
from tests.journeys.touching import hidden_focus
from tests.shared import ROOT
from tests.web.sample import LISTINGS
from tests.web.site import Site

pytestmark = pytest.mark.browser

WIDTHS, THEMES, LANGUAGES = (320, 390, 1280), ("light", "dark"), ("", "/es")
SCREENS = tuple(product(WIDTHS, THEMES, LANGUAGES))
TODAY = date.today().toordinal()  # noqa: DTZ011 - which sample a run takes, nothing else
TODAYS = [(name, *SCREENS[(place * 5 + TODAY) % len(SCREENS)]) for place, name in enumerate(SCENES)]
OTHERS = [one for one in ((name, *screen) for name in SCENES for screen in SCREENS) if one not in TODAYS]
BY_TURNS = random.Random(TODAY).sample(OTHERS, 6)
PICTURES = {"phone": 390, "desk": 1280}
ELSEWHERE = {"seeker/claim.html", "seeker/claim_letter.html"}  # for people who signed in: test_every_desk_page
MOST_BYTES = 60_000  # of one page under gzip, together with everything a first visit fetches beside it


class Seen:
    """A served site and the templates it has drawn."""

    def __init__(self, site: Site, address: str) -> None:
        self.site, self.address = site, address
        self.templates: list[str] = []

    def note(self, sender: Flask, template: object, **_: object) -> None:
        self.templates.append(str(getattr(template, "name", "")))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A served site whose listings have real ids."""
    made = Site(tmp_path_factory.mktemp("site"), [dict(one) for one in LISTINGS])
    running = served(made.app)
    seen = Seen(made, next(running))
    with template_rendered.connected_to(seen.note, made.app):
        yield seen
    next(running, None)


def _assert_sound(visit: Visit, kept: Seen, name: str, language: str) -> None:
    visit.site, scene = kept.address, SCENES[name]
    kept.templates.clear()
    scene.open(visit, kept.site, language)
    assert scene.template in kept.templates
    visit.complaints = [one for one in visit.complaints if "status of 4" not in one]
    visit.check()
    assert _weight(visit) <= MOST_BYTES
    assert visit.page.locator(".lampline").is_visible()
    assert visit.page.locator("html").get_attribute("lang") == ("es" if language else "en")


def _weight(visit: Visit) -> int:
    """Bytes of the page and its files under gzip: one stylesheet (a sheet of paper brings its own), one module (another
    where something can be copied by a press), one picture, and nothing more."""
    files = {one.url: one for one in visit.requests if one.resource_type in ("stylesheet", "script", "image", "font")}
    kinds = sorted(one.resource_type for one in files.values())
    styles = ["stylesheet"] * (2 if visit.page.locator(".hand").count() else 1)
    scripts = ["script"] * (2 if visit.page.locator("[data-copy]").count() else 1)
    assert kinds in (["image", *scripts, *styles], [*scripts, *styles]), kinds
    bodies = [one.response().body() for one in files.values()]
    return sum(len(gzip.compress(body, 6)) for body in (*bodies, visit.page.content().encode()))


def _picture(visit: Visit, name: str) -> None:
    """Pictures of the page for people to look at, when FINDER_TEST_PICTURES names a folder."""
    if folder := os.environ.get("FINDER_TEST_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for screen, width in PICTURES.items():
            visit.page.set_viewport_size({"width": width, "height": 800})
            visit.page.screenshot(path=Path(folder, f"{name}-{screen}.jpeg"), full_page=True)


def test_P4_the_list_of_pages_holds_every_template() -> None:
    folder = ROOT / "templates"
    drawn = {str(path.relative_to(folder)) for area in ("errors", "seeker")
             for path in (folder / area).glob("[!_]*.html")}
    assert {scene.template for scene in SCENES.values()} == drawn - ELSEWHERE


@pytest.mark.parametrize(("name", "width", "theme", "language"), TODAYS, ids=[one[0] for one in TODAYS])
def test_P4_a_page_is_sound_on_todays_screen(start: Start, kept: Seen, name: str, width: int, theme: str,
                                             language: str) -> None:
    visit = start(width=width, color_scheme=theme)
    _assert_sound(visit, kept, name, language)
    _picture(visit, name)


@pytest.mark.parametrize(("name", "width", "theme", "language"), BY_TURNS)
def test_P4_a_page_is_sound_on_a_screen_by_turns(start: Start, kept: Seen, name: str, width: int, theme: str,
                                                 language: str) -> None:
    _assert_sound(start(width=width, color_scheme=theme), kept, name, language)


@pytest.mark.soak
@pytest.mark.parametrize(("width", "theme", "language"), SCREENS)
@pytest.mark.parametrize("name", SCENES)
def test_P4_a_page_is_sound_on_every_screen(start: Start, kept: Seen, name: str, width: int, theme: str,
                                            language: str) -> None:
    _assert_sound(start(width=width, color_scheme=theme), kept, name, language)


@pytest.mark.turns(4)
@pytest.mark.parametrize("name", SCENES)
def test_the_focus_is_seen_at_every_stop(start: Start, kept: Seen, name: str) -> None:
    _assert_focus_is_seen(start, kept, name, (390, 1280)[TODAY // 2 % 2], THEMES[TODAY // 4 % 2])


@pytest.mark.soak
@pytest.mark.parametrize(("width", "theme"), tuple(product((390, 1280), THEMES)))
@pytest.mark.parametrize("name", SCENES)
def test_the_focus_is_seen_at_every_stop_of_every_screen(start: Start, kept: Seen, name: str, width: int,
                                                         theme: str) -> None:
    _assert_focus_is_seen(start, kept, name, width, theme)


def _assert_focus_is_seen(start: Start, kept: Seen, name: str, width: int, theme: str) -> None:
    visit = start(width=width, height=700, color_scheme=theme)
    visit.site = kept.address
    SCENES[name].open(visit, kept.site, "")
    visit.page.evaluate("document.activeElement.blur()")
    assert hidden_focus(visit.page) == []


@pytest.mark.parametrize("scripts", [False, True], ids=["no scripts", "scripts"])
def test_from_the_box_to_saved_compared_and_paper(start: Start, kept: Seen, scripts: bool) -> None:
    visit = start(width=360, height=740, scripts=scripts)
    visit.site = kept.address
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


def test_near_me_sends_a_rounded_point_and_only_on_a_press(start: Start, kept: Seen) -> None:
    visit = start(geolocation={"latitude": 35.994033, "longitude": -78.898619}, permissions=["geolocation"])
    visit.site = kept.address
    visit.go("/programs")
    visit.press("Near me")
    visit.page.wait_for_url("**near=35.99*")
    assert "35.994" not in visit.page.url
    assert visit.page.locator(".chips").inner_text().startswith("35.99, -78.90")


@pytest.mark.parametrize("scripts", [False, True], ids=["no scripts", "scripts"])
def test_a_number_on_the_map_and_its_group_lead_to_each_other(start: Start, kept: Seen, scripts: bool) -> None:
    visit = start(width=390, height=740, scripts=scripts)
    visit.site = kept.address
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
