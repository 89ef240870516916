"""Tokens for programs that act for a provider: made with a recent proof, shown on one page once, and ended."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import api_tokens
from finder.accounts.api_tokens import TokenScope
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, Problem
from finder.web import open_form
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.provider.blueprint import desk
from finder.web.signed_in import actor
from finder.wordings.language import N_

DAYS = (30, 90, 180, 365)
LONGEST_NUMBER = 3
ALLOWS: Mapping[str, str] = {
    TokenScope.READ_REFERRALS: N_("See your team’s referrals"),
    TokenScope.WRITE_REFERRALS: N_("Make and change referrals"),
}
OWN = {"name.required": N_("Write what the key is for."),
       "scopes.required": N_("Choose at least one thing it may do."),
       "days.out_of_range": N_("Choose how long it is good."),
       "too_many": N_("You have ten keys. End one before you make another.")}


@desk.page("/tokens", Action.MAKE_TOKEN, methods=("GET", "POST"))
def tokens() -> ResponseReturnValue:
    """Tokens for programs that act for you"""
    held, number = services(), actor().account_id
    if request.method == "GET":
        return _page({}, {})
    if "end" in request.form:
        with held.database.transaction() as session:
            api_tokens.end(session, number, request.form["end"], now=held.now())
        return redirect(link()("provider.tokens"), 303)
    sent = request.form.get("days", "")
    days = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_NUMBER else 0
    try:
        with held.database.transaction() as session:
            secret = api_tokens.make(session, number, request.form.get("name", ""), request.form.getlist("scopes"),
                                     days=days, now=held.now())
    except Invalid as wrong:
        return _page(request.form, wrong.errors), 422
    except Conflict as wrong:
        return _page(request.form, {"": [Problem(wrong.code)]}), 409
    return _page({}, {}, secret)  # on this page and never again: the secret goes into no address and no cookie


def _page(form: Mapping[str, str], errors: dict[str, list[Problem]], secret: str = "") -> str:
    held = services()
    with held.database.reading() as session:
        found = api_tokens.open_ones(session, actor().account_id, now=held.now())
    return render("provider/tokens", tokens=found, made=secret, form=form, days=DAYS, allows=ALLOWS, wording=wording,
                  chosen=request.form.getlist("scopes") if form else (), errors=open_form.words(errors, OWN))
