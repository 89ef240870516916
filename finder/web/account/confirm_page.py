"""A fresh proof of who is there, asked before what matters most: a password, a code, a passkey, or a mailed link."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import entering, second_steps
from finder.accounts.models import PASSKEY, TOTP, Account
from finder.accounts.permissions import Action
from finder.accounts.sign_ins import SignedIn
from finder.errors import Invalid
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, go_on, refused, whereto
from finder.web.account.keys import account_key, sender_keys, tools
from finder.web.account.letting_in import proved
from finder.web.account.passkey_pages import check_passkey
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import now_signed_in, signed_in


@desk.page("/confirm", Action.OWN_ACCOUNT, methods=("GET", "POST"))
def confirm() -> ResponseReturnValue:
    """Prove again who you are"""
    found, held, to = signed_in(), services(), whereto()
    assert found is not None
    with held.database.reading() as session:
        kept = session.get_one(Account, found.actor.account_id).password_hash
        kinds = {one.kind for one in second_steps.of_account(session, found.actor.account_id)}
    values: dict[str, Any] = {"to": to, "has_password": kept is not None, "has_app": TOTP in kinds,
                              "has_passkey": PASSKEY in kinds}
    if request.method == "GET":
        return go_on(to) if found.fresh else render("account/confirm", errors={}, form={}, **values)
    if request.form.get("way") == "link":
        return _mail(found, to)
    try:
        _prove(found.actor.account_id, kept)
    except Invalid as wrong:
        return again("account/confirm", wrong, **values)
    return go_on(to)


def _prove(account_id: int, kept: str | None) -> None:
    """Takes the proof that was sent. Raises Invalid, TooOften. The try is counted before a password is hashed."""
    held, form, key = services(), request.form, account_key(account_id)
    with held.database.transaction() as session:
        second_steps.count_try(session, account_id, key, now=held.now())
    name = next((one for one in ("passkey", "code", "password") if form.get(one)), "password")
    right = name == "password" and tools().passwords.is_right(kept, form.get("password", ""))
    cookie = ""
    with held.database.transaction() as session:
        if name == "passkey":
            right = check_passkey(session, form["passkey"], account_id) is not None
        elif name == "code":
            right = second_steps.check_code(session, account_id, form["code"], seal=tools().seal, now=held.now())
        if right:
            cookie = proved(session)
    if not cookie:
        raise refused(name, {"code": "wrong_code", "password": "wrong_own_password"}.get(name, "passkey_refused"))
    now_signed_in(cookie)


def _mail(found: SignedIn, to: str) -> ResponseReturnValue:
    held = services()
    with held.database.transaction() as session:
        entering.ask_link(session, found.email, sender_keys(found.email), now=held.now(), to=to, locale=found.locale)
    return redirect(link()("account.sent"), 303)
