"""How long what belongs to a team is kept, and its end: nothing stays that names a person or a team's work with them.

Nothing is committed here. After a purge `db.Database.sweep` sees to it that no byte is left in the database's files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, String, cast, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from finder import outbox
from finder.accounts import tokens
from finder.accounts.models import ApiToken, Grant, Token
from finder.accounts.permissions import Scope
from finder.db import owe_sweep
from finder.outbox import Message
from finder.referrals import letters, moving
from finder.referrals.models import CLOSED, OPEN, AnswerTally, Consent, Referral, ReferralTask
from finder.referrals.moving import CLOCK
from finder.teams import membership
from finder.teams.models import ENDED, REFUSED, WAITING, SavedSearch, Team

# The clocks, by table and state. Those of TRUST P11 are its numbers; the others are ours.
KEPT: Mapping[str, timedelta] = {
    # Since it was last touched: then it is closed as lapsed. A day to come that is awaited holds it open while the
    # person's yes covers it and the day is not further ahead than this, so that no program can hold it for years. That
    # of a team in which nobody reads any more is closed within minutes (`unread`).
    "referral.open": timedelta(days=180),
    # Since it was closed, unless FINDER_REFERRAL_DAYS says otherwise (P11): then it goes with its tasks, consents,
    # history, links, and the letters that name it.
    "referral.closed": timedelta(days=90),
    # Since somebody of the team last looked at it. It is about no one person; it goes because nobody needs it.
    "saved_search": timedelta(days=365),
    # Since it ended or ran out: a team may want to see for a while which program had it.
    "api_token": timedelta(days=90),
    # Since they asked, and no steward answered; since the no; since it ended, and its last referral is gone.
    "team.waiting": timedelta(days=180),
    "team.refused": timedelta(days=90),
    "team.ended": timedelta(days=90),
    # Since the month of asking: what `insight` tells. A count of one could be somebody, so none outlives its use.
    "answer_tally": timedelta(days=365),
}
MOST = 1000  # of one round
LAPSED = "lapsed"  # how a referral ended that nobody touched any more


def untouched(session: Session, now: datetime) -> list[str]:
    """Keys of open referrals that end by the clock, the longest untouched first."""
    covered = exists().where(Consent.task_key == ReferralTask.key, Consent.ended_at.is_(None),
                             Consent.until >= now.date())
    awaited = select(ReferralTask.referral_key).where(
        ReferralTask.due_at > _naive(now), ReferralTask.due_at <= _naive(now) + KEPT["referral.open"], covered)
    return list(session.scalars(select(Referral.key).where(
        Referral.state == OPEN, _ago(Referral.changed_at, "referral.open", now), Referral.key.not_in(awaited))
        .order_by(Referral.changed_at, Referral.key).limit(MOST)))


def unread(session: Session) -> list[str]:
    """Keys of open referrals of teams in which nobody is left who could read an answer."""
    teams = membership.resting(session, session.scalars(
        select(Referral.team_id).where(Referral.state == OPEN).distinct()).all())
    return list(session.scalars(select(Referral.key).where(Referral.state == OPEN, Referral.team_id.in_(teams))
                                .order_by(Referral.changed_at, Referral.key).limit(MOST)))


def lapse(session: Session, key: str, *, now: datetime) -> bool:
    """Closes a referral that nobody touched any more. False when it was closed meanwhile."""
    referral = session.get(Referral, key)
    if referral is None or referral.state == CLOSED:
        return False
    moving.close(session, referral, LAPSED, CLOCK, now=now)
    letters.tell_owner(session, referral, letters.LAPSED, now=now)
    return True


def over(session: Session, now: datetime, *, days: int) -> list[str]:
    """Keys of referrals that were closed so many days ago, the oldest first."""
    return list(session.scalars(select(Referral.key).where(
        Referral.state == CLOSED, Referral.closed_at <= _naive(now) - timedelta(days))
        .order_by(Referral.closed_at, Referral.key).limit(MOST)))


def purge(session: Session, key: str, *, now: datetime, days: int) -> bool:
    """Deletes a referral with all that names it; counts of answers stay. False when it was opened anew meanwhile."""
    named = [key, *session.scalars(select(ReferralTask.key).where(ReferralTask.referral_key == key))]
    gone = session.execute(delete(Referral).where(
        Referral.key == key, Referral.state == CLOSED, Referral.closed_at <= _naive(now) - timedelta(days))
        .execution_options(synchronize_session=False))
    if not gone.rowcount:  # type: ignore[attr-defined]
        return False
    links = session.execute(delete(Token).where(Token.subject.in_(named)).returning(Token.hash)).scalars().all()
    _drop_letters(session, named, links)
    owe_sweep(session)
    return True


def _drop_letters(session: Session, named: Collection[str], links: Collection[bytes]) -> None:
    """Drops messages whose facts or name hold one of the keys, and those that wait with one of the links."""
    for key in named:
        session.execute(delete(Message).where(or_(
            Message.once.contains(key, autoescape=True),
            cast(Message.facts, String).contains(key, autoescape=True))).execution_options(synchronize_session=False))
    waiting = session.execute(select(Message.id, Message.facts).where(
        Message.kind.in_(letters.KINDS), Message.state == outbox.WAITING)).all()
    ends = [one.id for one in waiting if tokens.digest(str(one.facts.get("link"))) in links]
    session.execute(delete(Message).where(Message.id.in_(ends)).execution_options(synchronize_session=False))


def forget(session: Session, now: datetime) -> dict[str, int]:
    """Drops what else of teams is past its clock. Gives how many rows of each table."""
    looked = _ago(SavedSearch.looked_at, "saved_search", now) | (
        SavedSearch.looked_at.is_(None) & _ago(SavedSearch.made_at, "saved_search", now))
    ended = _ago(ApiToken.ended_at, "api_token", now) | _ago(ApiToken.expires_at, "api_token", now)
    first = f"{now - KEPT['answer_tally']:%Y-%m}"
    counts = {
        "searches": _deleted(session, delete(SavedSearch).where(looked)),
        "tokens": _deleted(session, delete(ApiToken).where(ended)),
        "teams": _drop_teams(session, now),
        "tallies": _deleted(session, delete(AnswerTally).where(AnswerTally.month < first)),
    }
    if any(counts.values()):
        owe_sweep(session)
    return counts


def _drop_teams(session: Session, now: datetime) -> int:
    busy = select(Referral.team_id)
    teams = session.scalars(select(Team.id).where(or_(
        (Team.state == WAITING) & _ago(Team.made_at, "team.waiting", now),
        (Team.state == REFUSED) & _ago(Team.decided_at, "team.refused", now),
        (Team.state == ENDED) & _ago(Team.decided_at, "team.ended", now) & Team.id.not_in(busy)))).all()
    if not teams:
        return 0
    session.execute(delete(Grant).where(Grant.scope == Scope.TEAM, Grant.value.in_([str(one) for one in teams])))
    return _deleted(session, delete(Team).where(Team.id.in_(teams)))


def _ago(column: InstrumentedAttribute[Any], clock: str, now: datetime) -> ColumnElement[bool]:
    """Whether an instant lies as far back as a clock says; never for one that is not set."""
    found: ColumnElement[bool] = column <= _naive(now) - KEPT[clock]
    return found


def _deleted(session: Session, statement: Delete) -> int:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
