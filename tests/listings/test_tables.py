from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from finder.accounts import people
from finder.accounts.models import Account
from finder.accounts.permissions import Role
from finder.db import Database
from finder.errors import NotFound
from finder.listings import checks, reports, tables
from finder.listings.changes import find
from finder.listings.models import Tally
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take

SECRET = "zqsecret"
HIDDEN = {"name": f"{SECRET} house", "address_1": f"1 {SECRET} Road", "city": "Durham", "state": "NC",
          "postal_code": "27701", "hidden": True}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = make_database(tmp_path)
    take(made, [{"format": "finder-listing/1", "id": "g1", "name": "=River", "group_type": "peer_support",
                 "focus": ["grief", "anxiety"], "cost": {"free": True}, "contact": {"phone": "919-555-0190"},
                 "x": {"tags": ["by_bus"]}, "organization": {"name": "Harbor"},
                 "sessions": [{"format": "in_person", "location": HIDDEN}, {"format": "phone"}]}])
    return made


def table(database: Database, name: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        heads, rows = tables.rows(session, name, NOW.date())
        return [dict(zip(heads, row, strict=True)) for row in rows]


def test_a_listing_is_one_flat_row(database: Database) -> None:
    (row,) = table(database, "listings")
    assert (row["name"], row["focus"], row["cost"], row["phone"], row["tags"], row["organization"], row["source"]) == (
        "=River", "grief; anxiety", "free: yes", "919-555-0190", "by_bus", "Harbor", "A feed")


def test_P10_the_address_of_a_hidden_place_is_left_out(database: Database) -> None:
    first, second = table(database, "sessions")
    assert (first["city"], first["state"], first["address_1"], first["postal_code"], first["hidden"]) == (
        "Durham", "NC", None, None, "yes")
    assert second["city"] is None
    assert SECRET not in str([table(database, name) for name in tables.TABLES])


def test_who_sent_a_report_and_where_an_answer_goes_are_left_out(database: Database) -> None:
    with database.transaction() as session:
        program = find(session, table(database, "listings")[0]["slug"]).id
        reports.send(session, program, kind="time", note="Later now", sender=SECRET, mark="", now=NOW,
                     reply_to=f"{SECRET}@example.org")
    (row,) = table(database, "reports")
    assert row["note"] == "Later now"
    assert SECRET not in str(row)


def test_people_come_without_secrets(database: Database) -> None:
    with database.transaction() as session:
        account = people.find_or_make(session, "joy@example.org", now=NOW)
        session.get_one(Account, account.id).password_hash = SECRET
        people.give(session, account.id, Role.STEWARD, by="a test", now=NOW)
    (row,) = table(database, "people")
    assert (row["email"], row["roles"]) == ("joy@example.org", "steward all")
    assert SECRET not in str(row)


def test_checks_are_the_changes_that_checks_made(database: Database) -> None:
    with database.transaction() as session:
        there = find(session, table(database, "listings")[0]["slug"])
        checks.record(session, there.id, base=there.version, method="phone", fields=checks.CORE,
                      author=Author("steward:1", None), now=NOW)
    (row,) = table(database, "checks")
    assert (row["actor"], row["reason"]) == ("steward:1", "phone: status, sessions, contact")


def test_P8_counts_too_small_to_be_told_are_left_out(database: Database) -> None:
    with database.transaction() as session:
        session.add_all(Tally(day=day, kind="unmet", state="US:NC", key=key, count=count) for day, key, count in (
            (date(2026, 10, 1), "grief", 11), (date(2026, 10, 1), "ocd", 10), (date(2026, 11, 1), "grief", 99)))
    assert [list(row.values()) for row in table(database, "tallies")] == [["2026-10", "unmet", "US:NC", "grief", 11]]


@pytest.mark.parametrize("name", sorted(tables.TABLES))
def test_every_table_can_be_read(database: Database, name: str) -> None:
    for row in table(database, name):
        assert all(isinstance(one, str | int | float | date | uuid.UUID | None) for one in row.values()), row


def test_there_is_no_other_table(database: Database) -> None:
    with pytest.raises(NotFound):
        table(database, "factor")
