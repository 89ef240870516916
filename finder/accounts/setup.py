"""The first administrator of an instance: made once, by a link that the console prints, never by a default."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from finder.accounts import people, tokens
from finder.accounts.models import ACTIVE, Account
from finder.accounts.permissions import Role
from finder.errors import Conflict, NotFound

PURPOSE = "setup"


def make_link(session: Session, *, now: datetime) -> str | None:
    """A new link's secret, good for half an hour; an older one is good no more. None when there is an administrator."""
    if people.has_administrator(session):
        return None
    tokens.withdraw(session, PURPOSE)
    return tokens.make(session, PURPOSE, now=now)


def look(session: Session, secret: str, *, now: datetime) -> str:
    """How a link stands: open, used or expired. Raises NotFound for one that never was."""
    link = tokens.look(session, secret, PURPOSE, now=now)
    return "used" if link.state == "open" and people.has_administrator(session) else link.state


def first_administrator(session: Session, secret: str, *, email: str, name: str, locale: str, now: datetime) -> Account:
    """Makes the first administrator. Of two at once one is made.

    Raises NotFound for a link that never was, Conflict("link") for one that is used, too old, or no longer needed.
    """
    if look(session, secret, now=now) != "open" or not tokens.use(session, secret, PURPOSE, now=now):
        raise Conflict("link")
    account = people.find_or_make(session, email, now=now, locale=locale)
    if account.state != ACTIVE:
        raise NotFound("account")
    account.name = name or account.name
    people.give(session, account.id, Role.ADMINISTRATOR, by="the setup link", now=now)
    return account
