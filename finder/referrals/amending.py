"""What a team changes about a referral beside moving its tasks: a new code for the person, one consent that ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from finder.errors import Conflict
from finder.referrals import consents, letters, moving
from finder.referrals.keys import Keys, new_short_code
from finder.referrals.models import Referral, ReferralTask
from finder.referrals.moving import By
from finder.referrals.states import Move, State, allowed

NEW_CODE, REVOKED = "new_code", "revoked"  # kinds of lines in the history


def renew_code(session: Session, referral: Referral, by: By, *, keys: Keys, now: datetime) -> str:
    """A new short code for the person; the old one opens nothing any more. It is told this one time only."""
    code = new_short_code()
    referral.short_code = keys.code_hash(code)
    moving.record(session, referral.key, NEW_CODE, by, now=now)
    session.flush()
    return code


def end_consent(session: Session, task: ReferralTask, by: By, *, now: datetime, version: int | None = None) -> None:
    """A program may be told nothing more; what still can be is taken back with it. Raises Conflict where no consent
    stands, and as `moving.move`."""
    if consents.stands(session, task.key, now=now) is None:
        raise Conflict("stale")
    moving.record(session, task.referral_key, REVOKED, by, now=now, task=task.key)
    consents.end_of_task(session, task.key, by.name, now=now)
    if Move.WITHDRAW in allowed(State(task.state), by.who):
        moving.move(session, task, Move.WITHDRAW, by, now=now, version=version)
    else:
        letters.end_links(session, task, now=now)
