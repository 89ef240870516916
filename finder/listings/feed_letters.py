"""Telling the stewards that a feed needs one of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope


def warn(session: Session, number: int, name: str, *, since: datetime, held: bool, now: datetime) -> None:
    """Writes a letter to every steward of everywhere: the feed has brought nothing good since then, or is held."""
    for account in people.with_role(session, Role.STEWARD):
        if any(one.role is Role.STEWARD and one.scope is Scope.ALL for one in people.grants_of(session, account.id)):
            facts = {"name": name, "since": since.date().isoformat(), "held": held}
            outbox.write(session, "feed_warning", account.email, facts, now=now, locale=account.locale,
                         once=f"feed:{number}:{since.isoformat()}:{held}:{account.id}")
