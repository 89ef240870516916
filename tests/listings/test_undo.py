from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.catalog import queries
from finder.catalog.models import DELETED, GONE, PUBLISHED
from finder.config import ROOT
from finder.errors import Conflict, NotFound
from finder.listings import changes, undo
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take
from tests.listings.test_edits import EVENING, listing

STEWARD = Author("steward:1")
SEED = [orjson.loads(line) for line in (ROOT / "seed_data" / "listings.jsonl").read_bytes().splitlines()[:12]]


@pytest.fixture
def database(tmp_path):
    return make_database(tmp_path)


def take_back(database, report, now=NOW):
    with database.transaction() as session:
        return undo.undo_import(session, UUID(report.import_id), author=STEWARD, now=now)


def shown(database):
    """Every published document as bytes, by its address."""
    with database.reading() as session:
        return {one.slug: orjson.dumps(one.document) for one in queries.published(session)}


def edit(database, key, **fields):
    with database.transaction() as session:
        there = changes.find(session, slug_of(database, key))
        document = {name: one for name, one in {**there.document, **fields}.items() if one is not None}
        changes.change(session, there.id, base=there.version, author=Author("operator:7"), now=NOW, document=document)


def slug_of(database, key):
    with database.reading() as session:
        return next(one.slug for one in queries.published(session) if one.document["id"] == key)


def document(database, slug):
    with database.reading() as session:
        return changes.find(session, slug)


def test_M5_everything_an_import_did_is_taken_back(database):
    take(database, [listing(number, sessions=[EVENING]) for number in range(12)])
    before, version = shown(database), database.catalog_version()
    same = [listing(number, sessions=[EVENING]) for number in range(1, 11)]
    report = take(database, [listing(0, name="New name"), *same, listing(99)])
    done = take_back(database, report)
    assert (done.restored, done.taken_down, done.brought_back, done.kept) == (1, 1, 1, 0)
    assert shown(database) == before
    assert database.catalog_version() == version + 2


def test_an_added_listing_goes_out_of_sight_and_its_history_stays(database):
    report = take(database, [listing(1)])
    slug = slug_of(database, "g1")
    take_back(database, report)
    there = document(database, slug)
    assert there.state == GONE
    with database.reading() as session:
        assert [one.kind for one in changes.history(session, there.id)] == ["undone", "import"]


def test_an_undone_listing_comes_with_the_next_import_again(database):
    report = take(database, [listing(1)])
    take_back(database, report)
    assert take(database, [listing(1)]).changed == 1
    assert list(shown(database)) == [slug_of(database, "g1")]


def test_later_words_of_others_stay_field_by_field(database):
    take(database, [listing(1, description="A room.", languages=["en"])])
    report = take(database, [listing(1, name="Wrong", description="Wrong too.", languages=["en", "es"])])
    edit(database, "g1", description="A quiet room.")
    done = take_back(database, report)
    there = document(database, slug_of(database, "g1"))
    assert (done.restored, done.kept) == (1, 1)
    assert (there.document["name"], there.document["description"]) == ("Group 1", "A quiet room.")
    assert there.document["languages"] == ["en"]
    assert list(there.kept_fields) == ["description"]


def test_a_later_import_stays_when_an_earlier_one_is_taken_back(database):
    take(database, [listing(1)])
    report = take(database, [listing(1, name="Wrong", description="Wrong.")])
    take(database, [listing(1, name="Right", description="Wrong.")])
    take_back(database, report)
    there = document(database, slug_of(database, "g1"))
    assert there.document["name"] == "Right"
    assert "description" not in there.document


def test_what_somebody_deleted_since_stays_deleted(database):
    report = take(database, [listing(1)])
    slug = slug_of(database, "g1")
    with database.transaction() as session:
        there = changes.find(session, slug)
        changes.delete(session, there.id, base=there.version, author=STEWARD, now=NOW)
    done = take_back(database, report)
    assert done.untouched == 1
    assert document(database, slug).state == DELETED


def test_made_up_listings_come_back_only_when_no_real_ones_are_left(database):
    take(database, [listing(1)], source="demonstration", demonstration=True)
    first = take(database, [listing(2)], source="One")
    second = take(database, [listing(3)], source="Two")
    take_back(database, first)
    assert [orjson.loads(one)["id"] for one in shown(database).values()] == ["g3"]
    take_back(database, second)
    assert shown(database) == {}


def test_made_up_listings_come_back_with_the_only_import(database):
    take(database, [listing(1)], source="demonstration", demonstration=True)
    before = shown(database)
    take_back(database, take(database, [listing(2)], source="One"))
    assert shown(database) == before


def test_two_imports_are_taken_back_one_after_the_other_as_if_nobody_had_come_between(database):
    first = take(database, [listing(1), listing(2)])
    second = take(database, [listing(1, name="Other"), listing(2)])
    assert take_back(database, second).kept == 0
    done = take_back(database, first)
    assert (done.taken_down, done.kept) == (2, 0)


def test_undoing_twice_says_so_and_changes_nothing(database):
    report = take(database, [listing(1)])
    take_back(database, report)
    version = database.catalog_version()
    with pytest.raises(Conflict, match="already_undone"):
        take_back(database, report)
    assert database.catalog_version() == version


def test_an_import_that_never_was_is_not_found(database):
    with pytest.raises(NotFound), database.transaction() as session:
        undo.undo_import(session, uuid4(), author=STEWARD, now=NOW)


def test_what_the_source_says_beside_people_goes_with_its_import(database):
    take(database, [listing(1, description="Old.")])
    edit(database, "g1", description="By the group.")
    report = take(database, [listing(1, description="New.")])
    slug = slug_of(database, "g1")
    with database.reading() as session:
        assert '"New."' in feed_of(session, slug)
    take_back(database, report)
    with database.reading() as session:
        assert feed_of(session, slug) is None


def feed_of(session, slug):
    from finder.listings import writing  # noqa: PLC0415
    program = changes.find(session, slug).id
    return writing.read_rows(session, [program])[program]["feed"]


def test_the_list_of_imports_says_when_whence_and_whether_it_was_taken_back(database):
    take(database, [listing(1)], source="One")
    report = take(database, [listing(1)], source="Two")
    take_back(database, report, NOW + timedelta(hours=1))
    with database.reading() as session:
        found = {one.source: one for one in undo.past(session)}
    assert found["Two"].undone_at == (NOW + timedelta(hours=1)).replace(tzinfo=None)
    assert (found["One"].undone_at, found["One"].counts["added"]) == (None, 1)


CHANGES = st.fixed_dictionaries({}, optional={
    "name": st.sampled_from(["Circle", "Evening Circle", "Círculo"]), "description": st.sampled_from(["A", "B", None]),
    "languages": st.sampled_from([["en"], ["es", "en"], None]), "cost": st.sampled_from([{"free": True}, None]),
    "sessions": st.sampled_from([[EVENING], [{**EVENING, "start_time": "09:00"}, EVENING], None]),
    "verified": st.sampled_from([{"on": "2026-10-01", "method": "phone"}, None]),
    "x": st.sampled_from([{"color": "green"}, None])})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.sampled_from(["change", "drop", "add"]), CHANGES),
                max_size=12))
def test_M5_undoing_any_import_gives_every_document_back_to_the_byte(tmp_path_factory, steps):
    database = make_database(tmp_path_factory.mktemp("undo"))
    take(database, SEED)
    before = shown(database)
    incoming = {one["id"]: one for one in SEED}
    for number, (place, what, fields) in enumerate(steps):
        key = SEED[place]["id"]
        if what == "drop":
            incoming.pop(key, None)
        else:
            base = {**SEED[place], "id": key if what == "change" else f"new-{number}"}
            incoming[base["id"]] = {name: one for name, one in {**base, **fields}.items() if one is not None}
    report = take(database, list(incoming.values()), take_down_all=True)
    assert not report.refused
    take_back(database, report)
    assert shown(database) == before
    database.close()


def test_the_state_of_the_tables_holds_only_published_documents_that_were_there(database):
    take(database, SEED)
    before = shown(database)
    report = take(database, [{**one, "name": one["name"] + " II"} for one in SEED])
    assert report.changed == len(SEED)
    take_back(database, report)
    assert shown(database) == before
    with database.reading() as session:
        assert all(changes.find(session, slug).state == PUBLISHED for slug in before)
