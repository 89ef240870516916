"""Problems that visitors report about a listing, without an account and without a trace of who they are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marshmallow import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from finder.catalog.models import Program
from finder.errors import FinderError, Invalid, NotFound, Problem
from finder.fields import Text
from finder.listings.models import Report

KINDS = ("closed", "time", "place", "contact", "full", "unsafe", "other")
LONGEST_NOTE = 500  # characters
# How much anonymous people may send, so that the steward's desk cannot be flooded: of one network in one hour of the
# clock, and of all together in one day (UTC).
MOST_AN_HOUR = 5
MOST_A_DAY = 200
_NOTE = Text(LONGEST_NOTE, 0, lines=True)


class TooMany(FinderError):
    """The limit of one network (`code` "too_many_from_you") or of the day ("too_many_today") is reached."""


@dataclass(frozen=True, slots=True)
class Open:
    """A report that waits: its number, the listing's slug and name, kind, note and the day it came."""

    number: int
    slug: str
    name: str
    kind: str
    note: str | None
    day: str


def send(session: Session, program: uuid.UUID, *, kind: str, note: str, sender: str, now: datetime) -> None:
    """Keeps one report. `sender` is a hash that stands for one network on one day, or "".

    The same words about the same listing from the same sender are kept once. Raises Invalid by field, NotFound when
    the listing is gone, TooMany when a limit is reached.
    """
    note = _checked(kind, note)
    if session.get(Program, program) is None:
        raise NotFound("program")
    forget_senders(session, now=now)
    today = select(func.count()).select_from(Report).where(Report.sent_on == now.date())
    mine = today.where(Report.sender == sender)
    if sender and session.scalar(mine.where(Report.program_id == program, Report.kind == kind,
                                            Report.note.is_not_distinct_from(note or None))):
        return
    if (session.scalar(today) or 0) >= MOST_A_DAY:
        raise TooMany("too_many_today")
    if sender and (session.scalar(mine.where(Report.sent_hour == now.hour)) or 0) >= MOST_AN_HOUR:
        raise TooMany("too_many_from_you")
    session.add(Report(program_id=program, kind=kind, note=note or None, sent_on=now.date(), sent_hour=now.hour,
                       sender=sender or None))
    session.flush()


def _checked(kind: str, note: str) -> str:
    errors = {}
    if kind not in KINDS:
        errors["kind"] = [Problem("required")]
    try:
        note = _NOTE.read(note.strip().replace("\r\n", "\n"))
        if kind == "other" and not note:
            errors["note"] = [Problem("required")]
    except ValidationError as wrong:
        errors["note"] = [one for one in wrong.messages if isinstance(one, Problem)]
    if errors:
        raise Invalid(errors)
    return note


def waiting(session: Session, limit: int = 200) -> Sequence[Open]:
    """The reports that nobody has closed, unsafe ones first, then the oldest."""
    rows = session.execute(
        select(Report, Program.slug, Program.name).join(Program, Program.id == Report.program_id)
        .where(Report.closed_at.is_(None)).order_by(Report.kind != "unsafe", Report.id).limit(limit))
    return [Open(report.id, slug, name, report.kind, report.note, report.sent_on.isoformat())
            for report, slug, name in rows]


def close(session: Session, number: int, *, now: datetime) -> None:
    """Closes a report; closing it twice changes nothing. Raises NotFound when there is none of that number."""
    if session.get(Report, number) is None:
        raise NotFound("report")
    session.execute(update(Report).where(Report.id == number, Report.closed_at.is_(None))
                    .values(closed_at=now.replace(tzinfo=None), sender=None))


def forget_senders(session: Session, *, now: datetime) -> None:
    """Takes the hashes of senders off the reports of days gone by: they serve the limits of one day only."""
    session.execute(update(Report).where(Report.sent_on < now.date(), Report.sender.is_not(None)).values(sender=None))
