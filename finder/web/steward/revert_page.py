"""Taking back all that one account did: which listings, from when on, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import people
from finder.accounts.permissions import Action, Target
from finder.errors import Invalid, Problem
from finder.listings import reverting
from finder.listings.review import LONGEST_REASON
from finder.web import history_words
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import author
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

MOST_SHOWN = 200  # listings by name; the number of all stands above
NEEDED = {"since": N_("Write a day like 2027-01-14, or leave it empty for everything."),
          "reason": N_("Say why. It stands in the history of every listing.")}


def account_here(session: Any, account: str, **values: Any) -> Target:
    """What this page is about: an account that exists."""
    people.by_public_id(session, account)
    return Target()


@desk.page("/revert/<account>", Action.REVERT_ACCOUNT, about=account_here, methods=("GET", "POST"))
def revert_account(account: str) -> ResponseReturnValue:
    """Take back what an account did"""
    if request.method == "GET":
        return _page(account, {"since": request.args.get("since", "")[:10], "reason": ""}, {})
    form = {"since": request.form.get("since", "").strip()[:10], "reason": request.form.get("reason", "").strip()}
    try:
        since = since_of(form["since"])
        reason = "".join(one for one in form["reason"] if one.isprintable())[:LONGEST_REASON]
        if not reason:
            raise Invalid({"reason": [Problem("required")]})
    except Invalid as wrong:
        return _page(account, form, {name: [gettext(NEEDED[name])] for name in wrong.errors}), 422
    held = services()
    with held.database.transaction() as session:
        found = people.by_public_id(session, account)
        done = reverting.revert_account(session, found.id, author=author(), now=held.now(), since=since, reason=reason)
    return redirect(link()("steward.revert_account", account=account, done=done.changed, left=len(done.refused),
                           since=form["since"]), 303)


def since_of(words: str) -> datetime | None:
    """The start of a day (UTC), None for no words. Raises Invalid under "since"."""
    if not words:
        return None
    try:
        return datetime.strptime(words, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid({"since": [Problem("not_a_date")]}) from None


def _page(account: str, form: dict[str, str], errors: dict[str, list[str]]) -> str:
    try:
        since = since_of(form["since"])
    except Invalid:
        since = None
    with services().database.reading() as session:
        found = people.by_public_id(session, account)
        deeds = reverting.deeds(session, found.id, since=since)
    told = [(one, history_words.moment(one.last_at)) for one in deeds]
    return render("steward/revert", account=account, who=found.name or found.email, form=form, errors=errors,
                  deeds=told[:MOST_SHOWN], count=len(deeds), differing=sum(one.differs for one in deeds),
                  shared=sum(one.others_after for one in deeds), done=_number("done"), left=_number("left"))


def _number(name: str) -> int | None:
    """A count of the deed just done, from the address."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None
