from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from finder.db import Database
from finder.sqlite import BUSY_MILLISECONDS

pytestmark = pytest.mark.sqlite
WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "secure_delete": 1,
          "busy_timeout": BUSY_MILLISECONDS}


def made(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'finder.db'}")
    database.upgrade()
    return database


def test_C3_D2_every_connection_is_set_up_so_that_nothing_is_lost(tmp_path: Path) -> None:
    database = made(tmp_path)
    for opened in (database.transaction, database.reading):
        with opened() as session:
            assert {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in WANTED} == WANTED
    assert BUSY_MILLISECONDS >= 5000
    database.close()


def test_C3_who_writes_takes_their_turn_when_they_begin_and_who_reads_does_not(tmp_path: Path) -> None:
    database, begun = made(tmp_path), list[str]()
    for opened in (database.transaction, database.reading):
        with opened() as session:
            driver: Any = session.connection().connection.dbapi_connection
        driver.set_trace_callback(lambda said: begun.append(said) if said.startswith("BEGIN") else None)
        with opened() as session:
            session.execute(text("SELECT version FROM catalog_state"))
        driver.set_trace_callback(None)
    assert begun == ["BEGIN IMMEDIATE", "BEGIN"]
    database.close()


def test_C3_who_reads_waits_for_no_writer_and_sees_nothing_half_done(tmp_path: Path) -> None:
    database = made(tmp_path)
    inside, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction() as session:
            session.execute(text("UPDATE catalog_state SET version = version + 1"))
            inside.set()
            go_on.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert inside.wait(10)
    with sqlite3.connect(tmp_path / "finder.db", timeout=0) as plain:
        assert plain.execute("SELECT version FROM catalog_state").fetchone() == (0,)
    plain.close()
    with database.reading() as session:
        assert session.execute(text("SELECT version FROM catalog_state")).scalar() == 0
    go_on.set()
    writer.join()
    assert database.catalog_version() == 1
    database.close()
