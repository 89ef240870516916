"""How true the list is kept: which share of the published listings a person has checked lately, in all and by state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlalchemy.orm import Session

from finder.catalog.models import PUBLISHED, Location, MeetingSession, Program, Source

DAYS = (30, 90, 180)  # the ages that are told; 90 and 180 are also where the mark of freshness changes
BY_MACHINE = "import"  # a date that came with a feed: nobody says that a person looked


@dataclass(frozen=True, slots=True)
class Checked:
    """Of `total` listings, how many a person checked in the last DAYS days each (each holds the one before), ever, and
    how many have only the word of an import or none at all."""

    total: int
    within: tuple[int, int, int]
    ever: int

    @property
    def older(self) -> int:
        """Checked by a person once, but longer ago than the last of DAYS."""
        return self.ever - self.within[-1]

    @property
    def never(self) -> int:
        return self.total - self.ever

    def of_hundred(self, days: int) -> int:
        """How many of every hundred were checked within that many of DAYS. Rounded down, so that 100 means all of
        them; 0 when there is no listing."""
        return self.within[DAYS.index(days)] * 100 // self.total if self.total else 0


def checked(session: Session, today: date) -> Checked:
    """Of all published listings. Demonstration listings are left out."""
    return _read(session.execute(select(*_counts(today)).select_from(Program).where(*_REAL)).one())


def by_state(session: Session, today: date) -> Mapping[str, Checked]:
    """The same for every state where a listing meets, by its two letters; a listing that meets in two counts in both.
    "" stands for listings that meet nowhere known, as those by video."""
    meets = (select(MeetingSession.program_id, Location.state).join(Location, Location.id == MeetingSession.location_id)
             .where(Location.state.is_not(None)).distinct().subquery())
    state = func.coalesce(meets.c.state, literal_column("''"))  # no parameter, or PostgreSQL takes it for two values
    rows = session.execute(
        select(state.label("state"), *_counts(today)).select_from(Program)
        .outerjoin(meets, meets.c.program_id == Program.id).where(*_REAL).group_by(state).order_by("state"))
    return {row.state: _read(row) for row in rows}


_REAL: tuple[ColumnElement[bool], ...] = (
    Program.state == PUBLISHED, Program.source_id.in_(select(Source.id).where(~Source.demonstration)))


def _counts(today: date) -> list[ColumnElement[Any]]:
    person = Program.verified_on.is_not(None) & (Program.verified_method != BY_MACHINE)
    within = [func.coalesce(func.sum(case((person & (Program.verified_on > today - timedelta(days)), 1), else_=0)), 0)
              .label(f"within_{days}") for days in DAYS]
    return [func.count().label("total"), *within,
            func.coalesce(func.sum(case((person, 1), else_=0)), 0).label("ever")]


def _read(row: Any) -> Checked:
    low, middle, high = (int(getattr(row, f"within_{days}")) for days in DAYS)
    return Checked(int(row.total), (low, middle, high), int(row.ever))
