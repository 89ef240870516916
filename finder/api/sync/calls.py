"""What this instance sends to programs that asked to be told of changes, as the description of the machine routes shows
it (OpenAPI 3.1, webhooks); finder/hooks writes it.
"""

from __future__ import annotations

from typing import Any

from finder.api.schemas import Schema, ref
from finder.exchange.changes import GONE, LONGEST_CURSOR, PUBLISHED
from finder.hooks.telling import CHANGED, MOST_NAMED, PING

_TEXT: Schema = {"type": "string"}
_UUID: Schema = {"type": "string", "format": "uuid"}


def _object(properties: dict[str, Any]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _opening(kind: str) -> dict[str, Any]:
    return {"type": {"const": kind}, "timestamp": {
        "type": "string", "format": "date-time", "description": "When it was written; the same at every try."},
        "instance": ref("Teller")}


SCHEMAS: dict[str, Schema] = {
    "Teller": _object({"id": {**_UUID, "description": "Which instance this is; it stays when its address changes."},
                       "name": _TEXT, "address": {"type": "string", "format": "uri"}}),
    "Ping": _object(_opening(PING)),
    "ListingsChanged": _object(_opening(CHANGED) | {
        "after": {"type": "string", "maxLength": LONGEST_CURSOR,
                  "description": "Up to where this receiver was told before. It may have read further by itself."},
        "changes_url": {"type": "string", "format": "uri",
                        "description": "Where all that changed since can be read, page by page."},
        "changes": {"type": "array", "minItems": 1, "maxItems": MOST_NAMED, "items": _object({
            "id": _UUID, "slug": _TEXT, "state": {"enum": [PUBLISHED, GONE]}})},
        "more": {"type": "boolean", "description": "More changed than is named here."}}),
}

_HERE = {"id": "0b6f3a52-4f0e-4b53-9a0c-9d1f0a6e7c11", "name": "Example Directory", "address": "https://finder.example"}
_AFTER = "AQtvOlJPDktTmgydHwpufBEAAAAAAAAAKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEXVq0kP8DhW"
EXAMPLES: dict[str, dict[str, Any]] = {
    "Ping": {"type": PING, "timestamp": "2026-11-24T12:00:00Z", "instance": _HERE},
    "ListingsChanged": {
        "type": CHANGED, "timestamp": "2026-11-24T12:00:00Z", "instance": _HERE, "after": _AFTER,
        "changes_url": f"https://finder.example/api/v1/changes?after={_AFTER}",
        "changes": [{"id": "6a1f0c9e-7a40-5c52-9df3-0a4f2d6cf001", "slug": "durham-nc-6a1f0c9e7a40",
                     "state": PUBLISHED},
                    {"id": "0e0f36b1-58e6-5d61-a7c7-52dbd1a93a17", "slug": "durham-nc-0e0f36b158e6", "state": GONE}],
        "more": False},
}


def _header(name: str, about: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": about,
            "schema": {"type": "string", "pattern": pattern}}


def _call(name: str, operation: str, summary: str) -> dict[str, Any]:
    return {"post": {
        "operationId": operation, "summary": summary, "tags": ["sync"],
        "description": "Signed as Standard Webhooks 1.0.0 says, with the secret that a steward was shown. What is not "
                       "taken is sent again for two weeks; redirects are not followed.",
        "parameters": [
            _header("webhook-id", "The message's name, the same at every try.", "^msg_[A-Za-z0-9_-]{22}$"),
            _header("webhook-timestamp", "When it is tried, in seconds of Unix time.", "^[0-9]+$"),
            _header("webhook-signature", "\"v1,\" and the HMAC-SHA256 of \"id.timestamp.body\" in base64; for a day "
                    "after a new secret was made two of them, with a space between.",
                    "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$")],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": ref(name), "example": EXAMPLES[name]}}},
        "responses": {"2XX": {"description": "The message was taken. Nothing of the answer's body is read."},
                      "410": {"description": "No more messages are wanted; the address is not called any more."},
                      "429": {"description": "Too many for now; Retry-After, in seconds, is minded up to a day."},
                      "default": {"description": "The message was not taken and is sent again later."}}}}


WEBHOOKS: dict[str, Any] = {
    CHANGED: _call("ListingsChanged", "tellListingsChanged", "Listings changed, and where to read how"),
    PING: _call("Ping", "tellPing", "A test that a steward sends by hand"),
}
