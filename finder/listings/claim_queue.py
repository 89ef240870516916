"""The claims that a steward decides, with what helps to decide them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.accounts.models import Account
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import PUBLISHED, Program
from finder.listings import changes
from finder.listings.changes import Listing
from finder.listings.claim_ways import own_domain
from finder.listings.claims import State, stands
from finder.listings.models import Claim


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim that a steward decides: its listing, who made it and how they would prove it, and how many listings
    their organization has."""

    id: uuid.UUID
    state: State
    method: str
    note: str | None
    person: str
    person_id: int
    domain: str
    made_at: datetime
    listing: Listing
    siblings: int
    editors: int


def waiting(session: Session, *, now: datetime, limit: int = 200) -> list[Waiting]:
    """The claims that wait, disputed ones first, then the oldest."""
    found = session.scalars(select(Claim).where(Claim.state.in_((State.WAITING, State.DISPUTED)))
                            .order_by(Claim.state != State.DISPUTED, Claim.made_at, Claim.id).limit(limit))
    return [shown(session, one, now=now) for one in found]


def shown(session: Session, claim: Claim, *, now: datetime) -> Waiting:
    """A claim as its steward sees it."""
    there = changes.find(session, claim.program_id)
    email = session.get_one(Account, claim.account_id).email
    return Waiting(claim.id, stands(claim, now=now), claim.method, claim.note, email, claim.account_id,
                   own_domain(there.document, email), claim.made_at, there, siblings(session, there),
                   len(people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, str(there.id))))


def siblings(session: Session, listing: Listing) -> int:
    """How many published listings the organization of a listing has, with this one; 0 without an organization."""
    if listing.organization_id is None:
        return 0
    found = session.scalar(select(func.count()).select_from(Program).where(
        Program.organization_id == listing.organization_id, Program.state == PUBLISHED))
    return int(found or 0)
