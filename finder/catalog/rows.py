"""Listing documents to rows and back: the one place that knows which column holds which field of the contract."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

# Columns of `program` that carry the field of the same name, in the contract's order.
SAME_NAME = ("name", "status", "description", "group_type", "led_by", "modalities", "focus", "severity", "attendees",
             "age", "gender_mix", "populations", "restricted_to", "languages", "interpreter", "cost", "capacity",
             "open_group", "licensed_states", "coverage", "accessibility", "policies", "contact", "x")
SESSION_FIELDS = ("format", "anytime", "repeats", "start_time", "duration_minutes", "timezone", "valid_from",
                  "valid_until", "except_dates", "join_url", "dial_in")
LOCATION_FIELDS = ("name", "address_1", "city", "state", "postal_code", "country", "latitude", "longitude",
                   "precision", "hidden")
ORGANIZATION_FIELDS = ("name", "kind", "url", "email", "phone")
# The contract's order of keys, which documents are given out in.
ORDER = ("format", "id", "name", "status", "organization", "description", "group_type", "led_by", "modalities",
         "focus", "severity", "attendees", "age", "gender_mix", "populations", "restricted_to", "languages",
         "interpreter", "cost", "sessions", "capacity", "starts_on", "open_group", "licensed_states", "coverage",
         "accessibility", "policies", "contact", "verified", "source", "x")
SESSION_ORDER = ("format", "anytime", "repeats", "start_time", "duration_minutes", "timezone", "valid_from",
                  "valid_until", "except_dates", "location", "join_url", "dial_in")


def written(document: Mapping[str, Any]) -> str:
    """The document as compact JSON text."""
    return orjson.dumps(document).decode()


def content_hash(document: Mapping[str, Any]) -> bytes:
    """16 bytes that change when a canonical document says something else; when it was fetched is no such thing."""
    source = document.get("source")
    if source and "retrieved" in source:
        document = {**document, "source": {key: one for key, one in source.items() if key != "retrieved"}}
    return digest(document)


def digest(value: Mapping[str, Any]) -> bytes:
    """16 bytes that name a JSON object by all it says, whatever the order of its keys."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def program_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """Column values of a program (without keys to other rows, state and history) from a canonical document."""
    values = {name: document.get(name) for name in SAME_NAME}
    values["starts_on"] = _day(document.get("starts_on"))
    verified = document.get("verified") or {}
    values["verified_on"] = _day(verified.get("on"))
    values["verified_method"] = verified.get("method")
    values["field_dates"] = verified.get("field_dates")
    source = document.get("source") or {}
    values["source_name"] = source.get("name")
    values["source_url"] = source.get("url")
    values["source_license"] = source.get("license")
    values["retrieved"] = _day(source.get("retrieved"))
    return values


def session_values(session: Mapping[str, Any]) -> dict[str, Any]:
    """Column values of a session, without its location."""
    values = {name: session.get(name) for name in SESSION_FIELDS}
    values["valid_from"] = _day(values["valid_from"])
    values["valid_until"] = _day(values["valid_until"])
    return values


def document(program: Any, organization: Any,
             sessions: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """The canonical document of rows: a program, its organization, and its sessions with their locations in order."""
    found: dict[str, Any] = {"format": "finder-listing/1", "id": program["source_key"]}
    found.update((name, program[name]) for name in SAME_NAME if program[name] is not None)
    if organization is not None:
        found["organization"] = _stated(organization, ORGANIZATION_FIELDS)
    if sessions:
        found["sessions"] = [_session(session, location) for session, location in sessions]
    if program["starts_on"] is not None:
        found["starts_on"] = program["starts_on"].isoformat()
    if program["verified_on"] is not None:
        found["verified"] = {"on": program["verified_on"].isoformat(), "method": program["verified_method"]}
        if program["field_dates"]:
            found["verified"]["field_dates"] = program["field_dates"]
    source = {"name": program["source_name"], "url": program["source_url"], "license": program["source_license"],
              "retrieved": program["retrieved"].isoformat() if program["retrieved"] else None}
    if any(source.values()):
        found["source"] = {key: one for key, one in source.items() if one is not None}
    return {key: found[key] for key in ORDER if key in found}


def _session(session: Any, location: Any) -> dict[str, Any]:
    found = {name: one.isoformat() if isinstance(one, date) else one
             for name in SESSION_FIELDS if (one := session[name]) is not None}
    if location is not None:
        found["location"] = _stated(location, LOCATION_FIELDS)
    return {key: found[key] for key in SESSION_ORDER if key in found}


def _stated(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if row[name] is not None}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# Programs keep their UUID when a database is made anew from the same source: links and cards stay good.
NAMESPACE = uuid.UUID("6f1a2c1e-5d0b-5f3a-9f0e-0c6a5e7d2b11")


def program_id(source: str, key: str) -> uuid.UUID:
    """The UUID of a listing: RFC 9562 version 5 of its source's name and its id there."""
    return uuid.uuid5(NAMESPACE, f"{source}\n{key}")
