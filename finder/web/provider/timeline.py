"""Where one program's answer stands, as a line of steps: what was done, what is waited for, what may come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from finder.referrals.models import BY_PHONE, Consent, ReferralTask
from finder.referrals.states import ASKABLE, State
from finder.web.pages import unbroken
from finder.wordings import referrals
from finder.wordings.language import clock, day, gettext, zone_name

DONE, NEXT, LATER = "", "next", "later"  # the drawings of `.line`


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `kind` is its drawing, `note` what a person wrote."""

    kind: str
    title: str
    words: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The zone that times are told in: the program's own, so that both sides mean the same hour."""

    zone: str | None

    @classmethod
    def of(cls, document: Any) -> Place:
        """The zone of a listing's first meeting; none where it states no time."""
        return cls(next((one["timezone"] for one in document.get("sessions") or () if one.get("timezone")), None))

    def day(self, at: datetime) -> date:
        return self._local(at).date()

    def words(self, at: datetime) -> str:
        """A moment that is kept in UTC: "November 20, 2:10 pm"; the day alone where no zone is known."""
        if self.zone is None:
            return day(at.date(), year=False)
        local = self._local(at)
        return gettext("%(day)s, %(time)s", day=day(local.date(), year=False), time=unbroken(clock(local)))

    @property
    def name(self) -> str:
        return zone_name(self.zone) if self.zone else ""

    def _local(self, at: datetime) -> datetime:
        return at.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)) if self.zone else at


@dataclass(frozen=True, slots=True)
class Standing:
    """What a line is drawn from. `note`: the last words of either side, opened; `others`: another program waits, and
    with `asks_next` it is asked by itself; `is_open`: something can still come next."""

    task: ReferralTask
    name: str
    consent: Consent | None
    place: Place
    note: str
    asks_next: bool
    others: bool
    is_open: bool
    today: date


def line(there: Standing) -> list[Step]:
    """The steps of a task, the first one first."""
    task, state = there.task, State(there.task.state)
    steps = _yes(there)
    if task.sent_at is not None:
        how = gettext("You call them.") if task.way == BY_PHONE else gettext("By letter, with a secure link.")
        steps.append(Step(DONE, gettext("Sent to %(name)s", name=there.name),
                          f"{there.place.words(task.sent_at)} · {how}"))
    if task.seen_at is not None:
        steps.append(Step(DONE, gettext("Opened"), there.place.words(task.seen_at)))
    if state is State.PLANNED:
        return [*steps, Step(LATER, referrals.state_text(state), _next_words(there))]
    return [*steps, *_answer(there, state)]


def _yes(there: Standing) -> list[Step]:
    if there.consent is None:
        return []
    given = day(there.consent.given_on, year=False)
    return [Step(DONE, gettext("The person said yes to sharing"),
                 gettext("%(day)s. Kept: what, to whom, why, until when.", day=given))]


def _answer(there: Standing, state: State) -> Sequence[Step]:
    visit = Step(LATER, gettext("First visit"), gettext("If they say yes"))
    if state in ASKABLE:
        known = [Step(DONE, referrals.state_text(state))] if state is State.RECEIVED else []
        waits = gettext("Call them") if there.task.way == BY_PHONE else gettext("Waiting for an answer")
        return [*known, Step(NEXT, waits, _next_words(there)), visit]
    if state is State.ASKED:
        return [Step(NEXT, referrals.state_text(state), f"{referrals.questions_text(there.task.asked)}. "
                     f"{_next_words(there)}", there.note), visit]
    if state is State.WAITING:
        return [_said(there, state), Step(NEXT, gettext("Waiting for a place"), _next_words(there)), visit]
    if state is State.ACCEPTED:
        return [_said(there, state), Step(NEXT, gettext("First visit"), _next_words(there))]
    return _ended(there, state)


def _ended(there: Standing, state: State) -> Sequence[Step]:
    reason = referrals.decline_text(there.task.reason) if state is State.DECLINED else ""
    at = there.place.words(there.task.ended_at) if there.task.ended_at is not None else ""
    last = Step(DONE, referrals.state_text(state), " · ".join(part for part in (at, reason) if part),
                there.note if state is State.DECLINED else "")
    then = _next_words(there) if there.is_open else ""
    return [last, Step(NEXT, gettext("What next"), then)] if then else [last]


def _said(there: Standing, state: State) -> Step:
    at = there.task.answered_at
    return Step(DONE, referrals.state_text(state), there.place.words(at) if at is not None else "", there.note)


def _next_words(there: Standing) -> str:
    task = there.task
    return referrals.task_next_text(
        task.state, way=task.way, due_on=there.place.day(task.due_at) if task.due_at is not None else None,
        reminders=task.reminders, first_on=task.first_on, wait_weeks=task.wait_weeks, asks_next=there.asks_next,
        others=there.others, today=there.today)
