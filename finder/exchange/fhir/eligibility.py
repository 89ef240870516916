"""Who may come, and what else FHIR has no element for: codes where we have them, plain sentences elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finder.exchange.fhir.elements import Resource, ours, system

_GENDERS: Mapping[str, str] = {"women": "Women only.", "men": "Men only.", "mixed": "Open to all genders."}
_ATTENDEES: Mapping[str, str] = {
    "person": "For the person who lives with it.", "relatives": "For relatives, friends and carers.",
    "anyone": "For the person who lives with it, relatives, friends and carers."}
_AREAS: Mapping[str, str] = {"countries": "countries", "states": "states", "counties": "counties",
                             "postal_codes": "postal codes"}


def eligibility(document: Mapping[str, Any]) -> list[Resource]:
    """Groups that a program is closed to others than, levels of severity it suits, then the rest as sentences."""
    found: list[Resource] = [{"code": ours("populations", code)} for code in document.get("restricted_to") or ()]
    severity = document.get("severity")
    if severity:
        levels = range(severity["min"], severity["max"] + 1)
        found += [{"code": {"coding": [{"system": system("severity_levels"), "code": str(level)}]},
                   "comment": f"Suits how heavy things feel from level {severity['min']} to {severity['max']} of 4."}
                  for level in levels]
    return found + [{"comment": words} for words in _limits(document)]


def _limits(document: Mapping[str, Any]) -> Iterator[str]:
    age = document.get("age") or {}
    if "min" in age and "max" in age:
        yield f"Ages {age['min']} to {age['max']}."
    elif age:
        yield f"Ages {age['min']} and over." if "min" in age else f"Ages up to {age['max']}."
    for name, words in (("gender_mix", _GENDERS), ("attendees", _ATTENDEES)):
        if document.get(name):
            yield words[document[name]]


def details(document: Mapping[str, Any]) -> str:
    """`extraDetails`: cost, area, first date, how to join and the last check, a line for each."""
    return "\n\n".join((*_terms(document), *_joining(document)))


def _terms(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("cost"):
        yield f"Cost: {', '.join(_cost(document['cost']))}."
    if document.get("coverage"):
        areas = (f"{_AREAS[name]} {', '.join(codes)}" for name, codes in document["coverage"].items())
        yield f"Serves people who live in: {'; '.join(areas)}."
    if document.get("licensed_states"):
        yield f"May be joined from: {', '.join(document['licensed_states'])}."
    if document.get("policies"):
        yield f"Rules: {'; '.join(_rules(document['policies']))}."
    if document.get("interpreter"):
        yield f"Interpreter: {document['interpreter'].replace('_', ' ')}."


def _joining(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("starts_on"):
        yield f"Next start: {document['starts_on']}."
    if document.get("open_group") is not None:
        yield "New people may join at any time." if document["open_group"] else "New people join at a start only."
    contact = document.get("contact") or {}
    if contact.get("how_to_join"):
        yield f"How to join: {contact['how_to_join'].replace('_', ' ')}."
    if contact.get("note"):
        yield str(contact["note"])
    if document.get("verified"):
        yield f"Last checked: {document['verified']['on']} ({document['verified']['method']})."


def _cost(cost: Mapping[str, Any]) -> Iterator[str]:
    yield "free" if cost["free"] else "not free"
    if cost.get("amount") is not None:
        yield f"{cost['amount']} {cost.get('currency', 'USD')} a session"
    if cost.get("sliding_scale"):
        yield "sliding scale"
    if "insurance" in cost:
        yield f"takes {', '.join(cost['insurance'])}" if cost["insurance"] else "takes no insurance"
    if cost.get("note"):
        yield str(cost["note"])


def _rules(policies: Mapping[str, Any]) -> Iterator[str]:
    for name, value in policies.items():
        yield f"{name.replace('_', ' ')}: {_rule(value).replace('_', ' ')}"


def _rule(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
