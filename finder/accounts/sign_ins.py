"""Signed-in browsers: a random id in a cookie, its hash in a row that ends after an idle hour or half a day.

The id changes whenever what it stands for changes; the old one is dead in the same transaction.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from finder.accounts.models import ACTIVE, PASSKEY, TOTP, Account, Factor, Grant, SignIn
from finder.accounts.permissions import Actor, Granted, Role, Scope
from finder.accounts.tokens import digest

IDLE = timedelta(hours=1)  # TRUST A5
LONGEST = timedelta(hours=12)  # TRUST A5
FRESH = timedelta(minutes=5)  # TRUST A10
SEEN_EVERY = timedelta(minutes=1)  # a row is touched at most that often, so that reading pages seldom writes
BYTES = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in person: who they are to the rules, and to themselves."""

    actor: Actor
    public_id: str
    email: str
    name: str | None
    locale: str
    fresh: bool  # they proved who they are within the last minutes
    second_step: bool
    awaits: bool  # they have set up a second step and have not taken it this time; until then they have no grant
    key: bytes  # of the row; what form tokens are made from
    must_touch: bool  # the row should be marked as seen


def begin(session: Session, account_id: int, *, now: datetime, second_step: bool = False) -> str:
    """A new signed-in browser's secret for its cookie."""
    secret, at = secrets.token_urlsafe(BYTES), _naive(now)
    session.add(SignIn(id=digest(secret), account_id=account_id, made_at=at, seen_at=at, fresh_at=at,
                       second_step=second_step))
    session.execute(update(Account).where(Account.id == account_id).values(seen_on=at))
    session.flush()
    return secret


def find(session: Session, secret: str, *, now: datetime) -> SignedIn | None:
    """Whose browser this is; None when it is nobody's, the time is over, or the account is disabled."""
    at = _naive(now)
    found = session.execute(
        select(SignIn, Account).join(Account, Account.id == SignIn.account_id)
        .where(SignIn.id == digest(secret), Account.state == ACTIVE)).first()
    if found is None:
        return None
    row, account = found
    if row.seen_at + IDLE <= at or row.made_at + LONGEST <= at:
        return None
    awaits = not row.second_step and has_second_step(session, account.id)
    grants = () if awaits else session.scalars(
        select(Grant).where(Grant.account_id == account.id).order_by(Grant.id)).all()
    actor = Actor(account.id, account.name or "", tuple(
        Granted(Role(one.role), Scope(one.scope), one.value) for one in grants), row.second_step)
    return SignedIn(actor, str(account.public_id), account.email, account.name, account.locale,
                    row.fresh_at + FRESH > at and not awaits, row.second_step, awaits, row.id,
                    row.seen_at + SEEN_EVERY <= at)


def has_second_step(session: Session, account_id: int) -> bool:
    """Whether an account has set up a code app or a passkey; recovery codes alone are none."""
    return session.execute(select(Factor.id).where(
        Factor.account_id == account_id, Factor.kind.in_((TOTP, PASSKEY)))).first() is not None


def touch(session: Session, key: bytes, *, now: datetime) -> None:
    """Marks a browser as seen now."""
    session.execute(update(SignIn).where(SignIn.id == key).values(seen_at=_naive(now)))


def renew(session: Session, key: bytes, *, now: datetime, fresh: bool = True,
          second_step: bool | None = None) -> str | None:
    """The same browser under a new secret: after a proof, and whenever roles or the password change.

    None when it has ended meanwhile.
    """
    row = session.get(SignIn, key)
    if row is None:
        return None
    secret, at = secrets.token_urlsafe(BYTES), _naive(now)
    session.add(SignIn(id=digest(secret), account_id=row.account_id, made_at=row.made_at, seen_at=at,
                       fresh_at=at if fresh else row.fresh_at,
                       second_step=row.second_step if second_step is None else second_step))
    session.delete(row)
    session.flush()
    return secret


def end(session: Session, secret: str) -> None:
    """Signs one browser out."""
    session.execute(delete(SignIn).where(SignIn.id == digest(secret)))


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser as its owner sees it. `key` names it in forms; nothing is known of the device."""

    key: str
    made_at: datetime
    seen_at: datetime


def of_account(session: Session, account_id: int, *, now: datetime) -> list[Browser]:
    """Where an account is signed in, the newest first."""
    at = _naive(now)
    found = session.scalars(select(SignIn).where(
        SignIn.account_id == account_id, SignIn.seen_at > at - IDLE, SignIn.made_at > at - LONGEST)
        .order_by(SignIn.made_at.desc()))
    return [Browser(one.id.hex(), one.made_at, one.seen_at) for one in found]


def end_one(session: Session, account_id: int, key: str) -> None:
    """Signs one browser of an account out; nothing happens for a key that is none of its own."""
    try:
        wanted = bytes.fromhex(key)
    except ValueError:
        return
    session.execute(delete(SignIn).where(SignIn.account_id == account_id, SignIn.id == wanted))


def end_all(session: Session, account_id: int, *, but: bytes | None = None) -> None:
    """Signs an account out everywhere, or everywhere but in one browser."""
    wanted = delete(SignIn).where(SignIn.account_id == account_id)
    session.execute(wanted if but is None else wanted.where(SignIn.id != but))


def forget(session: Session, now: datetime) -> None:
    """Drops browsers whose time is over."""
    at = _naive(now)
    session.execute(delete(SignIn).where((SignIn.seen_at < at - IDLE) | (SignIn.made_at < at - LONGEST)))


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
