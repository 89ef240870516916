"""The values of a listing's pieces in lines of words, with nothing left out: for those who compare and decide.

A public page hides some addresses; here they stand. What a piece is called is `piece_names`' to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from finder.wordings import facts, piece_names, schedule, states
from finder.wordings.language import N_, day, gettext, number
from finder.wordings.listing_lines import JOINING
from finder.wordings.topics import ACCESS, FORMATS, GROUPS, named

GROUPED = ("cost",)  # fields whose pieces people read as one
_TITLES: Mapping[str, str] = {"x": N_("Other facts"), "verified": N_("Last checked"), "source": N_("Source")}
_LISTS: Mapping[str, str] = {
    "group_type": "group_types", "led_by": "facilitator_types", "modalities": "modalities", "focus": "focus_areas",
    "populations": "populations", "restricted_to": "populations", "languages": "languages",
}
_SAID: Mapping[str, Mapping[Any, str]] = {
    "status": {"active": N_("It meets"), "paused": N_("Not meeting for now"), "closed": N_("It has ended")},
    "attendees": {"person": N_("People who have this themselves"), "relatives": N_("Family, friends and carers"),
                  "anyone": N_("Anyone: you, family and friends")},
    "gender_mix": {code: GROUPS[code] for code in ("women", "men") if code in GROUPS} | {"mixed": N_("Mixed")},
    "interpreter": {"yes": N_("Yes"), "no": N_("No"), "on_request": N_("If you ask first")},
    "open_group": {True: N_("You can join at any time"), False: N_("Only at the start")},
    "contact.how_to_join": JOINING,
    "organization.kind": {
        "peer_run": N_("Run by peers"), "nonprofit": N_("Nonprofit"), "public": N_("Public agency"),
        "health_system": N_("Hospital or health system"), "private_practice": N_("Private practice"),
        "faith": N_("Faith community"), "school": N_("School or college"), "employer": N_("Employer"),
        "tribal": N_("Tribal organization"), "veterans": N_("Veterans’ organization"), "library": N_("Library"),
        "other": N_("Something else")},
}
_METHODS: Mapping[Any, str] = {
    "phone": N_("Somebody called"), "email": N_("By email"), "web": N_("On their website"),
    "operator": N_("The group told us"), "visit": N_("Somebody visited"), "import": N_("From the source list"),
}
_POLICIES: Mapping[str, str] = {
    "recovery_medication": N_("Recovery medicine"), "moderation_goal": N_("Cutting down, not stopping"),
    "excludes": N_("In a crisis with thoughts of suicide"), "min_days_sober": N_("Days without use first"),
    "court_ordered_only": N_("Only for people sent by a court"), "partners_welcome": N_("Partners may come"),
    "one_to_one": N_("One-to-one talks"), "walk_in": N_("Coming without a sign-up"),
    "moderated": N_("Someone watches over the space"), "hours_per_week": N_("Hours a week"),
    "group_size": N_("People in the group"),
}
_VALUES: Mapping[Any, str] = {
    "welcome": N_("Welcome"), "refused": N_("Not welcome here"), True: N_("Yes"), False: N_("No"),
    "active_suicidal_crisis": N_("This group asks people to get other help first"),
}


def row_of(piece: str) -> str:
    """The row in which a piece is shown: "cost" for "cost.amount", itself for most."""
    head = piece.partition(".")[0]
    return head if head in GROUPED else piece


def title(row: str) -> str:
    """What a row is called: "Phone", "Cost"."""
    return gettext(_TITLES[row]) if row in _TITLES else piece_names.name(row)


def lines(row: str, document: Mapping[str, Any] | None) -> list[str]:
    """A row of a listing in words, a line for each thing; empty when it says nothing."""
    head, _, part = row.partition(".")
    value = (document or {}).get(head)
    if part and isinstance(value, Mapping):
        value = value.get(part)
    if value is None:
        return []
    if row in _SAID and _plain_key(value):
        return [gettext(_SAID[row].get(value, str(value)))]
    if head in _LISTS:
        return [facts.label(_LISTS[head], code) for code in ([value] if isinstance(value, str) else value)]
    return [line for line in _WAYS.get(row, _other)(value) if line]


def _plain_key(value: Any) -> bool:
    return isinstance(value, str | bool)


def _other(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}: {'; '.join(_other(one))}" for name, one in value.items()]
    if isinstance(value, list | tuple):
        return [", ".join(line for one in value for line in _other(one))]
    if isinstance(value, bool):
        return [gettext(_VALUES[value])]
    return [number(value)] if isinstance(value, float) else str(value).split("\n")


def _sessions(value: Sequence[Mapping[str, Any]]) -> list[str]:
    return [" · ".join(part for part in (schedule.session_sentence(one, zone=True), named(FORMATS, one["format"]),
                                         _place(one)) if part) for one in value]


def _place(session: Mapping[str, Any]) -> str:
    """Where it meets with all that is stated, also what a public page hides."""
    at = session.get("location") or {}
    region = " ".join(at[key] for key in ("state", "postal_code") if at.get(key))
    parts = [at.get("name"), at.get("address_1"), at.get("city"), region, at.get("country"), session.get("join_url"),
             session.get("dial_in")]
    if at.get("latitude") is not None:
        parts.append(f"{at['latitude']}, {at['longitude']}")
    if at.get("hidden"):
        parts.append(gettext("the address is not shown"))
    return ", ".join(part for part in parts if part)


def _cost(value: Mapping[str, Any]) -> list[str]:
    return [facts.cost(value), value.get("note") or ""]


def _capacity(value: Mapping[str, Any]) -> list[str]:
    return [facts.capacity(value), gettext("As of %(day)s", day=_day(value["as_of"]))]


def _policies(value: Mapping[str, Any]) -> list[str]:
    said = []
    for name, one in value.items():
        codes = one if isinstance(one, list) else [one]
        words = ", ".join(gettext(_VALUES[code]) if _plain_key(code) and code in _VALUES else number(code)
                          for code in codes)
        said.append(f"{gettext(_POLICIES[name]) if name in _POLICIES else name}: {words}")
    return said


def _accessibility(value: Mapping[str, str]) -> list[str]:
    answers = _SAID["interpreter"]
    return [f"{named(ACCESS, code) or code}: {gettext(answers[said]) if said in answers else said}"
            for code, said in value.items()]


def _coverage(value: Mapping[str, Sequence[str]]) -> list[str]:
    states_named = [states.name(code) for code in value.get("states") or ()]
    rest = [one for name in ("countries", "counties", "postal_codes") for one in value.get(name) or ()]
    return [", ".join((*states_named, *rest))]


def _verified(value: Mapping[str, Any]) -> list[str]:
    method = value.get("method")
    return [_day(value["on"]), gettext(_METHODS[method]) if method in _METHODS else ""]


def _source(value: Mapping[str, Any]) -> list[str]:
    return [str(value[name]) for name in ("name", "url", "license") if value.get(name)]


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


_WAYS: Mapping[str, Callable[[Any], list[str]]] = {
    "sessions": _sessions, "cost": _cost, "capacity": _capacity, "policies": _policies,
    "accessibility": _accessibility, "coverage": _coverage, "verified": _verified, "source": _source,
    "age": lambda value: [facts.ages(value)],
    "severity": lambda value: [facts.support_range(value["min"], value["max"])],
    "starts_on": lambda value: [_day(value)],
    "licensed_states": lambda value: [", ".join(states.name(code) for code in value)],
}
