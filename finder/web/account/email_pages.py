"""Changing one's address: proved by a link at the new one, and told to the old one."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import entering, own
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, email, masked
from finder.web.account.keys import sender_keys
from finder.web.account.letting_in import kept_in
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_in, signed_in


@desk.page("/email", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def change_email() -> ResponseReturnValue:
    """Change your address"""
    if request.method == "GET":
        return render("account/email", errors={}, form={})
    held = services()
    try:
        address = email()
    except Invalid as wrong:
        return again("account/email", wrong, form=request.form)
    with held.database.transaction() as session:
        entering.count_letter(session, sender_keys(address), now=held.now())
        own.ask_email(session, actor().account_id, address, now=held.now())
    return redirect(link()("account.email_sent"), 303)


@desk.page("/email/sent", Action.OWN_ACCOUNT)
def email_sent() -> ResponseReturnValue:
    """Says that a letter is on its way to the new address"""
    return render("account/email_sent")


@desk.open_page("/email/<secret>", methods=("GET", "POST"))
def new_email(secret: str) -> ResponseReturnValue:
    """The link at a new address: the page asks, its button changes it"""
    found, held = signed_in(), services()
    with held.database.reading() as session:
        there = own.look_email(session, secret, now=held.now())
    if request.method == "POST" and there.state == "open" and (found is None
                                                               or found.actor.account_id != there.account_id):
        # An address typed wrongly is somebody else's, who must not get the account with the letter.
        return redirect(link()("account.sign_in", to=request.path), 303)
    if request.method == "POST":
        return _prove(secret)
    return render("account/new_email", secret=secret, state=there.state, who=masked(str(there.facts["email"])),
                  here=found is not None, taken=False)


def _prove(secret: str) -> ResponseReturnValue:
    found, held = signed_in(), services()
    try:
        with held.database.transaction() as session:
            there = own.look_email(session, secret, now=held.now())
            own_browser = found is not None and found.actor.account_id == there.account_id
            own.prove_email(session, secret, now=held.now(), but=found.key if found and own_browser else None)
            cookie = kept_in(session) if own_browser else ""
    except Conflict as wrong:
        if wrong.code == "taken":
            return render("account/new_email", secret=secret, state="used", who="", here=found is not None,
                          taken=True), 409
        return redirect(link()("account.new_email", secret=secret), 303)
    if cookie:
        now_signed_in(cookie)
    return redirect(link()("account.new_email", secret=secret), 303)
