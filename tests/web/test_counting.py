from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from finder.catalog import queries
from finder.db import Database
from finder.listings import tallies
from finder.listings.models import Tally
from finder.web.counting import MUCH, Counts
from finder.web.filters import number_of
from tests import databases
from tests.listings.database import NOW, make_database
from tests.web.site import Site, group

GRIEF = number_of("focus", "grief")
DURHAM = {"format": "in_person", "location": {"city": "Durham", "state": "NC", "latitude": 35.99, "longitude": -78.9,
                                              "precision": "street"}}
MONTH = date(2026, 11, 1)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, focus=["grief"], sessions=[DURHAM])])


def written(site: Site) -> dict[tuple[str, str, str], int]:
    """What is in the database a minute later, when the next request comes."""
    site.wait(61)
    site.pages.get("/about")
    thread = site.app.extensions["finder_counts"].writing
    if thread is not None:
        thread.join(10)
    with site.database.reading() as session:
        rows = session.scalars(select(Tally)).all()
    assert {row.day for row in rows} <= {MONTH}
    return {(row.kind, row.state, row.key): row.count for row in rows}


def search(site: Site, need: str = "grief", place: str = "Reno, NV", page: str = "/results") -> None:
    client = site.app.test_client()
    client.post("/", data={"need": need, "place": place}, headers={"Sec-Fetch-Site": "same-origin"})
    for _ in range(2):  # the page is loaded again
        assert client.get(page).status_code == 200


def test_a_search_that_finds_little_counts_once_by_state_and_need(site: Site) -> None:
    search(site)
    assert written(site) == {("unmet", "US:NV", "grief"): 1}
    search(site)
    assert written(site) == {("unmet", "US:NV", "grief"): 2}


def test_a_list_of_a_topic_near_a_place_that_is_nearly_empty_counts_once_an_hour(site: Site) -> None:
    for _ in range(3):
        site.pages.get(f"/programs?near=Durham%2C+NC&far=25&topic={GRIEF}")
    assert written(site) == {("unmet", "US:NC", "grief"): 1}
    site.wait(3600)
    site.pages.get(f"/programs?near=Durham%2C+NC&far=25&topic={GRIEF}")
    assert written(site) == {("unmet", "US:NC", "grief"): 2}


@pytest.mark.parametrize("address", [
    "/programs", f"/programs?topic={GRIEF}", "/programs?near=Reno%2C+NV&far=5",
    f"/programs?near=Reno%2C+NV&far=5&topic={GRIEF}&how=1", "/programs?near=Reno%2C+NV&far=5&topic=0"],
    ids=["all", "no place", "no topic", "narrowed further", "topic not stated"])
def test_other_lists_are_not_counted(site: Site, address: str) -> None:
    site.pages.get(address)
    assert written(site) == {}


def test_a_search_that_finds_enough_is_not_counted(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(number, focus=["grief"], sessions=[DURHAM]) for number in range(3)])
    search(site, place="Durham, NC")
    assert written(site) == {}


def test_pages_of_groups_are_counted_by_month(site: Site) -> None:
    for _ in range(2):
        site.pages.get(f"/programs/{site.slugs[0]}")
    site.app.test_client().head(f"/programs/{site.slugs[0]}")
    assert written(site) == {("view", "", site.ids[0]): 2}


def test_nothing_is_counted_where_that_is_switched_off(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)], tallies="off")
    search(site)
    site.pages.get(f"/programs/{site.slugs[0]}")
    assert written(site) == {}
    assert "What we count" not in site.pages.get("/privacy").main.text


def test_the_page_on_privacy_says_what_is_counted(site: Site) -> None:
    assert "What we count" in site.pages.get("/privacy").main.text


def test_P2_a_seekers_request_writes_nothing_itself(site: Site) -> None:
    statements: list[str] = []
    search(site)
    event.listen(site.database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    search(site)
    assert [one for one in statements if not one.startswith("SELECT")] == []


def test_a_busy_database_holds_up_no_reader_and_loses_no_count(site: Site) -> None:
    search(site)
    with site.database.transaction() as session:
        queries.next_version(session)  # somebody writes for long
        site.wait(61)
        assert site.pages.get("/about").status == 200
    site.app.extensions["finder_counts"].writing.join(30)
    assert written(site) == {("unmet", "US:NV", "grief"): 1}


# -- the counts themselves -------------------------------------------------------------------------------------------


def cell(need: str = "grief") -> tallies.Cell:
    return tallies.unmet(NOW, "US:NV", need)


def stored(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(Tally.count)))


def write(counts: Counts, database: Database, after: timedelta = timedelta(0)) -> None:
    counts.write_aside(database, NOW + after)
    if counts.writing is not None:
        counts.writing.join(10)


def test_counts_wait_for_a_minute_or_for_fifty(tmp_path: Path) -> None:
    database, counts = make_database(tmp_path), Counts(on=True)
    for _ in range(MUCH - 1):
        counts.note(cell(), now=NOW)
    write(counts, database, timedelta(seconds=59))
    assert stored(database) == []
    counts.note(cell(), now=NOW)
    write(counts, database, timedelta(seconds=59))
    assert stored(database) == [MUCH]


def test_what_cannot_be_written_is_kept_and_tried_again_later(tmp_path: Path) -> None:
    broken, database = Database(databases.address(tmp_path / "empty.db")), make_database(tmp_path)
    counts = Counts(on=True)
    counts.note(cell(), now=NOW)
    write(counts, broken, timedelta(minutes=1))
    write(counts, database, timedelta(minutes=2))
    assert stored(database) == []
    write(counts, database, timedelta(minutes=3))
    assert stored(database) == [1]


def test_a_search_is_remembered_as_a_mark_that_says_nothing(tmp_path: Path) -> None:
    one, two = Counts(on=True), Counts(on=True)
    for counts in (one, two):
        counts.note(cell(), now=NOW, search="grief in Reno")
        counts.note(cell(), now=NOW, search="grief in Reno")
    held: Any = [vars(counts)["_marks"] for counts in (one, two)]
    assert [len(marks) for marks in held] == [1, 1]
    assert held[0] != held[1]
    assert all(len(mark) == 8 and b"grief" not in mark for marks in held for mark in marks)
