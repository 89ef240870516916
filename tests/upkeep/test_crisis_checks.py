"""The look at each crisis number every 90 days: who looked and when, asking for it, and that it changes none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from finder import crisis
from finder.accounts.permissions import Role, Scope
from finder.audit.chain import ENTRY
from finder.cli import upkeep_jobs
from finder.mail import letters as mail
from finder.outbox import Message
from finder.upkeep import crisis_checks
from finder.upkeep.models import CrisisCheck
from tests.web.people import Person
from tests.web.site import Site, group

PAGE = "/steward/crisis-lines"
LINES = crisis.lines("US")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)], instance=tmp_path)


@pytest.fixture
def sam(site: Site) -> Person:
    return Person(site, "sam@example.org", Role.STEWARD)


def due(site: Site) -> list[str]:
    with site.database.reading() as session:
        return [one.line.id for one in crisis_checks.states(session, LINES, site.clock()) if one.due]


def ask(site: Site) -> int:
    return upkeep_jobs.ask_for_checks(site.app.extensions["finder"], site.clock())["asked"]


def test_Y2_a_steward_says_which_numbers_they_checked_and_it_is_kept_with_name_and_day(site: Site, sam: Person) -> None:
    page = sam.get(PAGE)
    assert page.status == 200
    assert len(due(site)) == len(LINES) == 9
    page = sam.send(page, PAGE, {"line": ["us-988", "us-poison"]})
    assert "It is noted" in page.main.text
    assert set(due(site)) == {one.id for one in LINES} - {"us-988", "us-poison"}
    assert "Checked" in page.main.text
    with site.database.reading() as session:
        kept = session.scalars(select(CrisisCheck).order_by(CrisisCheck.id)).all()
        told = session.execute(select(ENTRY.c.what, ENTRY.c.account_id).where(
            ENTRY.c.what == "steward.crisis_lines")).all()
    assert [(one.line, one.account_id) for one in kept] == [("us-988", sam.id), ("us-poison", sam.id)]
    assert [tuple(one) for one in told] == [("steward.crisis_lines", sam.id)]


def test_Y2_after_ninety_days_a_number_is_due_again(site: Site, sam: Person) -> None:
    with site.database.transaction() as session:
        crisis_checks.note(session, LINES, account_id=sam.id, now=site.clock())
    assert due(site) == []
    site.clock.at += timedelta(days=90, seconds=-1)
    assert due(site) == []
    site.clock.at += timedelta(seconds=1)
    assert len(due(site)) == 9


def test_Y2_stewards_are_asked_on_their_first_page_and_by_letter_every_ninety_days(site: Site, sam: Person) -> None:
    Person(site, "ada@example.org", Role.ADMINISTRATOR)
    of_ohio = Person(site, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH"))
    assert "9 crisis numbers have to be checked" in sam.get("/steward/").main.text
    assert "crisis numbers" not in of_ohio.get("/steward/").main.text
    asked = []
    for _ in range(4):
        asked.append(ask(site))
        with site.database.transaction() as session:
            crisis_checks.note(session, LINES, account_id=sam.id, now=site.clock())
        asked.append(ask(site))
        site.clock.at += timedelta(days=90)
    assert asked == [2, 0] * 4
    site.clock.at -= timedelta(days=1)
    assert "have to be checked" not in Person(site, "sam@example.org", Role.STEWARD).get("/steward/").main.text


def test_Y2_the_letter_is_in_two_languages_and_its_subject_names_no_crisis(site: Site, sam: Person) -> None:
    assert ask(site) == 1
    assert ask(site) == 0
    with site.database.reading() as session:
        one = session.scalars(select(Message).where(Message.kind == "crisis_check")).one()
    with site.app.app_context():
        letter = mail.compose(site.app, one.kind, one.facts, "en", today=site.clock().date())
    assert "* * *" in letter.text
    assert "crisis" not in letter.subject.lower()
    assert PAGE in letter.text


def test_Y2_nothing_that_is_sent_there_changes_a_number(site: Site, sam: Person) -> None:
    before, shown = crisis.sha256(), sam.get("/crisis").main.text
    form = sam.get(PAGE).form(PAGE)
    for sent in ({"line": "us-nothing"}, {"line": ["us-988"], "to": "900-555-0100", "ways": "call 900-555-0100",
                                          "us-988": "900-555-0100"}, {}):
        assert sam.pages.post(PAGE, {"form_token": form["form_token"], **sent}).status == 200
    crisis.sha256.cache_clear()
    assert crisis.sha256() == before == crisis.REVIEWED
    assert sam.get("/crisis").main.text == shown
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CrisisCheck)) == 1


def test_Y2_saying_so_asks_for_a_recent_proof(site: Site, sam: Person) -> None:
    form = sam.get(PAGE).form(PAGE)
    site.wait(6 * 60)
    sam.pages.post(PAGE, {**form, "line": ["us-988"]})
    assert "us-988" in due(site)
