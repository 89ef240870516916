"""Which programs a letter reaches, for a whole list at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people
from finder.listings.changes import Listing
from finder.referrals import letters


def by_letter(session: Session, listings: Iterable[Listing]) -> frozenset[uuid.UUID]:
    """The listings that can be asked by letter; the others are called. As `letters.readers`, with few statements."""
    silenced = frozenset().union(*(outbox.silenced(session, kind) for kind in letters.KINDS))
    found = set()
    for one in listings:
        address = (one.document.get("contact") or {}).get("email")
        if (address and people.plain(address) not in silenced) or letters.readers(session, one.id):
            found.add(one.id)
    return frozenset(found)
