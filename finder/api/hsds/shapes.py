"""The shapes of what this door's lists hold, as JSON Schema.

They say what is always there. The standard's own schemas say all that may be.
"""

from __future__ import annotations

from typing import Any

from finder.api import schemas

_TEXT: dict[str, Any] = {"type": "string"}
_ID: dict[str, Any] = {"type": "string", "format": "uuid"}
_INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_YES: dict[str, Any] = {"type": "boolean"}


def _row(description: str, *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "description": description, "required": ["id", *required],
            "properties": {"id": _ID, **dict.fromkeys(required, _TEXT), **more}}


def _page(name: str) -> dict[str, Any]:
    held = {"total_items": _COUNT, "total_pages": _COUNT, "page_number": {"type": "integer", "minimum": 1},
            "size": _COUNT, "first_page": _YES, "last_page": _YES, "empty": _YES,
            "contents": {"type": "array", "items": schemas.ref(name)}}
    return {"type": "object", "required": list(held), "properties": held | {"ignored": {
        "type": "array", "items": _TEXT, "description": "Parameters whose values could not be read."}}}


_ROWS = {
    "HsdsService": _row("HSDS 3.0 service, with `capacities` of the 3.1 draft.", "name", "status",
                        last_modified=_INSTANT),
    "HsdsServiceAtLocation": _row("HSDS 3.0 service_at_location.", "service_id", "location_id"),
    "HsdsOrganization": _row("HSDS 3.0 organization.", "name", "description"),
    "HsdsTaxonomy": _row("HSDS 3.0 taxonomy.", "name", "description"),
    "HsdsTaxonomyTerm": _row("HSDS 3.0 taxonomy_term.", "name", "description"),
}
SCHEMAS: dict[str, dict[str, Any]] = {
    **_ROWS, **{f"{name}Page": _page(name) for name in _ROWS},
    "HsdsAbout": {"type": "object", "required": ["version", "profile", "openapi_url"], "properties": {
        "version": {"const": "3.0"}, "profile": {"type": "string", "format": "uri"},
        "openapi_url": {"type": "string", "format": "uri"}}},
}
