"""What waits for a team: the program that tells where a referral stands, and whether somebody of the team must act."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from finder.referrals.models import BY_PHONE, OPEN, Referral, ReferralTask
from finder.referrals.states import ASKABLE, AT_RECEIVER, State

MOST_OPEN = 1000  # of one team; more than a clinic can follow


class Turn(IntEnum):
    """Whose turn it is, the most pressing first."""

    YOURS = 0  # the team must call, answer, choose the next or say what became
    THEIRS = 1  # a program has not answered yet
    NOBODY = 2  # a first date is named, or they wait for a place
    OVER = 3


def open_of_team(session: Session, team: uuid.UUID, *, today: date) -> Sequence[Referral]:
    """A team's open referrals with their tasks: whose turn it is, then the longest unchanged first."""
    wanted = (select(Referral).where(Referral.team_id == team, Referral.state == OPEN)
              .options(selectinload(Referral.tasks)).order_by(Referral.changed_at, Referral.key).limit(MOST_OPEN))
    return sorted(session.scalars(wanted), key=lambda one: turn(one, today=today))


def current(referral: Referral, *, today: date) -> ReferralTask:
    """The task that tells where a referral stands: the one whose turn is most pressing of those that have it before
    them, else the last that was asked, else the first in order."""
    here = [one for one in referral.tasks if one.state in AT_RECEIVER]
    if here:
        return min(here, key=lambda one: (_turn_of(one, today), one.position))
    asked = [one for one in referral.tasks if one.state not in (State.PLANNED, State.SKIPPED)]
    return asked[-1] if asked else referral.tasks[0]


def turn(referral: Referral, *, today: date) -> Turn:
    """Whose turn it is."""
    if referral.state != OPEN:
        return Turn.OVER
    here = [one for one in referral.tasks if one.state in AT_RECEIVER]
    return min((_turn_of(one, today) for one in here), default=Turn.YOURS)


def _turn_of(task: ReferralTask, today: date) -> Turn:
    state = State(task.state)
    if state is State.ASKED or (state in ASKABLE and task.way == BY_PHONE):
        return Turn.YOURS
    if state in ASKABLE:
        return Turn.THEIRS
    if state is State.ACCEPTED and task.first_on is not None and task.first_on < today:
        return Turn.YOURS  # did they go?
    if state is State.WAITING and task.wait_weeks and task.due_at is None:
        return Turn.YOURS  # the wait that was named is over
    return Turn.NOBODY
