"""Listings about which a source says something else than the people who look after them, and choosing between the two.

The person's word stands until a steward takes the source's; one that a steward decided against is asked about again
only when the source says something new.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from finder.catalog import rows
from finder.catalog.models import DELETED, Program
from finder.errors import Conflict, NotFound
from finder.listings import changes, standing
from finder.listings.changes import Listing
from finder.listings.comparing import merge
from finder.listings.writing import Author

OURS, THEIRS = "ours", "theirs"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A listing and what its source says. `fields` are those that a person set and the source has otherwise."""

    listing: Listing
    feed: dict[str, Any]
    fields: tuple[str, ...]


def waiting(session: Session, *, most: int = 20, after: int = 0) -> list[Disagreement]:
    """Disagreements that nobody has decided, by listing id."""
    found = []
    for program in session.scalars(_open(select(Program.id)).order_by(Program.id).offset(after).limit(most)):
        try:
            found.append(find(session, program))
        except NotFound:  # only dates of checking differ: the later one counts, and nobody needs to choose
            continue
    return found


def count(session: Session) -> int:
    """How many listings wait for a choice, at most."""
    found: int = session.execute(_open(select(func.count()).select_from(Program))).scalar_one()
    return found


def _open(wanted: Select[Any]) -> Select[Any]:
    return wanted.where(Program.feed_open, Program.feed.is_not(None), Program.state != DELETED)


def find(session: Session, program: uuid.UUID) -> Disagreement:
    """What a listing's source says beside it. Raises NotFound when they agree."""
    there = changes.find(session, program)
    text = session.execute(select(Program.feed).where(Program.id == program)).scalar_one()
    if text is None:
        raise NotFound("conflict")
    said = orjson.loads(text)
    fields = tuple(standing.conflicts(there.document, said, there.kept_fields))
    if not fields:
        raise NotFound("conflict")
    return Disagreement(there, said, tuple(name for name in rows.ORDER if name in fields))


def settle(session: Session, program: uuid.UUID, *, theirs: Collection[str], base: int, author: Author,
           now: datetime) -> Listing:
    """Takes the source's word in the fields `theirs`, which follow it from now on; the others stay as people set them.

    Raises NotFound, Conflict("stale") and, when the source's word breaks a rule, Invalid.
    """
    found = find(session, program)
    if found.listing.version != base:
        raise Conflict("stale", version=found.listing.version)
    taken = [name for name in found.fields if name in theirs]
    kept = {name: at for name, at in found.listing.kept_fields.items() if name not in taken}
    there = found.listing
    if taken:
        document = merge(found.feed, there.document, [name for name in rows.ORDER if name not in taken])
        left = [name for name in found.fields if name not in taken]
        more = {"kept_fields": kept, "feed": rows.written(found.feed) if left else None}
        there = changes.change(session, program, base=base, author=author, now=now, document=document, kind="feed",
                               keep=False, more=more)
    session.execute(update(Program).where(Program.id == program).values(feed_open=False))
    return there
