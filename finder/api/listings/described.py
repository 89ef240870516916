"""How the routes of kept listings are described, where openapi.py has no words for it."""

from __future__ import annotations

from typing import Any

from finder.api import openapi
from finder.api.listings import shapes

VERSION_HEADER = openapi.header("If-Match", "The listing's `version` as you read it.", '^"?[0-9]{1,9}"?$', '"7"')
ONCE_HEADER = openapi.header("Idempotency-Key", "Your own key for this one listing, as a UUID: sent again, it tells "
                             "what became of it and makes none.", "^[!-~]{1,64}$", "5f0e9d0c-listing-1")
PATH = [{"name": "key", "in": "path", "required": True, "description": "The listing's id (a UUID) or its slug.",
         "schema": {"type": "string", "pattern": shapes.KEY}}]
SENT_PATH = [{"name": "key", "in": "path", "required": True, "description": "Its id.",
              "schema": {"type": "string", "pattern": shapes.UUID}}]
LIST_PARAMETERS: list[openapi.Parameter] = [
    {"name": "state", "in": "query", "description": "Only these; else all.",
     "schema": {"type": "string", "enum": list(shapes.STATES)}},
    {"name": "after", "in": "query", "description": "`next` of the page before.",
     "schema": {"type": "string", "pattern": shapes.UUID}},
    {"name": "limit", "in": "query", "description": "Listings on one page.",
     "schema": {"type": "integer", "minimum": 1, "maximum": shapes.MOST_LISTED, "default": shapes.USUAL}},
]
SURE: openapi.Parameter = {
    "name": "sure", "in": "query", "schema": {"type": "string", "enum": ["0", "1"], "default": "0"},
    "description": "1: it is another group than those that look like it (409 `looks_alike`, with links to them)."}
PROBLEMS = (401, 403, 404, 409, 422, 428, 429, 503)
BODY_PROBLEMS = (400, 413, 415)
_ETAG = {"ETag": {"description": "The listing's version, for If-Match.", "schema": {"type": "string"}}}


def answers(name: str, about: str, *problems: int, example: Any) -> dict[str, Any]:
    """The responses of an operation about one listing: its version stands in the ETag."""
    found = openapi.answers(name, about, *problems, example=example)
    found["200"]["headers"] |= _ETAG
    return found


def outcome(about: str, *problems: int, **facts: Any) -> dict[str, Any]:
    """The responses of an operation that changes a listing; `facts` of its example."""
    return answers("ListingOutcome", about, *problems, *PROBLEMS, example={**shapes.OUTCOME_EXAMPLE, **facts})


def sending() -> dict[str, Any]:
    """The responses of sending a new listing: in the list, on its way to a steward, or sent before."""
    found = answers("ListingOutcome", "It was sent before, by the same key.", *BODY_PROBLEMS, 401, 403, 409, 422, 429,
                    503, example=shapes.NEW_OUTCOME_EXAMPLE)
    there = {"Location": {"schema": {"type": "string"}}}
    first = {**found["200"], "headers": {**found["200"]["headers"], **there}}
    return {"201": {**first, "description": "It is in the list."},
            "202": {**first, "description": "It waits for a steward."}, **found}


def patch() -> dict[str, Any]:
    """The body of a patch."""
    content = openapi.body("ListingPatch", shapes.PATCH_EXAMPLE)["content"]["application/json"]
    return {"required": True, "content": {shapes.MERGE_PATCH: content}}
