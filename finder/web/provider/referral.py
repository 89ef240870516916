"""The page of one referral: where it stands, and what can be done next. Whoever but its owner opens it is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from finder.accounts.permissions import Action, Target
from finder.errors import Conflict, Invalid, NotFound, Problem, TooOften
from finder.listings import changes
from finder.referrals import draft, moving, reading
from finder.referrals.models import OPEN
from finder.web import handout_page, listing_ids, open_form
from finder.web.desk import allow, render
from finder.web.keep_pages import base
from finder.web.pages import link, services
from finder.web.provider import code_cookie, deeds, refer_choices, refer_form, referral_view
from finder.web.provider.blueprint import desk, referral_here, sender
from finder.web.provider.refer import USUAL_CONSENT
from finder.web.provider.refer_form import Form
from finder.web.signed_in import actor
from finder.wordings import consents, referrals
from finder.wordings.language import N_, gettext

LATE: Mapping[str, str] = {
    "stale": N_("This changed while you looked. Nothing was saved. Here is how it stands now."),
    "illegal_move": N_("This changed while you looked. Nothing was saved. Here is how it stands now."),
    "closed": N_("This changed while you looked. Nothing was saved. Here is how it stands now."),
    "too_many": N_("You answered five questions of theirs. Please call them now."),
    "no_consent": N_("The person’s yes does not cover this any more. Ask them again."),
}


@desk.page("/referrals/<key>", Action.SEE_REFERRAL, about=referral_here, methods=("GET", "POST"))
def referral(key: str) -> ResponseReturnValue:
    """Where a referral stands, and what can be done"""
    if request.method == "POST":
        return _do(key)
    return _page(key)


def _do(key: str) -> ResponseReturnValue:
    held = services()
    try:
        with held.database.transaction() as session:
            there = reading.find(session, key)
            allow(Action.REFER, Target(team=there.team_id))
            code = deeds.do(session, there, request.form, held.now())
    except Invalid as wrong:
        return _page(key, request.form, wrong.errors), 422
    except Conflict as late:
        if late.code not in LATE:
            raise
        return _page(key, late=gettext(LATE[late.code])), 409
    except TooOften as full:
        response = make_response(_page(key, request.form, late=gettext(
            "Your team has sent sixty referrals in this hour, which is the most. Please try again later.")), 429)
        response.headers["Retry-After"] = str(full.values["seconds"])
        return response
    response = make_response(redirect(link()("provider.referral", key=key), 303))
    if code is not None:
        code_cookie.tell(response, actor().account_id, key, code)
    return response


def _page(key: str, form: Form | None = None, wrong: Mapping[str, Sequence[Problem]] | None = None, *,
          late: str = "") -> str:
    """The page, also where a form is refused: whoever is shown it has read the referral."""
    _note_look(key)
    now, me = services().now(), actor().account_id
    with services().database.reading() as session:
        there = reading.find(session, key)
        shown = referral_view.view(session, there, me=me, now=now)
        asking = _asking(session, there, shown.team, form)
    told = code_cookie.told(me)
    code = told if told is not None and told.referral == key else None
    failed = _failed(shown, form)
    return render(
        "provider/referral", one=shown, late=late, code=code, reader=me, form=form or {}, failed=failed,
        errors=_errors(wrong or {}, failed[0]), part_2=consents.part_2_text(), next_page=_next_page(), asking=asking,
        reasons=refer_choices.of(moving.DECLINE_REASONS, referrals.decline_text),
        questions=refer_choices.of(moving.QUESTIONS, referrals.question_text),
        outcomes=refer_choices.of(deeds.OUTCOMES, referrals.outcome_text),
        has_fhir="provider.export_one" in current_app.view_functions,
        has_table="provider.export_csv" in current_app.view_functions)


def _note_look(key: str) -> None:
    with services().database.reading() as session:
        is_owner = reading.find(session, key).owner_id == actor().account_id
    if not is_owner:
        with services().database.transaction() as session:
            reading.looked(session, reading.find(session, key), sender(), now=services().now())


def _failed(shown: referral_view.Shown, form: Form | None) -> tuple[str, str]:
    """Which form came back: what its ids begin with, and its deed."""
    if form is None:
        return "", ""
    if form.get("deed") not in deeds.MOVES:
        return "", form.get("deed", "")
    task = next((one for one in (shown.main, *shown.others) if one.key == form.get("task")), None)
    return (task.at if task is not None else ""), form["deed"]


def _errors(wrong: Mapping[str, Sequence[Problem]], at: str) -> dict[str, list[str]]:
    """Sentences by the id of the field. The form for another program has the names of the form of a referral."""
    if at:
        return {f"{at}{field}": words for field, words in open_form.words(
            {name: list(many) for name, many in wrong.items()}, deeds.OWN).items()}
    if "outcome" in wrong:
        return open_form.words({"outcome": list(wrong["outcome"])}, deeds.OWN)
    return refer_form.errors_of(wrong)


def _asking(session: Any, there: Any, team: str, form: Form | None) -> dict[str, Any] | None:
    """The form for one more program, when the address or the form that came back names one that can be asked."""
    wanted = listing_ids.decode((form.get("program", "") if form else "") or request.args.get("ask", ""))
    if wanted is None or there.state != OPEN:
        return None
    try:
        listing = changes.find(session, wanted)
    except NotFound:
        return None
    if not moving.goes_on(listing) or any(one.program_id == listing.id for one in there.tasks):
        return None
    today, substance = services().now().date(), referral_view.tells_of_substance(there, listing)
    blank: Form = MultiDict([("purpose", draft.PURPOSES[0]), ("given_on", today.isoformat()),
                             ("until", (today + USUAL_CONSENT).isoformat())])
    return {"group": referral_view.better(listing, services().now()),
            "form": form if form is not None and form.get("deed") == deeds.ASK else blank,
            "said": consents.consent_lines(draft.CONSENT_TEXT, team=team, programs=listing.document["name"],
                                           substance=substance),
            "part_2": consents.part_2_text() if substance else "", **refer_choices.of_consent()}


def _next_page() -> str:
    """The address where the person types their code, as it is said aloud."""
    return f"{base()}{link()('home')}{handout_page.NEXT_STEP}".partition("://")[2]
