"""Sees to it that no deed goes untold: every transaction that changes something ends with one entry of the audit.

What was written is counted table by table as it is written, whichever way; just before the commit a door is asked who
did what, and the entry goes into the same transaction. So there is none without its deed, and no deed without it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from finder import bulk
from finder.audit import chain
from finder.audit.chain import Deed
from finder.errors import Unavailable

# Written along with deeds and by themselves no deed: counters, the catalog's number, the audit itself.
BESIDE = frozenset(("allowance", "catalog_state", "tally", "audit_entry", "audit_head"))
UPGRADE = "alembic_version"  # whoever writes it is changing tables, which is nobody's deed
# What is told without a page, command or job of that name: how trying to get in ended, and what the audit does itself.
SIGNED_IN, NOT_SIGNED_IN, REFUSED = "sign_in.done", "sign_in.failed", "refused"
EXPORTED = "export.done"  # data that names people left as a file
READ, READ_ROWS = "referral.read", {"referral_event"}  # a look at somebody else's referral writes its history alone
SPECIAL = frozenset((SIGNED_IN, NOT_SIGNED_IN, REFUSED, READ, EXPORTED, chain.PURGED, chain.RESTORED))
# Table -> what an entry about a new row of it is about, and the column that says which.
MADE: Mapping[str, tuple[str, str]] = {
    "referral": ("referral", "key"), "program": ("listing", "id"), "import_run": ("run", "id"),
    "proposal": ("proposal", "id"), "draft": ("draft", "id"), "hook": ("hook", "id"), "team": ("team", "id"),
    "claim": ("claim", "id"), "saved_search": ("search", "id"), "upload": ("upload", "id"),
}
# What was before and after stands in histories; an entry carries a keyed hash of the lines that its deed added there.
HISTORIES: Mapping[str, tuple[str, ...]] = {
    "revision": ("program_id", "kind", "version", "state_before", "state_after", "before", "after"),
    "referral_event": ("referral_key", "task_key", "kind", "before", "after", "facts"),
}
_KEPT = "finder_written"
ALONE_MILLISECONDS = 1000


@dataclass(slots=True)
class Written:
    """What a transaction has written so far: rows by table, and the first new thing by kind and id."""

    rows: dict[str, int] = field(default_factory=dict)
    made: tuple[str, str] | None = None
    lines: Any = None  # SHA-256 of lines of history

    def hear(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that were inserted in bulk, which no statement shows."""
        name = str(table.name)
        if name not in BESIDE:
            self.count(name, len(rows), rows[0])
        if name in HISTORIES:
            self.add_lines(name, rows)

    def count(self, table: str, rows: int, made: Mapping[str, Any] | None) -> None:
        """So many rows written; `made` is the first of them where they are new."""
        self.rows[table] = self.rows.get(table, 0) + rows
        if made is not None and self.made is None and table in MADE:
            kind, column = MADE[table]
            key = made.get(column)
            self.made = (kind, str(key)) if key is not None else None

    def add_lines(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """New lines of a history."""
        if self.lines is None:
            self.lines = hashlib.sha256()
        for row in rows:
            self.lines.update(line_of(table, row))


def line_of(table: str, row: Mapping[str, Any]) -> bytes:
    """One line of a history, as it goes into the hash of an entry: JSON in one spelling, and the end of a line."""
    said = [table, *(row.get(name) for name in HISTORIES[table])]
    return json.dumps(said, sort_keys=True, default=str).encode() + b"\n"


def sealed_of(digest: bytes, key: bytes) -> str:
    """What an entry carries of the lines that a deed added to histories: HMAC-SHA256 over their SHA-256, 32 signs.
    Keyed, so that nobody can try out of the entry alone what was written."""
    return hmac.new(key, b"history " + digest, hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Keys:
    """What the chain's end is sealed with, and things are named with: the newest first, then those of before."""

    seals: tuple[bytes, ...]
    names: tuple[bytes, ...]


Teller = Callable[[Mapping[str, int]], Deed | None]


class Recorder:
    """Listens to one engine. Tellers are asked in the order they were hung on; the first that knows the deed tells it.

    A teller is given the rows written by table (maybe none) and gives None for what is not its own or is no deed.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._tellers: dict[str, Teller] = {}
        self._keys: Callable[[], Keys] | None = None
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "after_cursor_execute", self._count)
        event.listen(engine, "after_execute", self._read)
        event.listen(engine, "commit", self._tell)

    def hang(self, name: str, teller: Teller, keys: Callable[[], Keys]) -> None:
        """Hangs a teller on, in place of one of the same name. `keys` are asked for when something is told."""
        self._tellers[name] = teller
        self._keys = keys

    @property
    def key(self) -> bytes:
        """The key that the chain's end is sealed with."""
        return self.keys.seals[0]

    @property
    def keys(self) -> Keys:
        """That, and what came before it."""
        assert self._keys is not None, "nobody has hung a teller on"
        return self._keys()

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
            connection.info[_KEPT] = written = Written()
            bulk.hear(connection, written.hear)

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
        # SQLAlchemy's own kind of text has no place in JSON
        written.count(str(table), rows, context.compiled_parameters[0] if context.isinsert else None)

    def _read(self, connection: Connection, statement: Any, many: Any, one: Any, options: Any, result: Any) -> None:
        name = str(getattr(getattr(statement, "table", None), "name", ""))
        if name not in HISTORIES or not statement.is_insert or not self._is_watched(connection):
            return
        written: Written = connection.info[_KEPT]
        written.add_lines(name, many or [one])

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
                more: dict[str, Any] = {"rows": dict(sorted(written.rows.items()))} if written.rows else {}
                if written.lines is not None:
                    more["history"] = sealed_of(written.lines.digest(), self.key)
                self._add(connection, replace(deed, facts={**deed.facts, **more}))
                return

    def _is_watched(self, connection: Connection) -> bool:
        """Only what writes, and not what may as well not be done (`Database.at_leisure`)."""
        options = connection.get_execution_options()
        return bool(self._tellers) and bool(options.get("finder_write")) and \
            options.get("finder_wait_milliseconds") != 0
