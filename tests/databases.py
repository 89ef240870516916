"""Where tests keep their databases: a file of SQLite, or, where FINDER_TEST_DATABASE says so, a PostgreSQL server.

It names a server's address (its user may make databases), or is "own" for a server that is made for this run. A test
asks for the address of a path, and the same path gives the same database; those of one test go when it ends.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text

from finder.config import Settings
from finder.db import Database
from tests.clusters import Cluster

NAMED = os.environ.get("FINDER_TEST_DATABASE", "")
ON_SERVER = bool(NAMED)
_made: dict[Path, str] = {}  # path -> name of its database on the server
_KEPT = TemporaryDirectory()


def address(path: Path) -> str:
    """The address of the database of a path. On a server it is made, without tables, when it is asked for first."""
    return _on_server(path) if ON_SERVER else f"sqlite:///{path}"


def copied(of: Path, path: Path) -> str:
    """The address of a new database that begins as a copy of another one, which nobody has open."""
    if ON_SERVER:
        return _on_server(path, _made[of.resolve()])
    shutil.copyfile(of, path)
    return address(path)


def with_tables(path: Path) -> str:
    """The address of a new database with all its tables and no rows: migrating takes longer than most tests."""
    return copied(_empty(), path)


@cache
def _empty() -> Path:
    path = Path(_KEPT.name) / "empty.db"
    with lasting():
        database = Database(address(path))
    database.upgrade()
    database.close()  # which leaves one file
    return path


# -- a server --------------------------------------------------------------------------------------------------------

_lasting: set[Path] = set()
_depth = 0
_copies: dict[str, str] = {}  # name of a copy -> that of what it was copied from
_idle: dict[str, list[str]] = {}  # name of what was copied -> copies of it that are as new, for making one takes long
# Every table's rows and every sequence's place, as they were when it was copied.
_KEEP = """DO $$ DECLARE one text; BEGIN DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', one); END LOOP;
  CREATE TABLE kept.__places AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'; END $$"""
_PUT_BACK = """DO $$ DECLARE one record; BEGIN SET LOCAL session_replication_role = replica;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%1$I', one.tablename);
    EXECUTE format('INSERT INTO public.%1$I SELECT * FROM kept.%1$I', one.tablename); END LOOP;
  FOR one IN SELECT * FROM kept.__places LOOP
    PERFORM setval(format('public.%I', one.sequencename)::regclass, coalesce(one.last_value, 1),
                   one.last_value IS NOT NULL); END LOOP; END $$"""


@contextmanager
def lasting() -> Iterator[None]:
    """Databases that are made in here stay until the run ends."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def _on_server(path: Path, template: str | None = None) -> str:
    path = path.resolve()
    if path not in _made:
        _made[path] = _taken(path, template)
        if _depth:
            _lasting.add(path)
    return _address_of(_made[path])


def _taken(path: Path, template: str | None) -> str:
    if template is not None and _idle.get(template):
        return _idle[template].pop()
    name = f"finder_{os.getpid()}_{hashlib.sha256(f'{path} {len(_copies)}'.encode()).hexdigest()[:16]}"
    if template is None:
        _tell(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
        return name
    if template not in _idle:
        with _opened(template) as connection:
            connection.execute(text(_KEEP))
        _idle[template] = []
    _tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _copies[name] = template
    return name


def _address_of(name: str) -> str:
    return make_url(_server_address()).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _opened(name: str) -> Iterator[Connection]:
    engine = create_engine(_address_of(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def standing() -> frozenset[Path]:
    """The databases that there are on the server."""
    return frozenset(_made)


def drop_since(before: frozenset[Path]) -> None:
    """Takes databases away that were made since, whoever still has them open. Copies are made as new."""
    for path in _made.keys() - before - _lasting:
        name = _made.pop(path)
        if name not in _copies:
            _tell(f'DROP DATABASE "{name}" WITH (FORCE)')
            continue
        _tell(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
        with _opened(name) as connection:
            connection.execute(text(_PUT_BACK))
        _idle[_copies[name]].append(name)


def _drop_all() -> None:
    for name in {*_made.values(), *_copies}:
        _tell(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _tell(statement: str) -> None:
    with _server().connect() as connection:
        connection.execute(text(statement))


@cache
def _server_address() -> str:
    if NAMED != "own":
        return NAMED
    made = Cluster()
    atexit.register(made.remove)
    made.start()
    return made.address()


@cache
def _server() -> Engine:
    made = create_engine(_server_address(), isolation_level="AUTOCOMMIT")
    atexit.register(made.dispose)
    if NAMED != "own":
        atexit.register(_drop_all)
    return made


if ON_SERVER:  # an instance whose operator names no database has one of the server too, and the whole suite goes there
    Settings.database = property(  # type: ignore[assignment, misc]
        lambda held: held.database_url or address(held.instance / "finder.db"))
