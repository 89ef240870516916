from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog.models import DELETED, GONE, PUBLISHED, WITHHELD, Program
from finder.catalog.rows import program_id
from finder.db import Database
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, removals
from finder.listings.changes import Listing
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take

JOY, SAM = Author("operator:1"), Author("steward:2")
SEED = Path(__file__).resolve().parents[2] / "seed_data" / "listings.jsonl"
ROOM = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "timezone": "America/New_York",
        "location": {"name": "Hall", "city": "Asheville", "state": "NC"}}


def listing(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support",
            "contact": {"phone": "919-555-0142"}, **more}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


def added(database: Database, **more: Any) -> Listing:
    with database.transaction() as session:
        return changes.add(session, listing(**more), author=JOY, now=NOW)


def done(database: Database, deed: Callable[..., Listing], there: Listing, *arguments: Any, base: int | None = None,
         author: Author = JOY, **more: Any) -> Listing:
    with database.transaction() as session:
        return deed(session, there.id, *arguments, base=base or there.version, author=author, now=NOW, **more)


def edited(database: Database, there: Listing, **fields: Any) -> Listing:
    return done(database, changes.change, there, document={**there.document, **fields})


def history(database: Database, there: Listing) -> list[changes.Entry]:
    with database.reading() as session:
        return changes.history(session, there.id)


def test_a_change_counts_the_listing_up_and_tells_readers(database: Database) -> None:
    there = added(database)
    version = database.catalog_version()
    after = edited(database, there, name="River Circle")
    assert (there.version, after.version) == (1, 2)
    assert after.document["name"] == "River Circle"
    assert database.catalog_version() == version + 1


def test_what_nobody_can_see_wakes_no_reader(database: Database) -> None:
    there = done(database, changes.change, added(database), state=WITHHELD)
    version = database.catalog_version()
    edited(database, there, name="River Circle")
    assert database.catalog_version() == version


def test_a_change_that_says_the_same_leaves_no_trace(database: Database) -> None:
    there = added(database)
    assert edited(database, there).version == 1
    assert len(history(database, there)) == 1


def test_C1_C2_a_change_made_from_an_older_version_is_refused_and_names_the_present_one(database: Database) -> None:
    there = added(database)
    edited(database, there, name="First")
    with pytest.raises(Conflict) as late:
        edited(database, there, name="Second")
    assert (late.value.code, late.value.values) == ("stale", {"version": 2})
    with database.reading() as session:
        assert changes.find(session, there.slug).document["name"] == "First"


def test_a_broken_text_is_refused_and_nothing_is_written(database: Database) -> None:
    there = added(database)
    with pytest.raises(Invalid) as wrong:
        edited(database, there, contact={"phone": "?"})
    assert "contact.phone" in wrong.value.errors
    assert len(history(database, there)) == 1


def test_an_id_can_be_added_once(database: Database) -> None:
    added(database)
    with pytest.raises(Conflict, match="exists"):
        added(database)


def test_a_listing_is_found_by_id_and_by_slug_in_every_state(database: Database) -> None:
    there = done(database, changes.delete, added(database))
    with database.reading() as session:
        assert {changes.find(session, key).id for key in (there.id, str(there.id), there.slug)} == {there.id}
        assert set(changes.find_all(session, [there.id])) == {there.id}
        with pytest.raises(NotFound):
            changes.find(session, "nothing-here")


def test_where_a_listing_meets_is_told_as_grants_name_it() -> None:
    online = {"format": "online_video"}
    abroad = {**ROOM, "location": {"city": "Toronto", "state": "ON", "country": "CA"}}
    assert changes.states_of(listing(sessions=[ROOM, online, abroad])) == {"US:NC", "CA:ON"}
    assert changes.states_of(listing()) == frozenset()


def test_a_field_that_a_person_set_is_kept_and_others_are_not(database: Database) -> None:
    there = edited(database, added(database), description="A room.")
    assert set(there.kept_fields) == {"description"}
    done(database, changes.change, there, document={**there.document, "name": "Other"}, keep=False)
    with database.reading() as session:
        assert set(changes.find(session, there.id).kept_fields) == {"description"}


def test_history_holds_whole_texts_and_who_changed_them(database: Database) -> None:
    there = added(database)
    done(database, changes.change, there, document={**there.document, "name": "River"}, author=SAM, reason="a call")
    newest, first = history(database, there)
    assert (newest.kind, newest.actor, newest.reason, newest.version) == ("edited", "steward:2", "a call", 2)
    assert (newest.before, newest.after) == (first.after, {**there.document, "name": "River"})
    assert (first.kind, first.before, first.state_before, first.state_after) == ("added", None, None, PUBLISHED)


def test_O4_any_version_can_be_shown_and_put_back(database: Database) -> None:
    there = added(database, sessions=[ROOM])
    texts = {1: there.document}
    for version, name in ((2, "B"), (3, "C"), (4, "D")):
        there = edited(database, there, name=name, sessions=[{**ROOM, "start_time": f"1{version}:00"}])
        texts[version] = there.document
    entries = history(database, there)
    assert {version: changes.as_of(entries, version) for version in texts} \
        == {version: (text, PUBLISHED) for version, text in texts.items()}
    back = done(database, changes.restore, there, 2, author=SAM)
    assert (back.document, back.version) == (texts[2], 5)
    assert history(database, there)[0].kind == "restored"
    with pytest.raises(NotFound):
        changes.as_of(entries, 99)


def test_a_version_of_a_listing_that_its_source_dropped_is_its_last_text(database: Database) -> None:
    take(database, [listing(1), listing(2)], source="A feed")
    take(database, [listing(1)], source="A feed")
    with database.reading() as session:
        there = changes.find(session, program_id("A feed", "g2"))
        assert (there.state, there.version) == (GONE, 2)
        assert changes.as_of(changes.history(session, there.id), 2) == (there.document, GONE)


def test_restoring_brings_back_the_state_too(database: Database) -> None:
    there = added(database)
    hidden = done(database, changes.change, there, state=WITHHELD)
    assert done(database, changes.restore, hidden, 1).state == PUBLISHED


@pytest.mark.parametrize("state", [PUBLISHED, WITHHELD])
def test_undeleting_gives_back_the_text_and_the_state_there_was(database: Database, state: str) -> None:
    there = done(database, changes.change, added(database, sessions=[ROOM]), state=state)
    gone = done(database, changes.delete, there, reason="moved away")
    assert gone.state == DELETED
    back = done(database, changes.undelete, gone)
    assert (back.document, back.state) == (there.document, state)


def test_what_is_not_deleted_cannot_be_undeleted(database: Database) -> None:
    with pytest.raises(Conflict, match="not_deleted"):
        done(database, changes.undelete, added(database))


@pytest.mark.parametrize("way_back", [changes.undelete, partial(changes.restore, version=1)],
                         ids=["undelete", "restore"])
def test_a_merged_listing_that_comes_back_leads_to_itself(database: Database, way_back: Any) -> None:
    stays, goes = added(database), added(database, number=2)
    merged = done(database, changes.change, goes, state=DELETED, kind="merged", more={"merged_into": stays.id})
    assert merged.merged_into == stays.id
    back = done(database, way_back, merged)
    assert (back.merged_into, back.state, back.document) == (None, PUBLISHED, goes.document)


def test_a_listing_that_comes_back_is_wished_away_no_more(database: Database) -> None:
    there = added(database)
    with database.transaction() as session:
        removals.remove(session, there.id, base=1, author=JOY, now=NOW)
    done(database, partial(changes.restore, version=1), there, base=2)
    with database.reading() as session:
        assert removals.all_standing(session) == []


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Database:
    made = make_database(tmp_path_factory.mktemp("seed"))
    take(made, [json.loads(line) for line in SEED.read_text(encoding="utf-8").splitlines()])
    return made


def written(session: Session, program: uuid.UUID) -> bytes:
    return orjson.dumps(changes.find(session, program).document)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_O4_every_listing_of_the_seed_comes_back_byte_for_byte(seeded: Database, data: st.DataObject) -> None:
    with seeded.reading() as session:
        ids = session.scalars(select(Program.id).order_by(Program.source_key)).all()
        there = changes.find(session, data.draw(st.sampled_from(ids)))
        other = changes.find(session, data.draw(st.sampled_from(ids)))
        before = written(session, there.id)
    with seeded.transaction() as session:  # another group's words altogether
        after = changes.change(session, there.id, base=there.version, author=JOY, now=NOW,
                               document={**other.document, "id": there.document["id"]})
        gone = changes.delete(session, there.id, base=after.version, author=JOY, now=NOW)
        back = changes.undelete(session, there.id, base=gone.version, author=SAM, now=NOW)
        assert orjson.dumps(back.document) == orjson.dumps(after.document)
        changes.restore(session, there.id, there.version, base=back.version, author=SAM, now=NOW)
    with seeded.reading() as session:
        assert written(session, there.id) == before
