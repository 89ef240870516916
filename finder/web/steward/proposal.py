"""One proposal: what differs, accepting and rejecting it piece by piece, and the answer to whoever sent it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from finder import wording
from finder.accounts import naming, people
from finder.accounts.permissions import Action, Role, Scope, Target
from finder.errors import Conflict, Forbidden, Invalid, Problem
from finder.listings import queue, review
from finder.listings.models import Proposal
from finder.search import alike
from finder.web.comparing_texts import Row
from finder.web.desk import render, version_read
from finder.web.inclusion_page import REFUSED, reasons
from finder.web.pages import link, services, snapshot
from finder.web.signed_in import actor, author
from finder.web.steward import proposal_view
from finder.web.steward.blueprint import desk
from finder.web.steward.proposal_view import WHOLE, Shown
from finder.wordings.doubles import reasons as why_alike
from finder.wordings.language import N_, gettext, locale_name
from finder.wordings.pieces import row_of

OWN: Mapping[str, str] = {
    "reason": N_("Say why, so that whoever sent it knows what to do."),
    "words": N_("Use at most 900 characters."),
}
LONGEST_WORDS = 900  # characters; the answer from the rules stands before them
CHOICE = "choice-"  # before the row in a field's name


@dataclass(slots=True)
class Sent:
    """A form that came back: what was chosen for each row, and why."""

    choices: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    words: str = ""
    editor: bool = False


def proposal_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about one proposal is about."""
    return queue.target_of(session, review.find(session, key))


@desk.page("/proposals/<key>", Action.REVIEW, about=proposal_here, methods=("GET", "POST"))
def proposal(key: str) -> ResponseReturnValue:
    """One change to look at"""
    if request.method == "GET":
        return _page(key, Sent())
    version, sent = version_read(), _sent()
    try:
        _decide(uuid.UUID(key), sent, version)
    except Invalid as wrong:
        return _page(key, sent, errors=_words(wrong.errors)), 422
    except Conflict as late:
        return _page(key, sent, late=late.code, seen=version), 409
    except Forbidden:
        return _page(key, sent), 403
    return redirect(link()("steward.queue", said="decided"), 303)


@desk.page("/proposals/<key>/assign", Action.REVIEW, about=proposal_here, methods=("POST",))
def assign_change(key: str) -> ResponseReturnValue:
    """Take a change, or give it back"""
    mine = request.form.get("take") == "1"
    with services().database.transaction() as session:
        queue.assign(session, uuid.UUID(key), actor().account_id if mine else None)
    return redirect(link()("steward.queue", said="taken" if mine else "given-back"), 303)


def _sent() -> Sent:
    form = request.form
    choices = {name[len(CHOICE):]: value for name, value in form.items() if name.startswith(CHOICE)}
    if form.get("all") == review.ACCEPT:
        choices = {WHOLE: review.ACCEPT}
    return Sent(choices, form.get("policy", "") if form.get("policy") in REFUSED else "",
                form.get("words", "").strip().replace("\r\n", "\n"), form.get("editor") == "1")


def _decide(key: uuid.UUID, sent: Sent, version: int) -> None:
    held = services()
    if len(sent.words) > LONGEST_WORDS or not sent.words.replace("\n", "").isprintable():
        raise Invalid({"words": [Problem("too_long")]})
    with held.database.transaction() as session:
        found = review.find(session, str(key))
        maker = found.account_id
        choices = {name: sent.choices.get(row_of(name), sent.choices.get(WHOLE, review.LATER))
                   for name in found.fields}
        decided = review.decide(session, key, choices, author=author(), now=held.now(), reason=_reason(found, sent),
                                base=version if found.program_id is not None else None)
        if sent.editor and found.kind == "new" and maker is not None and decided.program_id is not None:
            people.give(session, maker, Role.OPERATOR, by=author().name, now=held.now(), scope=Scope.PROGRAM,
                        value=str(decided.program_id))


def _reason(found: Proposal, sent: Sent) -> str:
    """The reason as whoever sent the proposal reads it: the rule that was picked, in their language, and the words."""
    rule = ""
    if sent.policy:
        with force_locale(locale_name(found.locale)):
            rule = reasons()[sent.policy]
    return "\n".join(one for one in (rule, sent.words) if one)


def _words(errors: Mapping[str, list[Problem]]) -> dict[str, list[str]]:
    return {name: [gettext(OWN[name])] if name in OWN else
            [gettext("%(field)s: %(problem)s", field=wording.piece_text(name), problem=wording.problem_text(one))
             for one in many] for name, many in errors.items()}


def _page(key: str, sent: Sent, *, errors: Mapping[str, list[str]] | None = None, late: str = "",
          seen: int | None = None) -> str:
    held, meanwhile = services(), list[Row]()
    with held.database.reading() as session:
        found = review.find(session, key)
        called = naming.names(session, [found.account_id, found.decided_by, found.assigned_to])
        shown = proposal_view.show(session, found, account_id=actor().account_id, now=held.now(), called=called,
                                   choices=sent.choices)
        if late == "stale" and shown.listing is not None and seen is not None:
            meanwhile = proposal_view.since_seen(session, shown.listing, seen)
    return render("steward/proposal", one=shown, sent=sent, errors=errors or {}, late=late, meanwhile=meanwhile,
                  policies=reasons(), alike=_alike(shown), decided_by=called.get(found.decided_by or 0))


def _alike(shown: Shown) -> list[tuple[alike.Alike, list[str], list[str]]]:
    """Listings that a new one may repeat, with what speaks for it and what against."""
    if shown.listing is not None:
        return []
    found = alike.find(snapshot(), proposal_view.document_of(shown.proposal))
    return [(one, *why_alike([{"code": reason.code} for reason in one.likeness.reasons])) for one in found]
