"""How many referrals and lists a team may send in an hour, by whichever door."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from finder.errors import TooOften
from finder.limits import Limit, spend

REFERRALS = Limit("referrals", 60, 3600)  # TRUST section 4
LISTS = Limit("referral_lists", 20, 3600)  # letters to people, who did not ask this site for them


def take_turn(session: Session, team: uuid.UUID, now: datetime, limit: Limit = REFERRALS) -> None:
    """Counts one of a team. Raises TooOften with the limit's kind as code, and the seconds until there is room."""
    seconds = spend(session, limit, hashlib.sha256(team.bytes).digest(), now)
    if seconds:
        raise TooOften(limit.kind, seconds=seconds)
