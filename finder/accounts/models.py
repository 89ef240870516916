"""Tables of people who sign in: account, grant, signed-in session, second step, and links that are good once.

Nothing here stands for a seeker. Secrets are kept as hashes, or sealed with a key of the instance.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, ForeignKey, Index, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from finder.db import Base

ACTIVE, DISABLED = "active", "disabled"
GONE = "gone"  # deleted: the number stays, so that history can name it and nobody else gets it
TOTP, PASSKEY, RECOVERY = "totp", "passkey", "recovery"  # kinds of a second step


class Account(Base):
    """A person who can sign in. `email` is lower case; `public_id` is what addresses and forms name."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True, default=uuid.uuid4)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(10), default="en")
    state: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    failures: Mapped[int] = mapped_column(default=0)  # wrong passwords in a row
    created_at: Mapped[datetime] = mapped_column(DateTime)
    seen_on: Mapped[datetime | None] = mapped_column(DateTime)

    grants: Mapped[list[Grant]] = relationship(order_by="Grant.id", passive_deletes=True)
    factors: Mapped[list[Factor]] = relationship(order_by="Factor.id", passive_deletes=True)


class Grant(Base):
    """What an account may be: a role, everywhere or in a state ("US:PA"), an organization or a program (their ids)."""

    __tablename__ = "account_grant"
    __table_args__ = (UniqueConstraint("account_id", "role", "scope", "value"),
                      Index("ix_account_grant_scope", "scope", "value"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(64), default="")
    given_by: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime] = mapped_column(DateTime)


class SignIn(Base):
    """One signed-in browser. `id` is a hash of what its cookie holds; `fresh_at`: when the person last proved who
    they are; `second_step`: whether they did so in two ways."""

    __tablename__ = "sign_in"

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    seen_at: Mapped[datetime] = mapped_column(DateTime)
    fresh_at: Mapped[datetime] = mapped_column(DateTime)
    second_step: Mapped[bool] = mapped_column(default=False)


class Factor(Base):
    """A second step: a code app's secret (sealed), a passkey's public key, or the hash of one recovery code."""

    __tablename__ = "factor"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str | None] = mapped_column(String(100))
    secret: Mapped[bytes] = mapped_column(LargeBinary(2000))
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary(1023), unique=True)
    counter: Mapped[int] = mapped_column(default=0)  # a passkey's sign count, or the last time step of a code app
    confirmed: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    used_at: Mapped[datetime | None] = mapped_column(DateTime)


class Token(Base):
    """A link or code that is good once, kept as a hash. After its use `result` says what it did, for whoever opens it
    again; `subject` names what it is about (an account, a program, a claim)."""

    __tablename__ = "token"

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(64), default="", index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    expires_at: Mapped[datetime] = mapped_column(DateTime)
    used_at: Mapped[datetime | None] = mapped_column(DateTime)
    result: Mapped[str | None] = mapped_column(String(50))


class ApiToken(Base):
    """What a program signs in with for somebody, kept as a hash: what it may do, until when, and whether it was ended.

    `last` are its last four characters, for people to tell theirs apart; `used_on` says only the day.
    """

    __tablename__ = "api_token"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    last: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    expires_at: Mapped[datetime] = mapped_column(DateTime)
    used_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime)
