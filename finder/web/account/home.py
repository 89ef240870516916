"""The first page of an account: who is signed in and where, what they may edit, and the ways to change it."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import own, people, recovery, second_steps, sign_ins, ways_back
from finder.accounts.models import Account
from finder.accounts.permissions import Action
from finder.errors import Invalid
from finder.listings import of_person
from finder.teams import of_person as of_member
from finder.web.account import wording_of
from finder.web.account.blueprint import desk
from finder.web.account.forms import in_words, text
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_out, sign_in_cookie, signed_in

LONGEST_NAME = 100


@desk.page("/", Action.OWN_ACCOUNT)
def home() -> ResponseReturnValue:
    """Your account"""
    return _page()


@desk.page("/settings", Action.OWN_ACCOUNT, methods=("GET", "POST"))
def settings() -> ResponseReturnValue:
    """Name and language"""
    if request.method == "GET":
        return redirect(link()("account.home"), 303)
    held, locale = services(), request.form.get("language", "")
    try:
        name = text("name", LONGEST_NAME)
    except Invalid as wrong:
        return _page(in_words(wrong.errors), request.form.get("name", "")), 422
    if locale not in [one.code for one in link().languages]:
        locale = link().language
    with held.database.transaction() as session:
        own.call(session, actor().account_id, name=name, locale=locale)
    return redirect(link()("account.home"), 303)


@desk.page("/signed-in", Action.OWN_ACCOUNT, methods=("POST",))
def end_browser() -> ResponseReturnValue:
    """Signs other browsers out: one, or all"""
    found, key = signed_in(), request.form.get("browser", "")
    assert found is not None
    with services().database.transaction() as session:
        if key:
            sign_ins.end_one(session, found.actor.account_id, key)
        else:
            sign_ins.end_all(session, found.actor.account_id, but=found.key)
    return redirect(link()("account.home"), 303)


@desk.page("/sign-out", Action.OWN_ACCOUNT, methods=("POST",), first_step=True)
def sign_out() -> ResponseReturnValue:
    """Ends this browser's session"""
    with services().database.transaction() as session:
        sign_ins.end(session, sign_in_cookie().read())
    now_signed_out()
    return redirect(link()("home"), 303)


def _page(errors: dict[str, list[str]] | None = None, name: str | None = None) -> str:
    held, found = services(), signed_in()
    assert found is not None
    number = found.actor.account_id
    with held.database.reading() as session:
        grants = people.grants_of(session, number)
        names = of_person.names(session, grants) | of_member.names(session, grants)
        return render("account/home", person=found, errors=errors or {}, browser=found.key.hex(),
                      form={"name": found.name or "" if name is None else name},
                      has_password=session.get_one(Account, number).password_hash is not None,
                      roles=wording_of.grants(grants, names),
                      browsers=sign_ins.of_account(session, number, now=held.now()),
                      steps=second_steps.of_account(session, number), codes=recovery.left(session, number),
                      way_back=ways_back.is_open(session, number, now=held.now()), day=wording_of.day,
                      moment=wording_of.moment)
