"""A clinician with three minutes, a group without an account, the person it is about: the whole loop of a referral."""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from finder.accounts import own
from finder.accounts.passwords import Passwords
from finder.cli.work import JOBS, Worker
from tests.journeys.conftest import Start, Visit, served
from tests.journeys.test_operator import enter
from tests.journeys.test_true_listings import press, text_of
from tests.mail.boxes import Rules, smtp_server
from tests.make import make_session
from tests.referrals.samples import make_team
from tests.web.people import Person
from tests.web.site import Site, group

pytestmark = pytest.mark.browser

PASSWORD = "seven plain wooden chairs in a ring"
DURHAM = {"city": "Durham", "state": "NC", "latitude": 35.99, "longitude": -78.9, "precision": "exact"}
WEEKLY = {"repeats": "FREQ=WEEKLY;BYDAY=TH", "start_time": "18:00", "duration_minutes": 90,
          "timezone": "America/New_York"}
MOST_SECONDS, MOST_STEPS = 60, 12
# What the person is known by and needs; none of it may stand where others read.
CANARIES = ("Zqcanary Person", "919-555-0137", "zqcanary@example.org", "zqcanary hint", "zqcanary reason")


class Clinic:
    """A site with three groups in a town, a mail server, and a team of one."""

    def __init__(self, folder: Path, host: str, rules: Rules) -> None:
        self.folder, self.rules, self.read = folder, rules, 0
        self.site = Site(folder, [group(
            number, focus=["depression"], sessions=[make_session(location=DURHAM, **WEEKLY)],
            severity={"min": 1, "max": 3}, contact={"phone": f"919-555-01{number}0",
                                                    "email": f"group{number}@example.org"})
            for number in (1, 2, 3)], mail_url=f"smtp://{host}?tls=none", instance=folder)
        self.site.app.extensions["finder_screen"] = io.StringIO()
        self.email = "lee@example.org"
        with self.site.database.transaction() as session:
            _, (account,) = make_team(session, "Eastside Family Clinic", self.email)
            own.set_password(session, account, Passwords().keep(PASSWORD), but=b"", now=self.site.clock())
        self.lee = Person(self.site, self.email, second_step=False)
        self.address, self.letters = "", list[tuple[str, str, str]]()

    def deliver(self) -> list[tuple[str, str, str]]:
        """Does what `finder work` does; gives address, subject and text of every new letter."""
        worker = Worker(self.site.app.extensions["finder"], JOBS)
        with self.site.app.app_context():
            worker.round()
        assert not worker.failed
        new = [(one.rcpt_tos[0], _subject(one.content), text_of(one.content))
               for one in self.rules.letters[self.read:]]
        self.read = len(self.rules.letters)
        self.letters += new
        return new

    def link(self, to: str, under: str) -> str:
        """The link under an address of this site in the newest letter to somebody."""
        texts = [text for address, _, text in self.deliver() if address == to]
        assert texts, f"no letter to {to}"
        found = re.search(rf"https?://[^/\s]+({under}\S+)", texts[-1])
        assert found, texts[-1]
        return found[1]


def _subject(content: object) -> str:
    raw = content if isinstance(content, bytes) else str(content).encode()
    return raw.split(b"Subject:")[1].split(b"\r\n")[0].decode().strip()


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    rules = Rules()
    with smtp_server(rules) as host:
        found = Clinic(tmp_path, host, rules)
        for address in served(found.site.app):
            found.address = address
            yield found


def visit_of(start: Start, clinic: Clinic, **screen: object) -> Visit:
    visit = start(**screen)
    visit.site = clinic.address
    return visit


class Counted:
    """A person at a page, whose every click, choice and filled field counts as one step."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def fill(self, selector: str, words: str) -> None:
        self.steps += 1
        self.page.locator(selector).first.fill(words)

    def choose(self, selector: str, value: str) -> None:
        self.steps += 1
        self.page.locator(selector).first.select_option(value)

    def click(self, selector: str) -> None:
        self.steps += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_signing_in_to_a_printed_handout_takes_a_minute_and_twelve_steps(start: Start, clinic: Clinic,
                                                                              scripts: bool) -> None:
    visit = visit_of(start, clinic, width=1280, height=900, scripts=scripts)
    visit.go("/provider/new")
    lee, begun = Counted(visit.page), time.perf_counter()
    lee.click("summary")
    lee.fill("[name=email]", clinic.email)
    lee.fill("[name=password]", PASSWORD)
    lee.click("[name=way][value=password]")
    assert visit.path == "/provider/new"
    visit.check()
    lee.fill("[name=needs_text]", "feeling depressed")
    lee.fill("[name='near.text']", "Durham, NC")
    lee.fill("[name='scores.phq9']", "14")
    lee.choose("[name='scores.phq9_item9']", "1")
    lee.click("#intake .btn:not(.btn--quiet)")
    visit.check()
    assert "Item 9 is above zero" in visit.page.locator("main").inner_text()
    lee.click("[name=do][value=handout]")
    assert visit.path == "/provider/handout"
    visit.check()
    sheet = visit.page.locator(".hand").inner_text()
    assert "988" in sheet
    assert "Eastside Family Clinic, 919-555-0100" in sheet.replace("\n", " ")
    assert all(f"River Circle {number}" in sheet for number in (1, 2, 3))
    if scripts:
        visit.page.evaluate("window.print = () => { window.printed = true; }")
        lee.click("[data-print]")
        assert visit.page.evaluate("window.printed")
    else:
        lee.steps += 1  # the browser's own command
    assert visit.page.pdf()[:5] == b"%PDF-"
    assert lee.steps <= MOST_STEPS
    assert time.perf_counter() - begun <= MOST_SECONDS


def send_referral(visit: Visit, *, groups: int = 2) -> str:
    """Makes a referral with everything that may be told; gives the address of its page."""
    page = visit.page
    visit.go("/provider/new")
    page.locator("[name=needs_text]").fill("depression")
    page.locator("[name='near.text']").fill("Durham, NC")
    page.locator("[name='scores.phq9']").fill("17")
    page.locator("[name='scores.phq9_item9']").select_option("0")
    press(page, "#intake .btn:not(.btn--quiet)")
    for number in range(groups):
        page.locator("table [name=g]").nth(number).check()
    press(page, "[name=do][value=refer]")
    visit.check()
    page.locator("[name=code]").fill("K7-41")
    page.locator("[name=best_way]").select_option("text")
    page.locator("[name=best_time]").fill("zqcanary hint")
    page.locator("[name=voicemail]").select_option("no")
    page.locator("details", has=page.locator("[name=person]")).locator("summary").click()
    page.locator("[name=person]").fill(CANARIES[0])
    page.locator("[name=phone]").fill(CANARIES[1])
    page.locator("[name=email]").fill(CANARIES[2])
    for one in page.locator("[name=what]").all():
        one.check()
    page.locator("[name=purpose]").first.check()
    page.locator("[name=way][value=written]").check()
    page.locator("[name=confirmed]").check()
    press(page, "main .actions .btn")
    assert re.fullmatch(r"/provider/referrals/[\w-]{22}", visit.path), visit.page.locator("main").inner_text()
    visit.check()
    return visit.path


@pytest.mark.sqlite
def test_a_referral_goes_all_the_way_and_leaves_no_byte(start: Start, clinic: Clinic,
                                                        caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="finder")
    lee = enter(visit_of(start, clinic, width=1280, height=900), clinic.address, clinic.lee)
    there = send_referral(lee)
    words = lee.page.locator("main").inner_text()
    code = re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b", words)
    assert code, words
    clinic.site.wait(10 * 60 + 1)  # it is shown for ten minutes
    lee.go(there)
    assert code[0] not in lee.page.locator("main").inner_text()

    sam = visit_of(start, clinic, width=390, height=740)
    sam.go(clinic.link("group1@example.org", "/referrals/"))  # the first click
    sam.check()
    assert not any(canary in sam.page.locator("main").inner_text() for canary in CANARIES[:3])
    press(sam.page, "[name=what][value=accept]")  # the second
    sam.check()
    assert CANARIES[0] in sam.page.locator("main").inner_text()

    lee.go(there)
    lee.check()
    assert "River Circle 1" in lee.page.locator("main").inner_text()

    kim = visit_of(start, clinic, width=320, height=640, scripts=False)
    kim.go("/next-step")
    kim.check()
    kim.page.locator("[name=code]").fill(code[0].lower().replace("-", " "))
    press(kim.page, "main .actions .btn")
    assert kim.path == "/next-step"
    kim.check()
    assert "River Circle 1" in kim.page.locator("main").inner_text()
    press(kim.page, "form[action$='/next-step/went'] button")
    kim.check()

    lee.go(there)
    lee.check()
    clinic.deliver()
    told = [*(one.url for visit in (lee, sam, kim) for one in visit.requests), *(one.page.title() for one in (
        lee, sam, kim)), *(subject for _, subject, _ in clinic.letters), caplog.text]
    assert not [one for one in told for canary in (*CANARIES, "zqcanary", "K7-41", code[0]) if canary in one]
    assert not [text for _, _, text in clinic.letters for canary in (*CANARIES, "K7-41", code[0]) if canary in text]

    clinic.site.wait(int(timedelta(days=91).total_seconds()))
    clinic.deliver()
    lee.page.goto(clinic.address + "/account/sign-in")
    left = b"".join(path.read_bytes() for path in clinic.folder.glob("finder.db*"))
    key = there.rpartition("/")[2]
    assert not [one for one in (*CANARIES, "zqcanary", "K7-41", key) if one.encode() in left]


def test_a_group_that_does_not_answer_is_reminded_and_then_the_next_is_asked(start: Start, clinic: Clinic) -> None:
    lee = enter(visit_of(start, clinic, width=390, height=740, scripts=False), clinic.address, clinic.lee)
    there = send_referral(lee)
    assert [address for address, _, _ in clinic.deliver() if address != clinic.email] == ["group1@example.org"]
    clinic.site.wait(int(timedelta(days=5, hours=1).total_seconds()))
    assert "group1@example.org" in [address for address, _, _ in clinic.deliver()]
    clinic.site.wait(int(timedelta(days=5, hours=1).total_seconds()))
    told = {address for address, _, _ in clinic.deliver()} - {clinic.email, "group1@example.org"}
    assert len(told) == 1, "the second group, which was asked now"
    again = Person(clinic.site, clinic.email, second_step=False)  # ten days later
    lee = enter(visit_of(start, clinic, width=390, height=740), clinic.address, again)
    lee.go(there)
    lee.check()
    words = lee.page.locator("main").inner_text()
    assert "No answer" in words
    assert f"River Circle {told.pop()[5]}" in words
