"""What of a listing stands by a person's word, so that no import changes it. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from finder.catalog.models import GONE, PUBLISHED, Program, Source
from finder.listings.models import Revision
from finder.listings.writing import CHUNK

UNDONE = "undone"  # the kind of a change that takes an import back: no word of a person about the listing itself
SHOWN_LATER = frozenset(("verified",))  # kept fields in which nobody has to choose: the later one counts


def set_by_people(session: Session, programs: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these listings whose present state (published, withheld …) a person has set."""
    last: dict[uuid.UUID, bool] = {}
    for start in range(0, len(programs), CHUNK):
        found = session.execute(
            select(Revision.program_id, Revision.import_id, Revision.kind, Revision.state_before)
            .where(Revision.program_id.in_(programs[start : start + CHUNK]),
                   or_(Revision.state_before.is_(None), Revision.state_before != Revision.state_after))
            .order_by(Revision.id))
        for row in found:
            last[row.program_id] = row.import_id is None and row.kind != UNDONE and row.state_before is not None
    return {program for program, by_person in last.items() if by_person}


def put_up_by_people(session: Session, programs: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these listings that a person brought back into sight after their source had dropped them."""
    brought: set[uuid.UUID] = set()
    for start in range(0, len(programs), CHUNK):
        found = session.execute(
            select(Revision.program_id, Revision.import_id, Revision.state_before, Revision.kind)
            .where(Revision.program_id.in_(programs[start : start + CHUNK]), Revision.state_after == PUBLISHED,
                   Revision.state_before.is_not(None), Revision.state_before != PUBLISHED).order_by(Revision.id))
        for row in found:
            if row.import_id is None and row.kind != UNDONE and row.state_before == GONE:
                brought.add(row.program_id)
            elif row.import_id is not None:
                brought.discard(row.program_id)
    return brought


def conflicts(stands: Mapping[str, Any], said: Mapping[str, Any], fields: Iterable[str]) -> Iterator[str]:
    """The fields that a person set and in which the source says something else."""
    return (name for name in fields if name not in SHOWN_LATER and stands.get(name) != said.get(name))


def has_real_listings(session: Session) -> bool:
    """Whether any listing that is not made up is published."""
    found = select(exists().where(Program.source_id == Source.id, ~Source.demonstration, Program.state == PUBLISHED))
    return bool(session.execute(found).scalar())


def demonstration(session: Session) -> list[uuid.UUID]:
    """The made-up listings that are published."""
    return list(session.execute(select(Program.id).join(Source, Source.id == Program.source_id).where(
        Source.demonstration, Program.state == PUBLISHED)).scalars())
