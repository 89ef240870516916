"""Searches that the team keeps: about no one person, opened with one button, with letters when a group is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, Target
from finder.errors import Invalid, NotFound, Problem
from finder.intake.document import FORMAT
from finder.search import fitting, intake_schema
from finder.teams import searches as kept
from finder.teams.models import SavedSearch
from finder.web import open_form
from finder.web.answers import Answers
from finder.web.desk import render
from finder.web.pages import answers, cookie, link, services, snapshot
from finder.web.provider import case, search_words
from finder.web.provider.blueprint import desk, my_team
from finder.web.provider.intake_form import PROVIDER
from finder.web.signed_in import actor
from finder.wordings.language import N_

OPEN, SEEN = "open", "seen"
MOST_NAMED = 5  # new groups that a search names; the others are counted
OWN: Mapping[str, str] = {
    "name.required": N_("Give the search a name."),
    "name_taken": N_("Your team has a search of this name. Choose another."),
    "too_many_searches": N_("Your team has 50 saved searches. Delete one first."),
    "no_search": N_("There is no search to save right now. Make one first."),
    "not_general": N_("This search has no topic or place that can be saved. Change it first."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A kept search in the list. `letters`: "" for nobody, "me" or "other"."""

    key: str
    name: str
    asks: list[str]
    fit: int
    new: list[tuple[str, str]]  # slug and name
    more_new: int
    letters: str


def search_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about a kept search is about: the team that keeps it."""
    return Target(team=kept.find(session, key).team_id)


@desk.page("/searches", Action.REFER, methods=("GET", "POST"))
def searches() -> ResponseReturnValue:
    """The searches your team keeps"""
    if request.method == "GET":
        return _page({}, {})
    try:
        _keep(request.form.get("name", ""))
    except Invalid as wrong:
        return _page({"name": request.form.get("name", "")}, wrong.errors), 422
    return redirect(link()("provider.searches"), 303)


def _keep(name: str) -> None:
    """Keeps the search that the browser carries, as far as it is about no one person."""
    said, held = _said(), services()
    if said is None:
        raise Invalid({"": [Problem("no_search")]})
    intake = kept.general(said.intake, level=case.level_of(said.intake, case.current()).level,
                          gazetteer=held.gazetteer, vocabulary=held.vocabulary)
    document = _document(intake)
    if document is None or intake_schema.searchable(document):
        raise Invalid({"": [Problem("not_general")]})
    fits = _fits(document)
    with held.database.transaction() as session:
        kept.keep(session, my_team(), actor().account_id, name, intake, fits=fits, gazetteer=held.gazetteer,
                  vocabulary=held.vocabulary, now=held.now())


@desk.page("/searches/<key>", Action.REFER, about=search_here, methods=("POST",))
def search(key: str) -> ResponseReturnValue:
    """Open a kept search, or change it"""
    deed, held = request.form.get("deed", ""), services()
    with held.database.reading() as session:
        document = _document(kept.find(session, key).intake)
    fits = _fits(document) if deed in (OPEN, SEEN) else []
    try:
        with services().database.transaction() as session:
            _change(session, kept.find(session, key), deed, fits)
    except Invalid as wrong:
        return _page({f"name-{key}": request.form.get("name", "")},
                     {f"name-{key}": wrong.errors.get("name", [])}), 422
    if deed != OPEN:
        return redirect(link()("provider.searches"), 303)
    response = make_response(redirect(link()("provider.new"), 303))
    cookie().seal(response, Answers({**(document or {"format": FORMAT}), "asked_by": PROVIDER}), held.now())
    case.case_cookie().clear(response)  # what was said of somebody before is not said of the next one
    return response


def _change(session: Any, found: SavedSearch, deed: str, fits: Sequence[str]) -> None:
    if deed in (OPEN, SEEN):
        kept.looked(session, found, fits, now=services().now())
    elif deed == "rename":
        kept.rename(session, found, request.form.get("name", ""))
    elif deed == "letters":
        kept.set_letters(session, found, actor().account_id)
    elif deed == "no_letters":
        kept.set_letters(session, found, None)
    elif deed == "delete":
        kept.drop(session, found)
    else:
        raise NotFound("page")


def _said() -> Answers | None:
    """The answers about a provider's person; those that somebody gave about themselves are not the team's."""
    found = answers()
    return found if found is not None and found.intake.get("asked_by") == PROVIDER else None


def _document(intake: Mapping[str, Any]) -> dict[str, Any] | None:
    """A kept search as an intake; None for one that no intake can be any more."""
    try:
        return intake_schema.load({"format": FORMAT, **intake})
    except Invalid:
        return None


def _fits(document: Mapping[str, Any] | None) -> list[str]:
    held = services()
    return [] if document is None else fitting.ids(document, snapshot=snapshot(), gazetteer=held.gazetteer,
                                                   now=held.now(), rules=held.rules)


def _page(form: Mapping[str, str], errors: Mapping[str, Sequence[Problem]]) -> str:
    with services().database.reading() as session:
        told = {one.key: account for account, mine in kept.with_letters(session, my_team()).items() for one in mine}
        found = [_shown(one, told.get(one.id)) for one in kept.of_team(session, my_team())]
    words = {field: open_form.words({field.partition("-")[0]: list(many)}, OWN)[field.partition("-")[0]]
             for field, many in errors.items()}
    return render("provider/searches", searches=found, form=form, errors=words, most=kept.MOST,
                  can_keep="name" in form or _said() is not None, length=kept.NAME_LENGTH)


def _shown(one: SavedSearch, told: int | None) -> Shown:
    fits = _fits(_document(one.intake))
    new = kept.unseen(one, fits)
    letters = "" if told is None else "me" if told == actor().account_id else "other"
    return Shown(str(one.id), one.name, search_words.asked(one.intake), len(fits), _named(new[:MOST_NAMED]),
                 max(0, len(new) - MOST_NAMED), letters)


def _named(ids: Sequence[str]) -> list[tuple[str, str]]:
    found = (snapshot().find(one) for one in ids)
    return [(one[0].slug or one[0].id, str(one[1]["name"])) for one in found if one is not None]
