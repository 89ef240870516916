"""The table of hooks: addresses that are told when listings change."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from finder.db import Base

# Told of changes; not told, because somebody or the other side said so; not told until somebody has looked.
ON, OFF, HELD = "on", "off", "held"


class Hook(Base):
    """One address. `secret` holds what signs what is sent there, sealed with a key outside the database; `told` is the
    version of the catalog up to which it knows; `anywhere`: the command line allowed an address that is not public."""

    __tablename__ = "hook"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    url: Mapped[str] = mapped_column(String(2000))
    name: Mapped[str] = mapped_column(String(100))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    anywhere: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=ON)
    told: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(DateTime)
    tried_at: Mapped[datetime | None] = mapped_column(DateTime)
    good_at: Mapped[datetime | None] = mapped_column(DateTime)
    warned_at: Mapped[datetime | None] = mapped_column(DateTime)
    error: Mapped[str | None] = mapped_column(String(200))  # a code, of the last try; null when all was well
