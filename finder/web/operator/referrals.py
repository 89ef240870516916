"""Who asks for a place in the groups that a person looks after: the same questions and answers as behind the links in
letters, noted with their account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action, Target
from finder.errors import Conflict, Invalid, Problem
from finder.listings import changes
from finder.referrals import reading, receiving
from finder.referrals.moving import By
from finder.referrals.receiving import Asked
from finder.referrals.states import ASKABLE, State, Who
from finder.web import receiving as forms
from finder.web.desk import render, target_of
from finder.web.operator.blueprint import desk
from finder.web.pages import link, services
from finder.web.provider.blueprint import referral_keys
from finder.web.signed_in import actor
from finder.wordings.language import N_, gettext

# Where a question stands, for those who are asked.
STANDS: Mapping[str, str] = {
    "sent": N_("Waits for your answer"), "seen": N_("Waits for your answer"), "received": N_("Waits for your answer"),
    "asked": N_("You asked something"), "waiting": N_("On your waiting list"), "accepted": N_("You said yes"),
    "declined": N_("You said no"), "attended": N_("They came"), "missed": N_("They did not come"),
}


def task_here(session: Any, task: str, **values: Any) -> Target:
    """What a page about one question is about: the program that is asked."""
    return target_of(changes.find(session, receiving.find(session, task).program_id))


@desk.page("/referrals", Action.ANSWER_REFERRAL)
def referrals() -> ResponseReturnValue:
    """People who ask for a place in your groups"""
    now = services().now()
    with services().database.reading() as session:
        found = receiving.of_grants(session, actor().grants, now=now)
    items = [{"key": task.key, "name": listing.document["name"], "waits": task.state in ASKABLE,
              "stands": gettext(STANDS[task.state]), "sent_on": wording.day_text(task.sent_at.date()),
              "first_on": wording.day_text(task.first_on) if task.first_on and task.state == State.ACCEPTED else ""}
             for task, listing in found if task.sent_at is not None]
    return render("operator/referrals", items=items)


@desk.page("/referrals/<task>", Action.ANSWER_REFERRAL, about=task_here, methods=("GET", "POST"))
def referral(task: str) -> ResponseReturnValue:
    """Say if there is a place for somebody"""
    g.personal = True
    if request.method == "POST":
        return _answer(task)
    return _page(task, _open(task) if request.method == "GET" else _look(task))


def _answer(key: str) -> ResponseReturnValue:
    held = services()
    try:
        said = forms.answer()
        with held.database.transaction() as session:
            found = receiving.at_desk(session, key, keys=referral_keys(), now=held.now())
            if found is not None:
                receiving.answer(session, found, said, _me(), keys=referral_keys(), now=held.now())
    except Invalid as wrong:
        return _page(key, _open(key), wrong.errors, status=422)
    except Conflict:
        return _page(key, _open(key), changed=True, status=409)
    return redirect(link()("operator.referral", task=key), 303) if found is not None else _page(key, None)


def _open(key: str) -> Asked | None:
    """The question as whoever is shown it reads it, also where an answer is refused: the read is noted."""
    now = services().now()
    with services().database.transaction() as session:
        found = receiving.at_desk(session, key, keys=referral_keys(), now=now)
        if found is not None:
            if forms.is_looked_at():
                receiving.opened(session, found, _me(), now=now)
            reading.looked(session, reading.find(session, found.task.referral_key), _me(), now=now, task=key)
    return found


def _look(key: str) -> Asked | None:
    with services().database.reading() as session:
        return receiving.at_desk(session, key, keys=referral_keys(), now=services().now())


def _me() -> By:
    """The signed-in person as history names them."""
    found = actor()
    return By(Who.RECEIVER, found.author, found.account_id)


def _page(key: str, found: Asked | None, errors: Mapping[str, list[Problem]] | None = None, *,
          changed: bool = False, status: int = 200) -> ResponseReturnValue:
    if found is None:
        return render("operator/referral_over"), 410
    return render("operator/referral", task=key, **forms.view(found, errors=errors or {}, changed=changed)), status
