"""Our own listing documents: a JSON array, one object, or JSON Lines. Nothing is changed; the validator comes later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from finder import strict_json
from finder.errors import Invalid
from finder.exchange import files
from finder.exchange.rows import Listing, Refused

_BLANK = re.compile(r"[\s,]*")
_LOOSE = json.JSONDecoder(parse_int=len)  # only where a document ends; a number of a million digits is its own refusal


def read(path: Path) -> Iterator[Listing | Refused]:
    """Documents in the order of their files; rows are numbered by array place, or by line in JSON Lines.

    A document with a key twice or nested too deep is refused alone. A file that is no JSON is refused as row 0, after
    the documents before the break.
    """
    number = 0
    for one in files.paths(path, ".json", ".jsonl", ".ndjson"):
        for found in _file(one):
            number += 1
            if found is None:
                continue
            if isinstance(found, Refused):
                yield Refused(number if found.row else 0, found.field, found.code)
            else:
                yield Listing(found, (number,), str(found.get("id", "")))


def _file(path: Path) -> Iterator[dict[str, Any] | Refused | None]:
    """Documents of one file; None for an empty line, which counts as one all the same."""
    text = files.json_text(path)
    start = len(text) - len(text.lstrip())
    if text[start:start + 1] == "[":
        yield from _array(text, start + 1)
    elif files.ending(path) not in (".jsonl", ".ndjson") and not _many(text):
        yield _document(text)
    else:
        for line in text.split("\n"):  # and nowhere else: a text may hold other ends of lines
            yield _document(line) if line.strip() else None


def _many(text: str) -> bool:
    """Whether a file holds JSON Lines whatever its name: its first line is a whole object and more follow."""
    head, _, rest = text.strip().partition("\n")
    return head.startswith("{") and head.rstrip().endswith("}") and rest.strip().startswith("{")


def _array(text: str, place: int) -> Iterator[dict[str, Any] | Refused]:
    while True:
        place = _end(_BLANK.match(text, place))
        if text[place:place + 1] == "]":
            return
        try:
            _, stop = _LOOSE.raw_decode(text, place)
        except (ValueError, RecursionError):
            yield Refused(0, "file", "not_json")
            return
        yield _document(text[place:stop])
        place = stop


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0


def _document(text: str) -> dict[str, Any] | Refused:
    try:
        value = strict_json.read(text)
    except Invalid as broken:
        field, problems = next(iter(broken.errors.items()))
        code = problems[0].code
        return Refused(1, field or "row", "not_json" if code == "bad_json" else code)
    return value if isinstance(value, dict) else Refused(1, "row", "not_an_object")
