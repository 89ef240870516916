from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from finder.catalog.models import PUBLISHED, WITHHELD, Program
from finder.listings import changes, hiding, reports
from finder.listings.models import Report
from tests.listings.database import NOW, make_database, take
from tests.listings.test_reports import document, programs, send, show_again, state


@pytest.fixture
def database(tmp_path):
    made = make_database(tmp_path)
    take(made, [document(number) for number in range(1, 9)])
    return made


def unsafe(database, program, *senders, now=NOW, note=""):
    for sender in senders:
        send(database, program, "unsafe", note=note, sender=sender, now=now)


def test_Y8_two_people_who_felt_unsafe_take_a_listing_out_of_sight(database):
    first, second, *_ = programs(database)
    unsafe(database, first, "one")
    assert state(database, first) == PUBLISHED
    unsafe(database, first, "two")
    assert state(database, first) == WITHHELD
    assert state(database, second) == PUBLISHED
    with database.reading() as session:
        entry = changes.history(session, first)[0]
        assert (entry.actor, entry.kind, entry.state_before) == ("reports", "hidden", PUBLISHED)


@pytest.mark.parametrize("again", [
    {"note": "other words"}, {"note": "the next day", "now": NOW + timedelta(days=1), "sender": "new hash",
                              "mark": "one"}], ids=["the same day", "the next day"])
def test_Y8_one_sender_never_counts_twice(database, again):
    first = programs(database)[0]
    unsafe(database, first, "one")
    send(database, first, **{"kind": "unsafe", "sender": "one", **again})
    assert len(reports_of(database, first)) == 2
    assert state(database, first) == PUBLISHED


def reports_of(database, program):
    with database.reading() as session:
        return reports.of_listing(session, program)


def test_Y8_other_reports_and_senders_that_nobody_can_tell_apart_hide_nothing(database):
    first, second, *_ = programs(database)
    for sender in ("one", "two", "six"):
        send(database, first, "closed", sender=sender)
    for note in ("a", "b", "c"):
        with database.transaction() as session:
            reports.send(session, second, kind="unsafe", note=note, sender="", now=NOW)
    assert {state(database, first), state(database, second)} == {PUBLISHED}


def test_Y8_what_a_steward_shows_again_takes_two_new_people_to_hide(database):
    first = programs(database)[0]
    unsafe(database, first, "one", "two")
    show_again(database, first)
    assert state(database, first) == PUBLISHED
    assert reports_of(database, first) == []
    later = NOW + timedelta(days=29)
    send(database, first, "unsafe", sender="h1", mark="one", now=later)
    send(database, first, "unsafe", sender="h3", mark="six", now=later)
    assert state(database, first) == PUBLISHED
    send(database, first, "unsafe", sender="h4", mark="ten", now=later)
    assert state(database, first) == WITHHELD


def test_Y8_no_import_shows_a_hidden_listing_before_a_steward_has_looked(database):
    first = programs(database)[0]
    unsafe(database, first, "one", "two")
    take(database, [document(number) | {"description": "New words"} for number in range(1, 9)])
    assert state(database, first) == WITHHELD
    show_again(database, first)
    take(database, [document(number) | {"description": "Newer words"} for number in range(1, 9)])
    assert state(database, first) == PUBLISHED
    with database.reading() as session:
        assert changes.find(session, first).document["description"] == "Newer words"


def test_Y8_one_network_takes_part_in_hiding_three_listings_a_day_at_most(database):
    listings = programs(database)
    for number, program in enumerate(listings[:5]):
        unsafe(database, program, f"{number}x")
    for number, program in enumerate(listings[:5]):
        unsafe(database, program, "bad", now=NOW + timedelta(hours=number))
    assert [state(database, one) for one in listings[:5]] == [WITHHELD] * 3 + [PUBLISHED] * 2
    send(database, listings[3], "unsafe", sender="eve", now=NOW + timedelta(hours=6))
    assert state(database, listings[3]) == PUBLISHED  # it is still one of its reporters
    send(database, listings[4], "unsafe", sender="eve", now=NOW + timedelta(days=1))
    assert state(database, listings[4]) == WITHHELD


def test_Y8_all_together_hide_twenty_a_day_at_most_and_the_rest_waits_first_in_the_queue(tmp_path):
    made = make_database(tmp_path)
    take(made, [document(number) for number in range(10, 32)])
    with made.transaction() as session:
        for number, program in enumerate(session.scalars(select(Program.id).order_by(Program.name)).all()):
            for side in "ab":
                session.add(Report(program_id=program, kind="unsafe", sent_on=NOW.date(), sent_hour=12,
                                   sender=f"{number}{side}", mark=f"{side}{number % 100:02}"))
            session.flush()
            hiding.consider(session, program, now=NOW)
    states = [state(made, one) for one in programs(made)]
    assert states == [WITHHELD] * 20 + [PUBLISHED] * 2
