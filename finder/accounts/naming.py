"""What accounts are called by those who may know: the name they gave, else their address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts.models import Account


@dataclass(frozen=True, slots=True)
class Called:
    """One account: what addresses name it by, and what people call it."""

    public_id: str
    name: str


def names(session: Session, accounts: Iterable[int | None]) -> dict[int, Called]:
    """What these accounts are called, by number; those that are gone are left out."""
    wanted = [one for one in dict.fromkeys(accounts) if one is not None]
    found = session.execute(select(Account.id, Account.public_id, Account.name, Account.email)
                            .where(Account.id.in_(wanted)))
    return {row.id: Called(str(row.public_id), row.name or row.email) for row in found}
