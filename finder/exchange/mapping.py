"""Mapping files: which column means which field, fixed values, and rules that a steward signs.

A mapping holds names of columns and values of ours, never data of the source. seed_data/mappings/README.md describes
the file for its writers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finder import strict_json
from finder.catalog.listing_schema import Listing as ListingSchema
from finder.errors import Invalid, Problem
from finder.exchange.fellowships import BY_CODE

LONGEST_TEXT = 64 * 1024  # characters of a mapping that is typed
_KEYS = frozenset(("about", "fellowship", "timezone", "header", "columns", "fixed", "values", "lists", "dates", "rules",
                   "hours"))
_RULE_KEYS = frozenset(("when", "set", "publish", "status", "out_of_scope", "signed_by", "why"))
# Fields that decide who is shown a listing: what the source does not state about them is a person's decision, with a
# name under it.
JUDGED = frozenset(("group_type", "led_by", "modalities", "focus", "severity", "attendees", "age", "gender_mix",
                    "populations", "restricted_to", "cost", "policies"))
_ROOTS = frozenset(ListingSchema().fields) | {"session", "location"}


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field's text comes from: the first column with a value, or all of them joined by `join`."""

    names: tuple[str, ...]
    join: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows when every named column holds one of its values. Checked in the order of the file."""

    when: Table[str, tuple[str, ...]]
    fixed: Table[str, Any] = field(default_factory=dict)
    publish: bool = True
    status: str | None = None
    out_of_scope: str | None = None
    signed_by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file. For meeting feeds only `fellowship`, `timezone` and `fixed` count."""

    about: str = ""
    fellowship: str | None = None
    timezone: str | None = None
    columns: Table[str, Column] = field(default_factory=dict)
    fixed: Table[str, Any] = field(default_factory=dict)
    values: Table[str, Table[str, Any]] = field(default_factory=dict)
    lists: Table[str, str] = field(default_factory=dict)
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    hours: Table[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


def load(path: Path) -> Mapping:
    """The mapping of a JSON or TOML file.

    Raises Invalid (code `mapping`) naming the key: unknown keys and fields, a rule without `when`, an unsigned rule
    that sets one of JUDGED.
    """
    body = path.read_bytes()
    try:
        value = tomllib.loads(body.decode()) if path.suffix == ".toml" else strict_json.read(body)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Invalid({"": [Problem("bad_toml")]}, "mapping") from None
    return parse(value)


def typed(text: str | None) -> Mapping | None:
    """A mapping as somebody typed it, JSON or TOML; None for nothing. Raises Invalid for the field `mapping`."""
    if text is None or not text.strip():
        return None
    if len(text) > LONGEST_TEXT:
        raise Invalid({"mapping": [Problem("too_long", max=LONGEST_TEXT)]})
    try:
        return parse(strict_json.read(text.encode()) if text.lstrip().startswith("{") else tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise Invalid({"mapping": [Problem("bad_toml")]}) from None
    except (Invalid, TypeError, ValueError, RecursionError) as broken:
        problem = next(iter(broken.errors.values()))[0] if isinstance(broken, Invalid) else Problem("invalid")
        raise Invalid({"mapping": [problem]}) from None


def parse(value: object) -> Mapping:
    """The mapping of a plain dict; raises like `load`."""
    if not isinstance(value, dict):
        raise _wrong("", "wrong_type")
    for key in value:
        if key not in _KEYS:
            raise _wrong(str(key), "unknown_key")
    fellowship = value.get("fellowship")
    if fellowship is not None and fellowship not in BY_CODE:
        raise _wrong("fellowship", "not_a_code")
    columns = {name: _column(name, one) for name, one in _table(value, "columns").items()}
    fixed = _table(value, "fixed")
    for name in (*columns, *fixed, *_table(value, "values"), *_table(value, "lists")):
        if name.split(".")[0] not in _ROOTS:
            raise _wrong(name, "unknown_field")
    return Mapping(str(value.get("about", "")), fellowship, value.get("timezone"), columns, fixed,
                   _table(value, "values"), _table(value, "lists"), tuple(value.get("dates", ("%Y-%m-%d",))),
                   _table(value, "hours"), tuple(_rule(place, one) for place, one in enumerate(value.get("rules", ()))))


def _table(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key, {})
    if not isinstance(found, dict):
        raise _wrong(key, "wrong_type")
    return found


def _column(name: str, value: object) -> Column:
    if isinstance(value, str):
        return Column((value,))
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return Column(tuple(value))
    if isinstance(value, dict) and isinstance(value.get("join"), list):
        return Column(tuple(value["join"]), str(value.get("with", ", ")))
    raise _wrong(f"columns.{name}", "wrong_type")


def _rule(place: int, value: object) -> Rule:
    where = f"rules.{place}"
    if not isinstance(value, dict) or not isinstance(value.get("when"), dict) or not value["when"]:
        raise _wrong(f"{where}.when", "required")
    for key in value:
        if key not in _RULE_KEYS:
            raise _wrong(f"{where}.{key}", "unknown_key")
    fixed = value.get("set", {})
    for name in fixed:
        if name.split(".")[0] not in _ROOTS:
            raise _wrong(f"{where}.set.{name}", "unknown_field")
    judged = any(name.split(".")[0] in JUDGED for name in fixed)
    if judged and not (value.get("signed_by") and value.get("why")):
        raise _wrong(f"{where}.signed_by", "required")
    when = {column: tuple(str(one) for one in (wanted if isinstance(wanted, list) else [wanted]))
            for column, wanted in value["when"].items()}
    return Rule(when, fixed, value.get("publish", True), value.get("status"), value.get("out_of_scope"),
                str(value.get("signed_by", "")), str(value.get("why", "")))


def _wrong(field_name: str, code: str) -> Invalid:
    return Invalid({field_name: [Problem(code)]}, "mapping")
