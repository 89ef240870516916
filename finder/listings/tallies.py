"""Counts that hold nobody: how often a search in a state found little for a need, how often a listing was opened.

A row is a whole month, a kind, a state, a need or listing, and a number: no person, no hour, no town, and nothing that
ties two rows to one visit. Only months that are over are told, each by itself, and no number under FEWEST ever. No sums
are told either: with them, a number that is held back could be worked out.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.listings.models import Tally

UNMET, VIEW = "unmet", "view"
FEWEST = 11  # CMS cell size suppression policy; a smaller number may be one person (TRUST P8)
FEW_FOUND = 3  # a search that finds less than so many groups is counted
SETTLES = timedelta(days=1)  # after its end until a month is told: by then nobody adds to it
MONTHS_KEPT = 24


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What a count is of. `month` is its first day, `state` "US:NC" or "" for views, `key` a need or a listing's id."""

    month: date
    kind: str
    state: str
    key: str


def month_of(day: date) -> date:
    """The first day of its month, all that is kept of when something happened."""
    return day.replace(day=1)


def unmet(now: datetime, state: str, need: str) -> Cell:
    """A search in a state that found less than FEW_FOUND groups for a need."""
    return Cell(month_of(now.date()), UNMET, state, need)


def view(now: datetime, program: str) -> Cell:
    """A listing's page that was opened."""
    return Cell(month_of(now.date()), VIEW, "", program)


def add(session: Session, counts: Mapping[Cell, int], *, now: datetime) -> int:
    """Adds counts. Those of a month that is over are let go: what was told of it must not change. Gives how many rows
    were written."""
    written = 0
    for cell, count in sorted(counts.items()):
        if cell.month != month_of(now.date()) or count < 1:
            continue
        here = (Tally.day == cell.month, Tally.kind == cell.kind, Tally.state == cell.state, Tally.key == cell.key)
        if session.execute(update(Tally).where(*here).values(count=Tally.count + count)).rowcount == 0:  # type: ignore[attr-defined]
            session.add(Tally(day=cell.month, kind=cell.kind, state=cell.state, key=cell.key, count=count))
            session.flush()
        written += 1
    return written


def told_months(today: date) -> list[date]:
    """The months that may be told, the latest first, as far back as they are kept."""
    last, months = month_of(month_of(today - SETTLES) - timedelta(days=1)), []
    for _ in range(MONTHS_KEPT):
        months.append(last)
        last = month_of(last - timedelta(days=1))
    return months


def told(session: Session, kind: str, month: date, *, today: date) -> list[tuple[Cell, int]]:
    """The counts of a kind in a month that is over, the largest first; none under FEWEST, none of another month."""
    if month not in told_months(today):
        return []
    rows = session.scalars(select(Tally).where(Tally.kind == kind, Tally.day == month, Tally.count >= FEWEST)
                           .order_by(Tally.count.desc(), Tally.state, Tally.key))
    return [(Cell(row.day, row.kind, row.state, row.key), row.count) for row in rows]


def views(session: Session, programs: Collection[uuid.UUID], *, today: date) -> dict[uuid.UUID, int]:
    """How often the page of each of these listings was opened in the last month that is over; as `told`."""
    names = {str(one): one for one in programs}
    latest = told_months(today)[0]
    rows = session.execute(select(Tally.key, Tally.count.label("times")).where(
        Tally.kind == VIEW, Tally.day == latest, Tally.count >= FEWEST, Tally.key.in_(list(names))))
    return {names[row.key]: row.times for row in rows}


def forget(session: Session, now: datetime) -> None:
    """Drops months that are told no more."""
    oldest = told_months(now.date())[-1]
    for row in session.scalars(select(Tally).where(Tally.day < oldest)):
        session.delete(row)
