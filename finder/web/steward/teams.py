"""Teams of providers: who asks for one, yes or no, and ending one. What a team refers is not to be seen here."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import NOTHING, Action, Target
from finder.errors import Conflict, Invalid, Problem
from finder.teams import joining, npi
from finder.teams.models import APPROVED, ENDED, REFUSED, WAITING
from finder.web import open_form
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_

OWN = {"reason.required": N_("Say why, so that they know."), "answer.required": N_("Choose yes or no."),
       "moved": N_("Somebody else has decided this meanwhile."),
       "other_team": N_("They are in another team by now. Say no, or wait until they have left it."),
       "gone": N_("The account of who asked is closed or gone. You can only say no.")}


def team_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about one team is about; raises NotFound for none. Stewards reach every team, and only its frame."""
    joining.find(session, key)
    return NOTHING


@desk.page("/teams", Action.DECIDE_TEAM)
def teams() -> ResponseReturnValue:
    """Teams of providers, and who asks for one"""
    with services().database.reading() as session:
        asked = joining.listed(session, WAITING)
        there, past = joining.listed(session, APPROVED), joining.listed(session, REFUSED, ENDED)
        renaming = joining.renaming(session)
    return render("steward/teams", asked=asked, renaming=renaming, teams=there, past=past, wording=wording)


@desk.page("/teams/<key>", Action.DECIDE_TEAM, about=team_here, methods=("GET", "POST"))
def team(key: str) -> ResponseReturnValue:
    """One team: decide about it, or end it"""
    if request.method == "GET":
        return _page(key, {}, {})
    form = {name: request.form.get(name, "") for name in ("answer", "reason", "name")}
    try:
        _decide(key, form)
    except Invalid as wrong:
        return _page(key, form, wrong.errors), 422
    except Conflict as wrong:
        return _page(key, form, {"": [Problem(wrong.code)]}), 409
    return redirect(link()("steward.teams"), 303)


def _decide(key: str, form: dict[str, str]) -> None:
    held, number = services(), actor().account_id
    if form["answer"] not in ("yes", "no", "end"):
        raise Invalid({"answer": [Problem("required")]})
    with held.database.transaction() as session:
        found = joining.find(session, key)
        if form["answer"] == "end":
            joining.end(session, found, account_id=number, now=held.now(), reason=form["reason"])
        elif form["name"]:
            joining.decide_name(session, found, form["answer"] == "yes", name=form["name"], account_id=number,
                                now=held.now(), reason=form["reason"])
        else:
            joining.decide(session, found, form["answer"] == "yes", author=author().name, account_id=number,
                           now=held.now(), reason=form["reason"])


def _page(key: str, form: dict[str, str], errors: dict[str, list[Problem]]) -> str:
    with services().database.reading() as session:
        found = joining.shown(session, joining.find(session, key))
    one = found.team
    return render("steward/team", found=found, team=one, form=form, errors=open_form.words(errors, OWN),
                  wording=wording, npi_fits=one.npi is not None and npi.is_valid(one.npi),
                  own=one.asked_by == actor().account_id)
