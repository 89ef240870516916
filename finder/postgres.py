"""What PostgreSQL asks of whoever uses it: how a connection is set up, how writers take turns, how failures are told.

Writers take turns here as on SQLite. Each deed must lock the end of the audit's chain and most the catalog's number
anyway, so a turn taken at the beginning costs little, and every rule that holds with one writer holds with many
machines. Readers wait for nobody. The driver (psycopg 3) is an extra and is not imported here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session

from finder.errors import FinderError, Invalid, Problem, Unavailable
from finder.sqlite import BUSY, DAMAGED, READ_ONLY

CONSISTENT = "REPEATABLE READ"  # isolation of who reads; writers, one at a time, need no more than READ COMMITTED
TURN = 7_305_806  # the advisory lock of who writes; any number that nothing else in the database uses will do
TURN_MILLISECONDS = 5_000  # how long a writer waits for another one, and for a row
PAGE_MILLISECONDS = 2_000  # the longest statement of a request
JOB_MILLISECONDS = 600_000  # and of a command, a job, an upgrade, or a snapshot that is read
LOST = "database"  # the server does not answer
# A machine that lost its power closes no line (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
# Seconds to connect (per machine of an address with several), and how long a line may be dead: some 5 s and not hours.
_SILENCE = {"connect_timeout": "3", "keepalives_idle": "2", "keepalives_interval": "1", "keepalives_count": "3",
            "tcp_user_timeout": "5000"}
# By SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html), whole codes before their classes.
_MEANING = {
    "25006": READ_ONLY,  # a standby, or a server that was told so
    "53100": READ_ONLY, "58030": READ_ONLY,  # the disk is full, or fails
    "55P03": BUSY, "57014": BUSY,  # a lock or a statement took too long
    "40001": BUSY, "40P01": BUSY,  # two in one another's way
    "53": BUSY,  # out of memory or of connections
    "08": LOST, "57P": LOST,  # gone, or about to go
    "XX001": DAMAGED, "XX002": DAMAGED,
}
_LASTING = "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' " \
    "AND current_setting('synchronous_commit') <> 'off'"


def impatient(url: URL) -> URL:
    """An address with how long to wait for a machine that says nothing any more, where it does not say so itself."""
    return url.update_query_dict({name: value for name, value in _SILENCE.items() if name not in url.query})


class Manners:
    """How the connections of one engine behave; `hurry` is for a server, whose visitors wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._statement = engine, JOB_MILLISECONDS
        event.listen(engine, "connect", self._set_up)
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "handle_error", _tell, retval=True)

    def hurry(self) -> None:
        """From now on no statement may take longer than PAGE_MILLISECONDS, but those of `be_patient`."""
        self._statement = PAGE_MILLISECONDS
        self._engine.dispose()

    def _set_up(self, connection: Any, record: object) -> None:
        connection.execute(f"SET statement_timeout = {self._statement}; SET lock_timeout = {TURN_MILLISECONDS}; "
                           "SET timezone = 'UTC'", prepare=False)
        connection.commit()

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("finder_write"):
            return
        driver: Any = connection.connection.dbapi_connection
        wait = options.get("finder_wait_milliseconds", TURN_MILLISECONDS)
        try:
            if not (_try(driver) if wait == 0 else self._wait(driver, wait)):
                raise Unavailable(BUSY)
        except Exception as wrong:
            told = meaning(wrong)
            if told is None:
                raise
            raise told from wrong

    def _wait(self, driver: Any, milliseconds: int) -> bool:
        """One message: the turn may take longer than a statement."""
        statement = max(self._statement, milliseconds if milliseconds > TURN_MILLISECONDS else 0)
        driver.execute(f"SET LOCAL lock_timeout = {milliseconds}; SET LOCAL statement_timeout = 0; "
                       f"SELECT pg_advisory_xact_lock({TURN}); SET LOCAL statement_timeout = {statement}",
                       prepare=False)
        return True


def _try(driver: Any) -> bool:
    return bool(driver.execute(f"SELECT pg_try_advisory_xact_lock({TURN})").fetchone()[0])


def be_patient(session: Session) -> None:
    """Lets statements of this transaction take as long as those of a job."""
    session.execute(text(f"SET LOCAL statement_timeout = {JOB_MILLISECONDS}"))


def meaning(error: BaseException | None) -> FinderError | None:
    """A failure of PostgreSQL as ours: Unavailable "read_only", "busy", "database_damaged", or "database" when the
    server does not answer; Invalid where a text holds a NUL, which it takes nowhere and SQLite merely never finds. None
    for any other, as a broken rule of a table."""
    if error is None or not type(error).__module__.startswith("psycopg"):
        return None
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str):
        return _without_state(type(error).__name__)
    told = next((_MEANING[part] for part in (state, state[:3], state[:2]) if part in _MEANING), None)
    return Unavailable(told) if told is not None else None


def _without_state(kind: str) -> FinderError | None:
    """What the driver found by itself."""
    if kind == "DataError":
        return Invalid({"": [Problem("bad_text")]})
    return Unavailable(LOST) if kind in ("OperationalError", "InterfaceError") else None


def _tell(context: ExceptionContext) -> BaseException | None:
    if context.is_pre_ping:  # the pool looks whether a connection still lives, and makes another one
        return None
    return meaning(context.original_exception)


def condition(session: Session) -> tuple[bool, bool]:
    """Whether the server has met no damaged page (which it can tell where it keeps checksums), and whether a change is
    on the disk before it is confirmed (TRUST D2)."""
    failures = session.execute(text("SELECT sum(checksum_failures) FROM pg_stat_database")).scalar()
    return not failures, bool(session.execute(text(_LASTING)).scalar())


def quotes_values(session: Session) -> bool:
    """Whether the server's own log may hold values of rows: its DETAIL of a broken rule names the key in words."""
    return session.execute(text("SHOW log_error_verbosity")).scalar() != "terse"
