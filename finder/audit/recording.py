"""Sees to it that no deed goes untold: every transaction that changes something ends with one entry of the audit.

What was written is counted table by table as it is written, whichever way; just before the commit a door is asked who
did what, and the entry goes into the same transaction. So there is none without its deed, and no deed without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from finder.audit import chain
from finder.audit.chain import Deed
from finder.errors import Unavailable

# Written along with deeds and by themselves no deed: counters, the catalog's number, the audit itself.
BESIDE = frozenset(("allowance", "catalog_state", "tally", "audit_entry", "audit_head"))
UPGRADE = "alembic_version"  # whoever writes it is changing tables, which is nobody's deed
# What is told without a page, command or job of that name: how trying to get in ended, and what the audit does itself.
SIGNED_IN, NOT_SIGNED_IN, REFUSED = "sign_in.done", "sign_in.failed", "refused"
READ, READ_ROWS = "referral.read", {"referral_event"}  # a look at somebody else's referral writes its history alone
SPECIAL = frozenset((SIGNED_IN, NOT_SIGNED_IN, REFUSED, READ, chain.PURGED, chain.RESTORED))
# Table -> what an entry about a new row of it is about, and the column that says which.
MADE: Mapping[str, tuple[str, str]] = {
    "referral": ("referral", "key"), "program": ("listing", "id"), "import_run": ("run", "id"),
    "proposal": ("proposal", "id"), "draft": ("draft", "id"), "hook": ("hook", "id"), "team": ("team", "id"),
    "claim": ("claim", "id"), "saved_search": ("search", "id"), "upload": ("upload", "id"),
}
_KEPT = "finder_written"
ALONE_MILLISECONDS = 1000


@dataclass(slots=True)
class Written:
    """What a transaction has written so far: rows by table, and the first new thing by kind and id."""

    rows: dict[str, int] = field(default_factory=dict)
    made: tuple[str, str] | None = None


Teller = Callable[[Mapping[str, int]], Deed | None]


class Recorder:
    """Listens to one engine. Tellers are asked in the order they were hung on; the first that knows the deed tells it.

    A teller is given the rows written by table (maybe none) and gives None for what is not its own or is no deed.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._tellers: dict[str, Teller] = {}
        self._key: Callable[[], bytes] | None = None
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "after_cursor_execute", self._count)
        event.listen(engine, "commit", self._tell)

    def hang(self, name: str, teller: Teller, key: Callable[[], bytes]) -> None:
        """Hangs a teller on, in place of one of the same name. `key` is asked for when something is told."""
        self._tellers[name] = teller
        self._key = key

    @property
    def key(self) -> bytes:
        """The key that the chain's end is sealed with."""
        assert self._key is not None, "nobody has hung a teller on"
        return self._key()

    def tell_alone(self, deed: Deed, may: Callable[[Session], bool]) -> None:
        """Tells of something that writes nothing else, as being refused, if it may be told. It waits a second for its
        turn. Raises Unavailable."""
        soon = self._engine.execution_options(finder_write=True, finder_wait_milliseconds=ALONE_MILLISECONDS)
        try:
            with Session(soon) as session, session.begin():
                if may(session):
                    self._add(session.connection(), deed)
        except SQLAlchemyError as broken:
            raise Unavailable("database") from broken

    def _add(self, connection: Connection, deed: Deed) -> None:
        chain.append(connection, deed, now=self._now(), key=self.key)

    def _begin(self, connection: Connection) -> None:
        if self._is_watched(connection):
            connection.info[_KEPT] = Written()

    def _count(self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any,
               many: bool) -> None:
        if not self._is_watched(connection) or not (context.isinsert or context.isupdate or context.isdelete):
            return
        table = getattr(getattr(context.compiled.statement, "table", None), "name", None)
        rows = cursor.rowcount
        if context.isinsert or (context.compiled.effective_returning and rows <= 0):
            rows = max(rows, 1)  # drivers do not know it before the rows are read
        if table is None or table in BESIDE or rows <= 0:
            return
        written: Written = connection.info[_KEPT]
        table = str(table)  # SQLAlchemy's own kind of text has no place in JSON
        written.rows[table] = written.rows.get(table, 0) + rows
        if context.isinsert and written.made is None and table in MADE:
            kind, column = MADE[table]
            key = context.compiled_parameters[0].get(column)
            written.made = (kind, str(key)) if key is not None else None

    def _tell(self, connection: Connection) -> None:
        if not self._is_watched(connection):
            return
        written: Written = connection.info.pop(_KEPT, None) or Written()
        if UPGRADE in written.rows:
            return
        for teller in self._tellers.values():
            deed = teller(written.rows)
            if deed is not None:
                if deed.about is None and written.made is not None:
                    deed = replace(deed, kind=written.made[0], about=written.made[1])
                rows = {"rows": dict(sorted(written.rows.items()))} if written.rows else {}
                self._add(connection, replace(deed, facts={**deed.facts, **rows}))
                return

    def _is_watched(self, connection: Connection) -> bool:
        """Only what writes, and not what may as well not be done (`Database.at_leisure`)."""
        options = connection.get_execution_options()
        return bool(self._tellers) and bool(options.get("finder_write")) and \
            options.get("finder_wait_milliseconds") != 0
