"""Counts of how programs answer a team: numbers by month that point to no referral, so they may stay without it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from finder.referrals.models import AnswerTally, Referral, ReferralTask


def count(session: Session, referral: Referral, task: ReferralTask, *, now: datetime, **by: int) -> None:
    """Adds to a program's counts in the month when it was asked. `by`: columns of AnswerTally and how much each."""
    month = f"{task.sent_at or now:%Y-%m}"
    spot = (AnswerTally.team_id == referral.team_id, AnswerTally.program_id == task.program_id,
            AnswerTally.month == month)
    more = {name: getattr(AnswerTally, name) + amount for name, amount in by.items()}
    added = update(AnswerTally).where(*spot).values(more).execution_options(synchronize_session=False)
    if session.execute(added).rowcount:  # type: ignore[attr-defined]
        return
    try:
        with session.begin_nested():
            session.add(AnswerTally(team_id=referral.team_id, program_id=task.program_id, month=month, **by))
    except IntegrityError:  # another worker was first; its row is there now
        session.execute(added)
