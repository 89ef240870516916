"""The work list of checks: which listings nobody has looked at for long, who has taken one, and what a check found.

A check by phone, e-mail, web or visit confirms some fields or all; each keeps the day it was last confirmed.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.listing_schema import DATED_FIELDS
from finder.catalog.models import PUBLISHED, WITHHELD, Location, MeetingSession, Program, Source
from finder.errors import Invalid, Problem
from finder.listings import changes, writing
from finder.listings.changes import Listing
from finder.listings.models import Assignment, Report
from finder.listings.writing import Author, Writing

METHODS = ("phone", "email", "web", "visit")  # how a steward checks; the contract knows operator and import too
CORE = ("status", "sessions", "contact")  # without these nobody can go there: a check that leaves them out is none
DUE_DAYS = 90  # as the mark of freshness: a whole ring up to three months
CALL_FIRST_DAYS = 180  # TRUST Y5: "please call first"
AGAIN_AFTER_DAYS = 3  # after a call that nobody answered
MOST_TRIES = 3  # calls without an answer; then a steward should decide whether the listing still stands


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of the work list: not checked for `days` (None: never), meeting in `state` ("NC") or `city`, about a
    focus code, taken by an account or by nobody (`free`)."""

    days: int | None = DUE_DAYS
    state: str | None = None
    city: str | None = None
    focus: str | None = None
    account_id: int | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """One listing on the work list. `age_days` None: never checked. `reports`: that wait about it."""

    program: uuid.UUID
    slug: str
    name: str
    town: str
    age_days: int | None
    account_id: int | None
    tries: int
    reports: int


def due(session: Session, wanted: Wanted, *, today: date, states: Collection[str] | None = None, most: int = 50,
        after: int = 0) -> list[Due]:
    """The work list: those that visitors report first, then never checked, then the oldest check.

    `states` ("US:NC") limits it to the regions of a steward; None for all. Demonstration listings are left out.
    """
    reports = (select(func.count()).select_from(Report).where(Report.program_id == Program.id,
                                                              Report.closed_at.is_(None)).scalar_subquery())
    rows = session.execute(
        select(Program.id, Program.slug, Program.name, Program.verified_on, Assignment.account_id, Assignment.tries,
               reports.label("reports"))
        .outerjoin(Assignment, Assignment.program_id == Program.id).where(*_where(wanted, today, states))
        .order_by(reports.desc(), Program.verified_on.is_not(None), Program.verified_on, Program.id)
        .offset(after).limit(most)).all()
    towns = _towns(session, [row.id for row in rows])
    return [Due(row.id, row.slug, row.name, towns.get(row.id, ""), _age(row.verified_on, today), row.account_id,
                row.tries or 0, row.reports) for row in rows]


def count(session: Session, wanted: Wanted, *, today: date, states: Collection[str] | None = None) -> int:
    """How many listings are on that part of the work list."""
    return session.execute(select(func.count()).select_from(Program).outerjoin(
        Assignment, Assignment.program_id == Program.id).where(*_where(wanted, today, states))).scalar_one()


def _where(wanted: Wanted, today: date, states: Collection[str] | None) -> list[ColumnElement[bool]]:
    real = exists().where(Source.id == Program.source_id, ~Source.demonstration)
    rules: list[ColumnElement[bool]] = [Program.state == PUBLISHED, real, or_(
        Assignment.later_until.is_(None), Assignment.later_until <= today)]
    old = Program.verified_on.is_(None)
    rules.append(old if wanted.days is None else or_(old, Program.verified_on <= today - timedelta(wanted.days)))
    if wanted.focus:
        rules.append(cast(Program.focus, String).like(f'%"{wanted.focus}"%'))
    if wanted.state or wanted.city:
        rules.append(meets(wanted.state, wanted.city))
    if states is not None:
        regions = [meets(one.partition(":")[2], None) for one in sorted(states)]
        rules.append(or_(*regions) if regions else Program.id.is_(None))
    if wanted.account_id is not None:
        rules.append(Assignment.account_id == wanted.account_id)
    if wanted.free:
        rules.append(Assignment.account_id.is_(None))
    return rules


def meets(state: str | None, city: str | None) -> ColumnElement[bool]:
    """Whether a listing meets in a state ("NC") and town."""
    here = [Location.state == state.upper()] if state else []
    here += [func.lower(Location.city) == city.lower()] if city else []
    return exists().where(and_(MeetingSession.program_id == Program.id, Location.id == MeetingSession.location_id,
                               *here))


def _towns(session: Session, programs: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = session.execute(
        select(MeetingSession.program_id, Location.city, Location.state).join(
            Location, Location.id == MeetingSession.location_id).where(MeetingSession.program_id.in_(programs))
        .order_by(MeetingSession.position.desc()))
    return {row.program_id: ", ".join(filter(None, (row.city, row.state))) for row in rows}


def _age(on: date | None, today: date) -> int | None:
    return None if on is None else max(0, (today - on).days)


# -- taking one, putting one off -------------------------------------------------------------------------------------


def take(session: Session, program: uuid.UUID, account_id: int | None, *, now: datetime) -> None:
    """Says who checks a listing; None lays it back. Raises NotFound."""
    changes.find(session, program)
    _assignment(session, program, now).account_id = account_id
    session.flush()


def no_answer(session: Session, program: uuid.UUID, *, now: datetime) -> int:
    """Notes a try without an answer; the listing comes up again in some days. Gives how many tries there were."""
    changes.find(session, program)
    row = _assignment(session, program, now)
    row.tries += 1
    row.later_until = now.date() + timedelta(AGAIN_AFTER_DAYS)
    session.flush()
    return row.tries


def _assignment(session: Session, program: uuid.UUID, now: datetime) -> Assignment:
    row = session.get(Assignment, program)
    if row is None:
        row = Assignment(program_id=program, at=writing.naive(now), tries=0)
        session.add(row)
    row.at = writing.naive(now)
    return row


# -- what a check found ----------------------------------------------------------------------------------------------


def stated(document: Mapping[str, Any]) -> list[str]:
    """The fields of a listing that a check can confirm, CORE first."""
    return [*CORE, *(name for name in DATED_FIELDS if name in document and name not in CORE)]


def record(session: Session, program: uuid.UUID, *, base: int, method: str, fields: Collection[str], author: Author,
           now: datetime) -> Listing:
    """Writes down a check that found these fields right. Takes the listing off the work list.

    What was not confirmed keeps the day it had. Raises Invalid: "method", and "fields" when CORE is not among them
    and nobody has checked the listing before; Conflict("stale").
    """
    if method not in METHODS:
        raise Invalid({"method": [Problem("required")]})
    there = changes.find(session, program)
    document = {**there.document, "verified": verified(there.document, fields, method, now.date())}
    after = changes.change(session, program, base=base, author=author, now=now, document=document, kind="checked",
                           reason=f"{method}: {', '.join(one for one in stated(there.document) if one in fields)}")
    session.execute(update(Assignment).where(Assignment.program_id == program).values(
        account_id=None, tries=0, later_until=None))
    return after


def verified(document: Mapping[str, Any], fields: Collection[str], method: str, today: date) -> dict[str, Any]:
    """The `verified` of a listing after a check of these fields on a day. Raises Invalid as `record`."""
    known, before = stated(document), document.get("verified")
    confirmed = [name for name in known if name in fields]
    if not confirmed or (before is None and not set(CORE) <= set(confirmed)):
        raise Invalid({"fields": [Problem("check_core" if confirmed else "required")]})
    day = today.isoformat()
    dates = dict((before or {}).get("field_dates") or {})
    if set(CORE) <= set(confirmed):
        left = {name: dates.get(name, (before or {}).get("on")) for name in known if name not in confirmed}
        kept = {name: one for name, one in left.items() if one is not None and one != day}
        return {"on": day, "method": method, **({"field_dates": kept} if kept else {})}
    assert before is not None
    return {**before, "field_dates": {**dates, **dict.fromkeys(confirmed, day)}}


# -- past a limit ----------------------------------------------------------------------------------------------------


def unpublish(session: Session, programs: Collection[uuid.UUID], *, author: Author, now: datetime, reason: str) -> int:
    """Takes listings off the pages in bulk, those of them that are published; history keeps each. Gives how many."""
    published = session.execute(select(Program.id, Program.source_id).where(
        Program.id.in_(list(programs)), Program.state == PUBLISHED)).all()
    version = queries.next_version(session)
    for source_id in sorted({row.source_id for row in published}):
        to = Writing(session, session.get_one(Source, source_id), version, now, author, "unpublished", reason=reason)
        writing.move(to, [row.id for row in published if row.source_id == source_id], WITHHELD)
    if published:
        queries.raise_version(session)
    return len(published)

