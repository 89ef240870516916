"""A group that does not meet for now and says when it will: its listing is back by itself on that day."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from finder.catalog.models import PUBLISHED
from finder.errors import Invalid, Problem
from finder.listings import changes, reminders
from finder.listings.changes import Listing
from finder.listings.models import Pause
from finder.listings.writing import Author

LONGEST_DAYS = 366  # a group that is away for longer is asked whether it has ended
BY_CALENDAR = Author("calendar")  # what history calls the day on which a pause ends


def pause(session: Session, program: uuid.UUID, *, back_on: date, base: int, author: Author, now: datetime) -> Listing:
    """The listing as "not meeting for now" until a day, on which `end` puts it back. Saying it again moves the day.

    Raises Invalid for a day that is not within the year ahead, NotFound, and Conflict("stale").
    """
    if not now.date() < back_on <= now.date() + timedelta(LONGEST_DAYS):
        raise Invalid({"back_on": [Problem("day_not_ahead")]})
    there = changes.find(session, program)
    after = changes.change(session, program, base=base, author=author, now=now, kind="paused",
                           document={**there.document, "status": "paused"})
    row = session.get(Pause, program)
    if row is None:
        session.add(Pause(program_id=program, back_on=back_on, by=author.name))
    else:
        row.back_on, row.by = back_on, author.name
    session.flush()
    return after


def back_on(session: Session, program: uuid.UUID) -> date | None:
    """The day on which a paused listing comes back; None when none is set."""
    return session.execute(select(Pause.back_on).where(Pause.program_id == program)).scalar()


def forget(session: Session, program: uuid.UUID) -> None:
    """Takes the day away, as when somebody has put the listing back before."""
    session.execute(delete(Pause).where(Pause.program_id == program))


def due(session: Session, today: date) -> list[uuid.UUID]:
    """The listings whose pause is over."""
    return list(session.scalars(select(Pause.program_id).where(Pause.back_on <= today).order_by(Pause.back_on)))


def end(session: Session, program: uuid.UUID, *, now: datetime, locale: str = "en") -> bool:
    """Puts a listing back after its pause and tells its contact. False when there was nothing to put back any more."""
    row = session.get(Pause, program)
    if row is None or row.back_on > now.date():
        return False
    forget(session, program)
    there = changes.find(session, program)
    if there.document.get("status") != "paused":
        return False  # somebody was faster, or it has ended
    document = {key: value for key, value in there.document.items() if key != "status"}
    after = changes.change(session, program, base=there.version, author=BY_CALENDAR, now=now, document=document,
                           kind="resumed", reason=f"paused until {row.back_on}")
    if after.state == PUBLISHED:
        reminders.tell_back(session, after, now, locale=locale)
    return True
