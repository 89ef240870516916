"""The team's referrals: what waits for somebody of the team first, then what others have to answer, then the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from finder.accounts import naming
from finder.accounts.naming import Called
from finder.accounts.permissions import Action
from finder.listings import changes
from finder.listings.changes import Listing
from finder.referrals import reading, waiting
from finder.referrals.models import CLOSED, Referral
from finder.referrals.states import State
from finder.referrals.waiting import Turn
from finder.web import history_words
from finder.web.desk import render
from finder.web.pages import services
from finder.web.provider.blueprint import desk, my_team
from finder.web.signed_in import actor
from finder.wordings import referrals as words
from finder.wordings.language import N_, gettext

A_PAGE = 20
TURNS: Mapping[Turn, str] = {
    Turn.YOURS: N_("Waits for you"), Turn.THEIRS: N_("Waits for an answer"), Turn.NOBODY: N_("On its way"),
    Turn.OVER: N_("Closed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One referral of the list. `since` is when it came to stand there; `whose` is "" where it is the reader's own."""

    key: str
    code: str
    turn: str
    is_pressing: bool
    program: str
    state: str
    since: str
    next: str
    whose: str
    is_mine: bool


@desk.page("/", Action.SEE_REFERRAL)
def referrals() -> ResponseReturnValue:
    """Your team's referrals"""
    now, closed = services().now(), request.args.get("show") == CLOSED
    with services().database.reading() as session:
        if closed:
            found, page, pages = reading.of_team(session, my_team(), state=CLOSED, after=request.args.get("after"),
                                                 most=A_PAGE + 1), 0, 1
        else:
            everything = waiting.open_of_team(session, my_team(), today=now.date())
            pages = max(1, -(-len(everything) // A_PAGE))
            page = min(_page(), pages - 1)
            found = everything[page * A_PAGE:(page + 1) * A_PAGE]
        shown = found[:A_PAGE]
        lines = _lines(session, shown, now)
    return render("provider/referrals", lines=lines, closed=closed, page_number=page, pages=pages,
                  after=shown[-1].key if len(found) > A_PAGE else "",
                  pressing=0 if closed else sum(waiting.turn(one, today=now.date()) is Turn.YOURS
                                                for one in everything))


def _page() -> int:
    number = request.args.get("page", "0")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def _lines(session: Any, found: Sequence[Referral], now: datetime) -> list[Line]:
    called = naming.names(session, [one.owner_id for one in found])
    tasks = {one.key: waiting.current(one, today=now.date()) for one in found}
    there = changes.find_all(session, {one.program_id for one in tasks.values()})
    return [_line(one, there.get(tasks[one.key].program_id), called, now) for one in found]


def _line(one: Referral, program: Listing | None, called: Mapping[int, Called], now: datetime) -> Line:
    task, turn = waiting.current(one, today=now.date()), waiting.turn(one, today=now.date())
    owner, planned = called.get(one.owner_id or 0), any(other.state == State.PLANNED for other in one.tasks)
    after = words.task_next_text(
        task.state, way=task.way, due_on=task.due_at.date() if task.due_at else None, reminders=task.reminders,
        first_on=task.first_on, wait_weeks=task.wait_weeks, asks_next=one.asks_next and planned, others=planned,
        today=now.date())
    if turn is Turn.OVER:
        after = ""
    return Line(
        one.key, one.code, gettext(TURNS[turn]), turn is Turn.YOURS,
        program.document["name"] if program is not None else "",
        words.outcome_text(one.outcome) if turn is Turn.OVER else words.state_text(task.state, way=task.way),
        history_words.ago(_since(one), now), after, owner.name if owner is not None else gettext("nobody"),
        one.owner_id == actor().account_id)


def _since(one: Referral) -> datetime:
    """When it came to stand where it stands."""
    return one.closed_at or one.changed_at
