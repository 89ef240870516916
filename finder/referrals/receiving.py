"""The receiver's side of a task: what a link or a desk opens, whether it is over, and an answer as one deed.

What a program sees is what its consent covers today; without one there is nothing to open. Nothing is committed here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from finder.accounts import tokens
from finder.accounts.permissions import Granted
from finder.catalog.models import PUBLISHED
from finder.errors import Conflict, NotFound
from finder.limits import Limit, spend
from finder.listings import changes, looked_after, reminders
from finder.listings.changes import Listing
from finder.referrals import letters, moving, reading
from finder.referrals.keys import Keys
from finder.referrals.models import BY_MAIL, BY_PHONE, Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.moving import By
from finder.referrals.states import ASKABLE, AT_RECEIVER, LEADS, Move, State, Who, allowed
from finder.schedules.recurrence import Rule, next_dates, occurrences
from finder.teams import membership
from finder.teams.models import Team

# Nothing is asked any more: taken back, or never asked.
OVER = frozenset((State.PLANNED, State.WITHDRAWN, State.NO_ANSWER, State.SKIPPED))
SHOWN_FOR = timedelta(days=90)  # on a desk, after it was answered for good
MOST_SHOWN = 100
_ONCE_AN_HOUR = Limit("referral_look", 1, 3600)  # reads by one link or code that history notes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program is asked, as far as it may know. `moves` are the answers it may give now."""

    task: ReferralTask
    listing: Listing
    team: str
    phone: str | None
    substance: bool
    consent: Consent | None
    told: Mapping[str, Any]
    note: str
    said_on: date | None

    @property
    def state(self) -> State:
        return State(self.task.state)

    @property
    def moves(self) -> frozenset[Move]:
        return allowed(self.state, Who.RECEIVER) - {Move.OPEN} if self.consent is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program says. `version` is that of the task as it was shown; the rest as `moving.move` takes it."""

    move: Move
    version: int
    first_on: date | None = None
    weeks: int | None = None
    reason: str | None = None
    asked: tuple[str, ...] = ()
    note: str = ""


def by_link(session: Session, secret: str, *, keys: Keys, now: datetime) -> Asked | None:
    """What a mailed link opens; None when it is over, whatever the cause. Raises NotFound for one that never was.

    A link is over when its address is the listing's no more: who left a group does not answer for it.
    """
    link = tokens.look(session, secret, letters.ANSWER, now=now)
    task = session.get(ReferralTask, link.subject)
    if link.state != "open" or task is None:
        return None
    there = changes.find(session, task.program_id)
    if link.facts.get("address") not in reminders.voices(session, there):
        return None
    return _asked(session, task, there, keys, now)


def stop_letters(session: Session, secret: str, *, now: datetime) -> None:
    """No more letters about places to the address that a link was sent to. Where that leaves nobody who reads letters,
    who asks is told to call. Raises NotFound for a link that never was."""
    link = tokens.look(session, secret, letters.ANSWER, now=now)
    task = session.get(ReferralTask, link.subject)
    letters.stop(session, str(link.facts["address"]), now=now)
    if link.state == "open" and task is not None and task.way == BY_MAIL and task.state in ASKABLE and not (
            letters.asked_before(session, task)):
        referral = moving.hold(session, task.referral_key)
        task.way = BY_PHONE
        letters.tell_owner(session, referral, letters.CALL, now=now)
    session.flush()


def letters_again(session: Session, secret: str, *, now: datetime) -> None:
    """Takes `stop_letters` back for what is asked from now on. Raises NotFound."""
    letters.go_on(session, str(tokens.look(session, secret, letters.ANSWER, now=now).facts["address"]))


def gets_letters(session: Session, secret: str, *, now: datetime) -> bool:
    """Whether the address that a link was sent to gets such letters still. Raises NotFound."""
    return not letters.is_stopped(session, str(tokens.look(session, secret, letters.ANSWER, now=now).facts["address"]))


def at_desk(session: Session, key: str, *, keys: Keys, now: datetime) -> Asked | None:
    """As `by_link`, for a desk that may answer for the program. Raises NotFound."""
    task = find(session, key)
    return _asked(session, task, changes.find(session, task.program_id), keys, now)


def find(session: Session, key: str) -> ReferralTask:
    """The task of a key, whoever's. Raises NotFound, also for one that no program was asked about yet."""
    task = moving.find(session, key)
    if task.state in (State.PLANNED, State.SKIPPED):
        raise NotFound("page")
    return task


def _asked(session: Session, task: ReferralTask, there: Listing, keys: Keys, now: datetime) -> Asked | None:
    consent, told = reading.told(session, task, keys=keys, now=now)
    if there.state != PUBLISHED or task.state in OVER or (consent is None and task.state in AT_RECEIVER):
        return None
    referral = session.get_one(Referral, task.referral_key)
    if not membership.is_at_work(session, referral.team_id):
        return None  # nobody could read an answer
    team = session.get_one(Team, referral.team_id)
    return Asked(task, there, team.name, team.phone, referral.substance, consent, told,
                 str(keys.opened(task.note) or "") if consent is not None else "", _said_on(session, task))


def _said_on(session: Session, task: ReferralTask) -> date | None:
    """When a task came to stand where it stands."""
    at = session.scalars(select(ReferralEvent.at).where(
        ReferralEvent.referral_key == task.referral_key, ReferralEvent.task_key == task.key,
        ReferralEvent.after == task.state).order_by(ReferralEvent.id.desc()).limit(1)).first()
    return at.date() if at is not None else None


def opened(session: Session, asked: Asked, by: By, *, now: datetime) -> None:
    """Notes that somebody has the question before their eyes; the second time changes nothing."""
    if Move.OPEN in allowed(asked.state, by.who):
        moving.move(session, asked.task, Move.OPEN, by, now=now)


def note_look(session: Session, referral: Referral, by: By, *, key: str, how: str, now: datetime,
              task: str | None = None) -> None:
    """Notes a read in the referral's history, once an hour for one `key`: a link's secret, or a code."""
    if not spend(session, _ONCE_AN_HOUR, hashlib.sha256(f"{how} {key}".encode()).digest(), now):
        reading.looked(session, referral, by, now=now, task=task, how=how)


def answer(session: Session, asked: Asked, said: Answer, by: By, *, keys: Keys, now: datetime) -> None:
    """Takes a program's answer; the same answer once more changes nothing, as after two presses of a button.

    Raises Conflict when somebody answered meanwhile, and as `moving.move`.
    """
    if _is_said(asked.task, said):
        return
    if asked.consent is None or not _is_as_shown(asked.task, said.version):
        raise Conflict("stale")
    words = moving.checked_note(said.note)
    moving.move(session, asked.task, said.move, by, now=now, first_on=said.first_on, weeks=said.weeks,
                reason=said.reason, asked=said.asked, note=keys.hidden(words) if words else None)


def _is_as_shown(task: ReferralTask, version: int) -> bool:
    """Whether nobody answered since a page was shown. That somebody else opened the letter is no answer."""
    return version == task.version or (task.state == State.SEEN and version == task.version - 1)


def _is_said(task: ReferralTask, said: Answer) -> bool:
    """Whether a task stands just as an answer would have it."""
    alike = {Move.ACCEPT: task.first_on == said.first_on, Move.WAIT: task.wait_weeks == said.weeks,
             Move.DECLINE: task.reason == said.reason, Move.ASK: tuple(task.asked) == said.asked and not said.note}
    return LEADS.get(said.move) == task.state and alike.get(said.move, True)


def next_meeting(document: Mapping[str, Any], *, now: datetime) -> date | None:
    """The local date of a listing's next meeting, from today on; None where no time is known."""
    starts = [one for session in document.get("sessions") or () for one in _starts(session, now)]
    return min((one.date() for one in starts if one.date() >= now.date()), default=None)


def _starts(session: Mapping[str, Any], now: datetime) -> Sequence[datetime]:
    """The next two starts of a session; where its time zone is not stated, of today or later."""
    rule = Rule.of(session)
    return occurrences(rule, now.date(), 2) if rule.timezone is None else next_dates(session, now=now, count=2)


# -- a desk that answers for programs --------------------------------------------------------------------------------


def of_grants(session: Session, grants: Sequence[Granted], *, now: datetime) -> list[tuple[ReferralTask, Listing]]:
    """What programs of these grants are asked, those that wait for an answer first; what is over is left out."""
    own = {one.id: one for one in looked_after.of_grants(session, grants) if one.state == PUBLISHED}
    rows = session.scalars(select(ReferralTask).where(
        ReferralTask.program_id.in_(own), ReferralTask.sent_at.is_not(None), ReferralTask.state.not_in(OVER),
        or_(_covered(now), ReferralTask.state.not_in(AT_RECEIVER)))
        .order_by(ReferralTask.sent_at.desc(), ReferralTask.key).limit(MOST_SHOWN))
    since = now.replace(tzinfo=None) - SHOWN_FOR
    found = [one for one in rows if one.ended_at is None or one.ended_at > since]
    return [(one, own[one.program_id]) for one in sorted(found, key=lambda one: State(one.state) not in ASKABLE)]


def waiting(session: Session, programs: Iterable[Any], *, now: datetime) -> int:
    """How many questions wait for an answer of these programs."""
    return len(session.execute(select(ReferralTask.key).where(
        ReferralTask.program_id.in_(list(programs)), ReferralTask.state.in_(ASKABLE), _covered(now))).all())


def _covered(now: datetime) -> ColumnElement[bool]:
    """Whether a consent stands for a task today, as `consents.stands` asks for one."""
    return exists().where(Consent.task_key == ReferralTask.key, Consent.ended_at.is_(None),
                          Consent.until >= now.date())
