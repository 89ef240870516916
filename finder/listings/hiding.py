"""A listing that two people called unsafe is out of sight until a steward has looked; and this is no weapon.

One sender counts once, few listings a day can go this way, and what a steward has put back needs two new people.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.models import PUBLISHED, WITHHELD
from finder.errors import Conflict
from finder.limits import EVERYBODY, Limit, spend
from finder.listings import changes, visitors
from finder.listings.models import Report
from finder.listings.writing import Author, naive

UNSAFE = "unsafe"
BY = "reports"  # what history calls the author of such a change
NEEDED = 2  # distinct reporters (TRUST Y8)
_OF_ONE = Limit("hide", 3, 86_400)  # listings a day that one network can take part in hiding (TRUST Y8)
_OF_ALL = Limit("hides", 20, 86_400)  # listings a day in all; what comes after waits first in the queue


def consider(session: Session, program: uuid.UUID, *, now: datetime) -> bool:
    """Hides a listing when enough people called it unsafe and the day's limits allow it; says whether it did."""
    queries.next_version(session)  # takes the writers' turn, so that nobody changes the listing in between
    there = changes.find(session, program)
    if there.state != PUBLISHED or len(_reporters(session, program, now)) < NEEDED:
        return False
    senders = session.scalars(select(Report.sender).where(
        Report.program_id == program, Report.kind == UNSAFE, Report.closed_at.is_(None), Report.sender.is_not(None),
        Report.sent_on == now.date()).distinct()).all()
    if not _has_room(session, [one for one in senders if one], now):
        return False
    changes.change(session, program, base=there.version, author=Author(BY), now=now, state=WITHHELD, kind="hidden")
    return True


def _reporters(session: Session, program: uuid.UUID, now: datetime) -> set[str]:
    """Marks of those who count: with an open report, and none that a steward closed within the last 30 days."""
    rows = session.execute(select(Report.mark, Report.closed_at).where(
        Report.program_id == program, Report.kind == UNSAFE, Report.mark.is_not(None))).all()
    heard = {mark for mark, closed in rows if closed is not None and closed > naive(now - visitors.LONGEST_KEPT)}
    return {mark for mark, closed in rows if closed is None and mark} - heard


def _has_room(session: Session, senders: Iterable[str], now: datetime) -> bool:
    """Counts a hidden listing for each of its reporters of the day and for all; nothing is counted when one is full."""
    turn = session.begin_nested()
    keys = [(_OF_ONE, visitors.key_of(one)) for one in senders]
    if any(spend(session, limit, key, now) for limit, key in [*keys, (_OF_ALL, EVERYBODY)]):
        turn.rollback()
        return False
    turn.commit()
    return True


def show(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime) -> None:
    """Puts a withheld listing back. Raises Conflict("not_hidden") and Conflict("stale")."""
    there = changes.find(session, program)
    if there.state != WITHHELD:
        raise Conflict("not_hidden")
    changes.change(session, program, base=base, author=author, now=now, state=PUBLISHED, kind="shown")
