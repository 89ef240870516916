"""A person looks for a group: on a phone, a narrow one, a desk, without scripts, in Spanish, by keyboard alone."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Start, Visit

pytestmark = pytest.mark.browser

CANARY = "zqcanary feeling down"
PLACE = "Durham, NC 27701"
QUESTIONS = 8
SCREENS = {
    "phone": {"width": 360, "height": 740}, "narrow": {"width": 320, "height": 640},
    "desk": {"width": 1280, "height": 800}, "dark": {"width": 1280, "height": 800, "color_scheme": "dark"},
    "no-scripts": {"width": 360, "height": 740, "scripts": False},
}


def _answer(visit: Visit, prefix: str = "") -> None:
    """Through all questions to the results, as a person would, with each page checked."""
    page = visit.page
    visit.go(f"{prefix}/")
    visit.check()
    page.locator(".door--main a").click()
    for _ in range(QUESTIONS):
        name = visit.path.rsplit("/", 1)[-1]
        if name == "need":
            page.locator("[value=depression]").check()
            page.locator("#needs-text").fill(CANARY)
        elif name == "feelings":
            for item, value in enumerate("1221"):
                page.locator(f'[name="phq4.{item}"][value="{value}"]').check()
        elif name == "safety":
            page.locator("[name=safety][value=none]").check()
        elif name == "where":
            page.locator("#near-text").fill(PLACE)
            page.locator("[name=radius_miles]").select_option("25")
            page.locator('[name="times.evening"][value=wish]').check(force=True)
        visit.check()
        page.locator(".actions .btn").click()
        page.wait_for_load_state()
    assert visit.path == f"{prefix}/results"
    visit.check()


@pytest.mark.turns(2)
@pytest.mark.parametrize("prefix", ["", "/es"], ids=["en", "es"])
@pytest.mark.parametrize("screen", SCREENS)
def test_P1_from_home_to_a_group_and_away_without_a_trace(start: Start, screen: str, prefix: str) -> None:
    visit = start(**SCREENS[screen])
    page = visit.page
    _answer(visit, prefix)
    first = page.locator(".match h3 a").first
    name = first.inner_text()
    first.click()
    page.wait_for_load_state()
    expect(page.locator("h1")).to_have_text(name)
    visit.check()
    page.go_back()
    expect(page.locator(".match h3 a").first).to_have_text(name)
    page.reload()
    expect(page.locator(".match h3 a").first).to_have_text(name)
    page.locator(".clear button").click()
    page.wait_for_load_state()
    assert visit.path == f"{prefix}/answers/cleared"
    visit.check()
    assert not visit.context.cookies()
    page.go_back()
    assert CANARY not in page.content()
    assert not visit.complaints
    for request in visit.requests:
        assert "zqcanary" not in unquote_plus(request.url)
        assert "Durham" not in unquote_plus(request.url)
        assert not request.headers.get("referer")


@pytest.mark.turns(3)
@pytest.mark.parametrize("path", ["/", "/programs?near=Durham, NC&topic=1", "/programs/lantern-street",
                                  "/programs/hostile", "/programs/bare", "/programs/winter-rest", "/crisis", "/topics",
                                  "/privacy", "/accessibility", "/how-matching-works", "/nowhere", "/results",
                                  "/programs?topic=999"])
@pytest.mark.parametrize("screen", ["narrow", "dark"])
def test_every_other_page_is_sound(start: Start, screen: str, path: str) -> None:
    visit = start(**SCREENS[screen])
    visit.page.on("dialog", lambda dialog: pytest.fail("a listing ran a script"))
    visit.go(path)
    visit.complaints = [one for one in visit.complaints if "status of 4" not in one]
    visit.check()
    assert visit.page.evaluate("window.__x") is None
    line = visit.page.locator(".lampline")
    expect(line).to_be_in_viewport()
    expect(line.locator("a[href='tel:988']")).to_be_visible()


@pytest.mark.parametrize("screen", ["narrow", "no-scripts", "dark"])
@pytest.mark.parametrize("prefix", ["", "/es"], ids=["en", "es"])
def test_Y3_help_is_seen_first_without_scrolling(start: Start, screen: str, prefix: str) -> None:
    visit = start(**SCREENS[screen])
    page = visit.page
    visit.go(f"{prefix}/find/need")
    page.locator("[value=depression]").check()
    page.locator(".actions .btn").click()
    visit.go(f"{prefix}/find/where")
    page.locator("#near-text").fill(PLACE)
    page.locator(".actions .btn").click()
    visit.go(f"{prefix}/find/safety")
    page.locator("[name=safety][value=active]").check()
    page.locator("[name=see]").click()
    page.wait_for_load_state()
    expect(page.locator(".first h2")).to_be_in_viewport()
    expect(page.locator(".first a[href^='tel:988']").first).to_be_in_viewport()
    expect(page.locator(".lampline")).to_be_in_viewport()
    expect(page.locator(".match").first).to_be_visible()
    visit.check()


def test_keyboard_is_enough(start: Start) -> None:
    visit = start(**SCREENS["desk"])
    keys = visit.page.keyboard
    visit.go("/")
    keys.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "main"
    visit.tab_to(".door--main a")
    keys.press("Enter")
    visit.page.wait_for_url("**/find/who")
    visit.tab_to(".actions .btn")
    keys.press("Enter")
    visit.page.wait_for_url("**/find/need")
    visit.tab_to("[value=depression]")
    keys.press("Space")
    visit.tab_to(".actions .btn")
    keys.press("Enter")
    visit.page.wait_for_url("**/find/feelings")
    visit.go("/find/where")
    visit.tab_to("#near-text")
    keys.type(PLACE)
    visit.tab_to('[name="formats.in_person"]')
    keys.press("ArrowRight")
    assert visit.page.locator('[name="formats.in_person"][value=wish]').is_checked()
    keys.press("Enter")
    visit.page.wait_for_url("**/find/preferences")
    visit.tab_to(".actions .btn")
    keys.press("Enter")
    visit.page.wait_for_url("**/results")
    visit.tab_to(".match h3 a")
    keys.press("Enter")
    visit.page.wait_for_url("**/programs/*")


def test_wrong_answer_takes_the_reader_to_the_summary_and_the_field(start: Start) -> None:
    visit = start(**SCREENS["phone"])
    visit.go("/find/where")
    visit.page.locator(".actions .btn").click()
    visit.page.wait_for_load_state()
    expect(visit.page.locator(".errors")).to_be_focused()
    visit.complaints.clear()  # the browser notes the status 422
    visit.check()
    visit.page.locator(".errors a").click()
    expect(visit.page.locator("#near-text")).to_be_focused()


@pytest.mark.parametrize("how", ["button", "Shift"])
def test_P7_leave_swaps_the_page_and_back_does_not_return(start: Start, how: str) -> None:
    visit = start(**SCREENS["phone"])
    visit.context.route("https://www.weather.gov/", lambda route: route.fulfill(body="<h1>Weather</h1>",
                                                                                content_type="text/html"))
    visit.go("/privacy")
    visit.go("/find/need")
    visit.page.locator("#needs-text").fill(CANARY)
    if how == "button":
        visit.page.locator(".exit").click()
    else:
        for _ in range(3):
            visit.page.keyboard.press(how)
    visit.page.wait_for_url("https://www.weather.gov/")
    visit.page.go_back()
    assert visit.path == "/privacy"
    assert CANARY not in visit.page.content()


@pytest.mark.parametrize("how", ["button", "Shift", "button without scripts"])
def test_P7_after_leaving_from_a_group_back_shows_no_results(start: Start, how: str) -> None:
    visit = start(**SCREENS["no-scripts" if "without" in how else "phone"])
    visit.context.route("https://www.weather.gov/", lambda route: route.fulfill(body="<h1>Weather</h1>",
                                                                                content_type="text/html"))
    _answer(visit)
    page = visit.page
    page.locator(".match h3 a").first.click()
    page.wait_for_load_state()
    if how == "Shift":
        for _ in range(3):
            page.keyboard.press(how)
    else:
        page.locator(".exit").click()
    page.wait_for_url("https://www.weather.gov/")
    page.go_back()
    if not visit.scripts:  # then the page left stays in the way back; it is of a group, and says nothing of answers
        assert page.locator(".clear").count() == 0
        page.go_back()
    assert visit.path == "/results"
    assert page.locator(".match").count() == 0
    assert "Durham" not in page.content()
    page.go_back()
    assert visit.path.startswith("/find/")
    assert page.locator("input:checked").count() == 0
    assert not [one for one in visit.context.cookies() if one["name"].endswith("answers")]


def test_P7_two_presses_or_other_keys_do_not_leave(start: Start) -> None:
    visit = start(**SCREENS["desk"])
    visit.go("/find/need")
    for key in ("Shift", "Shift", "a", "Shift", "Escape", "Escape", "Escape", "Shift"):
        visit.page.keyboard.press(key)
    visit.page.wait_for_timeout(300)
    assert visit.path == "/find/need"


def test_P6_nothing_is_stored_on_the_device_but_the_locked_cookie(start: Start) -> None:
    visit = start(**SCREENS["phone"])
    visit.go("/")
    assert not visit.context.cookies()
    visit.page.locator("#need").fill(CANARY)
    visit.page.locator("#place").fill(PLACE)
    visit.page.locator(".seek .btn").click()
    visit.page.wait_for_url("**/results")
    heading, cookies = visit.page.locator("h1").inner_text(), visit.context.cookies()
    assert [(one["name"], one["httpOnly"], one["sameSite"]) for one in cookies] == [("answers", True, "Strict")]
    stored = visit.page.evaluate("""async () => ({
        local: {...localStorage}, session: {...sessionStorage}, bases: await indexedDB.databases(),
        caches: await caches.keys(), workers: (await navigator.serviceWorker.getRegistrations()).length,
        readable: document.cookie, history: history.state, title: document.title,
    })""")
    assert stored == {"local": {}, "session": {}, "bases": [], "caches": [], "workers": 0, "readable": "",
                      "history": None, "title": f"{heading} – Open Seat"}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize(("urgent", "first"), [("overdose", "tel:911"), ("withdrawal", "tel:911"),
                                               ("violence", "tel:+18007997233"), ("mania", "tel:988")])
def test_Y3_each_kind_of_help_stands_first_with_its_own_number(start: Start, urgent: str, first: str,
                                                               scripts: bool) -> None:
    visit = start(width=320, height=640, scripts=scripts)
    said = (("need", {"needs": "depression"}), ("where", {"near.text": PLACE}), ("safety", {"urgent": urgent}))
    for page, form in said:
        visit.context.request.post(f"{visit.site}/find/{page}", form=form)
    visit.go("/results")
    ways = visit.page.locator(".first .ways a")
    assert ways.first.get_attribute("href") == first
    expect(ways.first).to_be_in_viewport()
    assert visit.page.locator(".first a[href='tel:911']").count()
    expect(visit.page.locator(".exit")).to_be_in_viewport()
    expect(visit.page.locator(".match").first).to_be_visible()  # nothing is held back
    visit.check()


@pytest.mark.parametrize("screen", ["phone", "no-scripts"])
@pytest.mark.parametrize("path", ["/results", "/programs?topic=1", "/es/programs?topic=1"])
def test_how_many_groups_there_are_is_said_as_the_page_opens(start: Start, screen: str, path: str) -> None:
    visit = start(**SCREENS[screen])
    for page, form in (("need", {"needs": "depression"}), ("where", {"near.text": PLACE})):
        visit.context.request.post(f"{visit.site}/find/{page}", form=form)
    visit.go(path)
    heading = visit.page.locator("h1").inner_text()
    count = heading.split()[0]
    assert int(count) > 1
    # a screen reader says the title first, with or without scripts
    assert count in visit.page.title()
    if visit.scripts:
        expect(visit.page.locator("[role=status][data-status]")).to_have_text(heading)


def test_P6_filters_and_relaxing_work_without_scripts(start: Start) -> None:
    visit = start(**SCREENS["no-scripts"])
    page = visit.page
    visit.go("/find/need")
    page.locator("[value=depression]").check()
    page.locator(".actions .btn").click()
    visit.go("/find/where")
    page.locator("#near-text").fill("Raleigh, NC")
    page.locator("[name=radius_miles]").select_option("2")
    page.locator('[name="formats.in_person"][value=must]').check(force=True)
    page.locator(".actions .btn").click()
    visit.go("/results")
    before = page.locator("h1").inner_text()
    page.locator(".hiddenbox button").first.click()
    page.wait_for_load_state()
    assert visit.path == "/results"
    assert page.locator("h1").inner_text() != before
    visit.check()


@pytest.mark.parametrize("media", ["forced-colors", "print"])
def test_forced_colors_and_paper_keep_every_word(start: Start, media: str) -> None:
    visit = start(**SCREENS["desk"], **({"forced_colors": "active"} if media == "forced-colors" else {}))
    if media == "print":
        visit.page.emulate_media(media="print")
    visit.go("/programs/lantern-street")
    for selector in (".lampline", "h1", ".when", ".join", ".facts", ".checked"):
        expect(visit.page.locator(selector).first).to_be_visible()
    visit.shoot()
