import sqlite3
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from finder.catalog import listing_schema, queries
from finder.catalog.models import DELETED, GONE, PUBLISHED, WITHHELD, MeetingSession, Program, Source
from finder.catalog.rows import program_id
from finder.errors import Conflict
from finder.listings import changes, writing
from finder.listings.edits import ImportReport, Incoming, Refusal, compare, import_listings
from finder.listings.models import ImportRun, Revision
from finder.listings.ready import readable_of
from finder.listings.writing import Author, slug
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


def test_M6_the_same_listings_twice_change_nothing(database):
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


def test_history_names_a_source_of_any_length_in_the_room_there_is(database):
    take(database, [listing()], source="S" * 200)
    (revision,) = rows(database, Revision)
    assert len(revision.actor) == Revision.actor.type.length


def test_M7_a_bad_row_is_named_and_stops_no_other(database):
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


def test_M6_a_source_that_lost_most_of_its_listings_takes_nothing_down(database):
    everything = [listing(number) for number in range(30)]
    take(database, everything)
    report = take(database, everything[:10])
    assert (report.gone, report.held, len(published(database))) == (0, 20, 30)


def test_listings_that_go_are_read_piece_by_piece_in_one_order(database, monkeypatch):
    take(database, [listing(number) for number in range(9)])
    monkeypatch.setattr(writing, "CHUNK", 2)
    with database.reading() as session:
        told = [(one.kind, one.key) for one in compare(session, [Incoming(listing(0), 1)], source="A feed", now=NOW,
                                                       report=ImportReport(), take_down_all=True)]
    taken = take(database, [listing(0)], take_down_all=True)
    assert len({key for kind, key in told if kind == "gone"}) == taken.gone == 8
    with database.reading() as session:
        gone = session.scalars(select(Program.source_key).where(Program.state == GONE).order_by(Program.id)).all()
    assert [key for kind, key in told if kind == "gone"] == list(gone)


def test_a_row_that_broke_keeps_what_was_published_under_its_id(database):
    take(database, [listing(1), listing(2)])
    report = take(database, [listing(1), listing(2, color="red")])
    assert (report.gone, len(report.refused), sorted(published(database))) == (0, 1, ["g1", "g2"])


def test_a_small_source_that_is_suddenly_empty_takes_nothing_down(database):
    take(database, [listing(1), listing(2)])
    report = take(database, [])
    assert (report.gone, report.held, len(published(database))) == (0, 2, 2)


@pytest.mark.parametrize("there", [[1], [1, 2], list(range(30))], ids=["one", "two", "thirty"])
@pytest.mark.parametrize("sent", [[], [{"name": 7}], [listing(90, color="red"), listing(91, age={"min": "x"})]],
                         ids=["none", "no listing", "bad rows"])
def test_M6_a_source_of_which_not_one_row_could_be_taken_is_no_list_and_takes_nothing_down(database, there, sent):
    take(database, [listing(number) for number in there])
    report = take(database, sent)
    assert (report.gone, report.held_why, len(published(database))) == (0, {"many_gone": len(there)}, len(there))
    told = ImportReport()
    with database.reading() as session:
        list(compare(session, [Incoming(one, row) for row, one in enumerate(sent, 1)], source="A feed", report=told,
                     now=NOW))
    assert told.held_why == report.held_why
    assert take(database, sent, take_down_all=True).gone == len(there)


def test_one_row_that_could_be_taken_lets_one_listing_go(database):
    take(database, [listing(1), listing(2)])
    report = take(database, [listing(1), listing(3, color="red")])
    assert (report.gone, report.held_why) == (1, {})


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


def test_M5_nothing_is_half_written_when_the_reader_of_the_source_breaks(database):
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


def test_C3_two_imports_at_once_both_land(database):
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
    found = slug(readable_of({"name": "Depression & Grief Circle", "sessions": sessions}), program)
    assert found == expected + program.hex[:12]


@pytest.mark.sqlite
def test_C3_the_file_is_durable_and_checks_its_keys(database, tmp_path):
    take(database, [listing()])
    with sqlite3.connect(tmp_path / "finder.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    plain.close()


# -- people and feeds ------------------------------------------------------------------------------------------------


OPERATOR = Author("operator:7", None)


def edit(database, key="g1", state=None, **fields):
    with database.transaction() as session:
        program = session.execute(select(Program.id).where(Program.source_key == key)).scalar_one()
        there = changes.find(session, program)
        document = {name: one for name, one in {**there.document, **fields}.items() if one is not None}
        changes.change(session, program, base=there.version, author=OPERATOR, now=NOW, document=document, state=state)


def row_of(database, key="g1"):
    return next(one for one in rows(database, Program) if one.source_key == key)


def test_M6_what_a_person_set_wins_over_the_feed_and_the_rest_follows_it(database):
    take(database, [listing(description="Old.")])
    edit(database, description="By the group.")
    report = take(database, [listing(description="Newer.", languages=["es"])])
    found = published(database)["g1"].document
    assert (found["description"], found["languages"], report.changed) == ("By the group.", ["es"], 1)
    assert '"Newer."' in row_of(database).feed


def test_a_feed_that_goes_on_saying_the_same_beside_a_person_makes_no_noise(database):
    take(database, [listing(description="Old.")])
    edit(database, description="By the group.")
    take(database, [listing(description="Newer.")])
    version, history = database.catalog_version(), len(rows(database, Revision))
    report = take(database, [listing(description="Newer.")])
    assert (report.changed, report.unchanged) == (0, 1)
    assert (database.catalog_version(), len(rows(database, Revision))) == (version, history)


def test_a_feed_that_comes_round_to_a_persons_word_is_no_longer_beside_it(database):
    take(database, [listing(description="Old.")])
    edit(database, description="By the group.")
    take(database, [listing(description="Newer.")])
    take(database, [listing(description="By the group.")])
    assert row_of(database).feed is None


@pytest.mark.parametrize(("state", "shown"), [(WITHHELD, []), (DELETED, [])])
def test_a_listing_that_a_person_took_down_stays_down(database, state, shown):
    take(database, [listing()])
    edit(database, state=state)
    report = take(database, [listing(name="Back again")])
    assert (list(published(database)), report.held) == (shown, 1)


def test_a_listing_that_a_person_put_up_stays_up_though_its_source_withholds_it(database):
    take(database, [listing()], publish=False)
    edit(database, state=PUBLISHED)
    report = take(database, [listing()], publish=False)
    assert (list(published(database)), report.held_why) == (["g1"], {"person": 1})


def test_a_listing_that_a_person_brought_back_stays_though_its_source_lacks_it(database):
    take(database, [listing(1), listing(2)])
    take(database, [listing(1)])
    edit(database, "g2", state=PUBLISHED)
    report = take(database, [listing(1)])
    assert (report.gone, report.held_why, sorted(published(database))) == (0, {"person": 1}, ["g1", "g2"])


def test_a_listing_that_was_merged_into_another_is_never_brought_back(database):
    take(database, [listing(1), listing(2)])
    with database.transaction() as session:
        one, two = (changes.find(session, found.id) for found in published(database).values())
        changes.change(session, two.id, base=two.version, author=OPERATOR, now=NOW, state=DELETED, kind="merged",
                       more={"merged_into": one.id})
    report = take(database, [listing(1), listing(2, name="Other")])
    assert (report.held, list(published(database))) == (1, ["g1"])


@pytest.mark.parametrize(("ours", "theirs", "stands"), [
    ("2026-11-20", "2026-10-01", "2026-11-20"), ("2026-10-01", "2026-11-20", "2026-11-20")])
def test_of_two_checks_the_later_counts_whoever_made_it(database, ours, theirs, stands):
    take(database, [listing()])
    edit(database, verified={"on": ours, "method": "phone"})
    take(database, [listing(verified={"on": theirs, "method": "web"})])
    assert published(database)["g1"].document["verified"]["on"] == stands
    assert list(row_of(database).kept_fields) == ["verified"]


def test_M5_dates_of_checking_count_only_from_a_source_that_is_trusted(database):
    checked = listing(verified={"on": "2026-10-01", "method": "phone"})
    take(database, [checked], source="Stranger", trusted=False)
    assert "verified" not in published(database)["g1"].document
    again = take(database, [checked], source="Stranger")
    assert (again.changed, again.unchanged) == (0, 1)
    take(database, [checked], source="Stranger", trusted=True)
    assert published(database)["g1"].document["verified"]["method"] == "phone"


def test_a_source_that_claims_no_check_may_say_so(database):
    take(database, [listing(verified={"on": "2026-10-01", "method": "import"})], trusted=False)
    assert published(database)["g1"].document["verified"]["method"] == "import"


@pytest.mark.parametrize("field", ["owner", "role", "roles", "account", "crisis", "crisis_lines", "kept_fields",
                                   "state"])
def test_M5_Y2_a_listing_has_no_field_for_owners_roles_or_crisis_lines(database, field):
    report = take(database, [listing(**{field: "x"})])
    assert (report.added, report.refused) == (0, [Refusal(1, field, "unknown_key")])


def test_a_steward_may_let_many_go(database):
    everything = [listing(number) for number in range(30)]
    take(database, everything)
    report = take(database, everything[:10], take_down_all=True)
    assert (report.gone, report.held, len(published(database))) == (20, 0, 10)


# -- looking first ---------------------------------------------------------------------------------------------------


def look(database, documents, source="A feed", **how):
    report = ImportReport()
    incoming = [Incoming(one, row) for row, one in enumerate(documents, 1)]
    with database.reading() as session:
        outcomes = list(compare(session, incoming, source=source, report=report, now=NOW, **how))
    return outcomes, report


def everything_there(database):
    return {model.__tablename__: [tuple(row) for row in _all(database, model)]
            for model in (Program, Revision, MeetingSession, ImportRun, Source)}


def _all(database, model):
    with database.reading() as session:
        return session.execute(select(model.__table__)).all()


def test_M5_looking_first_says_what_the_import_does_and_writes_nothing(database):
    take(database, [listing(number) for number in range(1, 12)])
    edit(database, "g3", description="By the group.")
    edit(database, "g4", state=DELETED)
    incoming = [listing(1, name="New name"), listing(2), listing(3, description="By the feed."), listing(4),
                *(listing(number) for number in range(5, 11)), listing(50), listing(51, color="red")]
    before = everything_there(database)
    outcomes, seen = look(database, incoming)
    assert everything_there(database) == before
    kinds = {one.key: one.kind for one in outcomes if one.kind != "unchanged" and one.key}
    assert kinds == {"g1": "changed", "g4": "held", "g50": "added", "g11": "gone"}
    assert [one.conflicts for one in outcomes if one.key == "g3"] == [("description",)]
    done = take(database, incoming, expected=seen.fingerprint)
    assert (seen.counts() | {"seconds": 0}) == (done.counts() | {"seconds": 0})
    assert done.fingerprint == seen.fingerprint


def test_M5_an_import_that_would_do_other_than_what_was_shown_does_nothing(database):
    take(database, [listing(1), listing(2)])
    incoming = [listing(1, name="New name"), listing(2)]
    _, seen = look(database, incoming)
    edit(database, "g1", description="By the group.")
    before = everything_there(database)
    with pytest.raises(Conflict, match="not_as_shown"):
        take(database, incoming, expected=seen.fingerprint)
    assert everything_there(database) == before


def test_changes_of_other_listings_do_not_stand_in_the_way_of_what_was_shown(database):
    take(database, [listing(1), listing(2)])
    incoming = [listing(1, name="New name"), listing(2)]
    _, seen = look(database, incoming)
    take(database, [listing(9)], source="Another feed")
    assert take(database, incoming, expected=seen.fingerprint).changed == 1


SMALL = st.builds(lambda number, name, text: listing(number, name=name, **({"description": text} if text else {})),
                  st.integers(1, 9), st.sampled_from(["A", "B"]), st.sampled_from(["", "x", "y"]))


@settings(max_examples=20, deadline=None)
@given(st.lists(SMALL, max_size=9), st.lists(SMALL, max_size=9, unique_by=lambda one: one["id"]), st.randoms())
def test_M6_the_same_rows_again_and_in_any_order_change_nothing(tmp_path_factory, before, incoming, chance):
    database = make_database(tmp_path_factory.mktemp("again"))
    take(database, before)
    take(database, incoming, take_down_all=True)
    there, version, history = published(database), database.catalog_version(), len(rows(database, Revision))
    shuffled = list(incoming)
    chance.shuffle(shuffled)
    report = take(database, shuffled, take_down_all=True)
    assert (report.added, report.changed, report.gone) == (0, 0, 0)
    assert (published(database), database.catalog_version()) == (there, version)
    assert len(rows(database, Revision)) == history
    database.close()
