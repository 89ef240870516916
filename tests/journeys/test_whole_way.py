"""The whole way by keyboard alone, with and without scripts: home, questions, results, a group, compared, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest

from tests.journeys.conftest import Start, Visit, served
from tests.web.sample import LISTINGS
from tests.web.site import Site

pytestmark = pytest.mark.browser

TOWN = "Durham, NC 27701"
NAME, FIRST_SAVE = ".match h3 a", "button[form=keep]"
NEXT_SAVE = ".match:nth-of-type(2) button[form=keep]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = Site(tmp_path_factory.mktemp("site"), [dict(one) for one in LISTINGS])
    yield from served(made.app)


def _answer(visit: Visit, prefix: str) -> None:
    """Through the questions: some answered, some skipped, every page checked."""
    keys, page = visit.page.keyboard, visit.page
    visit.go(f"{prefix}/")
    visit.check()
    visit.enter(".door--main a", "/find/who")
    while "/find/" in visit.path:
        visit.check()
        asked = visit.path.rsplit("/", 1)[-1]
        if asked == "need":
            visit.tab_to("[value=depression]")
            keys.press("Space")
        elif asked == "feelings":
            for item in range(4):
                visit.tab_to(f'[name="phq4.{item}"]')
                keys.press("Space")
                keys.press("ArrowDown")
        elif asked == "where":
            visit.tab_to("#near-text")
            keys.type(TOWN)
            visit.tab_to('[name="formats.in_person"]')
            keys.press("ArrowRight")
        visit.tab_to(".actions .btn" if asked in ("need", "feelings", "where") else ".actions [name=skip]")
        with page.expect_navigation():
            keys.press("Enter")
        page.wait_for_load_state()
    assert visit.path == f"{prefix}/results"


@pytest.mark.turns(2)
@pytest.mark.parametrize("prefix", ["", "/es"], ids=["en", "es"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_whole_way_by_keyboard_alone(start: Start, address: str, scripts: bool, prefix: str) -> None:
    visit = start(width=390 if prefix else 1280, height=740, scripts=scripts)
    visit.site, page = address, visit.page
    _answer(visit, prefix)
    visit.check()
    names = page.locator(NAME).all_inner_texts()[:2]
    with page.expect_navigation():
        visit.tab_to(NAME)
        page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == names[0]
    visit.check()
    visit.enter(FIRST_SAVE, "/saved")
    visit.check()
    visit.enter("[name=yes]", page.url.rsplit("/", 1)[-1] if "/programs/" in page.url else "")
    visit.enter(".back", "/results")
    visit.enter(NEXT_SAVE, "/results")
    visit.enter(".masthead a[href$='/saved']", "/saved")
    assert sorted(page.locator(NAME).all_inner_texts()) == sorted(names)
    visit.check()
    visit.enter("form.panel button", "/compare")
    assert sorted(page.locator("thead h2").all_inner_texts()) == sorted(names) or not page.locator("thead").is_visible()
    visit.check()
    visit.enter("a[href*='/handout']", "/handout")
    assert sorted(page.locator(".hand__list h2").all_inner_texts()) == sorted(names)
    visit.check()
    _print(visit, names)
    _left_no_trace(visit)


def _print(visit: Visit, names: list[str]) -> None:
    """With scripts by the button; without, the browser's own command, which needs only a page made for paper."""
    page = visit.page
    if visit.scripts:
        page.evaluate("window.print = () => { document.title = 'printed'; }")
        visit.tab_to("[data-print]")
        page.keyboard.press("Enter")
        assert page.title() == "printed"
    else:
        assert page.locator("[data-print]").is_hidden()
    page.emulate_media(media="print")
    assert all(page.get_by_text(name).first.is_visible() for name in names)
    assert page.locator(".hand__crisis").is_visible()
    assert not page.locator(".masthead .nav, .foot, .exit").first.is_visible()
    assert page.pdf(format="Letter").count(b"/Type /Page\n") == 1


def _left_no_trace(visit: Visit) -> None:
    for request in visit.requests:
        told = unquote_plus(request.url)
        assert "Durham" not in told
        assert "depression" not in told
        assert not request.headers.get("referer")
