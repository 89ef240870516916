""""Do not list us": a group that asked not to be listed is taken down, and remembered against every later import, from
whatever source.

New listings are compared with what those groups' listings said; a person can lift a removal again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import rows
from finder.duplicates.card import Card, card_of
from finder.duplicates.index import Index
from finder.duplicates.likeness import compare
from finder.errors import NotFound
from finder.listings import changes
from finder.listings.changes import Listing
from finder.listings.models import Removal
from finder.listings.writing import Author, naive

ALIKE = frozenset(("same", "likely"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A removal as stewards see it."""

    number: int
    name: str
    reason: str | None
    made_at: datetime
    program: uuid.UUID | None


class Removals:
    """The groups that asked not to be listed, ready to be compared with."""

    def __init__(self, documents: Iterable[tuple[int, Mapping[str, Any]]] = ()) -> None:
        self._index = Index.of(card_of(document, key=str(number)) for number, document in documents)

    @classmethod
    def standing(cls, session: Session) -> Self:
        """All that are not lifted."""
        found = session.execute(select(Removal.id, Removal.document).where(Removal.lifted_at.is_(None)))
        return cls((row.id, orjson.loads(row.document)) for row in found)

    def __bool__(self) -> bool:
        return len(self._index) > 0

    def hold(self, document: Mapping[str, Any]) -> int | None:
        """The number of the removal that a listing falls under; None when it may be shown."""
        if not len(self._index):
            return None
        card = card_of(document, key="")
        for other in self._index.candidates(card):
            if _same_reach(card, other) or compare(card, other, self._index).verdict in ALIKE:
                return int(other.id)
        return None


def _same_reach(one: Card, other: Card) -> bool:
    """One name and a number, address, page or room in common: the group itself, wherever and whenever it meets now."""
    return bool(one.whole) and one.whole == other.whole and bool(
        one.phones & other.phones or one.emails & other.emails or one.pages & other.pages or one.rooms & other.rooms)


def remove(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime,
           reason: str | None = None) -> Removal:
    """Takes a listing down for good because its group asked for it. Raises NotFound, Conflict("stale")."""
    there = changes.find(session, program)
    changes.delete(session, program, base=base, author=author, now=now, reason=reason)
    removal = Removal(program_id=program, document=rows.written(there.document), reason=reason,
                      account_id=author.account_id, made_at=naive(now))
    session.add(removal)
    session.flush()
    return removal


def lift(session: Session, number: int, *, now: datetime) -> None:
    """The group may be listed again; its listing stays down until somebody brings it back. Raises NotFound."""
    found = session.get(Removal, number)
    if found is None or found.lifted_at is not None:
        raise NotFound("removal")
    found.lifted_at = naive(now)
    session.flush()


def undo(session: Session, number: int, *, author: Author, now: datetime) -> Listing | None:
    """Lifts a removal and brings its listing back, if there still is one. Raises NotFound, Conflict("not_deleted")."""
    lift(session, number, now=now)
    program = session.get_one(Removal, number).program_id
    if program is None:
        return None
    there = changes.find(session, program)
    return changes.undelete(session, program, base=there.version, author=author, now=now)


def all_standing(session: Session) -> list[Standing]:
    """Every removal that is not lifted, the newest first."""
    found = session.scalars(select(Removal).where(Removal.lifted_at.is_(None)).order_by(Removal.id.desc()))
    return [Standing(one.id, str(orjson.loads(one.document).get("name", "")), one.reason, one.made_at, one.program_id)
            for one in found]
