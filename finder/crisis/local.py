"""An operator's own help lines, read from a TOML file that two people reviewed (TRUST Y2). They only add.

    reviewed_by = ["Ana Example", "Bo Example"]

    [[line]]
    id = "county-mobile-team"
    name = "County mobile crisis team"
    about = "Comes to you, day and night."
    topics = ["mental"]
    call = "555-0100"
    source = "https://county.example/crisis"
    stated = "2026-11"

Optional: name_es, about_es, hours, hours_es, text, keyword, chat, languages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finder.crisis.line import TOPICS, Line, Way, Words
from finder.crisis.national import ELSEWHERE, NATIONAL
from finder.errors import Invalid, Problem

MOST_LINES = 20
REVIEWERS = 2
_REQUIRED = ("id", "name", "about", "topics", "source", "stated")
_LENGTHS = {"id": 60, "name": 120, "name_es": 120, "about": 300, "about_es": 300, "hours": 120, "hours_es": 120,
            "call": 40, "text": 40, "keyword": 20, "chat": 500, "source": 500, "stated": 10}
_LISTS = ("topics", "languages")
_PATTERNS = {
    "id": (re.compile(r"[a-z0-9][a-z0-9-]*"), "not_an_id"),
    "call": (re.compile(r"\+?[0-9][0-9() .-]{1,38}"), "not_a_phone"),
    "text": (re.compile(r"\+?[0-9][0-9() .-]{1,38}"), "not_a_phone"),
    "keyword": (re.compile(r"\w+"), "bad_text"),
    "chat": (re.compile(r"https://[^\s<>\"]+"), "not_a_url"),
    "source": (re.compile(r"https?://[^\s<>\"]+"), "not_a_url"),
    "stated": (re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?"), "not_a_date"),
}
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_Errors = dict[str, list[Problem]]


def load_local(path: Path) -> tuple[Line, ...]:
    """The lines of an operator's file, in its order; empty if it has none.

    Raises Invalid naming each wrong field by dotted path ("line.0.call"): a file that cannot be read or is not TOML
    ("" as path), fewer than two different reviewers, an id that is taken (national ones too), no way to reach a line.
    """
    document = _read(path)
    errors: _Errors = {name: [Problem("unknown_key")] for name in document if name not in ("reviewed_by", "line")}
    _check_reviewers(document.get("reviewed_by"), errors)
    rows = document.get("line", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(errors | {"line": [Problem("wrong_type", expected="list")]}, "crisis_lines")
    if len(rows) > MOST_LINES:
        errors["line"] = [Problem("too_many", max=MOST_LINES)]
    taken = {line.id for line in (*NATIONAL, *ELSEWHERE)}
    for number, row in enumerate(rows):
        errors |= {f"line.{number}.{field}": found for field, found in _problems(row, taken).items()}
        taken.add(str(row.get("id")))
    if errors:
        raise Invalid(errors, "crisis_lines")
    return tuple(_line(row) for row in rows)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Invalid({"": [Problem("not_readable", value=path.name)]}, "crisis_lines") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid({"": [Problem("bad_toml")]}, "crisis_lines") from None


def _check_reviewers(names: object, errors: _Errors) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        errors["reviewed_by"] = [Problem("required")]
    elif len({name.strip().casefold() for name in names if name.strip()}) < REVIEWERS:
        errors["reviewed_by"] = [Problem("too_few", min=REVIEWERS)]


def _problems(row: Mapping[str, Any], taken: set[str]) -> _Errors:
    errors: _Errors = {name: [Problem("required")] for name in _REQUIRED if name not in row}
    for name, value in row.items():
        code = _listed(name, value) if name in _LISTS else _worded(name, value)
        if code:
            errors[name] = [Problem(code)]
    if row.get("id") in taken and "id" not in errors:
        errors["id"] = [Problem("repeated")]
    if not {"call", "text", "chat"} & set(row):
        errors["call"] = [Problem("required")]
    if "keyword" in row and "text" not in row:
        errors["text"] = [Problem("required")]
    return errors


def _worded(name: str, value: object) -> str | None:
    """The problem code of one text of a line, None if it is sound."""
    if name not in _LENGTHS:
        return "unknown_key"
    if not isinstance(value, str):
        return "wrong_type"
    if len(value) > _LENGTHS[name]:
        return "too_long"
    if not value.strip():
        return "too_short"
    if not value.isprintable():
        return "bad_text"
    pattern, code = _PATTERNS.get(name, (None, ""))
    return code if pattern is not None and not pattern.fullmatch(value) else None


def _listed(name: str, value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return "wrong_type"
    if not value and name == "topics":
        return "required"
    known = all(one in TOPICS if name == "topics" else _LANGUAGE.fullmatch(one) for one in value)
    return None if known else "not_a_code"


def _line(row: Mapping[str, Any]) -> Line:
    keyword = row.get("keyword", "")
    ways = {"call": Way("call", row.get("call", "")),
            "text": Way("text", row.get("text", ""), keyword=Words(keyword, keyword)),
            "chat": Way("chat", row.get("chat", ""))}
    return Line(row["id"], "", _words(row, "name"), _words(row, "about"),
                tuple(way for kind, way in ways.items() if kind in row), tuple(row["topics"]),
                tuple(row.get("languages", ())), row["source"], row["stated"], _words(row, "hours"), local=True)


def _words(row: Mapping[str, Any], name: str) -> Words:
    english = row.get(name, "")
    return Words(english, row.get(f"{name}_es", english))
