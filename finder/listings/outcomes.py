"""The words for what an import does: rows that come in, what becomes of each, and the report of a whole run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping

from finder.listings.ready import Ready, Said


class Kind(StrEnum):
    """What becomes of a row, as people are told."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"
    HELD = "held"
    REFUSED = "refused"


class Why(StrEnum):
    """Why a row is held."""

    SOURCE = "source"  # the source itself does not show it
    DELETED = "deleted"  # a person deleted it, or made one listing of two
    PERSON = "person"  # a person took it out of sight, or keeps it in sight
    REMOVED = "removed"  # its group asked not to be listed
    ECHO = "echo"  # this instance keeps it itself, and it came back from another one
    ELSEWHERE = "elsewhere"  # of another instance, and here already from another source
    MANY_GONE = "many_gone"  # too many vanished at once


class Deed(StrEnum):
    """What there is to write."""

    ADD = "add"
    CHANGE = "change"
    FEED = "feed"  # only what the source says beside a person's words
    TAKE_DOWN = "take_down"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A listing document from outside, not yet checked. `row` is where it stood in its source, from 1.

    `origin` is the instance of this software that keeps it, if it is another one; `direct`: the source is that instance
    itself, and not one that passes it on.
    """

    document: Mapping[str, Any]
    row: int = 0
    publish: bool = True
    origin: uuid.UUID | None = None
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """A source's word that a listing is gone: its id there and the instance that keeps it. `into` names the listing
    that stands in its place, by the instance that keeps that one and its id there."""

    key: str
    origin: uuid.UUID
    direct: bool = False
    into: tuple[uuid.UUID, str] | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken: its number, the dotted field, the code of the rule."""

    row: int
    field: str
    code: str


@dataclass(slots=True)
class ImportReport:
    """What an import did. Counts of rows for `read`, `out_of_scope` and `refused`, of listings for the others.

    `gone`: no longer in the source and taken down. `held`: kept from publication (by its source, by a person, or
    because its group asked for that), or because so many vanished at once that a steward should look first;
    `held_why` says which, by the codes of Why. `fingerprint` names all that was or would be done. `left_alone` says why
    listings of other instances ("origin/id") that are here by another way do not come in again.
    """

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    held: int = 0
    out_of_scope: int = 0
    refused: list[Refusal] = field(default_factory=list)
    seconds: float = 0.0
    import_id: str = ""
    held_why: dict[str, int] = field(default_factory=dict)
    fingerprint: str = ""
    left_alone: dict[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, Any]:
        """The report as JSON values, refusals by row, field and code."""
        left_out = ("import_id", "held_why", "fingerprint", "left_alone")
        return {name: one for name, one in asdict(self).items() if name not in left_out}


@dataclass(slots=True)
class Outcome:
    """What becomes of one row, or of one listing that its source no longer has.

    `document` is the listing as it would be, `before` as it is; `row_before` its row, None for a new one. `listing` is
    what the row says, where that is what it would be. `conflicts` are the fields in which a person's word stands
    against the source's, which is `feed`. `more` are further columns of the program.
    """

    kind: Kind
    deed: Deed = Deed.NONE
    row: int = 0
    key: str = ""
    listing: Ready | Said | None = None
    state: str = ""
    digest: bytes = b""
    row_before: RowMapping | None = None
    before: Mapping[str, Any] | None = None
    why: Why | None = None
    feed: str | None = None
    conflicts: tuple[str, ...] = ()
    refusal: Refusal | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    _document: Mapping[str, Any] | None = None

    @property
    def document(self) -> Mapping[str, Any] | None:
        """Read when it is first asked for: of most rows of a large import nobody does."""
        if self._document is None and self.listing is not None:
            self._document = self.listing.document
        return self._document

    def becomes(self, document: Mapping[str, Any], digest: bytes) -> None:
        """The listing would be another one than the row says."""
        self._document, self.digest, self.listing = document, digest, None
