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

WAYS = ("passkey", "code", "password")  # fields of the forms; the page offers those that the account has


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
    offered = [name for name in WAYS if values[f"has_{name.replace('code', 'app')}"]]
    way = next((name for name in offered if request.form.get(name)), offered[-1] if offered else "")
    if not way:
        return redirect(link()("account.confirm", to=to), 303)
    try:
        _prove(found.actor.account_id, way, kept)
    except Invalid as wrong:
        return again("account/confirm", wrong, **values)
    return go_on(to)


def _prove(account_id: int, name: str, kept: str | None) -> None:
    """Takes the proof that was sent, by one of WAYS. Raises Invalid, TooOften. It is counted before it is read."""
    held, sent, key = services(), request.form.get(name, ""), account_key(account_id)
    with held.database.transaction() as session:
        second_steps.count_try(session, account_id, key, now=held.now())
    right = name == "password" and tools().passwords.is_right(kept, sent)
    cookie = ""
    with held.database.transaction() as session:
        if name == "passkey":
            right = check_passkey(session, sent, account_id) is not None
        elif name == "code":
            right = second_steps.check_code(session, account_id, sent, seal=tools().seal, now=held.now())
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
