"""All of a database into another one, which may be of the other kind: a file of SQLite, or one of a PostgreSQL server.

Every value is carried as SQLite keeps it (ids as 32 hexadecimal digits, instants and JSON as text), which PostgreSQL
reads as well; so the rows and checksums of both sides can be compared, and the JSON stays what it was to the letter.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, String, Table, Text, cast, collate, func, select, text

from finder import bulk
from finder.backup import contents
from finder.db import Database
from finder.errors import Conflict, Unavailable

VERSION = "alembic_version"  # the state of the tables, which is the same on both sides before a row is carried
BEGUN_WITH = frozenset(("catalog_state", "audit_head"))  # new tables hold one row of each
AT_ONCE = 1000  # rows
AUDIT = "audit_entry"  # lets in nothing but the next entry
WAIT_MILLISECONDS = 60_000  # for whoever writes to end

Told = Callable[[str, int], object]  # of each table when it is there: its name and how many rows


def move(source: Database, target: Database, *, tell: Told = lambda name, rows: None) -> Mapping[str, contents.Table]:
    """Copies every row into a database that has none, in one transaction, and proves it: rows and SHA-256 of each
    table, read again from where they are now. Gives them by name.

    The source stays as it is; nobody writes to it meanwhile. Raises Conflict("not_current") where another version of
    the program made the source, Conflict("not_empty") where the target has rows, Unavailable("not_equal") where a
    table did not arrive as it was; then nothing is kept.
    """
    if not source.is_current():
        raise Conflict("not_current")
    target.upgrade()
    with _writing(source) as here, _writing(target) as there:
        tables, old = _tables(there), {table.name: table for table in _tables(here)}
        _refuse_rows(there, tables)
        moved = {}
        with _open(there):
            for table in tables:
                watched = contents.Watched(_rows(here, old[table.name], [column.name for column in table.columns]))
                _carry(watched, there, table)
                moved[table.name] = watched.told()
                tell(table.name, moved[table.name].rows)
        _go_on_counting(there, tables)
        for table in tables:
            if contents.table_of(_rows(there, table, table.columns.keys())) != moved[table.name]:
                raise Unavailable("not_equal", table=table.name)
    return moved


@contextmanager
def _writing(database: Database) -> Iterator[Connection]:
    patient = database.engine.execution_options(finder_write=True, finder_wait_milliseconds=WAIT_MILLISECONDS)
    with patient.connect() as connection, connection.begin():
        yield connection


def _tables(connection: Connection) -> Sequence[Table]:
    """Tables so that none points to a later one."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION]


def _refuse_rows(there: Connection, tables: Sequence[Table]) -> None:
    for table in tables:
        rows = there.execute(select(func.count()).select_from(table)).scalar_one()
        if rows > (table.name in BEGUN_WITH):
            raise Conflict("not_empty")
        there.execute(table.delete())


def _is_server(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


@contextmanager
def _open(there: Connection) -> Iterator[None]:
    """Lets entries of the audit in that were made elsewhere; afterwards its triggers stand as before."""
    if _is_server(there):
        there.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        yield
        there.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
        return
    there.execute(text("PRAGMA defer_foreign_keys = ON"))  # rows of one table may point to one another
    held = there.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"),
                         {"name": AUDIT}).all()
    for one in held:
        there.exec_driver_sql(f"DROP TRIGGER {_quoted(there, one.name)}")
    yield
    for one in held:
        there.exec_driver_sql(one.sql)


# -- rows ------------------------------------------------------------------------------------------------------------


def _carry(watched: contents.Watched, there: Connection, table: Table) -> None:
    names = [column.name for column in table.columns]
    columns = ", ".join(_quoted(there, name) for name in names)
    driver: Any = there.connection.dbapi_connection
    if _is_server(there):
        bulk.copy(there, table.name, names, watched)
    else:
        places = ", ".join("?" * len(names))
        into = f"INSERT INTO {_quoted(there, table.name)} ({columns}) VALUES ({places})"  # noqa: S608 - own names
        while rows := list(islice(watched, AT_ONCE)):
            driver.executemany(into, rows)


def _rows(connection: Connection, table: Table, names: Sequence[str]) -> Iterable[Sequence[Any]]:
    """All rows in the order of the primary key, each value as SQLite keeps it, in columns of these names."""
    chosen = [table.columns[name] for name in names]
    if _is_server(connection):
        wanted = [cast(one, Text) if isinstance(one.type, JSON) else one for one in chosen]
        keys = [collate(one, "C") if isinstance(one.type, String) else one for one in table.primary_key.columns]
        found = connection.execute(select(*wanted).order_by(*keys).execution_options(yield_per=AT_ONCE))
        return ([_kept(value) for value in row] for row in found)
    columns, order = (", ".join(_quoted(connection, one.name) for one in some)
                      for some in (chosen, table.primary_key.columns))
    driver: Any = connection.connection.dbapi_connection
    cursor: Iterable[Sequence[Any]] = driver.execute(
        f"SELECT {columns} FROM {_quoted(connection, table.name)} ORDER BY {order}")  # noqa: S608 - names of tables
    return cursor


def _kept(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _go_on_counting(there: Connection, tables: Sequence[Table]) -> None:
    """New rows of PostgreSQL get numbers behind those that came along."""
    for table in tables if _is_server(there) else ():
        for column in table.primary_key.columns:
            counter = there.scalar(select(func.pg_get_serial_sequence(_quoted(there, table.name), column.name)))
            if counter is not None:
                most = select(func.max(column)).scalar_subquery()
                there.execute(select(func.setval(counter, func.coalesce(most, 1), most.is_not(None))))
