"""Suggesting what is right: the main facts of a listing in boxes, changed by somebody without an account."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.errors import Invalid, Problem, TooOften
from finder.listings import reports, suggestions
from finder.listings.changes import Listing
from finder.web import listing_fields, open_form
from finder.web.blueprint import seeker
from finder.web.pages import link, render, services
from finder.web.report_page import listing
from finder.wordings.language import N_

LONGEST_NOTE = reports.LONGEST_NOTE
OWN: Mapping[str, str] = {
    "nothing_changed": N_("Nothing is different yet. Change what is wrong, or write it at the end."),
}


@seeker.route("/programs/<slug>/correct", methods=["GET", "POST"])
def correct(slug: str) -> ResponseReturnValue:
    """Suggest what is right about a listing"""
    listing(slug)
    if request.method == "GET":
        return _page(_made(slug, None), {}, {})
    form = {name: values[0] for name, values in request.form.to_dict(flat=False).items()}
    made = _made(slug, _version(form.get("version", "")))
    try:
        if open_form.is_from_a_person():
            _send(made, form)
    except Invalid as wrong:
        return _page(made, form, listing_fields.boxes(wrong.errors)), 422
    except TooOften as full:
        return _page(made, form, {}, open_form.closed_words(full)), 429
    return redirect(link()("corrected", slug=slug), 303)


@seeker.get("/programs/<slug>/correct/sent")
def corrected(slug: str) -> ResponseReturnValue:
    """Says that the suggestion has come in"""
    listing(slug)
    return render("corrected", slug=slug)


def _made(slug: str, version: int | None) -> Listing:
    """The listing with the text that the form was made from."""
    held = services()
    with held.database.reading() as session:
        return suggestions.made_from(session, suggestions.named(session, slug), version)


def _version(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


def _page(made: Listing, form: Mapping[str, str], errors: Mapping[str, list[Problem]], closed: str = "") -> str:
    held = listing_fields.shown(made.document, link().language)
    return render("correct", slug=made.slug, name=made.document["name"], version=made.version, closed=closed,
                  form={**held, **form}, errors=open_form.words(errors, OWN), options=listing_fields.options(),
                  hidden_place=any((one.get("location") or {}).get("hidden")
                                   for one in made.document.get("sessions") or ()), **open_form.again())


def _send(made: Listing, form: Mapping[str, str]) -> None:
    held = services()
    now = held.now()
    words = reports.checked(reports.Words("time", form.get("note", ""), form.get("reply_to", ""), link().language))
    typed = listing_fields.corrected(made.document, form, language=link().language, today=now.date(),
                                     gazetteer=held.gazetteer)
    with held.database.transaction() as session:
        suggestions.send(session, made, typed.document, sender=open_form.visitor(words.reply_to), now=now,
                         note="\n".join(filter(None, (words.note, *typed.note))), typed=typed.words,
                         country=held.settings.country)
