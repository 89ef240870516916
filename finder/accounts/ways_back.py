"""The way back for somebody who lost their second step: they ask, another steward or administrator agrees, a day goes
by, and a mailed link removes it. Each step is told to the account's address, and a second step taken meanwhile ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import letters, second_steps, sign_ins, tokens
from finder.accounts.models import ACTIVE, Account, Token
from finder.accounts.permissions import Actor
from finder.accounts.tokens import Link
from finder.errors import Conflict, NotFound

WAIT = timedelta(hours=24)
ASKED, LINK = "way_back_asked", "way_back"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for somebody to agree."""

    public_id: str
    email: str
    name: str | None
    at: datetime


def ask(session: Session, account: Account, *, now: datetime) -> bool:
    """Asks for a way back. False when that was asked before and is still open."""
    if is_open(session, account.id, now=now):
        return False
    tokens.make(session, ASKED, now=now, account_id=account.id, subject=str(account.public_id))
    letters.tell(session, account, "way_back_asked", now=now)
    return True


def is_open(session: Session, account_id: int, *, now: datetime) -> bool:
    """Whether a request waits, or a link is on its way."""
    return session.execute(select(Token.hash).where(
        Token.purpose.in_((ASKED, LINK)), Token.account_id == account_id, Token.used_at.is_(None),
        Token.expires_at > now.replace(tzinfo=None))).first() is not None


def waiting(session: Session, *, now: datetime) -> list[Asked]:
    """Requests that nobody has decided, the oldest first."""
    found = session.execute(select(Account, Token).join(Token, Token.account_id == Account.id).where(
        Token.purpose == ASKED, Token.used_at.is_(None), Token.expires_at > now.replace(tzinfo=None),
        Account.state == ACTIVE).order_by(Token.made_at))
    return [Asked(str(account.public_id), account.email, account.name, token.made_at) for account, token in found]


def approve(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """Agrees to a request: the link comes after a day. Raises NotFound for none, Conflict("own") for their own."""
    _decide(session, account, actor, now, "approved")
    secret = tokens.make(session, LINK, now=now, account_id=account.id,
                         facts={"by": actor.author, "opens_at": (now + WAIT).isoformat()})
    letters.tell(session, account, "way_back_approved", now=now)
    outbox.write(session, LINK, account.email, {"link": secret}, now=now, locale=account.locale, due=now + WAIT)


def refuse(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """Says no to a request. Raises as `approve` does."""
    _decide(session, account, actor, now, "refused")
    letters.tell(session, account, "way_back_refused", now=now)


def stop(session: Session, account: Account, *, now: datetime) -> bool:
    """Ends a request or a link on its way: the second step is there after all. False when there was none."""
    if not is_open(session, account.id, now=now):
        return False
    for purpose in (ASKED, LINK):
        tokens.withdraw(session, purpose, account_id=account.id)
    letters.tell(session, account, "way_back_stopped", now=now)
    return True


def look(session: Session, secret: str, *, now: datetime) -> Link:
    """What a link of a way back is. Raises NotFound, also before its day is over."""
    link = tokens.look(session, secret, LINK, now=now)
    if link.state == "open" and datetime.fromisoformat(link.facts["opens_at"]) > now:
        raise NotFound("link")
    return link


def use(session: Session, secret: str, *, now: datetime) -> None:
    """Removes every second step of the account and signs it out everywhere. Raises NotFound, Conflict("link")."""
    link = look(session, secret, now=now)
    account = session.get(Account, link.account_id)
    if account is None or not tokens.use(session, secret, LINK, now=now, result="removed"):
        raise Conflict("link")
    second_steps.remove_all(session, account.id)
    sign_ins.end_all(session, account.id)
    letters.tell(session, account, "way_back_used", now=now)


def _decide(session: Session, account: Account, actor: Actor, now: datetime, result: str) -> None:
    if account.id == actor.account_id:
        raise Conflict("own")
    asked = session.execute(select(Token).where(
        Token.purpose == ASKED, Token.account_id == account.id, Token.used_at.is_(None),
        Token.expires_at > now.replace(tzinfo=None)).with_for_update()).scalars().first()
    if asked is None:
        raise NotFound("way_back")
    asked.used_at, asked.result = now.replace(tzinfo=None), result
    session.flush()
