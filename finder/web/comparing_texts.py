"""Two texts of a listing as a page shows them: a row for each thing that differs, what it was and what it would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from finder.listings import diff, pieces
from finder.listings.diff import Part
from finder.wordings import pieces as words_of

Document = Mapping[str, Any]
APART = ("verified", "source")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that differs. `names` are the pieces in it; the lines of both sides are in parts, for underlining;
    `risky`: it could lead people to a stranger."""

    name: str
    names: tuple[str, ...]
    title: str
    was: tuple[tuple[Part, ...], ...]
    would_be: tuple[tuple[Part, ...], ...]
    risky: bool = False
    choice: str = ""


def rows(before: Document | None, after: Document | None, names: Iterable[str], *,
         choices: Mapping[str, str] | None = None) -> list[Row]:
    """The rows of these pieces, in order. `choices` are what was chosen for each row."""
    old, new = before or {}, after or {}
    grouped: dict[str, list[str]] = {}
    for name in names:
        grouped.setdefault(words_of.row_of(name), []).append(name)
    risky = set(pieces.risky(old, new)) if before else set()
    return [_row(name, tuple(parts), old, new, bool(risky & set(parts)), (choices or {}).get(name, ""))
            for name, parts in grouped.items()]


def _row(name: str, parts: tuple[str, ...], old: Document, new: Document, risky: bool, choice: str) -> Row:
    was, would_be = words_of.lines(name, old), words_of.lines(name, new)
    if was == would_be:  # a difference that no words tell is shown as it is kept
        head = name.partition(".")[0]
        was, would_be = ([orjson.dumps(of[head]).decode()] if head in of else [] for of in (old, new))
    left, right = diff.lines(was, would_be)
    return Row(name, parts, words_of.title(name), tuple(map(tuple, left)), tuple(map(tuple, right)), risky, choice)


def changed(before: Document | None, after: Document | None) -> list[Row]:
    """The rows in which two texts differ, with when and how it was last checked and where it is from."""
    old, new = before or {}, after or {}
    apart = [name for name in APART if old.get(name) != new.get(name)]
    return rows(before, after, [*pieces.changed(old, new), *apart])


def facts(document: Document) -> list[tuple[str, list[str]]]:
    """Everything a listing says: title and lines."""
    names = dict.fromkeys(words_of.row_of(name) for name in pieces.pieces(document))
    return [(words_of.title(name), words_of.lines(name, document))
            for name in (*names, *(one for one in APART if one in document))]
