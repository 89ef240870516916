"""Rows and history of listings, written in bulk: the one place that inserts and updates programs and their sessions.

What may be written is decided by those who call (edits.py for imports, changes.py for people); nothing is checked or
committed here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Any

from sqlalchemy import RowMapping, Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from finder import bulk
from finder.catalog import queries, rows
from finder.catalog.models import PUBLISHED, Location, MeetingSession, Organization, Program, Source
from finder.db import Base
from finder.listings import ready
from finder.listings.models import Revision
from finder.listings.ready import Ready, Shared, Values
from finder.listings.sessions import keep_ids

CHUNK = 1000
TABLES = tuple(model.__tablename__ for model in (Organization, Location, Program, MeetingSession, Revision))
LONGEST_ACTOR = 200  # a source has a name of as many characters, and more words before it
_THROUGH = " by program "
_PROGRAM = ("id", "slug", "created_at", "updated_at", "version", "source_id", "source_key", "state", "content_hash",
            "changed_version", "organization_id", *ready.PROGRAM)
_SESSION = ("id", "program_id", "position", "location_id", *rows.SESSION_FIELDS)


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change: the words that history shows, and the account, if a person did it signed in."""

    name: str
    account_id: int | None = None

    def through(self, program: str) -> Author:
        """The same author, by a program of theirs that has this name; "" for themselves."""
        return Author(f"{self.name}{_THROUGH}{program}", self.account_id) if program else self


def program_of(author: str) -> str:
    """The program by which an author of history did it; "" where they did it themselves."""
    return author.partition(_THROUGH)[2]


@dataclass(slots=True)
class Writing:
    """Changes of listings of one source that carry one version of the catalog. `kind` is what history calls them;
    `touched`: something that readers see has changed."""

    session: Session
    source: Source
    version: int
    now: datetime
    author: Author
    kind: str
    import_id: uuid.UUID | None = None
    reason: str | None = None
    touched: bool = False
    locations: dict[bytes, uuid.UUID] = field(default_factory=dict)
    organizations: dict[bytes, uuid.UUID] = field(default_factory=dict)
    fresh: dict[type[Base], bool] = field(default_factory=dict)  # the source had no rows of these


@dataclass(frozen=True, slots=True)
class Change:
    """One listing as it is to be. `before` is its row and `text` its document, read anew when not handed in;
    `version` its own number after the change."""

    before: RowMapping
    document: Mapping[str, Any]
    state: str
    digest: bytes
    more: Mapping[str, Any] = field(default_factory=dict)  # further columns of the program
    text: Mapping[str, Any] | None = None

    @property
    def version(self) -> int:
        return int(self.before["version"]) + 1


def source_named(session: Session, name: str, now: datetime, *, demonstration: bool = False) -> Source:
    """The source of a name, made when there is none."""
    found = session.execute(select(Source).where(Source.name == name)).scalar_one_or_none()
    if found is None:
        found = Source(name=name, demonstration=demonstration, created_at=naive(now), trusted_checks=True)
        session.add(found)
        session.flush()
    return found


def read_rows(session: Session, programs: Sequence[uuid.UUID]) -> dict[uuid.UUID, RowMapping]:
    """Whole rows of programs by their id."""
    found = session.execute(select(Program.__table__).where(Program.id.in_(programs))).mappings()
    return {row["id"]: row for row in found}


def add(to: Writing, new: Sequence[tuple[Ready, str]]) -> list[uuid.UUID]:
    """Inserts listings, each with its state, and gives their ids."""
    programs: list[Values] = []
    sessions: list[Values] = []
    revisions, ids = [], []
    _link(to, [one.organization for one, _ in new],
          [location for one, _ in new for location, _ in one.sessions])
    at = bulk.instant(naive(to.now))
    for one, state in new:
        program = rows.program_id(to.source.name, one.key)
        group = to.organizations[one.organization[0]].hex if one.organization is not None else None
        programs.append((program.hex, slug(one.readable, program), at, at, 1, to.source.id, one.key, state,
                         one.digest, to.version, group, *one.program))
        sessions += [(_new_id(), program.hex, position,
                      to.locations[location[0]].hex if location is not None else None, *values)
                     for position, (location, values) in enumerate(one.sessions)]
        revisions.append(_revision(to, program, None, state, None, one.text, 1))
        ids.append(program)
    to.touched |= any(state == PUBLISHED for _, state in new)
    if new:
        connection = to.session.connection()
        bulk.insert_ready(connection, _table(Program), _PROGRAM, programs, {"id": ids[0]})
        bulk.insert_ready(connection, _table(MeetingSession), _SESSION, sessions, {})
    _insert(to, Revision, revisions)
    return ids


def _new_id() -> str:
    """A random UUID (RFC 9562, version 4) as the tables keep it, in a third of the time that `uuid` takes; an import
    needs tens of thousands while others wait."""
    found = bytearray(token_bytes(16))
    found[6], found[8] = found[6] & 0x0F | 0x40, found[8] & 0x3F | 0x80
    return found.hex()


def change(to: Writing, changes: Sequence[Change]) -> None:
    """Updates listings with their sessions and history. Each row must still be the one that was read."""
    if not changes:
        return
    ids = [one.before["id"] for one in changes]
    link(to, [one.document for one in changes])
    unread = [one for one in changes if one.text is None]
    texts = dict(zip([one.before["id"] for one in unread],
                     queries.documents(to.session, [one.before for one in unread]) if unread else (), strict=True))
    old = _old_sessions(to.session, ids)
    sessions: list[dict[str, Any]] = []
    revisions = []
    columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}  # rows that set the same columns go in one statement
    for one in changes:
        program = one.before["id"]
        more = {**_leads_nowhere(one.before, one.state), **one.more}
        columns.setdefault(tuple(sorted(more)), []).append({
            "which": program, **_program(to, one.document, one.state, one.digest), "version": one.version, **more})
        sessions += _sessions(to, program, one.document, old.get(program, {}))
        text = one.text if one.text is not None else texts[program]
        revisions.append(_revision(to, program, one.before["state"], one.state, text, one.document, one.version))
    table: Any = Program.__table__
    for values in columns.values():
        to.session.connection().execute(update(table).where(table.c.id == bindparam("which")), values)
    to.session.execute(delete(MeetingSession).where(MeetingSession.program_id.in_(ids)))
    _insert(to, MeetingSession, sessions)
    _insert(to, Revision, revisions)
    to.touched |= any(PUBLISHED in (one.before["state"], one.state) for one in changes)


def move(to: Writing, programs: Sequence[uuid.UUID], state: str) -> None:
    """Puts listings into another state and leaves their words as they are."""
    table: Any = Program.__table__
    moved = update(table).where(table.c.id == bindparam("which")).values(
        state=state, changed_version=to.version, updated_at=naive(to.now), version=table.c.version + 1,
        **({"merged_into": None} if state == PUBLISHED else {}))
    for start in range(0, len(programs), CHUNK):
        before = list(read_rows(to.session, programs[start : start + CHUNK]).values())
        texts = queries.documents(to.session, before)
        to.session.connection().execute(moved, [{"which": row["id"]} for row in before])
        _insert(to, Revision, [
            _revision(to, row["id"], row["state"], state, document, document if state == PUBLISHED else None,
                      row["version"] + 1)
            for row, document in zip(before, texts, strict=True)])
        to.touched |= any(PUBLISHED in (row["state"], state) for row in before)


def _leads_nowhere(before: RowMapping, state: str) -> dict[str, Any]:
    """A listing that is shown stands for itself, wherever it led before."""
    return {"merged_into": None} if state == PUBLISHED and before["merged_into"] is not None else {}


def _program(to: Writing, document: Mapping[str, Any], state: str, digest: bytes) -> dict[str, Any]:
    organization = document.get("organization")
    return {
        **rows.program_values(document), "state": state, "content_hash": digest, "changed_version": to.version,
        "updated_at": naive(to.now),
        "organization_id": to.organizations[rows.digest(organization)] if organization else None,
    }


def _sessions(to: Writing, program: uuid.UUID, document: Mapping[str, Any],
              old: Mapping[uuid.UUID, Mapping[str, Any]]) -> list[dict[str, Any]]:
    stated = document.get("sessions") or ()
    ids = keep_ids(stated, old)
    found = []
    for position, (one, kept) in enumerate(zip(stated, ids, strict=True)):
        location = one.get("location")
        found.append({"id": kept or uuid.uuid4(), "program_id": program, "position": position,
                      "location_id": to.locations[rows.digest(location)] if location else None,
                      **rows.session_values(one)})
    return found


def _old_sessions(session: Session, programs: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, Any]]:
    table = MeetingSession.__table__
    wanted = select(table).where(table.c.program_id.in_(programs)).order_by(table.c.position)
    found: dict[uuid.UUID, dict[uuid.UUID, Any]] = {}
    for row in session.execute(wanted).mappings():
        found.setdefault(row["program_id"], {})[row["id"]] = row
    return found


def _revision(to: Writing, program: uuid.UUID, was: str | None, state: str, before: Mapping[str, Any] | None,
              after: Mapping[str, Any] | str | None, version: int) -> dict[str, Any]:
    """A line of history; `after` may be written already."""
    return {"program_id": program, "import_id": to.import_id, "at": naive(to.now),
            "actor": to.author.name[:LONGEST_ACTOR], "account_id": to.author.account_id,
            "kind": to.kind, "reason": to.reason, "version": version,
            "state_before": was, "state_after": state,
            "before": rows.written(before) if before is not None else None,
            "after": after if after is None or isinstance(after, str) else rows.written(after)}


# -- rows that programs point to -------------------------------------------------------------------------------------


def link(to: Writing, documents: Sequence[Mapping[str, Any]]) -> None:
    """Makes sure that every organization and location these documents name has a row."""
    _link(to, [ready.organization_of(one) for document in documents if (one := document.get("organization"))],
          [ready.location_of(one) for document in documents for session in document.get("sessions") or ()
           if (one := session.get("location"))])


def _link(to: Writing, organizations: Sequence[Shared | None], locations: Sequence[Shared | None]) -> None:
    _ensure(to, Organization, dict(filter(None, organizations)), to.organizations, rows.ORGANIZATION_FIELDS)
    _ensure(to, Location, dict(filter(None, locations)), to.locations, rows.LOCATION_FIELDS)


def _ensure(to: Writing, model: type[Organization] | type[Location], wanted: Mapping[bytes, Values],
            known: dict[bytes, uuid.UUID], names: Sequence[str]) -> None:
    missing = [key for key in wanted if key not in known]
    if not missing:
        return
    if model not in to.fresh:
        to.fresh[model] = not known and to.session.execute(
            select(model.id).where(model.source_id == to.source.id).limit(1)).first() is None
    if not to.fresh[model]:
        there = to.session.execute(
            select(model.key, model.id).where(model.source_id == to.source.id, model.key.in_(missing)))
        known.update((bytes(row.key), row.id) for row in there)
    new = [key for key in missing if key not in known]
    known.update((key, uuid.uuid4()) for key in new)
    bulk.insert_ready(to.session.connection(), _table(model), ("id", "source_id", "key", *names),
                      [(known[key].hex, to.source.id, key, *wanted[key]) for key in new], {})


def _insert(to: Writing, model: type[Base], values: Sequence[Mapping[str, Any]]) -> None:
    bulk.insert(to.session.connection(), _table(model), values)


def _table(model: type[Base]) -> Table:
    return model.__table__  # type: ignore[return-value]


# -- names -----------------------------------------------------------------------------------------------------------


def slug(readable: str, program: uuid.UUID) -> str:
    """The address of a listing: where it is, and the start of its UUID so that no two are alike."""
    return f"{readable}-{program.hex[:12]}"


def naive(instant: datetime) -> datetime:
    """UTC without its zone, as the tables keep it."""
    return instant.replace(tzinfo=None)
