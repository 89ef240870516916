from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from finder.catalog.models import Program
from finder.exchange import entries
from finder.listings import changes
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take
from tests.make import make_session
from tests.web.site import group

HIDDEN = {"city": "Durham", "state": "NC", "address_1": "1 Quiet Road", "latitude": 35.9, "longitude": -78.9,
          "precision": "exact", "hidden": True}


@pytest.fixture
def database(tmp_path: Path):
    found = make_database(tmp_path)
    take(found, [group(1, organization={"name": "One"}, sessions=[make_session(location=HIDDEN),
                                                                  make_session(format="phone")]), group(2)])
    return found


def test_an_entry_holds_the_public_document_and_the_ids_of_its_rows(database):
    with database.reading() as session:
        one, two = sorted(entries.entries(session), key=lambda each: each.document["name"])
        assert entries.find(session, one.id) == one
    assert one.document["sessions"][0]["location"] == {"city": "Durham", "state": "NC", "hidden": True}
    assert one.organization_id is not None
    assert [each.location_id is None for each in one.meetings] == [False, True]
    assert len({each.id for each in one.meetings}) == 2
    assert (two.organization_id, two.meetings) == (None, ())
    assert one.changed_at.tzinfo is UTC


def test_only_what_changed_after_an_instant_is_read(database):
    later = NOW + timedelta(hours=2)
    with database.transaction() as session:
        one, two = entries.entries(session)
        there = changes.find(session, one.id)
        changes.change(session, there.id, base=there.version, author=Author("steward:1"), now=later,
                       document={**there.document, "description": "Tea."})
    with database.reading() as session:
        assert [each.id for each in entries.entries(session, changed_after=NOW)] == [one.id]
        assert list(entries.entries(session, changed_after=later)) == []
        assert entries.find(session, two.id) is not None


def test_what_is_not_published_any_more_leaves_a_stone(database):
    with database.transaction() as session:
        one, two = entries.entries(session)
        there = changes.find(session, two.id)
        changes.delete(session, there.id, base=there.version, author=Author("steward:1"), now=NOW + timedelta(hours=1))
    with database.reading() as session:
        assert [each.id for each in entries.entries(session)] == [one.id]
        assert [(each.id, each.into) for each in entries.gone(session, changed_after=NOW)] == [(two.id, None)]
        assert entries.find(session, two.id) is None


def test_only_what_was_shown_once_is_told_as_gone(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    take(database, [group(1), group(2), group(3)])
    take(database, [group(4), group(5)], source="Hidden", publish=False)
    with database.transaction() as session:
        there = {one.source_key: one for one in session.scalars(select(Program))}
        for key, state in (("g1", "withheld"), ("g2", "deleted"), ("g4", "deleted")):
            changes.change(session, there[key].id, base=1, author=Author("steward:1"), now=NOW, state=state)
        told = {one.id for one in entries.gone(session)}
    assert told == {there["g1"].id, there["g2"].id}
