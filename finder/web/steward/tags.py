"""Tags: the words that stewards add to the fixed lists. One is added, reworded, retired and brought back; none goes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, Target
from finder.errors import Conflict, Invalid, Problem
from finder.listings import tags
from finder.listings.tags import LONGEST_WORDS, MOST_SYNONYMS, MOST_TAGS, Known
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

SAID: Mapping[str, str] = {"saved": N_("Saved. Listings can have it from now on."),
                           "retired": N_("No further listing gets it. Those that have it keep it."),
                           "back": N_("Listings can have it again.")}
WORDS: Mapping[str, str] = {
    "code": N_("A code has small letters, digits and low lines, and begins with a letter."),
    "label": N_("Say what it is called, in at least one language."),
    "synonyms": N_("Each line can have at most %(letters)s letters, and there can be %(lines)s lines."),
    "repeated": N_("There is a tag with this code already."),
    "too_many": N_("There is room for %(most)s tags. Retired ones count too."),
}


def tag_here(session: Any, code: str, **values: Any) -> Target:
    """What a page about one tag is about; it belongs to no listing. Raises NotFound."""
    tags.find_row(session, code)
    return Target()


@desk.page("/tags", Action.SET_TAGS, methods=("GET", "POST"))
def tags_known() -> ResponseReturnValue:
    """Every tag, and adding one"""
    if request.method == "GET":
        return _list({}, {})
    form = request.form.to_dict()
    try:
        with services().database.transaction() as session:
            tags.add(session, form.get("code", "").strip(), _labels(form), form.get("synonyms", "").splitlines())
    except Invalid as wrong:
        return _list(form, _errors(wrong)), 422
    return redirect(link()("steward.tags_known", said="saved"), 303)


@desk.page("/tags/<code>", Action.SET_TAGS, about=tag_here, methods=("GET", "POST"))
def tag(code: str) -> ResponseReturnValue:
    """The words of one tag"""
    with services().database.reading() as session:
        before = tags.known(session)[code]
    if request.method == "GET":
        return _page(before, _form_of(before), {})
    form = request.form.to_dict()
    try:
        if form.get("seen") != _seen(before):
            raise Conflict("stale")
        with services().database.transaction() as session:
            tags.change(session, code, _labels(form), form.get("synonyms", "").splitlines(), before=before)
    except Invalid as wrong:
        return _page(before, form, _errors(wrong)), 422
    except Conflict:
        return _page(before, form, {"": [gettext("Somebody else saved this page meanwhile. What you see below is what "
                                                 "you wrote. Look at what they saved, then save again.")]}), 409
    return redirect(link()("steward.tags_known", said="saved"), 303)


@desk.page("/tags/<code>/retire", Action.SET_TAGS, about=tag_here, methods=("POST",))
def tag_retire(code: str) -> ResponseReturnValue:
    """Retire a tag, or bring it back"""
    retired = request.form.get("do") != "back"
    with services().database.transaction() as session:
        tags.retire(session, code, retired=retired)
    return redirect(link()("steward.tags_known", said="retired" if retired else "back"), 303)


def _labels(form: Mapping[str, str]) -> dict[str, str]:
    return {one.code: form.get(f"label-{one.code}", "") for one in link().languages}


def _form_of(one: Known) -> dict[str, str]:
    return {**{f"label-{code}": words for code, words in one.labels.items()}, "synonyms": "\n".join(one.synonyms)}


def _seen(one: Known) -> str:
    """A mark of what the form was made from, so that nobody saves over somebody else's words."""
    return hashlib.blake2b(repr(sorted(_form_of(one).items())).encode(), digest_size=8).hexdigest()


def _errors(wrong: Invalid) -> dict[str, list[str]]:
    first = f"label-{link().languages[0].code}"
    return {first if name == "label" else name: [_said(name, one) for one in problems]
            for name, problems in wrong.errors.items()}


def _said(name: str, problem: Problem) -> str:
    key = problem.code if name == "code" and problem.code in WORDS else name.partition("-")[0]
    if name.startswith("label-"):
        return gettext("Use at most %(letters)s letters, as plain words.", letters=LONGEST_WORDS)
    if key == "too_many":
        return gettext(WORDS[key], most=MOST_TAGS)
    return gettext(WORDS[key], letters=LONGEST_WORDS, lines=MOST_SYNONYMS) if key == "synonyms" else gettext(WORDS[key])


def _list(form: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    with services().database.reading() as session:
        found = list(tags.known(session).values())
    return render("steward/tags", tags=sorted(found, key=lambda one: (one.retired, one.code)), form=form,
                  errors=errors, languages=link().languages, tongue=link().language,
                  said=gettext(SAID.get(request.args.get("said", ""), "")))


def _page(one: Known, form: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    return render("steward/tag", one=one, form=form, errors=errors, seen=_seen(one), languages=link().languages)
