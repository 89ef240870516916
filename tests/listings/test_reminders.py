from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import Program
from finder.db import Database
from finder.listings import changes, reminders
from finder.listings.models import Pause, Reminder
from finder.listings.reminders import CAPACITY, CHECK
from finder.outbox import Message
from tests.listings.database import NOW, make_database, take

TODAY = NOW.date()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


def listing(number: int, *, checked: int | None = None, email: str | None = "joy@example.org",
            **more: Any) -> dict[str, Any]:
    """A listing whose last check was so many days ago."""
    facts: dict[str, Any] = {"contact": {"email": email}} if email else {}
    if checked is not None:
        facts["verified"] = {"on": (TODAY - timedelta(checked)).isoformat(), "method": "phone"}
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"River Circle {number}",
            "group_type": "peer_support", **facts, **more}


def ids(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        return dict(session.execute(select(Program.source_key, Program.id)).all())  # type: ignore[arg-type]


def remind(database: Database, now: datetime = NOW) -> list[tuple[str, str, int]]:
    """What one run of the job writes: kind, address and number of groups of each letter."""
    with database.reading() as session:
        planned = reminders.plan(session, now)
    written = []
    for one in planned:
        with database.transaction() as session:
            if reminders.write(session, one, now):
                written.append((one.kind, one.to.address, len(one.programs)))
    return written


def came(database: Database, days_ago: int) -> None:
    with database.transaction() as session:
        session.execute(update(Program).values(created_at=(NOW - timedelta(days_ago)).replace(tzinfo=None)))


@pytest.mark.parametrize(("checked", "asked"), [(89, False), (90, True), (400, True)])
def test_a_listing_is_asked_about_ninety_days_after_its_last_check(database: Database, checked: int,
                                                                   asked: bool) -> None:
    take(database, [listing(1, checked=checked)])
    assert remind(database) == ([(CHECK, "joy@example.org", 1)] if asked else [])


@pytest.mark.parametrize(("days", "asked"), [(29, False), (30, True)])
def test_one_that_was_never_checked_is_asked_about_thirty_days_after_it_came(database: Database, days: int,
                                                                             asked: bool) -> None:
    take(database, [listing(1)])
    came(database, days)
    assert bool(remind(database)) is asked


def test_nobody_is_asked_about_made_up_closed_or_hidden_groups_or_those_without_an_address(database: Database) -> None:
    take(database, [listing(1, checked=100)], source="made up", demonstration=True)
    take(database, [listing(2, checked=100, status="closed"), listing(3, checked=100, email=None)], source="real")
    take(database, [listing(4, checked=100)], source="held", publish=False)
    assert remind(database) == []


def test_the_editors_are_asked_where_no_address_is_published(database: Database) -> None:
    take(database, [listing(1, checked=100, email=None)])
    with database.transaction() as session:
        account = people.find_or_make(session, "sam@example.org", now=NOW, locale="es")
        people.give(session, account.id, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM,
                    value=str(ids(database)["g1"]))
    assert remind(database) == [(CHECK, "sam@example.org", 1)]
    with database.reading() as session:
        assert session.scalars(select(Message)).one().locale == "es"


def test_the_editors_are_asked_where_the_published_address_wants_no_letters(database: Database) -> None:
    take(database, [listing(1, checked=100)])
    with database.transaction() as session:
        account = people.find_or_make(session, "sam@example.org", now=NOW)
        people.give(session, account.id, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM,
                    value=str(ids(database)["g1"]))
        outbox.silence(session, "joy@example.org", CHECK, outbox.UNSUBSCRIBED, NOW)
    assert remind(database) == [(CHECK, "sam@example.org", 1)]


def test_groups_of_one_address_are_one_letter_and_the_others_wait_a_day(database: Database) -> None:
    take(database, [listing(number, checked=100, email="Joy@Example.org") for number in range(25)])
    assert remind(database) == [(CHECK, "joy@example.org", 20)]
    assert remind(database, NOW + timedelta(hours=2)) == []
    assert remind(database, NOW + timedelta(days=1, hours=1)) == [(CHECK, "joy@example.org", 5)]


def test_a_large_import_is_spread_over_days_the_longest_unchecked_first(database: Database) -> None:
    take(database, [listing(number, checked=100 + number, email=f"a{number}@example.org") for number in range(100)])
    first = remind(database)
    assert len(first) == reminders.MOST_AN_HOUR
    assert first[0] == (CHECK, "a99@example.org", 1)
    assert remind(database, NOW + timedelta(minutes=30)) == []
    assert len(remind(database, NOW + timedelta(hours=1))) == 40


def unanswered(database: Database, until: date) -> list[int]:
    """The days, counted from today, on which a letter is written when nobody ever answers."""
    days, now = [], NOW
    while now.date() <= until:
        if remind(database, now):
            days.append((now.date() - TODAY).days)
        now += timedelta(days=1)
    return days


def test_what_nobody_answers_is_asked_again_after_longer_waits_and_then_no_more(database: Database) -> None:
    take(database, [listing(1, checked=100)])
    assert unanswered(database, TODAY + timedelta(400)) == [0, 14, 44, 104, 194]


def test_an_answer_starts_the_count_anew(database: Database) -> None:
    take(database, [listing(1, checked=100)])
    unanswered(database, TODAY + timedelta(200))
    program, later = ids(database)["g1"], NOW + timedelta(201)
    with database.transaction() as session:
        reminders.answered(session, program, later)
    assert remind(database, later + timedelta(13)) == []
    assert remind(database, later + timedelta(14)) == [(CHECK, "joy@example.org", 1)]
    with database.reading() as session:
        assert session.get_one(Reminder, program).sent == 1


def test_a_check_by_anybody_is_an_answer(database: Database) -> None:
    take(database, [listing(1, checked=100)])
    unanswered(database, TODAY + timedelta(200))
    program, later = ids(database)["g1"], NOW + timedelta(201)
    with database.transaction() as session:
        session.execute(update(Program).values(verified_on=later.date()))
    assert remind(database, later + timedelta(89)) == []
    assert remind(database, later + timedelta(90)) == [(CHECK, "joy@example.org", 1)]
    with database.reading() as session:
        assert session.get_one(Reminder, program).sent == 1


@pytest.mark.parametrize(("days", "asked"), [(90, False), (91, True), (97, True), (98, False)])
def test_a_word_on_free_places_that_ran_out_is_asked_for_again_once(database: Database, days: int,
                                                                    asked: bool) -> None:
    said = {"status": "open", "as_of": (TODAY - timedelta(days)).isoformat()}
    take(database, [listing(1, checked=10, capacity=said)])
    assert bool(remind(database)) is asked
    if asked:
        assert remind(database, NOW + timedelta(days=2)) == []


def test_both_questions_to_one_address_are_not_asked_on_one_day(database: Database) -> None:
    said = {"status": "open", "as_of": (TODAY - timedelta(93)).isoformat()}
    take(database, [listing(1, checked=100), listing(2, checked=10, capacity=said)])
    assert remind(database) == [(CHECK, "joy@example.org", 1)]
    assert remind(database, NOW + timedelta(days=1, hours=1)) == [(CAPACITY, "joy@example.org", 1)]


def test_a_group_with_a_day_to_come_back_is_left_alone(database: Database) -> None:
    take(database, [listing(1, checked=100, status="paused"), listing(2, checked=100, status="paused")])
    with database.transaction() as session:
        session.add(Pause(program_id=ids(database)["g1"], back_on=TODAY + timedelta(20), by="contact"))
    assert remind(database) == [(CHECK, "joy@example.org", 1)]


def test_a_plan_that_is_written_twice_is_one_letter(database: Database) -> None:
    take(database, [listing(1, checked=100)])
    with database.reading() as session:
        (planned,) = reminders.plan(session, NOW)
    for expected in (True, False):
        with database.transaction() as session:
            assert reminders.write(session, planned, NOW) is expected
    with database.reading() as session:
        assert len(session.scalars(select(Message)).all()) == 1


def test_a_listing_that_went_since_it_was_planned_is_not_asked_about(database: Database) -> None:
    take(database, [listing(1, checked=100)])
    with database.reading() as session:
        (planned,) = reminders.plan(session, NOW)
    with database.transaction() as session:
        there = changes.find(session, planned.programs[0])
        changes.delete(session, there.id, base=there.version, author=changes.Author("a test"), now=NOW)
    with database.transaction() as session:
        assert not reminders.write(session, planned, NOW)


def test_a_letter_holds_what_it_needs_and_no_more(database: Database) -> None:
    take(database, [listing(1, checked=100, description="Long words", x={"note": "mine"})])
    remind(database)
    with database.reading() as session:
        facts = session.scalars(select(Message)).one().facts
    (one,) = facts["listings"]
    assert set(one) == {"name", "slug", "link", "document"}
    assert set(one["document"]) == {"name", "contact"}
    assert len(one["link"]) == len(facts["stop"]) == 43


def test_planning_for_many_asks_the_database_few_questions(database: Database) -> None:
    take(database, [listing(number, checked=100, email=f"a{number}@example.org") for number in range(50)])
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    with database.reading() as session:
        assert len(reminders.plan(session, NOW)) == 50
    assert len(statements) <= 10
