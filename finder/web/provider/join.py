"""Asking for a team: what one is, what happens next, and how a request stands. Open to everybody who is signed in."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, Problem, TooOften
from finder.teams import joining
from finder.teams.models import REFUSED, WAITING
from finder.web import open_form
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.provider.blueprint import desk
from finder.web.signed_in import actor, signed_in
from finder.wordings.language import N_

FIELDS = ("name", "phone", "npi", "register", "number", "note")
NUMBER_WORDS = {
    "npi_digits": N_("An NPI has ten digits and starts with 1 or 2. Please look at it again."),
    "npi_check": N_("One digit of this NPI is wrong. Please look at it again."),
    "register.required": N_("Say which register the number is from."),
    "number.required": N_("Write the number, or leave the register empty too."),
}
OWN = {**NUMBER_WORDS, "name.required": N_("Write what your team is called."),
       "team_ask": N_("You have asked three times today. Please try again tomorrow.")}


@desk.page("/join", Action.ASK_TEAM, methods=("GET", "POST"))
def join() -> ResponseReturnValue:
    """Ask for a team of providers"""
    if actor().team is not None:
        return redirect(link()("provider.referrals"), 303)
    if request.method == "GET":
        return _page({}, {})
    form = {name: request.form.get(name, "") for name in FIELDS}
    try:
        if request.form.get("way") == "take_back":
            with services().database.transaction() as session:
                joining.take_back(session, actor().account_id)
        else:
            with services().database.transaction() as session:
                joining.ask(session, actor().account_id, joining.read(form), now=services().now())
    except Invalid as wrong:
        return _page(form, wrong.errors), 422
    except TooOften as full:
        return _page(form, {"": [Problem(full.code)]}), 429
    except Conflict:  # sent twice, or a yes came meanwhile: the page shows how it stands
        pass
    return redirect(link()("provider.join"), 303)


def _page(form: dict[str, str], errors: dict[str, list[Problem]]) -> str:
    found = signed_in()
    assert found is not None
    with services().database.reading() as session:
        asked = joining.asked(session, found.actor.account_id)
    return render("provider/join", form=form, errors=open_form.words(errors, OWN), wording=wording, email=found.email,
                  waiting=asked if asked is not None and asked.state == WAITING else None,
                  refused=asked if asked is not None and asked.state == REFUSED else None)
