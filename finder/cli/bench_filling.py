"""Fills a new SQLite database with made-up listings for benchmarks, past every check and without history.

What is inserted has the rows that an import would make of it; how fast an import is, `bench import` tells.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from finder.catalog import rows
from finder.catalog.models import Location, MeetingSession, Organization, Program
from finder.db import Database

CHUNK = 5_000
_MOMENT = "2026-11-20 12:00:00.000000"


def fill(path: Path, documents: Iterable[Mapping[str, Any]]) -> int:
    """Puts documents into a new database at `path` as published listings of one source; gives how many."""
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        for line in ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY", "BEGIN"):
            plain.execute(line)
        plain.execute("INSERT INTO source (id, name, demonstration, created_at, trusted_checks) "
                      "VALUES (1, 'made', 0, ?, 1)", (_MOMENT,))
        filling, count, source = _Filling(), 0, iter(documents)
        while chunk := list(islice(source, CHUNK)):
            for table, values in filling.rows_of(chunk).items():
                _insert(plain, table, values)
            count += len(chunk)
        for line in ("UPDATE catalog_state SET version = version + 1", "COMMIT", "PRAGMA journal_mode = WAL",
                     "ANALYZE"):
            plain.execute(line)
    return count


def _insert(plain: sqlite3.Connection, table: str, values: list[dict[str, Any]]) -> None:
    if values:
        names = ", ".join(values[0])
        marks = ", ".join(f":{name}" for name in values[0])
        plain.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608 - names of our tables


class _Filling:
    """Rows of each table, with the places and organizations made so far."""

    def __init__(self) -> None:
        self.known: dict[bytes, str] = {}

    def rows_of(self, documents: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {one.__tablename__: []
                                                  for one in (Organization, Location, Program, MeetingSession)}
        for document in documents:
            program = rows.program_id("made", document["id"])
            runs = document.get("organization")
            found["program"].append(_plain({
                **dict(_program_base(program, document)), **rows.program_values(document),
                "organization_id": self._key(found, Organization, rows.ORGANIZATION_FIELDS, runs) if runs else None}))
            for position, session in enumerate(document.get("sessions") or ()):
                where = session.get("location")
                found["session"].append(_plain({
                    "id": uuid.uuid5(program, str(position)).hex, "program_id": program.hex, "position": position,
                    **rows.session_values(session),
                    "location_id": self._key(found, Location, rows.LOCATION_FIELDS, where) if where else None}))
        return found

    def _key(self, found: dict[str, list[dict[str, Any]]], model: Any, fields: Iterable[str],
             said: Mapping[str, Any]) -> str:
        key = rows.digest(said)
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = uuid.UUID(bytes=key).hex
            found[model.__tablename__].append(_plain({"id": known, "source_id": 1, "key": key,
                                                      **{name: said.get(name) for name in fields}}))
        return known


def _program_base(program: uuid.UUID, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "id", program.hex
    yield "slug", f"group-{program.hex[:12]}"
    yield "state", "published"
    yield "changed_version", 1
    yield "version", 1
    yield "content_hash", rows.content_hash(document)
    yield from (("created_at", _MOMENT), ("updated_at", _MOMENT), ("source_id", 1), ("feed_open", 0))
    yield "source_key", document["id"]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: orjson.dumps(one).decode() if isinstance(one, list | dict) else
            one.isoformat() if isinstance(one, date) else one for name, one in values.items()}
