"""What becomes of a row of a foreign file: a listing, out of scope, or refused. Shared by all readers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Literal

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing document in the contract's format, not yet validated.

    `rows`: where its parts stood in the source, ascending, from 1 (spreadsheets: the row number a person sees).
    `key`: the document's id, the same in every import of the same group. `status`: `withhold` means the source itself
    does not show it (inactive, unpublished, expired). `flags`: doubts for a steward, sorted; they also stand in the
    document under `x.review`. `origin` is the instance of this software that keeps it, if another one sent it;
    `direct`: that one itself.
    """

    document: Document
    rows: tuple[int, ...]
    key: str
    status: Literal["publish", "withhold"] = "publish"
    flags: tuple[str, ...] = ()
    origin: uuid.UUID | None = None
    direct: bool = False


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A readable row that states no outpatient group. `reason` is a code such as `no_group_stated`."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be read: the field and the code of what is wrong. Row 0 is the file as a whole."""

    row: int
    field: str
    code: str


Row = Listing | OutOfScope | Refused


def listing(document: Document, rows: tuple[int, ...], flags: set[str] | frozenset[str], *,
            publish: bool = True) -> Listing:
    """A listing whose doubts stand in the document too, so that they outlive the import."""
    if flags:
        document.setdefault("x", {})["review"] = sorted(flags)
    return Listing(document, rows, str(document.get("id", "")), "publish" if publish else "withhold",
                   tuple(sorted(flags)))


def put(document: Document, path: str, value: Any) -> None:
    """Sets a dotted field ("contact.phone") in a document, making the objects on the way."""
    *objects, last = path.split(".")
    here = document
    for name in objects:
        inner = here.get(name)
        if not isinstance(inner, dict):
            inner = here[name] = {}
        here = inner
    here[last] = value
