"""The first page of an account: who is signed in, and the way out."""

from __future__ import annotations

from flask import redirect
from flask.typing import ResponseReturnValue

from finder.accounts import sign_ins
from finder.accounts.permissions import Action
from finder.web.account.blueprint import desk
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import now_signed_out, sign_in_cookie, signed_in


@desk.page("/", Action.OWN_ACCOUNT)
def home() -> ResponseReturnValue:
    """Your account"""
    return render("account/home", person=signed_in())


@desk.page("/sign-out", Action.OWN_ACCOUNT, methods=("POST",))
def sign_out() -> ResponseReturnValue:
    """Ends this browser's session"""
    with services().database.transaction() as session:
        sign_ins.end(session, sign_in_cookie().read())
    now_signed_out()
    return redirect(link()("home"), 303)


@desk.open_page("/sign-in", methods=("GET", "POST"))
def sign_in() -> ResponseReturnValue:
    """Sign in"""
    return render("account/sign_in")


@desk.page("/second-step", Action.OWN_ACCOUNT, methods=("GET", "POST"))
def second_step() -> ResponseReturnValue:
    """The second step of signing in"""
    return render("account/home", person=signed_in())


@desk.page("/confirm", Action.OWN_ACCOUNT, methods=("GET", "POST"))
def confirm() -> ResponseReturnValue:
    """Prove again who you are"""
    return render("account/home", person=signed_in())
