"""Passkeys: what the browser is asked, and the pages that make one and sign in with one."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from finder import limits
from finder.accounts import letters, passkeys
from finder.accounts.models import Account
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, TooOften
from finder.limits import Limit
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, go_on, refused, text, whereto
from finder.web.account.keys import network_key, party
from finder.web.account.letting_in import let_in, proved
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_in, signed_in

LONGEST_NAME = 100
ASKING = Limit("passkey", 60, 300)


def check_passkey(session: Any, answer: str, account_id: int | None = None) -> Account:
    """Whose passkey answered. Raises Invalid."""
    return passkeys.check(session, answer, party(), now=services().now(), account_id=account_id)


@desk.open_page("/passkey/options", methods=("POST",))
def passkey_options() -> ResponseReturnValue:
    """What a passkey is asked in order to sign in, or to prove who is signed in"""
    held, found, key = services(), signed_in(), network_key()
    with held.database.transaction() as session:
        seconds = limits.spend(session, ASKING, key, held.now())
        if seconds:
            raise TooOften("passkey", seconds=seconds)
        asked = passkeys.ask(session, party(), now=held.now(),
                             account_id=found.actor.account_id if found is not None else None)
    return _json(asked)


@desk.open_page("/passkey", methods=("GET", "POST"))
def by_passkey() -> ResponseReturnValue:
    """Signs in with a passkey, which is both steps"""
    to, held = whereto(), services()
    if request.method == "GET" or signed_in() is not None:
        return redirect(link()("account.sign_in", to=to or None), 303)
    try:
        with held.database.transaction() as session:
            account = check_passkey(session, request.form.get("passkey", ""))
            cookie = let_in(session, account.id, second_step=True)
    except Invalid as wrong:
        return again("account/sign_in", wrong, to=to)
    now_signed_in(cookie)
    return go_on(to)


@desk.page("/passkey/new/options", Action.OWN_ACCOUNT, methods=("POST",), fresh=True)
def new_passkey_options() -> ResponseReturnValue:
    """What a device is told in order to make a passkey"""
    held = services()
    with held.database.transaction() as session:
        account = session.get_one(Account, actor().account_id)
        asked = passkeys.ask_new(session, account, party(), now=held.now())
    return _json(asked)


@desk.page("/passkey/new", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def new_passkey() -> ResponseReturnValue:
    """Make a passkey"""
    to, held, number = whereto(), services(), actor().account_id
    if request.method == "GET":
        return render("account/passkey", errors={}, form={}, to=to)
    try:
        name = text("name", LONGEST_NAME)
        with held.database.transaction() as session:
            passkeys.add(session, number, request.form.get("passkey", ""), party(), name=name or None, now=held.now())
            letters.tell(session, session.get_one(Account, number), "step_added", now=held.now())
            cookie = proved(session, second_step=True)
    except Invalid as wrong:
        return again("account/passkey", wrong, form=request.form, to=to)
    except Conflict:
        return again("account/passkey", refused("passkey", "passkey_refused"), form=request.form, to=to)
    now_signed_in(cookie)
    return redirect(link()("account.codes", to=to or None), 303)


def _json(asked: str) -> Response:
    response = Response(asked, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
