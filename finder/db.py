"""The database: engine, declarative base, transactions, migrations and the catalog's version number.

No model of any room is imported here. On SQLite every writing transaction takes its lock at once (BEGIN IMMEDIATE),
commits reach the disk (synchronous FULL), and readers never wait for a writer (WAL). On PostgreSQL it is the same by
other means (`finder.postgres`).
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from finder import postgres, sqlite
from finder.errors import Conflict, Unavailable
from finder.sqlite import BUSY, BUSY_MILLISECONDS, Presence, attend

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_STEP = re.compile(r"^(down_)?revision = [\"'](\w+)[\"']", re.M)  # what a step says of itself, and of the one before it
UPGRADE_MILLISECONDS = 600_000  # how long an upgrade waits for another one: it may rewrite large tables
PROBE_MILLISECONDS = 100
REPLICA_SECONDS, REPLICA_NAP_SECONDS = 1.0, 0.02  # how long a copy that is behind is waited for
SWEEP_MILLISECONDS = 1_000  # and whoever tidies the files up: nobody should wait for that


class Base(DeclarativeBase):
    """The base of every table; constraint names are fixed so that a race lost can be told by name."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s",
    })


def _write_json(value: Any) -> str:
    return orjson.dumps(value).decode()


class Database:
    """One database by its SQLAlchemy address. Cheap to make; connects on first use."""

    def __init__(self, url: str) -> None:
        self.url = url
        file = file_of(url)
        self._presence = Presence(file) if file is not None else None
        self.engine = _engine(url, self._presence)
        self._manners = postgres.Manners(self.engine) if self._is_server else None
        self._writer = sessionmaker(self.engine.execution_options(finder_write=True), expire_on_commit=False)
        read = self.engine.execution_options(isolation_level=postgres.CONSISTENT) if self._is_server else self.engine
        self._reader = sessionmaker(read, expire_on_commit=False)
        self._local = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One deed: committed whole when the block ends well, rolled back whole otherwise.

        Raises Unavailable: "busy" when its turn to write did not come in time, "read_only" when nothing can be written.
        """
        with self._writer.begin() as session:
            yield session

    def at_leisure(self, deed: Callable[[Session], None]) -> bool:
        """One small deed that may as well not be done: not while anybody else writes, for an import may take minutes
        and a reader should not wait for it. Gives whether it was done."""
        try:
            hasty = self.engine.execution_options(finder_write=True, finder_wait_milliseconds=0)
            with Session(hasty) as session, session.begin():
                deed(session)
        except Unavailable:
            return False
        return True

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Session]:
        """A consistent view; nothing that is changed in it is kept. `long`: all listings are read in it."""
        with self._reader() as session:
            if long and self._is_server:
                postgres.be_patient(session)
            elif long:
                session.connection(execution_options={sqlite.LONG: True})
            yield session

    def can_write(self) -> bool:
        """Whether a change would be taken: one is begun, made, and taken back before anybody sees it. While somebody
        else writes, it is."""
        try:
            soon = self.engine.execution_options(finder_write=True, finder_wait_milliseconds=PROBE_MILLISECONDS)
            with soon.connect() as connection, connection.begin() as probe:
                connection.execute(text("UPDATE catalog_state SET version = version"))
                probe.rollback()
        except Unavailable as told:
            return told.code == BUSY
        except SQLAlchemyError:
            return False
        return True

    def catalog_version(self) -> int:
        """The number that every change of published listings raises in its own transaction.

        One statement on a connection of this thread, outside any transaction. Raises Unavailable when the database
        does not answer or has no tables yet.
        """
        may_be_stale = self._is_server and getattr(self._local, "connection", None) is not None
        try:
            return self._asked()
        except Exception as broken:
            self._let_go()
            if may_be_stale:  # a server that was started anew; there are new connections to it
                return self.catalog_version()
            raise Unavailable("database") from broken

    def _asked(self) -> int:
        cursor = self._watch().cursor()
        cursor.execute("SELECT version FROM catalog_state")
        row = cursor.fetchone()
        cursor.close()
        return int(row[0])

    def _watch(self) -> Any:
        held = getattr(self._local, "connection", None)
        if held is None:
            held = self.engine.execution_options(isolation_level="AUTOCOMMIT").connect()
            if self._is_server:
                held.detach()  # each thread keeps its own, and the pool's are for transactions
                self._local.end = _End(held)
            self._local.connection = held
        return held.connection.dbapi_connection

    def sweep(self) -> bool:
        """Leaves no byte of deleted rows in SQLite's files, if any are owed (`owe_sweep`): the database is written anew
        and its log emptied. Not inside a transaction. False when others were at work; the sweep stays owed."""
        if self.engine.dialect.name != "sqlite":
            return True
        with self._undisturbing() as driver:
            if not driver.execute("PRAGMA user_version").fetchone()[0]:
                return True
            try:
                driver.execute("VACUUM")
                if driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    return False
                driver.execute("PRAGMA user_version = 0")
            except sqlite3.OperationalError:  # busy, or no room on the disk
                return False
        return True

    def empty_log(self) -> bool:
        """Brings SQLite's log into the database and empties it, so that what was deleted is not in it any longer.
        False when somebody was reading."""
        if self.engine.dialect.name != "sqlite":
            return True
        with self._undisturbing() as driver:
            try:
                return not driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError:
                return False

    @contextmanager
    def _undisturbing(self) -> Iterator[Any]:
        """The driver's connection, outside any transaction, that gives up soon where others are at work."""
        with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.execute(f"PRAGMA busy_timeout = {SWEEP_MILLISECONDS}")
            try:
                yield driver
            finally:
                driver.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")

    @property
    def _is_server(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    def serve(self) -> None:
        """For a server to call once: visitors wait, so from now on no statement may take long."""
        if self._manners is not None:
            self._manners.hurry()
        else:
            sqlite.Stopwatch(sqlite.PAGE_SECONDS).start(self.engine)

    def close(self) -> None:
        """Lets go of this thread's connection, of the pool and of the file."""
        self._let_go()
        if self._presence is not None:
            self._presence.release()

    def _let_go(self) -> None:
        held = getattr(self._local, "connection", None)
        self._local.connection = None
        if held is not None:
            held.close()
        self.engine.dispose()

    def upgrade(self, revision: str = "head") -> None:
        """Brings the tables up to date; doing it twice changes nothing. All of it is one transaction, so one that is
        killed has done nothing, and of several at the same moment one does it and the others find it done.

        Raises Conflict("newer_schema") where a newer program has made them."""
        found = self._found()
        if revision == "head" and found == newest():
            return  # so that a start neither waits for an import nor needs a disk that can be written
        from alembic import command  # heavy, and needed only here

        if not all(self.knows(one) for one in found):
            raise Conflict("newer_schema")
        patient = self.engine.execution_options(finder_write=True, finder_wait_milliseconds=UPGRADE_MILLISECONDS)
        with patient.connect() as connection:
            with _unwatched(connection):
                command.upgrade(self.migrations(connection), revision)

    def is_current(self) -> bool:
        """Whether the tables are those of this program."""
        return self._found() == newest()

    def _found(self) -> set[str]:
        """The state that the tables say they are in; nothing where there are none. Asked as Alembic does, without
        reading Alembic: a start would wait for it."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return set()
            return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())

    def knows(self, revision: str) -> bool:
        """Whether this program has heard of a state of the tables; of one that a newer program made, it has not."""
        from alembic.util import CommandError

        try:
            return self._steps().get_revision(revision) is not None
        except CommandError:
            return False

    def _steps(self) -> Any:
        from alembic.script import ScriptDirectory

        return ScriptDirectory.from_config(self.migrations())

    def migrations(self, connection: Connection | None = None) -> Any:
        """Alembic's configuration for this database."""
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        return config


@cache
def newest() -> frozenset[str]:
    """The state that the steps of this program lead to: those that no other one follows."""
    said = [_STEP.findall(one.read_text(encoding="utf-8")) for one in (MIGRATIONS / "versions").glob("*.py")]
    made = {name for step in said for before, name in step if not before}
    return frozenset(made - {name for step in said for before, name in step if before})


class _End:
    """Closes a connection that no pool looks after, with the thread that keeps it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        with suppress(Exception):
            self.connection.close()


def _engine(url: str, presence: Presence | None) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(postgres.impatient(parsed), json_serializer=_write_json, json_deserializer=orjson.loads,
                             pool_pre_ping=True, hide_parameters=True)
    if presence is not None:
        presence.path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, json_serializer=_write_json, json_deserializer=orjson.loads)
    attend(engine, presence)
    return engine


def abreast(database: Database, replica: Database | None) -> Database:
    """Where to read all listings: from a copy that only reads, if it has what the database has now, or soon has; else
    from the database itself. Raises Unavailable where that does not answer."""
    if replica is None:
        return database
    wanted, until = database.catalog_version(), monotonic() + REPLICA_SECONDS
    try:
        while replica.catalog_version() < wanted:
            if monotonic() > until:
                return database
            sleep(REPLICA_NAP_SECONDS)
    except Unavailable:
        return database
    return replica


def file_of(url: str) -> Path | None:
    """Where the database of an address lies; None for one in memory or on a server."""
    parsed = make_url(url)
    held = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if held else None


def server_of(url: str) -> str:
    """An address as a server's own programs take it; they ask for the password, or find it where they keep it."""
    parsed = make_url(url)
    return URL.create(parsed.get_backend_name(), parsed.username, None, parsed.host, parsed.port, parsed.database,
                      parsed.query).render_as_string()


@contextmanager
def _unwatched(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by writing it anew and dropping the old one, and with foreign keys on, that drop takes
    the rows of other tables that point to it along. So they are off meanwhile, and checked afterwards.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys = ON")
    if driver.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise Unavailable("database_damaged")


def owe_sweep(session: Session) -> None:
    """Notes, in the transaction that deletes them, that bytes of deleted rows are to be swept out of SQLite's files.

    The note is the number that SQLite keeps in its header for its users, so it outlives a worker that is stopped.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA user_version = 1"))


def condition(session: Session) -> tuple[bool, bool]:
    """Whether a database is whole, and whether a change is on the disk before it is confirmed (TRUST D2)."""
    if session.get_bind().dialect.name == "postgresql":
        return postgres.condition(session)
    return sqlite.condition(session)


def is_ready(database: Database) -> bool:
    """Whether the database answers and has its tables. Raises Unavailable where the disk is why it does not."""
    try:
        with database.reading() as session:
            session.execute(text("SELECT version FROM catalog_state")).one()
    except Unavailable as why:
        if why.code == postgres.LOST:
            return False
        raise
    except Exception:  # noqa: BLE001 - any other failure means the same to a probe
        return False
    return True
