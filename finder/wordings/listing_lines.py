"""The few facts of a listing that its own people are asked about: when, where, how to reach it, how to join, room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from finder.wordings import facts, schedule
from finder.wordings.language import N_, gettext, ngettext
from finder.wordings.topics import FORMATS, named

MOST_TIMES = 6
JOINING: Mapping[str, str] = {
    "walk_in": N_("Just come. No sign-up."), "call": N_("Call first."), "register": N_("Sign up first."),
    "referral": N_("You need a referral, for instance from a doctor."),
}
JOINING_UNKNOWN = N_("How to join is not stated. Call or write first.")


def joining(document: Mapping[str, Any]) -> str:
    """How to join, in one sentence."""
    contact = document.get("contact") or {}
    how = contact.get("how_to_join") or ("walk_in" if (document.get("policies") or {}).get("walk_in") else None)
    return gettext(JOINING[how] if how else JOINING_UNKNOWN)


def lines(document: Mapping[str, Any], today: date) -> list[tuple[str, list[str]]]:
    """Title and words of every fact, in the order of the listing's page; what is not stated says so."""
    contact, organization = document.get("contact") or {}, document.get("organization") or {}
    unknown = gettext("Not stated")
    pairs: list[tuple[str, list[str | None]]] = [
        (gettext("When"), [*times(document, today)]),
        (gettext("Where"), [*places(document)]),
        (gettext("Phone"), [contact.get("phone") or organization.get("phone")]),
        (gettext("Email"), [contact.get("email")]),
        (gettext("Web page"), [contact.get("url")]),
        (gettext("How to join"), [joining(document)]),
        (gettext("New people welcome"), [facts.capacity(document.get("capacity"), today=today)]),
        (gettext("Cost"), [facts.cost(document.get("cost"))]),
    ]
    return [(title, [one for one in said if one] or [unknown]) for title, said in pairs]


def times(document: Mapping[str, Any], today: date) -> list[str]:
    """When it meets, a line for each time."""
    if document.get("status") == "paused":
        return [gettext("Not meeting for now")]
    said = [schedule.session_sentence(one, today=today) for one in document.get("sessions") or ()]
    more = len(said) - MOST_TIMES
    return said if more <= 0 else [*said[:MOST_TIMES], ngettext("%(num)s more time", "%(num)s more times", more)]


def places(document: Mapping[str, Any]) -> list[str]:
    """Where it meets, each place once."""
    return list(dict.fromkeys(place(one) for one in document.get("sessions") or ()))


def place(session: Mapping[str, Any]) -> str:
    """One place in a line: the address, or how people join from home, with a link or number that is stated.

    A hidden address stays out: letters are read by others too.
    """
    location = session.get("location") or {}
    region = " ".join(location[key] for key in ("state", "postal_code") if location.get(key))
    at = [location.get("city"), region]
    if not location.get("hidden"):
        at = [location.get("name"), location.get("address_1"), *at]
    said = ", ".join(part for part in (*at, session.get("join_url"), session.get("dial_in")) if part)
    if session["format"] != "in_person":
        return ": ".join(part for part in (named(FORMATS, session["format"]), said) if part)
    if location.get("hidden"):
        return ". ".join(part for part in (said, gettext("The address is given after you get in touch.")) if part)
    return said or gettext("Not stated")
