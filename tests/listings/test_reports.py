from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Conflict, Invalid, NotFound, TooOften
from finder.listings import changes, reports, visitors
from finder.listings.models import Proposal, Report
from finder.listings.writing import Author, naive
from finder.outbox import Message
from tests.listings.database import NOW, make_database, take

STEWARD = Author("steward:1")


def document(number):
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support"}


@pytest.fixture
def database(tmp_path):
    made = make_database(tmp_path)
    take(made, [document(number) for number in (1, 2)])
    return made


def programs(database: Database):
    with database.reading() as session:
        return list(session.scalars(select(Program.id).order_by(Program.name)))


def send(database: Database, program, kind="time", note="", sender="one", now=NOW, mark="", **more):
    with database.transaction() as session:
        reports.send(session, program, kind=kind, note=note, sender=sender, now=now, mark=mark or sender[:3], **more)


def waiting(database: Database):
    with database.reading() as session:
        return [(one.name, one.kind, one.note) for one in reports.waiting(session)]


def state(database: Database, program):
    with database.reading() as session:
        return changes.find(session, program).state


def show_again(database: Database, program, now=NOW):
    with database.transaction() as session:
        there = changes.find(session, program)
        reports.show_again(session, program, base=there.version, author=STEWARD, now=now)


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


def test_L3_one_network_may_send_five_an_hour_and_others_still_can(database):
    first, _ = programs(database)
    for number in range(visitors.MOST_AN_HOUR):
        send(database, first, note=f"{number}")
    with pytest.raises(TooOften) as refused:
        send(database, first, note="one more")
    assert refused.value.code == "too_many_from_you"
    assert refused.value.values["seconds"] == 3600
    send(database, first, note="from elsewhere", sender="two")
    send(database, first, note="an hour later", now=NOW + timedelta(hours=1))
    assert len(waiting(database)) == 7


def test_L3_a_day_takes_two_hundred_from_all_together(database):
    first, _ = programs(database)
    with database.transaction() as session:
        for number in range(visitors.MOST_A_DAY):
            visitors.take_turn(session, f"{number}", NOW)
    with pytest.raises(TooOften) as refused:
        send(database, first)
    assert refused.value.code == "too_many_today"
    send(database, first, now=NOW + timedelta(days=1))


def test_P11_who_sent_it_is_forgotten_the_next_day(database):
    first, second = programs(database)
    send(database, first)
    send(database, second, now=NOW + timedelta(days=1), sender="two")
    with database.reading() as session:
        assert list(session.scalars(select(Report.sender).order_by(Report.id))) == [None, "two"]


def test_P11_an_address_left_for_an_answer_is_gone_after_the_answer_and_after_thirty_days(database):
    first, second = programs(database)
    send(database, first, note="Six", reply_to=" joy@example.org ", locale="es")
    send(database, second, note="Six", reply_to="kim@example.org")
    with database.transaction() as session:
        reports.close(session, 1, now=NOW, answer="It is at six now.")
        letter = session.scalars(select(Message)).one()
        assert (letter.kind, letter.address, letter.locale) == ("report_answer", "joy@example.org", "es")
        assert letter.facts["answer"] == "It is at six now."
        assert session.scalars(select(Report.reply_to).order_by(Report.id)).all() == [None, "kim@example.org"]
    with database.transaction() as session:
        visitors.forget(session, now=NOW + visitors.LONGEST_KEPT)
        assert session.get(Report, 2).reply_to == "kim@example.org"
        visitors.forget(session, now=NOW + visitors.LONGEST_KEPT + timedelta(days=1))
    with database.reading() as session:
        assert session.get(Report, 2).reply_to is None
        assert session.get(Report, 2).mark is None


def test_P11_what_a_visitor_wrote_is_gone_thirty_days_after_somebody_has_dealt_with_it(database):
    first, second = programs(database)
    send(database, first, note="My name is Joy, and the door was locked")
    send(database, second, note="Nobody has looked at this yet")
    with database.transaction() as session:
        session.add(Proposal(program_id=first, kind="suggestion", state="rejected", document="{}", fields=[],
                             note="Joy", appeal="Please look again", made_at=naive(NOW), decided_at=naive(NOW)))
        reports.close(session, 1, now=NOW, answer="Thank you, Joy.")
        visitors.forget(session, now=NOW + visitors.NOTES_KEPT)
    with database.transaction() as session:
        assert session.scalars(select(Proposal)).one().note == "Joy"
        assert session.get(Report, 1).answer == "Thank you, Joy."
        visitors.forget(session, now=NOW + visitors.NOTES_KEPT + timedelta(seconds=1))
    with database.reading() as session:
        kept = session.scalars(select(Proposal)).one()
        assert (kept.note, kept.appeal) == (None, None)
        assert (session.get(Report, 1).note, session.get(Report, 1).answer) == (None, None)
        assert session.get(Report, 2).note == "Nobody has looked at this yet"


def test_nobody_is_written_to_who_left_no_address(database):
    send(database, programs(database)[0])
    with database.transaction() as session:
        reports.close(session, 1, now=NOW, answer="Thank you.")
        assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(("kind", "note", "reply_to", "field", "code"), [
    ("", "", "", "kind", "required"), ("nonsense", "", "", "kind", "required"), ("other", "  ", "", "note", "required"),
    ("time", "x" * 501, "", "note", "too_long"), ("time", "a\x00b", "", "note", "bad_text"),
    ("time", "a\ud800b", "", "note", "bad_text"), ("time", "", "not an address", "reply_to", "not_an_email"),
], ids=["no kind", "unknown kind", "other without words", "too long", "NUL", "lone surrogate", "no address"])
def test_a_report_that_cannot_be_read_is_refused_by_its_field(database, kind, note, reply_to, field, code):
    with pytest.raises(Invalid) as wrong:
        send(database, programs(database)[0], kind, note, reply_to=reply_to)
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


def test_open_reports_of_a_listing_are_counted_by_kind(database):
    first, second = programs(database)
    send(database, first, "not_running", note="Nobody was there")
    send(database, first, "not_running", sender="two")
    send(database, first, "full")
    send(database, second, "closed")
    with database.transaction() as session:
        reports.close(session, 3, now=NOW)
        assert reports.counts(session, first) == {"not_running": 2}
        assert [one.kind for one in reports.of_listing(session, first)] == ["not_running", "not_running"]


def test_reports_go_along_with_the_listing_that_most_call_unsafe_first(database):
    first, second = programs(database)
    send(database, first, "unsafe", note="once", sender="one")
    send(database, second, "unsafe", note="a", sender="two")
    send(database, second, "unsafe", note="b", sender="two")
    assert [name for name, *_ in waiting(database)] == ["Group 2", "Group 2", "Group 1"]


def test_a_listing_that_was_not_hidden_cannot_be_shown_again(database):
    with pytest.raises(Conflict):
        show_again(database, programs(database)[0])
