"""Whose referral one is within its team: handed on when somebody goes, taken over by a colleague.

The owner is who gets the letters and whose reading is not noted; all of the team may see and change it.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.referrals import moving
from finder.referrals.models import Referral
from finder.referrals.moving import By

CHANGED = "owner"  # the kind of a line in the history; its facts say from and to, numbers of accounts or null


def hand_over(session: Session, team: uuid.UUID, of: int, to: int | None, *, by: By, now: datetime) -> int:
    """Gives all referrals of one member to another, or to nobody, which makes them the whole team's. Gives how many.

    Each is noted in its history. That `to` is in the team is for the caller to see to.
    """
    found = session.scalars(select(Referral).where(Referral.team_id == team, Referral.owner_id == of)).all()
    for one in found:
        _give(session, one, to, by, now)
    session.flush()
    return len(found)


def take_over(session: Session, referral: Referral, by: By, *, now: datetime) -> None:
    """Makes a colleague the owner of one referral; doing it twice changes nothing."""
    if referral.owner_id != by.account_id:
        _give(session, referral, by.account_id, by, now)
        session.flush()


def leave_all(session: Session, account_id: int) -> None:
    """Leaves an account's referrals to their team, when the account is deleted: no line in a history names it anew."""
    session.execute(update(Referral).where(Referral.owner_id == account_id).values(owner_id=None))


def _give(session: Session, referral: Referral, to: int | None, by: By, now: datetime) -> None:
    moving.record(session, referral.key, CHANGED, by, now=now, facts={"from": referral.owner_id, "to": to})
    referral.owner_id = to
