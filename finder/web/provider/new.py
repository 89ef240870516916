"""Groups for one person: what a provider knows goes in, a shortlist with reasons comes out, on one page.

The answers live in the reader's cookie and the rest in the case's; nothing of either is stored, logged or addressed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.errors import Invalid, NotFound, Problem
from finder.limits import Limit, give_back, spend
from finder.listings import changes, reminders
from finder.referrals.draft import MOST_PROGRAMS, OVERRIDES
from finder.search.find import RELAXED
from finder.understanding import Understood, understand
from finder.web import comparing, listing_ids, question_page
from finder.web.answers import Answers
from finder.web.desk import render
from finder.web.pages import answers, cookie, help_now, link, services, snapshot
from finder.web.provider import case as cases
from finder.web.provider import intake_form, shortlist
from finder.web.provider.blueprint import desk, my_team
from finder.web.provider.case import LEVELS, Case
from finder.web.results_page import panels, relaxed
from finder.wordings import facts, referrals
from finder.wordings.language import N_, capital, gettext

MOST_ON_SHEET = 3  # groups on the handout where nothing was ticked
# How often groups may be asked about places: each once a day, and by one team so often that it cannot pester.
_OF_GROUP, _OF_TEAM = Limit("room_asked", 1, 86_400), Limit("room_asked_by_team", 20, 86_400)
SAID: Mapping[str, str] = {
    "asked": N_("They get a letter with one question: is there room? Look again later."),
    "asked-before": N_("They were asked today already. Look again later."),
    "nobody": N_("No letter reaches them. Please call."),
    "enough": N_("Your team has asked 20 groups today. Please call the others."),
    "new": N_("All gone. You can start with the next person."),
}
_PICKS: Mapping[str, str] = {
    "compare": N_("Tick two to four groups to compare."),
    "refer": N_("Tick one to five groups to refer to."),
    "handout": N_("Show the shortlist first. Then make the handout."),
}


@desk.page("/new", Action.REFER, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Find groups for a person"""
    if request.method == "GET":
        return _page(cases.said(), cases.current())
    form, said, errors = request.form.to_dict(flat=False), cases.said(), dict[str, Sequence[Problem]]()
    intake: dict[str, Any] = {}
    added = listing_ids.decoded(form.get("g", []))
    try:
        intake = intake_form.taken(said.intake, form, _sure)
    except Invalid as wrong:
        errors |= wrong.errors
    try:
        case = cases.read(form, intake, added)
    except Invalid as wrong:
        errors |= wrong.errors
    if errors:
        return _page(said, Case(added=tuple(added)), form=form, errors=errors), 422
    wanted = (form.get("change") or [""])[-1]
    if wanted in RELAXED:
        intake = question_page.checked(relaxed(intake, wanted))
    return _keep(Answers(cases.carried(intake, case), said.filters), case)


def _keep(said: Answers, case: Case) -> ResponseReturnValue:
    calm = shortlist.raised(said.intake, _sure(said.intake)) == ("standing_line_only",)
    response = make_response(redirect(link()("provider.new", _anchor="short" if calm else None), 303))
    cookie().seal(response, said, services().now())
    cases.keep(response, case)
    return response


@desk.page("/new/clear", Action.REFER, methods=("POST",))
def new_person() -> ResponseReturnValue:
    """Forget this person and start with the next"""
    response = make_response(redirect(link()("provider.new", said="new"), 303))
    cookie().clear(response)
    cases.case_cookie().clear(response)
    return response


@desk.page("/choose", Action.REFER)
def choose() -> ResponseReturnValue:
    """Take ticked groups on: to the handout, side by side, or to a referral"""
    wanted, picked = request.args.get("do", ""), listing_ids.decoded(request.args.getlist("g"))
    said, case = cases.said(), cases.current()
    if wanted == "handout" and not picked and said.can_search:
        best = shortlist.ids(cases.searched(said.intake, case), services=services(), snapshot=snapshot())
        picked = list(dict.fromkeys([*case.added, *best]))[:MOST_ON_SHEET]
    fits = {"handout": bool(picked), "compare": comparing.FEWEST <= len(picked) <= comparing.MOST,
            "refer": 1 <= len(picked) <= MOST_PROGRAMS}
    if wanted not in fits:
        return redirect(link()("provider.new"), 303)
    if not fits[wanted]:
        return _page(said, case, ticked=picked, wrong=gettext(_PICKS[wanted])), 422
    page = {"handout": "provider.handout", "compare": "compare", "refer": "provider.refer"}[wanted]
    return redirect(link()(page, g=[listing_ids.encode(one) for one in picked]), 303)


@desk.page("/ask", Action.REFER, methods=("POST",))
def ask_room() -> ResponseReturnValue:
    """Ask a group if there is room"""
    added = request.form.getlist("g")
    return redirect(link()("provider.new", said=_ask(request.form.get("program", "")), g=added, _anchor="said"), 303)


def _ask(key: str) -> str:
    """What came of asking, a key of SAID. Nothing is counted where nobody can be asked."""
    found, now = listing_ids.decode(key), services().now()
    if found is None or snapshot().find(found) is None:
        raise NotFound("program")
    with services().database.transaction() as session:
        there = changes.find(session, uuid.UUID(found))
        if reminders.recipient(session, there.document, there.id, kind=reminders.CAPACITY) is None:
            return "nobody"
        if spend(session, _OF_GROUP, there.id.bytes, now):
            return "asked-before"
        if spend(session, _OF_TEAM, my_team().bytes, now):
            give_back(session, _OF_GROUP, there.id.bytes, now)
            return "enough"
        reminders.ask_room(session, there, now, locale=services().settings.default_locale)
    return "asked"


def _understood(intake: Mapping[str, Any]) -> tuple[Understood, ...]:
    words = intake.get("needs_text")
    return understand(words, services().vocabulary) if words else ()


def _sure(intake: Mapping[str, Any]) -> tuple[str, ...]:
    return question_page.understood(intake, services().vocabulary)


def _page(said: Answers, case: Case, *, form: intake_form.Form | None = None,
          errors: Mapping[str, Sequence[Problem]] | None = None, ticked: Sequence[str] = (), wrong: str = "") -> str:
    added = tuple(dict.fromkeys([*case.added, *listing_ids.decoded(request.args.getlist("g"))]))[:cases.MOST_ADDED]
    words = said.intake if form is None else {"needs_text": (form.get("needs_text") or [""])[-1]}
    view = intake_form.view(said.intake, _understood(words), form, errors or {})
    level, listed = cases.level_of(said.intake, case), None
    if form is None and said.can_search:
        listed = _listed(cases.searched(said.intake, case), added)
    heard = said.intake if form is None else intake_form.heard(form)
    notices = panels(help_now(), shortlist.raised(heard, _sure(said.intake)))
    return render(
        "provider/new", **view, **notices, **_level_words(level), level=level, case=case, said=said.intake,
        choices=_levels(level, case, form), reasons=_reasons(case, form), listed=listed,
        code=_typed("code", case.code, form), note=_typed("note", case.note, form),
        item_9=bool((heard.get("scores") or {}).get(cases.KEPT_TOTAL)), expired=_is_over(said), demo=snapshot().demo,
        added=[listing_ids.encode(one) for one in added], wrong=wrong,
        ticked={listing_ids.encode(one) for one in ticked or added},
        told=_told(request.args.get("said", "")))


def _told(code: str) -> str:
    """What was just done here, in words."""
    return gettext(SAID[code]) if code in SAID else ""


def _listed(intake: Mapping[str, Any], added: Sequence[str]) -> shortlist.Shortlist:
    found = shortlist.of(intake, added, services=services(), snapshot=snapshot())
    with services().database.reading() as session:
        rows = shortlist.with_ways(session, found.rows, my_team(), services().now())
    return shortlist.Shortlist(rows, found.found, found.hidden)


def _is_over(said: Answers) -> bool:
    """Whether answers were carried that are too old by now."""
    return not said.intake.get("asked_by") and cookie().is_carried(request) and answers() is None


def _level_words(level: cases.Level) -> dict[str, str]:
    return {
        "suggested": facts.level(level.suggested) if level.suggested is not None else "",
        "sources": referrals.instruments_text(level.sources),
        "gone_by": facts.level(level.level) if level.level is not None else "",
        "floor": facts.level(level.floor) if level.floor else "", "holds": referrals.instruments_text(level.holds),
    }


def _levels(level: cases.Level, case: Case, form: intake_form.Form | None) -> list[tuple[str, str, bool]]:
    """The levels to choose from; those below what keeps somebody safe are not among them."""
    own = case.level if case.level is not None else level.level if level.is_own else None
    chosen = _typed("level", "" if own is None else str(max(own, level.floor or 0)), form)
    return [(str(one), capital(facts.level(one)), str(one) == chosen) for one in LEVELS if one >= (level.floor or 0)]


def _reasons(case: Case, form: intake_form.Form | None) -> list[tuple[str, str, bool]]:
    chosen = _typed("reason", case.reason, form)
    return [(one, referrals.override_text(one), one == chosen) for one in OVERRIDES]


def _typed(field: str, kept: str, form: intake_form.Form | None) -> str:
    """What stands in a field: what was sent where a form comes back, else what is kept."""
    return kept if form is None else (form.get(field) or [""])[-1]
