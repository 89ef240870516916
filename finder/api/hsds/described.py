"""How this door is described: the parameters of its lists, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.api import openapi, schemas
from finder.api.hsds.asked import FLAG, FORM, MOST_FULL, TEXT, WHOLE
from finder.exchange.hsds.paging import MOST_PER_PAGE

Kinds = Mapping[str, str]

_ABOUT: Mapping[str, tuple[str, str]] = {
    "search": (TEXT, "Words to look for, as the site's own search reads them."),
    "page": (WHOLE, "Which page, from 1. One beyond the last is empty; one before the first is the first."),
    "per_page": (WHOLE, f"Rows on one page: at most {MOST_PER_PAGE}, and {MOST_FULL} of whole ones."),
    "format": (TEXT, "`ndjson`: all rows, one on a line, without pages. Else JSON."),
    "taxonomy_term_id": (TEXT, "Only what this term is said of."),
    "taxonomy_id": (TEXT, "Only what a term of this taxonomy is said of."),
    "organization_id": (TEXT, "Only services of this organization."),
    "modified_after": (TEXT, "Only what changed at this day or instant (ISO 8601) or later."),
    "minimal": (FLAG, "Only ids, names, statuses and dates of change, as many as possible on one page."),
    "full": (FLAG, "Each row with all that is known of it."),
    "full_service": (FLAG, "With whole services in the organization."),
    "postcode": (TEXT, "Only places that serve people at this postal code, or lie there where that is not stated."),
    "proximity": (TEXT, "Only places within so many meters of the middle of the postal code."),
    "top_only": (FLAG, "Only terms that no other term is under."),
    "parent_id": (TEXT, "Only terms under this term."),
}
_PAGES = ("search", "page", "per_page", "format")
_FILTERS = ("taxonomy_term_id", "taxonomy_id")


def _kinds(*names: str) -> Kinds:
    return {name: _ABOUT[name][0] for name in names}


SERVICES = _kinds(*_PAGES, *_FILTERS, "organization_id", "modified_after", "minimal", "full")
PLACES = _kinds(*_PAGES, *_FILTERS, "organization_id", "modified_after", "full", "postcode", "proximity")
ORGANIZATIONS = _kinds(*_PAGES, *_FILTERS, "full_service", "full")
TAXONOMIES = _kinds(*_PAGES)
TERMS = _kinds(*_PAGES, "taxonomy_id", "top_only", "parent_id")
ORGANIZATION = _kinds("full_service")
_EXAMPLES: Mapping[str, Any] = {"search": "evening", "page": 1, "per_page": 50, "format": "json"}


def parameters(kinds: Kinds) -> list[dict[str, Any]]:
    """The parameters of a list, for its address."""
    return [{"name": name, "in": "query", "description": _ABOUT[name][1], "schema": {"type": kind}}
            for name, kind in kinds.items()]


def body(kinds: Kinds) -> dict[str, Any]:
    """The same as a body."""
    schema = {"type": "object", "properties": {
        name: {"type": kind, "description": _ABOUT[name][1]} for name, kind in kinds.items()}}
    example = {name: _EXAMPLES[name] for name in kinds if name in _EXAMPLES}
    # Generators of requests write values into forms that no form can hold, so a form rules no name out here.
    return {"required": True, "content": {
        "application/json": {"schema": {**schema, "additionalProperties": False}, "example": example},
        FORM: {"schema": schema, "example": example}}}


def path() -> list[dict[str, Any]]:
    """The id in an address."""
    return [{"name": "key", "in": "path", "required": True, "description": "The id, a UUID.",
             "schema": {"type": "string", "format": "uuid"}}]


def listed(name: str, about: str, example: Any, *, post: bool = False) -> dict[str, Any]:
    """The responses of a list of rows of the shape `name`."""
    problems = (400, 413, 415) if post else ()
    found = openapi.answers(f"{name}Page", about, *problems, 422, 503, kept=not post, example=example)
    found["200"]["content"]["application/x-ndjson"] = {"schema": {"type": "string"}}
    if post:
        found["405"] = {"description": "It brings no body, so there is nothing to answer that GET does not.",
                        "content": {"application/problem+json": {"schema": schemas.ref("Problem")}}}
    return found


def alone(name: str, about: str, example: Any) -> dict[str, Any]:
    """The responses of one row."""
    found = openapi.answers(name, about, 422, 503, kept=True, example=example)
    # As the standard's own description has it.
    found["404"] = {"description": "There is none of this id.",
                    "content": {"application/json": {"schema": schemas.ref("Problem")}}}
    return found
