"""Rows of a source looked at one by one, before the catalog is asked about any of them: checked, and made ready.

That is most of the work of an import, and none of it needs a transaction. So a large import does it first, while others
write, and keeps what it found in a file; what becomes of the rows is decided and written afterwards, in one go.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, Self

import orjson

from finder.catalog import listing_schema, rows
from finder.errors import Invalid
from finder.listings import ready, writing
from finder.listings.outcomes import Incoming
from finder.listings.ready import Ready, Said

KEPT_TRUE = "import"  # a method of checking that claims nothing, so every source may state it
IN_MEMORY = 8 * 1024 * 1024  # bytes of rows made ready; more go to a file of no name, which ends with its process


@dataclass(frozen=True, slots=True)
class Checked:
    """One row. `key`: the id that it says it has. `listing` is None where rules are broken: `problems` names field and
    code of each. The rest as in Incoming."""

    row: int
    key: str
    publish: bool
    origin: uuid.UUID | None
    direct: bool
    problems: tuple[tuple[str, str], ...] = ()
    listing: Ready | Said | None = None


def check(one: Incoming, *, trusted: bool) -> Checked:
    """A row by itself. `trusted`: the source's own dates of checking count; otherwise they are left out."""
    try:
        document = listing_schema.load(one.document)
    except Invalid as broken:
        key = str(one.document.get("id")) if isinstance(one.document, Mapping) else ""
        return Checked(one.row, key, one.publish, one.origin, one.direct, tuple(
            (name, problem.code) for name, problems in broken.errors.items() for problem in problems))
    if not trusted and document.get("verified", {}).get("method") != KEPT_TRUE:
        document.pop("verified", None)
    return Checked(one.row, document["id"], one.publish, one.origin, one.direct, (),
                   Said(document, rows.content_hash(document)))


class Prepared:
    """All rows of a source, checked and made ready, in pieces; they can be gone through again and again."""

    def __init__(self, listings: Iterable[Incoming], *, trusted: bool) -> None:
        """Goes through the listings and raises what they raise. To be used in a `with`, after which nothing is left."""
        self.trusted = trusted
        with ExitStack() as ends:
            self._kept = ends.enter_context(SpooledTemporaryFile(IN_MEMORY))
            for one in listings:
                self._kept.writelines(_lines(check(one, trusted=trusted)))
            self._ends = ends.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def __iter__(self) -> Iterator[list[Checked]]:
        self._kept.seek(0)
        while lines := [*islice(self._kept, 2 * writing.CHUNK)]:
            yield [_checked(orjson.loads(said), text) for said, text in zip(lines[::2], lines[1::2], strict=True)]


def at_once(listings: Iterable[Incoming], *, trusted: bool) -> Iterator[list[Checked]]:
    """The same, piece by piece as they are asked for, and nothing kept: for imports that keep nobody waiting."""
    for chunk in in_chunks(listings):
        yield [check(one, trusted=trusted) for one in chunk]


def in_chunks(listings: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """The rows in pieces that are looked at together."""
    chunk: list[Incoming] = []
    for one in listings:
        chunk.append(one)
        if len(chunk) == writing.CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _lines(one: Checked) -> tuple[bytes, bytes]:
    """Two lines: what was found, and the document."""
    listing, text = one.listing.ready.kept() if one.listing is not None else (None, "")
    said = (one.row, one.key, one.publish, one.origin, one.direct, one.problems, listing)
    return orjson.dumps(said) + b"\n", text.encode() + b"\n"  # compact JSON holds no end of a line


def _checked(said: Sequence[Any], text: bytes) -> Checked:
    row, key, publish, origin, direct, problems, listing = said
    return Checked(row, key, publish, uuid.UUID(origin) if origin is not None else None, direct,
                   tuple((name, code) for name, code in problems),
                   ready.found(listing, text[:-1].decode()) if listing is not None else None)
