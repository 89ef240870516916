"""What people without an account may send in: how much of it, and how soon every trace of who sent it is gone."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from finder.errors import TooOften
from finder.limits import EVERYBODY, Limit, spend
from finder.listings.models import Proposal, Report
from finder.listings.writing import naive

# Reports, suggestions and new groups together, so that the steward's desk cannot be flooded: of one network in one
# hour of the clock, and of all together in one day (UTC). TRUST L3.
MOST_AN_HOUR = 5
MOST_A_DAY = 200
_OF_ONE = Limit("visitor", MOST_AN_HOUR, 3600)
_OF_ALL = Limit("visitors", MOST_A_DAY, 86_400)
LONGEST_KEPT = timedelta(days=30)  # of an address left for an answer, and of the mark that tells reporters apart
NOTES_KEPT = timedelta(days=30)  # of what visitors wrote and were answered, since somebody dealt with it


def take_turn(session: Session, sender: str | None, now: datetime) -> None:
    """Counts one message. `sender` is a hash that stands for one network on one day, or "".

    Raises TooOften with the code "too_many_from_you" or "too_many_today", and the seconds until there is room again.
    """
    if sender:
        seconds = spend(session, _OF_ONE, key_of(sender), now)
        if seconds:
            raise TooOften("too_many_from_you", seconds=seconds)
    seconds = spend(session, _OF_ALL, EVERYBODY, now)
    if seconds:
        raise TooOften("too_many_today", seconds=seconds)


def key_of(sender: str) -> bytes:
    """A sender as limits know them."""
    return hashlib.sha256(sender.encode()).digest()


def forget(session: Session, *, now: datetime) -> None:
    """Takes away who sent what: hashes of networks of the days gone by, and after 30 days addresses, marks, and what
    visitors wrote to somebody who has dealt with it. What was changed by it stands in the listing's history."""
    today = now.date()
    session.execute(update(Report).where(Report.sent_on < today, Report.sender.is_not(None)).values(sender=None))
    midnight = naive(now).replace(hour=0, minute=0, second=0, microsecond=0)
    session.execute(update(Proposal).where(Proposal.made_at < midnight, Proposal.sender.is_not(None))
                    .values(sender=None))
    session.execute(update(Report).where(Report.sent_on < today - LONGEST_KEPT).values(reply_to=None, mark=None))
    session.execute(update(Proposal).where(Proposal.made_at < naive(now - LONGEST_KEPT),
                                           Proposal.reply_to.is_not(None)).values(reply_to=None))
    settled = naive(now - NOTES_KEPT)
    session.execute(update(Report).where(Report.closed_at < settled).values(note=None, answer=None))
    session.execute(update(Proposal).where(
        Proposal.account_id.is_(None), Proposal.state != "waiting", Proposal.decided_at < settled,
        or_(Proposal.appealed_at.is_(None), Proposal.appealed_at < settled)).values(note=None, appeal=None))
