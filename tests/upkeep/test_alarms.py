"""What is out of the ordinary is told to whoever looks after a site: by letter once a day, and on the first page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from finder import crisis
from finder.accounts.permissions import Role, Scope
from finder.audit import chain, checking
from finder.audit.chain import ENTRY, Deed
from finder.audit.recording import NOT_SIGNED_IN
from finder.backup import keeping
from finder.cli import upkeep_jobs
from finder.listings import changes, review
from finder.listings.review import Sender, Trust
from finder.listings.writing import Author
from finder.mail import letters as mail
from finder.outbox import Message
from finder.services import Services
from finder.upkeep import alarms
from tests.audit.chains import UNGUARDED
from tests.web.people import Person
from tests.web.site import Site, group

CONTACT = {"phone": "919-555-0100"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, [group(number, contact=CONTACT) for number in range(8)], instance=tmp_path)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / keeping.name(made.clock())).touch()
    return made


def services(site: Site) -> Services:
    found: Services = site.app.extensions["finder"]
    return found


def keepers(site: Site) -> tuple[Person, Person, Person, Person]:
    return (Person(site, "sam@example.org", Role.STEWARD), Person(site, "ada@example.org", Role.ADMINISTRATOR),
            Person(site, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH")), Person(site, "joy@example.org"))


def fail(site: Site, many: int, seconds: float) -> None:
    """So many wrong passwords, so far apart."""
    with site.database.transaction() as session:
        for number in range(many):
            at = site.clock() + timedelta(seconds=seconds * number)
            chain.append(session.connection(), Deed(NOT_SIGNED_IN, "visitor"), now=at, key=services(site).audit.key)
    site.wait(int(seconds * many))


def change_phones(site: Site, account: int, many: int, seconds: int = 60, *, asked: bool = False) -> None:
    for number in range(many):
        with site.database.transaction() as session:
            there = changes.find(session, site.slugs[number])
            document = {**there.document, "contact": {"phone": f"919-555-01{number + 10}"}}
            if asked:
                review.propose(session, there.id, document, base=there.version,
                               sender=Sender(Trust.ANYBODY, account, None), now=site.clock())
            else:
                changes.change(session, there.id, base=there.version, author=Author("steward", account),
                               now=site.clock(), document=document)
        site.wait(seconds)


def found(site: Site, **more: Any) -> list[str]:
    with site.database.reading() as session:
        return [one.about for one in alarms.found(session, services(site).settings, site.clock(), **more)]


def letters(site: Site) -> list[Message]:
    with site.database.reading() as session:
        return list(session.scalars(select(Message).where(Message.kind == "alarm").order_by(Message.id)))


def work(site: Site) -> int:
    return upkeep_jobs.look_out(services(site), site.clock())["told"]


@given(st.lists(st.integers(0, 100), max_size=12), st.integers(1, 30))
def test_O5_the_most_within_a_span_is_what_counting_every_span_gives(seconds: list[int], span: int) -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=one) for one in sorted(seconds)]
    plain = max((sum(first <= other < first + timedelta(seconds=span) for other in moments) for first in moments),
                default=0)
    assert alarms.most_within(moments, timedelta(seconds=span)) == plain


def test_O5_on_an_ordinary_day_nothing_is_told(site: Site) -> None:
    keepers(site)
    assert found(site) == []
    assert work(site) == 0


@pytest.mark.parametrize(("many", "seconds", "is_alarm"), [
    (20, 1, False), (21, 1, True), (21, 14, True), (21, 15.1, False), (60, 30, False)])
def test_O5_more_than_twenty_wrong_passwords_in_five_minutes_are_told(site: Site, many: int, seconds: float,
                                                                      is_alarm: bool) -> None:
    keepers(site)
    fail(site, many, seconds)
    assert found(site) == ([alarms.FAILED] if is_alarm else [])


def test_O5_wrong_passwords_at_the_door_are_counted(site: Site) -> None:
    keepers(site)
    client = site.app.test_client()
    for number in range(21):
        client.post("/account/sign-in", data={"email": f"p{number}@example.org", "password": "wrong wrong wrong"},
                    headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"},
                    environ_base={"REMOTE_ADDR": f"198.51.{number}.9"})
    assert found(site) == [alarms.FAILED]


def test_O5_a_letter_goes_to_each_keeper_of_everything_once_a_day(site: Site) -> None:
    keepers(site)
    fail(site, 25, 1)
    assert work(site) == 2
    assert sorted(one.address for one in letters(site)) == ["ada@example.org", "sam@example.org"]
    assert [work(site) for _ in range(3)] == [0, 0, 0]
    site.wait(24 * 3600)
    assert work(site) == 0  # it is over
    fail(site, 25, 1)
    assert work(site) == 2


@pytest.mark.parametrize("asked", [False, True], ids=["changed", "asked for"])
def test_O5_more_than_five_phone_changes_an_hour_by_one_account_are_told(site: Site, asked: bool) -> None:
    _, _, _, joy = keepers(site)
    change_phones(site, joy.id, 5, asked=asked)
    assert found(site) == []
    change_phones(site, joy.id, 7, asked=asked)
    with site.database.reading() as session:
        (alarm,) = alarms.found(session, services(site).settings, site.clock())
    assert (alarm.about, alarm.person) == (alarms.PHONE, joy.public_id)
    assert alarm.many > 5
    assert work(site) == 2


def test_O5_phone_changes_that_take_their_time_or_are_of_several_accounts_are_ordinary(site: Site) -> None:
    sam, ada, *_ = keepers(site)
    change_phones(site, sam.id, 8, seconds=13 * 60)
    assert found(site) == []
    site.wait(3600)
    change_phones(site, sam.id, 4, seconds=1)
    change_phones(site, ada.id, 4, seconds=1)
    assert found(site) == []


def test_O5_crisis_lines_that_nobody_reviewed_are_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sam, *_ = keepers(site)
    monkeypatch.setattr(crisis, "REVIEWED", "0" * 64)
    assert found(site) == [alarms.CRISIS]
    assert work(site) == 2
    assert "not those that were reviewed" in sam.get("/steward/").main.text


@pytest.mark.sqlite  # a server's backups are its own
def test_O5_an_old_backup_is_told_by_letter_too(site: Site) -> None:
    keepers(site)
    site.wait(49 * 3600)
    assert found(site) == [alarms.BACKUP]
    assert work(site) == 2


def test_O5_a_broken_audit_stands_on_the_stewards_first_page_and_in_a_letter(site: Site, tmp_path: Path) -> None:
    sam, *_ = keepers(site)
    fail(site, 3, 1)
    with site.database.engine.connect() as connection:
        connection.exec_driver_sql(UNGUARDED)
        connection.execute(update(ENTRY).where(ENTRY.c.number == 2).values(what="nothing"))
        connection.commit()
    held = services(site)
    checking.look(held.database.engine, held.audit.keys, tmp_path, site.clock())
    assert found(site) == [alarms.AUDIT]
    assert work(site) == 2
    assert "at entry 2" in sam.get("/steward/").main.text
    assert "entrada 2" in sam.get("/es/steward/").main.text or "entry 2" in sam.get("/es/steward/").main.text


def test_O5_letters_say_it_in_two_languages_under_a_subject_that_tells_nothing(site: Site) -> None:
    keepers(site)
    fail(site, 25, 1)
    work(site)
    change_phones(site, 1, 7)
    work(site)
    with site.app.app_context():
        for one in letters(site):
            letter = mail.compose(site.app, one.kind, one.facts, one.locale, today=site.clock().date())
            assert "* * *" in letter.text
            assert "http" in letter.text
            for word in ("password", "phone", "crisis", "audit"):
                assert word not in letter.subject.lower()
            assert "@" not in json.dumps(one.facts)
    assert {one.facts["about"] for one in letters(site)} == {"sign_ins", "phones"}


def test_O5_the_first_page_says_what_is_out_of_the_ordinary_for_a_day(site: Site) -> None:
    sam, _, kim, _ = keepers(site)
    fail(site, 25, 1)
    for person in (sam, kim):
        assert "25 wrong passwords" in person.get("/steward/").main.text
    site.wait(25 * 3600)
    assert "wrong passwords" not in sam.get("/steward/").main.text


def test_O5_every_alarm_has_its_words(site: Site) -> None:
    sam, *_ = keepers(site)
    with site.app.app_context():
        for about in (alarms.FAILED, alarms.PHONE, alarms.CRISIS, alarms.BACKUP, alarms.AUDIT):
            text = mail.compose(site.app, "alarm", {"about": about, "many": 7, "person": sam.public_id}, "en",
                                today=site.clock().date()).text
            assert "%(" not in text
