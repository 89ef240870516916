"""Chains of invented entries, and what somebody with the database alone could do to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from finder.audit import chain, verifying
from finder.audit.chain import Deed, End
from finder.db import Database
from tests import databases

KEY = b"a key that the database does not hold"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def make(folder: Path) -> Database:
    return Database(databases.with_tables(folder / "finder.db"))


def deed(number: int) -> Deed:
    return Deed(f"page.{number % 7}", "page", number % 5 or None, "listing", f"l{number % 9}", {"rows": {"program": 1}})


def extend(connection: Connection, count: int, *, key: bytes = KEY, began: datetime = BEGAN) -> None:
    for number in range(count):
        chain.append(connection, deed(number), now=began + timedelta(minutes=number), key=key)


def grow(database: Database, count: int) -> None:
    with database.transaction() as session:
        extend(session.connection(), count)


# Lets entries be changed by whoever has the database to themselves.
UNGUARDED = "ALTER TABLE audit_entry DISABLE TRIGGER USER" if databases.ON_SERVER else "DROP TRIGGER audit_entry_stays"


def look(database: Database, *, key: bytes = KEY, seen: End | None = None) -> verifying.Verdict:
    with database.reading() as session:
        return verifying.verify(session.connection(), key=key, seen=seen)


def look_at(connection: Connection, *, key: bytes = KEY, seen: End | None = None) -> verifying.Verdict:
    return verifying.verify(connection, key=key, seen=seen)


@contextmanager
def meddling(database: Database) -> Iterator[Connection]:
    """A connection of somebody who takes the triggers away first; in the end all is as it was."""
    with database.engine.execution_options(finder_write=True).connect() as connection:
        gone = [f"DROP TRIGGER {name}" for name in ("audit_entry_stays", "audit_entry_lasts", "audit_entry_follows")]
        for statement in ["ALTER TABLE audit_entry DISABLE TRIGGER USER"] if databases.ON_SERVER else gone:
            connection.execute(text(statement))
        yield connection
        connection.rollback()
