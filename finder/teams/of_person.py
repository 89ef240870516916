"""What one person left in teams: a copy of it for them, and taking leave. What the team refers is the team's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from finder.accounts import roles
from finder.accounts.permissions import Granted, Scope
from finder.teams import joining, membership
from finder.teams.models import REFUSED, WAITING, Member, Team


def names(session: Session, grants: Sequence[Granted]) -> dict[Granted, tuple[str, str]]:
    """Names of the teams that grants are about, each with ""; teams that are not there are left out."""
    wanted = {uuid.UUID(one.value): one for one in grants if one.scope is Scope.TEAM}
    found = session.execute(select(Team.id, Team.name).where(Team.id.in_(wanted)))
    return {wanted[row.id]: (row.name, "") for row in found}


def copy(session: Session, account_id: int) -> dict[str, Any]:
    """Somebody's team, their numbers and what they asked for, as JSON values. `team` is null for none."""
    row, key = session.get(Member, account_id), membership.team_of(session, account_id)
    team = session.get(Team, key) if key is not None else None
    requests = session.scalars(select(Team).where(Team.asked_by == account_id).order_by(Team.made_at))
    return {
        "team": None if team is None else {
            "name": team.name, "joined_at": _at(row.joined_at) if row else None, "npi": row.npi if row else None,
            "register": row.register if row else None, "number": row.number if row else None},
        "teams_asked_for": [{"name": one.name, "phone": one.phone, "npi": one.npi, "register": one.register,
                             "number": one.number, "note": one.note, "state": one.state, "answer": one.reason,
                             "at": _at(one.made_at)} for one in requests],
    }


def leave(session: Session, account_id: int, *, now: datetime) -> None:
    """Ends what only concerns the person: their place, their numbers, invitations they wrote, requests, and what they
    said of themselves in one. Their right goes with the account.

    The team stays for those who are left. Where nobody is whose account is open, it ends: nobody could read an answer.
    """
    key = membership.team_of(session, account_id)
    if key is not None:
        roles.void_invitations(session, account_id, membership.grant_of(key))
        if all(one.account_id == account_id for one in membership.members(session, key)):
            joining.end_empty(session, key, now=now)
    session.execute(delete(Member).where(Member.account_id == account_id))
    membership.drop_requests(session, account_id, WAITING, REFUSED)
    session.execute(update(Team).where(Team.asked_by == account_id).values(asked_by=None, note=None))


def _at(instant: datetime | None) -> str | None:
    return f"{instant.isoformat(timespec='seconds')}Z" if instant is not None else None
