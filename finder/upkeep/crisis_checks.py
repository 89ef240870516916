"""The look at each crisis number every 90 days: which are due, and noting that somebody looked.

Nothing here holds or changes a number. What differs is told to whoever keeps the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder.crisis import Line
from finder.upkeep import letters
from finder.upkeep.models import CrisisCheck

EVERY = timedelta(days=90)  # TRUST Y2, issue 7


@dataclass(frozen=True, slots=True)
class State:
    """When a line was looked at last (UTC, naive), by whose account, and whether it is to be looked at now."""

    line: Line
    at: datetime | None
    account_id: int | None
    due: bool


def states(session: Session, lines: Sequence[Line], now: datetime) -> list[State]:
    """Every line in its order, with its last check here."""
    newest = select(func.max(CrisisCheck.id)).where(CrisisCheck.line.in_([one.id for one in lines])).group_by(
        CrisisCheck.line)
    found = {one.line: one for one in session.scalars(select(CrisisCheck).where(CrisisCheck.id.in_(newest)))}
    oldest = _plain(now) - EVERY
    return [State(one, there.at if there else None, there.account_id if there else None,
                  there is None or there.at <= oldest)
            for one in lines for there in (found.get(one.id),)]


def note(session: Session, lines: Iterable[Line], *, account_id: int, now: datetime) -> None:
    """Notes that somebody looked at lines today and found them as they are shown."""
    session.add_all(CrisisCheck(line=one.id, at=_plain(now), account_id=account_id) for one in lines)
    session.flush()


def ask(session: Session, lines: Sequence[Line], now: datetime) -> int:
    """Writes to whoever looks after the site that lines are due; once for a day on which one became so. Gives the
    number of letters."""
    due = [one for one in states(session, lines, now) if one.due]
    if not due:
        return 0
    latest = max((one.at for one in due if one.at is not None), default=None)
    since = (latest + EVERY).date().isoformat() if latest is not None else "never"
    return letters.write(session, "crisis_check", {"many": len(due)}, once=f"{since}:{len(due)}", now=now)


def _plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
