"""The crisis numbers of this site, when each was looked at last, and saying that it was today. Nothing here changes a
number: they are part of the program."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import naming
from finder.accounts.permissions import Action
from finder.upkeep import crisis_checks
from finder.upkeep.crisis_checks import State
from finder.web.desk import render
from finder.web.help_now import Reach, reach
from finder.web.pages import help_now, link, services
from finder.web.signed_in import actor
from finder.web.steward.blueprint import desk
from finder.wordings.language import day, gettext, language


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. `seen`: when and by whom it was looked at last, in words."""

    state: State
    name: str
    about: str
    ways: tuple[Reach, ...]
    seen: str


@desk.page("/crisis-lines", Action.SET_INSTANCE, methods=("GET", "POST"), fresh=True)
def crisis_lines() -> ResponseReturnValue:
    """The crisis numbers, and when each was checked last"""
    held, lines = services(), help_now().lines
    if request.method == "GET":
        with held.database.reading() as session:
            states = crisis_checks.states(session, lines, held.now())
            called = naming.names(session, [one.account_id for one in states])
        rows = [_row(one, called[one.account_id].name if one.account_id in called else "") for one in states]
        return render("steward/crisis_lines", rows=rows, due=sum(one.due for one in states),
                      days=crisis_checks.EVERY.days, said=request.args.get("said") == "checked",
                      none=request.args.get("said") == "none")
    chosen = set(request.form.getlist("line"))
    looked = [one for one in lines if one.id in chosen]
    if not looked:
        return redirect(link()("steward.crisis_lines", said="none"), 303)
    with held.database.transaction() as session:
        crisis_checks.note(session, looked, account_id=actor().account_id, now=held.now())
    return redirect(link()("steward.crisis_lines", said="checked"), 303)


def _row(state: State, name: str) -> Row:
    line = state.line
    if state.at is None:
        seen = gettext("Nobody has checked it here yet.")
    elif name:
        seen = gettext("Checked %(day)s by %(name)s", day=day(state.at.date()), name=name)
    else:
        seen = gettext("Checked %(day)s", day=day(state.at.date()))
    return Row(state, line.name.of(language()), line.about.of(language()),
               tuple(reach(way, line) for way in line.ways), seen)
