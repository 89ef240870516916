"""The second step of signing in: a code or a passkey, or the way to one for whoever has none yet."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import recovery, second_steps, ways_back
from finder.accounts.models import PASSKEY, TOTP, Account
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, go_on, refused, whereto
from finder.web.account.keys import account_key, tools
from finder.web.account.letting_in import proved
from finder.web.account.passkey_pages import check_passkey
from finder.web.account.wording_of import day
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_in, signed_in


@desk.page("/second-step", Action.OWN_ACCOUNT, methods=("GET", "POST"), first_step=True)
def second_step() -> ResponseReturnValue:
    """The second step of signing in"""
    to, found, held = whereto(), signed_in(), services()
    assert found is not None
    if found.second_step:
        return go_on(to)
    with held.database.reading() as session:
        kinds = {one.kind for one in second_steps.of_account(session, found.actor.account_id)}
        way_back = ways_back.is_open(session, found.actor.account_id, now=held.now())
    if not kinds:
        return render("account/second_step_none", to=to)
    values: dict[str, Any] = {"to": to, "has_app": TOTP in kinds, "has_passkey": PASSKEY in kinds,
                              "way_back": way_back}
    if request.method == "GET":
        return render("account/second_step", errors={}, form={}, **values)
    try:
        _take(found.actor.account_id)
    except Invalid as wrong:
        return again("account/second_step", wrong, **values)
    return go_on(to)


def _take(account_id: int) -> None:
    """Takes the step that was sent. Raises Invalid, TooOften."""
    held, code, passkey = services(), request.form.get("code", ""), request.form.get("passkey", "")
    with held.database.transaction() as session:
        second_steps.count_try(session, account_id, account_key(account_id), now=held.now())
        if passkey:
            right = check_passkey(session, passkey, account_id) is not None
        else:
            right = second_steps.check_code(session, account_id, code, seal=tools().seal, now=held.now())
        cookie = ""
        if right:
            ways_back.stop(session, session.get_one(Account, account_id), now=held.now())
            cookie = proved(session, second_step=True)
    if not cookie:
        raise refused("passkey" if passkey else "code", "passkey_refused" if passkey else "wrong_code")
    now_signed_in(cookie)


@desk.page("/second-step/lost", Action.OWN_ACCOUNT, methods=("GET", "POST"), first_step=True)
def lost() -> ResponseReturnValue:
    """Ask for a way back when the second step is lost"""
    held, number = services(), actor().account_id
    if request.method == "POST":
        with held.database.transaction() as session:
            ways_back.ask(session, session.get_one(Account, number), now=held.now())
        return redirect(link()("account.lost"), 303)
    with held.database.reading() as session:
        asked = ways_back.is_open(session, number, now=held.now())
    return render("account/lost", asked=asked)


@desk.page("/steps", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def steps() -> ResponseReturnValue:
    """Your second steps: add one, remove one"""
    held, number = services(), actor().account_id
    if request.method == "GET":
        return _steps()
    sent = request.form.get("step", "")
    try:
        with held.database.transaction() as session:
            account = session.get_one(Account, number)
            second_steps.remove(session, account, int(sent) if sent.isascii() and sent.isdigit()
                                and len(sent) < 10 else -1, now=held.now())
            cookie = proved(session)
    except Conflict as wrong:
        return _steps(refused("step", wrong.code))
    now_signed_in(cookie)
    return redirect(link()("account.steps"), 303)


def _steps(wrong: Invalid | None = None) -> ResponseReturnValue:
    with services().database.reading() as session:
        values: dict[str, Any] = {"steps": second_steps.of_account(session, actor().account_id), "day": day,
                                  "codes": recovery.left(session, actor().account_id)}
    return again("account/steps", wrong, **values) if wrong else render("account/steps", errors={}, form={}, **values)
