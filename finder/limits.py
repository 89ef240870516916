"""How often something may be done: counts per kind, key and window of time, in the database, so all workers share them.

A key is a keyed hash (of a network, an account), never an address or a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from finder.db import Base

EVERYBODY = b""  # the key of limits that all share
LONGEST_KEPT = timedelta(days=2)


class Allowance(Base):
    """How much of one limit is used up in one window."""

    __tablename__ = "allowance"

    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)  # the start, seconds since 1970
    used: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of a kind in any one window of `seconds` (windows stand on the clock)."""

    kind: str
    most: int
    seconds: int


def spend(session: Session, limit: Limit, key: bytes, now: datetime, *, amount: int = 1) -> int:
    """Counts one use. Gives 0 when it is allowed, else the seconds until the next window, and counts nothing."""
    second = int(now.timestamp())
    window = second - second % limit.seconds
    spot = (Allowance.kind == limit.kind, Allowance.key == key, Allowance.window == window)
    counted = session.execute(
        update(Allowance).where(*spot, Allowance.used + amount <= limit.most).values(used=Allowance.used + amount))
    if counted.rowcount:  # type: ignore[attr-defined]
        return 0
    if amount > limit.most or session.execute(select(Allowance.used).where(*spot)).first() is not None:
        return window + limit.seconds - second
    try:
        with session.begin_nested():
            session.add(Allowance(kind=limit.kind, key=key, window=window, used=amount))
    except IntegrityError:  # another worker was first; its row is there now
        return spend(session, limit, key, now, amount=amount)
    return 0


def used(session: Session, limit: Limit, key: bytes, now: datetime) -> int:
    """How much of a limit is used up in the present window."""
    second = int(now.timestamp())
    found = session.execute(select(Allowance.used).where(
        Allowance.kind == limit.kind, Allowance.key == key, Allowance.window == second - second % limit.seconds))
    return found.scalar() or 0


def give_back(session: Session, limit: Limit, key: bytes, now: datetime) -> None:
    """Forgets what was counted in the present window, as after the right password."""
    second = int(now.timestamp())
    session.execute(delete(Allowance).where(
        Allowance.kind == limit.kind, Allowance.key == key, Allowance.window == second - second % limit.seconds))


def forget(session: Session, now: datetime) -> None:
    """Drops windows that are long over."""
    oldest = int((now - LONGEST_KEPT).timestamp())
    session.execute(delete(Allowance).where(Allowance.window < oldest))
