"""What is said of referrals: where one stands, what comes next, and the codes of answers, consents and hand-offs.

For the desk of those who send, the page of those who answer, and the person's own. Nobody is named, and no need is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from finder.wordings.language import N_, day, gettext, listed, ngettext

# Where a task stands, for those who sent it: `referrals.states.State`.
STATES: Mapping[str, str] = {
    "planned": N_("Next in order"),
    "sent": N_("Asked, not opened yet"),
    "seen": N_("Opened, no answer yet"),
    "received": N_("They have it"),
    "asked": N_("They ask you something"),
    "waiting": N_("On the waiting list"),
    "accepted": N_("They said yes"),
    "declined": N_("They said no"),
    "no_answer": N_("No answer"),
    "withdrawn": N_("Withdrawn"),
    "skipped": N_("Not needed any more"),
    "attended": N_("Went"),
    "missed": N_("Did not go"),
}
CALL = N_("You call them")  # a task that no letter goes out for, until it is answered
# How a whole referral ended, or that it goes on.
OUTCOMES: Mapping[str, str] = {
    "attended": N_("The person went"),
    "missed": N_("The person did not go"),
    "withdrawn": N_("Withdrawn"),
    "declined": N_("No group had a place"),
    "no_answer": N_("No group answered"),
    "accepted": N_("A group said yes"),
    "waiting": N_("On a waiting list"),
    "lapsed": N_("Nothing was heard for a long time"),
    "other": N_("Ended for another reason"),
}
# Why a program says no: `referrals.moving.DECLINE_REASONS`.
DECLINES: Mapping[str, str] = {
    "full": N_("No place is free"),
    "not_a_fit": N_("The group does not fit what the person needs"),
    "needs_more": N_("The person needs more support than the group gives"),
    "eligibility": N_("The person is outside the group’s rules, as for age or area"),
    "insurance": N_("The group does not take the person’s insurance"),
    "cannot_reach": N_("They could not reach the person"),
    "not_running": N_("The group is not meeting now"),
    "other": N_("Another reason"),
}
# What a program may need to know first: `referrals.moving.QUESTIONS`.
QUESTIONS: Mapping[str, str] = {
    "insurance": N_("Insurance or how it is paid"),
    "age": N_("The person’s age"),
    "language": N_("Language or interpreter"),
    "times": N_("Times that suit the person"),
    "access": N_("What the person needs to get in and take part"),
    "safety": N_("Whether the person is safe now"),
    "contact": N_("How to reach the person"),
    "other": N_("Something else"),
}
# Why another level of support was chosen than the totals suggest: `referrals.draft.OVERRIDES`.
OVERRIDES: Mapping[str, str] = {
    "judgment": N_("What I see says more than the totals"),
    "wish": N_("The person wants it this way"),
    "no_group": N_("No group of that level is in reach"),
    "old_totals": N_("The totals are old"),
    "other": N_("Another reason"),
}
# What a consent covers, beside the bare request: `referrals.draft.WHAT`.
WHAT: Mapping[str, str] = {
    "needs": N_("What the person needs help with"),
    "level": N_("How much support is asked for, without any scores"),
    "reach": N_("How and when the person may be reached"),
    "identity": N_("The person’s name and number, once the group says yes"),
}
PURPOSES: Mapping[str, str] = {"join": N_("To ask for a place"), "care": N_("To work together on care")}
WAYS: Mapping[str, str] = {
    "written": N_("In writing, signed on paper"),
    "electronic": N_("Signed electronically"),
    "spoken": N_("Said out loud"),
}
# How the person wants to be reached: `referrals.draft.HAND_OFF_WAYS` and VOICEMAIL.
HAND_OFF_WAYS: Mapping[str, str] = {
    "call": N_("Phone call"), "text": N_("Text message"), "email": N_("Email"), "through_us": N_("Through us only"),
}
VOICEMAILS: Mapping[str, str] = {
    "yes": N_("A message may be left"),
    "no": N_("Not safe to leave a message"),
    "unknown": N_("Not known if a message is safe"),
}
BY_PHONE = "phone"
ASKABLE = frozenset(("sent", "seen", "received"))


def state_text(state: str, *, way: str = "mail") -> str:
    """Where a task stands, for those who sent it: "Asked, not opened yet". `way`: how the program is asked."""
    sentence = CALL if way == BY_PHONE and state == "sent" else STATES.get(state, state)
    return gettext(sentence)


def outcome_text(outcome: str | None) -> str:
    """How a referral ended; empty for one that goes on."""
    return gettext(OUTCOMES.get(outcome, OUTCOMES["other"])) if outcome else ""


def task_next_text(state: str, *, way: str = "mail", due_on: date | None = None, reminders: int = 0,
                   first_on: date | None = None, wait_weeks: int | None = None, asks_next: bool = False,
                   others: bool = False, today: date | None = None) -> str:
    """What happens next with a task, and when, in a sentence or two; empty where nothing does.

    `due_on`: when the clock looks again. `reminders`: how many were sent. `others`: another program waits its turn.
    `asks_next`: it will be asked by itself.
    """
    if state in ASKABLE:
        return _without_answer(state, way, due_on, reminders, asks_next=asks_next)
    if state == "accepted":
        return _first_visit(first_on, today)
    if state == "waiting":
        return (ngettext("About %(count)s week, they said. We ask you then.",
                         "About %(count)s weeks, they said. We ask you then.", wait_weeks) if wait_weeks
                else gettext("They did not say how long. Call them now and then."))
    if state == "planned":
        return _in_turn(way, asks_next=asks_next)
    if others and state in _ENDED:
        return gettext("Another group is next in order. Ask it now, or close the referral.")
    return gettext(_THEN[state]) if state in _THEN else ""


def _in_turn(way: str, *, asks_next: bool) -> str:
    if not asks_next:
        return gettext("It is asked when you say so.")
    return (gettext("Its turn comes when those before it say no or do not answer. Then you call them.")
            if way == BY_PHONE else gettext("We ask it when those before it say no or do not answer."))


_ENDED = frozenset(("declined", "no_answer", "withdrawn"))
_THEN: Mapping[str, str] = {
    "asked": N_("Answer them, and they go on."),
    "declined": N_("Choose another group, or close it."),
    "no_answer": N_("Call them, choose another group, or close it."),
    "withdrawn": N_("Choose another group, or close it."),
    "missed": N_("Talk it over with the person. Try again, or choose another group."),
}


def _without_answer(state: str, way: str, due_on: date | None, reminders: int, *, asks_next: bool) -> str:
    if way == BY_PHONE:
        return (gettext("Call them, and write down what they say. We ask you on %(day)s.", day=_day(due_on)) if due_on
                else gettext("Call them, and write down what they say."))
    if due_on is None:
        return gettext("They answer by the link in our letter.")
    if not reminders:
        return gettext("If there is no answer by %(day)s, we remind them and tell you.", day=_day(due_on))
    if asks_next:
        return gettext("Reminded. If there is no answer by %(day)s, we ask the next group.", day=_day(due_on))
    return gettext("Reminded. If there is no answer by %(day)s, we take it back and tell you.", day=_day(due_on))


def _first_visit(first_on: date | None, today: date | None) -> str:
    if first_on is None:
        return gettext("Ask them for the day of the first visit.")
    if today is not None and first_on < today:
        return gettext("The first visit was to be on %(day)s. Did they go?", day=_day(first_on))
    return gettext("First visit on %(day)s.", day=_day(first_on))


def _day(on: date) -> str:
    return day(on, year=False)


def decline_text(code: str | None) -> str:
    """Why a program said no."""
    return gettext(DECLINES.get(code or "other", DECLINES["other"]))


def question_text(code: str) -> str:
    """What a program needs to know."""
    return gettext(QUESTIONS.get(code, QUESTIONS["other"]))


def questions_text(codes: list[str]) -> str:
    """All that a program needs to know, in a line."""
    return "; ".join(question_text(one) for one in codes)


def override_text(code: str) -> str:
    """Why another level was chosen."""
    return gettext(OVERRIDES.get(code, OVERRIDES["other"]))


def what_text(code: str) -> str:
    """One thing that a consent covers."""
    return gettext(WHAT[code])


def whats_text(codes: list[str]) -> str:
    """All that a consent covers, in a line; the bare request where it covers nothing else."""
    return "; ".join(what_text(one) for one in codes) or gettext("Only that a place is asked for")


def purpose_text(code: str) -> str:
    """What a consent is for."""
    return gettext(PURPOSES[code])


def way_text(code: str) -> str:
    """How a consent was given."""
    return gettext(WAYS[code])


def hand_off_text(code: str) -> str:
    """How the person wants to be reached."""
    return gettext(HAND_OFF_WAYS[code])


def voicemail_text(code: str) -> str:
    """Whether a message may be left."""
    return gettext(VOICEMAILS[code])


def instruments_text(codes: tuple[str, ...] | list[str]) -> str:
    """Instruments and answers that reach a level, by the names they are known by: "PHQ-9 and GAD-7"."""
    return listed(gettext(SOURCES[one]) for one in codes if one in SOURCES)


# `intake.severity.SOURCES`, as a clinician calls them.
SOURCES: Mapping[str, str] = {
    "phq4": N_("PHQ-4"), "phq9": N_("PHQ-9"), "gad7": N_("GAD-7"), "k6": N_("K6"), "audit_c": N_("AUDIT-C"),
    "dast10": N_("DAST-10"), "substance": N_("the answers about use"), "stated_level": N_("the level you chose"),
    "impact": N_("how much it gets in the way"), "pc_ptsd5": N_("PC-PTSD-5"), "phq9_item9": N_("PHQ-9 item 9"),
    "safety": N_("the answer about safety"), "urgent": N_("the urgent signs"),
}
