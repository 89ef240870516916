"""The app on the phone that shows codes, and the ten codes on paper for the day it is gone."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import letters, recovery, sign_ins, totp
from finder.accounts.models import Account
from finder.accounts.permissions import Action
from finder.errors import Invalid
from finder.web import qr
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, refused, whereto
from finder.web.account.keys import tools
from finder.web.account.letting_in import proved
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_in, signed_in

GOOD_SECONDS = 3600  # how long the page with a new app's secret may stay open


@desk.page("/code-app", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def code_app() -> ResponseReturnValue:
    """Set up an app that shows codes"""
    if request.method == "GET":
        return render("account/code_app", errors={}, form={}, **_shown(totp.new_secret()))
    held, number = services(), actor().account_id
    secret = _opened(request.form.get("sealed", ""))
    if secret is None:
        return redirect(link()("account.code_app", to=whereto() or None), 303)
    try:
        step = totp.step_of(secret, request.form.get("code", ""), now=held.now())
        if step is None:
            raise refused("code", "wrong_code")
    except Invalid as wrong:
        return again("account/code_app", wrong, **_shown(secret))
    with held.database.transaction() as session:
        totp.add(session, number, secret, seal=tools().seal, step=step, name=None, now=held.now())
        letters.tell(session, session.get_one(Account, number), "step_added", now=held.now())
        cookie = proved(session, second_step=True)
    now_signed_in(cookie)
    return redirect(link()("account.codes", to=whereto() or None), 303)


@desk.page("/recovery-codes", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def codes() -> ResponseReturnValue:
    """Codes for when the phone is gone; shown once, in the answer to the button"""
    held, number, made = services(), actor().account_id, None
    with held.database.reading() as session:
        left = recovery.left(session, number)
        has_step = sign_ins.has_second_step(session, number)
    if not has_step:
        return redirect(link()("account.steps"), 303)
    if request.method == "POST":
        with held.database.transaction() as session:
            made = recovery.make(session, number, now=held.now())
            letters.tell(session, session.get_one(Account, number), "codes_made", now=held.now())
    return render("account/codes", to=whereto(), left=left, made=made)


def _shown(secret: bytes) -> dict[str, Any]:
    """What the page shows of a secret. Nothing is kept until a code proves that the app has it; the page carries it
    sealed, for this account alone."""
    found, site = signed_in(), services().settings.site_name
    assert found is not None
    sealed = tools().seal.encrypt_at_time(b"%d:" % found.actor.account_id + secret, int(services().now().timestamp()))
    return {"to": whereto(), "sealed": sealed.decode(), "written": totp.written(secret),
            "picture": qr.code(totp.address(secret, email=found.email, site=site))}


def _opened(sealed: str) -> bytes | None:
    try:
        found = tools().seal.decrypt_at_time(sealed.encode("ascii", "replace"), GOOD_SECONDS,
                                             int(services().now().timestamp()))
    except InvalidToken:
        return None
    whose, _, secret = found.partition(b":")
    return secret if whose == b"%d" % actor().account_id and len(secret) == totp.BYTES else None
