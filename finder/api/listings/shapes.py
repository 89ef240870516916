"""The shapes of listings for programs that keep them: the schemas and examples of their description, and the answers.

A text that is sent is the contract's listing, but for what is not for programs to say. Instants are UTC.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson

from finder.api.schemas import Schema, components, ref
from finder.catalog.listing_schema import DATED_FIELDS, FORMAT
from finder.catalog.models import DELETED, GONE, PUBLISHED, WITHHELD
from finder.listings import checks, review
from finder.listings.by_program import FIXED, Told
from finder.listings.changes import Listing
from finder.listings.models import Proposal

STATES = (PUBLISHED, WITHHELD, GONE, DELETED)
SENT_STATES = (review.WAITING, review.ACCEPTED, review.PARTLY, review.REJECTED, review.WITHDRAWN)
OWN_WORD = "operator"  # the method of a check by the listing's own people
METHODS = (OWN_WORD, *checks.METHODS)
MOST_LISTED, USUAL = 100, 50
KEY = "^[A-Za-z0-9-]{1,200}$"
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
MERGE_PATCH = "application/merge-patch+json"  # RFC 7396

_TEXT: Schema = {"type": "string"}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_UUID: Schema = {"type": "string", "format": "uuid"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_DAY: Schema = {"type": "string", "format": "date"}
_VERSION: Schema = {"type": "integer", "minimum": 1, "description": "For If-Match; also the ETag."}
_PIECES: Schema = {"type": "array", "items": _TEXT,
                   "description": "Fields of the listing; of `organization`, `cost` and `contact` each part by itself, "
                                  "as `contact.phone`."}


def _maybe(schema: Schema) -> Schema:
    return {"oneOf": [{"type": "null"}, schema]}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _code(codes: Iterable[str], **more: Any) -> Schema:
    return {"type": "string", "enum": list(codes), **more}


def _object(properties: Mapping[str, Schema], *optional: str, **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False,
            "required": [name for name in properties if name not in optional], **more}


_STANDING: dict[str, Schema] = {
    "id": _UUID, "slug": _TEXT, "name": _TEXT,
    "state": _code(STATES, description="published: in the list. withheld: not shown for now. gone: its source dropped "
                                       "it. deleted: taken down by a person."),
    "status": _code(("active", "paused", "closed")), "version": _VERSION, "updated_at": _INSTANT,
    "verified_on": _maybe(_DAY), "back_on": {**_maybe(_DAY), "description": "When a pause ends by itself."},
    "source": {**_TEXT, "description": "Where it comes from."},
    "merged_into": {**_maybe(_UUID), "description": "The listing that stands in its place."},
    "waiting": {**_list(ref("ListingSent")), "description": "What you sent about it and a steward has to look at."},
}
_SENT = _object({
    "id": _UUID, "kind": _code(("new", "edit", "suggestion", "delete")), "state": _code(SENT_STATES),
    "listing": {**_maybe(_UUID), "description": "null: a new one that nobody has accepted."}, "name": _TEXT,
    "fields": {**_PIECES, "description": "What still waits."},
    "choices": {"type": "object", "additionalProperties": _code((review.ACCEPT, review.REJECT)),
                "description": "What was decided, by field."},
    "reason": {**_MAYBE_TEXT, "description": "What the steward said."}, "made_at": _INSTANT,
    "decided_at": _maybe(_INSTANT),
})
_OUTCOME = _object({
    "id": {**_maybe(_UUID), "description": "null: a new one that waits for a steward."}, "slug": _MAYBE_TEXT,
    "state": _maybe(_code(STATES)), "version": _maybe(_VERSION),
    "applied": {**_PIECES, "description": "What is different in the listing now, field by field."},
    "waiting": {**_list(ref("ListingSent")), "description": "What a steward has to look at first: all that you sent."},
    "listing": {**ref("Listing"), "description": "The listing as it stands; with `listings.read` only."},
}, "listing")


def _texts() -> dict[str, Schema]:
    """What may be sent: a whole text, a new one, and a patch."""
    whole = copy.deepcopy(components()["Listing"])
    properties: dict[str, Schema] = whole["properties"]
    said = {name: one for name, one in properties.items() if name not in FIXED}
    for name in FIXED:
        properties[name] = {**properties[name], "description": "As it stands, or left out: this is not for you to say."}
    properties["x"] = {**properties["x"], "description": "Only `tags` change here; all else as it stands. Left out: "
                                                         "it stays."}
    whole["required"] = [name for name in whole["required"] if name != "id"]
    tags = _object({"tags": _list(_TEXT, uniqueItems=True)}, "tags", description="Words that stewards have set.")
    new = {**whole, "properties": {**said, "x": tags}}
    patch = {name: {"description": "Any value of this field; null takes it away."} if name == "x"
             else _patched(one) for name, one in said.items() if name != "format"}
    return {
        "ListingText": {**whole, "title": "Listing text",
                        "description": "A whole listing: what is left out is taken away, but for id, verified, source "
                                       "and x."},
        "ListingNew": {**new, "title": "New listing", "description": "A whole listing that nobody has yet."},
        "ListingPatch": {"type": "object", "properties": patch, "additionalProperties": False,
                         "description": "RFC 7396: what is named is set, null takes it away, lists are set whole."},
    }


def _patched(schema: Schema) -> Schema:
    """A field in a patch: its own value or null; of an object, some parts of it."""
    kinds = schema.get("type")
    inside = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if "object" in (kinds if isinstance(kinds, list) else [kinds]) or any(
            one.get("type") == "object" or "$ref" in one and not _is_flat(one) for one in inside):
        return {"type": ["object", "null"], "description": "Some parts of it."}
    return {"anyOf": [schema, {"type": "null"}]}


def _is_flat(schema: Schema) -> bool:
    return "properties" not in components()[schema["$ref"].rpartition("/")[2]]


SCHEMAS: dict[str, Schema] = {
    "KeptListing": _object({**_STANDING, "listing": ref("Listing")}),
    "KeptListings": _object({"listings": _list(_object(_STANDING)),
                             "next": {**_maybe(_UUID), "description": "For `after`; null: the last page."}}),
    "ListingOutcome": _OUTCOME, "ListingSent": _SENT, "ListingsSent": _object({"sent": _list(ref("ListingSent"))}),
    "ListingPause": _object({"back_on": {**_DAY, "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                                         "description": "The day on which it meets again, within a year."}}),
    "ListingCheck": _object({
        "method": _code(METHODS, default=OWN_WORD, description="operator: its own people say that all of it is still "
                                                               "right. The others are a steward's ways to check."),
        "fields": {**_list(_code(DATED_FIELDS), uniqueItems=True),
                   "description": "With a steward's way: what was confirmed; else all that it states."},
    }, "method", "fields", description="Say this when a person has looked, not because a day has passed."),
    **_texts(),
}


# -- answers ---------------------------------------------------------------------------------------------------------


def standing(one: Listing, waiting: Sequence[Proposal], back_on: date | None) -> dict[str, Any]:
    """A listing as a list tells of it."""
    document = one.document
    return {
        "id": str(one.id), "slug": one.slug, "name": document["name"], "state": one.state,
        "status": document.get("status", "active"), "version": one.version, "updated_at": _instant(one.updated_at),
        "verified_on": (document.get("verified") or {}).get("on"), "back_on": back_on.isoformat() if back_on else None,
        "source": one.source, "merged_into": str(one.merged_into) if one.merged_into else None,
        "waiting": [sent(each) for each in waiting if each.program_id == one.id],
    }


def outcome(found: Told, *, whole: bool) -> dict[str, Any]:
    """What became of what was sent; with the listing where `whole`."""
    there = found.listing
    answer: dict[str, Any] = {
        "id": str(there.id) if there else None, "slug": there.slug if there else None,
        "state": there.state if there else None, "version": there.version if there else None,
        "applied": list(found.applied), "waiting": [sent(one) for one in found.waiting],
    }
    return {**answer, "listing": there.document} if whole and there is not None else answer


def sent(one: Proposal) -> dict[str, Any]:
    """Something that waits for a steward, or did."""
    return {"id": str(one.id), "kind": one.kind, "state": one.state,
            "listing": str(one.program_id) if one.program_id else None,
            "name": str(orjson.loads(one.document)["name"]), "fields": one.fields, "choices": one.choices or {},
            "reason": one.reason, "made_at": _instant(one.made_at), "decided_at": _instant(one.decided_at)}


def _instant(naive: datetime | None) -> str | None:
    return naive.replace(tzinfo=UTC).isoformat(timespec="seconds") if naive is not None else None


# -- examples --------------------------------------------------------------------------------------------------------

_ID, _SENT_ID = "6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001", "0b1f6c2a-3d1e-4a51-8c53-1f2d7d1b9a10"
_AT = "2026-11-24T12:00:00+00:00"
NEW_EXAMPLE: dict[str, Any] = {
    "format": FORMAT, "name": "River Circle", "group_type": "peer_support", "focus": ["grief"], "languages": ["en"],
    "sessions": [{"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:30",
                  "timezone": "America/New_York", "duration_minutes": 90,
                  "location": {"address_1": "12 Main Street", "city": "Durham", "state": "NC"}}],
    "contact": {"phone": "919-555-0142", "how_to_join": "call"},
}
TEXT_EXAMPLE: dict[str, Any] = {**NEW_EXAMPLE, "description": "Tea from six on."}
PATCH_EXAMPLE: dict[str, Any] = {"description": "Tea from six on.", "contact": {"phone": "919-555-0143"},
                                 "starts_on": None}
PAUSE_EXAMPLE: dict[str, Any] = {"back_on": "2027-01-12"}
CHECK_EXAMPLE: dict[str, Any] = {"method": OWN_WORD}
SENT_EXAMPLE: dict[str, Any] = {
    "id": _SENT_ID, "kind": "edit", "state": review.WAITING, "listing": _ID, "name": "River Circle",
    "fields": ["contact.phone"], "choices": {}, "reason": None, "made_at": _AT, "decided_at": None}
SENT_LIST_EXAMPLE: dict[str, Any] = {"sent": [SENT_EXAMPLE]}
_STANDING_EXAMPLE: dict[str, Any] = {
    "id": _ID, "slug": "durham-nc-6a1f0c9e7a40", "name": "River Circle", "state": PUBLISHED, "status": "active",
    "version": 7, "updated_at": _AT, "verified_on": "2026-11-01", "back_on": None, "source": "Written here",
    "merged_into": None, "waiting": [SENT_EXAMPLE]}
LIST_EXAMPLE: dict[str, Any] = {"listings": [_STANDING_EXAMPLE], "next": None}
WHOLE_EXAMPLE: dict[str, Any] = {**_STANDING_EXAMPLE, "listing": {**NEW_EXAMPLE, "id": "river-circle"}}
OUTCOME_EXAMPLE: dict[str, Any] = {
    "id": _ID, "slug": "durham-nc-6a1f0c9e7a40", "state": PUBLISHED, "version": 8, "applied": ["description"],
    "waiting": [SENT_EXAMPLE], "listing": {**TEXT_EXAMPLE, "id": "river-circle"}}
NEW_OUTCOME_EXAMPLE: dict[str, Any] = {
    "id": None, "slug": None, "state": None, "version": None, "applied": [],
    "waiting": [{**SENT_EXAMPLE, "kind": "new", "listing": None, "fields": ["name", "group_type", "contact.phone"]}]}
