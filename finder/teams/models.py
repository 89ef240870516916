"""Tables of providers: the team they work in, their own numbers in registers, and searches they keep.

A team is a clinic, a practice or a court program; what it refers is its own, and no other team and no steward sees it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from finder.db import Base

WAITING, APPROVED, REFUSED, ENDED = "waiting", "approved", "refused", "ended"


class Team(Base):
    """People who refer together. `npi` is the organization's own (type 2); `register` and `number` name another one.

    `phone` stands on handouts, beside the name. `wanted_name` waits for a steward: groups trust the name in letters.
    """

    __tablename__ = "team"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(200))
    wanted_name: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(60))
    npi: Mapped[str | None] = mapped_column(String(10))
    register: Mapped[str | None] = mapped_column(String(100))
    number: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    note: Mapped[str | None] = mapped_column(String(1000))  # what they say about themselves when they ask
    reason: Mapped[str | None] = mapped_column(String(1000))  # a steward's, for a no
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class Member(Base):
    """A provider's own number in a register, and what they do. That they belong to the team is a grant."""

    __tablename__ = "team_member"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    npi: Mapped[str | None] = mapped_column(String(10))
    register: Mapped[str | None] = mapped_column(String(100))
    number: Mapped[str | None] = mapped_column(String(60))
    joined_at: Mapped[datetime] = mapped_column(DateTime)


class SavedSearch(Base):
    """A search that a team keeps, about no one person: `intake` holds only what `searches.KEPT` allows.

    `seen` are the ids of listings that fitted when somebody looked; `fresh` those that were told of since.
    """

    __tablename__ = "saved_search"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    intake: Mapped[dict[str, Any]] = mapped_column(JSON)
    alerts: Mapped[bool] = mapped_column(default=True)
    seen: Mapped[list[str]] = mapped_column(JSON, default=list)
    fresh: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    looked_at: Mapped[datetime | None] = mapped_column(DateTime)
