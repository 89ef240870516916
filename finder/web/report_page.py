"""Telling the steward that something in a listing is wrong: no account, and nothing that tells who wrote but an
address that somebody leaves for the answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.errors import Invalid, NotFound, Problem, TooOften
from finder.listings import reports
from finder.search import find
from finder.web import open_form
from finder.web.blueprint import seeker
from finder.web.pages import link, render, services, snapshot
from finder.wordings.language import N_, gettext

KINDS: Mapping[str, str] = {
    "closed": N_("It does not meet any more"),
    "not_running": N_("It was not running when we came or called"),
    "time": N_("The day or time is wrong"),
    "place": N_("The place is wrong"), "contact": N_("The phone, email or link does not work"),
    "full": N_("It takes no new people"),
    "unsafe": N_("I felt unsafe, or was treated badly"),
    "other": N_("Something else"),
}
NEEDED: Mapping[str, str] = {
    "kind.required": N_("Choose what is wrong."), "note.required": N_("Say in a few words what is wrong."),
}
FIELDS = ("kind", "note", "reply_to")


@seeker.route("/programs/<slug>/report", methods=["GET", "POST"])
def report(slug: str) -> ResponseReturnValue:
    """Say what is wrong with a listing"""
    found = listing(slug)
    if request.method == "GET":
        return _page(found, {}, {})
    form = {name: request.form.get(name, "") for name in FIELDS}
    try:
        if open_form.is_from_a_person():
            _send(uuid.UUID(found["id"]), form)
    except Invalid as wrong:
        return _page(found, form, wrong.errors), 422
    except TooOften as full:
        return _page(found, form, {}, open_form.closed_words(full)), 429
    return redirect(link()("reported", slug=found["slug"] or slug), 303)


@seeker.get("/programs/<slug>/report/sent")
def reported(slug: str) -> ResponseReturnValue:
    """Says that the report has come in"""
    # The report may have taken the listing out of sight, so the page does not ask for it.
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    return render("reported", slug=slug if found is not None else "")


def listing(slug: str) -> dict[str, Any]:
    """A listing that visitors see. Raises NotFound."""
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    if found is None:
        raise NotFound("program")
    return found


def _page(found: Mapping[str, Any], form: Mapping[str, str], errors: Mapping[str, list[Problem]],
          closed: str = "") -> str:
    return render("report", slug=found["slug"] or found["id"], name=found["document"]["name"], form=form,
                  errors=open_form.words(errors, NEEDED), closed=closed,
                  kinds={code: gettext(label) for code, label in KINDS.items()}, **open_form.again())


def _send(program: uuid.UUID, form: Mapping[str, str]) -> None:
    held = services()
    with held.database.transaction() as session:
        reports.send(session, program, kind=form["kind"], note=form["note"], sender=open_form.sender(), now=held.now(),
                     mark=open_form.stamp().mark(request.remote_addr, program), reply_to=form["reply_to"],
                     locale=link().language)
