"""Accounts by their address, and the roles they are given. An account without a grant can claim and propose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from finder.accounts import api_tokens, sign_ins
from finder.accounts.models import ACTIVE, GONE, Account, Grant
from finder.accounts.permissions import Granted, Role, Scope
from finder.errors import NotFound


def find(session: Session, email: str) -> Account | None:
    """The account of an address, however it is written."""
    return session.execute(select(Account).where(Account.email == plain(email))).scalar_one_or_none()


def by_public_id(session: Session, key: str) -> Account:
    """The account that an address or form names. Raises NotFound."""
    try:
        wanted = uuid.UUID(key)
    except ValueError:
        raise NotFound("account") from None
    found = session.execute(select(Account).where(Account.public_id == wanted)).scalar_one_or_none()
    if found is None or found.state == GONE:
        raise NotFound("account")
    return found


def find_or_make(session: Session, email: str, *, now: datetime, locale: str = "en") -> Account:
    """The account of an address, made when there is none."""
    found = find(session, email)
    if found is None:
        found = Account(email=plain(email), locale=locale, created_at=now.replace(tzinfo=None), state=ACTIVE)
        session.add(found)
        session.flush()
    return found


def plain(email: str) -> str:
    """An address as it is kept: without spaces around it, in lower case."""
    return email.strip().lower()


def give(session: Session, account_id: int, role: Role, *, by: str, now: datetime, scope: Scope = Scope.ALL,
         value: str = "") -> None:
    """Gives a role; giving it twice changes nothing. Nobody is told or signed out: roles.py does both."""
    there = select(Grant.id).where(Grant.account_id == account_id, Grant.role == role, Grant.scope == scope,
                                   Grant.value == value)
    if session.execute(there).first() is None:
        session.add(Grant(account_id=account_id, role=role, scope=scope, value=value, given_by=by,
                          given_at=now.replace(tzinfo=None)))
        session.flush()


def take(session: Session, account_id: int, role: Role, *, scope: Scope = Scope.ALL, value: str = "") -> None:
    """Takes a role away and signs the account out everywhere; a provider's tokens end with it, and those for listings
    with the last right to edit one."""
    session.execute(delete(Grant).where(Grant.account_id == account_id, Grant.role == role, Grant.scope == scope,
                                        Grant.value == value))
    if role is Role.PROVIDER:
        api_tokens.forget(session, account_id, api_tokens.REFERRALS)
    elif not api_tokens.keeps_listings(session, account_id):
        api_tokens.forget(session, account_id, api_tokens.LISTINGS)
    sign_ins.end_all(session, account_id)


def grants_of(session: Session, account_id: int) -> tuple[Granted, ...]:
    """What an account was given, the oldest first."""
    found = session.scalars(select(Grant).where(Grant.account_id == account_id).order_by(Grant.id))
    return tuple(Granted(Role(one.role), Scope(one.scope), one.value) for one in found)


def with_grant(session: Session, role: Role, scope: Scope, value: str) -> Sequence[Account]:
    """The accounts that have exactly this grant, as the editors of one program."""
    return session.scalars(select(Account).join(Grant, Grant.account_id == Account.id).where(
        Grant.role == role, Grant.scope == scope, Grant.value == value, Account.state == ACTIVE)
        .order_by(Account.id)).all()


def is_last_administrator(session: Session, account_id: int) -> bool:
    """Whether nobody but this account could look after accounts and the instance."""
    return [one.id for one in with_role(session, Role.ADMINISTRATOR)] == [account_id]


def has_administrator(session: Session) -> bool:
    """Whether anybody can look after accounts and the instance."""
    return bool(with_role(session, Role.ADMINISTRATOR))


@dataclass(frozen=True, slots=True)
class Person:
    """An account as administrators see it."""

    id: int
    public_id: str
    email: str
    name: str | None
    state: str
    created_at: datetime
    seen_on: datetime | None
    grants: tuple[Granted, ...]


def listed(session: Session, *, words: str = "", role: Role | None = None, after: int = 0, most: int = 50
           ) -> list[Person]:
    """Accounts that are there, the oldest first, from after a number on: whose name or address holds the words (at
    most 100 characters), who have a role anywhere."""
    wanted = select(Account).where(Account.state != GONE, Account.id > after)
    if words.strip():
        text = words.strip()[:100].casefold()
        wanted = wanted.where(Account.email.contains(text, autoescape=True)
                              | func.lower(Account.name).contains(text, autoescape=True))
    if role is not None:
        wanted = wanted.where(Account.id.in_(select(Grant.account_id).where(Grant.role == role)))
    return [shown(session, one) for one in session.scalars(wanted.order_by(Account.id).limit(most))]


def shown(session: Session, account: Account) -> Person:
    """An account as administrators see it."""
    return Person(account.id, str(account.public_id), account.email, account.name, account.state, account.created_at,
                  account.seen_on, grants_of(session, account.id))


def with_role(session: Session, role: Role) -> Sequence[Account]:
    """Every active account that has a role anywhere."""
    return session.scalars(select(Account).where(
        Account.state == ACTIVE, Account.id.in_(select(Grant.account_id).where(Grant.role == role)))
        .order_by(Account.id)).all()
