"""What waits for a steward, and since when: for whoever looks an instance over from outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder.listings.models import Feed, Proposal, Report, Revision


def sent_before(session: Session, then: datetime) -> int:
    """How many proposals and reports of before that instant (UTC, naive) nobody has dealt with. Of a report the day
    alone is known."""
    proposals = select(func.count()).where(Proposal.state == "waiting", Proposal.made_at < then)
    reports = select(func.count()).where(Report.closed_at.is_(None), Report.sent_on < then.date())
    return (session.scalar(proposals) or 0) + (session.scalar(reports) or 0)


def held_feeds(session: Session) -> int:
    """Feeds that stand still until a steward has looked."""
    return session.scalar(select(func.count()).where(Feed.state == "held")) or 0


def newest_change(session: Session) -> datetime | None:
    """When a listing was changed last (UTC, naive)."""
    return session.scalar(select(func.max(Revision.at)))
