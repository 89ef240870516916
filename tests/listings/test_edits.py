import sqlite3
import threading

import pytest
from sqlalchemy import select

from finder.catalog import listing_schema, queries
from finder.catalog.models import GONE, PUBLISHED, WITHHELD, MeetingSession, Program
from finder.catalog.rows import program_id
from finder.listings.edits import Incoming, Refusal, import_listings
from finder.listings.writing import slug
from finder.listings.models import ImportRun, Revision
from tests.listings.database import NOW, make_database, take

EVENING = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
           "timezone": "America/New_York",
           "location": {"name": "Hall", "city": "Asheville", "state": "NC", "latitude": 35.6, "longitude": -82.55}}


def listing(number=1, **more):
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support",
            **more}


@pytest.fixture
def database(tmp_path):
    return make_database(tmp_path)


def published(database):
    with database.reading() as session:
        return {one.document["id"]: one for one in queries.published(session)}


def rows(database, model):
    with database.reading() as session:
        return session.execute(select(model)).scalars().all()


def test_a_full_document_comes_back_as_it_went_in(database):
    whole = listing(
        organization={"name": "Open Door", "kind": "nonprofit", "url": "https://example.org/"}, description="A room.",
        led_by="peer", modalities=["CBT"], focus=["anxiety", "panic"], severity={"min": 1, "max": 2},
        attendees="person", age={"min": 18}, gender_mix="women", populations=["veterans"], languages=["en", "es"],
        interpreter="on_request", cost={"free": False, "amount": 15.5, "insurance": []}, sessions=[
            {**EVENING, "except_dates": ["2026-12-29"], "valid_from": "2026-01-06", "duration_minutes": 90},
            {"format": "online_video", "anytime": True, "join_url": "https://example.org/room"}],
        capacity={"status": "waitlist", "wait_weeks": 2.5, "as_of": "2026-11-01"}, starts_on="2026-12-01",
        open_group=False, licensed_states=["NC"], coverage={"counties": ["NC:Buncombe"]},
        accessibility={"step_free": "yes"}, policies={"one_to_one": True}, contact={"phone": "828-555-0100"},
        verified={"on": "2026-10-01", "method": "phone", "field_dates": {"cost": "2026-09-01"}},
        source={"name": "A feed", "license": "CC0", "retrieved": "2026-11-20"}, x={"color": "green"})
    take(database, [whole])
    assert published(database)["g1"].document == listing_schema.load(whole)


def test_the_same_listings_twice_change_nothing(database):
    first = take(database, [listing(1, sessions=[EVENING]), listing(2)])
    before, version = published(database), database.catalog_version()
    second = take(database, [listing(1, sessions=[EVENING]), listing(2)])
    assert (first.added, second.added, second.changed, second.unchanged, second.gone) == (2, 0, 0, 2, 0)
    assert published(database) == before
    assert database.catalog_version() == version
    assert len(rows(database, Revision)) == 2


def test_only_when_it_was_fetched_is_no_change(database):
    take(database, [listing(source={"name": "A feed", "retrieved": "2026-11-01"})])
    again = take(database, [listing(source={"name": "A feed", "retrieved": "2026-11-24"})])
    assert (again.changed, again.unchanged) == (0, 1)


def test_a_change_raises_the_version_and_keeps_both_texts(database):
    take(database, [listing(name="Old name")])
    version = database.catalog_version()
    report = take(database, [listing(name="New name")])
    last = rows(database, Revision)[-1]
    assert report.changed == 1
    assert database.catalog_version() == version + 1
    assert ("Old name" in last.before, "New name" in last.after) == (True, True)
    assert (last.actor, last.state_before, last.state_after) == ("import:A feed", PUBLISHED, PUBLISHED)


def test_a_listing_keeps_its_uuid_and_its_sessions_keep_theirs(database):
    morning = {**EVENING, "start_time": "09:00"}
    take(database, [listing(sessions=[EVENING, morning])])
    program = published(database)["g1"].id
    ids = {one.start_time: one.id for one in rows(database, MeetingSession)}
    take(database, [listing(sessions=[morning, {**EVENING, "start_time": "18:30"}])])
    after = {one.start_time: one.id for one in rows(database, MeetingSession)}
    assert published(database)["g1"].id == program
    assert after == {"09:00": ids["09:00"], "18:30": ids["18:00"]}


def test_the_same_source_and_id_give_the_same_uuid_in_a_new_database(tmp_path):
    found = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        database = make_database(tmp_path / name)
        take(database, [listing()])
        found.add(published(database)["g1"].id)
    assert len(found) == 1


def test_a_bad_row_is_named_and_stops_no_other(database):
    report = take(database, [listing(1), listing(2, age={"min": 30, "max": 20}), listing(3, color="red"), listing(4)])
    assert report.added == 2
    assert report.refused == [Refusal(2, "age.min", "min_above_max"), Refusal(3, "color", "unknown_key")]


def test_the_second_of_two_rows_with_one_id_is_refused(database):
    report = take(database, [listing(1), listing(1, name="Twin")])
    assert (report.added, report.refused) == (1, [Refusal(2, "id", "repeated")])


def test_what_the_source_withholds_is_kept_but_not_published(database):
    report = take(database, [listing()], publish=False)
    assert (report.held, report.added) == (1, 0)
    assert published(database) == {}
    assert [one.state for one in rows(database, Program)] == [WITHHELD]


def test_withholding_a_published_listing_takes_it_down(database):
    take(database, [listing()])
    version = database.catalog_version()
    take(database, [listing()], publish=False)
    assert published(database) == {}
    assert database.catalog_version() == version + 1


def test_a_listing_its_source_dropped_is_taken_down_and_can_come_back(database):
    take(database, [listing(1), listing(2)])
    gone = take(database, [listing(1)])
    assert (gone.gone, list(published(database))) == (1, ["g1"])
    assert {one.source_key: one.state for one in rows(database, Program)}["g2"] == GONE
    back = take(database, [listing(1), listing(2)])
    assert (back.changed, sorted(published(database))) == (1, ["g1", "g2"])


def test_a_source_that_lost_most_of_its_listings_takes_nothing_down(database):
    everything = [listing(number) for number in range(30)]
    take(database, everything)
    report = take(database, everything[:10])
    assert (report.gone, report.held, len(published(database))) == (0, 20, 30)


def test_a_row_that_broke_keeps_what_was_published_under_its_id(database):
    take(database, [listing(1), listing(2)])
    report = take(database, [listing(1), listing(2, color="red")])
    assert (report.gone, len(report.refused), sorted(published(database))) == (0, 1, ["g1", "g2"])


def test_a_small_source_that_is_suddenly_empty_takes_nothing_down(database):
    take(database, [listing(1), listing(2)])
    report = take(database, [])
    assert (report.gone, report.held, len(published(database))) == (0, 2, 2)


def test_real_listings_take_the_place_of_the_demonstration(database):
    take(database, [listing(1), listing(2)], source="demonstration", demonstration=True)
    report = take(database, [listing(9)], source="A feed")
    assert (report.added, report.gone, sorted(published(database))) == (1, 2, ["g9"])


def test_the_demonstration_stays_away_from_real_listings(database):
    take(database, [listing(9)], source="A feed")
    report = take(database, [listing(1)], source="demonstration", demonstration=True)
    assert (report.held, sorted(published(database))) == (1, ["g9"])


def test_sources_do_not_take_each_others_listings_down(database):
    take(database, [listing(1)], source="One")
    take(database, [listing(1, name="Other")], source="Two")
    with database.reading() as session:
        assert sorted(one.document["name"] for one in queries.published(session)) == ["Group 1", "Other"]


def test_nothing_is_half_written_when_the_reader_of_the_source_breaks(database):
    def broken():
        for number in range(1500):
            yield Incoming(listing(number), number)
        raise OSError("the file ended early")

    with pytest.raises(OSError, match="ended early"), database.transaction() as session:
        import_listings(session, broken(), source="A feed", now=NOW)
    assert published(database) == {}
    assert rows(database, ImportRun) == []
    assert database.catalog_version() == 0


def test_the_run_is_recorded_with_its_counts(database):
    take(database, [listing(1), listing(2, color="red")])
    counts = rows(database, ImportRun)[0].counts
    assert (counts["added"], counts["refused"]) == (1, [{"row": 2, "field": "color", "code": "unknown_key"}])


def test_two_imports_at_once_both_land(database):
    def one(source):
        take(database, [listing(number) for number in range(50)], source=source)

    threads = [threading.Thread(target=one, args=(f"Feed {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert queries.count(session) == 200
    assert database.catalog_version() == 4


@pytest.mark.parametrize(("sessions", "expected"), [
    ([{**EVENING, "location": {"city": "Asheville", "state": "NC"}}], "asheville-nc-"),
    ([{**EVENING, "location": {"city": "San José"}}], "san-jose-"),
    ([{**EVENING, "location": {"city": "\u5c0f\u7ec4"}}], "group-"),
    ([{"format": "online_video", "anytime": True}], "online-"),
    ([], "group-"),
], ids=["town and state", "accents are folded", "another script", "online", "nothing stated"])
def test_slug_says_where_and_never_the_name(sessions, expected):
    program = program_id("A feed", "g1")
    found = slug({"name": "Depression & Grief Circle", "sessions": sessions}, program)
    assert found == expected + program.hex[:12]


def test_the_file_is_durable_and_checks_its_keys(database, tmp_path):
    take(database, [listing()])
    with sqlite3.connect(tmp_path / "finder.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    plain.close()
