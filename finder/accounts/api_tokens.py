"""Tokens that a program signs in with for somebody: what each may do, made, found and ended.

A secret is shown once and kept as a hash. Its form is GitHub's for tokens: a prefix of our own, 256 random bits, and
a checksum, so that scanners of source code find one that was left there and know it is no other string.

A token is never stronger than its maker in a browser. Rights are read anew each time, so what is taken from a person
is taken from their programs; and a steward's right is lent only while the second step stands that was there when the
token was made (TRUST A10), for three months at most, since nobody takes that step again when the token is used.
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
from finder.accounts.models import ACTIVE, PASSKEY, TOTP, Account, ApiToken, Factor, Grant
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
STEWARD_DAYS = 90  # of a token that lends a steward's right
LONGEST_NAME = 100
MOST = 10  # open tokens of one account
_NAME = Text(LONGEST_NAME)


class TokenScope(StrEnum):
    """What a token may do: for the team of whoever made it, or to the listings that they may edit."""

    READ_REFERRALS = "referrals.read"  # see the team's referrals and their history
    WRITE_REFERRALS = "referrals.write"  # make referrals, and all that a member may do to one
    READ_LISTINGS = "listings.read"  # see the listings that its maker may edit, whatever their state
    WRITE_LISTINGS = "listings.write"  # change them, and send new ones, as far as its maker's word goes

    @property
    def area(self) -> str:
        """Which of the two it is about: "referrals" or "listings"."""
        return self.value.partition(".")[0]


REFERRALS, LISTINGS = "referrals", "listings"
_EVERYTHING = frozenset(TokenScope)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a program acts for: the account with its rights of one area and no other right, and what the token allows.

    `must_touch`: that it was used today is not noted yet (`touch`, at leisure). `name` is the token's own, `locale` the
    language of letters to the account.
    """

    actor: Actor
    scopes: frozenset[str]
    token_id: uuid.UUID
    must_touch: bool
    name: str = ""
    locale: str = "en"


def make(session: Session, account_id: int, name: str, scopes: Collection[str], *, days: int, now: datetime,
         allowed: Collection[str] = _EVERYTHING, longest: int = LONGEST_DAYS) -> str:
    """A new token's secret, which is kept nowhere; its account is told. `days` 1..`longest`; of `scopes` there may be
    those that are `allowed`.

    Raises Invalid at name, scopes or days, Conflict("too_many") when ten are open.
    """
    errors: dict[str, list[Problem]] = {}
    try:
        name = _NAME.read(name.strip())
    except ValidationError as wrong:
        errors = flatten({"name": wrong.messages}) if name.strip() else {"name": [Problem("required")]}
    if not scopes or not set(scopes) <= set(TokenScope) & set(allowed):
        errors["scopes"] = [Problem("required")]
    if not 1 <= days <= longest:
        errors["days"] = [Problem("out_of_range", min=1, max=longest)]
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


def find(session: Session, secret: str, *, now: datetime, area: str = REFERRALS) -> Signed | None:
    """Whom a token stands for in an area. None when it is none, was ended, is too old, or when its account is closed
    or has no right there any more.

    A token that was made for the other area is a good one without any right in this one.
    """
    if not is_plausible(secret):
        return None
    found = session.execute(select(ApiToken, Account).join(Account, Account.id == ApiToken.account_id).where(
        ApiToken.hash == digest(secret), ApiToken.ended_at.is_(None), ApiToken.expires_at > _naive(now),
        Account.state == ACTIVE)).first()
    if found is None:
        return None
    token, account = found
    grants: tuple[Granted, ...] = ()
    if any(TokenScope(one).area == area for one in token.scopes):
        grants = _team(session, account.id) if area == REFERRALS else _listings(session, token)
        if not grants:
            return None
    actor = Actor(account.id, account.name or "", grants,
                  second_step=any(one.role is Role.STEWARD for one in grants))
    return Signed(actor, frozenset(token.scopes), token.id, token.used_on != now.date(), token.name, account.locale)


def _team(session: Session, account_id: int) -> tuple[Granted, ...]:
    return tuple(one for one in _grants(session, account_id)
                 if one.role is Role.PROVIDER and one.scope is Scope.TEAM)


def _listings(session: Session, token: ApiToken) -> tuple[Granted, ...]:
    """An editor's rights, and a steward's where the token may lend them."""
    found = _grants(session, token.account_id)
    lends = any(one.role is Role.STEWARD for one in found) and _is_vouched(session, token)
    return tuple(one for one in found if one.role is Role.OPERATOR or (one.role is Role.STEWARD and lends))


def _is_vouched(session: Session, token: ApiToken) -> bool:
    """Whether a second step stands that was there when the token was made, which so was made behind it."""
    if token.expires_at - token.made_at > timedelta(days=STEWARD_DAYS):
        return False
    return session.execute(select(Factor.id).where(
        Factor.account_id == token.account_id, Factor.kind.in_((TOTP, PASSKEY)),
        Factor.made_at <= token.made_at)).first() is not None


def _grants(session: Session, account_id: int) -> list[Granted]:
    rows = session.scalars(select(Grant).where(Grant.account_id == account_id).order_by(Grant.id))
    return [Granted(Role(one.role), Scope(one.scope), one.value) for one in rows]


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


def forget(session: Session, account_id: int, area: str | None = None) -> None:
    """Ends all tokens of an account and drops them, when it is deleted; or those for one area, when it loses what it
    had there, so that they never follow it to another team or to listings it is given later."""
    dropped = [one.id for one in all_of(session, account_id)
               if area is None or any(TokenScope(scope).area == area for scope in one.scopes)]
    session.execute(delete(ApiToken).where(ApiToken.id.in_(dropped)))


def keeps_listings(session: Session, account_id: int) -> bool:
    """Whether an account has a right to edit any listing."""
    return any(one.role in (Role.OPERATOR, Role.STEWARD) for one in _grants(session, account_id))


def checksum(chance: str) -> str:
    """The CRC-32 of the random part in base62, six letters."""
    number, letters = zlib.crc32(chance.encode()), ""
    for _ in range(CHECK):
        number, rest = divmod(number, len(LETTERS))
        letters = LETTERS[rest] + letters
    return letters


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
