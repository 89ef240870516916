"""Tables of the audit: its entries, and where their chain begins and ends.

An entry names people by the number of their account and things by their ids. There is no foreign key: an entry stays as
it is when the account or the thing it names is gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from finder.db import Base

LONGEST_WHAT = 80
LONGEST_ABOUT = 64
NOTHING_YET = "0" * 64  # the hash before the first entry


class AuditEntry(Base):
    """One deed. `number` counts from 1 without a gap; `hash` covers all else and `previous`, the hash before it.

    `channel` is how they came in: page, program, visitor, command, job. `what` is the name of a page, a route, a
    command or a job. `facts` hold names of tables, counts, codes and ids, never words
    of people.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_about", "kind", "about"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    account_id: Mapped[int | None] = mapped_column(index=True)
    channel: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(LONGEST_WHAT))
    kind: Mapped[str | None] = mapped_column(String(20))
    about: Mapped[str | None] = mapped_column(String(LONGEST_ABOUT))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The one row that says where the chain begins (after `start_number`, all before it was purged) and ends.

    `seal` is an HMAC of the other columns with a key of the instance that the database does not hold. Appending takes
    the lock of this row, so entries stand one behind the other.
    """

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default=NOTHING_YET)
    start_number: Mapped[int] = mapped_column(default=0)
    start_hash: Mapped[str] = mapped_column(String(64), default=NOTHING_YET)
    seal: Mapped[str] = mapped_column(String(64), default="")
