"""“I run this group”: asking for the right to edit a listing, and the pages behind the letters about it.

A letter's link shows a page; only its buttons change anything, and they work once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, may
from finder.errors import Invalid, NotFound, Problem, TooOften
from finder.listings import changes, claims
from finder.listings.claim_ways import ways
from finder.listings.claims import State
from finder.web import open_form
from finder.web.blueprint import seeker
from finder.web.desk import only_for, target_of
from finder.web.pages import link, render, services
from finder.web.report_page import listing
from finder.web.signed_in import actor, signed_in
from finder.wordings.language import N_, gettext

OWN: Mapping[str, str] = {
    "method.required": N_("Choose how you can show that it is yours."),
    "note.required": N_("Say in a few words how we can check that the group is yours."),
}
TOO_MANY: Mapping[str, str] = {
    "claim": N_("You have asked for several groups today. Please try again tomorrow."),
    "claim_mail": N_("Several letters went to this group today. Please try again tomorrow, or let us check."),
}


@seeker.route("/programs/<slug>/claim", methods=["GET", "POST"])
@only_for(Action.CLAIM_LISTING)
def claim(slug: str) -> ResponseReturnValue:
    """Ask to edit a listing that is yours"""
    listing(slug)
    if request.method == "GET":
        return _page(slug, {}, {})
    form = {name: request.form.get(name, "") for name in ("deed", "method", "note")}
    try:
        _do(slug, form)
    except Invalid as wrong:
        return _page(slug, form, wrong.errors), 422
    except TooOften as full:
        return _page(slug, form, {}, gettext(TOO_MANY[full.code])), 429
    return redirect(link()("claim", slug=slug), 303)


def _do(slug: str, form: Mapping[str, str]) -> None:
    """One deed of the claimant: start, hand over to a steward, or take back."""
    held, now = services(), services().now()
    with held.database.transaction() as session:
        program = changes.find(session, slug).id
        if form["deed"] not in ("ask", "withdraw"):
            claims.start(session, program, actor(), form["method"], now=now, note=form["note"])
            return
        mine = claims.current(session, program, actor().account_id, now=now)
        if mine is None:
            raise NotFound("claim")
        if form["deed"] == "withdraw":
            claims.withdraw(session, mine, now=now)
        else:
            claims.ask_steward(session, mine, now=now, note=form["note"])


def _page(slug: str, form: Mapping[str, str], errors: Mapping[str, list[Problem]], closed: str = "") -> str:
    held, me = services(), actor()
    person = signed_in()
    assert person is not None
    with held.database.reading() as session:
        there = changes.find(session, slug)
        mine = claims.current(session, there.id, me.account_id, now=held.now())
        state = claims.stands(mine, now=held.now()) if mine is not None else None
    open_ways = ways(there.document, person.email)
    return render("claim", slug=there.slug, name=there.document["name"], form=form, closed=closed,
                  errors=open_form.words(errors, OWN), state=state, states=State, email=person.email,
                  ways=open_ways, yours=may(me, Action.EDIT_LISTING, target_of(there)))


# -- behind the letters ----------------------------------------------------------------------------------------------


@seeker.route("/claims/<secret>", methods=["GET", "POST"])
def claim_letter(secret: str) -> ResponseReturnValue:
    """Say whether somebody may edit your listing"""
    return _letter(secret, "claim", {"yes": claims.confirm, "no": _object("claim")})


@seeker.route("/claims/<secret>/objection", methods=["GET", "POST"])
def claim_objection(secret: str) -> ResponseReturnValue:
    """Say that somebody should not edit your listing"""
    return _letter(secret, "claim_object", {"no": _object("claim_object")})


Deed = Callable[..., str]


def _object(purpose: str) -> Deed:
    def deed(session: Any, secret: str, *, now: Any) -> str:
        return claims.objects(session, secret, purpose, now=now)
    return deed


def _letter(secret: str, purpose: str, deeds: Mapping[str, Deed]) -> ResponseReturnValue:
    g.personal = True
    held, now = services(), services().now()
    if request.method == "POST":
        deed = deeds.get(request.form.get("answer", ""))
        if deed is not None:
            with held.database.transaction() as session:
                deed(session, secret, now=now)
        return redirect(link()("claim_letter" if purpose == "claim" else "claim_objection", secret=secret), 303)
    with held.database.reading() as session:
        asked = claims.look(session, secret, purpose, now=now)
    return render("claim_letter", asked=asked, name=asked.listing.document["name"], purpose=purpose, states=State,
                  path=request.path)
