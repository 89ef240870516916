"""What administrators do to people: invite them, give and take roles, disable and enable. Each is told to the person,
and each change of rights signs them out everywhere, so that no browser keeps what it no longer has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import api_tokens, letters, people, sign_ins, tokens
from finder.accounts.models import ACTIVE, DISABLED, Account, Token
from finder.accounts.permissions import Granted, Role
from finder.errors import Conflict

INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has taken up yet."""

    email: str
    grant: Granted
    made_at: datetime


def invite(session: Session, email: str, grant: Granted, *, by: str, now: datetime, locale: str = "en") -> str | None:
    """Mails a link that gives a role to whoever owns the address, and gives its secret.

    Somebody who has an account is given the role at once and told; then it is None. Raises Conflict("disabled").
    """
    there = people.find(session, email)
    if there is not None:
        if there.state != ACTIVE:
            raise Conflict("disabled")
        give(session, there, grant, by=by, now=now)
        return None
    address = people.plain(email)
    secret = tokens.make(session, INVITE, now=now, subject=grant.role, facts={
        "email": address, "role": grant.role, "scope": grant.scope, "value": grant.value, "by": by, "locale": locale})
    outbox.write(session, INVITE, address, {"link": secret, "role": grant.role}, now=now, locale=locale)
    return secret


def invitations(session: Session, *, now: datetime) -> list[Invitation]:
    """Open invitations, the oldest first."""
    found = session.scalars(select(Token).where(
        Token.purpose == INVITE, Token.used_at.is_(None), Token.expires_at > now.replace(tzinfo=None))
        .order_by(Token.made_at))
    return [Invitation(one.facts["email"], Granted.of(one.facts), one.made_at) for one in found]


def void_invitations(session: Session, account_id: int, grant: Granted | None = None) -> None:
    """Ends the open invitations that an account wrote: all, or those to one right."""
    for one in session.scalars(select(Token).where(Token.purpose == INVITE, Token.used_at.is_(None))).all():
        if str(one.facts["by"]).endswith(f":{account_id}") and grant in (None, Granted.of(one.facts)):
            session.delete(one)


def void_invitations_to(session: Session, grant: Granted, email: str | None = None) -> None:
    """Ends the open invitations to one right: all, or those to one address."""
    for one in session.scalars(select(Token).where(Token.purpose == INVITE, Token.used_at.is_(None))).all():
        if Granted.of(one.facts) == grant and email in (None, one.facts["email"]):
            session.delete(one)


def give(session: Session, account: Account, grant: Granted, *, by: str, now: datetime) -> bool:
    """Gives a role, tells the person and signs them out everywhere. False when they have it already."""
    if grant in people.grants_of(session, account.id):
        return False
    people.give(session, account.id, grant.role, by=by, now=now, scope=grant.scope, value=grant.value)
    sign_ins.end_all(session, account.id)
    letters.tell(session, account, "role_given", now=now, role=grant.role)
    return True


def take(session: Session, account: Account, grant: Granted, *, now: datetime) -> bool:
    """Takes a role away, tells the person and signs them out everywhere. False when they do not have it.

    Raises Conflict("last_administrator").
    """
    if grant not in people.grants_of(session, account.id):
        return False
    if grant.role is Role.ADMINISTRATOR and people.is_last_administrator(session, account.id):
        raise Conflict("last_administrator")
    people.take(session, account.id, grant.role, scope=grant.scope, value=grant.value)
    letters.tell(session, account, "role_taken", now=now, role=grant.role)
    return True


def disable(session: Session, account: Account, *, now: datetime) -> None:
    """Closes an account until it is enabled: signed out everywhere, no link and no password lets in; its tokens end,
    and invitations that it wrote and nobody has taken up are void.

    Raises Conflict("last_administrator").
    """
    if people.is_last_administrator(session, account.id):
        raise Conflict("last_administrator")
    if account.state == ACTIVE:
        account.state = DISABLED
        sign_ins.end_all(session, account.id)
        api_tokens.end_all(session, account.id, now=now)
        void_invitations(session, account.id)
        letters.tell(session, account, "disabled", now=now)


def enable(session: Session, account: Account, *, now: datetime) -> None:
    """Opens a disabled account again."""
    if account.state == DISABLED:
        account.state = ACTIVE
        letters.tell(session, account, "enabled", now=now)
