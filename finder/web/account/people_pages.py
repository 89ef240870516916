"""People for administrators: who has an account, who may do what, inviting, closing and opening accounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import people, roles
from finder.accounts.models import Account
from finder.accounts.permissions import NOTHING, Action, Granted, Role, Scope, Target
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, of_person
from finder.teams import membership
from finder.teams import of_person as of_member
from finder.web.account import wording_of
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, email, in_words, refused
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor, now_signed_out
from finder.wordings import states
from finder.wordings.language import language

PER_PAGE = 50
LONGEST_NUMBER = 9
_GIVEN_HERE = tuple(one for one in Role if one is not Role.PROVIDER)  # providers come in by a team
_PAGE = re.compile(r"/programs/([^/?#]+)")


def person_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about one person is about; raises NotFound for nobody."""
    people.by_public_id(session, key)
    return NOTHING


@desk.page("/people", Action.SEE_PEOPLE, methods=("GET", "POST"))
def everybody() -> ResponseReturnValue:
    """People with an account. Words to look for go by POST, so that no address holds a name"""
    held, words, role = services(), request.form.get("words", ""), request.values.get("role", "")
    sent = request.args.get("after", "")
    after = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_NUMBER else 0
    chosen = Role(role) if role in set(Role) else None
    with held.database.reading() as session:
        found = people.listed(session, words=words, role=chosen, after=after, most=PER_PAGE + 1)
        invited = roles.invitations(session, now=held.now())
        names = _names(session, [one for person in found for one in person.grants] + [one.grant for one in invited])
    rows = [(one, wording_of.grants(one.grants, names)) for one in found[:PER_PAGE]]
    more = found[PER_PAGE - 1].id if len(found) > PER_PAGE and not words else 0
    return render("account/people", rows=rows, words=words, role=chosen or "", roles=_roles(), more=more,
                  invited=[(one.email, *wording_of.grants([one.grant], names)) for one in invited],
                  day=wording_of.day)


@desk.page("/people/invite", Action.CHANGE_PEOPLE, methods=("GET", "POST"))
def invite() -> ResponseReturnValue:
    """Invite somebody by their address, with a role"""
    held = services()
    if request.method == "GET":
        return render("account/invite", errors={}, form={}, chosen=(), **_choices())
    try:
        address = email()
        with held.database.transaction() as session:
            for one in _grants(session):
                roles.invite(session, address, one, by=actor().author, now=held.now(), locale=language())
    except Invalid as wrong:
        return _invite_again(wrong)
    except Conflict as wrong:
        return _invite_again(refused("email", wrong.code))
    return redirect(link()("account.everybody"), 303)


def _invite_again(wrong: Invalid) -> ResponseReturnValue:
    return again("account/invite", wrong, form=request.form, chosen=request.form.getlist("state"), **_choices())


@desk.page("/people/<key>", Action.CHANGE_PEOPLE, about=person_here, methods=("GET", "POST"))
def person(key: str) -> ResponseReturnValue:
    """One person: their roles, and whether their account is open"""
    held = services()
    if request.method == "GET":
        return _person(key, {})
    try:
        with held.database.transaction() as session:
            account = people.by_public_id(session, key)
            _change(session, account)
    except Invalid as wrong:
        return _person(key, in_words(wrong.errors)), 422
    except Conflict as wrong:
        return _person(key, in_words(refused("", wrong.code).errors)), 409
    if account.id == actor().account_id and request.form.get("way") in ("give", "take"):
        now_signed_out()  # one's own rights have changed: sign in anew
        return redirect(link()("account.sign_in"), 303)
    return redirect(link()("account.person", key=key), 303)


def _change(session: Any, account: Account) -> None:
    now, way = services().now(), request.form.get("way")
    if way == "give":
        for one in _grants(session):
            roles.give(session, account, one, by=actor().author, now=now)
    elif way == "take":
        try:
            grant = Granted.of(request.form)
        except (KeyError, ValueError):
            raise NotFound("grant") from None
        if grant.scope is Scope.TEAM:
            membership.let_go(session, account, grant, now=now)
        else:
            roles.take(session, account, grant, now=now)
    elif way == "disable":
        roles.disable(session, account, now=now)
    elif way == "enable":
        roles.enable(session, account, now=now)


def _person(key: str, errors: dict[str, list[str]]) -> str:
    with services().database.reading() as session:
        found = people.shown(session, people.by_public_id(session, key))
        held = wording_of.grants(found.grants, _names(session, found.grants))
    return render("account/person", person=found, held=held, errors=errors, form=request.form, day=wording_of.day,
                  chosen=request.form.getlist("state"), **_choices())


def _names(session: Any, grants: Sequence[Granted]) -> dict[Granted, tuple[str, str]]:
    return of_person.names(session, grants) | of_member.names(session, grants)


def _grants(session: Any) -> list[Granted]:
    """The roles that a form gives. Raises Invalid by field."""
    role, scope = request.form.get("role", ""), request.form.get("scope", "")
    if role not in _GIVEN_HERE:
        raise refused("role", "no_role")
    if role == Role.ADMINISTRATOR or scope not in set(Scope) or scope in (Scope.ALL, Scope.TEAM):
        return [Granted(Role(role))]
    if scope == Scope.STATE:
        chosen = [code for code in states.NAMES if code in request.form.getlist("state")]
        if not chosen:
            raise refused("state", "no_state")
        return [Granted(Role(role), Scope.STATE, f"US:{code}") for code in chosen]
    return [_of_listing(session, Role(role), Scope(scope))]


def _of_listing(session: Any, role: Role, scope: Scope) -> Granted:
    """A role for the listing whose page's address was sent, or for the organization it names."""
    sent = request.form.get("listing", "").strip()
    found = _PAGE.search(sent)
    try:
        there = changes.find(session, found[1] if found else sent)
    except NotFound:
        raise refused("listing", "no_listing") from None
    if scope is Scope.PROGRAM:
        return Granted(role, scope, str(there.id))
    if there.organization_id is None:
        raise refused("listing", "no_organization")
    return Granted(role, scope, str(there.organization_id))


def _roles(*some: Role) -> list[tuple[str, str]]:
    return [(one.value, wording_of.role(one)) for one in some or Role]


def _choices() -> dict[str, Any]:
    return {"roles": _roles(*_GIVEN_HERE), "states": sorted(((code, states.name(code)) for code in states.NAMES),
                                                key=lambda one: one[1])}
