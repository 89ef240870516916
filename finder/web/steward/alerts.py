"""Banners for a region: writing one, seeing how it will look, changing it, taking it down, and all that ever stood.

A steward of one region writes for its states only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import naming
from finder.accounts.permissions import Action, Role, Target
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.fields import is_day
from finder.listings import alerts
from finder.listings.alerts import LONGEST, LONGEST_DAYS, Shown, Wanted
from finder.web.board import banner
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor
from finder.web.steward.blueprint import desk
from finder.wordings import states as names_of
from finder.wordings.language import N_, day, gettext, listed

COUNTRY = "US:"
SAID: Mapping[str, str] = {"up": N_("Saved. It shows on its days, and ends by itself."),
                           "down": N_("It is down. It stays in the list below.")}
WORDS: Mapping[str, str] = {
    "text": N_("Write what people should know, in at least one language."),
    "states": N_("Choose at least one state of your own."),
    "url": N_("Write the whole web address, with https:// in front."),
    "until": N_("Say the last day it should show."),
}
BY_CODE: Mapping[str, str] = {
    "too_early": N_("The last day is over already, or comes before the first."),
    "out_of_range": N_("A banner can show for %(max)s days at most."),
    "too_long": N_("Use at most %(max)s letters. People read it in passing."),
    "bad_text": N_("Write it in one line, as plain words."),
    "wrong_day": N_("Choose a day."),
}


def alert_here(session: Any, number: str, **values: Any) -> Target:
    """What a page about one alert is about."""
    return Target(states=alerts.find(session, _number(number)).states)


def _number(sent: str) -> int:
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10):
        raise NotFound("alert")
    return int(sent)


@desk.page("/alerts", Action.SET_ALERT)
def alerts_up() -> ResponseReturnValue:
    """What stands on the pages of a region now, and what stood there"""
    now = services().now()
    with services().database.reading() as session:
        here, past = alerts.coming(session, now), alerts.over(session, now)
        called = naming.names(session, [one.account_id for one in (*here, *past)])
    return render("steward/alerts", said=gettext(SAID.get(request.args.get("said", ""), "")),
                  here=[_row(one, called) for one in here], past=[_row(one, called) for one in past])


def _row(one: Shown, called: Mapping[int, naming.Called]) -> dict[str, Any]:
    by = called[one.account_id].name if one.account_id is not None and one.account_id in called else ""
    return {"number": one.number, "texts": one.texts, "url": one.url, "where": _where(one.states), "by": by,
            "from_on": day(_first(one)), "until_on": day(_last(one)), "mine": _is_mine(one),
            "stands": one.stands(services().now())}


def _where(states: Any) -> str:
    return listed([names_of.name(one.partition(":")[2]) for one in sorted(states)]) if states \
        else gettext("Everywhere")


def _first(one: Shown) -> date:
    return (one.from_at - alerts.EAST).date()


def _last(one: Shown) -> date:
    return (one.until_at - alerts.WEST - timedelta(seconds=1)).date()


def _regions() -> frozenset[str] | None:
    return actor().regions(Role.STEWARD)


def _is_mine(one: Shown) -> bool:
    """Whether the steward may change it: their states hold all of its own."""
    mine = _regions()
    return mine is None or bool(one.states) and set(one.states) <= mine


@desk.page("/alerts/new", Action.SET_ALERT, methods=("GET", "POST"))
def alert_new() -> ResponseReturnValue:
    """Write a banner"""
    if request.method == "POST":
        return _sent(None)
    mine = _regions()
    return _form(None, {"states": sorted(mine) if mine and len(mine) == 1 else []}, {})


@desk.page("/alerts/<number>", Action.SET_ALERT, about=alert_here, methods=("GET", "POST"))
def alert(number: str) -> ResponseReturnValue:
    """One banner, and changing it"""
    with services().database.reading() as session:
        one = alerts.find(session, _number(number))
    if request.method == "POST":
        if not _is_mine(one):
            raise NotFound("alert")
        return _sent(one)
    form = {"states": list(one.states), "url": one.url, "from": _first(one).isoformat(),
            "until": _last(one).isoformat(), **{f"text-{code}": text for code, text in one.texts.items()}}
    return _form(one, form, {}, shown=one)


@desk.page("/alerts/<number>/end", Action.SET_ALERT, about=alert_here, methods=("POST",))
def alert_end(number: str) -> ResponseReturnValue:
    """Take a banner down"""
    with services().database.transaction() as session:
        if not _is_mine(alerts.find(session, _number(number))):
            raise NotFound("alert")
        alerts.end(session, _number(number), now=services().now())
    return redirect(link()("steward.alerts_up", said="down"), 303)


def _sent(one: Shown | None) -> ResponseReturnValue:
    form: dict[str, Any] = {**request.form.to_dict(), "states": request.form.getlist("states")}
    now = services().now()
    try:
        wanted = _wanted(form)
        if form.get("do") == "preview":
            return _form(one, form, {}, shown=alerts.checked(wanted, now))
        with services().database.transaction() as session:
            alerts.put_up(session, wanted, account_id=actor().account_id, now=now,
                          instead_of=one.number if one else None)
    except Invalid as wrong:
        return _form(one, form, {_field(name): [_said(name, problem) for problem in problems]
                                 for name, problems in wrong.errors.items()}), 422
    except Conflict:
        return _form(one, form, {"": [gettext("Somebody took this banner down meanwhile. Write a new one if it is "
                                              "still needed.")]}), 409
    return redirect(link()("steward.alerts_up", said="up"), 303)


def _wanted(form: Mapping[str, Any]) -> Wanted:
    """What the form says. Raises Invalid for days that are none and for states outside the steward's region."""
    mine, chosen, errors = _regions(), list(dict.fromkeys(form["states"])), {}
    if any(one.removeprefix(COUNTRY) not in names_of.NAMES for one in chosen) or \
            mine is not None and (not chosen or not set(chosen) <= mine):
        errors["states"] = [Problem("required")]
    days = {}
    for name in ("from", "until"):
        sent = form.get(name, "").strip()
        if sent and not is_day(sent):
            errors[name] = [Problem("wrong_day")]
        days[name] = date.fromisoformat(sent) if sent and is_day(sent) else None
    if errors:
        raise Invalid(errors, "alert")
    texts = {one.code: form.get(f"text-{one.code}", "") for one in link().languages}
    return Wanted(chosen, texts, form.get("url", "").strip(), days["from"], days["until"])


def _field(name: str) -> str:
    return f"text-{link().languages[0].code}" if name == "text" else name


def _said(name: str, problem: Problem) -> str:
    words = BY_CODE.get(problem.code) or WORDS.get(name.partition("-")[0], BY_CODE["bad_text"])
    limits = {"max": LONGEST_DAYS if problem.code == "out_of_range" else LONGEST}
    return gettext(words, **limits) if "%(max)s" in words else gettext(words)


def _form(one: Shown | None, form: Mapping[str, Any], errors: Mapping[str, list[str]],
          shown: Shown | None = None) -> str:
    mine = _regions()
    offered = sorted(((f"{COUNTRY}{code}", names_of.name(code)) for code in names_of.NAMES
                      if mine is None or f"{COUNTRY}{code}" in mine), key=lambda row: row[1])
    return render("steward/alert", one=one, form=form, errors=errors, states=offered, everywhere=mine is None,
                  languages=link().languages, may_change=one is None or _is_mine(one),
                  over=one is not None and one.is_over(services().now()), longest=LONGEST,
                  where=_where(shown.states) if shown else "", preview=[banner(shown)] if shown else [])
