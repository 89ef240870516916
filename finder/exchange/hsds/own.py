"""HSDS services that use our terms, back into the listings they were written from.

Only fields are read, and our own terms; sentences that the writer adds for people who do not know them are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from finder.crosswalks import language_of
from finder.exchange.hsds import places, schedules
from finder.exchange.hsds.spots import remote
from finder.exchange.hsds.terms import Row, Said, fact_value, nested, rows, said
from finder.exchange.hsds.write import STATUSES
from finder.exchange.rows import put

FORMAT = "finder-listing/1"
_STATUS = {"active": "active", "temporarily closed": "paused", "inactive": "closed", "defunct": "closed"}
_LISTS = ("focus", "modalities", "populations", "restricted_to")
_CODES = ("group_type", "led_by", "attendees", "gender_mix")
_AREAS = {"country": "countries", "state": "states", "county": "counties", "postal code": "postal_codes"}
assert set(STATUSES.values()) <= set(_STATUS)


def is_ours(service: Mapping[str, Any]) -> bool:
    """Whether a service says its kind of group in our terms."""
    return any(one.field == "group_type" for one in said(service))


def status_of(service: Mapping[str, Any]) -> str:
    """Our status for HSDS's; what HSDS does not know (a service of 2.0 has often none) is active."""
    return _STATUS.get(str(service.get("status") or "").strip().lower(), "active")


def listing(service: Mapping[str, Any]) -> Row:
    """The listing document of a service of ours, not yet validated."""
    found: Row = {"format": FORMAT, "id": service["id"], "name": service.get("name"), "status": status_of(service),
                  "organization": _organization(service)}
    _texts(found, service)
    statements = list(said(service))
    for one in statements:
        _code(found, one)
    _cost(found, service)
    for one in statements:
        if one.list_name == "listing_facts" and not one.field.startswith(("session.", "location.")):
            put(found, one.field, fact_value(one))
    _severity(found, statements)
    seats = next((one.get("available") for one in rows(service, "capacities")), None)
    if seats is not None and "capacity" in found:
        found["capacity"]["seats"] = seats
    found["sessions"] = _sessions(service)
    return {name: value for name, value in found.items() if value not in (None, {})}


def phone(row: Mapping[str, Any]) -> str | None:
    """The number of a phone row, with its extension behind it."""
    number, extension = row.get("number"), row.get("extension")
    return f"{number} x{extension}" if number and extension not in (None, "") else number or None


def _texts(found: Row, service: Mapping[str, Any]) -> None:
    for path, value in (
            ("description", service.get("description")), ("contact.url", service.get("url")),
            ("contact.email", service.get("email")), ("contact.note", service.get("application_process")),
            ("contact.phone", next((phone(one) for one in rows(service, "phones")), None)),
            ("age.min", service.get("minimum_age")), ("age.max", service.get("maximum_age")),
            ("verified.on", service.get("assured_date"))):
        if value not in (None, ""):
            put(found, path, value)
    tags = (one.get("code") for one in rows(service, "languages"))
    found["languages"] = [language_of(tag) if isinstance(tag, str) else tag for tag in tags]
    for one in rows(service, "service_areas"):
        kind = _AREAS.get(str(one.get("description")))
        if kind:
            found.setdefault("coverage", {}).setdefault(kind, []).append(one.get("extent") or one.get("name"))


def _organization(service: Mapping[str, Any]) -> Row | None:
    row = service.get("organization")
    if not isinstance(row, dict) or row.get("id") == nested(service["id"], "organization"):
        return None
    kind = next((one.code for one in said(row) if one.field == "kind"), None)
    number = next((phone(one) for one in rows(row, "phones")), None)
    found = {"name": row.get("name"), "kind": kind, "url": row.get("website"), "email": row.get("email"),
             "phone": number}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _code(found: Row, one: Said) -> None:
    if one.field in _LISTS:
        there = found.setdefault(one.field, [])
        there.insert(0 if one.value == "main" else len(there), one.code)
    elif one.field in _CODES:
        found[one.field] = one.code
    elif one.field == "accessibility":
        found.setdefault("accessibility", {})[one.code] = one.value
    elif one.list_name == "cost_payment":
        found.setdefault("cost", {}).setdefault("insurance", []).append(one.code)
    elif one.field == "capacity":
        found.setdefault("capacity", {})["status"] = one.code


def _cost(found: Row, service: Mapping[str, Any]) -> None:
    option = next(iter(rows(service, "cost_options")), None)
    if option is not None:
        free = option.get("option") == "Free"
        put(found, "cost.free", free)
        if not free:
            put(found, "cost.amount", option.get("amount"))
        if option.get("currency"):
            put(found, "cost.currency", option["currency"])
    if service.get("fees_description"):
        put(found, "cost.note", service["fees_description"])


def _severity(found: Row, statements: Iterable[Said]) -> None:
    levels = sorted(int(one.code) for one in statements if one.list_name == "severity")
    if levels:
        found["severity"] = {"min": levels[0], "max": levels[-1]}


def _sessions(service: Mapping[str, Any]) -> list[Row]:
    """One session for each schedule; that of a virtual location that repeats another's adds the way to join it."""
    found: dict[str, Row] = {}
    ways: dict[str, Row] = {}
    numbers: dict[str, int] = {}
    for there in rows(service, "service_at_locations"):
        location = there.get("location") if isinstance(there.get("location"), dict) else {}
        assert isinstance(location, dict)
        virtual = location.get("location_type") == places.VIRTUAL
        for row in rows(there, "schedules"):
            key = str(row.get("id"))
            if virtual:
                ways[key] = places.read_virtual(location)
            session, _ = schedules.read(row)
            place = {} if virtual else places.read(location)
            found[key] = session | ({"location": place} if place else {})
            numbers[key] = schedules.number_of(row)
    for key in list(found):
        second = remote(key)
        if second in ways and second in found:
            del found[second]
            found[key] |= ways[second]
        elif key in ways and key in found:
            found[key] |= ways[key]
    return [found[key] for key in sorted(found, key=lambda one: numbers[one])]
