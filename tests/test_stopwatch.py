"""L4: the clock that stops a statement of SQLite; PostgreSQL has its own (tests/postgres/test_postgres.py)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from finder import sqlite
from finder.db import Database
from finder.errors import Unavailable
from tests.web.site import Site, group

pytestmark = pytest.mark.sqlite
COUNT = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {}) SELECT count(*) FROM n"
ENDLESS = text(COUNT.format(10**12))
SECONDS = 0.1


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(sqlite, "PAGE_SECONDS", SECONDS)
    database = Database(f"sqlite:///{tmp_path / 'finder.db'}")
    database.upgrade()
    database.serve()
    yield database
    database.close()


def test_L4_a_statement_that_would_not_end_is_stopped_and_the_next_one_is_answered(serving: Database) -> None:
    for opened in (serving.reading, serving.transaction):
        began = time.thread_time()
        with pytest.raises(Unavailable, match="busy"), opened() as session:
            session.execute(ENDLESS).scalar()
        assert SECONDS <= time.thread_time() - began < SECONDS * 10
        with opened() as session:
            assert session.execute(text(COUNT.format(1000))).scalar() == 1000


def test_L4_rows_that_take_long_to_find_are_stopped_too(serving: Database) -> None:
    slow = text(COUNT.format(10**12).replace("count(*)", "x") + " WHERE x < 3 OR x > 999999999999")
    with pytest.raises(Unavailable, match="busy"), serving.reading() as session:
        session.execute(slow).all()


def test_L4_many_statements_of_one_request_each_have_their_time(serving: Database) -> None:
    work = text(COUNT.format(200_000))
    with serving.reading() as session:
        began = time.thread_time()
        while time.thread_time() - began < SECONDS * 2:
            session.execute(work).scalar()


def test_L4_a_session_that_reads_all_listings_and_a_database_that_serves_nobody_are_let_off(
        serving: Database, tmp_path: Path) -> None:
    work = text(COUNT.format(5_000_000))
    with serving.reading(long=True) as session:
        began = time.thread_time()
        assert session.execute(work).scalar() == 5_000_000
        assert time.thread_time() - began > SECONDS
    other = Database(f"sqlite:///{tmp_path / 'finder.db'}")
    with other.reading() as session:
        assert session.execute(work).scalar() == 5_000_000
    other.close()


def test_L4_a_deed_of_the_driver_s_own_is_not_stopped(serving: Database) -> None:
    with serving.reading() as session:
        session.execute(text("SELECT 1"))
    assert serving.empty_log()
    with serving._undisturbing() as driver:
        assert driver.execute(COUNT.format(5_000_000)).fetchone() == (5_000_000,)


def test_L4_whoever_asked_is_told_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PAGE_SECONDS", SECONDS)
    site = Site(tmp_path, [group(1)])
    site.database.serve()

    def slow() -> str:
        with site.database.reading() as session:
            return str(session.execute(ENDLESS).scalar())

    site.app.add_url_rule("/slow", view_func=slow)
    page = site.pages.get("/slow")
    assert page.status == 503
    assert int(page.response.headers["Retry-After"]) > 0
    assert site.pages.get(f"/programs/{site.slugs[0]}").status == 200
