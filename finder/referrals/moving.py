"""Moving a task of a referral: the state is checked and changed in one statement, so of two who move it at once one
wins, and what follows is done in the same transaction: history, letters, the next program in order, counts.

Nothing is committed here. What cannot be told to others (notes) goes in sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder.catalog.models import PUBLISHED
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.fields import Text, flatten
from finder.listings import changes
from finder.listings.changes import Listing
from finder.referrals import consents, letters, pace, tallies
from finder.referrals.keys import is_key
from finder.referrals.models import BY_MAIL, BY_PHONE, CLOSED, OPEN, Referral, ReferralEvent, ReferralTask
from finder.referrals.states import AT_RECEIVER, FINAL, LIVE, Move, State, Who, after
from finder.referrals.swapping import swap
from finder.teams import membership
from finder.teams.models import Team

# Why a program says no. Codes of our own: no standard list covers groups; exchange.fhir_referral maps them.
DECLINE_REASONS = ("full", "not_a_fit", "needs_more", "eligibility", "insurance", "cannot_reach", "not_running",
                   "other")
# What a program may need to know first.
QUESTIONS = ("insurance", "age", "language", "times", "access", "safety", "contact", "other")
MOST_WEEKS, MOST_DAYS_AHEAD, LONGEST_NOTE = 260, 366, 500
MOST_TOLD = 5  # answers to questions of one program: then a telephone serves better
_NOTE = Text(LONGEST_NOTE, 0, lines=True)


@dataclass(frozen=True, slots=True)
class By:
    """Who makes a move: as which side, how history names them, and their account if they have one."""

    who: Who
    name: str
    account_id: int | None = None


CLOCK = By(Who.CLOCK, "clock")
CLIENT = By(Who.CLIENT, "client")
RECEIVER = By(Who.RECEIVER, "receiver")  # by a link of a letter


def find(session: Session, key: str) -> ReferralTask:
    """The task of a key. Raises NotFound."""
    found = session.get(ReferralTask, key) if is_key(key) else None
    if found is None:
        raise NotFound("page")
    return found


def move(session: Session, task: ReferralTask, what: Move, by: By, *, now: datetime, first_on: date | None = None,
         weeks: int | None = None, reason: str | None = None, asked: Iterable[str] = (),
         note: bytes | None = None, version: int | None = None, counted: bool = False) -> ReferralTask:
    """Makes a move, with what belongs to it, and all that follows from it.

    `first_on`: the first date of a yes (today, wherever that is, to a year ahead). `weeks`: 0..260 on a waiting list.
    `reason`: one of DECLINE_REASONS, needed for a no. `asked`: of QUESTIONS, one at least where something is asked.
    `note`: sealed words (`checked_note`). `version`: that of the task as its mover read it; a yes can be changed into
    a no, so only the version tells that somebody else had answered meanwhile. `counted`: the caller took the team's
    turn for the letter already (`pace`). Raises Conflict("illegal_move"), Conflict("stale") where somebody was quicker,
    Conflict("no_consent") where a program would be told without one, Conflict("too_many") where it was told MOST_TOLD
    times already, TooOften where the team writes too much, and Invalid by field.
    """
    referral = hold(session, task.referral_key)
    if version not in (None, task.version):
        raise Conflict("stale")
    before = State(task.state)
    state = after(before, what, by.who)
    if state is State.SENT and consents.stands(session, task.key, now=now) is None:
        raise Conflict("no_consent")
    if state is State.SENT and by.who is Who.SENDER and not counted:
        _may_write(session, referral, task, now)
    said = _said(what, first_on, weeks, reason, tuple(asked), now.date())
    swap(session, task, before, state, now=now, note=note, **said)
    facts = {key: value.isoformat() if isinstance(value, date) else value
             for key, value in said.items() if value not in (None, [])}
    record(session, task.referral_key, what, by, now=now, task=task.key, before=before, after=state, facts=facts)
    referral.changed_at = _naive(now)
    tallies.follow(session, referral, task, before, state, now=now)
    _follow(session, referral, task, before, state, by, now)
    session.flush()
    return task


def _may_write(session: Session, referral: Referral, task: ReferralTask, now: datetime) -> None:
    """Counts a letter that a sender causes. Question and answer in a loop would send any number of them."""
    told = session.scalar(select(func.count()).select_from(ReferralEvent).where(
        ReferralEvent.referral_key == referral.key, ReferralEvent.task_key == task.key,
        ReferralEvent.kind == Move.TELL)) or 0
    if told >= MOST_TOLD:
        raise Conflict("too_many")
    pace.take_turn(session, referral.team_id, now)


def hold(session: Session, key: str) -> Referral:
    """The referral as it is now. Where rows can be locked, whoever changes it, its tasks or consents takes turns until
    the transaction ends; held first, so that no two wait for each other."""
    return session.scalars(select(Referral).where(Referral.key == key).with_for_update()
                           .execution_options(populate_existing=True)).one()


def checked_note(words: str) -> str:
    """Words beside an answer as they may be kept. Raises Invalid at "note"."""
    try:
        return _NOTE.read(words.strip().replace("\r\n", "\n"))
    except ValidationError as wrong:
        raise Invalid(flatten({"note": wrong.messages})) from None


def record(session: Session, referral: str, kind: str, by: By, *, now: datetime, task: str | None = None,
           before: str | None = None, after: str | None = None, facts: Mapping[str, Any] | None = None) -> None:
    """A line of the referral's history."""
    session.add(ReferralEvent(referral_key=referral, task_key=task, at=_naive(now), who=by.name[:40],
                              account_id=by.account_id, kind=kind, before=before, after=after,
                              facts=dict(facts or {})))


def close(session: Session, referral: Referral, outcome: str, by: By, *, now: datetime) -> None:
    """Ends a referral: what is still before a program is withdrawn, what was planned is not needed, nothing more may
    be told to anybody. Twice is once; that somebody went after all is noted also later."""
    if referral.state == CLOSED:
        referral.outcome = outcome if outcome == State.ATTENDED else referral.outcome
        return
    ending = CLOCK if by.who is Who.RECEIVER else by  # a program that tells of a visit takes back nobody else's
    for task in list(referral.tasks):
        state = State(task.state)
        if state in LIVE:
            _end(session, referral, task, state, State.SKIPPED if state is State.PLANNED else State.WITHDRAWN, ending,
                 now)
        else:
            consents.end_of_task(session, task.key, ending.name, now=now)
    referral.state, referral.outcome = CLOSED, outcome
    referral.closed_at = referral.changed_at = _naive(now)
    record(session, referral.key, "closed", by, now=now, facts={"outcome": outcome})
    session.flush()


def _said(what: Move, first_on: date | None, weeks: int | None, reason: str | None, asked: tuple[str, ...],
          today: date) -> dict[str, Any]:
    """The columns that go with a move. Raises Invalid."""
    if what is Move.ACCEPT:
        # Days are counted in UTC here, where it is tomorrow already while it is still evening in the Americas.
        if first_on is not None and not today - timedelta(1) <= first_on <= today + timedelta(MOST_DAYS_AHEAD):
            raise Invalid({"first_on": [Problem("out_of_range", min=(today - timedelta(1)).isoformat(),
                                                max=(today + timedelta(MOST_DAYS_AHEAD)).isoformat())]})
        if first_on is None:
            raise Invalid({"first_on": [Problem("required")]})
        return {"first_on": first_on}
    if what is Move.WAIT:
        if weeks is not None and not 0 <= weeks <= MOST_WEEKS:
            raise Invalid({"weeks": [Problem("out_of_range", min=0, max=MOST_WEEKS)]})
        return {"wait_weeks": weeks}
    if what is Move.DECLINE:
        if reason not in DECLINE_REASONS:
            raise Invalid({"reason": [Problem("required")]})
        return {"reason": reason}
    if what is Move.ASK:
        if not asked or not set(asked) <= set(QUESTIONS):
            raise Invalid({"asked": [Problem("required")]})
        return {"asked": list(dict.fromkeys(asked))}
    return {}


def _end(session: Session, referral: Referral, task: ReferralTask, before: State, state: State, by: By,
         now: datetime) -> None:
    swap(session, task, before, state, now=now)
    record(session, referral.key, "withdraw" if state is State.WITHDRAWN else "skip", by, now=now, task=task.key,
           before=before, after=state)
    consents.end_of_task(session, task.key, by.name, now=now)
    if before in AT_RECEIVER:
        _tell_over(session, referral, task, now)


# -- what follows ----------------------------------------------------------------------------------------------------


def _follow(session: Session, referral: Referral, task: ReferralTask, before: State, state: State, by: By,
            now: datetime) -> None:
    """Letters, the next in order, and the end."""
    if state is State.SENT:
        _write(session, referral, task, by, now)
        return
    if state in FINAL and state is not State.MISSED:  # who did not come may still be called, or come next week
        consents.end_of_task(session, task.key, by.name, now=now)
    if state in (State.WITHDRAWN, State.NO_ANSWER) and before in AT_RECEIVER:
        _tell_over(session, referral, task, now)
    then = _ask_next(session, referral, now) if state in (State.DECLINED, State.NO_ANSWER) else None
    if state is State.ATTENDED:
        close(session, referral, State.ATTENDED, by, now=now)
    elif by.who is Who.CLIENT and state is State.WITHDRAWN:
        then = _go_on_or_close(session, referral, by, now)
    elif referral.state == CLOSED:
        referral.state, referral.outcome, referral.closed_at = OPEN, None, None  # "attended" was taken back
    if by.who is Who.CLOCK and state in (State.WITHDRAWN, State.SKIPPED):
        letters.tell_owner(session, referral, letters.CONSENT_OVER, now=now)
    elif by.who is not Who.SENDER and state not in (State.SEEN, State.SKIPPED):
        letters.tell_owner(session, referral, state, now=now, then=then)


def _write(session: Session, referral: Referral, task: ReferralTask, by: By, now: datetime) -> None:
    """Asks a program by letter, or leaves it to the sender to call where letters reach nobody any more. That the
    letter goes to other addresses than the one before stands in the history."""
    if task.way != BY_MAIL:
        return
    has_moved = letters.has_moved(session, task)
    if not letters.ask(session, task, now=now, team=_team_name(session, referral)):
        task.way = BY_PHONE
    elif has_moved:
        record(session, referral.key, letters.NEW_CONTACT, by, now=now, task=task.key)


def _tell_over(session: Session, referral: Referral, task: ReferralTask, now: datetime) -> None:
    if task.way == BY_MAIL:
        letters.over(session, task, now=now, team=_team_name(session, referral))
    else:
        letters.end_links(session, task, now=now)


def _go_on_or_close(session: Session, referral: Referral, by: By, now: datetime) -> str | None:
    """The person does not want one program: then the next that they agreed to, or the end if there is none."""
    then = _ask_next(session, referral, now)
    if not any(State(one.state) in LIVE for one in referral.tasks):
        close(session, referral, State.WITHDRAWN, by, now=now)
        return None
    return then


def _ask_next(session: Session, referral: Referral, now: datetime) -> str | None:
    """Asks the next program in order, if that was wished, the person's consent to it still stands and it goes on.

    Gives what the sender has to know: letters.NEXT_ASKED, CALL_NEXT where it must be called, CHOOSE_NEXT where nobody
    is asked now; None where another program still has the question.
    """
    if any(State(one.state) in AT_RECEIVER for one in referral.tasks):
        return None
    if not membership.is_at_work(session, referral.team_id):
        return letters.CHOOSE_NEXT  # nobody could read an answer
    waiting = session.scalars(select(ReferralTask).where(
        ReferralTask.referral_key == referral.key, ReferralTask.state == State.PLANNED)
        .order_by(ReferralTask.position)).all() if referral.asks_next else ()
    for task in waiting:
        if consents.stands(session, task.key, now=now) is not None and goes_on(changes.find(session, task.program_id)):
            move(session, task, Move.SEND, CLOCK, now=now)
            return letters.NEXT_ASKED if task.way == BY_MAIL else letters.CALL_NEXT
    return letters.CHOOSE_NEXT


def goes_on(listing: Listing) -> bool:
    """Whether a program can be asked now: visitors see it, and it is neither paused nor closed."""
    return listing.state == PUBLISHED and listing.document.get("status") not in ("paused", "closed")


def _team_name(session: Session, referral: Referral) -> str:
    return session.get_one(Team, referral.team_id).name


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
