"""Ways back for whoever lost their second step: somebody agrees, a day goes by, a mailed link removes it."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import people, ways_back
from finder.accounts.models import Account
from finder.accounts.permissions import Action
from finder.errors import Conflict, NotFound
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, refused
from finder.web.account.wording_of import moment
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, signed_in


@desk.page("/people/ways-back", Action.APPROVE_WAY_BACK, methods=("GET", "POST"))
def asked_ways_back() -> ResponseReturnValue:
    """Who lost their second step and asks to be let in again"""
    held, form = services(), request.form
    if request.method == "GET":
        return render("account/ways_back", errors={}, form={}, **_waiting())
    decide = ways_back.approve if form.get("decision") == "yes" else ways_back.refuse
    try:
        with held.database.transaction() as session:
            account = people.by_public_id(session, form.get("person", ""))
            decide(session, account, actor=actor(), now=held.now())
    except Conflict as wrong:
        return again("account/ways_back", refused("", wrong.code), **_waiting())
    except NotFound:  # somebody else was first, or the person found it
        pass
    return redirect(link()("account.asked_ways_back"), 303)


@desk.page("/second-step/found", Action.OWN_ACCOUNT, methods=("POST",))
def stop_way_back() -> ResponseReturnValue:
    """Ends one's own request for a way back"""
    held = services()
    with held.database.transaction() as session:
        ways_back.stop(session, session.get_one(Account, actor().account_id), now=held.now())
    return redirect(link()("account.home"), 303)


@desk.open_page("/way-back/<secret>", methods=("GET", "POST"))
def way_back(secret: str) -> ResponseReturnValue:
    """The mailed link of a way back: the page asks, its button removes the second step"""
    signed_in()  # so that the page is never stored
    held = services()
    if request.method == "GET":
        with held.database.reading() as session:
            there = ways_back.look(session, secret, now=held.now())
        return render("account/way_back", secret=secret, state=there.state)
    try:
        with held.database.transaction() as session:
            ways_back.use(session, secret, now=held.now())
    except Conflict:
        pass  # used before, or too old; the page says which
    return redirect(link()("account.way_back", secret=secret), 303)


def _waiting() -> dict[str, Any]:
    held = services()
    with held.database.reading() as session:
        return {"waiting": ways_back.waiting(session, now=held.now()), "moment": moment}
