from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from finder.db import Database
from finder.listings import insight
from finder.listings.insight import Checked
from tests.listings.database import NOW, make_database, take

TODAY = NOW.date()


def group(number: int, age: int | None, method: str = "phone", *places: str) -> dict[str, Any]:
    found: dict[str, Any] = {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}",
                             "group_type": "peer_support", "sessions": [
                                 {"format": "in_person", "location": {"city": "Town", "state": state}}
                                 for state in places or ("NC",)]}
    if age is not None:
        found["verified"] = {"on": (TODAY - timedelta(days=age)).isoformat(), "method": method}
    return found


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = make_database(tmp_path)
    take(made, [group(1, 5), group(2, 29, "visit"), group(3, 30), group(4, 89, "operator"), group(5, 200),
                group(6, None), group(7, 3, "import"), group(8, 100, "web", "NC", "NV")])
    return made


def test_only_checks_by_a_person_count(database: Database) -> None:
    with database.reading() as session:
        found = insight.checked(session, TODAY)
    assert found == Checked(total=8, within=(2, 4, 5), ever=6)
    assert (found.older, found.never) == (1, 2)
    assert [found.of_hundred(days) for days in (30, 90, 180)] == [25, 50, 62]


def test_a_share_of_nothing_is_nothing(tmp_path: Path) -> None:
    with make_database(tmp_path).reading() as session:
        found = insight.checked(session, TODAY)
        assert insight.by_state(session, TODAY) == {}
    assert found == Checked(0, (0, 0, 0), 0)
    assert found.of_hundred(90) == 0


def test_a_share_says_all_only_when_it_is_all() -> None:
    assert Checked(1000, (999, 999, 999), 999).of_hundred(30) == 99
    assert Checked(1000, (1000, 1000, 1000), 1000).of_hundred(30) == 100


def test_a_listing_counts_once_in_every_state_where_it_meets(database: Database) -> None:
    take(database, [{"format": "finder-listing/1", "id": "v", "name": "By video", "group_type": "peer_support",
                     "sessions": [{"format": "online_video"}]}], source="Another")
    with database.reading() as session:
        found = insight.by_state(session, TODAY)
    assert {state: one.total for state, one in found.items()} == {"": 1, "NC": 8, "NV": 1}
    assert found["NV"].within == (0, 0, 1)


def test_demonstration_listings_do_not_count(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    take(database, [group(1, 5)], demonstration=True)
    with database.reading() as session:
        assert insight.checked(session, TODAY).total == 0
