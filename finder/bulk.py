"""Many rows into one table at once, inside a transaction: bound statements on SQLite, COPY on PostgreSQL.

It goes round SQLAlchemy's own writing of values, which takes longer than the database does, and round nothing else:
constraints hold, failures are told in the same words, and whoever listens for what is written (`hear`) hears of it.
Values are handed to both as SQLite keeps them; PostgreSQL reads them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Table, Uuid
from sqlalchemy.exc import DBAPIError

from finder import postgres

Hearer = Callable[[Table, Sequence[Mapping[str, Any]]], object]
ROOM_KB, USUAL_KB = 65_536, 2_000  # https://www.sqlite.org/pragma.html#pragma_cache_size
_HEARER = "finder_bulk"


def hear(connection: Connection, hearer: Hearer) -> None:
    """From now on tells of the rows that are inserted by this connection, after each piece of them."""
    connection.info[_HEARER] = hearer


@contextmanager
def roomy(connection: Connection) -> Iterator[None]:
    """While many rows are written: SQLite keeps ROOM_KB of what it changes in memory before it writes them to its log.
    With its usual 2 MB it writes the same pages again and again."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA cache_size = -{ROOM_KB}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA cache_size = -{USUAL_KB}")


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns; others get what the database itself gives them.

    Raises what SQLAlchemy's own insert would: IntegrityError where a rule of the table is broken, Unavailable where
    nothing can be written.
    """
    if rows:
        names = tuple(rows[0])
        _insert(connection, table, names, prepared(table, names, rows), rows)


def insert_ready(connection: Connection, table: Table, names: tuple[str, ...], values: Sequence[Sequence[Any]],
                 first: Mapping[str, Any]) -> None:
    """The same for rows that are as `prepared` gives them. Who hears of them is told `first` for each: values of the
    first row that tell which one it is."""
    if values:
        _insert(connection, table, names, values, [first] * len(values))


def _insert(connection: Connection, table: Table, names: tuple[str, ...], values: Iterable[Sequence[Any]],
            rows: Sequence[Mapping[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        copy(connection, table.name, names, values)
    else:
        connection.exec_driver_sql(_statement(table, names), list(map(tuple, values)))
    hearer: Hearer | None = connection.info.get(_HEARER)
    if hearer is not None:
        hearer(table, rows)


def count_anew(connection: Connection, tables: Sequence[str]) -> None:
    """Lets PostgreSQL see at once how many rows these tables have, those of this transaction among them. Until then it
    plans for tables as small as they were, and the next import takes three times as long. Where it counts by itself
    while rows are still being added, it finds none of them and checks each foreign key along the wrong index; after
    this it leaves them alone until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {', '.join(map(_quoted, tables))}")


def prepared(table: Table, names: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The rows as the databases take them, one after the other."""
    take, special = itemgetter(*names), _special(table, names)
    if len(names) == 1:
        special = ()
    for row in rows:
        found = list(take(row)) if len(names) > 1 else [row[names[0]]]
        for place, write in special:
            if found[place] is not None:
                found[place] = write(found[place])
        yield tuple(found)


@lru_cache(maxsize=64)
def _special(table: Table, names: tuple[str, ...]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Places of the columns whose values have to be written in another way, and how."""
    found = ((place, _writer(table.columns[name].type)) for place, name in enumerate(names))
    return tuple((place, write) for place, write in found if write is not None)


def _writer(kind: Any) -> Callable[[Any], Any] | None:
    if isinstance(kind, Uuid):
        return _hex
    if isinstance(kind, JSON):
        return _json
    if isinstance(kind, DateTime):
        return instant
    if isinstance(kind, Date):
        return date.isoformat
    return int if isinstance(kind, Boolean) else None


def _hex(value: UUID) -> str:
    return value.hex


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def instant(value: datetime) -> str:
    """A time as SQLite keeps it."""
    return value.isoformat(" ", "microseconds")


@lru_cache(maxsize=64)
def _statement(table: Table, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table.name} ({', '.join(map(_quoted, names))}) " \
           f"VALUES ({', '.join('?' * len(names))})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def copy(connection: Connection, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY of rows, prepared as SQLite keeps them, into a table of PostgreSQL; raises as `insert` does."""
    driver: Any = connection.connection.dbapi_connection
    statement = f"COPY {_quoted(name)} ({', '.join(map(_quoted, columns))}) FROM STDIN"
    with _told(connection, statement), driver.cursor() as cursor, cursor.copy(statement) as to:
        for row in rows:
            to.write_row(row)


@contextmanager
def _told(connection: Connection, statement: str) -> Iterator[None]:
    """Failures of the driver as SQLAlchemy and the house tell them."""
    errors = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except errors as wrong:
        known = postgres.meaning(wrong)
        if known is not None:
            raise known from wrong
        raise DBAPIError.instance(statement, None, wrong, errors, hide_parameters=True,
                                  dialect=connection.dialect) from wrong
