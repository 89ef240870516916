"""Words around a list of results: bands, notices, the level, what was left out, and what one change would add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.wordings.facts import CAPACITY, label
from finder.wordings.language import N_, fill, gettext, ngettext, number, reach

# DESIGN.md, Marks.
BANDS: Mapping[str, str] = {
    "strong": N_("Strong fit"),
    "good": N_("Good fit"),
    "possible": N_("Possible fit"),
    "less_likely": N_("Less likely fit"),
}

# Contract section 4: how heavy things feel right now, never a diagnosis.
LEVELS: Mapping[int | None, str] = {
    0: N_("Your answers suggest a light amount of support."),
    1: N_("Your answers suggest a mild amount of support."),
    2: N_("Your answers suggest a medium amount of support."),
    3: N_("Your answers suggest that things feel heavy right now. More support may help."),
    4: N_("Your answers suggest that things feel very heavy right now. Close support may help."),
    None: N_("You did not say how heavy things feel right now."),
}

NOTICE_TITLES: Mapping[str, str] = {
    "crisis_panel_first": N_("You do not have to be alone with this."),
    "medical_urgent_first": N_("Please get medical help today."),
    "safety_dv_first": N_("You have a right to be safe."),
    "urgent_assessment_first": N_("Please talk to someone today."),
    "offer_panel": N_("Would it help to talk to someone now?"),
    "see_clinician_soon": N_("Please see someone soon."),
    "standing_line_only": N_("Help is there at any time."),
}
NOTICES: Mapping[str, str] = {
    "crisis_panel_first": N_(
        "Your answers suggest things may be very hard right now. A trained person can listen, day or night. It is "
        "free, and you do not have to give your name. If you can, move away from anything you might use to hurt "
        "yourself, and let someone be with you."
    ),
    "medical_urgent_first": N_(
        "Some of this cannot wait for a group. To stop alcohol or some pills all at once can be dangerous. If someone "
        "will not wake up, cannot breathe well, shakes or sees things, call for an ambulance now. If not, call a "
        "doctor today."
    ),
    "safety_dv_first": N_(
        "What is done to you is not your fault. A trained person can talk with you about staying safe, day or night, "
        "and you decide what to do. Someone may see what you look at on this phone or computer. Use another one if "
        "you can."
    ),
    "urgent_assessment_first": N_(
        "Your answers suggest that things move very fast, or do not feel real. A doctor or a crisis team can look at "
        "it with you today. Bring someone you trust, if you can. Groups can go alongside that."
    ),
    "offer_panel": N_(
        "You don’t have to tell us. A trained person can listen, day or night. It is free, and you do not have to "
        "give your name."
    ),
    "see_clinician_soon": N_(
        "A group alone may not be enough right now. Please see a doctor or a therapist this week. You can go to a "
        "group as well."
    ),
    "standing_line_only": N_("If things get worse, you can call or text the help line at the top of this page."),
}

# Contract section 3, in its order.
HIDDEN: Mapping[str, str] = {
    "program_closed": N_("Closed, or not meeting for now"),
    "full_no_waitlist": N_("Full, with no waiting list"),
    "age": N_("For another age"),
    "restricted_population": N_("Only for other groups of people"),
    "role": N_("For family only, or not for family"),
    "language": N_("In other languages"),
    "format": N_("Meet in a way you ruled out"),
    "distance": N_("Too far away"),
    "state_licence": N_("Not allowed to see people in your state"),
    "outside_area": N_("Do not serve where you live"),
    "cost": N_("Cost money, or do not take your insurance"),
    "accessibility": N_("Do not have the access you must have"),
    "program_exclusion": N_("Have a rule that leaves you out for now"),
    "rejects_medication": N_("Do not welcome recovery medicine"),
    "goal_conflict": N_("Ask people to stop, not cut down"),
    "schedule": N_("Meet at times you ruled out"),
}

RELAX: Mapping[str, tuple[str, ...]] = {
    "formats_any": (N_("Any way to meet: %(adds)s more"),),
    "radius_wider": (N_("Widen to %(miles)s: %(adds)s more"), N_("Look farther away: %(adds)s more")),
    "times_any": (N_("Any day and time: %(adds)s more"),),
    "cost_any": (N_("Any cost: %(adds)s more"),),
    "access_any": (N_("Any access: %(adds)s more"),),
}

FACETS: Mapping[str, str] = {
    "group_type": N_("Kind of group"),
    "focus": N_("Topic"),
    "modalities": N_("Way of working"),
    "led_by": N_("Led by"),
    "formats": N_("How you meet"),
    "times": N_("Day and time"),
    "languages": N_("Language"),
    "populations": N_("Made for"),
    "cost": N_("Cost"),
    "accessibility": N_("Access"),
    "gender_mix": N_("Women, men or mixed"),
    "capacity": N_("Room for new people"),
    "band": N_("Fit"),
    "status": N_("Status"),
}
_LISTS = {"group_type": "group_types", "focus": "focus_areas", "modalities": "modalities",
          "led_by": "facilitator_types", "formats": "session_formats", "languages": "languages",
          "populations": "populations", "accessibility": "accessibility"}
FACET_CODES: Mapping[str, Mapping[str, str]] = {
    "times": {"early": N_("Weekdays before 9 am"), "weekday_daytime": N_("Weekdays, 9 am to 5 pm"),
              "evening": N_("Weekday evenings"), "weekend": N_("Weekends")},
    "cost": {"free": N_("Free"), "covered": N_("Takes insurance"), "sliding": N_("Pay by income"), "fee": N_("Fee")},
    "gender_mix": {"women": N_("Women only"), "men": N_("Men only"), "mixed": N_("Mixed")},
    "capacity": CAPACITY,
    "band": BANDS,
    "status": {"active": N_("Meeting now"), "paused": N_("Not meeting for now"), "closed": N_("Closed")},
}


def band_sentence(band: str) -> str:
    return gettext(BANDS[band])


def level_sentence(level: int | None) -> str:
    return gettext(LEVELS[level])


def notice_title(code: str) -> str:
    """The heading of a notice."""
    return gettext(NOTICE_TITLES[code])


def notice_sentences(code: str) -> str:
    """The body of a notice. It names no number: the ways to get help stand beside it, from the settings."""
    return gettext(NOTICES[code])


def hidden_label(code: str) -> str:
    """Why programs were left out, to stand beside their count."""
    return gettext(HIDDEN[code])


def relax_sentence(relax: Mapping[str, Any]) -> str:
    """What one change would add: "Widen to 25 miles: 7 more"."""
    facts = {"adds": number(relax["adds"])}
    if relax.get("value") is not None:
        facts["miles"] = reach(relax["value"])
    return fill(RELAX[relax["change"]], facts)


def groups(count: int) -> str:
    """A count of groups: "1 group", "14 groups"."""
    return ngettext("%(count)s group", "%(count)s groups", count)


def facet_title(facet: str) -> str:
    return gettext(FACETS[facet])


def facet_label(facet: str, code: str) -> str:
    """The label of one choice of a facet; `unknown` is "Not stated"."""
    if code == "unknown":
        return gettext("Not stated")
    if facet in _LISTS:
        return label(_LISTS[facet], code)
    sentence = FACET_CODES.get(facet, {}).get(code)
    return code if sentence is None else gettext(sentence)
