"""Claims that a steward decides: who says that a listing is theirs, how they would show it, and who objects."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action, Scope, Target, may
from finder.errors import Invalid, Problem
from finder.listings import changes, claim_queue, claims
from finder.web import open_form
from finder.web.desk import render, target_of
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_

OWN = {"reason.required": N_("Say why, so that they know."), "answer.required": N_("Choose yes or no.")}


def claim_here(session: Any, claim: str, **values: Any) -> Target:
    """What a page about one claim is about: its listing."""
    return target_of(changes.find(session, claims.find(session, claim).program_id))


@desk.page("/claims", Action.DECIDE_CLAIM)
def claims_waiting() -> ResponseReturnValue:
    """Who wants to edit a listing"""
    held = services()
    with held.database.reading() as session:
        found = [one for one in claim_queue.waiting(session, now=held.now())
                 if may(actor(), Action.DECIDE_CLAIM, target_of(one.listing))]
    return render("steward/claims", claims=found, wording=wording)


@desk.page("/claims/<claim>", Action.DECIDE_CLAIM, about=claim_here, methods=("GET", "POST"))
def decide_claim(claim: str) -> ResponseReturnValue:
    """Decide who may edit a listing"""
    if request.method == "GET":
        return _page(claim, {}, {})
    form = {name: request.form.get(name, "") for name in ("answer", "reason", "scope")}
    try:
        _decide(claim, form)
    except Invalid as wrong:
        return _page(claim, form, wrong.errors), 422
    return redirect(link()("steward.claims_waiting"), 303)


def _decide(claim: str, form: dict[str, str]) -> None:
    held = services()
    if form["answer"] not in ("yes", "no"):
        raise Invalid({"answer": [Problem("required")]})
    scope = Scope.ORGANIZATION if form["scope"] == Scope.ORGANIZATION else Scope.PROGRAM
    with held.database.transaction() as session:
        claims.decide(session, claims.find(session, claim), form["answer"] == "yes", author=author(), now=held.now(),
                      reason=form["reason"], scope=scope)


def _page(claim: str, form: dict[str, str], errors: dict[str, list[Problem]]) -> str:
    held = services()
    with held.database.reading() as session:
        found = claim_queue.shown(session, claims.find(session, claim), now=held.now())
    return render("steward/claim", claim=found, form=form, errors=open_form.words(errors, OWN),
                  document=found.listing.document, own=found.person_id == actor().account_id)
