from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Invalid, NotFound
from finder.listings import reports
from finder.listings.models import Report
from tests.listings.database import NOW, make_database, take


@pytest.fixture
def database(tmp_path):
    made = make_database(tmp_path)
    take(made, [{"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}",
                 "group_type": "peer_support"} for number in (1, 2)])
    return made


def programs(database: Database):
    with database.reading() as session:
        return list(session.scalars(select(Program.id).order_by(Program.name)))


def send(database: Database, program, kind="time", note="", sender="one", now=NOW):
    with database.transaction() as session:
        reports.send(session, program, kind=kind, note=note, sender=sender, now=now)


def waiting(database: Database):
    with database.reading() as session:
        return [(one.name, one.kind, one.note) for one in reports.waiting(session)]


def test_reports_wait_for_the_steward_unsafe_ones_first(database):
    first, second = programs(database)
    send(database, first, note="  It is at six now.  ")
    send(database, second, "unsafe")
    assert waiting(database) == [("Group 2", "unsafe", None), ("Group 1", "time", "It is at six now.")]


def test_the_same_report_sent_twice_is_kept_once(database):
    first, second = programs(database)
    for _ in range(3):
        send(database, first, note="Six")
        send(database, first)
    send(database, second, note="Six")
    assert len(waiting(database)) == 3


def test_one_network_may_send_five_an_hour_and_others_still_can(database):
    first, _ = programs(database)
    for number in range(reports.MOST_AN_HOUR):
        send(database, first, note=f"{number}")
    with pytest.raises(reports.TooMany) as refused:
        send(database, first, note="one more")
    assert refused.value.code == "too_many_from_you"
    send(database, first, note="from elsewhere", sender="two")
    send(database, first, note="an hour later", now=NOW + timedelta(hours=1))
    assert len(waiting(database)) == 7


def test_a_day_takes_two_hundred_from_all_together(database):
    first, _ = programs(database)
    with database.transaction() as session:
        session.add_all(Report(program_id=first, kind="time", sent_on=NOW.date(), sent_hour=1, sender=f"{number}")
                        for number in range(reports.MOST_A_DAY))
    with pytest.raises(reports.TooMany) as refused:
        send(database, first)
    assert refused.value.code == "too_many_today"
    send(database, first, now=NOW + timedelta(days=1))


def test_who_sent_it_is_forgotten_the_next_day(database):
    first, second = programs(database)
    send(database, first)
    send(database, second, now=NOW + timedelta(days=1), sender="two")
    with database.reading() as session:
        assert list(session.scalars(select(Report.sender).order_by(Report.id))) == [None, "two"]


@pytest.mark.parametrize(("kind", "note", "field", "code"), [
    ("", "", "kind", "required"), ("nonsense", "", "kind", "required"), ("other", "  ", "note", "required"),
    ("time", "x" * 501, "note", "too_long"), ("time", "a\x00b", "note", "bad_text"),
    ("time", "a\ud800b", "note", "bad_text"),
], ids=["no kind", "unknown kind", "other without words", "too long", "NUL", "lone surrogate"])
def test_a_report_that_cannot_be_read_is_refused_by_its_field(database, kind, note, field, code):
    with pytest.raises(Invalid) as wrong:
        send(database, programs(database)[0], kind, note)
    assert {name: [one.code for one in many] for name, many in wrong.value.errors.items()} == {field: [code]}
    assert waiting(database) == []


def test_a_closed_report_waits_no_more_and_closing_it_again_is_no_harm(database):
    send(database, programs(database)[0])
    for _ in range(2):
        with database.transaction() as session:
            reports.close(session, 1, now=NOW)
    assert waiting(database) == []
    with pytest.raises(NotFound), database.transaction() as session:
        reports.close(session, 2, now=NOW)


def test_a_report_about_nothing_is_refused(database):
    first = programs(database)[0]
    with pytest.raises(NotFound):
        send(database, first.__class__(int=first.int ^ 1))
