"""What a person agreed to be told, per program: kept with each disclosure, looked at before each, ended at any time.

The rows follow what 42 CFR 2.31 asks of a written consent: from whom, to whom, what, why, until when, how it was given,
and that it may be taken back. Who is meant is the team's code; the team keeps the signed paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.referrals.draft import CONSENT_TEXT, IDENTITY
from finder.referrals.models import Consent, Referral


def give(session: Session, referral: str, task: str, recipient: str, said: Mapping[str, Any], *,
         account_id: int | None, now: datetime) -> Consent:
    """Keeps the consent to one disclosure. `said` is `consent` of a draft."""
    found = Consent(referral_key=referral, task_key=task, recipient=recipient[:600], what=list(said["what"]),
                    purpose=said["purpose"], way=said["way"], given_on=said["given_on"], until=said["until"],
                    text=CONSENT_TEXT, recorded_by=account_id, recorded_at=now.replace(tzinfo=None))
    session.add(found)
    session.flush()
    return found


def stands(session: Session, task: str, *, now: datetime) -> Consent | None:
    """The consent that covers a task today: the newest that is not taken back and not over; None for none."""
    return session.scalars(select(Consent).where(
        Consent.task_key == task, Consent.ended_at.is_(None), Consent.until >= now.date())
        .order_by(Consent.id.desc()).limit(1)).first()


def of_referral(session: Session, referral: str) -> list[Consent]:
    """All that were given for a referral, the oldest first."""
    return list(session.scalars(select(Consent).where(Consent.referral_key == referral).order_by(Consent.id)))


def over(session: Session, *, now: datetime, most: int = 200) -> list[str]:
    """Keys of tasks with a consent that nobody took back and whose last day is over, the longest over first."""
    return list(dict.fromkeys(session.scalars(
        select(Consent.task_key).where(Consent.ended_at.is_(None), Consent.until < now.date())
        .order_by(Consent.until, Consent.id).limit(most))))


def end_of_task(session: Session, task: str, by: str, *, now: datetime, only_over: bool = False) -> bool:
    """Ends what covers a task: it was taken back, or there is nothing left to tell. False where nothing did.

    `only_over`: those whose last day is over, by the clock. With the last consent to it goes who the person is.
    """
    wanted = select(Consent).where(Consent.task_key == task, Consent.ended_at.is_(None))
    standing = session.scalars(wanted.where(Consent.until < now.date()) if only_over else wanted).all()
    for one in standing:
        one.ended_at, one.ended_by = now.replace(tzinfo=None), by[:40]
    session.flush()
    for key in {one.referral_key for one in standing if IDENTITY in one.what}:
        others = session.scalars(select(Consent).where(Consent.referral_key == key, Consent.ended_at.is_(None))).all()
        if not any(IDENTITY in one.what for one in others):
            session.get_one(Referral, key).identity = None
    session.flush()
    return bool(standing)
