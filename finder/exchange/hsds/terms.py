"""Our code lists as HSDS taxonomies: each list is a taxonomy, each code a term, each statement an attribute.

The id of a term is made of its list and code alone, so every instance names it alike and a reader knows it by its id.
HSDS "attribute" is a term said of a service, an organization, a location or a schedule, with a value where it has one.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from finder.catalog.listing_schema import ORGANIZATION_KINDS
from finder.vocabulary import LIST_NAMES, vocabulary

Row = dict[str, Any]
# Stands for "Finder" in every id made of a name (RFC 9562, version 5).
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:finder:hsds")
_SPACE = NAMESPACE.bytes
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
FACTS = "listing_facts"
HIDDEN = "hidden"
_URI_SIGNS = ":/?#@!$&'()*+,;=%-._~"  # RFC 3986, 2.2 and 2.3, and the percent sign of what is encoded already
_TITLES = {
    "focus_areas": ("Focus areas", "What a group is about."),
    "group_types": ("Group types", "What kind of group it is."),
    "modalities": ("Ways of working", "How a group works."),
    "facilitator_types": ("Facilitators", "Who leads a group."),
    "populations": ("Communities", "Whom a group serves especially, or is kept for."),
    "languages": ("Languages", "Languages that a group is held in."),
    "cost_payment": ("Payment", "How a group can be paid for."),
    "session_formats": ("Formats", "How a session is attended."),
    "accessibility": ("Access", "What helps people to take part; the value is yes, no or on_request."),
    "organization_kinds": ("Kinds of organization", "Who runs a group."),
    "attendees": ("Attendees", "Who may attend."),
    "gender_mix": ("Genders", "Of which genders a group is."),
    "severity": ("Severity levels", "How heavy things may feel for those a group suits, 0 to 4. Not a diagnosis."),
    "capacity": ("Capacity", "Whether people can join now."),
    "precision": ("Precision of places", "How exact a point on the map is."),
    FACTS: ("Facts of a listing", "What a Finder listing states and HSDS has no field for, as the value of a term."),
}
_OWN: Mapping[str, Mapping[str, str]] = {
    "organization_kinds": {one: one.replace("_", " ").capitalize() for one in ORGANIZATION_KINDS},
    "attendees": {"person": "People who have the difficulty", "relatives": "Relatives or carers", "anyone": "Anyone"},
    "gender_mix": {"women": "Women only", "men": "Men only", "mixed": "All genders"},
    "severity": {"0": "Little or none", "1": "Mild", "2": "Moderate", "3": "Moderately severe", "4": "Severe"},
    "capacity": {"open": "Open", "waitlist": "Waiting list", "full": "Full, no waiting list",
                 "assessment_first": "After a first talk"},
    "precision": {"exact": "Exact", "street": "Street", "postal_code": "Postal code", "city": "City",
                  HIDDEN: "Address only after contact"},
}
# Dotted fields of a listing that are said as the value of a term; those of a session or location begin so.
FACT_FIELDS = (
    "interpreter", "starts_on", "open_group", "licensed_states", "cost.free", "cost.amount",
    "cost.sliding_scale", "cost.insurance", "cost.currency", "capacity.as_of", "capacity.wait_weeks",
    "contact.how_to_join",
    *(f"policies.{name}" for name in (
        "recovery_medication", "moderation_goal", "excludes", "min_days_sober", "court_ordered_only",
        "partners_welcome", "one_to_one", "walk_in", "moderated", "hours_per_week", "group_size")),
    "verified.method", "verified.field_dates", "source.name", "source.url", "source.license", "source.retrieved",
    *(f"session.{name}" for name in (
        "anytime", "repeats", "start_time", "duration_minutes", "timezone", "valid_from", "valid_until",
        "except_dates")),
    *(f"location.{name}" for name in (
        "address_1", "city", "state", "postal_code", "country")),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One attribute that uses a term of ours: which field of the listing it fills, and with what."""

    field: str
    list_name: str
    code: str
    value: str


def nested(parent: object, name: str) -> str:
    """The id of a row that has none of its own: the same for the same parent and name.

    A UUID of version 5 in NAMESPACE; written out here, for a page of services has thousands of them.
    """
    digest = hashlib.sha1(_SPACE + f"{parent}/{name}".encode(), usedforsecurity=False).hexdigest()
    return (f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{_VARIANT[digest[16]]}{digest[17:20]}-{digest[20:32]}")


def rows(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The rows under a property of a row that others wrote; none where it holds something else."""
    found = row.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def uri(address: str | None) -> str | None:
    """An address as HSDS's format `uri` wants it (RFC 3986): other signs are percent-encoded."""
    return quote(address, safe=_URI_SIGNS) if address else None


def taxonomies() -> list[Row]:
    """All our taxonomies as HSDS rows."""
    return [dict(_taxonomy(name)) for name in _TITLES]


def taxonomy_terms() -> list[Row]:
    """All our terms as HSDS rows, each with its taxonomy."""
    return [dict(one) for one in _terms().values()]


@cache
def taxonomy_id(list_name: str) -> str:
    """The id of a taxonomy."""
    return nested("taxonomy", list_name)


@cache
def term_id(list_name: str, code: str) -> str:
    """The id of a term."""
    return nested(f"taxonomy/{list_name}", code)


def attribute(entity: str, owner: str, field: str, list_name: str, code: str, value: str = "") -> Row:
    """A term said of a row. `entity`: the kind of row in HSDS's words; `field`: what it fills in the listing."""
    row = {"id": nested(owner, f"{field}/{list_name}:{code}"), "link_id": owner, "link_type": field,
           "link_entity": entity, "taxonomy_term": dict(_terms()[term_id(list_name, code)])}
    return row | ({"value": value} if value else {})


def fact(entity: str, owner: str, field: str, value: Any) -> Row:
    """A fact that HSDS has no field for; text stands as it is, other values as JSON."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return attribute(entity, owner, field, FACTS, field, text)


def fact_value(said: Said) -> Any:
    """What `fact` was given; texts come back as they are. Broken JSON is a text too."""
    if said.value[:1] not in "{[\"-0123456789tfn" or said.field in _TEXTS:
        return said.value
    try:
        return json.loads(said.value)
    except (ValueError, RecursionError):
        return said.value


# Facts whose text could be taken for JSON.
_TEXTS = frozenset((
    "source.name", "source.url", "source.license", "source.retrieved", "starts_on", "capacity.as_of",
    "location.address_1", "location.city", "location.state", "location.postal_code", "location.country"))


def said(row: Mapping[str, Any]) -> Iterator[Said]:
    """The statements among a row's attributes that use our terms, in their order; all others are left out."""
    for one in rows(row, "attributes"):
        term = one.get("taxonomy_term")
        key = one.get("taxonomy_term_id") or (term.get("id") if isinstance(term, dict) else None)
        known = _terms().get(key) if isinstance(key, str) else None
        if known is not None:
            list_name, _, code = known["code"].partition(":")
            field, value = one.get("link_type"), one.get("value")
            if list_name == FACTS or not isinstance(field, str) or field not in _FIELDS:
                field = _FIELD_OF.get(list_name, code)
            yield Said(field, list_name, code, value if isinstance(value, str) else "")


_FIELD_OF = {"focus_areas": "focus", "group_types": "group_type", "modalities": "modalities",
             "facilitator_types": "led_by", "populations": "populations", "accessibility": "accessibility",
             "session_formats": "format", "attendees": "attendees", "gender_mix": "gender_mix", "severity": "severity",
             "organization_kinds": "kind", "capacity": "capacity", "precision": "precision",
             "cost_payment": "cost.insurance"}
_FIELDS = frozenset((*_FIELD_OF.values(), "restricted_to"))


@cache
def _taxonomy(name: str) -> Row:
    title, about = _TITLES[name]
    return {"id": taxonomy_id(name), "name": title, "description": about}


@cache
def _terms() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for name in LIST_NAMES:
        codes = vocabulary().lists[name]
        for code in codes.codes:
            _add(found, name, code, codes.label(code), codes.definition(code))
    for name, labels in _OWN.items():
        for code, label in labels.items():
            _add(found, name, code, label, label)
    for field in FACT_FIELDS:
        words = field.replace(".", ", ").replace("_", " ").capitalize()
        _add(found, FACTS, field, words, f"{words}, in the value.")
    return found


def _add(found: dict[str, Row], name: str, code: str, label: str, about: str) -> None:
    key = term_id(name, code)
    # HSDS wants codes that are unique in the whole package, so the list stands before the code.
    found[key] = {"id": key, "code": f"{name}:{code}", "name": label, "description": about or label,
                  "taxonomy": _TITLES[name][0], "taxonomy_detail": dict(_taxonomy(name)), "language": "en"}
