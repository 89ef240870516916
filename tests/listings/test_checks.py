from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from finder.accounts import people
from finder.catalog.models import WITHHELD, Source
from finder.db import Database
from finder.errors import Invalid
from finder.listings import changes, checks
from finder.listings.checks import Wanted
from finder.listings.models import Report
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take
from tests.make import make_session

TODAY = NOW.date()
STEWARD = Author("steward:1")


def ago(days: int) -> str:
    return (TODAY - timedelta(days)).isoformat()


def group(key: str, days: int | None, city: str = "Durham", state: str = "NC", **more: object) -> dict[str, object]:
    checked = {"verified": {"on": ago(days), "method": "phone"}} if days is not None else {}
    return {"format": "finder-listing/1", "id": key, "name": f"Group {key}", "group_type": "peer_support", **checked,
            "sessions": [make_session(location={"city": city, "state": state})],
            "contact": {"phone": "919-555-0100"}, **more}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = make_database(tmp_path)
    take(database, [group("new", 10), group("old", 200, focus=["grief"]), group("never", None),
                    group("far", 400, city="Reno", state="NV")])
    return database


def names(database: Database, wanted: Wanted | None = None, **more: object) -> list[str]:
    with database.reading() as session:
        return [one.name.removeprefix("Group ") for one in checks.due(
            session, wanted or Wanted(), today=TODAY, **more)]  # type: ignore[arg-type]


def key(database: Database, name: str) -> uuid.UUID:
    with database.reading() as session:
        found = {one.name: one.program for one in checks.due(session, Wanted(days=0), today=TODAY)}
    return found[f"Group {name}"]


def test_never_checked_comes_first_then_the_oldest(database: Database) -> None:
    assert names(database) == ["never", "far", "old"]


@pytest.mark.parametrize(("wanted", "expected"), [
    (Wanted(days=0), ["never", "far", "old", "new"]), (Wanted(days=None), ["never"]),
    (Wanted(days=300), ["never", "far"]), (Wanted(state="NV"), ["far"]), (Wanted(city="durham"), ["never", "old"]),
    (Wanted(focus="grief"), ["old"]), (Wanted(account_id=99), []),
], ids=["all", "never", "by age", "by state", "by town", "by need", "mine"])
def test_the_list_is_narrowed(database: Database, wanted: Wanted, expected: list[str]) -> None:
    assert names(database, wanted) == expected
    with database.reading() as session:
        assert checks.count(session, wanted, today=TODAY) == len(expected)


def test_a_steward_of_a_state_sees_that_state(database: Database) -> None:
    assert names(database, states={"US:NV"}) == ["far"]
    assert names(database, states=set()) == []


def test_what_visitors_report_goes_to_the_top(database: Database) -> None:
    with database.transaction() as session:
        session.add(Report(program_id=key(database, "old"), kind="closed", sent_on=TODAY, sent_hour=1))
    assert names(database)[0] == "old"


def test_made_up_listings_need_no_check(database: Database) -> None:
    with database.transaction() as session:
        session.get_one(Source, 1).demonstration = True
    assert names(database) == []


def test_who_took_one_is_known_and_others_see_what_is_free(database: Database) -> None:
    old = key(database, "old")
    with database.transaction() as session:
        joy = people.find_or_make(session, "joy@example.org", now=NOW).id
        checks.take(session, old, joy, now=NOW)
    assert names(database, Wanted(account_id=joy)) == ["old"]
    assert names(database, Wanted(free=True)) == ["never", "far"]
    with database.transaction() as session:
        checks.take(session, old, None, now=NOW)
    assert "old" in names(database, Wanted(free=True))


def test_a_call_that_nobody_answers_comes_up_again_some_days_later(database: Database) -> None:
    old = key(database, "old")
    with database.transaction() as session:
        assert checks.no_answer(session, old, now=NOW) == 1
    assert "old" not in names(database)
    later = TODAY + timedelta(checks.AGAIN_AFTER_DAYS)
    with database.reading() as session:
        (found,) = [one for one in checks.due(session, Wanted(), today=later) if one.program == old]
    assert found.tries == 1


def test_a_check_of_everything_dates_everything(database: Database) -> None:
    with database.transaction() as session:
        there = changes.find(session, key(database, "old"))
        after = checks.record(session, there.id, base=there.version, method="phone",
                              fields=checks.stated(there.document), author=STEWARD, now=NOW)
    assert after.document["verified"] == {"on": ago(0), "method": "phone"}
    assert "old" not in names(database)


@pytest.mark.parametrize(("days", "fields", "expected"), [
    (200, ("status", "sessions", "contact"), {"on": ago(0), "method": "visit", "field_dates": {
        "name": ago(200), "group_type": ago(200)}}),
    (200, ("contact",), {"on": ago(200), "method": "phone", "field_dates": {"contact": ago(0)}}),
    (None, ("status", "sessions", "contact"), {"on": ago(0), "method": "visit"}),
], ids=["the core dates the listing, the rest keeps its day", "one field only", "first check"])
def test_a_check_of_some_fields_dates_those(days: int | None, fields: tuple[str, ...],
                                            expected: dict[str, object]) -> None:
    assert checks.verified(group("a", days), fields, "visit", TODAY) == expected


@pytest.mark.parametrize("fields", [("name",), (), ("nonsense",)])
def test_the_first_check_must_tell_whether_one_can_go_there(fields: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        checks.verified(group("a", None), fields, "phone", TODAY)


def test_a_method_that_is_none_is_refused(database: Database) -> None:
    old = key(database, "old")
    with database.transaction() as session, pytest.raises(Invalid):
        checks.record(session, old, base=1, method="hearsay", fields=["contact"], author=STEWARD, now=NOW)


def test_listings_past_a_limit_are_taken_off_together_and_history_knows(database: Database) -> None:
    old, far = key(database, "old"), key(database, "far")
    with database.transaction() as session:
        assert checks.unpublish(session, [old, far, uuid.uuid4()], author=STEWARD, now=NOW, reason="too old") == 2
        assert checks.unpublish(session, [old], author=STEWARD, now=NOW, reason="again") == 0
    assert names(database) == ["never"]
    with database.reading() as session:
        newest = changes.history(session, old)[0]
        assert (newest.kind, newest.reason, newest.state_after) == ("unpublished", "too old", WITHHELD)
