"""Counts of how programs answer a team: numbers by month that point to no referral, so they may stay without it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from finder.referrals.models import AnswerTally, Referral, ReferralTask
from finder.referrals.states import ANSWERED, State

_VISITS = frozenset((State.ATTENDED, State.MISSED))
_COUNTED = ANSWERED | _VISITS | {State.NO_ANSWER}  # each a column of AnswerTally


def follow(session: Session, referral: Referral, task: ReferralTask, before: State, state: State, *,
           now: datetime) -> None:
    """Counts a move of a task, each task once and by what was said last, an answer with how long the first one took.

    So accepted, waiting and declined add up to answered; answered and no_answer, and attended and missed, to no more
    than were sent. What was taken back before anybody answered is sent and nothing else.
    """
    by: dict[str, int] = {}
    if state is State.SENT and before is State.PLANNED:
        by = {"sent": 1}
    elif state in _COUNTED and before is not state:
        instead = any({before, state} <= kind for kind in (ANSWERED, _VISITS))
        by = {str(state): 1} | ({str(before): -1} if instead else {})
        if state in ANSWERED and before not in ANSWERED:
            taken = now.replace(tzinfo=None) - (task.sent_at or now.replace(tzinfo=None))
            by |= {"answered": 1, "hours": max(0, round(taken / timedelta(hours=1)))}
    if by:
        count(session, referral, task, now=now, **by)


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
