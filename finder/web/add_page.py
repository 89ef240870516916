"""Telling us about a group that is not listed yet: no account, and nobody sees it before a steward says yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.catalog import listing_schema
from finder.errors import Invalid, Problem, TooOften
from finder.listings import reports, suggestions
from finder.search import alike as likeness
from finder.search.alike import Alike
from finder.web import listing_fields, open_form
from finder.web.blueprint import seeker
from finder.web.pages import link, render, services, snapshot
from finder.wordings.language import N_, gettext

RELATIONS: Mapping[str, str] = {"runs": N_("I run this group, or help to run it"),
                                "knows": N_("I know this group, and somebody else runs it")}
OWN: Mapping[str, str] = {
    "name.required": N_("Write the name of the group."), "group_type.required": N_("Choose what kind of group it is."),
    "way.required": N_("Choose how people take part."),
    "phone.required": N_("Give a phone number, an email or a web page of the group, so that we can check."),
    "relation.required": N_("Say how you know the group."),
}
REACHED = ("phone", "email", "url")


@seeker.route("/add", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    """Tell us about a group that is not listed"""
    if request.method == "GET":
        return _page({}, {})
    form = {name: values[0] for name, values in request.form.to_dict(flat=False).items()}
    try:
        alike = _send(form) if open_form.is_from_a_person() else ()
    except Invalid as wrong:
        return _page(form, listing_fields.boxes(wrong.errors)), 422
    except TooOften as full:
        return _page(form, {}, open_form.closed_words(full)), 429
    return _page(form, {}, alike=alike) if alike else redirect(link()("added"), 303)


@seeker.get("/add/sent")
def added() -> ResponseReturnValue:
    """Says that the group has come in"""
    return render("added")


def _page(form: Mapping[str, str], errors: Mapping[str, list[Problem]], closed: str = "",
          alike: Sequence[Alike] = ()) -> str:
    return render("add", form=form, errors=open_form.words(errors, OWN), closed=closed, alike=[
        (one.slug, one.document["name"], _where(one.document)) for one in alike], options=listing_fields.options(),
        relations={code: gettext(words) for code, words in RELATIONS.items()}, **open_form.again())


def _where(document: Mapping[str, Any]) -> str:
    """A line that tells listings of one name apart: kind, and when it meets."""
    sessions = document.get("sessions") or ()
    return ". ".join([wording.label("group_types", document["group_type"]),
                      *(wording.schedule_text(one) for one in sessions[:2])])


def _send(form: Mapping[str, str]) -> Sequence[Alike]:
    """Keeps the group, or gives the listings it may be one of, to be looked at first."""
    held = services()
    _require(form)
    words = reports.checked(reports.Words("time", form.get("note", ""), form.get("reply_to", ""), link().language))
    typed = listing_fields.added(form, language=link().language, today=held.now().date(), gazetteer=held.gazetteer)
    document = listing_schema.load(typed.document)
    if form.get("sure") != "yes":
        found = likeness.find(snapshot(), document)
        if found:
            return found
    relation = RELATIONS[form["relation"]]
    note = (gettext(relation), words.note, *typed.note)
    with held.database.transaction() as session:
        suggestions.send_new(session, document, sender=open_form.visitor(words.reply_to), now=held.now(),
                             note="\n".join(filter(None, note)), country=held.settings.country)
    return ()


def _require(form: Mapping[str, str]) -> None:
    missing = {box: [Problem("required")] for box in ("name", "group_type", "way") if not form.get(box, "").strip()}
    if not any(form.get(box, "").strip() for box in REACHED):
        missing["phone"] = [Problem("required")]
    if form.get("relation") not in RELATIONS:
        missing["relation"] = [Problem("required")]
    if missing:
        raise Invalid(missing)
