"""Setting a password, or doing without one."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import own, passwords
from finder.accounts.models import Account
from finder.accounts.permissions import Action
from finder.errors import Invalid
from finder.web.account.blueprint import desk
from finder.web.account.forms import again
from finder.web.account.keys import tools
from finder.web.account.letting_in import proved
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import now_signed_in, signed_in


@desk.page("/password", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def password() -> ResponseReturnValue:
    """Set or remove your password"""
    held, found = services(), signed_in()
    assert found is not None
    with held.database.reading() as session:
        has_one = session.get_one(Account, found.actor.account_id).password_hash is not None
    if request.method == "GET":
        return render("account/password", errors={}, form={}, has_one=has_one, email=found.email)
    new = request.form.get("password", "")
    remove = request.form.get("way") == "remove"
    wrong = None if remove else passwords.problem(new, email=found.email, site=held.settings.site_name)
    if wrong is not None:
        return again("account/password", Invalid({"password": [wrong]}), has_one=has_one, email=found.email)
    kept = None if remove else tools().passwords.keep(new)
    with held.database.transaction() as session:
        own.set_password(session, found.actor.account_id, kept, but=found.key, now=held.now())
        cookie = proved(session)
    now_signed_in(cookie)
    return redirect(link()("account.home"), 303)
