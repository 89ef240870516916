from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from sqlalchemy import event

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import DELETED
from finder.db import Database
from finder.errors import Conflict, NotFound
from finder.listings import changes, doubles
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take
from tests.make import make_session

STEWARD = Author("steward:1")
HALL = {"address_1": "12 Bell Road", "city": "Durham", "state": "NC", "postal_code": "27701", "latitude": 35.99,
        "longitude": -78.9}


def circle(key: str, **more: object) -> dict[str, object]:
    return {"format": "finder-listing/1", "id": key, "name": "Bell Road Lantern Circle", "group_type": "peer_support",
            "contact": {"phone": "919-555-0117"},
            "sessions": [make_session(location=HALL, repeats="FREQ=WEEKLY;BYDAY=TU", start_time="18:00",
                                      timezone="America/New_York")], **more}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = make_database(tmp_path)
    take(database, [circle("a")], source="The group")
    take(database, [circle("b", name="Bell Rd. Lantern Circle", contact={"phone": "(919) 555-0117"},
                           description="Tea and talk.")], source="A county")
    take(database, [circle("c", name="Knitting for Veterans", contact={"phone": "919-555-0199"},
                           sessions=[make_session(repeats="FREQ=WEEKLY;BYDAY=FR", start_time="10:00",
                                                  timezone="America/New_York")])], source="A library")
    return database


def scanned(database: Database) -> list[doubles.Pair]:
    with database.transaction() as session:
        doubles.keep(session, doubles.look(session), now=NOW)
        return doubles.waiting(session)


def merged(database: Database, pair: doubles.Pair, **more: object) -> changes.Listing:
    stays = pair.one if pair.one.source == "The group" else pair.two
    with database.transaction() as session:
        return doubles.merge(session, pair.number, stays=stays.id, author=STEWARD, now=NOW, **{  # type: ignore[arg-type]
            "bases": {pair.one.id: pair.one.version, pair.two.id: pair.two.version}, **more})


def test_one_group_listed_twice_is_found_once_with_reasons(database: Database) -> None:
    (pair,) = scanned(database)
    assert {pair.one.document["id"], pair.two.document["id"]} == {"a", "b"}
    assert "same_phone" in {reason["code"] for reason in pair.reasons}
    with database.transaction() as session:
        assert doubles.keep(session, doubles.look(session), now=NOW) == 0
        assert doubles.count(session) == 1


def test_what_was_told_apart_is_not_asked_again(database: Database) -> None:
    (pair,) = scanned(database)
    with database.transaction() as session:
        doubles.tell_apart(session, pair.number, account_id=None, now=NOW)
    assert scanned(database) == []
    with database.transaction() as session, pytest.raises(NotFound):
        doubles.tell_apart(session, pair.number, account_id=None, now=NOW)


def test_a_pair_is_shown_to_stewards_of_its_states_only(database: Database) -> None:
    scanned(database)
    with database.reading() as session:
        assert len(doubles.waiting(session, states={"US:NC"})) == 1
        assert doubles.waiting(session, states={"US:PA"}) == []


def test_many_pairs_are_read_in_few_questions(database: Database) -> None:
    take(database, [circle(f"d{number}") for number in range(6)], source="A copy")
    assert len(scanned(database)) > 10
    asked: list[str] = []

    def note(*args: object) -> None:
        asked.append(str(args[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        assert len(doubles.waiting(session, most=3, after=2)) == 3
    assert len(asked) < 10


def test_a_merge_takes_the_chosen_pieces_and_the_address_leads_on(database: Database) -> None:
    (pair,) = scanned(database)
    kept = merged(database, pair, taken=["description"])
    assert kept.document["name"] == "Bell Road Lantern Circle"
    assert kept.document["description"] == "Tea and talk."
    gone = pair.two if pair.one.id == kept.id else pair.one
    with database.reading() as session:
        there = changes.find(session, gone.id)
        assert (there.state, there.merged_into) == (DELETED, kept.id)
        assert doubles.successor(session, gone.slug) == kept.slug
        assert doubles.successor(session, kept.slug) is None
        assert doubles.merged_from(session, kept.id) == [gone.slug]
        assert [one.kind for one in changes.history(session, kept.id)] == ["merged", "import"]


def test_a_merged_listing_stays_away_whatever_its_source_says(database: Database) -> None:
    (pair,) = scanned(database)
    kept = merged(database, pair)
    report = take(database, [circle("b", name="Bell Rd. Lantern Circle, renamed")], source="A county")
    assert (report.held, report.changed, report.added) == (1, 0, 0)
    with database.reading() as session:
        gone = pair.two if pair.one.id == kept.id else pair.one
        assert changes.find(session, gone.id).state == DELETED


def test_a_merge_can_be_taken_back(database: Database) -> None:
    (pair,) = scanned(database)
    kept = merged(database, pair)
    gone = pair.two if pair.one.id == kept.id else pair.one
    with database.transaction() as session:
        back = changes.undelete(session, gone.id, base=changes.find(session, gone.id).version, author=STEWARD, now=NOW)
        assert (back.document, back.state, back.merged_into) == (gone.document, gone.state, None)
        assert doubles.successor(session, gone.slug) is None


def test_editors_of_the_listing_that_goes_may_edit_the_one_that_stays(database: Database) -> None:
    (pair,) = scanned(database)
    gone = pair.two if pair.one.source == "The group" else pair.one
    with database.transaction() as session:
        joy = people.find_or_make(session, "joy@example.org", now=NOW).id
        people.give(session, joy, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM, value=str(gone.id))
    kept = merged(database, pair)
    with database.reading() as session:
        assert str(kept.id) in {one.value for one in people.grants_of(session, joy)}


def test_a_merge_of_what_somebody_changed_meanwhile_writes_nothing(database: Database) -> None:
    (pair,) = scanned(database)
    with database.transaction() as session:
        changes.change(session, pair.two.id, base=pair.two.version, author=STEWARD, now=NOW,
                       document={**pair.two.document, "name": "Another name"})
    with pytest.raises(Conflict):
        merged(database, pair)
    with database.reading() as session:
        assert changes.find(session, pair.one.id).version == pair.one.version


def test_there_is_no_successor_of_what_was_never_there(database: Database) -> None:
    with database.reading() as session:
        assert doubles.successor(session, "nothing") is None
        assert doubles.successor(session, str(uuid.uuid4())) is None
