"""Published listings as HSDS 3.0 documents, with `capacities` of the 3.1 draft.

Our program is an HSDS "service" (an HSDS "program" is an umbrella over several); organization and location are the
same; a session is a schedule of a "service_at_location"; codes, and facts HSDS has no field for, are "attributes".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from finder.crosswalks import language_tag
from finder.exchange.entries import Entry
from finder.exchange.hsds import places, schedules
from finder.exchange.hsds.spots import spots
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.hsds.terms import Row, attribute, fact, nested, taxonomies, taxonomy_terms, uri
from finder.vocabulary import vocabulary

__all__ = ["IN_OUR_TERMS", "LOST", "guarded", "instant", "organization", "service", "service_at_locations",
           "short_organization", "short_places", "short_service", "taxonomies", "taxonomy_terms"]

# What becomes of each field of a listing that does not come back as it was; "" is nothing at all.
LOST: Mapping[str, str] = {
    "id": "the service has the id that this directory gave it, not the publisher's own",
    "x": "", **dict.fromkeys(("organization.url", "contact.url", "sessions.join_url"),
                             "signs that no web address may hold are percent-encoded"),
}
# What HSDS has no field for; it is said in terms of ours, and a reader who does not know them passes it by.
IN_OUR_TERMS: Mapping[str, str] = {
    "group_type": "attributes", "focus": "attributes", "modalities": "attributes", "led_by": "attributes",
    "attendees": "attributes", "gender_mix": "attributes", "populations": "attributes",
    "restricted_to": "attributes", "severity": "attributes, and a sentence in eligibility_description",
    "accessibility": "attributes; features of a place in location.accessibility too",
    "interpreter": "attributes, and a sentence in interpretation_services", "policies": "attributes",
    "cost.sliding_scale": "attributes", "cost.insurance": "attributes",
    "capacity.status": "attributes, and a sentence in alert", "starts_on": "attributes", "open_group": "attributes",
    "licensed_states": "attributes", "source": "attributes", "verified.method": "attributes",
    "verified.field_dates": "attributes",
    "contact.how_to_join": "attributes", "organization.kind": "attributes of the organization",
    "sessions.format": "attributes of the schedule, and words in attending_type",
    "sessions.timezone": f"{schedules.ZONE} of the schedule; timezone is an offset only",
    "sessions.except_dates": "attributes of the schedule, and words in notes",
    "sessions.repeats": "attributes of the schedule, where the rule is neither weekly nor monthly or has other parts",
    "sessions.location.precision": "attributes of the location",
}
STATUSES = {"active": "active", "paused": "temporarily closed", "closed": "inactive"}
_FEELS = ("little or none", "mild", "moderate", "moderately severe", "severe")
_CAPACITY = {"open": "Open to new people", "waitlist": "There is a waiting list",
             "full": "Full, and there is no waiting list", "assessment_first": "New people have a first talk"}
_INTERPRETER = {"yes": "An interpreter is there.", "no": "There is no interpreter.",
                "on_request": "An interpreter comes on request."}
_EXTENSION = re.compile(r"^(.+) x([1-9][0-9]*)$")
_AREAS = (("countries", "country"), ("states", "state"), ("counties", "county"), ("postal_codes", "postal code"))


def guarded(entry: Entry, page: str) -> Entry:
    """The entry as its page shows it to everybody: with the page's address in place of links to join, which stand there
    behind a button, and without the organization's email, which does not stand there."""
    found = dict(entry.document)
    if any(one.get("join_url") for one in found.get("sessions") or ()):
        found["sessions"] = [{**one, "join_url": page} if one.get("join_url") else one for one in found["sessions"]]
    if (found.get("organization") or {}).get("email"):
        found["organization"] = {name: value for name, value in found["organization"].items() if name != "email"}
    return replace(entry, document=found)


def service(entry: Entry, now: datetime, codes: Codes = NONE) -> Row:
    """The whole `service` document of a listing. `now`: an aware instant, at which clock offsets are taken; `codes`:
    those of 211 that the operator supplied."""
    document, key, runner = entry.document, str(entry.id), organization(entry)
    found: Row = {
        **_plain(entry), "organization": runner, "organization_id": runner["id"],
        "phones": _phones("service_id", key, (document.get("contact") or {}).get("phone")),
        "languages": [_language(key, code) for code in document.get("languages") or ()],
        "cost_options": _costs(key, document.get("cost")), "service_areas": _areas(key, document.get("coverage")),
        "service_at_locations": service_at_locations(entry, now), "capacities": _capacities(key, document),
        "attributes": _attributes(key, document, codes),
    }
    return {name: value for name, value in found.items() if value != []}


def short_service(entry: Entry) -> Row:
    """What a list says of a service: its own fields and who runs it."""
    runner = short_organization(entry)
    return {**_plain(entry), "organization": runner, "organization_id": runner["id"]}


def _plain(entry: Entry) -> Row:
    document, age = entry.document, entry.document.get("age") or {}
    contact = document.get("contact") or {}
    found = {
        "id": str(entry.id), "name": document["name"], "description": document.get("description"),
        "url": uri(contact.get("url")), "email": contact.get("email"),
        "status": STATUSES[document.get("status", "active")],
        "interpretation_services": _INTERPRETER.get(document.get("interpreter", "")),
        "application_process": contact.get("note"), "fees_description": (document.get("cost") or {}).get("note"),
        "eligibility_description": _eligibility(document), "minimum_age": age.get("min"), "maximum_age": age.get("max"),
        "assured_date": (document.get("verified") or {}).get("on"), "alert": _alert(document.get("capacity")),
        "last_modified": instant(entry.changed_at)}
    return {name: value for name, value in found.items() if value is not None}


def organization(entry: Entry) -> Row:
    """Who runs the listing. HSDS wants one always: where none is stated, one stands in that says so."""
    stated = entry.document.get("organization")
    if not stated:
        return {"id": nested(entry.id, "organization"), "name": entry.document["name"],
                "description": "The directory does not say who runs this program."}
    key = str(entry.organization_id or nested(entry.id, "stated organization"))
    found = {"id": key, "name": stated["name"], "description": stated["name"], "email": stated.get("email"),
             "website": uri(stated.get("url")), "phones": _phones("organization_id", key, stated.get("phone"))}
    if stated.get("kind"):
        found["attributes"] = [attribute("organization", key, "kind", "organization_kinds", stated["kind"])]
    return {name: value for name, value in found.items() if value not in (None, [])}


def short_organization(entry: Entry) -> Row:
    """What a list says of an organization without its rows."""
    return {name: value for name, value in organization(entry).items() if name not in ("phones", "attributes")}


def service_at_locations(entry: Entry, now: datetime) -> list[Row]:
    """The places of a listing, each once, with the schedules of its sessions there."""
    found: dict[str, Row] = {}
    helps = entry.document.get("accessibility") or {}
    for one in spots(entry):
        there = found.get(one.id)
        if there is None:
            place = (places.virtual(one.place, one.session) if one.kind == places.VIRTUAL else
                     places.physical(one.place, one.session.get("location") or {}, helps))
            there = found[one.id] = {"id": one.id, "service_id": str(entry.id), "location_id": one.place,
                                     "location": place, "schedules": []}
        written = schedules.write(one.session, one.schedule, now, one.number)
        there["schedules"].append({**written, "service_at_location_id": one.id})
    return list(found.values())


def short_places(entry: Entry) -> list[Row]:
    """What a list says of the places of a listing: where they are, without addresses and times."""
    found: dict[str, Row] = {}
    service = short_service(entry)
    for one in spots(entry):
        if one.id not in found:
            place = (places.virtual(one.place, one.session) if one.kind == places.VIRTUAL else
                     places.physical(one.place, one.session.get("location") or {}, {}))
            plain = {name: value for name, value in place.items() if not isinstance(value, list)}
            found[one.id] = {"id": one.id, "service_id": str(entry.id), "location_id": one.place, "location": plain,
                             "service": service}
    return list(found.values())


def instant(at: datetime) -> str:
    """An aware instant in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _eligibility(document: Mapping[str, Any]) -> str | None:
    span = document.get("severity")
    if not span:
        return None
    low, high = _FEELS[span["min"]], _FEELS[span["max"]]
    return (f"Suits people for whom things feel {low}." if low == high else
            f"Suits people for whom things feel {low} to {high}.") + " This is not a diagnosis."


def _alert(capacity: Mapping[str, Any] | None) -> str | None:
    if not capacity or capacity["status"] == "open":
        return None
    weeks = capacity.get("wait_weeks")
    wait = f", about {weeks} weeks" if weeks and capacity["status"] == "waitlist" else ""
    return f"{_CAPACITY[capacity['status']]}{wait} (as of {capacity['as_of']})."


def _phones(of: str, key: str, number: str | None) -> list[Row]:
    if not number:
        return []
    row: Row = {"id": nested(key, "phone"), of: key, "number": number, "type": "voice"}
    parts = _EXTENSION.match(number)
    if parts and len(parts.group(2)) < 8:
        row |= {"number": parts.group(1), "extension": int(parts.group(2))}
    return [row]


def _language(key: str, code: str) -> Row:
    known = vocabulary().lists["languages"]
    return {"id": nested(key, f"language/{code}"), "service_id": key, "code": language_tag(code),
            "name": known.label(code) if code in known else code}


def _costs(key: str, cost: Mapping[str, Any] | None) -> list[Row]:
    if not cost:
        return []
    amount = 0 if cost["free"] else cost.get("amount")
    if amount is None:
        return []
    return [{"id": nested(key, "cost"), "service_id": key, "option": "Free" if cost["free"] else "Each session",
             "currency": cost.get("currency", "USD"), "amount": amount}]


def _areas(key: str, coverage: Mapping[str, Any] | None) -> list[Row]:
    return [{"id": nested(key, f"area/{kind}/{name}"), "service_id": key, "name": name,
             "description": kind, "extent": name, "extent_type": "text"}
            for field, kind in _AREAS for name in (coverage or {}).get(field, ())]


def _capacities(key: str, document: Mapping[str, Any]) -> list[Row]:
    """HSDS 3.1 (draft of October 2024), service_capacity: only seats are counted in it."""
    capacity = document.get("capacity") or {}
    seats = capacity.get("seats")
    if seats is None:
        return []
    unit = {"id": nested("unit", "seat"), "name": "Seat"}
    return [{"id": nested(key, "capacity"), "service_id": key, "unit": unit, "available": seats,
             "updated": f"{capacity['as_of']}T00:00:00.000Z"}]


def _attributes(key: str, document: Mapping[str, Any], codes: Codes) -> list[Row]:
    found = [attribute("service", key, *said) for said in codes_of(document)]
    return [*found, *(fact("service", key, field, value) for field, value in facts_of(document)),
            *codes.attributes(key, document)]


def codes_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """What a service says in our terms: field, list, code and value."""
    yield "group_type", "group_types", document["group_type"], ""
    for place, code in enumerate(document.get("focus") or ()):
        yield "focus", "focus_areas", code, "also" if place else "main"
    for field, list_name in (("modalities", "modalities"), ("populations", "populations"),
                             ("restricted_to", "populations")):
        for code in document.get(field) or ():
            yield field, list_name, code, ""
    for field, list_name in (("led_by", "facilitator_types"), ("attendees", "attendees"),
                             ("gender_mix", "gender_mix")):
        if document.get(field):
            yield field, list_name, document[field], ""
    span = document.get("severity")
    for level in range(span["min"], span["max"] + 1) if span else ():
        yield "severity", "severity", str(level), ""
    for code, answer in (document.get("accessibility") or {}).items():
        yield "accessibility", "accessibility", code, answer
    for code in (document.get("cost") or {}).get("insurance") or ():
        yield "cost.insurance", "cost_payment", code, ""
    if document.get("capacity"):
        yield "capacity", "capacity", document["capacity"]["status"], ""


def facts_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a service says as the value of a term: field and value."""
    for field in ("interpreter", "starts_on", "open_group", "licensed_states"):
        if field in document:
            yield field, document[field]
    yield from _cost_facts(document.get("cost") or {})
    for part, fields in _PARTS.items():
        for name, value in (document.get(part) or {}).items():
            if fields is None or name in fields:
                yield f"{part}.{name}", value


def _cost_facts(cost: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the cost option of a listing does not say."""
    if cost and not _costs("", cost):
        yield "cost.free", False
        if "currency" in cost:
            yield "cost.currency", cost["currency"]
    if cost.get("sliding_scale"):
        yield "cost.sliding_scale", True
    if cost.get("insurance") == []:
        yield "cost.insurance", []
    if cost.get("free") and "amount" in cost:
        yield "cost.amount", cost["amount"]


# Parts of a listing that are said as facts: these fields of them, or (None) all.
_PARTS: Mapping[str, Sequence[str] | None] = {
    "policies": None, "capacity": ("as_of", "wait_weeks"), "contact": ("how_to_join",),
    "verified": ("method", "field_dates"), "source": None,
}
