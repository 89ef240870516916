"""The table of who called or looked up a crisis number, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from finder.db import Base


class CrisisCheck(Base):
    """Somebody found a crisis line as the code says. `line` is its id; the numbers themselves are in no table."""

    __tablename__ = "crisis_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(String(80), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
