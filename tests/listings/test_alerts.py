from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from finder.catalog import queries
from finder.db import Database
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import alerts
from finder.listings.alerts import LONGEST, Wanted
from tests.listings.database import NOW, make_database

STORM = Wanted(["US:NC"], {"en": "Storm today", "es": ""}, "", None, date(2026, 11, 25))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


def put_up(database: Database, wanted: Wanted = STORM, **how: int) -> int:
    with database.transaction() as session:
        return alerts.put_up(session, wanted, account_id=None, now=NOW, **how).number


def test_an_alert_stands_from_now_until_its_last_day_is_over_in_hawaii(database: Database) -> None:
    put_up(database)
    with database.reading() as session:
        (one,) = alerts.coming(session, NOW)
    assert one.texts == {"en": "Storm today"}
    assert one.stands(NOW)
    assert one.stands(NOW.replace(day=26, hour=9))
    assert not one.stands(NOW.replace(day=26, hour=10))
    assert not one.stands(NOW - timedelta(seconds=1))


def test_one_for_later_starts_with_its_first_day_in_the_east(database: Database) -> None:
    put_up(database, replace(STORM, from_on=date(2026, 11, 25)))
    with database.reading() as session:
        (one,) = alerts.coming(session, NOW)
    assert not one.stands(NOW.replace(day=25, hour=3))
    assert one.stands(NOW.replace(day=25, hour=4))


@pytest.mark.parametrize(("states", "page", "seen"), [
    ((), (), True), ((), ("US:NC",), True), (("US:NC",), (), False), (("US:NC",), ("US:NV",), False),
    (("US:NC", "US:NV"), ("US:NV",), True)])
def test_an_alert_concerns_pages_about_its_states(states: tuple[str, ...], page: tuple[str, ...], seen: bool) -> None:
    one = alerts.checked(replace(STORM, states=states), NOW)
    assert one.concerns(page) is seen


@pytest.mark.parametrize(("wanted", "field", "code"), [
    (replace(STORM, texts={"en": " "}), "text", "required"),
    (replace(STORM, texts={"en": "a" * (LONGEST + 1)}), "text-en", "too_long"),
    (replace(STORM, texts={"en": "two\nlines"}), "text-en", "bad_text"),
    (replace(STORM, texts={"en": "turned \u202e around"}), "text-en", "bad_text"),
    (replace(STORM, until_on=None), "until", "required"),
    (replace(STORM, until_on=date(2026, 11, 23)), "until", "too_early"),
    (replace(STORM, from_on=date(2026, 12, 5)), "until", "too_early"),
    (replace(STORM, until_on=date(2027, 11, 23)), "until", "out_of_range"),
    (replace(STORM, until_on=date.max), "until", "out_of_range"),
    (replace(STORM, from_on=date.max, until_on=date.max), "from", "out_of_range"),
    (replace(STORM, from_on=date.min), None, None),
    (replace(STORM, url="http://example.org"), "url", "not_a_url"),
    (replace(STORM, url="https://exa mple.org"), "url", "not_a_url"),
    (replace(STORM, url="javascript:alert(1)"), "url", "not_a_url"),
    (replace(STORM, states=["North Carolina"]), "states", "not_a_code"),
])
def test_what_cannot_stand_there_is_refused_at_its_field(wanted: Wanted, field: str | None, code: str | None) -> None:
    if field is None:
        assert alerts.checked(wanted, NOW).stands(NOW)
        return
    with pytest.raises(Invalid) as refused:
        alerts.checked(wanted, NOW)
    assert [one.code for one in refused.value.errors[field]] == [code]


def test_a_change_keeps_what_stood_there_before(database: Database) -> None:
    old = put_up(database)
    new = put_up(database, replace(STORM, texts={"en": "Storm tonight"}), instead_of=old)
    with database.reading() as session:
        assert [one.number for one in alerts.coming(session, NOW)] == [new]
        assert [(one.number, one.texts["en"]) for one in alerts.over(session, NOW)] == [(old, "Storm today")]


def test_what_has_ended_is_not_ended_again(database: Database) -> None:
    number = put_up(database)
    with database.transaction() as session:
        alerts.end(session, number, now=NOW)
    with pytest.raises(Conflict, match="over"), database.transaction() as session:
        alerts.end(session, number, now=NOW)
    with pytest.raises(Conflict, match="over"):
        put_up(database, instead_of=number)
    with pytest.raises(NotFound), database.transaction() as session:
        alerts.end(session, 99, now=NOW)


def test_one_that_had_not_begun_never_stood(database: Database) -> None:
    number = put_up(database, replace(STORM, from_on=date(2026, 12, 1), until_on=date(2026, 12, 3)))
    with database.transaction() as session:
        alerts.end(session, number, now=NOW)
        assert not alerts.find(session, number).stands(NOW.replace(month=12, day=2))


def test_readers_are_told_of_every_change(database: Database) -> None:
    seen = []
    for step in (lambda: put_up(database), lambda: put_up(database, instead_of=1)):
        step()
        with database.reading() as session:
            seen.append(queries.version(session))
    assert seen == [1, 2]
