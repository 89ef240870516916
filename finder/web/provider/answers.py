"""How programs answer the team: how fast, how often with a yes, and where no answer comes. Nothing is ranked by it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_percent
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.catalog.models import PUBLISHED
from finder.errors import NotFound
from finder.listings import changes
from finder.referrals import insight
from finder.referrals.insight import ALL, FEWEST_OF_TEAM, Answers, Poor
from finder.web.desk import render
from finder.web.pages import services
from finder.web.provider.blueprint import desk, my_team
from finder.wordings.language import gettext, locale, ngettext, number, since

BAR = 300  # units of width
_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: its class, where it begins and how wide it is."""

    kind: str
    left: int
    wide: int


@dataclass(frozen=True, slots=True)
class Line:
    """How one program answered. `slug` is empty for one that is not in the list any more; "" stands for "too few to
    say" in shares and times."""

    name: str
    slug: str
    asked: int
    answered: int
    time: str
    yes: str
    silent: str
    came: str
    unsettled: int
    parts: list[Part]
    poor: str


@desk.page("/answers", Action.SEE_REFERRAL)
def answers() -> ResponseReturnValue:
    """How programs answer your team"""
    today = services().now().date()
    with services().database.reading() as session:
        found = insight.answers(session, my_team(), today=today)
        poor = insight.poor(session, [one.program_id for one in found], my_team(), today=today)
        lines = [_line(one, *_name(session, one.program_id), poor.get(one.program_id)) for one in found]
    return render("provider/answers", lines=lines, months=insight.MONTHS, fewest=FEWEST_OF_TEAM,
                  kinds=[(kind, words) for kind, _, words in _kinds()], poor=[one for one in lines if one.poor],
                  totals=_totals(found))


def _name(session: Any, program: uuid.UUID) -> tuple[str, str]:
    """What a program is called, and its address while it is in the list."""
    try:
        there = changes.find(session, program)
    except NotFound:
        return gettext("A group that is gone"), ""
    return str(there.document["name"]), (there.slug or str(there.id)) if there.state == PUBLISHED else ""


def _line(one: Answers, name: str, slug: str, poor: Poor | None) -> Line:
    enough = one.settled >= FEWEST_OF_TEAM
    share = one.accepted_share if enough else None
    silent = one.no_answer_share if enough else None
    return Line(
        name, slug, one.asked, one.answered, _time(one.mean_hours),
        "" if share is None else format_percent(share, locale=locale()),
        "" if silent is None else format_percent(silent, locale=locale()),
        gettext("%(count)s of %(all)s", count=number(one.came[0]), all=number(one.came[1])) if one.came else "",
        one.unsettled, _bar(one) if enough else [], _poor_words(poor))


def _time(hours: float | None) -> str:
    if hours is None:
        return ""
    if hours < _HOURS_A_DAY:
        whole = max(1, round(hours))
        return ngettext("%(num)s hour", "%(num)s hours", whole)
    return since(hours / _HOURS_A_DAY)


def _kinds() -> tuple[tuple[str, str, str], ...]:
    """The pieces of a bar: class, count of Answers, words."""
    return (("g1", "accepted", gettext("Yes")), ("g2", "waiting", gettext("Waiting list")),
            ("g3", "declined", gettext("No")), ("g4", "no_answer", gettext("No answer")))


def _bar(one: Answers) -> list[Part]:
    found, left = list[Part](), 0
    for kind, name, _ in _kinds():
        wide = round(BAR * getattr(one, name) / one.settled) if one.settled else 0
        if wide:
            found.append(Part(kind, left, max(1, wide - 2)))
        left += wide
    return found


def _poor_words(poor: Poor | None) -> str:
    if poor is None:
        return ""
    if poor.whose == ALL or poor.settled is None or poor.no_answer is None:
        return gettext("Teams that ask here often get no answer. Call as well.")
    return gettext("%(count)s of %(all)s of your requests got no answer. Call as well.",
                   count=number(poor.no_answer), all=number(poor.settled))


def _totals(found: Sequence[Answers]) -> Mapping[str, int]:
    names = ("asked", "answered", "accepted", "no_answer", "unsettled")
    return {name: sum(getattr(one, name) for one in found) for name in names}
