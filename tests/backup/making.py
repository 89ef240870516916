"""A database with people, listings and counters in it, writers that keep a rule across tables, and what holds of it."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from finder.backup import contents
from finder.db import Database
from finder.search import synthetic
from tests.backup.forked import alone, killed_after
from tests.listings.database import make_database, take

NOW = datetime(2026, 11, 27, 4, 30, tzinfo=UTC)
SOFTWARE = "0.1.0"


def made(folder: Path, listings: int = 20) -> Path:
    """A database with listings in it, in one file."""
    folder.mkdir(parents=True, exist_ok=True)
    database = make_database(folder)
    take(database, list(synthetic.documents(listings)))
    database.close()
    return folder / "finder.db"


def bear(path: Path, program: bytes | str, text: str) -> None:
    """One deed that touches three tables and the catalog's version, as a change of a listing does."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE catalog_state SET version = version + 1")
        connection.execute("UPDATE program SET name = ?, version = version + 1, "
                           "changed_version = (SELECT version FROM catalog_state) WHERE id = ?", (text, program))
        connection.execute("INSERT INTO revision (program_id, at, actor, state_after, kind, reason) "
                           "VALUES (?, '2026-11-27 04:30:00.000000', 'x', 'published', 'edit', ?)", (program, text))
        connection.execute("COMMIT")


def programs(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM program ORDER BY id")]


def borne(path: Path) -> dict[str, str]:
    """What deeds left: the note of every one, by it the name of its listing; and the rule that binds them holds."""
    with closing(sqlite3.connect(path)) as connection:
        notes = connection.execute(
            "SELECT reason, program_id FROM revision WHERE reason IS NOT NULL ORDER BY id").fetchall()
        named = dict(connection.execute("SELECT id, name FROM program").fetchall())
        last = {program: note for note, program in notes}
        assert all(named[program] == note for program, note in last.items()), "a change without its history"
        version = connection.execute("SELECT version FROM catalog_state").fetchone()[0]
        highest = connection.execute("SELECT max(changed_version) FROM program").fetchone()[0]
        assert version >= highest
        return dict(notes)


def whole(path: Path) -> contents.Contents:
    with contents.opened(path) as connection:
        found = contents.read(connection)
    assert found.is_whole
    return found


def database_of(path: Path) -> Database:
    return Database(f"sqlite:///{path}")


@contextmanager
def open_by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection as somebody with SQLite's own program has one, in the middle of reading."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield connection


def killed_all_along(deed: Callable[[], object], kills: int, *, before: Callable[[], object] = lambda: None,
                     after: Callable[[int], object] = lambda end: None) -> list[int]:
    """Runs a deed again and again and kills it at moments spread over the time it takes, the last ones at its end."""
    before()
    began = time.monotonic()
    assert alone(deed) == 0
    took, ends, chance = time.monotonic() - began, [], random.Random(5)
    for number in range(kills):
        before()
        ends.append(killed_after(took * (number + chance.random()) / kills, deed))
        after(ends[-1])
    return ends
