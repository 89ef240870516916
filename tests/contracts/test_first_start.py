"""Starts at the same moment, and upgrades that are killed: one schema, every row, and nothing half."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat

import pytest
from sqlalchemy import event

from finder.__main__ import _build_services, _create_app
from finder.cli.script import Instance, run
from finder.config import Settings
from finder.db import Database, is_ready
from tests.backup.forked import alone, at_once
from tests.contracts.test_migrations import ROWS, counted, reflected

pytestmark = pytest.mark.sqlite  # the same on a server: tests/postgres/test_first_start.py
STARTS = 8


def upgrade(path):
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()


def whole(path):
    plain = sqlite3.connect(path)
    try:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {name: sorted(line.strip(" \t,") for line in (sql or "").splitlines())  # constraints in no fixed order
                  for name, sql in plain.execute("SELECT name, sql FROM sqlite_master")}
        revision = plain.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
        return revision, tables
    finally:
        plain.close()


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.soak)])
def test_C5_eight_upgrades_at_the_same_moment_make_one_schema(tmp_path, rounds, record_property):
    upgrade(tmp_path / "alone.db")
    for number in range(rounds):
        path = tmp_path / f"{number}.db"
        assert at_once([lambda path=path: upgrade(path)] * STARTS) == [0] * STARTS
        assert whole(path) == whole(tmp_path / "alone.db")
        plain = sqlite3.connect(path)
        assert plain.execute("SELECT id, version FROM catalog_state").fetchall() == [(1, 0)]
        plain.close()
    record_property("figure", f"{rounds} times {STARTS} starts at once")


def test_C5_eight_first_starts_at_the_same_moment_make_one_instance(tmp_path, capfd):
    folder = tmp_path / "instance"
    _build_services(Settings(instance=tmp_path / "other")).database.close()  # places and words are read once, before

    def start():
        instance = Instance({"FINDER_INSTANCE": str(folder)}, _create_app, _build_services)
        assert run(instance, ["init"]) == 0
        assert is_ready(instance.services.database)
        with instance.create_app(instance.settings, services=instance.services).test_client() as client:
            assert client.get("/readyz").status_code == 200

    assert at_once([start] * STARTS) == [0] * STARTS
    assert "roke" not in capfd.readouterr().err
    files = sorted(one.name for one in folder.iterdir() if not one.name.startswith("finder.db-"))
    assert files == ["finder.db", "metrics", "secret"]
    assert whole(folder / "finder.db")[0]


def test_S6_a_new_database_and_its_log_are_for_their_owner_only(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'finder.db'}")
    database.upgrade()
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    database.close()
    assert {name: modes[name] for name in ("finder.db", "finder.db-wal", "finder.db-shm")} == {
        "finder.db": 0o600, "finder.db-wal": 0o600, "finder.db-shm": 0o600}


def filled(path, revision):
    database = Database(f"sqlite:///{path}")
    database.upgrade(revision)
    with database.engine.begin() as connection:
        tables = reflected(connection)
        for name in ROWS:
            if name in tables:
                connection.execute(tables[name].insert().values(ROWS[name]))
    before = counted(database)
    database.close()
    return before


def upgrade_until(path, statement):
    """An upgrade that kills its own process before a statement, counted from the start."""
    database, said = Database(f"sqlite:///{path}"), 0

    def watch(connection, *_):
        def before(_):
            nonlocal said
            said += 1
            if said == statement:
                os.kill(os.getpid(), signal.SIGKILL)
        connection.set_trace_callback(before)

    event.listen(database.engine, "connect", watch)
    database.upgrade()
    database.close()
    return said


def test_C7_an_upgrade_that_is_killed_has_done_nothing_and_the_next_one_does_it_all(tmp_path, record_property):
    """From the oldest tables on, at moments all along the way and at each of the last ones."""
    before = filled(tmp_path / "whole.db", "0001")
    old = whole(tmp_path / "whole.db")
    (tmp_path / "kept.db").write_bytes((tmp_path / "whole.db").read_bytes())
    said = upgrade_until(tmp_path / "whole.db", 0)
    new, path = whole(tmp_path / "whole.db"), tmp_path / "finder.db"
    ends = []
    for statement in [*range(1, said, max(1, said // 8)), *range(said - 4, said + 1)]:
        for leftover in tmp_path.glob("finder.db*"):
            leftover.unlink()
        path.write_bytes((tmp_path / "kept.db").read_bytes())
        assert alone(lambda at=statement: upgrade_until(path, at)) == -signal.SIGKILL
        ends.append(whole(path))
        assert ends[-1] in (old, new)
        database = Database(f"sqlite:///{path}")
        database.upgrade()
        after = counted(database)
        database.close()
        assert whole(path) == new
        assert {name: after[name] for name in before} == before
    assert old in ends
    assert new in ends
    record_property("figure", f"{len(ends)} kills")
