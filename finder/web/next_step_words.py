"""What a person is told about their own referral: where it stands with each group, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from finder import wording
from finder.referrals.models import BY_PHONE
from finder.referrals.own_view import OwnView, Step
from finder.referrals.states import ASKABLE, AT_RECEIVER, LIVE, RECALL_AFTER, State
from finder.wordings.language import N_, gettext, ngettext

_HAS_IT = N_("%(name)s has your request.")
# Where it stands, by state.
STANDS: Mapping[State, str] = {
    State.PLANNED: N_("%(name)s is next in line."),
    State.SENT: _HAS_IT, State.SEEN: _HAS_IT, State.RECEIVED: _HAS_IT,
    State.ASKED: N_("%(name)s has a question first."),
    State.WAITING: N_("You are on the waiting list of %(name)s."),
    State.ACCEPTED: N_("%(name)s has a place for you."),
    State.DECLINED: N_("%(name)s has no place for you this time."),
    State.NO_ANSWER: N_("%(name)s has not answered."),
    State.WITHDRAWN: N_("%(name)s is not asked any more."),
    State.SKIPPED: N_("%(name)s did not need to be asked."),
    State.ATTENDED: N_("You went to %(name)s."),
    State.MISSED: N_("%(name)s says that you did not come."),
}
CALLS = N_("%(team)s calls %(name)s for you.")
# What happens next, where no day or number belongs to it.
NEXT: Mapping[State, str] = {
    State.PLANNED: N_("They are asked only when the others say no or do not answer."),
    State.ASKED: N_("%(team)s answers it. You do not need to do anything."),
    State.ATTENDED: N_("Do you want to find another group too? Call %(team)s."),
    State.MISSED: N_("Did you go? Then tell us here. Do you still want to go? Call them."),
}
NOT_ABOUT_YOU = N_("That is about their places or rules, not about you.")
OTHERS = N_("Another group is asked for you.")
NO_OTHERS = N_("%(team)s looks for another group with you.")
_KNOW_OF_IT = AT_RECEIVER | {State.ATTENDED, State.MISSED}
# What a group may know, by the codes of a consent.
KNOWS: Mapping[str, str] = {
    "needs": N_("what you need help with"), "level": N_("how much support you look for"),
    "reach": N_("how to reach you"), "identity": N_("your name and number, once they say yes"),
}
ONLY_THAT = N_("only that a place is asked for")


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences for each step, in the order in which they are shown, and who may know what."""

    steps: Sequence[Said]
    consents: Sequence[str]
    may_stop: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One group: where it stands, the first day if there is one, and what comes next."""

    step: Step
    stands: str
    first_day: str
    then: Sequence[str]

    @property
    def may_call(self) -> bool:
        """Whether a call to the group makes sense: it knows of the person, and is not out of it."""
        return bool(self.step.phone) and self.step.state in _KNOW_OF_IT


def told(own: OwnView, today: date) -> Told:
    """All that is said of a referral to the person themself."""
    goes_on = any(one.state in LIVE for one in own.steps)
    steps = [_said(one, own.team, today, goes_on=goes_on) for one in sorted(own.steps, key=_first)]
    return Told(steps, _consents(own.steps), any(one.may_stop for one in own.steps))


def _first(step: Step) -> int:
    """What is going on stands first, then how it ended, then what waits its turn, then what is over."""
    if step.state in AT_RECEIVER:
        return 0
    return 1 if step.state in (State.ATTENDED, State.MISSED) else 2 if step.state is State.PLANNED else 3


def _said(step: Step, team: str, today: date, *, goes_on: bool) -> Said:
    by_phone = step.task.way == BY_PHONE and step.state is State.SENT
    stands = gettext(CALLS if by_phone else STANDS[step.state], name=step.name, team=team)
    first = step.task.first_on if step.state is State.ACCEPTED else None
    return Said(step, stands, wording.day_text(first) if first else "", _then(step, team, today, goes_on=goes_on))


def _then(step: Step, team: str, today: date, *, goes_on: bool) -> list[str]:
    state = step.state
    if state in (State.DECLINED, State.NO_ANSWER):
        further = gettext(OTHERS) if goes_on else gettext(NO_OTHERS, team=team)
        return [gettext(NOT_ABOUT_YOU), further] if state is State.DECLINED else [further]
    if state in ASKABLE:
        return [_until(step, team)]
    if state is State.WAITING:
        return [_weeks(step.task.wait_weeks)]
    if state is State.ACCEPTED:
        over = step.task.first_on is not None and step.task.first_on < today
        return [gettext("Did you go? Then tell us here.") if over
                else gettext("Go there on that day. You can call them before, if you like.")]
    return [gettext(NEXT[state], team=team)] if state in NEXT else []


def _until(step: Step, team: str) -> str:
    if step.task.way == BY_PHONE:
        return gettext("%(team)s tells you what they say.", team=team)
    asked = step.task.sent_at
    if asked is None:
        return gettext("They have not said yes or no yet.")
    return gettext("They have until %(day)s to answer. If they do not, %(team)s looks further.",
                   day=wording.day_text((asked + RECALL_AFTER).date(), year=False), team=team)


def _weeks(count: int | None) -> str:
    if not count:
        return gettext("They did not say how long it takes. You can call them and ask.")
    return ngettext("It takes about %(count)s week, they said. You can call them and ask.",
                    "It takes about %(count)s weeks, they said. You can call them and ask.", count)


def _consents(steps: Sequence[Step]) -> list[str]:
    """Who may know what, and until when; groups that may know the same stand together."""
    alike: dict[tuple[date, tuple[str, ...]], list[str]] = {}
    for one in steps:
        if one.consent is not None:
            alike.setdefault((one.consent.until, tuple(one.consent.what)), []).append(one.name)
    return [gettext("%(name)s, until %(day)s: %(what)s", name=wording.listed(names), day=wording.day_text(until),
                    what=wording.listed([gettext(KNOWS[one]) for one in what]) or gettext(ONLY_THAT))
            for (until, what), names in alike.items()]
