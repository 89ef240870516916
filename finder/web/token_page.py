"""Keys for programs that act for somebody: made with a recent proof, shown on one page once, and ended. One page for
those who refer people and one for those who keep listings; each shows all keys of the account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import api_tokens
from finder.accounts.api_tokens import LONGEST_DAYS, TokenScope
from finder.errors import Conflict, Invalid, Problem
from finder.web import open_form
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor
from finder.wordings.language import N_, gettext

DAYS = (30, 90, 180, 365)
LONGEST_NUMBER = 3
ALLOWS: Mapping[str, str] = {
    TokenScope.READ_REFERRALS: N_("See your team’s referrals"),
    TokenScope.WRITE_REFERRALS: N_("Make and change referrals"),
    TokenScope.READ_LISTINGS: N_("See the groups you look after"),
    TokenScope.WRITE_LISTINGS: N_("Change your groups and send in new ones"),
}
OWN = {"name.required": N_("Write what the key is for."),
       "name.repeated": N_("You have a key of this name. Choose another name, or end that key first."),
       "scopes.required": N_("Choose at least one thing it may do."),
       "days.out_of_range": N_("Choose how long it is good."),
       "too_many": N_("You have ten keys. End one before you make another.")}
ENDED = N_("The key is ended. It opens nothing any more.")


@dataclass(frozen=True, slots=True)
class Desk:
    """One of the two pages: its name, its template, what keys made there may do, and for how long at most."""

    page: str
    template: str
    area: str
    longest: int = LONGEST_DAYS

    @property
    def scopes(self) -> Collection[TokenScope]:
        return [one for one in TokenScope if one.area == self.area]


def answer(desk: Desk) -> ResponseReturnValue:
    """The page, or what becomes of its forms: a key made, or one ended."""
    held, number = services(), actor().account_id
    if request.method == "GET":
        return _page(desk, {}, {})
    if "end" in request.form:
        with held.database.transaction() as session:
            api_tokens.end(session, number, request.form["end"], now=held.now())
        return redirect(link()(desk.page, said="ended"), 303)
    sent = request.form.get("days", "")
    days = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_NUMBER else 0
    try:
        with held.database.transaction() as session:
            _new_name(session, number, request.form.get("name", ""))
            secret = api_tokens.make(session, number, request.form.get("name", ""), request.form.getlist("scopes"),
                                     days=days, now=held.now(), allowed=desk.scopes, longest=desk.longest)
    except Invalid as wrong:
        return _page(desk, request.form, wrong.errors), 422
    except Conflict as wrong:
        return _page(desk, request.form, {"": [Problem(wrong.code)]}), 409
    return _page(desk, {}, {}, secret)  # on this page and never again: the secret goes into no address and no cookie


def _new_name(session: Any, number: int, name: str) -> None:
    """Raises Invalid where a key of that name is open: a form sent twice makes no second key that nobody ever saw."""
    if any(one.name.casefold() == name.strip().casefold()
           for one in api_tokens.open_ones(session, number, now=services().now())):
        raise Invalid({"name": [Problem("repeated")]})


def _page(desk: Desk, form: Mapping[str, str], errors: dict[str, list[Problem]], secret: str = "") -> str:
    held = services()
    with held.database.reading() as session:
        found = api_tokens.open_ones(session, actor().account_id, now=held.now())
    ended = request.method == "GET" and request.args.get("said") == "ended"
    return render(desk.template, tokens=found, said=gettext(ENDED) if ended else "",
                  made=secret, form=form, to=link()(desk.page), wording=wording,
                  days=[one for one in DAYS if one <= desk.longest], allows=ALLOWS, longest=desk.longest,
                  offered={code: ALLOWS[code] for code in desk.scopes},
                  chosen=request.form.getlist("scopes") if form else (), errors=open_form.words(errors, OWN))
