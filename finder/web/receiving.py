"""What the mailed page and the operator's desk share about a referral: what a program may read, in words, and its
answer read from the form. Nothing about the person is shown that the consent does not name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import request

from finder import wording
from finder.errors import Invalid, Problem
from finder.referrals import receiving
from finder.referrals.moving import DECLINE_REASONS, LONGEST_NOTE, MOST_DAYS_AHEAD, QUESTIONS
from finder.referrals.receiving import Answer, Asked
from finder.referrals.states import Move, State
from finder.web.pages import services
from finder.wordings import referrals as words_of
from finder.wordings.language import N_, gettext, ngettext

Lines = list[tuple[str, list[str]]]

MOVES: Mapping[str, Move] = {str(one): one for one in (Move.RECEIVE, Move.ACCEPT, Move.WAIT, Move.ASK, Move.DECLINE,
                                                       Move.ATTEND, Move.MISS)}
# By field and code, where the general sentence would not help.
WRONG: Mapping[tuple[str, str], str] = {
    ("", "required"): N_("Choose one of the buttons."),
    ("first_on", "required"): N_("Choose the first day."),
    ("first_on", "out_of_range"): N_("Choose a day from today on, within a year."),
    ("weeks", "not_a_number"): N_("Write the number of weeks, with digits only."),
    ("reason", "required"): N_("Choose why not."),
    ("asked", "required"): N_("Choose what you need to know."),
}
# What this page says was answered; the sender may have noted it after a call.
SAID: Mapping[State, str] = {
    State.RECEIVED: N_("You have it. You have not said yes or no yet."),
    State.ATTENDED: N_("They came."),
    State.MISSED: N_("They did not come."),
}


# -- what is read ----------------------------------------------------------------------------------------------------


def is_looked_at() -> bool:
    """Whether a person opens the page: a browser says so. Programs that look through mail, and requests for the head
    alone, do not."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return (request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "document"
            and "prefetch" not in ahead)


def view(asked: Asked, *, errors: Mapping[str, list[Problem]], changed: bool = False) -> dict[str, Any]:
    """What the page about one question needs."""
    today = services().now().date()
    consent = asked.consent
    return {
        "name": asked.listing.document["name"], "slug": asked.listing.slug, "team": asked.team, "phone": asked.phone,
        "version": asked.task.version, "moves": {str(one) for one in asked.moves}, "state": str(asked.state),
        "said": said_text(asked), "said_on": wording.day_text(asked.said_on) if asked.said_on else "",
        "person": _person(asked), "lines": _lines(asked), "note": asked.note, "substance": asked.substance,
        "covers": [words_of.what_text(one) for one in consent.what] if consent else [],
        "purpose": words_of.purpose_text(consent.purpose) if consent else "",
        "until": wording.day_text(consent.until) if consent else "",
        "first_day_came": asked.state is State.ACCEPTED and (asked.task.first_on or today) <= today,
        "first_on": _proposed(asked, today),
        # Days are counted in UTC, where it is tomorrow already while it is still evening in the Americas.
        "first_day": (today - timedelta(1)).isoformat(),
        "last_day": (today + timedelta(MOST_DAYS_AHEAD)).isoformat(),
        "reasons": {code: words_of.decline_text(code) for code in DECLINE_REASONS},
        "questions": {code: words_of.question_text(code) for code in QUESTIONS}, "most": LONGEST_NOTE,
        "form": request.form, "errors": _words(errors), "changed": changed,
    }


def said_text(asked: Asked) -> str:
    """What was answered, in a sentence or two; empty for nothing yet."""
    task, state = asked.task, asked.state
    if state is State.ACCEPTED and task.first_on is not None:
        return gettext("Yes. The first day is %(day)s.", day=wording.day_text(task.first_on))
    if state is State.WAITING:
        return (ngettext("On your waiting list, about %(count)s week.", "On your waiting list, about %(count)s weeks.",
                         task.wait_weeks) if task.wait_weeks else gettext("On your waiting list."))
    if state is State.ASKED:
        return gettext("You need to know more: %(what)s", what=words_of.questions_text(task.asked))
    if state is State.DECLINED:
        return gettext("You said no: %(reason)s", reason=words_of.decline_text(task.reason))
    return gettext(SAID[state]) if state in SAID else ""


def _lines(asked: Asked) -> Lines:
    """What the program is told beside the bare question, each a title and lines."""
    told, found = asked.told, Lines()
    needs: Sequence[str] = told.get("needs") or ()
    if needs:
        found.append((gettext("What they need help with"), [wording.label("focus_areas", one) for one in needs]))
    if told.get("level") is not None:
        found.append((gettext("How much support"), [wording.support_range_text(told["level"], told["level"])]))
    return found + _reaching(told.get("hand_off") or {})


def _reaching(hand_off: Mapping[str, str]) -> Lines:
    """How the person may be reached."""
    found = Lines()
    how = [words_of.hand_off_text(hand_off["way"])] if "way" in hand_off else []
    how += [words_of.voicemail_text(hand_off["voicemail"])] if "voicemail" in hand_off else []
    if how:
        found.append((gettext("How to reach them"), how))
    if "time" in hand_off:
        found.append((gettext("Best time"), [hand_off["time"]]))
    if "interpreter" in hand_off:
        found.append((gettext("Interpreter"), [wording.languages_text([hand_off["interpreter"]])]))
    if "note" in hand_off:
        found.append((gettext("Good to know"), hand_off["note"].splitlines()))
    return found


def _person(asked: Asked) -> dict[str, str]:
    """Who the person is, as far as the program may know now; empty before it says yes."""
    found = asked.told.get("identity") or {}
    return {key: found[key] for key in ("name", "phone", "email") if found.get(key)}


def _proposed(asked: Asked, today: date) -> str:
    """The first day that stands in the form: the one that was said, or that of the next meeting."""
    said = asked.task.first_on
    if said is None or said < today:
        said = receiving.next_meeting(asked.listing.document, now=services().now())
    return said.isoformat() if said else ""


def _words(errors: Mapping[str, list[Problem]]) -> dict[str, list[str]]:
    return {field: [gettext(WRONG[field, one.code]) if (field, one.code) in WRONG else wording.problem_text(one)
                    for one in many] for field, many in errors.items()}


# -- what is answered ------------------------------------------------------------------------------------------------


def answer() -> Answer:
    """The answer that a form holds. Raises Invalid by field."""
    form = request.form
    move = MOVES.get(form.get("what", ""))
    if move is None:
        raise Invalid({"": [Problem("required")]})
    return Answer(move, _version(form.get("version", "")),
                  first_on=_day(form.get("first_on", "").strip()) if move is Move.ACCEPT else None,
                  weeks=_weeks(form.get("weeks", "").strip()) if move is Move.WAIT else None,
                  reason=form.get("reason") if move is Move.DECLINE else None,
                  asked=tuple(form.getlist("asked")) if move is Move.ASK else (),
                  note=form.get("note", "") if move in (Move.ASK, Move.DECLINE) else "")


def _version(sent: str) -> int:
    """The version of the question that was shown; one that cannot be read is none there ever was."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def _weeks(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
        raise Invalid({"weeks": [Problem("not_a_number")]})
    return int(typed)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Invalid({"first_on": [Problem("not_a_date")]}) from None
