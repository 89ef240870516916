"""Tokens that a program signs in with for a provider: what each may do, made, found and ended.

A secret is shown once and kept as a hash. Its form is GitHub's for tokens: a prefix of our own, 256 random bits, and
a checksum, so that scanners of source code find one that was left there and know it is no other string.
"""

from __future__ import annotations

import secrets
import string
import uuid
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from marshmallow import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from finder.accounts import letters
from finder.accounts.models import ACTIVE, Account, ApiToken, Grant
from finder.accounts.permissions import Actor, Granted, Role, Scope
from finder.accounts.tokens import digest
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.fields import Text, flatten

PREFIX = "fndr_"
LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase  # base62
RANDOM = 43  # letters, log2(62) bits each: 256 bits (TRUST A2 asks for 128 at least)
CHECK = 6  # letters of the CRC-32 of the random part
LENGTH = len(PREFIX) + RANDOM + CHECK
LONGEST_DAYS = 365  # TRUST A12
LONGEST_NAME = 100
MOST = 10  # open tokens of one account
_NAME = Text(LONGEST_NAME)


class TokenScope(StrEnum):
    """What a token may do, each for the team of whoever made it."""

    READ_REFERRALS = "referrals.read"  # see the team's referrals and their history
    WRITE_REFERRALS = "referrals.write"  # make referrals, and all that a member may do to one


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a program acts for: the account with its right to its team and no other right, and what the token allows.

    `must_touch`: that it was used today is not noted yet (`touch`, at leisure).
    """

    actor: Actor
    scopes: frozenset[str]
    token_id: uuid.UUID
    must_touch: bool


def make(session: Session, account_id: int, name: str, scopes: Collection[str], *, days: int, now: datetime) -> str:
    """A new token's secret, which is kept nowhere; its account is told. `days` 1..365.

    Raises Invalid at name, scopes or days, Conflict("too_many") when ten are open.
    """
    errors: dict[str, list[Problem]] = {}
    try:
        name = _NAME.read(name.strip())
    except ValidationError as wrong:
        errors = flatten({"name": wrong.messages}) if name.strip() else {"name": [Problem("required")]}
    if not scopes or not set(scopes) <= set(TokenScope):
        errors["scopes"] = [Problem("required")]
    if not 1 <= days <= LONGEST_DAYS:
        errors["days"] = [Problem("out_of_range", min=1, max=LONGEST_DAYS)]
    if errors:
        raise Invalid(errors)
    if len(open_ones(session, account_id, now=now)) >= MOST:
        raise Conflict("too_many")
    chance = "".join(secrets.choice(LETTERS) for _ in range(RANDOM))
    secret = PREFIX + chance + checksum(chance)
    session.add(ApiToken(hash=digest(secret), account_id=account_id, name=name, last=secret[-4:],
                         scopes=[one for one in TokenScope if one in scopes], made_at=_naive(now),
                         expires_at=_naive(now + timedelta(days=days))))
    session.flush()
    letters.tell(session, session.get_one(Account, account_id), "token_made", now=now)
    return secret


def is_plausible(secret: str) -> bool:
    """Whether a string has the form of a token and its checksum; most typing errors need no look at the database."""
    chance = secret[len(PREFIX):-CHECK]
    return (len(secret) == LENGTH and secret.startswith(PREFIX) and set(secret[len(PREFIX):]) <= set(LETTERS)
            and secret[-CHECK:] == checksum(chance))


def find(session: Session, secret: str, *, now: datetime) -> Signed | None:
    """Whom a token stands for. None when it is none, was ended, is too old, or when its account is closed or in no
    team any more."""
    if not is_plausible(secret):
        return None
    found = session.execute(select(ApiToken, Account).join(Account, Account.id == ApiToken.account_id).where(
        ApiToken.hash == digest(secret), ApiToken.ended_at.is_(None), ApiToken.expires_at > _naive(now),
        Account.state == ACTIVE)).first()
    if found is None:
        return None
    token, account = found
    grants = session.scalars(select(Grant).where(Grant.account_id == account.id, Grant.role == Role.PROVIDER,
                                                 Grant.scope == Scope.TEAM).order_by(Grant.id)).all()
    if not grants:
        return None
    actor = Actor(account.id, account.name or "", tuple(
        Granted(Role(one.role), Scope(one.scope), one.value) for one in grants))
    return Signed(actor, frozenset(token.scopes), token.id, token.used_on != now.date())


def touch(session: Session, token_id: uuid.UUID, *, on: date) -> None:
    """Notes the day a token was last used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_on=on))


def open_ones(session: Session, account_id: int, *, now: datetime) -> Sequence[ApiToken]:
    """An account's tokens that are good, the newest first."""
    return session.scalars(select(ApiToken).where(
        ApiToken.account_id == account_id, ApiToken.ended_at.is_(None), ApiToken.expires_at > _naive(now))
        .order_by(ApiToken.made_at.desc(), ApiToken.id)).all()


def all_of(session: Session, account_id: int) -> Sequence[ApiToken]:
    """All tokens of an account that are still kept, the oldest first."""
    return session.scalars(select(ApiToken).where(ApiToken.account_id == account_id)
                           .order_by(ApiToken.made_at, ApiToken.id)).all()


def end(session: Session, account_id: int, key: str, *, now: datetime) -> None:
    """Ends one token of an account; ending it twice changes nothing. Raises NotFound for one that is not its own."""
    try:
        wanted = uuid.UUID(key)
    except ValueError:
        raise NotFound("token") from None
    found = session.get(ApiToken, wanted)
    if found is None or found.account_id != account_id:
        raise NotFound("token")
    found.ended_at = found.ended_at or _naive(now)
    session.flush()


def end_all(session: Session, account_id: int, *, now: datetime) -> None:
    """Ends all tokens of an account, when its password is set anew or who runs the site closes it."""
    session.execute(update(ApiToken).where(ApiToken.account_id == account_id, ApiToken.ended_at.is_(None))
                    .values(ended_at=_naive(now)))


def forget(session: Session, account_id: int) -> None:
    """Ends all tokens of an account and drops them, when it loses its team or is deleted."""
    session.execute(delete(ApiToken).where(ApiToken.account_id == account_id))


def checksum(chance: str) -> str:
    """The CRC-32 of the random part in base62, six letters."""
    number, letters = zlib.crc32(chance.encode()), ""
    for _ in range(CHECK):
        number, rest = divmod(number, len(LETTERS))
        letters = LETTERS[rest] + letters
    return letters


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
