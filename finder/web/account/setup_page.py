"""The first administrator, by the link that the console printed."""

from __future__ import annotations

from flask import current_app, request
from flask.typing import ResponseReturnValue

from finder.accounts import setup as first
from finder.errors import Conflict, Invalid
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, email, go_on, text
from finder.web.account.letting_in import let_in
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import now_signed_in, signed_in
from finder.wordings.language import language

LONGEST_NAME = 100


@desk.open_page("/setup/<secret>", methods=("GET", "POST"))
def setup(secret: str) -> ResponseReturnValue:
    """Make the first administrator"""
    signed_in()  # so that the page is never stored
    held = services()
    with held.database.reading() as session:
        state = first.look(session, secret, now=held.now())
    if request.method == "GET" or state != "open":
        return render("account/setup", secret=secret, state=state, errors={}, form={})
    try:
        address, name = email(), text("name", LONGEST_NAME)
        with held.database.transaction() as session:
            account = first.first_administrator(session, secret, email=address, name=name, locale=language(),
                                                now=held.now())
            cookie = let_in(session, account.id)
    except Invalid as wrong:
        return again("account/setup", wrong, form=request.form, secret=secret, state=state)
    except Conflict:
        return render("account/setup", secret=secret, state="used", errors={}, form={}), 409
    now_signed_in(cookie)
    return go_on(link()("account.second_step", to=link()(_next())))


def _next() -> str:
    """Where setting up goes on: the instance itself, where that page is there."""
    there = "steward.instance" in current_app.view_functions
    return "steward.instance" if there else "account.home"
