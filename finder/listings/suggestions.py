"""What people without an account would change in a listing, or would add: kept for a steward, never shown before.

A suggestion made from an older version is laid onto the present one where nobody else touched the same piece; what was
touched meanwhile goes along as a note.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, rows
from finder.catalog.models import PUBLISHED
from finder.errors import Invalid, NotFound, Problem
from finder.listings import changes, pieces, reports, review, visitors
from finder.listings.changes import Listing
from finder.listings.models import Proposal
from finder.listings.review import Sender

LONGEST_NOTE = 2000  # characters, with the lines that are added here


def made_from(session: Session, program: uuid.UUID, version: int | None) -> Listing:
    """The listing as it stands, with the text that a form of this version showed; the present one where no such
    version is known. Raises NotFound for a listing that visitors do not see."""
    there = changes.find(session, program)
    if there.state != PUBLISHED:
        raise NotFound("program")
    if version is None or version == there.version:
        return there
    try:
        document, _ = changes.as_of(changes.history(session, program), version)
    except NotFound:
        return there
    return Listing(there.id, there.slug, there.state, version, {**document, "id": there.document["id"]}, there.source,
                   there.organization_id, there.kept_fields, there.merged_into, there.updated_at)


def send(session: Session, made: Listing, wanted: Mapping[str, Any], *, sender: Sender, now: datetime, note: str = "",
         typed: Mapping[str, str] | None = None, country: str = "US") -> None:
    """Keeps what somebody would change. `made` is the listing that their form was made from, `wanted` the whole text as
    they would have it, `typed` the words of pieces for the note.

    With nothing but a note it is kept as a report. Raises Invalid by field, also when nothing was changed, NotFound,
    and TooOften.
    """
    visitors.forget(session, now=now)
    there = made_from(session, made.id, None)
    wanted = listing_schema.load({**wanted, "id": there.document["id"]})
    named = pieces.changed(made.document, wanted)
    if not named and not note.strip():
        raise Invalid({"": [Problem("nothing_changed")]})
    old, present = pieces.pieces(made.document), pieces.pieces(there.document)
    fitting = [name for name in named if old.get(name) == present.get(name)]
    new = pieces.pieces(wanted)
    late = [_line(name, new.get(name), typed or {}) for name in named
            if name not in fitting and new.get(name) != present.get(name)]
    document = pieces.taken(there.document, wanted, fitting)
    note = "\n".join((note, *late)).strip()[:LONGEST_NOTE]
    if _is_known(session, there.id, document, note, sender):
        return
    visitors.take_turn(session, sender.sender, now)
    if pieces.changed(there.document, document):
        review.propose(session, there.id, document, base=there.version, sender=sender, now=now, note=note or None,
                       country=country)
    elif note:
        words = reports.Words("other", note[:reports.LONGEST_NOTE], sender.reply_to or "", sender.locale)
        reports.keep(session, there.id, words, reports.From(sender.sender or ""), now=now)


def _line(name: str, value: Any, typed: Mapping[str, str]) -> str:
    words = typed.get(name) or (value if isinstance(value, str) else rows.written({"": value})[4:-1])
    return f"{name}: {words}"


def _is_known(session: Session, program: uuid.UUID | None, document: Mapping[str, Any], note: str,
              sender: Sender) -> bool:
    """Whether the same was sent from the same network today, as by a second press of the button."""
    if not sender.sender:
        return False
    same = select(Proposal.document).where(Proposal.program_id == program, Proposal.sender == sender.sender,
                                           Proposal.note.is_not_distinct_from(note or None))
    plain = {key: value for key, value in document.items() if key != "id"}
    return any(_without_id(one) == plain for one in session.scalars(same))


def _without_id(written: str) -> dict[str, Any]:
    return {key: value for key, value in orjson.loads(written).items() if key != "id"}


def send_new(session: Session, document: Mapping[str, Any], *, sender: Sender, now: datetime, note: str = "",
             country: str = "US") -> None:
    """Keeps a group that somebody knows of; nobody sees it before a steward says yes. Raises Invalid by field, and
    TooOften."""
    visitors.forget(session, now=now)
    note = note.strip()[:LONGEST_NOTE]
    if _is_known(session, None, document, note, sender):
        return
    visitors.take_turn(session, sender.sender, now)
    review.propose_new(session, document, sender=sender, now=now, note=note or None, country=country)


def named(session: Session, key: str) -> uuid.UUID:
    """The id of a listing by its slug or id, whatever its state. Raises NotFound."""
    return changes.find(session, key).id
