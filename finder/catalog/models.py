"""The tables of the catalog: source, organization, location, program, session, and the catalog's version.

A program's fields are the contract's; lists and small objects stay JSON, what is looked up or joined is a column.
Rows that a standard publishes carry a UUID that outlives imports and edits.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from finder.db import Base

# Publication states of a program. `published` is what visitors may see (also paused ones); `withheld` was received
# but is not to be shown; `gone` was once published and its source no longer lists it.
# `deleted` was taken down by a person, and no import brings it back.
PUBLISHED, WITHHELD, GONE, DELETED = "published", "withheld", "gone", "deleted"


class CatalogState(Base):
    """One row: the version that every change of listings raises in its own transaction."""

    __tablename__ = "catalog_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    # What this instance is called among others that take its listings over; made with its database, moved with it.
    instance_id: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)


class Source(Base):
    """Where listings come from: a feed, a register, a file, an editor."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(DateTime)
    # Whether the dates of checking (`verified`) that the source states count; else an import leaves them out.
    trusted_checks: Mapped[bool] = mapped_column(default=True, server_default=true())


class Organization(Base):
    """Who runs programs. `key` is a digest of all it says, unique within its source, so no listing loses a word."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[bytes] = mapped_column(LargeBinary(16))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str | None] = mapped_column(String(20))
    url: Mapped[str | None] = mapped_column(String(2000))
    email: Mapped[str | None] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(60))


class Location(Base):
    """A place where sessions meet. `key` is a digest of all it says, unique within its source."""

    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[bytes] = mapped_column(LargeBinary(16))
    name: Mapped[str | None] = mapped_column(String(200))
    address_1: Mapped[str | None] = mapped_column(String(200))
    city: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str | None] = mapped_column(String(50))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    precision: Mapped[str | None] = mapped_column(String(20))
    hidden: Mapped[bool | None]


class Program(Base):
    """One listing: a group or program that a person can attend, with its provenance and dates of verification."""

    __tablename__ = "program"
    __table_args__ = (
        UniqueConstraint("source_id", "source_key"),
        Index("ix_program_changed", "changed_version", "id"),  # the order in which changes are given out
        Index("ix_program_origin", "origin", "source_key"),
        Index("ix_program_updated", "updated_at", "changed_version"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(20), default=PUBLISHED)
    changed_version: Mapped[int]
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # of this listing: one more at each change
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    created_at: Mapped[datetime] = mapped_column(DateTime)
    updated_at: Mapped[datetime] = mapped_column(DateTime)

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    source_key: Mapped[str] = mapped_column(String(200))
    source_url: Mapped[str | None] = mapped_column(String(2000))
    source_name: Mapped[str | None] = mapped_column(String(200))
    source_license: Mapped[str | None] = mapped_column(String(200))
    retrieved: Mapped[date | None]
    # Fields that a person set, with when: an import leaves them alone. `feed` is what the source says about this
    # listing where that differs, as a whole document; `feed_open`: a steward has not yet chosen between the two.
    kept_fields: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    feed: Mapped[str | None] = mapped_column(Text)
    feed_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("program.id"))
    # The instance that keeps this listing, if it is another one of this software; its id there is `source_key`.
    origin: Mapped[uuid.UUID | None]

    organization_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str | None] = mapped_column(String(10))
    description: Mapped[str | None] = mapped_column(Text)
    group_type: Mapped[str] = mapped_column(String(30))
    led_by: Mapped[str | None] = mapped_column(String(30))
    modalities: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    focus: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    severity: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    attendees: Mapped[str | None] = mapped_column(String(10))
    age: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    gender_mix: Mapped[str | None] = mapped_column(String(10))
    populations: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    restricted_to: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    languages: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    interpreter: Mapped[str | None] = mapped_column(String(10))
    cost: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    capacity: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    starts_on: Mapped[date | None]
    open_group: Mapped[bool | None]
    licensed_states: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    coverage: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    accessibility: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    policies: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    contact: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    verified_on: Mapped[date | None]
    verified_method: Mapped[str | None] = mapped_column(String(10))
    field_dates: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    x: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    source: Mapped[Source] = relationship()
    organization: Mapped[Organization | None] = relationship()
    sessions: Mapped[list[MeetingSession]] = relationship(order_by="MeetingSession.position")


class MeetingSession(Base):
    """One regular session of a program: how, when and where it meets (an RFC 5545 rule in an IANA zone)."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_program", "program_id", "position"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    position: Mapped[int]
    format: Mapped[str] = mapped_column(String(20))
    anytime: Mapped[bool | None]
    repeats: Mapped[str | None] = mapped_column(String(300))
    start_time: Mapped[str | None] = mapped_column(String(5))
    duration_minutes: Mapped[int | None]
    timezone: Mapped[str | None] = mapped_column(String(64))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    except_dates: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    location_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"), index=True)
    join_url: Mapped[str | None] = mapped_column(String(2000))
    dial_in: Mapped[str | None] = mapped_column(String(60))

    location: Mapped[Location | None] = relationship()
