"""A copy of all that is kept about somebody, and the end of their account."""

from __future__ import annotations

import orjson
from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import own
from finder.accounts.permissions import Action
from finder.errors import Conflict
from finder.listings import of_person
from finder.referrals import owners
from finder.teams import of_person as of_member
from finder.web import audited
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, refused
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_out


@desk.page("/copy", Action.OWN_ACCOUNT, fresh=True)
def copy() -> ResponseReturnValue:
    """All that is kept about you, as a JSON file"""
    held, number = services(), actor().account_id
    with held.database.reading() as session:
        found = {**own.copy(session, number, now=held.now()), **of_person.copy(session, number),
                 **of_member.copy(session, number)}
    audited.exported()
    response = Response(orjson.dumps(found, option=orjson.OPT_INDENT_2), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    return response


@desk.page("/delete", Action.OWN_ACCOUNT, methods=("GET", "POST"), fresh=True)
def delete() -> ResponseReturnValue:
    """Delete your account"""
    held, number = services(), actor().account_id
    if request.method == "GET":
        return render("account/delete", errors={}, form={}, number=number)
    try:
        with held.database.transaction() as session:
            of_person.leave(session, number)
            owners.leave_all(session, number)
            of_member.leave(session, number, now=held.now())
            own.delete_account(session, number, now=held.now())
    except Conflict as wrong:
        return again("account/delete", refused("", wrong.code), number=number)
    now_signed_out()
    return redirect(link()("account.deleted"), 303)


@desk.open_page("/deleted")
def deleted() -> ResponseReturnValue:
    """Says that the account is deleted"""
    return render("account/deleted")
