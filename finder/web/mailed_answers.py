"""Where the links in letters about a proposal lead: a listing's old contact agrees or says "not me", and whoever was
told no says, once, why it should be yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import tokens
from finder.accounts.tokens import Link
from finder.errors import Conflict, Invalid
from finder.listings import changes, one_tap, review
from finder.listings.models import Proposal
from finder.web.blueprint import seeker
from finder.web.desk import render
from finder.web.pages import link, services
from finder.wordings import listing_lines
from finder.wordings.language import N_, gettext

NOT_ASKED_FOR = N_("The contact of this listing says that they did not ask for this change.")
YES, NO = "yes", "no"
# What became of a proposal.
DECIDED: Mapping[str, str] = {
    review.ACCEPTED: N_("We took it over."), review.PARTLY: N_("We took over a part of it."),
    review.REJECTED: N_("We did not take it over."), review.WITHDRAWN: N_("It was taken back."),
    review.WAITING: N_("It waits for a person to look at it."),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a listing as it is and as it would be, in words; empty for nothing stated."""

    name: str
    was: Sequence[str]
    would_be: Sequence[str]


@seeker.route("/mail/change/<secret>", methods=["GET", "POST"])
def mailed_change(secret: str) -> ResponseReturnValue:
    """Agree to a change of one's listing, or say that one did not ask for it"""
    found, proposal = _look(secret, "confirm_change")
    if request.method == "POST":
        try:
            _answer(secret, request.form.get("answer", ""))
        except Conflict:
            pass  # decided meanwhile, or by a second tap: the page says how it stands
        return redirect(link()("mailed_change", secret=secret), 303)
    waits = found.state == "open" and proposal.state == review.WAITING
    return render("mailed/change", secret=secret, waits=waits, may_agree=found.facts.get("may_agree", True),
                  result=found.result, state=found.state,
                  decided=gettext(DECIDED[proposal.state]), pieces=_pieces(proposal) if waits else [])


def _answer(secret: str, answer: str) -> None:
    now = services().now()
    with services().database.transaction() as session:
        if answer == YES:
            one_tap.agree(session, secret, now=now)
        elif answer == NO:
            one_tap.refuse(session, secret, words=gettext(NOT_ASKED_FOR), now=now)


@seeker.route("/mail/answer/<secret>", methods=["GET", "POST"])
def mailed_answer(secret: str) -> ResponseReturnValue:
    """See what was decided about what one sent, and ask for a second look, once"""
    found, proposal = _look(secret, "reply")
    words = request.form.get("words", "")
    if request.method == "POST" and found.state == "open":
        try:
            with services().database.transaction() as session:
                one_tap.appeal(session, secret, words, now=services().now())
        except Invalid as wrong:
            errors = {field: [wording.problem_text(one) for one in many] for field, many in wrong.errors.items()}
            return _answer_page(secret, found, proposal, words, errors), 422
        except Conflict:
            pass  # as above
        return redirect(link()("mailed_answer", secret=secret), 303)
    return _answer_page(secret, found, proposal, "", {})


def _answer_page(secret: str, found: Link, proposal: Proposal, words: str, errors: Mapping[str, list[str]]) -> str:
    choices = proposal.choices or {}
    may_appeal = (found.state == "open" and proposal.appealed_at is None
                  and proposal.state in (review.REJECTED, review.PARTLY))
    return render("mailed/answer", secret=secret, decided=gettext(DECIDED[proposal.state]), reason=proposal.reason,
                  accepted=_names(choices, review.ACCEPT), rejected=_names(choices, review.REJECT),
                  appealed=proposal.appealed_at is not None, may_appeal=may_appeal, expired=found.state == "expired",
                  form={"words": words}, errors=errors, most=one_tap.LONGEST_WORDS)


def _names(choices: Mapping[str, str], choice: str) -> list[str]:
    return list(dict.fromkeys(wording.piece_text(name) for name, one in choices.items() if one == choice))


def _look(secret: str, purpose: str) -> tuple[Link, Proposal]:
    g.personal = True
    with services().database.reading() as session:
        found = tokens.look(session, secret, purpose, now=services().now())
        return found, one_tap.proposal_of(session, found)


def _pieces(proposal: Proposal) -> list[Piece]:
    """What waits, piece by piece. A listing that has gone meanwhile has none."""
    if proposal.program_id is None:
        return []
    with services().database.reading() as session:
        there = changes.find(session, proposal.program_id)
    now, wanted = review.as_proposed(proposal, there)
    return [Piece(wording.piece_text(name), _told(now, name), _told(wanted, name)) for name in proposal.fields]


def _told(document: Mapping[str, Any], name: str) -> list[str]:
    """A piece in lines: times with their places, any other as it is written."""
    if name == "sessions":
        return [f"{wording.schedule_text(one)} · {listing_lines.place(one)}" for one in document.get("sessions") or ()]
    field, _, part = name.partition(".")
    value = document.get(field)
    if part and isinstance(value, Mapping):
        value = value.get(part)
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
