"""The team: what it is called, who is in it, inviting a colleague, one's own numbers, and going."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import editors, roles
from finder.accounts.permissions import Action, Target
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.referrals import owners
from finder.teams import joining, membership, numbers
from finder.teams.membership import Colleague
from finder.web import open_form
from finder.web.desk import allow, render
from finder.web.pages import link, services
from finder.web.provider.blueprint import desk, my_team, sender
from finder.web.provider.join import NUMBER_WORDS, OWN
from finder.web.signed_in import actor, author, now_signed_out
from finder.wordings.language import N_, language

INVITE_WORDS = {
    "is_editor": N_("This person is in your team already."),
    "other_team": N_("This person is in another team, and nobody can be in two. They have to leave that one first."),
    "invited": N_("This person has an invitation from your team already."),
    "too_many_letters": N_("That is enough letters for today. Please try again tomorrow."),
}
LEAVE_WORDS = {"to.required": N_("Choose who looks after your referrals from now on."),
               "last_member": N_("You are the only one here. Invite somebody first, or ask a steward to end the team.")}
DONE = {"invited": N_("The invitation is on its way. It is good for seven days."),
        "void": N_("The invitation is void."),
        "saved": N_("This is saved."),
        "removed": N_("This person is out of the team. We told them. Their referrals are yours now.")}


def colleague_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about one member is about: their team. Raises NotFound for somebody who is in none."""
    found = membership.team_of(session, membership.account_of(session, key))
    if found is None:
        raise NotFound("page")
    return Target(team=found)


@desk.page("/team", Action.SEE_TEAM, methods=("GET", "POST"))
def team() -> ResponseReturnValue:
    """Your team: who is in it, and inviting a colleague"""
    if request.method == "GET":
        return _team({}, {})
    allow(Action.CHANGE_TEAM, Target(team=my_team()))
    held, email, now = services(), request.form.get("email", "").strip(), services().now()
    if "void" in request.form:
        with held.database.transaction() as session:
            roles.void_invitations_to(session, membership.grant_of(my_team()), request.form["void"])
        return redirect(link()("provider.team", done="void"), 303)
    with held.database.transaction() as session:
        allowed = membership.may_try(session, actor().account_id, now=now)
    try:
        if not allowed:
            raise Invalid({"email": [Problem("too_many_letters")]})
        with held.database.transaction() as session:
            membership.invite(session, email, my_team(), by=author().name, account_id=actor().account_id, now=now,
                              locale=language())
    except Invalid as wrong:
        return _team({"email": email}, open_form.words(wrong.errors, INVITE_WORDS)), 422
    return redirect(link()("provider.team", done="invited"), 303)


def _team(form: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    with services().database.reading() as session:
        found, there = joining.find(session, my_team()), membership.members(session, my_team())
        invited = editors.invited(session, membership.grant_of(my_team()), now=services().now())
    return render("provider/team", team=found, people=there, mine=_mine(there), invited=invited, form=form,
                  errors=errors, done=DONE.get(request.args.get("done", "")), wording=wording)


def _mine(there: list[Colleague]) -> Colleague | None:
    return next((one for one in there if one.account_id == actor().account_id), None)


@desk.page("/team/change", Action.CHANGE_TEAM, methods=("GET", "POST"))
def change_team() -> ResponseReturnValue:
    """Name, phone and numbers of your team"""
    held = services()
    if request.method == "GET":
        with held.database.reading() as session:
            found = joining.find(session, my_team())
        return render("provider/team_change", errors={}, form={
            one: getattr(found, one) or "" for one in ("name", "phone", "npi", "register", "number")}
            | {"name": found.wanted_name or found.name})
    try:
        with held.database.transaction() as session:
            joining.change(session, joining.find(session, my_team()), joining.read(request.form))
    except Invalid as wrong:
        return render("provider/team_change", errors=open_form.words(wrong.errors, OWN), form=request.form), 422
    return redirect(link()("provider.team", done="saved"), 303)


@desk.page("/team/numbers", Action.SEE_TEAM, methods=("GET", "POST"))
def own_numbers() -> ResponseReturnValue:
    """Your own numbers in registers"""
    held = services()
    if request.method == "GET":
        with held.database.reading() as session:
            found = _mine(membership.members(session, my_team()))
        kept = found.numbers if found is not None else numbers.Numbers()
        return render("provider/team_numbers", errors={}, form={
            one: getattr(kept, one) or "" for one in ("npi", "register", "number")})
    try:
        with held.database.transaction() as session:
            membership.set_numbers(session, actor().account_id, numbers.read(request.form), now=held.now())
    except Invalid as wrong:
        return render("provider/team_numbers", errors=open_form.words(wrong.errors, NUMBER_WORDS),
                      form=request.form), 422
    return redirect(link()("provider.team", done="saved"), 303)


# -- going -----------------------------------------------------------------------------------------------------------


@desk.page("/team/people/<key>", Action.CHANGE_TEAM, about=colleague_here, methods=("GET", "POST"))
def colleague(key: str) -> ResponseReturnValue:
    """One member, and taking them out of the team"""
    with services().database.reading() as session:
        found = membership.member(session, my_team(), key)
    if found.account_id == actor().account_id:
        return redirect(link()("provider.leave_team"), 303)
    if request.method == "GET":
        return render("provider/team_person", person=found)
    with services().database.transaction() as session:
        _out(session, found.account_id, actor().account_id)
    return redirect(link()("provider.team", done="removed"), 303)


@desk.page("/team/leave", Action.SEE_TEAM, methods=("GET", "POST"))
def leave_team() -> ResponseReturnValue:
    """Leave your team"""
    with services().database.reading() as session:
        others = [one for one in membership.members(session, my_team()) if one.account_id != actor().account_id]
    if request.method == "GET":
        return _leave(others, {})
    to = next((one for one in others if one.public_id == request.form.get("to")), None)
    if others and to is None:
        return _leave(others, {"to": [Problem("required")]}), 422
    try:
        with services().database.transaction() as session:
            _out(session, actor().account_id, to.account_id if to is not None else None)
    except Conflict as wrong:
        return _leave(others, {"": [Problem(wrong.code)]}), 409
    now_signed_out()
    return redirect(link()("account.sign_in"), 303)


def _leave(others: list[Colleague], errors: dict[str, list[Problem]]) -> str:
    return render("provider/team_leave", others=others, errors=open_form.words(errors, LEAVE_WORDS), form=request.form)


def _out(session: Any, account_id: int, to: int | None) -> None:
    """Takes one member out; what they referred goes to another, who is checked to be there still."""
    now = services().now()
    if to is not None and to not in {one.account_id for one in membership.members(session, my_team())}:
        raise Conflict("stale")
    membership.remove(session, my_team(), account_id, now=now)
    owners.hand_over(session, my_team(), account_id, to, by=sender(), now=now)
