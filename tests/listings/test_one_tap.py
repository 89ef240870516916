from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from finder.accounts import people, tokens
from finder.catalog.models import DELETED, Program
from finder.db import Database
from finder.errors import Conflict, Invalid, NotFound, TooOften
from finder.listings import changes, one_tap, review
from finder.listings.changes import Listing
from finder.listings.models import Note, Proposal, Reminder, Removal, Report
from finder.listings.review import Sender, Trust
from finder.listings.writing import Author
from finder.outbox import Message, Silence
from tests.listings.database import NOW, make_database, take

TODAY = NOW.date().isoformat()
GROUP: dict[str, Any] = {
    "format": "finder-listing/1", "id": "g1", "name": "River Circle", "group_type": "peer_support",
    "contact": {"email": "joy@example.org", "phone": "919-555-0142"},
    "verified": {"on": "2026-01-05", "method": "phone", "field_dates": {"cost": "2025-01-05"}},
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = make_database(tmp_path)
    take(found, [GROUP])
    return found


def there(database: Database) -> Listing:
    with database.reading() as session:
        return changes.find(session, session.scalars(select(Program.id)).one())


def confirm(database: Database, base: int | None = None) -> None:
    found = there(database)
    with database.transaction() as session:
        one_tap.confirm(session, found.id, base=base or found.version, now=NOW)


def say_room(database: Database, room: str, weeks: float | None = None) -> None:
    with database.transaction() as session:
        one_tap.say_room(session, there(database).id, room, weeks=weeks, now=NOW)


def rows(database: Database, model: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(model)))


def test_all_is_right_dates_every_fact_today_by_the_group_itself(database: Database) -> None:
    confirm(database)
    found = there(database)
    assert found.document["verified"] == {"on": TODAY, "method": "operator"}
    with database.reading() as session:
        (last, *_) = changes.history(session, found.id)
    assert (last.kind, last.actor, last.account_id) == ("checked", "contact", None)


def test_said_twice_a_day_it_is_one_change_even_from_an_old_page(database: Database) -> None:
    confirm(database)
    version = there(database).version
    confirm(database, base=1)
    assert there(database).version == version == 2


def test_what_changed_since_the_page_was_shown_is_not_confirmed(database: Database) -> None:
    found = there(database)
    with database.transaction() as session:
        changes.change(session, found.id, base=1, author=Author("somebody"), now=NOW,
                       document={**found.document, "name": "Lake Circle"})
    with pytest.raises(Conflict):
        confirm(database, base=1)
    assert there(database).document["verified"]["on"] == "2026-01-05"


@pytest.mark.parametrize(("days", "again"), [(90, True), (91, False)])
def test_all_is_right_counts_for_room_only_while_the_page_still_showed_it(database: Database, days: int,
                                                                          again: bool) -> None:
    said = (NOW.date() - timedelta(days)).isoformat()
    take(database, [{**GROUP, "capacity": {"status": "full", "as_of": said}}])
    confirm(database)
    assert there(database).document["capacity"] == {"status": "full", "as_of": TODAY if again else said}


def test_no_later_import_of_an_older_check_takes_it_back(database: Database) -> None:
    confirm(database)
    take(database, [GROUP])
    assert there(database).document["verified"]["on"] == TODAY
    newer = {"on": (NOW.date() + timedelta(1)).isoformat(), "method": "web"}
    take(database, [{**GROUP, "verified": newer}])
    assert there(database).document["verified"] == newer


@pytest.mark.parametrize(("room", "weeks", "stated"), [
    ("open", None, {"status": "open"}), ("full", 3, {"status": "full"}), ("waitlist", None, {"status": "waitlist"}),
    ("waitlist", 3, {"status": "waitlist", "wait_weeks": 3}), ("ask", None, None),
])
def test_room_is_said_with_its_day(database: Database, room: str, weeks: int | None, stated: Any) -> None:
    take(database, [{**GROUP, "capacity": {"status": "open", "seats": 4, "as_of": "2026-11-01"}}])
    say_room(database, room, weeks)
    expected = {**stated, "as_of": TODAY} if stated else None
    assert there(database).document.get("capacity") == expected
    version = there(database).version
    say_room(database, room, weeks)
    assert there(database).version == version


@pytest.mark.parametrize(("room", "weeks", "field"), [
    ("assessment_first", None, "room"), ("waitlist", 261, "weeks"), ("waitlist", -1, "weeks")])
def test_what_a_tap_cannot_say_is_refused(database: Database, room: str, weeks: int | None, field: str) -> None:
    with pytest.raises(Invalid) as broken:
        say_room(database, room, weeks)
    assert list(broken.value.errors) == [field]


def test_an_answer_gives_the_group_two_weeks_of_peace(database: Database) -> None:
    say_room(database, "open")
    (row,) = rows(database, Reminder)
    assert (row.sent, row.next_on) == (0, NOW.date() + timedelta(14))


def test_back_from_a_pause_before_its_day(database: Database) -> None:
    with database.transaction() as session:
        one_tap.pause(session, there(database).id, back_on=NOW.date() + timedelta(60), now=NOW)
    assert there(database).document["status"] == "paused"
    with database.transaction() as session:
        one_tap.back(session, there(database).id, now=NOW)
    assert "status" not in there(database).document


# -- taking a listing down -------------------------------------------------------------------------------------------


def ask_removal(database: Database, words: str = "We have ended.") -> None:
    with database.transaction() as session:
        one_tap.ask_removal(session, there(database).id, words=words, address="joy@example.org", now=NOW)


def test_the_wish_not_to_be_listed_waits_once_for_a_steward(database: Database) -> None:
    ask_removal(database)
    ask_removal(database)
    (waits,) = rows(database, Proposal)
    assert (waits.kind, waits.state, waits.note, waits.reply_to) == ("delete", "waiting", "We have ended.",
                                                                     "joy@example.org")
    assert there(database).state == "published"


def test_a_stewards_yes_takes_it_down_for_good_and_answers(database: Database) -> None:
    ask_removal(database)
    with database.transaction() as session:
        steward = people.find_or_make(session, "pat@example.org", now=NOW)
        review.decide(session, session.scalars(select(Proposal.id)).one(), {"": "accept"},
                      author=Author("steward", steward.id), now=NOW)
    assert there(database).state == DELETED
    assert len(rows(database, Removal)) == 1
    take(database, [GROUP])
    assert there(database).state == DELETED
    (letter,) = rows(database, Message)
    assert (letter.kind, letter.address, letter.facts["kind"]) == ("decision", "joy@example.org", "delete")


@pytest.mark.parametrize("words", ["x" * 1001, "bell\x07"], ids=["long", "control"])
def test_words_that_do_not_fit_are_refused(database: Database, words: str) -> None:
    with pytest.raises(Invalid):
        ask_removal(database, words)


def test_no_more_letters_ends_every_kind_that_asks(database: Database) -> None:
    with database.transaction() as session:
        one_tap.stop_letters(session, "Joy@example.org", NOW)
        one_tap.stop_letters(session, "joy@example.org", NOW)
    assert {(one.address, one.kind, one.reason) for one in rows(database, Silence)} == {
        ("joy@example.org", kind, "unsubscribed") for kind in ("check", "capacity", "paused")}


def test_a_new_link_goes_to_the_listings_own_address_a_few_times_a_day(database: Database) -> None:
    for step in range(3):
        with database.transaction() as session:
            assert one_tap.send_again(session, there(database).id, NOW + timedelta(minutes=step))
    with database.transaction() as session, pytest.raises(TooOften):
        one_tap.send_again(session, there(database).id, NOW + timedelta(minutes=4))
    assert [one.address for one in rows(database, Message)] == ["joy@example.org"] * 3


# -- a changed contact -----------------------------------------------------------------------------------------------


@pytest.fixture
def secret(database: Database) -> str:
    """An editor moves the listing's phone, and the old contact is asked; gives the link of that letter."""
    found = there(database)
    with database.transaction() as session:
        editor = people.find_or_make(session, "sam@example.org", now=NOW)
        document = {**found.document, "contact": {**found.document["contact"], "phone": "919-555-0199"}}
        review.propose(session, found.id, document, base=found.version, now=NOW,
                       sender=Sender(Trust.EDITOR, account_id=editor.id))
    (letter,) = [one for one in rows(database, Message) if one.kind == "contact_change"]
    assert letter.address == "joy@example.org"
    return str(letter.facts["link"])


def test_the_old_contact_agrees_with_one_tap(database: Database, secret: str) -> None:
    with database.transaction() as session:
        one_tap.agree(session, secret, now=NOW)
    assert there(database).document["contact"]["phone"] == "919-555-0199"
    with database.reading() as session:
        assert tokens.look(session, secret, "confirm_change", now=NOW).result == "agreed"


def test_a_change_they_did_not_ask_for_is_rejected_and_stewards_are_told(database: Database, secret: str) -> None:
    with database.transaction() as session:
        one_tap.refuse(session, secret, words="They did not ask for it.", now=NOW)
    assert there(database).document["contact"]["phone"] == "919-555-0142"
    (proposal,), (note,), (report,) = rows(database, Proposal), rows(database, Note), rows(database, Report)
    assert proposal.state == "rejected"
    assert "account" in note.text
    assert report.closed_at is None


def test_a_link_answers_once(database: Database, secret: str) -> None:
    with database.transaction() as session:
        one_tap.refuse(session, secret, words="They did not ask for it.", now=NOW)
    with pytest.raises(Conflict), database.transaction() as session:
        one_tap.agree(session, secret, now=NOW)
    with pytest.raises(NotFound), database.transaction() as session:
        one_tap.agree(session, "no-such-link", now=NOW)
    assert there(database).document["contact"]["phone"] == "919-555-0142"


def test_a_link_that_is_too_old_changes_nothing(database: Database, secret: str) -> None:
    with pytest.raises(Conflict), database.transaction() as session:
        one_tap.agree(session, secret, now=NOW + timedelta(days=8))
    assert there(database).document["contact"]["phone"] == "919-555-0142"


def test_whoever_was_told_no_may_say_once_why_it_should_be_yes(database: Database, secret: str) -> None:
    with database.transaction() as session:
        one_tap.refuse(session, secret, words="They did not ask for it.", now=NOW)
    (reply,) = [one.facts["link"] for one in rows(database, Message) if one.kind == "decision"]
    with pytest.raises(Invalid), database.transaction() as session:
        one_tap.appeal(session, reply, "  ", now=NOW)
    with database.transaction() as session:
        one_tap.appeal(session, reply, "It is our new number.", now=NOW)
    with pytest.raises(Conflict), database.transaction() as session:
        one_tap.appeal(session, reply, "Please.", now=NOW)
    (proposal,) = rows(database, Proposal)
    assert (proposal.state, proposal.appeal) == ("waiting", "It is our new number.")
