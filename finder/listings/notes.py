"""What stewards tell each other about a listing: never shown to anybody else, never sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.errors import Invalid, Problem
from finder.fields import Text
from finder.listings.models import Note
from finder.listings.writing import naive

LONGEST = 2000  # characters
_TEXT = Text(LONGEST, 1, lines=True)


def write(session: Session, program: uuid.UUID, words: str, *, account_id: int | None, now: datetime) -> None:
    """Adds a note. Raises Invalid under "note" for one that is empty or too long."""
    try:
        text = _TEXT.read(words.strip().replace("\r\n", "\n")) if words.strip() else ""
    except ValidationError as wrong:
        raise Invalid({"note": [one for one in wrong.messages if isinstance(one, Problem)]}) from None
    if not text:
        raise Invalid({"note": [Problem("required")]})
    session.add(Note(program_id=program, account_id=account_id, text=text, at=naive(now)))
    session.flush()


def of_listing(session: Session, program: uuid.UUID) -> Sequence[Note]:
    """The notes about a listing, the newest first."""
    return session.scalars(select(Note).where(Note.program_id == program).order_by(Note.id.desc())).all()
