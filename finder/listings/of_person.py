"""What one person left in the listings: what they may edit by name, what they wrote, and taking leave of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from finder.accounts.permissions import Granted, Scope
from finder.catalog.models import Organization, Program
from finder.listings.models import Claim, Draft, Proposal, Revision

WAITING, WITHDRAWN = "waiting", "withdrawn"


def names(session: Session, grants: Sequence[Granted]) -> dict[Granted, tuple[str, str]]:
    """Name and address of what grants are about, for those of one listing; of one organization its name and "".

    Grants of what is not there any more, of states and of everywhere are left out.
    """
    found: dict[Granted, tuple[str, str]] = {}
    for one in grants:
        if one.scope is Scope.PROGRAM:
            row = session.execute(select(Program.name, Program.slug).where(Program.id == uuid.UUID(one.value))).first()
            found |= {one: (row[0], row[1])} if row else {}
        elif one.scope is Scope.ORGANIZATION:
            name = session.execute(select(Organization.name).where(Organization.id == uuid.UUID(one.value))).scalar()
            found |= {one: (name, "")} if name else {}
    return found


def copy(session: Session, account_id: int) -> dict[str, Any]:
    """What a person wrote, as JSON values: changes by listing and time, not the listings' words; proposals, claims."""
    revisions = session.execute(select(Revision, Program.slug).join(Program, Program.id == Revision.program_id).where(
        Revision.account_id == account_id).order_by(Revision.id))
    proposals = session.scalars(select(Proposal).where(Proposal.account_id == account_id).order_by(Proposal.made_at))
    claims = session.execute(select(Claim, Program.slug).join(Program, Program.id == Claim.program_id).where(
        Claim.account_id == account_id).order_by(Claim.made_at))
    drafts = session.scalars(select(Draft).where(Draft.account_id == account_id).order_by(Draft.saved_at))
    return {
        "changes": [{"listing": slug, "at": _at(one.at), "kind": one.kind, "version": one.version, "as": one.actor,
                     "reason": one.reason} for one, slug in revisions],
        "proposals": [{"id": str(one.id), "kind": one.kind, "state": one.state, "at": _at(one.made_at),
                       "fields": one.fields, "note": one.note, "answer": one.reason} for one in proposals],
        "claims": [{"listing": slug, "state": one.state, "at": _at(one.made_at), "note": one.note,
                    "answer": one.reason} for one, slug in claims],
        "drafts": [{"saved_at": _at(one.saved_at), "form": one.form} for one in drafts],
    }


def leave(session: Session, account_id: int) -> None:
    """Ends what only concerns the person: drafts, claims, the address in proposals. Changes stay, under a number."""
    session.execute(delete(Draft).where(Draft.account_id == account_id))
    session.execute(delete(Claim).where(Claim.account_id == account_id))
    session.execute(update(Proposal).where(Proposal.account_id == account_id).values(reply_to=None))
    session.execute(update(Proposal).where(Proposal.account_id == account_id, Proposal.state == WAITING)
                    .values(state=WITHDRAWN))
    session.execute(update(Revision).where(Revision.account_id == account_id).values(actor=f"editor:{account_id}"))


def _at(instant: datetime | None) -> str | None:
    return f"{instant.isoformat(timespec='seconds')}Z" if instant is not None else None
