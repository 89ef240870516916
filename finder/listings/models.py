"""The history of listings: every change with its full text before and after, and every import that ran."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from finder.db import Base


class ImportRun(Base):
    """One import that was applied: where from, when, and its counts."""

    __tablename__ = "import_run"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


class Revision(Base):
    """One change of one listing. `before` and `after` are whole canonical documents; null: there was, or is, none."""

    __tablename__ = "revision"
    __table_args__ = (Index("ix_revision_program", "program_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    actor: Mapped[str] = mapped_column(String(200))
    state_before: Mapped[str | None] = mapped_column(String(20))
    state_after: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class Report(Base):
    """What a visitor says is wrong with a listing. Nothing tells who: `sender` is a keyed hash that changes daily."""

    __tablename__ = "report"
    __table_args__ = (Index("ix_report_sent", "sent_on", "sender"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(500))
    sent_on: Mapped[date] = mapped_column(Date)
    sent_hour: Mapped[int]
    sender: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime)
