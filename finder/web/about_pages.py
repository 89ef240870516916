"""The pages about this site: who runs it and what it lists, how matching works, privacy, accessibility."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from finder import wording
from finder.listings import insight
from finder.matching.ruleset import REASONS, Ruleset
from finder.web.blueprint import seeker
from finder.web.own import own
from finder.web.pages import render, services, snapshot, tel
from finder.web.results_page import CHANGE_OF
from finder.wordings.language import N_, gettext, number

# What each criterion of the ranking asks, as a reader would say it.
CRITERIA: Mapping[str, str] = {
    "need": N_("Is it for what you would like help with?"),
    "severity": N_("Does it give about as much support as your answers suggest?"),
    "reach": N_("Can you get there, or join from home?"),
    "schedule": N_("Does the time suit you?"),
    "preference": N_("Who leads it, what is the goal, and is it the way you like?"),
    "cost": N_("Can you pay for it?"),
    "identity": N_("Is it made for people like you?"),
    "availability": N_("How soon can you start?"),
    "freshness": N_("When did a person last check the facts?"),
}
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9][0-9() .-]{6,30}")


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach who runs this instance: the words of the setting, and where they lead if a link can be made."""

    words: str
    href: str


def contact_of(words: str) -> Contact:
    """The contact of a setting. A sentence stays a sentence."""
    plain = words.strip()
    if _MAIL.fullmatch(plain):
        return Contact(plain, f"mailto:{plain}")
    if _PHONE.fullmatch(plain):
        return Contact(plain, tel(plain))
    return Contact(plain, plain if re.fullmatch(r"https?://\S+", plain) else "")


@seeker.get("/about")
def about() -> ResponseReturnValue:
    """Who runs this site, how to reach them, and which groups it lists"""
    mine = own()
    return render("about", operator=mine.operator, reach=contact_of(mine.contact), checked=_checked())


def _checked() -> list[str]:
    """How fresh the list is, in sentences; none when nobody can look. This page must show without a database too."""
    held = services()
    try:
        if snapshot().demo:
            return [gettext("The groups shown here are made up, so nobody has checked them.")]
        with held.database.reading() as session:
            found = insight.checked(session, held.now().date())
    except Exception:  # noqa: BLE001 - any failure of any driver
        return []
    if not found.total:
        return [gettext("There are no listings yet, so there was nothing to check.")]
    return [gettext("Of every 100 listings, a person checked %(count)s in the last 90 days.",
                    count=found.of_hundred(90)),
            gettext("A date that came with somebody else’s list does not count.")]


@seeker.get("/how-matching-works")
def matching() -> ResponseReturnValue:
    """How the list is made, with the weights that are in force"""
    rules = services().rules
    return render("matching", ruleset=rules.name, weights=weights_of(rules),
                  limits=[(wording.hidden_text(reason), reason in CHANGE_OF) for reason in REASONS])


def weights_of(rules: Ruleset) -> list[tuple[str, str]]:
    """Each criterion as a question with its share of a hundred, the heaviest first."""
    heaviest = sorted(CRITERIA, key=lambda criterion: -rules.weights[criterion])
    return [(gettext(CRITERIA[one]), number(round(rules.weights[one], 1))) for one in heaviest]


@seeker.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What happens to answers, and to facts about health"""
    settings = services().settings
    return render("privacy", counting=settings.tallies == "on",
                  map_site=settings.map_origin.partition("://")[2])


@seeker.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How these pages can be used, how that was checked, and what is missing"""
    return render("accessibility")
