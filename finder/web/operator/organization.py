"""An organization with all its groups: edited once for all of them. And who may edit a group or an organization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import editors as editing_people
from finder.accounts.permissions import Action, Granted, Scope, Target
from finder.errors import Conflict, Invalid
from finder.listings import changes, looked_after, organizations
from finder.listings.organizations import Known
from finder.web.desk import listing_here, render
from finder.web.operator import form_view, piece_words
from finder.web.operator.blueprint import desk
from finder.web.operator.editing import typed
from finder.web.operator.form_fields import BEFORE_SESSIONS
from finder.web.operator.form_kinds import Form, Sent
from finder.web.operator.form_view import Control
from finder.web.operator.trust import sender_for
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.wordings.language import N_, gettext, language

FIELDS = BEFORE_SESSIONS[1].fields
WRONG: Mapping[str, str] = {
    "is_editor": N_("This person may edit it already."),
    "too_many_letters": N_("That is enough letters for today. Please try again tomorrow."),
}


def organization_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about an organization is about."""
    known = organizations.find(session, key)
    return Target(organization=known.id, states=known.states)


@desk.page("/organizations/<key>", Action.EDIT_ORGANIZATION, about=organization_here, methods=("GET", "POST"))
def organization(key: str) -> ResponseReturnValue:
    """An organization, its groups, and what it says about itself in all of them"""
    with services().database.reading() as session:
        known = organizations.find(session, key)
    if request.method == "GET":
        return _page(known, _shown(known), None)
    form = typed()
    wanted = {one.path.partition(".")[2]: one.kind.read(one.path, form) for one in FIELDS}
    sender = sender_for(Target(organization=known.id, states=known.states))
    try:
        with services().database.transaction() as session:
            done = organizations.edit(session, known.id, wanted, mark=request.form.get("mark", ""), sender=sender,
                                      now=services().now(), country=services().settings.country)
    except Invalid as wrong:
        return _page(known, form, organizations.at_form(wrong)), 422
    except Conflict as first:
        if first.code != "stale":
            raise
        return _page(_again(key), form, None, moved=True), 409
    if done.waiting:
        return _page(_again(key), None, None, waiting=done.waiting)
    return redirect(link()("operator.organization", key=key, saved="yes"), 303)


def _again(key: str) -> Known:
    with services().database.reading() as session:
        return organizations.find(session, key)


def _shown(known: Known) -> Sent:
    found: Sent = {}
    for one in FIELDS:
        found |= one.kind.show(one.path, known.fields.get(one.path.partition(".")[2]))
    return found


def _page(known: Known, form: Form | None, wrong: Invalid | None, *, waiting: tuple[str, ...] = (),
          moved: bool = False) -> str:
    errors = form_view.problem_words(wrong.errors) if wrong else {}
    with services().database.reading() as session:
        listings = looked_after.of_organization(session, known.id)
    controls, now = (form_view.controls(FIELDS, one, errors) for one in (form or _shown(known), _shown(known)))
    return render("operator/organization", known=known, listings=listings, errors=errors, moved=moved,
                  controls=controls, theirs=_theirs(controls, now) if moved else (),
                  waiting=piece_words.waiting(waiting), saved=request.args.get("saved") == "yes")


def _theirs(typed: Sequence[Control], now: Sequence[Control]) -> list[tuple[str, str]]:
    """What the organization says by now where something else was typed: labels and words."""
    return [(one.label, ", ".join(each.label for each in one.options if each.chosen) or one.value)
            for mine, one in zip(typed, now, strict=True) if mine.value != one.value]


# -- who may edit ----------------------------------------------------------------------------------------------------


@desk.page("/listings/<slug>/editors", Action.EDIT_LISTING, about=listing_here, methods=("GET", "POST"))
def editors(slug: str) -> ResponseReturnValue:
    """Who may edit a group, and inviting another person"""
    with services().database.reading() as session:
        there = changes.find(session, slug)
    grant = editing_people.grant_for(Scope.PROGRAM, str(there.id))
    return _editors(grant, there.document["name"], link()("operator.editors", slug=there.slug))


@desk.page("/organizations/<key>/editors", Action.EDIT_ORGANIZATION, about=organization_here, methods=("GET", "POST"))
def organization_editors(key: str) -> ResponseReturnValue:
    """Who may edit an organization and all its groups, and inviting another person"""
    with services().database.reading() as session:
        known = organizations.find(session, key)
    grant = editing_people.grant_for(Scope.ORGANIZATION, str(known.id))
    return _editors(grant, known.fields["name"], link()("operator.organization_editors", key=key))


def _editors(grant: Granted, name: str, address: str) -> ResponseReturnValue:
    if request.method == "GET":
        return _people(grant, name, address, {}, done=request.args.get("done", ""))
    if "remove" in request.form:
        return _remove(grant, name, address, request.form["remove"])
    email = request.form.get("email", "").strip()
    try:
        with services().database.transaction() as session:
            editing_people.invite(session, email, grant, by=author().name, account_id=actor().account_id,
                                  now=services().now(), locale=language())
    except Invalid as wrong:
        words = {field: [gettext(WRONG[one.code]) if one.code in WRONG else form_view.problem_words({"": [one]})[""][0]
                         for one in many] for field, many in wrong.errors.items()}
        return _people(grant, name, address, words, email=email), 422
    return redirect(f"{address}?done=invited", 303)


def _remove(grant: Granted, name: str, address: str, public_id: str) -> ResponseReturnValue:
    """Takes the right away; the last editor's, or one's own, only after a second yes."""
    with services().database.reading() as session:
        there = editing_people.of(session, grant)
    one = next((each for each in there if str(each.public_id) == public_id), None)
    own = one is not None and one.id == actor().account_id
    if one is not None and (len(there) == 1 or own) and request.form.get("sure") != "yes":
        return _people(grant, name, address, {}, asked=str(one.public_id), last=len(there) == 1)
    with services().database.transaction() as session:
        editing_people.remove(session, public_id, grant, now=services().now())
    return redirect(link()("operator.listings") if own else f"{address}?done=removed", 303)


def _people(grant: Granted, name: str, address: str, errors: Mapping[str, list[str]], *, email: str = "",
            asked: str = "", last: bool = False, done: str = "") -> str:
    with services().database.reading() as session:
        there = [(str(one.public_id), one.email, one.id == actor().account_id)
                 for one in editing_people.of(session, grant)]
        invited = editing_people.invited(session, grant, now=services().now())
    return render("operator/editors", name=name, action=address, people=there, invited=invited, errors=errors,
                  form={"email": email}, asked=asked, last=last, done=done,
                  whole=grant.scope is Scope.ORGANIZATION)
