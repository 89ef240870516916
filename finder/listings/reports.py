"""Problems that visitors report about a listing, without an account and without a trace of who they are.

An address is kept only where somebody left one for the answer, and only until they have it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from finder import outbox
from finder.catalog.models import PUBLISHED, Program
from finder.errors import Invalid, NotFound, Problem
from finder.fields import Text, mailbox
from finder.listings import hiding, visitors
from finder.listings.models import Report
from finder.listings.writing import Author, naive

KINDS = ("closed", "not_running", "time", "place", "contact", "full", "unsafe", "other")
LONGEST_NOTE = 500  # characters
LONGEST_ANSWER = 1000  # characters
_NOTE = Text(LONGEST_NOTE, 0, lines=True)
_ADDRESS = mailbox()


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody reports. `reply_to` is their address or "", `locale` the language they read."""

    kind: str
    note: str = ""
    reply_to: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class From:
    """Who reports, so that one network is not taken for many. `sender` stands for a network on one day; `mark` for one
    of the many networks that share it, and for this listing only (hiding.py). Both may be ""."""

    sender: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A report that waits: its number, the listing's slug, name and state, kind, note, the day it came, and whether
    somebody waits for an answer."""

    number: int
    slug: str
    name: str
    kind: str
    note: str | None
    day: str
    state: str = "published"
    wants_answer: bool = False


def send(session: Session, program: uuid.UUID, *, kind: str, note: str, sender: str, now: datetime, mark: str = "",
         reply_to: str = "", locale: str = "en") -> None:
    """Keeps one report; a second person who felt unsafe takes the listing out of sight until somebody has looked.

    `sender` and `mark` are as in `From`. The same words about the same listing from the same sender are kept once.
    Raises Invalid by field, NotFound when the listing is gone, TooOften when a limit is reached.
    """
    words = checked(Words(kind, note, reply_to, locale))
    if session.get(Program, program) is None:
        raise NotFound("program")
    visitors.forget(session, now=now)
    if _is_known(session, program, words, sender):
        return
    visitors.take_turn(session, sender, now)
    keep(session, program, words, From(sender, mark), now=now)


def keep(session: Session, program: uuid.UUID, words: Words, who: From, *, now: datetime) -> None:
    """Keeps a report that was checked and counted before."""
    session.add(Report(program_id=program, kind=words.kind, note=words.note or None, sent_on=now.date(),
                       sent_hour=now.hour, sender=who.sender or None, mark=who.mark or None,
                       reply_to=words.reply_to or None, locale=words.locale))
    session.flush()
    if words.kind == hiding.UNSAFE:
        hiding.consider(session, program, now=now)


def _is_known(session: Session, program: uuid.UUID, words: Words, sender: str) -> bool:
    found = select(Report.id).where(Report.sender == sender, Report.program_id == program, Report.kind == words.kind,
                                    Report.note.is_not_distinct_from(words.note or None))
    return bool(sender) and session.execute(found).first() is not None


def checked(words: Words) -> Words:
    """The words as they are kept. Raises Invalid by field: kind, note, reply_to."""
    errors = {}
    note, reply_to = words.note, words.reply_to.strip()
    if words.kind not in KINDS:
        errors["kind"] = [Problem("required")]
    try:
        note = _NOTE.read(note.strip().replace("\r\n", "\n"))
        if words.kind == "other" and not note:
            errors["note"] = [Problem("required")]
    except ValidationError as wrong:
        errors["note"] = [one for one in wrong.messages if isinstance(one, Problem)]
    try:
        reply_to = address(reply_to)
    except Invalid as wrong:
        errors |= wrong.errors
    if errors:
        raise Invalid(errors)
    return Words(words.kind, note, reply_to, words.locale)


def address(typed: str) -> str:
    """The address somebody left for an answer, "" for none. Raises Invalid under "reply_to"."""
    try:
        return str(_ADDRESS.read(typed.strip())) if typed.strip() else ""
    except ValidationError as wrong:
        raise Invalid({"reply_to": [one for one in wrong.messages if isinstance(one, Problem)]}) from None


# -- for the steward -------------------------------------------------------------------------------------------------


def waiting(session: Session, limit: int = 200) -> Sequence[Open]:
    """The reports that nobody has closed: unsafe ones first, of those listings first that most speak of; then the
    oldest."""
    other = aliased(Report)
    alike = (select(func.count()).where(other.program_id == Report.program_id, other.kind == hiding.UNSAFE,
                                        other.closed_at.is_(None)).scalar_subquery())
    urgency = case((Report.kind == hiding.UNSAFE, alike), else_=0)
    return _open(session, select(Report, Program.slug, Program.name, Program.state)
                 .order_by(urgency.desc(), Report.id).limit(limit))


def of_listing(session: Session, program: uuid.UUID) -> Sequence[Open]:
    """The open reports about one listing, the oldest first."""
    return _open(session, select(Report, Program.slug, Program.name, Program.state)
                 .where(Report.program_id == program).order_by(Report.id))


def _open(session: Session, wanted: Any) -> Sequence[Open]:
    rows = session.execute(wanted.join(Program, Program.id == Report.program_id).where(Report.closed_at.is_(None)))
    return [Open(report.id, slug, name, report.kind, report.note, report.sent_on.isoformat(), state,
                 report.reply_to is not None) for report, slug, name, state in rows]


def counts(session: Session, program: uuid.UUID) -> Mapping[str, int]:
    """How many open reports of each kind there are about a listing; kinds without any are left out."""
    found = session.execute(select(Report.kind, func.count()).where(
        Report.program_id == program, Report.closed_at.is_(None)).group_by(Report.kind))
    return {kind: number for kind, number in found}


def about(session: Session, number: int) -> uuid.UUID:
    """The listing a report is about. Raises NotFound."""
    found = session.get(Report, number)
    if found is None:
        raise NotFound("report")
    return found.program_id


def close(session: Session, number: int, *, now: datetime, by: int | None = None, answer: str = "") -> None:
    """Closes a report and answers whoever left an address; closing it twice changes nothing.

    `by` is the account that closes it. Raises NotFound when there is none of that number, Invalid under "answer".
    """
    report = session.get(Report, number)
    if report is None:
        raise NotFound("report")
    if report.closed_at is not None:
        return
    try:
        words = Text(LONGEST_ANSWER, 0, lines=True).read(answer.strip().replace("\r\n", "\n"))
    except ValidationError as wrong:
        raise Invalid({"answer": [one for one in wrong.messages if isinstance(one, Problem)]}) from None
    if report.reply_to:
        program = session.get_one(Program, report.program_id)
        slug = program.slug if program.state == PUBLISHED else None
        outbox.write(session, "report_answer", report.reply_to, {"name": program.name, "answer": words or None,
                     "slug": slug}, now=now, locale=report.locale)
    report.closed_at, report.closed_by, report.answer = naive(now), by, words or None
    report.sender = report.reply_to = None
    session.flush()


def show_again(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime, answer: str = "",
               ) -> None:
    """Puts a hidden listing back and closes the reports that hid it; it takes two new ones to hide it again.

    Raises Conflict("not_hidden"), and Conflict("stale") as every change does.
    """
    hiding.show(session, program, base=base, author=author, now=now)
    for one in of_listing(session, program):
        if one.kind == hiding.UNSAFE:
            close(session, one.number, now=now, by=author.account_id, answer=answer)
