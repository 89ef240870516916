from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from finder.db import Database
from finder.listings import tallies
from finder.listings.models import Tally
from finder.listings.tallies import FEWEST, UNMET, Cell
from tests.listings.database import NOW, make_database

OCTOBER = date(2026, 10, 1)
NEEDS = ("grief", "anxiety", "alcohol", "ocd")
STATES = ("US:NC", "US:NV", "US:WY")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


def put(database: Database, *rows: tuple[date, str, str, int]) -> None:
    with database.transaction() as session:
        session.add_all(Tally(day=day, kind=UNMET, state=state, key=key, count=count)
                        for day, state, key, count in rows)


def told(session: Session, today: date) -> dict[Cell, int]:
    """Everything that can be had on a day of the months around; none is told that is not among `told_months`."""
    return {cell: count for month in (OCTOBER, date(2026, 11, 1), date(2026, 12, 1))
            for cell, count in tallies.told(session, UNMET, month, today=today)}


def test_a_count_holds_month_state_need_and_nothing_finer() -> None:
    cell = tallies.unmet(datetime(2026, 11, 24, 12, 34, tzinfo=UTC), "US:NC", "grief")
    assert cell == Cell(date(2026, 11, 1), "unmet", "US:NC", "grief")
    assert {column.name for column in Tally.__table__.columns} == {"day", "kind", "state", "key", "count"}


def test_counts_add_up(database: Database) -> None:
    cell = tallies.unmet(NOW, "US:NC", "grief")
    for many in (2, 3):
        with database.transaction() as session:
            assert tallies.add(session, {cell: many}, now=NOW) == 1
    with database.reading() as session:
        assert session.scalars(select(Tally.count)).all() == [5]


def test_nothing_is_added_to_a_month_that_is_over(database: Database) -> None:
    late = tallies.unmet(datetime(2026, 10, 31, 23, 59, tzinfo=UTC), "US:NC", "grief")
    with database.transaction() as session:
        assert tallies.add(session, {late: 20}, now=datetime(2026, 11, 1, 0, 0, tzinfo=UTC)) == 0
        assert session.scalars(select(Tally)).all() == []


@pytest.mark.parametrize(("today", "latest"), [
    ((2026, 11, 24), (2026, 10, 1)), ((2026, 12, 1), (2026, 10, 1)), ((2026, 12, 2), (2026, 11, 1)),
    ((2027, 1, 2), (2026, 12, 1))], ids=["within", "first day", "second day", "new year"])
def test_a_month_is_told_once_it_is_over_and_a_day_has_passed(today: tuple[int, int, int],
                                                             latest: tuple[int, int, int]) -> None:
    assert tallies.told_months(date(*today))[0] == date(*latest)


def test_P8_numbers_under_eleven_and_of_this_month_are_not_told(database: Database) -> None:
    put(database, (OCTOBER, "US:NC", "grief", 11), (OCTOBER, "US:NC", "ocd", 10), (OCTOBER, "US:NV", "grief", 40),
        (date(2026, 11, 1), "US:NC", "grief", 99))
    with database.reading() as session:
        found = tallies.told(session, UNMET, OCTOBER, today=NOW.date())
        assert [(cell.state, cell.key, count) for cell, count in found] == [
            ("US:NV", "grief", 40), ("US:NC", "grief", 11)]
        assert tallies.told(session, UNMET, date(2026, 11, 1), today=NOW.date()) == []


def test_P8_no_report_of_a_thousand_sets_of_data_gives_anybody_away(database: Database, record_property: Any) -> None:
    chance = random.Random(8)
    for _ in range(1000):
        today = date(2026, 12, 1) + timedelta(chance.randrange(40))
        with database.transaction() as session:
            counts: Counter[Cell] = Counter()
            for month in (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)):
                for state in STATES:
                    for need in NEEDS:
                        counts[Cell(month, UNMET, state, need)] = chance.choice((0, 1, 5, 10, 11, 12, 30))
            session.execute(insert(Tally), [{"day": one.month, "kind": UNMET, "state": one.state, "key": one.key,
                                             "count": count} for one, count in counts.items() if count])
            before = told(session, today)
            assert all(count >= FEWEST for count in before.values())
            # One more person, on this day: what is told tomorrow differs from today by nothing or by whole cells.
            visit = Cell(tallies.month_of(today), UNMET, chance.choice(STATES), chance.choice(NEEDS))
            tallies.add(session, {visit: 1}, now=datetime.combine(today, datetime.min.time(), UTC))
            after = told(session, today + timedelta(days=1))
            assert {cell: after[cell] for cell in before if cell in after} == before
            new = {cell: count for cell, count in after.items() if cell not in before}
            assert all(count >= FEWEST for count in new.values())
            session.rollback()
    record_property("figure", "1,000 sets of data")


def test_the_same_month_reads_the_same_on_every_later_day(database: Database) -> None:
    put(database, (OCTOBER, "US:NC", "grief", 15))
    seen = []
    for number in range(60):
        today = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=number)
        with database.transaction() as session:
            tallies.add(session, {tallies.unmet(today, "US:NC", "grief"): 1, Cell(OCTOBER, UNMET, "US:NC", "grief"): 1},
                        now=today)
            seen.append(tallies.told(session, UNMET, OCTOBER, today=today.date()))
    assert all(one == seen[0] for one in seen)


def test_views_are_those_of_the_last_whole_month(database: Database) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    with database.transaction() as session:
        session.add_all([Tally(day=OCTOBER, kind="view", state="", key=str(one), count=12),
                         Tally(day=OCTOBER, kind="view", state="", key=str(two), count=10)])
    with database.reading() as session:
        assert tallies.views(session, [one, two], today=NOW.date()) == {one: 12}


def test_old_months_are_forgotten(database: Database) -> None:
    put(database, (date(2024, 10, 1), "US:NC", "grief", 50), (date(2024, 11, 1), "US:NC", "grief", 50))
    with database.transaction() as session:
        tallies.forget(session, NOW)
    with database.reading() as session:
        assert session.scalars(select(Tally.day)).all() == [date(2024, 11, 1)]
