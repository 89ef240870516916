"""What is in a database, said so that two can be compared: rows and a SHA-256 of each table, and whether it is whole.

It reads SQLite's own file format through SQLite only, and changes nothing.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_FINDINGS = 5  # of a check, that are told
SCHEMA = "sqlite_master"  # told like a table: the words that made all others
_MANY_ROWS = 1000  # are read at once


@dataclass(frozen=True, slots=True)
class Table:
    """One table: how many rows, and the SHA-256 (hex) of all their values in the order of the primary key."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A database: `tables` by name, with `SCHEMA` among them; `revision` of the tables ("" for none); what SQLite's
    own checks found, empty when it is whole."""

    tables: Mapping[str, Table]
    revision: str
    integrity: tuple[str, ...]
    foreign_keys: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.integrity and not self.foreign_keys


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own to a database that is there already, which believes nothing the file says of functions.
    Raises sqlite3.Error."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None,
                                 check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection
    finally:
        connection.close()


def read(connection: sqlite3.Connection) -> Contents:
    """All that is in a database. Raises sqlite3.DatabaseError where it is too damaged to be read."""
    connection.text_factory = bytearray  # so that text and bytes are told apart without reading either
    try:
        integrity = tuple(_text(one) for (one,) in connection.execute(f"PRAGMA integrity_check({MOST_FINDINGS})"))
        loose = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_FINDINGS)
        names = [_text(name) for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' "
            "ORDER BY name")]
        tables = {name: _table(connection, name) for name in names}
        tables[SCHEMA] = _rows(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"))
        return Contents(tables, _revision(connection, names),
                        () if integrity == ("ok",) else integrity, tuple(_text(row[0]) for row in loose))
    finally:
        connection.text_factory = str


def _revision(connection: sqlite3.Connection, names: list[str]) -> str:
    if "alembic_version" not in names:
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return _text(row[0]) if row is not None else ""


def _table(connection: sqlite3.Connection, name: str) -> Table:
    columns = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    keys = [_text(one[1]) for one in sorted(columns, key=lambda one: int(one[5])) if one[5]]
    order = ", ".join(_quoted(one) for one in keys or [_text(one[1]) for one in columns])
    return _rows(connection.execute(f"SELECT * FROM {_quoted(name)} ORDER BY {order}"))  # noqa: S608 - names of tables


class Watched:
    """Rows that go by once, each value as SQLite keeps it, and what they were when the last has gone."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows, self._digest, self._count = rows, hashlib.sha256(), 0
        self._going = self._gone_by()

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return self._going

    def _gone_by(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self._count += 1
            self._digest.update(b"".join(_spelled(value) for value in (*row, ...)))
            yield row

    def told(self) -> Table:
        return Table(self._count, self._digest.hexdigest())


def table_of(rows: Iterable[Sequence[Any]]) -> Table:
    """What a table is that holds these rows, in this order."""
    watched = Watched(rows)
    for _ in watched:
        pass
    return watched.told()


def _rows(cursor: sqlite3.Cursor) -> Table:
    digest, count = hashlib.sha256(), 0
    while rows := cursor.fetchmany(_MANY_ROWS):
        count += len(rows)
        digest.update(b"".join(_spelled(value) for row in rows for value in (*row, ...)))
    return Table(count, digest.hexdigest())


def _spelled(value: Any) -> bytes:
    """One value in a way that no other value or pair of values is spelled."""
    if value is None:
        return b"n"
    if value is ...:
        return b";"  # the end of a row
    if isinstance(value, int):
        return b"i%d," % value
    if isinstance(value, float):
        return b"f" + value.hex().encode() + b","
    if isinstance(value, str):
        value = bytearray(value, "utf-8")
    return b"%c%d:" % (b"t" if isinstance(value, bytearray) else b"b", len(value)) + bytes(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else str(value)
