"""The history of a referral in sentences: what was done, and by whom, for the team whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from finder.wordings import referrals
from finder.wordings.language import N_, day, gettext, ngettext

# Kinds of `referrals.models.ReferralEvent`; those of moves are the moves.
EVENTS: Mapping[str, str] = {
    "created": N_("Made"), "consent": N_("The person’s yes was noted"), "send": N_("Sent"), "open": N_("Opened"),
    "receive": N_("They have it"), "ask": N_("A question came back"), "tell": N_("The question was answered"),
    "wait": N_("Put on the waiting list"), "accept": N_("They said yes"), "decline": N_("They said no"),
    "attend": N_("The person went"), "miss": N_("The person did not go"), "withdraw": N_("Withdrawn"),
    "expire": N_("Withdrawn, for nobody answered"), "skip": N_("Not needed any more"), "remind": N_("Reminded"),
    "reminded": N_("Reminded"), "closed": N_("Closed"), "read": N_("Looked at"),
    "revoked": N_("The person’s yes was taken back"), "new_code": N_("The person got a new code"),
    "new_contact": N_("The letter went to a new address of theirs"),
    "owner": N_("Another colleague looks after it"), "consent_over": N_("The person’s yes ran out"),
    "visit": N_("Asked if the person came"), "place": N_("Asked if there is a place now"),
}
_READ: Mapping[str, str] = {
    "link": N_("Opened by the link of a letter"), "code": N_("The person looked at it"),
    "api": N_("Read by a program of the team"), "export": N_("Taken along as a file"),
}
WHO: Mapping[str, str] = {
    "clock": N_("by itself"), "client": N_("the person"), "receiver": N_("the group"),
}


def event_text(kind: str, facts: Mapping[str, Any]) -> str:
    """One line of the history: "They said yes: first visit January 14"."""
    if kind == "read" and facts.get("how") in _READ:
        return gettext(_READ[str(facts["how"])])
    said, more = gettext(EVENTS.get(kind, N_("Changed"))), _more(kind, facts)
    return gettext("%(what)s: %(more)s", what=said, more=more) if more else said


def _more(kind: str, facts: Mapping[str, Any]) -> str:
    if kind == "consent":
        return referrals.whats_text(list(facts.get("what") or ()))
    if kind == "ask":
        return referrals.questions_text(list(facts.get("asked") or ()))
    if kind == "decline":
        return referrals.decline_text(facts.get("reason"))
    if kind == "accept" and facts.get("first_on"):
        return gettext("first visit %(day)s", day=day(date.fromisoformat(str(facts["first_on"])), year=False))
    if kind == "wait" and facts.get("wait_weeks") is not None:
        return ngettext("about %(count)s week", "about %(count)s weeks", int(facts["wait_weeks"]))
    return referrals.outcome_text(facts.get("outcome")) if kind == "closed" else ""


def who_text(name: str, *, is_you: bool, colleague: str | None) -> str:
    """Who did it. `name` is as the history holds it; `colleague` the address of a member of the team."""
    if is_you:
        return gettext("you")
    if colleague:
        return colleague
    if name in WHO:
        return gettext(WHO[name])
    return gettext("the group") if "operator" in name else gettext("somebody of your team")
