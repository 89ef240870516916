"""Published listings as every standard's writer takes them: the public document with the stable ids of its rows and
when it last changed. Writers are pure and see nothing but entries; this reads them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.models import PUBLISHED, MeetingSession, Program
from finder.catalog.public import public
from finder.listings.models import Revision


@dataclass(frozen=True, slots=True)
class Meeting:
    """The ids of one session and of where it meets (None: no place is stated)."""

    id: uuid.UUID
    location_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One published listing. `document` is the public one; `meetings` run as its `sessions`; `changed_at` is UTC."""

    id: uuid.UUID
    slug: str
    document: Mapping[str, Any]
    organization_id: uuid.UUID | None
    meetings: tuple[Meeting, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """A listing that was published and is not any more; `into` is the one it was merged with."""

    id: uuid.UUID
    slug: str
    changed_at: datetime
    into: uuid.UUID | None


def entries(session: Session, *, changed_after: datetime | None = None,
            ids: Sequence[uuid.UUID] | None = None) -> Iterator[Entry]:
    """Published listings by their ids, read in chunks: all, those changed after an instant, or those of `ids`."""
    wanted = _changed(select(Program.__table__).where(Program.state == PUBLISHED).order_by(Program.id), changed_after)
    if ids is not None:
        wanted = wanted.where(Program.id.in_(ids))
    after: uuid.UUID | None = None
    while True:
        page = wanted if after is None else wanted.where(Program.id > after)
        found = session.execute(page.limit(queries.CHUNK)).mappings().all()
        yield from _entries(session, found)
        if len(found) < queries.CHUNK:
            return
        after = found[-1]["id"]


def find(session: Session, key: uuid.UUID) -> Entry | None:
    """One published listing."""
    return next(entries(session, ids=[key]), None)


def gone(session: Session, *, changed_after: datetime | None = None) -> Iterator[Gone]:
    """Listings that are not published any more, the last to go first; what was never shown is not among them."""
    wanted = _changed(select(Program.id, Program.slug, Program.updated_at, Program.merged_into)
                      .where(Program.state != PUBLISHED, was_shown()), changed_after)
    for row in session.execute(wanted.order_by(Program.updated_at.desc(), Program.id)):
        yield Gone(row[0], row[1], row[2].replace(tzinfo=UTC), row[3])


def was_shown() -> Any:
    """Programs that were published once, by their history: what is withheld or deleted may never have been shown."""
    return exists().where(Revision.program_id == Program.id, Revision.state_after == PUBLISHED)


def _changed(wanted: Any, after: datetime | None) -> Any:
    return wanted if after is None else wanted.where(Program.updated_at > after.astimezone(UTC).replace(tzinfo=None))


def _entries(session: Session, programs: Sequence[Any]) -> Iterator[Entry]:
    meetings: dict[uuid.UUID, list[Meeting]] = {}
    for row in session.execute(
            select(MeetingSession.program_id, MeetingSession.id, MeetingSession.location_id)
            .where(MeetingSession.program_id.in_([one["id"] for one in programs]))
            .order_by(MeetingSession.program_id, MeetingSession.position)):
        meetings.setdefault(row[0], []).append(Meeting(row[1], row[2]))
    for one, document in zip(programs, queries.documents(session, programs), strict=True):
        yield Entry(one["id"], one["slug"], public(document), one["organization_id"],
                    tuple(meetings.get(one["id"], ())), one["updated_at"].replace(tzinfo=UTC))
