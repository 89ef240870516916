"""The facts behind a reason or a question, turned from codes and numbers into words a sentence can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from finder.wordings import facts
from finder.wordings.language import (
    DAYS_PER_MONTH,
    N_,
    day,
    gettext,
    listed,
    miles,
    money,
    number,
    since,
    weeks,
)
from finder.wordings.topics import ACCESS, FORMATS, GROUPS, PAYERS, SLOTS, TOPICS, named, support

_WHO = {"peer": N_("peers"), "professional": N_("professionals")}
_ATTENDEES = {"person": N_("people who live with this themselves"), "relatives": N_("family and friends")}
_ANSWERS = ("yes", "on_request", "unknown", "no")
_ALL_SLOTS = 4
_MOST_PLACES = 6
_MOST_NAMED = 3  # a sentence with more than three names is not read to its end


def words(line: Mapping[str, Any]) -> dict[str, str]:
    """Name -> words for every fact of a reason or check that is known; unknown ones are left out."""
    values = line.get("values") or {}
    criterion = str(line.get("criterion") or "")
    found: dict[str, str] = {}
    for name, turn in _TURNS.items():
        if values.get(name) is not None:
            found[name] = turn(values[name])
    found |= _ranges(criterion, values) | _wanted(values) | _codes(criterion, values) | _access(values)
    found |= _price(values) | _months(values) | _areas(values)
    if "led_by" in found and "wanted" not in found:
        # Without a wish, who leads it is a fact and not an answer to one.
        found["leader"] = found.pop("led_by")
    if values.get("stated") is False and "support" in found and line.get("code") != "level_typical":
        found["support"] = gettext("%(support)s (typical for its kind)", support=found["support"])
    return {name: text for name, text in found.items() if text}


def _several(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)[:_MOST_NAMED]


def _day(value: Any) -> str:
    return day(date.fromisoformat(str(value)))


_TURNS: Mapping[str, Callable[[Any], str]] = {
    "need": lambda value: named(TOPICS, _several(value)),
    "focus": lambda value: named(TOPICS, _several(value)[:1]),
    "level": lambda value: facts.level(int(value)),
    "format": lambda value: named(FORMATS, value),
    "miles": miles,
    "radius": miles,
    "led_by": lambda value: facts.leader(value),
    "modality": lambda value: listed(facts.label("modalities", code) for code in _several(value)),
    "group_size": lambda value: number(value),
    "up_to": money,
    "insurance": lambda value: named(PAYERS, value, either=True),
    "gender_mix": lambda value: named(GROUPS, value),
    "weeks": weeks,
    "starts_on": _day,
    "as_of": _day,
    "on": _day,
    "attendees": lambda value: gettext(_ATTENDEES[value]) if value in _ATTENDEES else "",
    "days": lambda value: since(value) if value >= 1 else "",
}


def _ranges(criterion: str, values: Mapping[str, Any]) -> dict[str, str]:
    """`min` and `max` are levels of support under severity, and years of age elsewhere."""
    low, high = values.get("min"), values.get("max")
    if low is None and high is None:
        return {}
    if criterion != "severity":
        return {"ages": facts.ages({"min": low, "max": high})}
    if low is None or high is None:
        return {}
    return {"support": support(int(low), int(high))}


def _wanted(values: Mapping[str, Any]) -> dict[str, str]:
    """Who should lead, and the times: those of the session that were asked for, or else all of them."""
    wanted = values.get("wanted")
    found = {"wanted": gettext(_WHO[wanted])} if isinstance(wanted, str) and wanted in _WHO else {}
    if wanted in ("women", "men"):
        found["wanted_group"] = named(GROUPS, wanted)
    slots = list(values.get("slots") or ())
    shared = [slot for slot in slots if isinstance(wanted, list | tuple) and slot in wanted] or slots
    if shared:
        found["slots"] = named(SLOTS, ["any"] if len(shared) == _ALL_SLOTS else shared, either=True)
    return found


def _codes(criterion: str, values: Mapping[str, Any]) -> dict[str, str]:
    """`codes` are languages, states or areas, or groups of people, as the criterion says."""
    codes = list(values.get("codes") or ())
    if not codes:
        return {}
    if criterion == "language":
        return {"codes": facts.languages(codes[:_MOST_NAMED], either=True)}
    if criterion == "state_licence":
        return {"codes": listed(codes, either=True)} if len(codes) <= _MOST_PLACES else {}
    people = named(GROUPS, codes[:_MOST_NAMED], either=criterion == "restricted_population")
    return {"codes": people or _other_labels(codes[:_MOST_NAMED])}


def _other_labels(codes: list[str]) -> str:
    """Kinds of group and ways of working, which a person may ask to avoid."""
    labels = [facts.label(name, code) for code in codes for name in ("group_types", "modalities")
              if facts.label(name, code) != code]
    return listed(labels)


def _access(values: Mapping[str, Any]) -> dict[str, str]:
    features = values.get("features") or {}
    found = {answer: [code for code, one in features.items() if one == answer] for answer in _ANSWERS}
    turned = {f"access_{answer}": named(ACCESS, codes) for answer, codes in found.items() if codes}
    asked = [*found["unknown"], *found["on_request"], *found["no"]]
    if asked:
        turned["access_asked"] = named(ACCESS, asked)
    return turned


def _areas(values: Mapping[str, Any]) -> dict[str, str]:
    """Where people must live; a county `PA:Montgomery` as "Montgomery (PA)". A long list says less than none."""
    counties = [f"{name} ({state})" for state, _, name in (one.partition(":") for one in values.get("counties") or ())]
    others = [one for name in ("states", "countries", "postal_codes") for one in values.get(name) or ()]
    places = [*counties, *others]
    return {"areas": listed(places, either=True)} if len(places) <= _MOST_PLACES else {}


def _price(values: Mapping[str, Any]) -> dict[str, str]:
    amount = values.get("amount")
    if amount is None:
        return {}
    return {"amount": money(amount, values.get("currency") or "USD")}


def _months(values: Mapping[str, Any]) -> dict[str, str]:
    months = values.get("months")
    days = 0.0 if months is None else months * DAYS_PER_MONTH
    return {"age": since(days)} if days >= 1 else {}
