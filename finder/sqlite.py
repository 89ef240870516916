"""What SQLite asks of whoever uses it: how a connection is set up and begins, how its failures are told, and who has
the file open.

Everything here is about one file of one machine; nothing of it is used with PostgreSQL.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
import weakref
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session

from finder.errors import Unavailable

BUSY_MILLISECONDS = 30_000  # how long a writer waits for another one; an import of 50,000 rows writes half as long
MOST_LOG = 64 * 1024 * 1024  # bytes that the log keeps once what was in it is in the database (TRUST V5)
ALONE_SECONDS = 0.5  # that who has just left the database may take to be gone
LOCK_SUFFIX = "-lock"  # of the file beside the database that says who has it open
READ_ONLY, BUSY, DAMAGED = "read_only", "busy", "database_damaged"
# By primary result code (https://www.sqlite.org/rescode.html): what a failure means to somebody who wanted to write.
_MEANING = {
    sqlite3.SQLITE_FULL: READ_ONLY, sqlite3.SQLITE_READONLY: READ_ONLY, sqlite3.SQLITE_IOERR: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: READ_ONLY, sqlite3.SQLITE_BUSY: BUSY, sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_INTERRUPT: BUSY,  # by a Stopwatch
    sqlite3.SQLITE_CORRUPT: DAMAGED, sqlite3.SQLITE_NOTADB: DAMAGED,
}
PAGE_SECONDS = 2.0  # the longest that the processor may be at a statement of a request
_STEPS = 100_000  # of SQLite's machine between two looks at the clock: a thousandth of a second or two
_WHENEVER = float("inf")
_PRIMARY = 0xFF  # the lower byte of an extended result code
_PRAGMAS = (f"busy_timeout = {BUSY_MILLISECONDS}",  # first: the others wait for their turn, too
            "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF",
            "secure_delete = ON",  # what is deleted is written over (TRUST P11)
            f"journal_size_limit = {MOST_LOG}")
_NAP_SECONDS = 0.02
LONG = "finder_long"  # the execution option of a session that reads all listings
FULL = 2  # PRAGMA synchronous


class Presence:
    """Says to others that this process has the database open, by a shared lock on a file beside it.

    A restore takes that lock for itself alone, so it never takes a database from under a site that runs. Where no such
    file can be written, as on a full disk, nothing is said.
    """

    def __init__(self, database: Path) -> None:
        self.database, self.path = database, database.with_name(database.name + LOCK_SUFFIX)
        self._guard = threading.Lock()
        self._held: weakref.finalize[..., Any] | None = None

    def take(self) -> None:
        """Says so; saying it twice changes nothing. Raises Unavailable when somebody restores for long."""
        with self._guard:
            if self._held is not None:
                return
            try:
                # A new database is for its owner only (TRUST S6); its log takes that from it.
                os.close(os.open(self.database, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
                file = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError:
                return
            if not _locked(file, fcntl.LOCK_SH, BUSY_MILLISECONDS / 1000):
                os.close(file)
                raise Unavailable(BUSY)
            self._held = weakref.finalize(self, os.close, file)

    def take_alone(self) -> bool:
        """Has the database for this process alone until `release`. False when another one has it open."""
        with self._guard:
            file = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            if not _locked(file, fcntl.LOCK_EX, ALONE_SECONDS):
                os.close(file)
                return False
            self._held = weakref.finalize(self, os.close, file)
            return True

    def release(self) -> None:
        with self._guard:
            held, self._held = self._held, None
            if held is not None:
                held()


def _locked(file: int, kind: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_NAP_SECONDS)
        except OSError:  # a file system that knows no such locks; those of SQLite itself still hold
            return True


def attend(engine: Engine, presence: Presence | None) -> None:
    """Sees to every connection of an engine: how it is set up, how it begins, and how its failures are told."""
    if presence is not None:
        taken = presence  # a name that stays what it is

        @event.listens_for(engine, "do_connect")
        def say_so(dialect: object, record: object, args: object, values: object) -> None:
            taken.take()

    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", partial(_begin, threading.Lock()))
    event.listen(engine, "handle_error", _tell, retval=True)


def meaning(error: BaseException | None) -> Unavailable | None:
    """A failure of SQLite as ours: "read_only" when nothing can be written (a full disk, a file or folder that may
    only be read, a disk that fails), "busy", or "database_damaged". None for any other, as a broken rule of a table."""
    code = getattr(error, "sqlite_errorcode", None)
    told = _MEANING.get(code & _PRIMARY) if isinstance(code, int) else None
    return Unavailable(told) if told is not None else None


def _tell(context: ExceptionContext) -> BaseException | None:
    return meaning(context.original_exception)


def _set_up(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; see _begin
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _patiently(cursor, f"PRAGMA {pragma}")
    cursor.close()


def _patiently(cursor: Any, statement: str) -> None:
    """Two that make a new database at the same moment want its log at the same moment, and SQLite waits for no lock
    there."""
    until = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute(statement).fetchall()
            return
        except sqlite3.OperationalError as wrong:
            told = meaning(wrong)
            if told is None or told.code != BUSY or time.monotonic() >= until:
                raise
            time.sleep(_NAP_SECONDS)


def _begin(turn: threading.Lock, connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("finder_write"):
        connection.exec_driver_sql("BEGIN")
        return
    wait = options.get("finder_wait_milliseconds", BUSY_MILLISECONDS)
    until = time.monotonic() + wait / 1000
    # SQLite lets writers try again and again, and of many somebody may never be the one. So of one process only one
    # tries at a time, and the others stand in line behind it.
    if not turn.acquire(timeout=wait / 1000):
        raise Unavailable(BUSY)
    try:
        _begin_writing(connection.connection.dbapi_connection, max(0, int((until - time.monotonic()) * 1000)))
    finally:
        turn.release()


def _begin_writing(driver: Any, wait: int) -> None:
    """Takes the lock of whoever writes; waits so many milliseconds for it."""
    driver.execute(f"PRAGMA busy_timeout = {wait}")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as wrong:
        told = meaning(wrong)
        if told is None:
            raise
        raise told from wrong
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")


class Stopwatch:
    """Stops a statement of a request that takes longer than it may (TRUST L4), as PostgreSQL does by itself.

    What counts is the time that a thread's processor works, so that nobody is stopped because a machine is busy or a
    reader slow. Sessions that read all listings and rows that are taken a few at a time are let off, and so is what
    goes to the driver directly.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def start(self, engine: Engine) -> None:
        """From now on; connections that are in the pool are made anew."""
        event.listen(engine, "connect", self._watch)
        event.listen(engine, "checkout", lambda driver, record, proxy: record.info.update(until=_WHENEVER))
        event.listen(engine, "before_cursor_execute", self._begin)
        engine.dispose()

    def _watch(self, driver: Any, record: Any) -> None:
        info, now = record.info, time.thread_time
        driver.set_progress_handler(lambda: now() > info.get("until", _WHENEVER), _STEPS)

    def _begin(self, connection: Connection, cursor: object, statement: str, parameters: object, context: Any,
               many: bool) -> None:
        options = context.execution_options if context is not None else {}
        is_let_off = many or options.get("yield_per") or options.get(LONG)
        connection.info["until"] = _WHENEVER if is_let_off else time.thread_time() + self.seconds


def condition(session: Session) -> tuple[bool, bool]:
    """Whether the file is whole, and whether a change is on the disk before it is confirmed (TRUST D2)."""
    whole = session.execute(text("PRAGMA quick_check(1)")).scalar() == "ok"
    journal = session.execute(text("PRAGMA journal_mode")).scalar()
    return whole, journal == "wal" and session.execute(text("PRAGMA synchronous")).scalar() == FULL
