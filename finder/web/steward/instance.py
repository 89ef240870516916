"""The instance itself: a first page for whoever sets it up, the same form later, and every version that was saved.

The country decides which crisis lines stand on every page, so it has a page of its own that asks for a recent proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import crisis, wording
from finder import instance as kept
from finder.accounts.permissions import Action
from finder.catalog import queries
from finder.errors import Conflict, Invalid, Problem
from finder.instance import Instance
from finder.web.desk import render
from finder.web.own import own
from finder.web.pages import link, services
from finder.web.signed_in import actor
from finder.web.steward.blueprint import desk
from finder.wordings import states
from finder.wordings.language import N_, day, gettext, locale

TEXTS = ("name", "short_name", "operator", "contact", "url", "color", "license")
WORDS: Mapping[str, str] = {
    "required": N_("Give the site a name."), "too_short": N_("Give the site a name."),
    "too_pale": N_("Links in this color are hard to read. Choose a darker one."),
    "not_a_color": N_("Choose a color, or write one like #5a2f66."),
    "not_a_picture": N_("The picture must be a PNG file of at most %(max)s KB."),
    "not_a_url": N_("Write the whole web address, with https:// in front."),
    "out_of_range": N_("Give a number of days from %(min)s to %(max)s."),
    "not_a_number": N_("Give a number of days from %(min)s to %(max)s."),
}
SITE_FIELDS = ("name", "short_name", "operator", "contact", "url", "color", "logo", "states", "languages", "policy",
               "license", "unpublish_after_days")


@desk.page("/instance", Action.SET_INSTANCE, methods=("GET", "POST"))
def instance() -> ResponseReturnValue:
    """Name, region, languages, contact, color and policy of this site"""
    saved = own().saved
    if request.method == "GET":
        return _page(saved, _form_of(saved), {})
    form = _typed()
    try:
        base = _base()
        with services().database.transaction() as session:
            queries.next_version(session)  # takes the writers' turn, so that of two who save at once one is told
            kept.save(session, _values(form), base=base, account_id=actor().account_id, now=services().now(),
                          known_languages=_codes(), picture=_picture(),
                          without_picture="without_logo" in request.form)
            queries.raise_version(session)
    except Invalid as wrong:
        return _page(saved, form, _words(wrong)), 422
    except Conflict:
        return _page(saved, form, {"": [gettext("Somebody else saved this page meanwhile. What you see below is what "
                                                "you wrote. Look at what they saved, then save again.")]}), 409
    if saved.version == 0:
        return redirect(link()("steward.instance_ready"), 303)
    return redirect(link()("steward.instance", saved=1), 303)


@desk.page("/instance/ready", Action.SET_INSTANCE)
def instance_ready() -> ResponseReturnValue:
    """What to do after the first page was saved"""
    return render("steward/instance_ready")


@desk.page("/instance/country", Action.SET_INSTANCE, methods=("GET", "POST"), fresh=True)
def country() -> ResponseReturnValue:
    """Which country's crisis lines stand on every page"""
    saved = own().saved
    chosen = request.form.get("country", own().country)
    if request.method == "GET":
        return _country(saved, chosen, {})
    try:
        if chosen not in crisis.COUNTRIES:
            raise Invalid({"country": [Problem("required")]})
        with services().database.transaction() as session:
            queries.next_version(session)  # takes the writers' turn, so that of two who save at once one is told
            kept.save(session, {"country": chosen, "name": saved.name or own().site_name}, base=_base(),
                          account_id=actor().account_id, now=services().now(), known_languages=_codes())
            queries.raise_version(session)
    except Invalid:
        return _country(saved, chosen, {"country": [gettext("Choose a country from the list.")]}), 422
    return redirect(link()("steward.instance", saved=1), 303)


@desk.page("/instance/versions", Action.SET_INSTANCE, methods=("GET", "POST"))
def instance_versions() -> ResponseReturnValue:
    """Every version that was saved, and going back to one"""
    if request.method == "POST":
        wanted = request.form.get("restore", "")
        with services().database.transaction() as session:
            queries.next_version(session)
            kept.restore(session, int(wanted) if wanted.isascii() and wanted.isdigit() else 0, base=_base(),
                             account_id=actor().account_id, now=services().now())
            queries.raise_version(session)
        return redirect(link()("steward.instance", saved=1), 303)
    with services().database.reading() as session:
        found = kept.versions(session)
    rows = [{"number": one.version, "at": day(at.date()), "account": account, "changed": _changed(one, before)}
            for (one, at, account), before in zip(found, [*(one for one, *_ in found[1:]), Instance()], strict=False)]
    return render("steward/instance_versions", rows=rows, version=own().saved.version)


def _changed(one: Instance, before: Instance) -> list[str]:
    new, old = asdict(one), asdict(before)
    return [_name(name) for name in (*SITE_FIELDS, "country") if new.get(name) != old.get(name)]


NAMES: Mapping[str, str] = {
    "name": N_("Name of the site"), "short_name": N_("Short name"), "operator": N_("Who runs it"),
    "contact": N_("How to reach you"), "url": N_("Your own website"), "color": N_("Color"), "logo": N_("Picture"),
    "states": N_("States"), "languages": N_("Languages"), "policy": N_("Who may be listed"),
    "license": N_("License of the data"),
    "unpublish_after_days": N_("Very old listings"), "country": N_("Country"),
}


def _name(field: str) -> str:
    return gettext(NAMES[field])


def _page(saved: Instance, form: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    return render("steward/instance", saved=saved, form=form, errors=errors, names=NAMES,
                  states=sorted(((code, states.name(code)) for code in states.NAMES), key=lambda one: one[1]),
                  languages=link().languages, first=saved.version == 0, just_saved="saved" in request.args,
                  own_country=_country_name(own().country))


def _country(saved: Instance, chosen: str, errors: Mapping[str, list[str]]) -> str:
    lines = [{"name": line.name, "country": line.country} for code in crisis.COUNTRIES
             for line in crisis.lines(code) if line.country == code]
    return render("steward/instance_country", saved=saved, chosen=chosen, errors=errors, lines=lines,
                  countries=[(code, _country_name(code)) for code in crisis.COUNTRIES])


def _country_name(code: str) -> str:
    return str(locale().territories.get(code, code))


def _form_of(saved: Instance) -> dict[str, Any]:
    """The form of what is saved; on the first run, of what the environment says."""
    now = own()
    found: dict[str, Any] = {name: getattr(saved, name) for name in TEXTS}
    if saved.version == 0:
        found |= {"name": now.site_name, "short_name": now.short_name, "operator": now.operator,
                  "contact": now.contact, "license": services().settings.data_license}
    return found | {"states": list(saved.states), "languages": list(saved.languages) or list(_codes()),
                    "policy": dict(saved.policy), "unpublish_after_days": saved.unpublish_after_days or ""}


def _typed() -> dict[str, Any]:
    sent = request.form
    return {**{name: sent.get(name, "").strip() for name in TEXTS}, "states": sent.getlist("states"),
            "languages": sent.getlist("languages"),
            "unpublish_after_days": sent.get("unpublish_after_days", "").strip(),
            "policy": {code: words for code in _codes()
                       if (words := sent.get(f"policy-{code}", "").strip().replace("\r\n", "\n"))}}


def _values(form: Mapping[str, Any]) -> dict[str, Any]:
    known = [code for code in form["states"] if code in states.NAMES]
    days = form["unpublish_after_days"]
    if days and not (days.isascii() and days.isdigit() and len(days) < 6):
        raise Invalid({"unpublish_after_days": [Problem("out_of_range", min=kept.LEAST_DAYS, max=3650)]})
    chosen = tuple(form["languages"])
    return {**form, "states": tuple(known), "color": form["color"].lower(),
            "languages": () if set(chosen) == set(_codes()) else chosen,
            "unpublish_after_days": int(days) if days else None}


def _picture() -> bytes | None:
    sent = request.files.get("logo")
    body = sent.read(kept.LARGEST_LOGO + 1) if sent is not None and sent.filename else b""
    return body or None


def _base() -> int:
    sent = request.form.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else -1


def _codes() -> tuple[str, ...]:
    return tuple(one.code for one in link().languages)


def _words(wrong: Invalid) -> dict[str, list[str]]:
    return {field: [gettext(WORDS[one.code], **_named(one)) if one.code in WORDS else wording.problem_text(one)
                    for one in problems] for field, problems in wrong.errors.items()}


def _named(problem: Problem) -> dict[str, object]:
    return {name: value for name, value in problem.values.items() if name in ("min", "max")}
