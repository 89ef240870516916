"""What is done on the page of one referral: a program's answer told by phone, a question answered, a task or a consent
taken back, the next program asked, a new code for the person, the end.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from finder.errors import Conflict, Invalid, NotFound, Problem, Unversioned
from finder.fields import is_day
from finder.referrals import amending, creating, draft, moving, owners, pace
from finder.referrals.models import CLOSED, Referral, ReferralTask
from finder.referrals.states import Move
from finder.web import listing_ids
from finder.web.desk import version_read
from finder.web.provider import refer_form
from finder.web.provider.blueprint import my_team, referral_keys, sender
from finder.web.provider.refer_form import Form
from finder.wordings.language import N_

ASK, CLOSE, END_CONSENT, NEW_CODE, TAKE_OVER = "ask_another", "close", "end_consent", "new_code", "take_over"
MOVES = frozenset((Move.SEND, Move.RECEIVE, Move.ASK, Move.TELL, Move.WAIT, Move.ACCEPT, Move.DECLINE, Move.ATTEND,
                   Move.MISS, Move.WITHDRAW))
# How a sender may end a referral; that the person went is said at the program.
OUTCOMES = ("withdrawn", "declined", "no_answer", "missed", "other")
AS_OF = "as_of"  # the instant of the last change that the page showed
OWN: Mapping[str, str] = {
    **refer_form.OWN,
    "first_on.required": N_("Give the day of the first visit."),
    "first_on.out_of_range": N_("Choose a day from today to a year ahead."),
    "weeks.out_of_range": N_("Use a number of weeks from 0 to 260."),
    "reason.required": N_("Choose why they said no."),
    "asked.required": N_("Tick what they need to know."),
    "note.required": N_("Write your answer."),
    "outcome.required": N_("Choose how it ended."),
}


def do(session: Any, referral: Referral, form: Form, now: datetime) -> str | None:
    """Does what a form of the page says; gives the person's new code where one was made.

    Raises Invalid by field, Conflict where somebody was quicker, Unversioned for a form that does not say what it
    showed, NotFound for a deed or a task that is not there.
    """
    deed = form.get("deed", "")
    if deed in MOVES:
        _move(session, _task(referral, form), Move(deed), form, now)
        return None
    if deed not in DEEDS:
        raise NotFound("page")
    return DEEDS[deed](session, referral, form, now)


def _task(referral: Referral, form: Form) -> ReferralTask:
    found = next((one for one in referral.tasks if one.key == form.get("task")), None)
    if found is None:
        raise NotFound("page")
    return found


def _move(session: Any, task: ReferralTask, move: Move, form: Form, now: datetime) -> None:
    more: dict[str, Any] = {}
    if move is Move.ACCEPT:
        more["first_on"] = _day(form.get("first_on", "").strip())
    elif move is Move.WAIT:
        more["weeks"] = _weeks(form.get("weeks", "").strip())
    elif move is Move.DECLINE:
        more["reason"] = form.get("reason")
    elif move is Move.ASK:
        more["asked"] = form.getlist("asked")
    words = moving.checked_note(form.get("note", ""))
    if move is Move.TELL and not words:
        raise Invalid({"note": [Problem("required")]})
    moving.move(session, task, move, sender(), now=now, version=version_read(),
                note=referral_keys().hidden(words) if words else None, **more)


def _day(typed: str) -> date | None:
    if typed and not is_day(typed):
        raise Invalid({"first_on": [Problem("not_a_date")]})
    return date.fromisoformat(typed) if typed else None


def _weeks(typed: str) -> int | None:
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 5):
        raise Invalid({"weeks": [Problem("not_a_number")]})
    return int(typed) if typed else None


def _end_consent(session: Any, referral: Referral, form: Form, now: datetime) -> None:
    amending.end_consent(session, _task(referral, form), sender(), now=now, version=version_read())
    referral.changed_at = now.replace(tzinfo=None)


def _ask_another(session: Any, referral: Referral, form: Form, now: datetime) -> None:
    _is_as_shown(referral, form)
    program = listing_ids.decode(form.get("program", ""))
    if program is None:
        raise Invalid({"programs": [Problem("none_chosen")]})
    checked = draft.consent(refer_form.draft_of(form)["consent"], today=now.date())
    pace.take_turn(session, my_team(), now)
    creating.ask_another(session, referral, uuid.UUID(program), checked, by=sender(), now=now)


def _close(session: Any, referral: Referral, form: Form, now: datetime) -> None:
    _is_as_shown(referral, form)
    outcome = form.get("outcome", "")
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": [Problem("required")]})
    moving.close(session, referral, outcome, sender(), now=now)


def _is_as_shown(referral: Referral, form: Form) -> None:
    if not form.get(AS_OF):
        raise Unversioned()
    if referral.state == CLOSED or form[AS_OF] != referral.changed_at.isoformat():
        raise Conflict("stale")


def _new_code(session: Any, referral: Referral, form: Form, now: datetime) -> str:
    return amending.renew_code(session, referral, sender(), keys=referral_keys(), now=now)


def _take_over(session: Any, referral: Referral, form: Form, now: datetime) -> None:
    owners.take_over(session, referral, sender(), now=now)


DEEDS: Mapping[str, Callable[[Any, Referral, Form, datetime], str | None]] = {
    ASK: _ask_another, CLOSE: _close, END_CONSENT: _end_consent, NEW_CODE: _new_code, TAKE_OVER: _take_over,
}
