"""Somebody who runs a group keeps its listing true: on a narrow phone, without scripts, and with all comforts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Start, Visit, served
from tests.web.operator.desk import OperatorDesk
from tests.web.people import Person

pytestmark = pytest.mark.browser

SCREENS = {
    "narrow": {"width": 320, "height": 640}, "narrow, no scripts": {"width": 320, "height": 640, "scripts": False},
    "desk": {"width": 1280, "height": 800}, "dark phone": {"width": 390, "height": 740, "color_scheme": "dark"},
}


@pytest.fixture
def desk(tmp_path: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path)


@pytest.fixture
def address(desk: OperatorDesk) -> Iterator[str]:
    yield from served(desk.app)


def enter(visit: Visit, address: str, person: Person) -> Visit:
    """Signs the browser in."""
    visit.site = address
    cookie = person.client.get_cookie("sid")
    assert cookie is not None
    visit.context.add_cookies([{"name": "sid", "value": cookie.value, "url": address}])
    return visit


@pytest.mark.parametrize("prefix", ["", "/es"], ids=["en", "es"])
@pytest.mark.parametrize("screen", SCREENS)
def test_an_edit_is_previewed_published_and_found_in_the_next_search(
        start: Start, desk: OperatorDesk, address: str, screen: str, prefix: str) -> None:
    visit = enter(start(**SCREENS[screen]), address, desk.joy)
    page = visit.page
    visit.go(f"{prefix}/operator/")
    visit.check()
    page.locator(f"a[href$='{desk.slug}/edit']").click()
    page.wait_for_load_state()
    visit.check()
    page.locator("[name='name']").fill("Lantern Circle")
    page.locator("[name='sessions.0.when']").fill("1st and 3rd Monday, 6–7:30 pm")
    page.locator("[name='contact.phone']").fill("919-555-0199")
    page.locator(".actions [value=preview]").click()
    page.wait_for_load_state()
    assert visit.path.endswith("/preview")
    visit.check()
    assert page.locator(".tag--ochre").count() == 1, "the new number waits"
    page.locator("[name=still_right]").check()
    page.locator("main .actions .btn").click()
    page.wait_for_load_state()
    assert visit.path.endswith("/published")
    visit.check()
    visit.go(f"{prefix}/programs?text=Lantern+Circle")
    page.locator(".match h3 a", has_text="Lantern Circle").click()
    page.wait_for_load_state()
    expect(page.locator("h1")).to_have_text("Lantern Circle")
    assert "919-555-0142" in page.locator("main").inner_text()
    assert "919-555-0199" not in page.locator("main").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_meeting_times_are_added_and_moved_on_a_narrow_phone(start: Start, desk: OperatorDesk, address: str,
                                                             scripts: bool) -> None:
    visit = enter(start(width=320, height=640, scripts=scripts), address, desk.joy)
    page = visit.page
    visit.go(desk.edit)
    page.locator("[name='name']").fill("Half typed")
    page.locator("[name=do][value=add]").click()
    page.wait_for_load_state()
    visit.check()
    assert page.url.endswith("#session-3")
    page.locator("[name='sessions.2.format']").select_option("phone")
    page.locator("[name='sessions.2.when']").fill("Fridays at noon")
    page.locator("[name=do][value='up:2']").click()
    page.wait_for_load_state()
    expect(page.locator("[name='sessions.1.when']")).to_have_value("Fridays at noon")
    expect(page.locator("[name='name']")).to_have_value("Half typed")
    page.locator(".actions [value=publish]").click()
    page.wait_for_load_state()
    assert [one["format"] for one in desk.listing().document["sessions"]] == ["in_person", "phone", "online_video"]


def test_errors_are_told_first_and_lead_to_their_fields(start: Start, desk: OperatorDesk, address: str) -> None:
    visit = enter(start(width=320, height=640), address, desk.joy)
    page = visit.page
    visit.go(desk.edit)
    page.locator("[name='age.min']").fill("old")
    page.locator(".actions [value=publish]").click()
    page.wait_for_load_state()
    visit.complaints = [one for one in visit.complaints if "status of 422" not in one]
    visit.check()
    assert page.evaluate("document.activeElement.className") == "errors"
    page.locator(".errors a").first.click()
    assert page.evaluate("document.activeElement.id") == "age.min"


def test_writing_is_saved_and_shown_beside_without_a_press(start: Start, desk: OperatorDesk, address: str) -> None:
    visit = enter(start(), address, desk.joy)
    page = visit.page
    visit.go(desk.edit)
    page.locator("[name='name']").fill("Lantern Circle")
    expect(page.locator("[data-live] h3").first).to_have_text("Lantern Circle")
    expect(page.locator("[data-draft-says]")).to_have_text("Draft saved", timeout=15_000)
    visit.check()
    page.reload()
    expect(page.locator("[name='name']")).to_have_value("Lantern Circle")
    assert desk.listing().version == 1


def test_a_press_on_the_map_sets_the_very_point(start: Start, desk: OperatorDesk, address: str) -> None:
    visit = enter(start(), address, desk.joy)
    page = visit.page
    visit.go(desk.edit)
    page.locator("summary", has_text="Set the point yourself").first.click()
    page.locator("[data-pick] svg").first.click(position={"x": 60, "y": 60})
    latitude = float(page.locator("[name='sessions.0.location.latitude']").input_value())
    longitude = float(page.locator("[name='sessions.0.location.longitude']").input_value())
    assert 35.99 < latitude < 36.1, "north of where it was"
    assert -79.1 < longitude < -78.9, "west of where it was"


def test_other_pages_of_the_desk_are_sound_on_a_narrow_phone(start: Start, desk: OperatorDesk, address: str) -> None:
    visit = enter(start(width=320, height=640), address, desk.joy)
    for name in ("pause", "delete", "copy", "history", "editors", "preview"):
        visit.go(f"/operator/listings/{desk.slug}/{name}")
        visit.check()
    visit.go("/operator/new")
    visit.check()
    slow = start(width=320, height=640)
    enter(slow, address, desk.joy).go(desk.edit)
    desk.send(desk.steward(), {"name": "Sam’s name", "description": "Sam’s words"})
    slow.page.locator("[name='name']").fill("Joy’s name")
    slow.page.locator(".actions [value=publish]").click()
    slow.page.wait_for_load_state()
    slow.complaints = [one for one in slow.complaints if "status of 409" not in one]
    slow.check()
    assert slow.page.locator("[value=mine]").count() == 2
