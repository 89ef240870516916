"""Links and codes that are good once: 256 random bits in the link, their hash in the database, an end, a result.

A link shows a page; only its button uses it. Used or not, opening it again shows what came of it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from finder.accounts.models import Token
from finder.errors import NotFound

BYTES = 32  # of chance in a link (TRUST A2 asks for 16 at least)
# How long a link is good, by purpose; the sources are TRUST A9, A11 and section 4.
LIFETIMES: Mapping[str, timedelta] = {
    "sign_in": timedelta(minutes=15),
    "setup": timedelta(minutes=30),
    "reset": timedelta(hours=1),
    "email": timedelta(hours=24),  # proving a new address of one's own account
    "claim": timedelta(hours=24),
    "claim_object": timedelta(days=30),  # "this was not me", in every letter about a claim
    "invite": timedelta(days=7),
    "check": timedelta(days=30),  # still right, seats, paused
    "stop": timedelta(days=60),  # no more letters; the law asks that it works for 30 days (15 U.S.C. 7704(a)(3))
    "reply": timedelta(days=30),  # an appeal, an answer to a steward
    "way_back_asked": timedelta(days=7),  # a request that another steward or administrator decides
    "way_back": timedelta(days=7),
    "passkey": timedelta(minutes=5),  # what a passkey is asked to sign
    "confirm_change": timedelta(days=7),  # a listing's own contact agrees to a changed one
    "referral_answer": timedelta(days=60),  # longer than a referral waits for an answer; ends with it
}
KEPT_AFTER_USE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands. `state`: open, used or expired."""

    purpose: str
    account_id: int | None
    subject: str
    facts: Mapping[str, Any]
    state: str
    result: str | None
    used_at: datetime | None


def make(session: Session, purpose: str, *, now: datetime, account_id: int | None = None, subject: str = "",
         facts: Mapping[str, Any] | None = None) -> str:
    """A new link's secret (43 letters, digits, - and _), which is kept nowhere."""
    secret = secrets.token_urlsafe(BYTES)
    session.add(Token(hash=digest(secret), purpose=purpose, account_id=account_id, subject=subject,
                      facts=dict(facts or {}), made_at=_naive(now), expires_at=_naive(now + LIFETIMES[purpose])))
    session.flush()
    return secret


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def look(session: Session, secret: str, purpose: str, *, now: datetime) -> Link:
    """What a link is, without using it. Raises NotFound for one that never was, or is of another purpose."""
    row = session.get(Token, digest(secret))
    if row is None or row.purpose != purpose:
        raise NotFound("link")
    state = "used" if row.used_at is not None else "open" if row.expires_at > _naive(now) else "expired"
    return Link(row.purpose, row.account_id, row.subject, row.facts, state, row.result, row.used_at)


def find(session: Session, secret: str, purposes: Collection[str], *, now: datetime) -> Link | None:
    """What a link is that may be of several purposes; None for one that never was."""
    row = session.get(Token, digest(secret))
    return look(session, secret, row.purpose, now=now) if row is not None and row.purpose in purposes else None


def look_any(session: Session, secret: str, purposes: Collection[str], *, now: datetime) -> Link:
    """As `find`; raises NotFound for one that never was."""
    found = find(session, secret, purposes, now=now)
    if found is None:
        raise NotFound("link")
    return found


def use(session: Session, secret: str, purpose: str, *, now: datetime, result: str = "done") -> bool:
    """Uses a link up: True the first time, False when it was used before or is too old. Of two at once one wins."""
    done = session.execute(
        update(Token).where(Token.hash == digest(secret), Token.purpose == purpose, Token.used_at.is_(None),
                            Token.expires_at > _naive(now)).values(used_at=_naive(now), result=result))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def mark(session: Session, secret: str, purpose: str, *, now: datetime, result: str) -> bool:
    """Notes what a link did and leaves it good, for links that are good until their end. False for one that ended."""
    done = session.execute(
        update(Token).where(Token.hash == digest(secret), Token.purpose == purpose, Token.used_at.is_(None),
                            Token.expires_at > _naive(now)).values(result=result))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def withdraw(session: Session, purpose: str, *, account_id: int | None = None, subject: str | None = None) -> None:
    """Ends the open links of a purpose for an account or a subject."""
    wanted = delete(Token).where(Token.purpose == purpose, Token.used_at.is_(None))
    if account_id is not None:
        wanted = wanted.where(Token.account_id == account_id)
    if subject is not None:
        wanted = wanted.where(Token.subject == subject)
    session.execute(wanted)


def end(session: Session, purpose: str, subject: str, *, now: datetime, result: str = "over") -> None:
    """Ends the open links of a subject and remembers only that there were some, so that one opened again can say so."""
    session.execute(update(Token).where(Token.purpose == purpose, Token.subject == subject, Token.used_at.is_(None))
                    .values(used_at=_naive(now), result=result, facts={}))


def has_open(session: Session, purpose: str, *, now: datetime) -> bool:
    """Whether any link of a purpose is still good."""
    found = select(Token.hash).where(Token.purpose == purpose, Token.used_at.is_(None), Token.expires_at > _naive(now))
    return session.execute(found).first() is not None


def forget(session: Session, now: datetime) -> None:
    """Drops links that ended long ago."""
    session.execute(delete(Token).where(Token.expires_at < _naive(now - KEPT_AFTER_USE)))


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
