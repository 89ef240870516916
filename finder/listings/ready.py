"""A listing as the tables take it, worked out before anybody is kept waiting: all but what only the database can say.

Pure: rows are laid out here and written by writing.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Table

from finder import bulk
from finder.catalog import rows
from finder.catalog.models import Location, MeetingSession, Organization, Program
from finder.db import Base

Values = Sequence[Any]
Shared = tuple[bytes, Values]  # a row that listings share: its digest and its values

PROGRAM = tuple(rows.program_values({}))  # the columns of `Ready.program`, in their order


@dataclass(frozen=True, slots=True)
class Ready:
    """One listing. `digest` names what it says, `text` is its document as JSON, `readable` the start of its address.

    `program` are values of the columns PROGRAM, `sessions` pairs of a location (or None) and values of the columns
    rows.SESSION_FIELDS; all as `bulk.prepared` gives them.
    """

    key: str
    digest: bytes
    text: str
    readable: str
    program: Values
    organization: Shared | None
    sessions: Sequence[tuple[Shared | None, Values]]

    @property
    def document(self) -> dict[str, Any]:
        """The canonical document, made anew at each look."""
        found: dict[str, Any] = orjson.loads(self.text)
        return found

    @property
    def ready(self) -> Ready:
        """Itself."""
        return self

    def kept(self) -> tuple[list[Any], str]:
        """The same as values that JSON can hold, and the text beside them."""
        organization = _kept(self.organization)
        sessions = [(_kept(location), values) for location, values in self.sessions]
        return [self.key, self.digest.hex(), self.readable, self.program, organization, sessions], self.text


@dataclass(frozen=True, slots=True)
class Said:
    """A listing that may not have to be written: its canonical document, and the digest that names what it says."""

    document: Mapping[str, Any]
    digest: bytes

    @property
    def ready(self) -> Ready:
        """Made ready now."""
        return of(self.document, self.digest)


def found(kept: Sequence[Any], text: str) -> Ready:
    """What was kept, as it was."""
    key, digest, readable, program, organization, sessions = kept
    return Ready(key, bytes.fromhex(digest), text, readable, program, _found(organization),
                 [(_found(location), values) for location, values in sessions])


def of(document: Mapping[str, Any], digest: bytes | None = None) -> Ready:
    """A canonical document made ready; its digest where it is known already."""
    organization = document.get("organization")
    sessions = []
    for one in document.get("sessions") or ():
        location = one.get("location")
        sessions.append((location_of(location) if location else None,
                         _values(MeetingSession, rows.SESSION_FIELDS, rows.session_values(one))))
    return Ready(document["id"], digest or rows.content_hash(document), rows.written(document), readable_of(document),
                 _values(Program, PROGRAM, rows.program_values(document)),
                 organization_of(organization) if organization else None, sessions)


def organization_of(said: Mapping[str, Any]) -> Shared:
    """The row of an organization."""
    return _shared(Organization, rows.ORGANIZATION_FIELDS, said)


def location_of(said: Mapping[str, Any]) -> Shared:
    """The row of a location."""
    return _shared(Location, rows.LOCATION_FIELDS, said)


def _kept(one: Shared | None) -> tuple[str, Values] | None:
    return (one[0].hex(), one[1]) if one is not None else None


def _found(one: Sequence[Any] | None) -> Shared | None:
    return (bytes.fromhex(one[0]), one[1]) if one is not None else None


def _shared(model: type[Base], names: Sequence[str], said: Mapping[str, Any]) -> Shared:
    return rows.digest(said), _values(model, names, {name: said.get(name) for name in names})


def _values(model: type[Base], names: Sequence[str], values: Mapping[str, Any]) -> Values:
    table: Table = model.__table__  # type: ignore[assignment]
    return next(bulk.prepared(table, tuple(names), [values]))


def readable_of(document: Mapping[str, Any]) -> str:
    """Town and state of a listing, or "online". The name stays out: names often say a condition, and an address stands
    in histories, links and shared screens."""
    places = [session.get("location") for session in document.get("sessions") or ()]
    location: Mapping[str, Any] = next((one for one in places if one), {})
    words = " ".join(location[key] for key in ("city", "state") if location.get(key))
    if not words:
        words = "group" if location or not places else "online"
    return _readable(words)


@lru_cache(maxsize=10_000)
def _readable(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-") or "group"
