"""How programs answer a team: shares and times from monthly counts, and which programs answer poorly. Shown on the
desk; nothing is ranked by it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder.referrals.models import AnswerTally

MONTHS = 12  # this one and the eleven before it
FEWEST_OF_TEAM = 3  # fewer say nothing
FEWEST_OF_ALL = 11  # of all teams together: what others do is not told from fewer (CMS cell size policy; TRUST P8)
TEAM, ALL = "team", "all"
_COLUMNS = ("sent", "answered", "accepted", "waiting", "declined", "no_answer", "attended", "missed", "hours")


@dataclass(frozen=True, slots=True)
class Answers:
    """How one program answered one team. Counts of tasks, each counted in the month it was asked.

    Shares are of `settled`, 0..1, None where nothing is settled. What is still open, and what was taken back before an
    answer came, is asked and not settled: it counts for nobody and against nobody.
    """

    program_id: uuid.UUID
    asked: int
    answered: int
    accepted: int
    waiting: int
    declined: int
    no_answer: int
    attended: int
    missed: int
    hours: int

    @property
    def settled(self) -> int:
        """Tasks with an answer, or taken back by the clock without one."""
        return self.answered + self.no_answer

    @property
    def unsettled(self) -> int:
        """Tasks still open, or taken back by people before an answer came."""
        return self.asked - self.settled

    @property
    def answered_share(self) -> float | None:
        return _share(self.answered, self.settled)

    @property
    def accepted_share(self) -> float | None:
        return _share(self.accepted, self.settled)

    @property
    def no_answer_share(self) -> float | None:
        return _share(self.no_answer, self.settled)

    @property
    def mean_hours(self) -> float | None:
        """Mean hours from asking to the first answer; None where nobody answered."""
        return self.hours / self.answered if self.answered else None


    @property
    def came(self) -> tuple[int, int] | None:
        """Of how many first visits that the team knows of people came, and of how many in all; None for fewer than
        FEWEST_OF_TEAM, which could be told from one another."""
        known = self.attended + self.missed
        return (self.attended, known) if known >= FEWEST_OF_TEAM else None


@dataclass(frozen=True, slots=True)
class Poor:
    """That a program answers poorly. `whose`: TEAM, with this team's own counts, or ALL, which gives none."""

    whose: str
    settled: int | None = None
    no_answer: int | None = None


def answers(session: Session, team_id: uuid.UUID, *, today: date) -> list[Answers]:
    """How each program that a team asked in the last 12 months answered, the most asked first."""
    found = _summed(session, today, AnswerTally.team_id == team_id)
    return sorted(found, key=lambda one: (-one.asked, str(one.program_id)))


def poor(session: Session, program_ids: Collection[uuid.UUID], team_id: uuid.UUID, *,
         today: date) -> dict[uuid.UUID, Poor]:
    """Which of these programs answer poorly: by what the team itself saw, else by what all teams did."""
    among = AnswerTally.program_id.in_(list(program_ids))
    found = {one.program_id: Poor(ALL) for one in _summed(session, today, among)
             if is_poor(one.settled, one.no_answer, FEWEST_OF_ALL)}
    return found | {one.program_id: Poor(TEAM, one.settled, one.no_answer)
                    for one in _summed(session, today, among, AnswerTally.team_id == team_id)
                    if is_poor(one.settled, one.no_answer, FEWEST_OF_TEAM)}


def is_poor(settled: int, no_answer: int, fewest: int) -> bool:
    """Whether half or more of enough questions were never answered."""
    return settled >= fewest and 2 * no_answer >= settled


def first_month(today: date) -> str:
    """The earliest month that counts: "2025-12" in November 2026."""
    months = today.year * 12 + today.month - MONTHS
    return f"{months // 12}-{months % 12 + 1:02}"


def _summed(session: Session, today: date, *where: object) -> Sequence[Answers]:
    columns = [func.sum(getattr(AnswerTally, name)) for name in _COLUMNS]
    rows = session.execute(select(AnswerTally.program_id, *columns).where(
        AnswerTally.month >= first_month(today), *where).group_by(AnswerTally.program_id))  # type: ignore[arg-type]
    return [Answers(row[0], *map(int, row[1:])) for row in rows]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
