"""How a listing stays true, end to end: people, a mail server, and the search that sees it in the next request."""

from __future__ import annotations

import email
import io
import re
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Page

from finder.accounts.permissions import Role
from finder.cli.work import JOBS, Worker
from tests.journeys.conftest import Start, Visit, served
from tests.journeys.test_operator import enter
from tests.mail.boxes import Rules, smtp_server
from tests.web.operator.desk import RICH
from tests.web.people import Person
from tests.web.site import Site, group

pytestmark = pytest.mark.browser

CONTACT = RICH["contact"]["email"]


class Town:
    """A site with a mail server. What is due is done when `deliver` is called; letters are read by their address."""

    def __init__(self, folder: Path, host: str, rules: Rules) -> None:
        self.site = Site(folder, [group(1, **{**RICH, "name": "Lantern Table"})], mail_url=f"smtp://{host}?tls=none",
                         instance=folder)
        self.rules, self.read = rules, 0
        self.site.app.extensions["finder_screen"] = io.StringIO()
        self.slug = self.site.slugs[0]
        self.address = ""

    def deliver(self) -> list[tuple[str, str]]:
        """Does what `finder work` does; gives address and text of every new letter."""
        worker = Worker(self.site.app.extensions["finder"], JOBS)
        with self.site.app.app_context():
            worker.round()
        new = self.rules.letters[self.read:]
        self.read = len(self.rules.letters)
        return [(one.rcpt_tos[0], text_of(one.content)) for one in new]

    def link(self, to: str, under: str) -> str:
        """The link under an address of this site in the newest letter to somebody."""
        texts = [text for address, text in self.deliver() if address == to]
        assert texts, f"no letter to {to}"
        found = re.search(rf"https?://[^/\s]+({under}\S+)", texts[-1])
        assert found, texts[-1]
        return found[1]


def text_of(content: bytes | str | None) -> str:
    message = email.message_from_bytes(content if isinstance(content, bytes) else str(content).encode(), policy=default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    rules = Rules()
    with smtp_server(rules) as host:
        found = Town(tmp_path, host, rules)
        for address in served(found.site.app):
            found.address = address
            yield found


def visit_of(start: Start, town: Town, **screen: object) -> Visit:
    visit = start(**screen)
    visit.site = town.address
    return visit


def press(page: Page, selector: str) -> None:
    page.locator(selector).first.click()
    page.wait_for_load_state()


def listing_says(start: Start, town: Town, words: str) -> bool:
    """Whether a search finds the listing and its page says these words."""
    visit = visit_of(start, town)
    visit.go("/programs?text=Lantern")
    press(visit.page, ".match h3 a")
    return words in visit.page.locator("main").inner_text()


def test_a_group_is_claimed_edited_reviewed_and_found_in_the_next_search(start: Start, town: Town) -> None:
    joy = visit_of(start, town, width=390, height=740)
    joy.go(f"/programs/{town.slug}")
    press(joy.page, f"a[href$='/programs/{town.slug}/claim']")
    joy.page.locator("[name=email]").fill("joy@example.org")
    joy.check()
    press(joy.page, "[name=way][value=link]")
    joy.check()
    joy.go(town.link("joy@example.org", "/account/link/"))
    joy.check()
    press(joy.page, "main .actions .btn")
    assert joy.path == f"/programs/{town.slug}/claim"
    joy.page.locator("[name=method][value=contact]").check()
    joy.check()
    press(joy.page, "main .actions .btn")

    contact = visit_of(start, town)
    contact.go(town.link(CONTACT, "/claims/"))
    contact.check()
    press(contact.page, "[name=answer][value=yes]")
    contact.check()

    joy.go("/operator/")  # a new right ends what was signed in before
    joy.page.locator("[name=email]").fill("joy@example.org")
    press(joy.page, "[name=way][value=link]")
    joy.go(town.link("joy@example.org", "/account/link/"))
    press(joy.page, "main .actions .btn")
    joy.go("/operator/")
    joy.check()
    press(joy.page, f"a[href$='{town.slug}/edit']")
    joy.page.locator("textarea[name=description]").fill("There is soup now.")
    joy.page.locator("[name='contact.phone']").fill("919-555-0188")
    press(joy.page, ".actions [value=preview]")
    joy.check()
    press(joy.page, "main .actions .btn")
    assert listing_says(start, town, "There is soup now.")
    assert not listing_says(start, town, "919-555-0188")

    sam = enter(visit_of(start, town), town.address, Person(town.site, "sam@example.org", Role.STEWARD))
    sam.go("/steward/")
    sam.check()
    assert "Lantern Table" in sam.page.locator("main").inner_text()
    press(sam.page, "[name=all][value=accept]")
    sam.check()
    assert listing_says(start, town, "919-555-0188")
    assert any(address == "joy@example.org" for address, _ in town.deliver())


def test_a_strangers_correction_is_taken_and_thanked(start: Start, town: Town) -> None:
    stranger = visit_of(start, town, width=390, height=740)
    stranger.go(f"/programs/{town.slug}")
    press(stranger.page, f"a[href$='/programs/{town.slug}/correct']")
    stranger.page.locator("[name='contact.phone'], [name=phone]").first.fill("919-555-0177")
    stranger.page.locator("[name=reply_to]").fill("kim@example.org")
    stranger.check()
    town.site.wait(30)
    press(stranger.page, "main .actions .btn")
    stranger.check()
    assert not listing_says(start, town, "919-555-0177")
    sam = enter(visit_of(start, town), town.address, Person(town.site, "sam@example.org", Role.STEWARD))
    sam.go("/steward/")
    press(sam.page, "[name=all][value=accept]")
    assert listing_says(start, town, "919-555-0177")
    ((address, text),) = [one for one in town.deliver() if one[0] == "kim@example.org"]
    assert "hank" in text


def test_the_link_of_a_reminder_dates_the_listing_afresh(start: Start, town: Town) -> None:
    assert "Checked" not in listing_mark(start, town)
    contact = visit_of(start, town, width=390, height=740, scripts=False)
    path = town.link(CONTACT, "/mail/")
    contact.go(path)
    contact.check()
    press(contact.page, "[name=what][value=right]")
    contact.check()
    assert "Checked" in listing_mark(start, town)
    contact.go(path)
    contact.check()


def listing_mark(start: Start, town: Town) -> str:
    visit = visit_of(start, town)
    visit.go("/programs?text=Lantern")
    return visit.page.locator(".match .fresh").first.inner_text()
