"""Reading referrals: a team's own only, and whoever looks at one that is not theirs is noted in its history."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.errors import NotFound
from finder.referrals import consents, moving
from finder.referrals.draft import IDENTITY, LEVEL, NEEDS, REACH
from finder.referrals.keys import Keys
from finder.referrals.models import CLOSED, OPEN, Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.moving import By
from finder.referrals.states import State

MOST = 100


def find(session: Session, key: str) -> Referral:
    """The referral of a key, whoever's. Raises NotFound, also for a key that never was one."""
    found = session.get(Referral, key) if len(key) <= 22 else None  # noqa: PLR2004 - the length of a key
    if found is None:
        raise NotFound("page")
    return found


def of_team(session: Session, team: uuid.UUID, *, state: str | None = None, after: str | None = None,
            most: int = MOST) -> Sequence[Referral]:
    """A team's referrals, what changed last first; `after` is the key of the last one of the page before."""
    wanted = select(Referral).where(Referral.team_id == team)
    if state in (OPEN, CLOSED):
        wanted = wanted.where(Referral.state == state)
    last = session.get(Referral, after) if after else None
    if last is not None and last.team_id == team:
        wanted = wanted.where((Referral.changed_at < last.changed_at)
                              | ((Referral.changed_at == last.changed_at) & (Referral.key < last.key)))
    return session.scalars(wanted.order_by(Referral.changed_at.desc(), Referral.key.desc()).limit(most)).all()


def looked(session: Session, referral: Referral, by: By, *, now: datetime, task: str | None = None,
           how: str = "page") -> None:
    """Notes that somebody read a referral, unless it is its owner. `how`: page, link, code, api, export."""
    if by.account_id is None or by.account_id != referral.owner_id:
        moving.record(session, referral.key, "read", by, now=now, task=task, facts={"how": how})
        session.flush()


def history(session: Session, key: str) -> Sequence[ReferralEvent]:
    """All that happened to a referral, the oldest first."""
    return session.scalars(select(ReferralEvent).where(ReferralEvent.referral_key == key)
                           .order_by(ReferralEvent.id)).all()


def told(session: Session, task: ReferralTask, *, keys: Keys,
         now: datetime) -> tuple[Consent | None, dict[str, object]]:
    """What a program may know of a referral now: what its consent covers, and who the person is only after a yes.

    Keys of the answer: needs, level, hand_off, identity; those not covered are absent. Without a consent it is empty.
    """
    consent, referral = consents.stands(session, task.key, now=now), session.get_one(Referral, task.referral_key)
    if consent is None:
        return None, {}
    about = keys.opened(referral.about) or {}
    found: dict[str, object] = {}
    if NEEDS in consent.what:
        found["needs"] = about.get("needs", [])
    if LEVEL in consent.what and referral.level is not None:
        found["level"] = referral.level
    if REACH in consent.what:
        found["hand_off"] = about.get("hand_off", {})
    if IDENTITY in consent.what and State(task.state) in (State.ACCEPTED, State.WAITING, State.ATTENDED):
        found["identity"] = keys.opened(referral.identity)
    return consent, found
