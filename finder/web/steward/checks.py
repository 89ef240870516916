"""The work list of checks: what nobody has looked at for long, taking one, and writing down what a check found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import naming
from finder.accounts.naming import Called
from finder.accounts.permissions import Action, Role, may
from finder.errors import Conflict, Invalid
from finder.listings import changes, checks
from finder.listings.changes import Listing
from finder.listings.checks import CORE, Due, Wanted
from finder.vocabulary import vocabulary
from finder.web.desk import listing_here, render, target_of, version_read
from finder.web.own import own
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.web.steward.blueprint import desk
from finder.wordings import facts, states
from finder.wordings.language import N_, gettext, ngettext, since
from finder.wordings.piece_names import name as piece_name
from finder.wordings.pieces import lines

A_PAGE = 50
MOST_AT_ONCE = 500  # listings taken off in one step
AGES: Mapping[str, tuple[int | None, str]] = {
    "90": (90, N_("Over 3 months")), "180": (180, N_("Over 6 months")), "365": (365, N_("Over a year")),
    "never": (None, N_("Never checked")), "0": (0, N_("All listings")),
}
METHODS: Mapping[str, str] = {
    "phone": N_("I called"), "email": N_("I wrote and got an answer"), "web": N_("I looked at their website"),
    "visit": N_("I went there"),
}
SAID: Mapping[str, str] = {
    "taken": N_("It is yours now."), "back": N_("Others can take it now."),
    "later": N_("Noted. It comes up again in a few days."), "checked": N_("Saved. Everybody sees the new date."),
    "off": N_("They are off the pages now. Each can come back from its history."), "none": N_("Nothing was chosen."),
}
WRONG: Mapping[str, str] = {
    "method": N_("Say how you checked."), "fields": N_("Mark at least one fact that is right."),
    "check_core": N_("Nobody has checked this listing before. Mark the first three facts, or leave it for later."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One listing of the work list, in words."""

    due: Due
    age: str
    who: str
    mine: bool
    tries: str
    reports: str


@desk.page("/checks", Action.VERIFY_LISTING)
def checks_due() -> ResponseReturnValue:
    """Listings that nobody has checked for long"""
    held, wanted = services(), _wanted()
    today, regions = held.now().date(), actor().regions(Role.STEWARD)
    after = A_PAGE * _page()
    with held.database.reading() as session:
        found = checks.due(session, wanted, today=today, states=regions, most=A_PAGE, after=after)
        count = checks.count(session, wanted, today=today, states=regions)
        called = naming.names(session, [one.account_id for one in found])
    focus = sorted(((code, facts.label("focus_areas", code)) for code in vocabulary().lists["focus_areas"].codes),
                   key=lambda one: one[1])
    shown = sorted(code.partition(":")[2] for code in regions) if regions is not None else list(states.NAMES)
    limit = own().saved.unpublish_after_days
    return render("steward/checks", lines=[_line(one, called) for one in found], count=count, chosen=request.args,
                  ages={key: gettext(words) for key, (_, words) in AGES.items()}, focus=focus,
                  states=sorted(((code, states.name(code)) for code in shown), key=lambda one: one[1]),
                  page_number=_page(), pages=-(-count // A_PAGE), limit=limit, too_old=_too_old(limit, found),
                  said=gettext(SAID.get(request.args.get("said", ""), "")))


def _wanted() -> Wanted:
    asked = request.args
    days, _ = AGES.get(asked.get("age", ""), AGES["90"])
    focus = asked.get("focus", "")
    return Wanted(days=days, state=asked.get("state") if asked.get("state") in states.NAMES else None,
                  city=asked.get("city", "").strip()[:100] or None,
                  focus=focus if focus in vocabulary().lists["focus_areas"].codes else None,
                  account_id=actor().account_id if asked.get("who") == "mine" else None,
                  free=asked.get("who") == "free")


def _page() -> int:
    sent = request.args.get("page", "0")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 5 else 0


def _line(one: Due, called: Mapping[int, Called]) -> Line:
    age = gettext("Never checked") if one.age_days is None else \
        gettext("Checked %(time)s ago", time=since(one.age_days)) if one.age_days else gettext("Checked today")
    who = called[one.account_id].name if one.account_id is not None and one.account_id in called else ""
    return Line(one, age, who, one.account_id == actor().account_id,
                ngettext("%(num)s try without an answer", "%(num)s tries without an answer", one.tries)
                if one.tries else "",
                ngettext("%(num)s report from a visitor", "%(num)s reports from visitors", one.reports)
                if one.reports else "")


def _too_old(limit: int | None, found: list[Due]) -> set[uuid.UUID]:
    """Which of these a steward may take off, by what this instance has set."""
    return {one.program for one in found if limit is not None and one.age_days is not None and one.age_days > limit}


@desk.page("/checks/<slug>", Action.VERIFY_LISTING, about=listing_here, methods=("GET", "POST"))
def check(slug: str) -> ResponseReturnValue:
    """Write down what a check found"""
    held = services()
    with held.database.reading() as session:
        there = changes.find(session, slug)
    if request.method == "GET":
        return _check_page(there, {})
    try:
        with held.database.transaction() as session:
            checks.record(session, there.id, base=version_read(), method=request.form.get("method", ""),
                          fields=_confirmed(there), author=author(), now=held.now())
    except Invalid as wrong:
        return _check_page(there, {field: [gettext(WRONG.get(one.code, WRONG[field])) for one in problems]
                                   for field, problems in wrong.errors.items()}), 422
    except Conflict:
        return _check_page(there, {"": [gettext("The listing has changed meanwhile. Look at it once more.")]}), 409
    return redirect(link()("steward.checks_due", said="checked"), 303)


def _confirmed(there: Listing) -> list[str]:
    return checks.stated(there.document) if "all" in request.form else request.form.getlist("fields")


def _check_page(there: Listing, errors: Mapping[str, list[str]]) -> str:
    today = services().now().date()
    checked = there.document.get("verified") or {}
    dates = checked.get("field_dates") or {}
    rows = [{"name": field, "title": piece_name(field), "lines": _lines(field, there), "core": field in CORE,
             "age": wording.freshness_text(dates.get(field, checked.get("on")), today)}
            for field in checks.stated(there.document)]
    return render("steward/check", listing=there, rows=rows, errors=errors,
                  methods={code: gettext(words) for code, words in METHODS.items()},
                  chosen=request.form.getlist("fields"), method=request.form.get("method", ""),
                  phone=(there.document.get("contact") or {}).get("phone"),
                  may_edit=may(actor(), Action.EDIT_LISTING, target_of(there)))


def _lines(field: str, there: Listing) -> list[str]:
    parts = there.document.get(field)
    if field in ("contact", "organization") and isinstance(parts, Mapping):
        return [line for part in parts for line in lines(f"{field}.{part}", there.document)]
    if field == "status" and parts is None:
        return [gettext("It meets")]
    return lines(field, there.document)


@desk.page("/checks/<slug>/task", Action.VERIFY_LISTING, about=listing_here, methods=("POST",))
def check_task(slug: str) -> ResponseReturnValue:
    """Take a listing, lay it back, or note that nobody answered"""
    held, do = services(), request.form.get("do")
    with held.database.transaction() as session:
        program = changes.find(session, slug).id
        if do == "no-answer":
            checks.no_answer(session, program, now=held.now())
        else:
            checks.take(session, program, actor().account_id if do == "take" else None, now=held.now())
    said = {"no-answer": "later", "take": "taken"}.get(do or "", "back")
    return redirect(link()("steward.checks_due", said=said), 303)


@desk.page("/checks-off", Action.UNPUBLISH_LISTING, methods=("POST",))
def checks_off() -> ResponseReturnValue:
    """Take very old listings off the pages, where this instance allows it"""
    held, limit = services(), own().saved.unpublish_after_days
    wanted = [uuid.UUID(one) for one in request.form.getlist("off")[:MOST_AT_ONCE] if _is_id(one)]
    if limit is None or not wanted:
        return redirect(link()("steward.checks_due", said="none"), 303)
    with held.database.transaction() as session:
        mine = [one for one in wanted if _may_take_off(session, one, limit)]
        checks.unpublish(session, mine, author=author(), now=held.now(), reason="not checked")
    return redirect(link()("steward.checks_due", said="off" if mine else "none"), 303)


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _may_take_off(session: Any, program: uuid.UUID, limit: int) -> bool:
    there = changes.find(session, program)
    on = (there.document.get("verified") or {}).get("on")
    too_old = on is not None and (services().now().date() - date.fromisoformat(on)).days > limit
    return too_old and may(actor(), Action.UNPUBLISH_LISTING, target_of(there))
