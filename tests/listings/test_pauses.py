from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Conflict, Invalid
from finder.listings import changes, pauses
from finder.listings.changes import Listing
from finder.listings.writing import Author
from finder.outbox import Message
from tests.listings.database import NOW, make_database, take

CONTACT = Author("contact")
TODAY = NOW.date()
BACK = TODAY + timedelta(30)
GROUP: dict[str, Any] = {"format": "finder-listing/1", "id": "g1", "name": "River Circle",
                         "group_type": "peer_support", "contact": {"email": "joy@example.org"}}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = make_database(tmp_path)
    take(found, [GROUP])
    return found


def there(database: Database) -> Listing:
    with database.reading() as session:
        return changes.find(session, session.scalars(select(Program.id)).one())


def pause(database: Database, back_on: Any = BACK, base: int | None = None) -> None:
    found = there(database)
    with database.transaction() as session:
        pauses.pause(session, found.id, back_on=back_on, base=base or found.version, author=CONTACT, now=NOW)


def end(database: Database, days: int) -> bool:
    with database.transaction() as session:
        return pauses.end(session, there(database).id, now=NOW + timedelta(days))


def test_a_paused_group_comes_back_on_its_day_and_its_contact_is_told(database: Database) -> None:
    pause(database)
    assert there(database).document["status"] == "paused"
    with database.reading() as session:
        assert pauses.due(session, BACK - timedelta(1)) == []
        assert pauses.due(session, BACK) == [there(database).id]
    assert not end(database, 29)
    assert end(database, 30)
    assert not end(database, 30)
    with database.reading() as session:
        history = [(one.kind, one.actor) for one in changes.history(session, there(database).id)]
        letter = session.scalars(select(Message)).one()
    assert "status" not in there(database).document
    assert history[:2] == [("resumed", "calendar"), ("paused", "contact")]
    assert (letter.kind, letter.address) == ("paused", "joy@example.org")


def test_a_day_said_again_moves_it_and_changes_nothing_else(database: Database) -> None:
    pause(database)
    version = there(database).version
    pause(database, BACK + timedelta(10))
    assert there(database).version == version
    with database.reading() as session:
        assert pauses.back_on(session, there(database).id) == BACK + timedelta(10)


@pytest.mark.parametrize("back_on", [TODAY, TODAY - timedelta(1), TODAY + timedelta(367)],
                         ids=["today", "past", "too_far"])
def test_the_day_lies_within_the_year_ahead(database: Database, back_on: Any) -> None:
    with pytest.raises(Invalid):
        pause(database, back_on)
    assert "status" not in there(database).document


def test_a_pause_by_somebody_who_read_an_older_version_is_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        pause(database, base=7)


@pytest.mark.parametrize("status", [None, "closed"], ids=["back_already", "ended"])
def test_a_group_that_somebody_changed_meanwhile_stays_as_it_is(database: Database, status: str | None) -> None:
    pause(database)
    found = there(database)
    with database.transaction() as session:
        document = {key: one for key, one in found.document.items() if key != "status"}
        changes.change(session, found.id, base=found.version, author=CONTACT, now=NOW,
                       document=document | ({"status": status} if status else {}))
    assert not end(database, 30)
    assert there(database).document.get("status") == status
    with database.reading() as session:
        assert session.scalars(select(Message)).all() == []


def test_no_import_ends_a_pause(database: Database) -> None:
    pause(database)
    take(database, [GROUP])
    assert there(database).document["status"] == "paused"
