"""What happens to a referral by the clock: a program is reminded once, then the question is taken back and the next one
asked; what became of a first date is asked; what a consent covered ends with its last day.

Each deed is one small transaction of the caller's. Whatever is done says that it was done in the statement that takes
it, so of two workers one does it. Nothing is committed here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.referrals import consents, letters, moving
from finder.referrals.models import BY_MAIL, BY_PHONE, Referral, ReferralTask
from finder.referrals.moving import CLOCK
from finder.referrals.states import ASKABLE, RECALL_AFTER, REMIND_AFTER, Move, State
from finder.teams import membership
from finder.teams.models import Team

MOST = 200  # of one round, so that other work has its turn
REMINDED, RECALLED, CALLED, ASKED = "reminded", "recalled", "calls", "asked"
# A program that said yes keeps its place when the paper runs out: the person may be on their way there. It is told
# nothing any more, its links end, and the sender, who is told, can speak with the person.
_PROMISED = frozenset((State.WAITING, State.ACCEPTED))


def due(session: Session, now: datetime) -> list[str]:
    """Keys of the tasks that something is to be done about, the longest due first."""
    return list(session.scalars(select(ReferralTask.key).where(ReferralTask.due_at <= _naive(now))
                                .order_by(ReferralTask.due_at, ReferralTask.key).limit(MOST)))


def look(session: Session, key: str, *, now: datetime) -> str | None:
    """Does what is due for a task: REMINDED, RECALLED (Move.EXPIRE), CALLED or ASKED; None when nothing is any more.

    Raises Conflict("stale") where somebody answers at this very moment.
    """
    task = _held(session, key)
    if task is None or task.due_at is None or task.due_at > _naive(now):
        return None
    if not membership.is_at_work(session, session.get_one(Referral, task.referral_key).team_id):
        return None  # nobody could read an answer; `retention.unread` closes it
    state = State(task.state)
    if state in _PROMISED:
        return _ask_what_became(session, task, state, now)
    if state not in ASKABLE:
        return None
    if task.way == BY_PHONE:
        return _have_called(session, task, now)
    if task.reminders:
        moving.move(session, task, Move.EXPIRE, CLOCK, now=now)
        return RECALLED
    return _remind(session, task, now)


def _held(session: Session, key: str) -> ReferralTask | None:
    """The task as it is now, with its referral held; None for one that is gone."""
    task = session.get(ReferralTask, key)
    if task is not None:
        moving.hold(session, task.referral_key)
        session.refresh(task)
    return task


def _remind(session: Session, task: ReferralTask, now: datetime) -> str | None:
    """Reminds a program. However late that is, it then has as long to answer as any other."""
    if not _take(session, task, _naive(now) + (RECALL_AFTER - REMIND_AFTER), reminders=task.reminders + 1):
        return None
    referral = session.get_one(Referral, task.referral_key)
    if not letters.ask_again(session, task, now=now, team=_team_name(session, referral), kind=letters.REMINDER):
        task.way = BY_PHONE  # letters reach nobody there any more
        return _have_called(session, task, now)
    moving.record(session, referral.key, REMINDED, CLOCK, now=now, task=task.key)
    letters.tell_owner(session, referral, letters.REMINDED, now=now)
    session.flush()
    return REMINDED


def _have_called(session: Session, task: ReferralTask, now: datetime) -> str | None:
    """Asks the sender to call. No answer is never said of a program that only they could have asked."""
    if not _take(session, task, None):
        return None
    letters.tell_owner(session, session.get_one(Referral, task.referral_key), letters.CALL, now=now)
    session.flush()
    return CALLED


def _ask_what_became(session: Session, task: ReferralTask, state: State, now: datetime) -> str | None:
    """Asks the program, where it may still be told of the person, and the sender: did they come, is there a place?"""
    if not _take(session, task, None):
        return None
    referral = session.get_one(Referral, task.referral_key)
    if task.way == BY_MAIL and consents.stands(session, task.key, now=now) is not None:
        letters.ask_again(session, task, now=now, team=_team_name(session, referral), kind=letters.CAME)
    moving.record(session, referral.key, letters.VISIT if state is State.ACCEPTED else letters.PLACE, CLOCK, now=now,
                  task=task.key)
    letters.tell_owner(session, referral, letters.VISIT if state is State.ACCEPTED else letters.PLACE, now=now)
    session.flush()
    return ASKED


def _take(session: Session, task: ReferralTask, again_at: datetime | None, **columns: int) -> bool:
    """Says when the clock looks again, unless another worker or an answer was quicker. The version stays: to whoever
    has the question before their eyes nothing has changed."""
    taken = session.execute(
        update(ReferralTask).where(ReferralTask.key == task.key, ReferralTask.version == task.version,
                                   ReferralTask.due_at == task.due_at)
        .values(due_at=again_at, **columns).execution_options(synchronize_session=False))
    session.refresh(task)
    return bool(taken.rowcount)  # type: ignore[attr-defined]


# -- consents --------------------------------------------------------------------------------------------------------


def over(session: Session, now: datetime) -> list[str]:
    """Keys of the tasks whose consent was over yesterday or before and was not ended yet."""
    return consents.over(session, now=now, most=MOST)


def end_consent(session: Session, key: str, *, now: datetime) -> bool:
    """Ends what is over of a task's consents, and with the last one all telling: False when another worker did.

    What was not asked yet is not asked; what nobody said yes to is taken back; a place that was promised stays, and
    only the links end. The owner is told.
    """
    task = _held(session, key)
    if task is None or not consents.end_of_task(session, key, CLOCK.name, now=now, only_over=True):
        return False
    state = State(task.state)
    if consents.stands(session, key, now=now) is not None:
        return True
    if state is State.PLANNED:
        moving.move(session, task, Move.SKIP, CLOCK, now=now)
    elif state in ASKABLE or state is State.ASKED:
        moving.move(session, task, Move.WITHDRAW, CLOCK, now=now)
    elif state in _PROMISED:
        letters.end_links(session, task, now=now)
        referral = session.get_one(Referral, task.referral_key)
        moving.record(session, referral.key, letters.CONSENT_OVER, CLOCK, now=now, task=key)
        letters.tell_owner(session, referral, letters.CONSENT_OVER, now=now)
        session.flush()
    return True


def _team_name(session: Session, referral: Referral) -> str:
    return session.get_one(Team, referral.team_id).name


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
