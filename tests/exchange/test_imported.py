from __future__ import annotations

from pathlib import Path
from typing import Any

from finder.db import Database
from finder.exchange.reading import Listing
from finder.listings.edits import ImportReport, Incoming, import_listings
from tests.exchange.make import feed, meeting
from tests.listings.database import NOW, make_database


def take(database: Database, folder: Path, rows: list[dict[str, Any]]) -> ImportReport:
    found = [Incoming(one.document, one.rows[0], one.status == "publish")
             for one in feed(folder, rows) if isinstance(one, Listing)]
    with database.transaction() as session:
        return import_listings(session, found, source="A feed", now=NOW)


def test_the_same_feed_twice_changes_nothing(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    rows = [meeting(), meeting(day=3), meeting(name="Suspended: Night Owls"),
            meeting(name="C", attendance_option="inactive")]
    first, second = (take(database, tmp_path, rows) for _ in range(2))
    assert (first.added, first.held, first.refused) == (2, 1, [])
    assert (second.added, second.changed, second.unchanged, second.gone) == (0, 0, 2, 0)


def test_a_suspended_group_is_changed_and_not_replaced(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    take(database, tmp_path, [meeting(), meeting(name="Other")])
    report = take(database, tmp_path, [meeting(name="SUSPENDED: Harbor Lights"), meeting(name="Other")])
    assert (report.added, report.changed, report.unchanged, report.gone) == (0, 1, 1, 0)
