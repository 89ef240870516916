"""Letters to whoever looks after the whole site: stewards of everywhere and administrators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope


def write(session: Session, kind: str, facts: Mapping[str, Any], *, once: str, now: datetime) -> int:
    """Writes a letter to each of them, in their language, at most once for a name; gives how many are new."""
    accounts = {one.id: one for role in (Role.STEWARD, Role.ADMINISTRATOR) for one in people.with_role(session, role)}
    written = 0
    for number, account in sorted(accounts.items()):
        if any(one.role in (Role.STEWARD, Role.ADMINISTRATOR) and one.scope is Scope.ALL
               for one in people.grants_of(session, number)):
            written += outbox.write(session, kind, account.email, facts, now=now, locale=account.locale,
                                    once=f"{kind}:{once}:{number}") is not None
    return written
