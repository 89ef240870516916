"""The shapes of what changed, as JSON Schema 2020-12, with an example; finder/exchange/changes.py writes it."""

from __future__ import annotations

from typing import Any

from finder.api.schemas import Schema, ref
from finder.exchange.changes import GONE, LONGEST_CURSOR, MOST_IN_PAGE, PUBLISHED

CURSOR = r"^[A-Za-z0-9_-]+$"

_UUID: Schema = {"type": "string", "format": "uuid"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_TEXT: Schema = {"type": "string"}


def _object(required: dict[str, Any], **optional: Any) -> Schema:
    return {"type": "object", "properties": required | optional, "required": list(required),
            "additionalProperties": False}


_CHANGE = {"id": {**_UUID, "description": "Stays, whatever the listing says."},
           "slug": {**_TEXT, "description": "Its page is at /programs/{slug}."}, "changed_at": _INSTANT,
           "origin": ref("Origin")}

SCHEMAS: dict[str, Schema] = {
    "Origin": _object(
        {"instance": {**_UUID, "description": "The instance that keeps the listing."},
         "id": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Its id there."}},
        address={"type": "string", "format": "uri", "description": "Its page there."}),
    "PublishedChange": _object(_CHANGE | {"state": {"const": PUBLISHED}, "listing": ref("Listing")}),
    "GoneChange": _object(_CHANGE | {"state": {"const": GONE}, "into": {"oneOf": [
        {"type": "null"}, {**_object({"id": _UUID, "slug": _TEXT, "origin": ref("Origin")}),
                           "description": "The listing that it was made one with."}]}}),
    "Changes": _object({
        "instance": _object({
            "id": {**_UUID, "description": "Which instance this is; it stays when its address changes."},
            "name": _TEXT, "address": {"type": ["string", "null"], "format": "uri"},
            "license": {"type": ["string", "null"], "description": "Of the listings as data, where one is stated."},
            "demonstration": {"type": "boolean", "description": "The listings are made up."}}),
        "changes": {"type": "array", "maxItems": MOST_IN_PAGE,
                    "items": {"oneOf": [ref("PublishedChange"), ref("GoneChange")]}},
        "next": {"type": "string", "maxLength": LONGEST_CURSOR, "pattern": CURSOR,
                 "description": "Ask for what comes after with this as `after`: at once while `more` is true, else "
                                "whenever you like."},
        "more": {"type": "boolean", "description": "There is more already."},
        "complete": {"type": "boolean", "description": "This walk started from nothing: when it has come to its end, "
                                                       "what none of its pages named is not there."},
    }),
}

_HERE = {"instance": "0b6f3a52-4f0e-4b53-9a0c-9d1f0a6e7c11"}
EXAMPLE: dict[str, Any] = {
    "instance": {"id": _HERE["instance"], "name": "Example Directory", "address": "https://finder.example",
                 "license": "CC-BY-4.0", "demonstration": False},
    "changes": [
        {"id": "6a1f0c9e-7a40-5c52-9df3-0a4f2d6cf001", "state": PUBLISHED, "slug": "durham-nc-6a1f0c9e7a40",
         "changed_at": "2026-11-20T09:30:15Z",
         "origin": _HERE | {"id": "6a1f0c9e-7a40-5c52-9df3-0a4f2d6cf001",
                            "address": "https://finder.example/programs/durham-nc-6a1f0c9e7a40"},
         "listing": {"format": "finder-listing/1", "id": "tuesday-lamp", "name": "Tuesday Lamp",
                     "group_type": "peer_support", "focus": ["depression"],
                     "sessions": [{"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:30",
                                   "timezone": "America/New_York", "location": {"city": "Durham", "state": "NC"}}]}},
        {"id": "0e0f36b1-58e6-5d61-a7c7-52dbd1a93a17", "state": GONE, "slug": "durham-nc-0e0f36b158e6",
         "changed_at": "2026-11-21T18:00:00Z", "origin": _HERE | {"id": "0e0f36b1-58e6-5d61-a7c7-52dbd1a93a17"},
         "into": {"id": "6a1f0c9e-7a40-5c52-9df3-0a4f2d6cf001", "slug": "durham-nc-6a1f0c9e7a40",
                  "origin": _HERE | {"id": "6a1f0c9e-7a40-5c52-9df3-0a4f2d6cf001"}}}],
    "next": "AQtvOlJPDktTmgydHwpufBEAAAAAAAAAKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEXVq0kP8DhW",
    "more": False, "complete": True,
}
