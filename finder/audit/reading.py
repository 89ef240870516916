"""Looking entries up: about a thing, by an account, since a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.audit.models import AuditEntry

MOST = 1000  # at once


def entries(session: Session, *, about: tuple[str, Collection[str]] | None = None, account_id: int | None = None,
            since: datetime | None = None, most: int = MOST) -> Sequence[AuditEntry]:
    """The newest entries that fit all that is asked, the newest first. `about`: a kind and ids, any will do."""
    query = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(most)
    if about is not None:
        query = query.where(AuditEntry.kind == about[0], AuditEntry.about.in_(about[1]))
    if account_id is not None:
        query = query.where(AuditEntry.account_id == account_id)
    if since is not None:
        query = query.where(AuditEntry.at >= since.astimezone(UTC).replace(tzinfo=None))
    return session.scalars(query).all()
