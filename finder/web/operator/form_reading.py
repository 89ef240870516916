"""A form to a listing document and back. What was not sent, or still says what it said, stays as it was to the letter;
nothing is judged here: the one validator does that, and its errors are put at the fields of the form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from finder.catalog import listing_schema
from finder.errors import Invalid, Problem
from finder.web.operator import form_sessions
from finder.web.operator.form_fields import PLACE, REMOTE, SESSION, Field, fields
from finder.web.operator.form_kinds import Form, Sent, plain, several
from finder.web.operator.form_sessions import Block, Reading

KEPT = ("format", "id", "verified", "source", "x")  # that no form changes, but for the tags in x
_STEP = re.compile(r"^sessions\.([0-9]+)(?:\.|$)")
_WHEN = ("anytime", "repeats", "start_time", "duration_minutes", "valid_from", "valid_until", "except_dates")
_AT: Mapping[str, str] = {"severity.min": "severity", "severity.max": "severity", "age": "age.min", "cost": "cost.free",
                          "capacity": "capacity.status", "capacity.as_of": "capacity.status", "x": "x.tags",
                          "organization": "organization.name", "contact": "contact.phone",
                          "coverage": "coverage.states"}


@dataclass(slots=True)
class Read:
    """A form as it was read: the document it makes, and its sessions block by block."""

    document: dict[str, Any]
    blocks: list[Block]
    origins: list[int] = field(default_factory=list)  # of each session of the document, the number of its block
    problems: dict[str, list[Problem]] = field(default_factory=dict)  # that were found while reading


def show(document: Mapping[str, Any], language: str) -> Sent:
    """The form of a listing, as a browser would send it back."""
    found: Sent = {}
    for one in fields():
        found |= one.kind.show(one.path, value_at(document, one.path))
    return found | form_sessions.show(document.get("sessions") or (), language)


def show_on(document: Mapping[str, Any], base: Mapping[str, Any], language: str) -> Sent:
    """The form of a document that is to be read as a change of `base`."""
    sessions = document.get("sessions") or ()
    return show(document, language) | form_sessions.show_beside(sessions, base.get("sessions") or (), language)


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """What a document says at a dotted path; None where it says nothing. "status" is "active" then."""
    value: Any = document
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return "active" if path == "status" and value is None else value


def read(form: Form, base: Mapping[str, Any], reading: Reading) -> Read:
    """The document that a form makes of `base`, the one it was made from ({} for a new listing)."""
    document: dict[str, Any] = {"format": listing_schema.FORMAT} | {name: base[name] for name in KEPT if name in base}
    for one in fields():
        value = _value(one, form, base)
        if value is not None:
            _put(document, one.path, value)
    _settle(document, base, reading)
    if form_sessions.MARK not in form:
        return Read(_with(document, "sessions", base.get("sessions")), [])
    blocks = form_sessions.blocks(form, base.get("sessions") or (), reading)
    sessions = [one for block in blocks for one in block.sessions]
    problems = {f"sessions.{block.number}.{name}": many for block in blocks for name, many in block.problems.items()}
    return Read(_with(document, "sessions", sessions), blocks,
                [block.number for block in blocks for _ in block.sessions], problems)


def _with(document: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**document, key: value} if value else document


def _value(one: Field, form: Form, base: Mapping[str, Any]) -> Any:
    names = one.kind.names(one.path)
    value = value_at(base, one.path)
    if not set(names) & set(form):
        return value
    shown = one.kind.show(one.path, value)
    if all(_said(form, name) == [plain(each) for each in shown[name] if plain(each)] for name in names):
        return value
    return one.kind.read(one.path, form)


def _said(form: Form, name: str) -> list[str]:
    return [one for one in map(plain, several(form, name)) if one]


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    head, _, part = path.partition(".")
    if not part:
        document[head] = value
    else:
        document[head] = {**(document.get(head) or {}), part: value}


def _settle(document: dict[str, Any], base: Mapping[str, Any], reading: Reading) -> None:
    """What follows from the rest: a fee is not free, and places are as of today when somebody says them anew."""
    cost = document.get("cost")
    if cost and "free" not in cost and isinstance(cost.get("amount"), int | float) and cost["amount"] > 0:
        cost["free"] = False
    if cost and isinstance(cost.get("currency"), str):
        cost["currency"] = cost["currency"].upper()
    if cost and set(cost) <= {"currency", "sliding_scale"} and not cost.get("sliding_scale"):
        del document["cost"]
    capacity = document.get("capacity")
    if capacity:
        was = {name: one for name, one in (base.get("capacity") or {}).items() if name != "as_of"}
        capacity["as_of"] = base["capacity"]["as_of"] if capacity == was else reading.today.isoformat()
    tags = value_at(document, "x.tags")
    if "x" in document and tags is None:
        document["x"] = {name: one for name, one in document["x"].items() if name != "tags"}


def checked(found: Read) -> dict[str, Any]:
    """The canonical document of a form. Raises Invalid with the names of the form's own fields."""
    try:
        document = listing_schema.load({**found.document, "id": found.document.get("id") or "new"})
    except Invalid as wrong:
        raise Invalid(_merged(found.problems, at_fields(wrong.errors, found.origins))) from None
    if found.problems:
        raise Invalid(found.problems)
    return document


def _merged(one: Mapping[str, list[Problem]], other: Mapping[str, list[Problem]]) -> dict[str, list[Problem]]:
    return {name: list(dict.fromkeys([*one.get(name, ()), *other.get(name, ())])) for name in {**one, **other}}


def at_fields(errors: Mapping[str, Sequence[Problem]], origins: Sequence[int]) -> dict[str, list[Problem]]:
    """Errors by the document's paths, put at the fields of the form they can be mended in."""
    found: dict[str, list[Problem]] = {}
    for path, problems in errors.items():
        found.setdefault(_field_of(path, origins), []).extend(problems)
    return found


def _field_of(path: str, origins: Sequence[int]) -> str:
    if path in _AT:
        return _AT[path]
    step = _STEP.match(path)
    if step:
        at = int(step[1])
        number, rest = (origins[at] if at < len(origins) else at), path[step.end():]
        return f"sessions.{number}.{_session_field(rest)}"
    known = {one.path for one in fields()}
    while path and path not in known:
        path = path.rpartition(".")[0]
    return path


def _session_field(path: str) -> str:
    known = {one.path for one in (*SESSION, *PLACE, *REMOTE)}
    if path in known:
        return path
    if path == "location.precision":
        return "location.latitude"
    if path.startswith("location"):
        return "location.name"
    return "when" if path.partition(".")[0] in _WHEN else "format"
