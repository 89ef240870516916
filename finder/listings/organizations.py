"""An organization edited once for all its listings: each gets its own change in its history, and the organization
keeps its id.

A new phone number, address or link of it waits for a steward as in any listing, once for each; name and kind show at
once. Nothing is committed here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from finder.accounts.models import Grant
from finder.accounts.permissions import Scope
from finder.catalog import rows
from finder.catalog.models import DELETED, Organization, Program
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, review
from finder.listings.changes import Listing
from finder.listings.review import Sender

FIELDS = rows.ORGANIZATION_FIELDS


@dataclass(frozen=True, slots=True)
class Known:
    """An organization as it stands. `mark` changes with what it says: whoever edits it says what they had read.

    `states` are those that hold all of its listings, so that a steward of one region changes nothing in another.
    """

    id: uuid.UUID
    fields: dict[str, Any]
    mark: str
    programs: tuple[uuid.UUID, ...]
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did: how many listings show it now, and the pieces that wait."""

    listings: int
    waiting: tuple[str, ...]


def find(session: Session, key: str | uuid.UUID) -> Known:
    """An organization by its id. Raises NotFound for one without listings too: there is nothing to look after."""
    try:
        row = session.get(Organization, key if isinstance(key, uuid.UUID) else uuid.UUID(key))
    except ValueError:
        row = None
    programs = _programs(session, row.id) if row is not None else []
    if row is None or not programs:
        raise NotFound("organization")
    fields = {name: one for name in FIELDS if (one := getattr(row, name)) is not None}
    states = [one.states for one in changes.find_all(session, programs).values()]
    return Known(row.id, fields, rows.digest(fields).hex(), tuple(programs), frozenset.intersection(*states))


def _programs(session: Session, organization: uuid.UUID) -> list[uuid.UUID]:
    return list(session.scalars(select(Program.id).where(Program.organization_id == organization,
                                                         Program.state != DELETED).order_by(Program.id)))


def edit(session: Session, organization: uuid.UUID, wanted: Mapping[str, Any], *, mark: str, sender: Sender,
         now: datetime, country: str = "US") -> Edited:
    """Says the same new things about an organization in all its listings. `mark` is that of the Known it was made from.

    Raises Invalid with names such as "organization.phone", NotFound, and Conflict("stale").
    """
    there = find(session, organization)
    if there.mark != mark:
        raise Conflict("stale")
    waiting: dict[str, None] = {}
    for program in there.programs:
        listing = changes.find(session, program)
        outcome = review.propose(session, program, _with(listing, wanted), base=listing.version, sender=sender, now=now,
                                 country=country)
        waiting |= dict.fromkeys(outcome.fields)
    _keep_id(session, organization, there.programs)
    return Edited(len(there.programs), tuple(waiting))


def _with(listing: Listing, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {**listing.document, "organization": {name: one for name, one in wanted.items() if one is not None}}


def _keep_id(session: Session, old: uuid.UUID, programs: Sequence[uuid.UUID]) -> None:
    """Puts the new words into the row that was there, when all its listings have gone over to one new row of theirs."""
    session.flush()
    now_at = set(session.scalars(select(Program.organization_id).where(Program.id.in_(programs))))
    if len(now_at) != 1 or now_at <= {old, None}:
        return
    (new,) = now_at
    if _has_others(session, old, programs) or _has_others(session, new, programs):
        return
    table: Any = Organization.__table__
    said = session.execute(select(table).where(table.c.id == new)).mappings().one()
    session.execute(update(Program).where(Program.organization_id == new).values(organization_id=old))
    session.execute(delete(Grant).where(Grant.scope == Scope.ORGANIZATION, Grant.value == str(new)))
    session.execute(delete(Organization).where(Organization.id == new))
    session.execute(update(Organization).where(Organization.id == old).values(
        key=said["key"], **{name: said[name] for name in FIELDS}))
    session.expire_all()


def _has_others(session: Session, organization: uuid.UUID | None, programs: Sequence[uuid.UUID]) -> bool:
    found = select(exists().where(Program.organization_id == organization, Program.id.not_in(programs)))
    return bool(session.execute(found).scalar())


def at_form(wrong: Invalid) -> Invalid:
    """The errors of an edit, by the fields of the form."""
    return Invalid({path if path.startswith("organization.") else "organization.name": many
                    for path, many in wrong.errors.items()})
