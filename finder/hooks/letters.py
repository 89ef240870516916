"""Telling the stewards that a hook needs one of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.hooks.models import Hook

FAILING, HELD, GONE = "failing", "held", "gone"


def warn(session: Session, hook: Hook, what: str, *, since: datetime, now: datetime) -> None:
    """Writes a letter to every steward of everywhere: it could not be told since then, it is not tried any more, or
    the other side wants no more."""
    for account in people.with_role(session, Role.STEWARD):
        if any(one.role is Role.STEWARD and one.scope is Scope.ALL for one in people.grants_of(session, account.id)):
            outbox.write(session, "hook_warning", account.email,
                         {"name": hook.name, "since": since.date().isoformat(), "what": what}, now=now,
                         locale=account.locale, once=f"hook-{what}:{hook.id}:{since.isoformat()}:{account.id}")
