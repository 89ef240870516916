"""Single facts of a listing in words: labels, cost, places left, ages, last check, and the first visit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from babel import Locale, UnknownLocaleError

from finder.errors import Invalid
from finder.vocabulary import vocabulary
from finder.wordings.bilingual import say
from finder.wordings.language import (
    N_,
    capital,
    day,
    gettext,
    language,
    listed,
    locale,
    money,
    ngettext,
    since,
    weeks,
)
from finder.wordings.topics import LEADERS, PAYERS, SUPPORT, named, support

_STALE_DAYS = 90  # contract section 1, capacity: an older answer counts as not stated
_OLD_DAYS = 183  # DESIGN.md, Marks: older than six months reads "not checked for"

ASK_ABOUT_IT = N_("Call first and ask what the first visit is like.")
SUPPORT_LINES: Mapping[str, str] = {
    "peer_support": N_("People take turns to talk and listen. You can just listen the first time."),
    "mutual_aid": N_("Members welcome you. You can sit and listen, and you do not have to speak."),
    "clinician_support": N_("A trained helper opens the talk. You share only what you want to."),
    "psychoed": N_("It is like a class. You listen, ask and try things out."),
    "skills": N_("You learn one skill at a time and try it at home."),
    "structured_therapy": N_("A therapist meets you first. Then each week has a plan."),
    "process": N_("A therapist meets you first. Then you talk about what comes up in the group."),
    "iop": N_("Staff meet you first and make a plan. You come several days a week and sleep at home."),
    "php": N_("Staff meet you first and make a plan. You come most of the day and sleep at home."),
    "family_peer": N_("Other relatives share what helps them. You can just listen the first time."),
    "family_therapy": N_("A therapist meets you and your family and asks what you hope for."),
    "grief_group": N_("People who also lost someone sit together. Tears are fine, and so is quiet."),
    "recovery_center": N_("Someone shows you around. Stay as long as you like and join what you like."),
    "warmline": N_("A trained peer answers and listens. It is for company, not for emergencies."),
    "online_community": N_("Read first, write when you feel ready. Someone watches over the space."),
}


def label(list_name: str, code: str) -> str:
    """The label of a vocabulary code in the reader's language.

    A language outside the list is named by its ISO 639 code; any other code the list does not hold stays as it is.
    """
    try:
        return say(partial(vocabulary().lists[list_name].label, code), list_name)
    except Invalid:
        if list_name != "languages":
            return code
    try:
        return capital(Locale.parse(code).get_display_name(locale()) or code)
    except (UnknownLocaleError, ValueError):
        return code


def languages(codes: list[str] | tuple[str, ...], *, either: bool = False) -> str:
    """Languages as a list inside a sentence: "English and Spanish"."""
    names = [label("languages", code) for code in codes]
    if language() == "es":
        names = [name[:1].lower() + name[1:] for name in names]
    return listed(names, either=either)


def leader(led_by: str | None) -> str:
    """Who leads a group: "Led by a licensed therapist"."""
    if led_by is None or led_by not in LEADERS:
        return gettext("Who leads it is not stated")
    return gettext(LEADERS[led_by])


def support_line(group_type: str) -> str:
    """What the first visit to a kind of group is like, in a line or two."""
    return gettext(SUPPORT_LINES.get(group_type, ASK_ABOUT_IT))


def support_range(low: int, high: int, *, stated: bool = True) -> str:
    """How much support a group gives; a range that is only usual for its kind says so. Levels 0-4."""
    words = capital(support(low, high))
    return words if stated else gettext("%(support)s, typical, not stated by the group", support=words)


def level(number_of: int | None) -> str:
    """A level of support as one word, "not stated" when unknown."""
    return gettext("not stated") if number_of is None else gettext(SUPPORT[number_of])


def cost(stated: Mapping[str, Any] | None) -> str:
    """What it costs: "Free", "$45, less if your income is low", "$45, takes Medicaid"."""
    if not stated:
        return gettext("Cost not stated")
    if stated.get("free") or stated.get("amount") == 0:
        return gettext("Free")
    parts = [_fee(stated)]
    payers = stated.get("insurance")
    if payers:
        parts.append(gettext("takes %(payers)s", payers=named(PAYERS, payers, either=True)))
    elif payers is not None:
        parts.append(gettext("takes no insurance"))
    return ", ".join(parts)


def _fee(stated: Mapping[str, Any]) -> str:
    amount, sliding = stated.get("amount"), stated.get("sliding_scale")
    if amount is None:
        return gettext("Pay by income") if sliding else gettext("There is a fee")
    price = money(amount, stated.get("currency") or "USD")
    if sliding:
        return gettext("%(price)s, less if your income is low", price=price)
    return gettext("%(price)s each time", price=price)


def capacity(stated: Mapping[str, Any] | None, *, starts_on: str | None = None, today: date | None = None) -> str:
    """Whether there is a place: "Open to new people", "Waiting list, about 5 weeks", "3 places, starts January 14".

    With `today`, an answer older than 90 days counts as not stated, and a start in the past is left out.
    """
    start = date.fromisoformat(starts_on) if starts_on else None
    if start is not None and today is not None and start <= today:
        start = None
    known = _fresh(stated, today)
    seats = known.get("seats") if known.get("status") in (None, "open") else None
    if start is not None and known.get("status") in (None, "open"):
        begins = day(start, year=today is None or start.year != today.year)
        if seats:
            return ngettext("%(count)s place, starts %(day)s", "%(count)s places, starts %(day)s", seats, day=begins)
        return gettext("Starts %(day)s", day=begins)
    if seats:
        return ngettext("%(count)s place open", "%(count)s places open", seats)
    if known.get("status") == "waitlist" and known.get("wait_weeks"):
        return gettext("Waiting list, about %(weeks)s", weeks=weeks(known["wait_weeks"]))
    return gettext(CAPACITY.get(known.get("status"), PLACES_NOT_STATED))


PLACES_NOT_STATED = N_("Places not stated")
CAPACITY: Mapping[Any, str] = {
    "open": N_("Open to new people"),
    "waitlist": N_("Waiting list"),
    "full": N_("Full, no waiting list"),
    "assessment_first": N_("A first talk comes before joining"),
}


def _fresh(stated: Mapping[str, Any] | None, today: date | None) -> Mapping[str, Any]:
    if not stated:
        return {}
    as_of = stated.get("as_of")
    if today is not None and as_of and (today - date.fromisoformat(as_of)).days > _STALE_DAYS:
        return {}
    return stated


def ages(stated: Mapping[str, Any] | None) -> str:
    """Who may come by age: "Ages 18 to 25", "18 and older", "Up to 17", "All ages or not stated"."""
    low, high = (stated or {}).get("min"), (stated or {}).get("max")
    if low is not None and high is not None:
        return gettext("Ages %(low)s to %(high)s", low=low, high=high)
    if low is not None:
        return gettext("%(low)s and older", low=low)
    if high is not None:
        return gettext("Up to age %(high)s", high=high)
    return gettext("Ages not stated")


def checked(on: str | None, today: date) -> str:
    """When a person last checked the facts: "Checked 3 weeks ago", "Not checked for 9 months", "Not checked yet"."""
    if on is None:
        return gettext("Not checked yet")
    days = (today - date.fromisoformat(on)).days
    if days <= 0:
        return gettext("Checked today")
    if days > _OLD_DAYS:
        return gettext("Not checked for %(time)s", time=since(days))
    return gettext("Checked %(time)s ago", time=since(days))
