"""Tables of referrals: one of a person, known by a code only, with a task for every program asked, in order; what may
be told to whom; what happened; and counts that stay when the rest is gone.

What a person could be known by, and what names their need, is sealed with a key that lies outside the database.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from finder.db import Base

OPEN, CLOSED = "open", "closed"
BY_MAIL, BY_PHONE = "mail", "phone"  # how a program is asked: a letter with a link, or the sender calls


class Referral(Base):
    """One person's way to a group. `key` is 128 random bits; `code` is what the team calls the person by.

    `about` (sealed) holds the needs, how the person may be reached, why another level was chosen, and which instruments
    reach the suggested one (no totals), for "phq9_item9" says much by itself; `identity` (sealed) name and number, only
    under a consent. No score and no answer of a questionnaire is kept.
    """

    __tablename__ = "referral"
    __table_args__ = (UniqueConstraint("team_id", "once"), Index("ix_referral_team", "team_id", "state", "changed_at"))

    key: Mapped[str] = mapped_column(String(22), primary_key=True)
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    once: Mapped[str] = mapped_column(String(64))  # keyed hash of the sender's idempotency key, as text
    once_print: Mapped[bytes] = mapped_column(LargeBinary(32))  # keyed fingerprint of what was sent with it
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    outcome: Mapped[str | None] = mapped_column(String(20))
    suggested: Mapped[int | None]  # level of care the totals suggest, 0-4
    level: Mapped[int | None]  # the level gone by: the suggested one, or the clinician's own
    override: Mapped[str | None] = mapped_column(String(20))  # why another one was chosen
    substance: Mapped[bool] = mapped_column(default=False)  # shows substance-use care: 42 CFR part 2
    asks_next: Mapped[bool] = mapped_column(default=True)
    shortlist: Mapped[list[str]] = mapped_column(JSON, default=list)  # ids of listings, best first
    about: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity: Mapped[bytes | None] = mapped_column(LargeBinary)
    short_code: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)  # keyed hash of the client's code
    made_at: Mapped[datetime] = mapped_column(DateTime)
    changed_at: Mapped[datetime] = mapped_column(DateTime)
    closed_at: Mapped[datetime | None] = mapped_column(DateTime, index=True)

    tasks: Mapped[list[ReferralTask]] = relationship(order_by="ReferralTask.position", passive_deletes=True)


class ReferralTask(Base):
    """One program that is asked, or will be if those before it say no. `state` is of `states.State`."""

    __tablename__ = "referral_task"
    __table_args__ = (UniqueConstraint("referral_key", "program_id"),
                      Index("ix_referral_task_due", "state", "due_at"))

    key: Mapped[str] = mapped_column(String(22), primary_key=True)
    referral_key: Mapped[str] = mapped_column(ForeignKey("referral.key", ondelete="CASCADE"), index=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    way: Mapped[str] = mapped_column(String(10))
    written_to: Mapped[list[str]] = mapped_column(JSON, default=list)  # hashes of the addresses that were asked last
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime)
    seen_at: Mapped[datetime | None] = mapped_column(DateTime)
    answered_at: Mapped[datetime | None] = mapped_column(DateTime)  # first answer that says yes, no or wait
    ended_at: Mapped[datetime | None] = mapped_column(DateTime)
    due_at: Mapped[datetime | None] = mapped_column(DateTime)  # when the clock looks at it again
    reminders: Mapped[int] = mapped_column(default=0)
    first_on: Mapped[date | None] = mapped_column(Date)
    wait_weeks: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(20))  # of a no
    asked: Mapped[list[str]] = mapped_column(JSON, default=list)  # what they need to know
    note: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed; the last words of either side


class Consent(Base):
    """What the person agreed to be told to whom, why, and until when. One row per disclosure; a row is never changed
    but to end it: taken back, or nothing left to tell."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_key: Mapped[str] = mapped_column(ForeignKey("referral.key", ondelete="CASCADE"), index=True)
    task_key: Mapped[str] = mapped_column(ForeignKey("referral_task.key", ondelete="CASCADE"), index=True)
    recipient: Mapped[str] = mapped_column(String(600))  # the program and who runs it, as they were called
    what: Mapped[list[str]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(20))
    given_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    text: Mapped[str] = mapped_column(String(20))  # version of the words that were agreed to
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    recorded_at: Mapped[datetime] = mapped_column(DateTime)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))


class ReferralEvent(Base):
    """What happened to a referral, and who but its owner looked at it. `facts` are codes, dates and numbers only."""

    __tablename__ = "referral_event"
    __table_args__ = (Index("ix_referral_event_of", "referral_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_key: Mapped[str] = mapped_column(ForeignKey("referral.key", ondelete="CASCADE"))
    task_key: Mapped[str | None] = mapped_column(String(22))
    at: Mapped[datetime] = mapped_column(DateTime)
    who: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(String(12))
    after: Mapped[str | None] = mapped_column(String(12))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class AnswerTally(Base):
    """How a program answers a team, by month of asking: counts that point to no referral, and outlive it."""

    __tablename__ = "answer_tally"

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # "2026-11"
    sent: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)  # yes, waiting list or no
    accepted: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    declined: Mapped[int] = mapped_column(default=0)
    no_answer: Mapped[int] = mapped_column(default=0)
    attended: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    hours: Mapped[int] = mapped_column(default=0)  # from sent to answered, added up
