from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finder.accounts import setup, totp
from finder.accounts.permissions import Role, Scope
from tests.journeys.conftest import Start, served
from tests.web.account.letters import last_link
from tests.web.people import Person
from tests.web.site import Site, group

pytestmark = pytest.mark.browser
JOY, ANN = "joy@example.org", "ann@example.org"
PAGES = ("", "steps", "password", "email", "email/sent", "delete", "code-app", "passkey/new", "recovery-codes",
         "people", "people/invite", "people/ways-back", "second-step/lost")


@pytest.fixture
def own(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


@pytest.fixture
def site(own: Site) -> Iterator[str]:
    yield from served(own.app)


def with_app(own: Site, person: Person) -> None:
    with own.database.transaction() as session:
        totp.add(session, person.id, totp.new_secret(), seal=own.app.extensions["finder_accounts"].seal, step=0,
                 name=None, now=own.clock())


@pytest.mark.parametrize(("language", "width"), [("", 320), ("/es", 390), ("", 1280)])
def test_pages_of_accounts_are_easy_to_reach_and_to_read(own: Site, site: str, start: Start, language: str,
                                                        width: int) -> None:
    person = Person(own, JOY, Role.ADMINISTRATOR, (Role.OPERATOR, Scope.PROGRAM, own.ids[0]))
    other = Person(own, ANN, (Role.STEWARD, Scope.STATE, "US:PA"))
    with_app(own, person)
    visit = start(width)
    cookie = person.client.get_cookie("sid")
    assert cookie is not None
    visit.context.add_cookies([{"name": "sid", "value": cookie.value, "url": site}])
    for path in (*PAGES, f"people/{other.public_id}"):
        visit.go(f"{language}/account/{path}")
        assert visit.path == f"{language}/account/{path}"
        visit.check()


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_signing_in_are_easy_to_reach_and_to_read(own: Site, start: Start, width: int) -> None:
    owner = Person(own, JOY, Role.STEWARD)
    with own.database.transaction() as session:
        secret = setup.make_link(session, now=own.clock())
    visit = start(width)
    for path in ("sign-in", "sign-in/sent", "forgotten", "deleted", f"setup/{secret}"):
        visit.go(f"/account/{path}")
        visit.check()
    visit.go("/account/sign-in")
    visit.page.get_by_label("Your email").fill(JOY)
    visit.press("Send me a link")
    visit.go(f"/account/link/{last_link(own, JOY)}")
    visit.check()
    visit.press("Sign in")
    visit.go("/steward/")
    assert visit.path == "/account/second-step"
    visit.check()
    with_app(own, owner)
    visit.go("/account/second-step")
    visit.check()
    visit.page.get_by_label("Code").fill("000000")
    visit.press("Go on")
    assert visit.page.get_by_text("That code is not right").first.is_visible()
