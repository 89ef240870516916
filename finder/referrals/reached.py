"""Which programs a letter reaches, for a whole list at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people
from finder.accounts.models import Grant
from finder.accounts.permissions import Role, Scope
from finder.listings.changes import Listing
from finder.referrals import letters


def by_letter(session: Session, listings: Collection[Listing]) -> frozenset[uuid.UUID]:
    """The listings that can be asked by letter; the others are called. As `letters.readers`, with few statements."""
    silenced = frozenset().union(*(outbox.silenced(session, kind) for kind in letters.KINDS))
    addresses = {one.id: (one.document.get("contact") or {}).get("email") for one in listings}
    found = {key for key, address in addresses.items() if address and people.plain(address) not in silenced}
    left = [str(key) for key in addresses if key not in found]
    edited = session.scalars(select(Grant.value).where(Grant.role == Role.OPERATOR, Grant.scope == Scope.PROGRAM,
                                                       Grant.value.in_(left))).all()
    return frozenset(found | {key for key in map(uuid.UUID, edited) if letters.readers(session, key)})
