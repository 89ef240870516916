"""The shapes of answers and questions, as JSON Schema 2020-12: the contract's three documents and our own envelopes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

Schema = dict[str, Any]

DOCUMENTS = Path(__file__).resolve().parent / "documents"
_TITLES = {"listing": "Listing", "intake": "Intake", "match": "Match"}
_LOCAL = "#/$defs/"
_COMPONENT = "#/components/schemas/"


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": _COMPONENT + name}


def document(name: str) -> Schema:
    """One of the contract's schemas as published: `listing`, `intake` or `match`."""
    loaded: Schema = orjson.loads((DOCUMENTS / f"{name}.schema.json").read_bytes())
    return loaded


def components() -> dict[str, Schema]:
    """Every schema by its name in the description. `$defs` of a document become components of their own."""
    found: dict[str, Schema] = {}
    for name, title in _TITLES.items():
        whole = document(name)
        inner = whole.pop("$defs", {})
        for key in ("$schema", "$id"):
            whole.pop(key, None)
        found[title] = _moved(whole, title)
        for key, one in inner.items():
            found[title + _camel(key)] = _moved(one, title)
    del found["MatchEvaluationLine"]
    for name in ("MatchReason", "MatchCheck"):
        found[name]["required"].remove("text")  # `text=0` leaves the sentences out
    return {**found, **_OWN}


def _camel(key: str) -> str:
    return "".join(part.capitalize() for part in key.split("_"))


def _moved(schema: Any, title: str) -> Any:
    if isinstance(schema, list):
        return [_moved(one, title) for one in schema]
    if not isinstance(schema, Mapping):
        return copy.copy(schema)
    moved = {key: _moved(one, title) for key, one in schema.items()}
    local = moved.get("$ref")
    if isinstance(local, str) and local.startswith(_LOCAL):
        moved["$ref"] = _COMPONENT + title + _camel(local[len(_LOCAL):])
    return moved


def _object(required: Mapping[str, Any], **more: Any) -> Schema:
    return {"type": "object", "properties": dict(required), "required": list(required),
            "additionalProperties": False, **more}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _maybe(schema: Schema) -> Schema:
    return {"oneOf": [{"type": "null"}, schema]}


_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_WHY: Schema = {"type": ["string", "null"], "enum": ["ambiguous", "unsure", "unknown", "no_point", None]}

_OWN: dict[str, Schema] = {
    "Problem": _object({
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem; not to be fetched."},
        "title": _TEXT, "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z][a-z_]+$"},
        "errors": {"type": "object", "additionalProperties": _list(_TEXT),
                   "description": "What is wrong with each field, by its dotted path; `body` is the whole of it."},
        "request_id": {"type": "string", "description": "Also in the header X-Request-ID."},
    }, description="RFC 9457"),
    "ProgramInList": _object({
        "id": {"type": "string", "format": "uuid"}, "slug": _TEXT,
        "distance_miles": {"type": ["number", "null"], "minimum": 0}, "next_session": _maybe(_INSTANT),
        "listing": ref("Listing"),
    }),
    "ProgramList": _object({
        "as_of": _INSTANT, "place": _maybe(ref("MatchPlace")), "place_choices": _list(ref("MatchPlace")),
        "understood": _list(ref("Understood")), "total": _COUNT, "page": _COUNT, "per_page": _COUNT,
        "programs": _list(ref("ProgramInList")),
        "facets": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _COUNT}},
    }),
    "Program": _object({
        "id": {"type": "string", "format": "uuid"}, "slug": _TEXT,
        "status": {"type": "string", "enum": ["active", "paused", "closed"]}, "listing": ref("Listing"),
        "next_sessions": _list(_INSTANT),
    }),
    "Understood": _object({
        "phrase": _TEXT, "code": _TEXT, "certainty": {"type": "string", "enum": ["exact", "likely", "unsure"]},
    }, description="What free text was taken for."),
    "PlaceAnswer": _object({
        "place": _maybe(ref("MatchPlace")), "choices": _list(ref("MatchPlace")), "why": _WHY,
    }, description="Exactly one place, or the choices there are and why none was taken."),
    "Term": _object({"code": _TEXT, "label": _TEXT, "definition": _TEXT}),
    "Vocabulary": _object({
        "lang": _TEXT, "lists": {"type": "object", "additionalProperties": _list(ref("Term"))},
    }),
    "Alive": _object({"status": {"const": "ok"}}),
    "Ready": _object({
        "status": {"enum": ["ready", "limited"],
                   "description": "limited: people are served, and something below that is false needs a person."},
        "programs": _COUNT, "catalog_version": _COUNT, "writes": {"type": "boolean"}, "room": {"type": "boolean"},
        "crisis_lines_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "crisis_lines_reviewed": {"type": "boolean"},
    }),
}
