"""The indexes of words and of names over a part of a snapshot, made on first use and kept with its columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from finder.search import names, text, towns
from finder.search.snapshot import Part, Snapshot, document


def of_words(part: Part) -> text.Index:
    """Every word of its listings."""
    known: text.Index | None = part.columns.words.get("text")
    if known is None:
        known = part.columns.words["text"] = text.index(_documents(part))
    return known


def of_names(part: Part) -> names.Names:
    """What its listings are called."""
    known: names.Names | None = part.columns.words.get("names")
    if known is None:
        known = part.columns.words["names"] = names.index(_documents(part))
    return known


def of_towns(part: Part) -> towns.Towns:
    """The towns where its listings meet."""
    known: towns.Towns | None = part.columns.words.get("towns")
    if known is None:
        known = part.columns.words["towns"] = towns.index(_documents(part))
    return known


def warm(snapshot: Snapshot) -> None:
    """Makes all of them, so that nobody waits: about a second for 20,000 listings."""
    for part in snapshot.parts:
        of_words(part)
        of_names(part)


def _documents(part: Part) -> Iterator[dict[str, Any]]:
    return (document(part.columns, row) for row in range(part.columns.size))
