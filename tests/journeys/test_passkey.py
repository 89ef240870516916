from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import Start, Visit, served
from tests.web.account.letters import last_link
from tests.web.people import Person
from tests.web.site import Site, group

pytestmark = pytest.mark.browser
JOY = "joy@example.org"


@pytest.fixture
def own(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


@pytest.fixture
def site(own: Site) -> Iterator[str]:
    """Passkeys are for names and never for numbers, so the browser asks for "localhost"."""
    for address in served(own.app):
        yield f"http://localhost:{urlsplit(address).port}"


def with_device(visit: Visit) -> None:
    """Gives the browser a device that knows its owner."""
    line = visit.context.new_cdp_session(visit.page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True}})


def test_a_passkey_is_made_and_signs_in_without_a_letter(own: Site, start: Start) -> None:
    Person(own, JOY)
    visit = start(390, 780)
    with_device(visit)
    visit.go("/account/sign-in")
    visit.check()
    visit.page.get_by_label("Your email").fill(JOY)
    visit.press("Send me a link")
    visit.go(f"/account/link/{last_link(own, JOY)}")
    visit.check()
    visit.press("Sign in")
    assert visit.path == "/account/"
    visit.check()
    visit.go("/account/passkey/new")
    visit.check()
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Make a passkey").click()
    assert visit.path == "/account/recovery-codes"
    visit.press("Make ten codes")
    visit.check()
    visit.page.get_by_role("button", name="Sign out").click()
    visit.page.wait_for_load_state()
    visit.go("/account/sign-in?to=/account/steps")
    with visit.page.expect_navigation(url="**/account/steps"):
        visit.page.get_by_role("button", name="Sign in with a passkey").click()
    assert "Passkey" in visit.page.inner_text("main")
    visit.check()


def test_a_device_without_the_passkey_is_told_so_in_words(own: Site, start: Start) -> None:
    visit = start()
    with_device(visit)
    visit.go("/account/sign-in")
    visit.page.get_by_role("button", name="Sign in with a passkey").click()
    visit.page.get_by_text("That did not work. Try again, or take another way.").first.wait_for()


def test_without_scripts_the_page_says_that_passkeys_need_them_and_the_rest_works(own: Site, start: Start) -> None:
    visit = start(scripts=False)
    visit.go("/account/sign-in")
    assert visit.page.get_by_text("Passkeys need scripts.").is_visible()
    assert not visit.page.get_by_role("button", name="Sign in with a passkey").is_visible()
    visit.page.get_by_label("Your email").fill(JOY)
    visit.press("Send me a link")
    assert visit.path == "/account/sign-in/sent"


def test_enter_takes_the_password_where_one_was_typed_and_the_link_where_not(own: Site, start: Start) -> None:
    visit = start()
    visit.go("/account/sign-in")
    visit.page.get_by_label("Your email").fill(JOY)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/account/sign-in/sent")
    visit.go("/account/sign-in")
    visit.page.get_by_label("Your email").fill(JOY)
    visit.page.get_by_text("Sign in with a password").click()
    field = visit.page.get_by_label("Password", exact=True)
    field.fill("some words that are wrong")
    visit.page.get_by_role("button", name="Show password").click()
    assert field.get_attribute("type") == "text"
    field.press("Enter")
    visit.page.get_by_text("do not go together").first.wait_for()
