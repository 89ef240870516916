import uuid

import orjson
import pytest
from sqlalchemy import select

from finder.catalog import queries
from finder.catalog.models import MeetingSession, Program, Source
from finder.errors import Conflict
from finder.listings import edits, ready
from finder.listings.outcomes import Incoming
from finder.listings.preparing import IN_MEMORY, Prepared, at_once
from finder.search import synthetic
from tests.listings.database import NOW, make_database
from tests.listings.test_edits import listing

VERIFIED = {"on": "2026-05-01", "method": "phone"}


@pytest.fixture
def database(tmp_path):
    made = make_database(tmp_path)
    yield made
    made.close()


def incoming(*documents):
    return [Incoming(one, row) for row, one in enumerate(documents, 1)]


def test_rows_come_back_as_they_were_prepared_as_often_as_one_likes():
    odd = listing("g1", name="“Ümlaut”\u2028 & \\ \n line", cost={"amount": 12.1})
    rows = [Incoming(odd, 3, False, uuid.uuid4(), True), Incoming({"id": 7}, 4), Incoming("no listing", 5),
            *incoming(*synthetic.documents(40))]
    expected = [one for chunk in at_once(rows, trusted=True) for one in chunk]
    with Prepared(rows, trusted=True) as prepared:
        for _ in range(2):
            found = [one for chunk in prepared for one in chunk]
            assert [(one.row, one.key, one.publish, one.origin, one.direct, one.problems) for one in found] == [
                (one.row, one.key, one.publish, one.origin, one.direct, one.problems) for one in expected]
            assert [one.listing and one.listing.document for one in found] == [
                one.listing and one.listing.document for one in expected]
            assert [one.listing and one.listing.digest for one in found] == [
                one.listing and one.listing.digest for one in expected]
            assert [one.listing and one.listing.ready.kept() for one in found[3:]] == [
                one.listing and ready.found(*_plain(one.listing)).kept() for one in expected[3:]]


def _plain(said):
    """What of a listing JSON gives back."""
    kept, text = said.ready.kept()
    return orjson.loads(orjson.dumps(kept)), text


def test_rows_come_in_pieces_and_many_go_to_a_file():
    with Prepared(incoming(*synthetic.documents(2300)), trusted=True) as prepared:
        assert [len(chunk) for chunk in prepared] == [1000, 1000, 300]
    with Prepared([], trusted=True) as prepared:
        assert [*prepared] == []
    assert IN_MEMORY < 64 * 1024 * 1024


def test_what_a_listing_breaks_off_with_is_raised_and_leaves_nothing():
    def rows():
        yield Incoming(listing("g1"), 1)
        raise LookupError

    with pytest.raises(LookupError):
        Prepared(rows(), trusted=True)


def test_a_prepared_import_is_the_same_as_one_that_is_not(database):
    documents = [*synthetic.documents(120), listing("own", verified=VERIFIED), {"id": "broken"}, listing("own")]
    told = []
    for source in ("One feed", "Another feed"):
        with database.transaction() as session, Prepared(incoming(*documents), trusted=True) as prepared:
            rows = prepared if source == "Another feed" else incoming(*documents)
            told.append(edits.import_listings(session, rows, source=source, now=NOW))
    one, other = told
    assert one.fingerprint == other.fingerprint
    assert one.counts() | {"seconds": 0} == other.counts() | {"seconds": 0}
    with database.reading() as session:
        texts = {source: _texts(session, source) for source in ("One feed", "Another feed")}
    assert len(texts["One feed"]) == 121
    assert texts["One feed"] == texts["Another feed"]
    with database.transaction() as session, Prepared(incoming(*documents), trusted=True) as prepared:
        again = edits.import_listings(session, prepared, source="One feed", now=NOW)
    assert (again.added, again.changed, again.unchanged, again.gone) == (0, 0, 121, 0)


def _texts(session, source):
    found = session.execute(select(Program.__table__).join(Source, Source.id == Program.source_id).where(
        Source.name == source)).mappings().all()
    return {one["id"]: one for one in queries.documents(session, found)}


def test_ids_of_sessions_are_random_uuids(database):
    with database.transaction() as session:
        edits.import_listings(session, incoming(*synthetic.documents(60)), source="A feed", now=NOW)
    with database.reading() as session:
        found = [*session.scalars(select(MeetingSession.id))]
    assert len(set(found)) == len(found) > 60
    assert {(one.version, one.variant) for one in found} == {(4, uuid.RFC_4122)}


def test_what_was_prepared_for_a_source_that_is_trusted_otherwise_by_now_is_not_taken(database):
    rows = incoming(listing("g1", verified=VERIFIED))
    with database.transaction() as session:
        edits.import_listings(session, rows, source="A feed", now=NOW, trusted=False)
    with Prepared(rows, trusted=True) as prepared, pytest.raises(Conflict, match="trust_changed"), \
            database.transaction() as session:
        edits.import_listings(session, prepared, source="A feed", now=NOW)
    with database.reading() as session:
        assert not edits.is_trusted(session, "A feed")
        assert edits.is_trusted(session, "A feed", trusted=True)
        assert edits.is_trusted(session, "A new feed")
