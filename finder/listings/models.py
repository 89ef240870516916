"""The history of listings: every change with its full text before and after, every import that ran, what visitors
report, and the small tables of the desks that keep listings true."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from finder.db import Base


class ImportRun(Base):
    """One import that was applied: where from, when, and its counts."""

    __tablename__ = "import_run"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime)


class Revision(Base):
    """One change of one listing. `before` and `after` are whole canonical documents; null: there was, or is, none."""

    __tablename__ = "revision"
    __table_args__ = (Index("ix_revision_program", "program_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    actor: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="import", server_default="import")
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # of the listing, after the change
    reason: Mapped[str | None] = mapped_column(String(1000))
    state_before: Mapped[str | None] = mapped_column(String(20))
    state_after: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class Report(Base):
    """What a visitor says is wrong with a listing. Nothing tells who: `sender` is a keyed hash that changes daily.

    `mark` stands for thousands of networks at once, differently for each listing: enough to count one person who
    writes on two days once, and no more.
    """

    __tablename__ = "report"
    __table_args__ = (Index("ix_report_sent", "sent_on", "sender"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(500))
    sent_on: Mapped[date] = mapped_column(Date)
    sent_hour: Mapped[int]
    sender: Mapped[str | None] = mapped_column(String(64))
    mark: Mapped[str | None] = mapped_column(String(3))
    reply_to: Mapped[str | None] = mapped_column(String(320))  # only if they left it; gone once answered
    locale: Mapped[str] = mapped_column(String(10), default="en", server_default="en")
    answer: Mapped[str | None] = mapped_column(String(1000))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class Proposal(Base):
    """A change that waits for a second pair of eyes: a new listing (no program yet), an edit, a suggestion, a deletion.

    `document` is the whole listing as it would be, `before` as it was when it was proposed; `fields` are the top-level
    fields that wait. `sender` and `reply_to` are as in Report.
    """

    __tablename__ = "proposal"
    __table_args__ = (Index("ix_proposal_state", "state", "made_at"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    program_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # new, edit, suggestion, delete
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    base_version: Mapped[int | None]
    before: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(String(2000))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    reply_to: Mapped[str | None] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(String(10), default="en")
    sender: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(DateTime)
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str | None] = mapped_column(String(1000))
    choices: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # field -> accepted, rejected
    appeal: Mapped[str | None] = mapped_column(String(1000))
    appealed_at: Mapped[datetime | None] = mapped_column(DateTime)


class Draft(Base):
    """A form that somebody signed in has not sent yet, as they typed it. `program_id` null: a new listing."""

    __tablename__ = "draft"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    program_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    base_version: Mapped[int | None]
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(DateTime)


class Claim(Base):
    """Somebody says a listing is theirs. `method`: contact, domain or steward; claims.py says how the state moves."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_state", "state", "made_at"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    method: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(1000))
    made_at: Mapped[datetime] = mapped_column(DateTime)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str | None] = mapped_column(String(1000))


class Removal(Base):
    """"Do not list us": a listing that no import brings back. `document` is what later ones are compared with."""

    __tablename__ = "removal"

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("program.id", ondelete="SET NULL"), index=True)
    document: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(String(1000))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(DateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime)


class Assignment(Base):
    """Who has taken a listing from the work list of checks; `later_until` puts it off."""

    __tablename__ = "assignment"

    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    tries: Mapped[int] = mapped_column(default=0)
    later_until: Mapped[date | None]


class Note(Base):
    """What stewards tell each other about a listing; never shown to anybody else."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(DateTime)


class Double(Base):
    """Two listings that look like one. `one` sorts before `two`; state open, merged or different (a steward's word)."""

    __tablename__ = "double"
    __table_args__ = (UniqueConstraint("one", "two"), Index("ix_double_state", "state", "score"))

    id: Mapped[int] = mapped_column(primary_key=True)
    one: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    two: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    score: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(10))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="open")
    found_at: Mapped[datetime] = mapped_column(DateTime)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class Reminder(Base):
    """When a listing's contact was last asked whether it is still right, and when next."""

    __tablename__ = "reminder"

    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    sent: Mapped[int] = mapped_column(default=0)  # without an answer, since the last one
    last_on: Mapped[date | None]
    next_on: Mapped[date | None] = mapped_column(index=True)


class Pause(Base):
    """A listing that comes back by itself on a day."""

    __tablename__ = "pause"

    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    back_on: Mapped[date] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(200))


class Tag(Base):
    """A word that stewards add for what the fixed lists do not know; listings hold its code in `x.tags`."""

    __tablename__ = "tag"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    labels: Mapped[dict[str, str]] = mapped_column(JSON)  # language -> words
    synonyms: Mapped[list[str]] = mapped_column(JSON)
    retired: Mapped[bool] = mapped_column(default=False)


class Alert(Base):
    """A banner for a region: a storm, a closed bridge, a new number. `states` as "US:PA"; empty: everywhere."""

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    states: Mapped[list[str]] = mapped_column(JSON)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)  # language -> words
    url: Mapped[str | None] = mapped_column(String(2000))
    from_at: Mapped[datetime] = mapped_column(DateTime)
    until_at: Mapped[datetime] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class Feed(Base):
    """A source that is read again and again. `state`: on, held (a steward must look), off."""

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)  # of its Source
    url: Mapped[str] = mapped_column(String(2000))
    format: Mapped[str] = mapped_column(String(20))
    mapping: Mapped[str | None] = mapped_column(Text)
    every_hours: Mapped[int] = mapped_column(default=24)
    state: Mapped[str] = mapped_column(String(10), default="on")
    made_at: Mapped[datetime] = mapped_column(DateTime)
    tried_at: Mapped[datetime | None] = mapped_column(DateTime)
    good_at: Mapped[datetime | None] = mapped_column(DateTime)
    warned_at: Mapped[datetime | None] = mapped_column(DateTime)
    error: Mapped[str | None] = mapped_column(String(200))
    etag: Mapped[str | None] = mapped_column(String(200))
    # Of another instance of this software: which one it is, and how far its changes were taken over.
    peer: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    cursor: Mapped[str | None] = mapped_column(String(200))
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # what it says of itself


class FeedRow(Base):
    """A listing that another instance gives out: one that is left alone here and `why`, or, while all of them are gone
    through, one that was there (`why` null). `key` is "origin/id"."""

    __tablename__ = "feed_row"

    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(240), primary_key=True)
    why: Mapped[str | None] = mapped_column(String(20))


class Upload(Base):
    """A file or fetched source that waits at the import desk: looked at, and not yet applied. `path` is in the
    instance's folder; `report` is what a dry run found."""

    __tablename__ = "upload"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(20))
    mapping: Mapped[str | None] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(200))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    made_at: Mapped[datetime] = mapped_column(DateTime)
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"))


class Tally(Base):
    """A count of a day that holds nobody: searches without a match by state and need, page views of a listing."""

    __tablename__ = "tally"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
