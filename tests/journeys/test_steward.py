"""What comes in from editors and strangers goes through the steward's desk, and is found in the next request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from finder.listings.review import Trust
from tests.journeys.conftest import Start, Visit, served
from tests.web.people import Person
from tests.web.steward.desk import StewardSite

pytestmark = pytest.mark.browser

SCREENS = {"narrow, no scripts": {"width": 320, "height": 640, "scripts": False},
           "desk": {"width": 1280, "height": 800}}


@pytest.fixture
def site(tmp_path: Path) -> StewardSite:
    return StewardSite(tmp_path)


@pytest.fixture
def address(site: StewardSite) -> Iterator[str]:
    yield from served(site.app)


def enter(visit: Visit, address: str, person: Person | None) -> Visit:
    visit.site = address
    if person is not None:
        cookie = person.client.get_cookie("sid")
        assert cookie is not None
        visit.context.add_cookies([{"name": "sid", "value": cookie.value, "url": address}])
    return visit


@pytest.mark.parametrize("screen", SCREENS)
def test_a_phone_that_an_editor_changes_is_seen_after_a_stewards_yes(start: Start, site: StewardSite, address: str,
                                                                     screen: str) -> None:
    editor = enter(start(**SCREENS[screen]), address, site.joy)
    editor.go(f"/operator/listings/{site.slugs[0]}/edit")
    editor.page.locator("[name='contact.phone']").fill("919-555-0146")
    editor.page.locator(".actions [value=preview]").click()
    editor.page.locator("main .actions .btn").click()
    editor.page.wait_for_load_state()
    reader = enter(start(**SCREENS[screen]), address, None)
    reader.go(f"/programs/{site.slugs[0]}")
    assert "919-555-0190" in reader.page.locator("main").inner_text()
    steward = enter(start(**SCREENS[screen]), address, site.sam)
    steward.go("/steward/")
    steward.check()
    expect(steward.page.locator(".diff ins mark").first).to_have_text("0146")
    steward.page.locator(".diff__row .pair input[value=accept]").check(force=True)
    steward.press("Save these choices")
    expect(steward.page.locator(".notice--good")).to_be_visible()
    steward.check()
    reader.go(f"/programs/{site.slugs[0]}")
    assert "919-555-0146" in reader.page.locator("main").inner_text()


def test_a_strangers_correction_is_accepted_found_and_thanked_for(start: Start, site: StewardSite,
                                                                  address: str) -> None:
    stranger = enter(start(width=390, height=740), address, None)
    stranger.go(f"/programs/{site.slugs[0]}/correct")
    stranger.page.locator("[name=name]").fill("Lantern Circle")
    stranger.page.locator("[name=reply_to]").fill("visitor@example.org")
    site.wait(10)
    stranger.page.locator("main form .btn").last.click()
    stranger.page.wait_for_load_state()
    assert stranger.path.endswith("/sent")
    steward = enter(start(width=1280, height=800), address, site.sam)
    steward.go("/steward/")
    steward.press("Accept all")
    reader = enter(start(width=390, height=740), address, None)
    reader.go("/programs?text=Lantern+Circle")
    expect(reader.page.locator(".match h3 a").first).to_have_text("Lantern Circle")
    (letter,) = site.letters("decision")
    assert (letter.address, letter.facts["state"]) == ("visitor@example.org", "accepted")


def test_a_rejection_without_a_reason_is_told_at_the_field(start: Start, site: StewardSite, address: str) -> None:
    site.propose(name="Creek")
    steward = enter(start(width=320, height=640), address, site.sam)
    steward.go("/steward/")
    steward.page.locator(".pair input[value=reject]").check(force=True)
    steward.press("Save these choices")
    steward.complaints.clear()  # Chromium notes the status 422
    steward.check()
    expect(steward.page.locator(".errors a")).to_have_attribute("href", "#words")
    steward.page.locator("#words").fill("That is not its name.")
    steward.press("Save these choices")
    assert site.letters("decision")[0].facts["reason"] == "That is not its name."


def test_O4_a_defaced_listing_is_put_back_from_its_history(start: Start, site: StewardSite, address: str) -> None:
    site.propose(trust=Trust.STEWARD, account=site.joy.id, name="Buy pills")
    steward = enter(start(width=390, height=740), address, site.sam)
    steward.go(f"/steward/listing/{site.slugs[0]}")
    steward.check()
    steward.page.locator(f"a[href$='{site.slugs[0]}/versions/1']").click()
    steward.page.wait_for_load_state()
    steward.check()
    steward.press("Put the listing back to this version")
    steward.check()
    assert site.see(0).document["name"] == "River Circle 1"
    steward.go(f"/steward/revert/{site.joy.public_id}")
    steward.check()
