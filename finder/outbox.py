"""Messages that wait to be sent: what kind, to whom, and the facts, written in the same transaction as the deed.

No sentence is made here and nothing is sent; `finder work` does both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from finder.db import Base

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"


class Message(Base):
    """One e-mail to one address. `once` names it so that it is written at most once; facts go when it was sent."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    once: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    due_at: Mapped[datetime] = mapped_column(DateTime)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime)
    message_id: Mapped[str | None] = mapped_column(String(200), index=True)
    error: Mapped[str | None] = mapped_column(String(200))


class Silence(Base):
    """An address that gets no more mail of a kind ("*" for all), because it bounced or asked for that."""

    __tablename__ = "silence"

    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))  # bounced, unsubscribed
    at: Mapped[datetime] = mapped_column(DateTime)


def write(session: Session, kind: str, address: str, facts: Mapping[str, Any], *, now: datetime, locale: str = "en",
          once: str | None = None, due: datetime | None = None) -> Message | None:
    """Puts a message into the outbox. None when one of the same `once` was written before.

    `facts` are JSON values that its template needs; `due` is when it may go (now).
    """
    if once is not None and session.execute(select(Message.id).where(Message.once == once)).first() is not None:
        return None
    message = Message(kind=kind, address=address, locale=locale, facts=dict(facts), once=once,
                      made_at=now.replace(tzinfo=None), due_at=(due or now).replace(tzinfo=None))
    session.add(message)
    session.flush()
    return message
