"""The indexes of words and of names over a part of a snapshot, made on first use and kept with its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from finder.search import names, text, towns
from finder.search.snapshot import Part, Snapshot, document


def of_words(part: Part, tags: Mapping[str, Sequence[str]] | None = None) -> text.Index:
    """Every word of its listings, and of the tags they carry (code -> words); made anew when those have changed.
    Without `tags`, as it was last made."""
    held: tuple[Mapping[str, Sequence[str]], text.Index] | None = part.columns.words.get("text")
    if held is None or tags is not None and held[0] != tags:
        held = part.columns.words["text"] = tags or {}, text.index(_documents(part), tags)
    return held[1]


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
        of_words(part, snapshot.tags)
        of_names(part)


def _documents(part: Part) -> Iterator[dict[str, Any]]:
    return (document(part.columns, row) for row in range(part.columns.size))
