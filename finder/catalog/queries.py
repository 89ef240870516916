"""Questions asked of the catalog: documents of published programs, and what changed since a version."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, exists, func, select, update
from sqlalchemy.orm import Session

from finder.catalog import rows
from finder.catalog.models import PUBLISHED, CatalogState, Location, MeetingSession, Organization, Program, Source

CHUNK = 2000  # programs read at once


@dataclass(frozen=True, slots=True)
class Published:
    """A program as readers hold it. `document` is canonical, or None when the program is not published."""

    id: uuid.UUID
    slug: str
    document: dict[str, Any] | None


def version(session: Session) -> int:
    """The version of the catalog as this transaction sees it."""
    return session.execute(select(CatalogState.version)).scalar_one()


def instance_id(session: Session) -> uuid.UUID:
    """What this instance is called among others of its kind."""
    return session.execute(select(CatalogState.instance_id)).scalar_one()


def next_version(session: Session) -> int:
    """The version that changes made in this transaction carry. Other writers wait until it ends."""
    return session.execute(select(CatalogState.version).with_for_update()).scalar_one() + 1


def raise_version(session: Session) -> None:
    """Tells readers, in the transaction of the change itself, that listings changed."""
    session.execute(update(CatalogState).values(version=CatalogState.version + 1))


def is_demonstration(session: Session) -> bool:
    """Whether any demonstration listing is published."""
    shown = exists().where(Program.source_id == Source.id, Program.state == PUBLISHED)  # sources are few
    return session.execute(select(Source.id).where(Source.demonstration, shown).limit(1)).first() is not None


def count(session: Session, state: str = PUBLISHED) -> int:
    """How many programs are in a state."""
    return session.execute(select(func.count()).select_from(Program).where(Program.state == state)).scalar_one()


def published(session: Session) -> Iterator[Published]:
    """Every published program, read in chunks."""
    wanted = select(Program.__table__).where(Program.state == PUBLISHED).order_by(Program.id)
    after: uuid.UUID | None = None
    while True:
        page = wanted if after is None else wanted.where(Program.id > after)
        found = session.execute(page.limit(CHUNK)).mappings().all()
        yield from _published(session, found)
        if len(found) < CHUNK:
            return
        after = found[-1]["id"]


def changed_since(session: Session, since: int, most: int) -> list[Published] | None:
    """Programs changed after a version, None when they are more than `most` and reading all anew is better."""
    wanted = select(Program.__table__).where(Program.changed_version > since).limit(most + 1)
    found = session.execute(wanted).mappings().all()
    return None if len(found) > most else list(_published(session, found))


def document_of(session: Session, program_id: uuid.UUID) -> dict[str, Any] | None:
    """The canonical document of one program, whatever its state; None when there is none."""
    found = session.execute(select(Program.__table__).where(Program.id == program_id)).mappings().all()
    return documents(session, found)[0] if found else None


def documents(session: Session, programs: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """Canonical documents of rows of `program`, in their order."""
    ids = [program["id"] for program in programs]
    sessions = session.execute(
        select(MeetingSession.__table__).where(MeetingSession.program_id.in_(ids))
        .order_by(MeetingSession.program_id, MeetingSession.position)
    ).mappings().all()
    locations = _by_id(session, Location, {one["location_id"] for one in sessions})
    organizations = _by_id(session, Organization, {one["organization_id"] for one in programs})
    of_program: dict[uuid.UUID, list[tuple[Any, Any]]] = {}
    for one in sessions:
        of_program.setdefault(one["program_id"], []).append((one, locations.get(one["location_id"])))
    return [rows.document(program, organizations.get(program["organization_id"]), of_program.get(program["id"], ()))
            for program in programs]


def _published(session: Session, programs: Sequence[RowMapping]) -> Iterator[Published]:
    shown = [program for program in programs if program["state"] == PUBLISHED]
    found = dict(zip((program["id"] for program in shown), documents(session, shown), strict=True))
    for program in programs:
        yield Published(program["id"], program["slug"], found.get(program["id"]))


def _by_id(session: Session, model: Any, ids: set[Any]) -> dict[uuid.UUID, RowMapping]:
    wanted = list(ids - {None})
    found = session.execute(select(model.__table__).where(model.id.in_(wanted))).mappings() if wanted else ()
    return {row["id"]: row for row in found}
