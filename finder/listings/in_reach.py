"""The listings that somebody may edit, page by page in an order that stays, whatever their state."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from finder.accounts.permissions import Action, Actor, Granted, Role, Scope, Target, may
from finder.catalog.models import Program
from finder.listings import changes, checks
from finder.listings.changes import Listing

PIECE = 200  # listings read at once


def page(session: Session, actor: Actor, *, after: uuid.UUID | None = None, state: str | None = None,
         most: int = 50) -> list[Listing]:
    """Up to `most` listings that an actor may edit, by id, from after an id on; `state` keeps one state of
    publication."""
    found: list[Listing] = []
    for one in _in_reach(session, actor, after, state):
        found.append(one)
        if len(found) == most:
            break
    return found


def _in_reach(session: Session, actor: Actor, after: uuid.UUID | None, state: str | None) -> Iterator[Listing]:
    """The query narrows down as far as columns tell; the table of rights has the last word."""
    reached = [where for grant in actor.grants if (where := _reached(grant)) is not None]
    if not reached:
        return
    wanted = select(Program.id).where(or_(*reached)).order_by(Program.id).limit(PIECE)
    if state is not None:
        wanted = wanted.where(Program.state == state)
    while True:
        ids = session.scalars(wanted if after is None else wanted.where(Program.id > after)).all()
        read = changes.find_all(session, ids)
        yield from (one for key in ids if may(actor, Action.EDIT_LISTING, target_of(one := read[key])))
        if len(ids) < PIECE:
            return
        after = ids[-1]


def _reached(grant: Granted) -> ColumnElement[bool] | None:
    if grant.role not in (Role.OPERATOR, Role.STEWARD):
        return None
    if grant.scope is Scope.ALL:
        return true()
    if grant.scope is Scope.STATE:
        return checks.meets(grant.value.partition(":")[2], None)
    column = {Scope.PROGRAM: Program.id, Scope.ORGANIZATION: Program.organization_id}.get(grant.scope)
    return column == uuid.UUID(grant.value) if column is not None else None


def target_of(listing: Listing) -> Target:
    """A listing as permissions see it."""
    return Target(listing.id, listing.organization_id, listing.states)
