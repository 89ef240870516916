"""Reading referrals: a team's own only, and whoever looks at one that is not theirs is noted in its history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.errors import NotFound
from finder.listings import changes
from finder.listings.reminders import CAPACITY_DAYS
from finder.referrals import consents, moving
from finder.referrals.draft import IDENTITY, LEVEL, NEEDS, REACH
from finder.referrals.keys import Keys, is_key
from finder.referrals.models import CLOSED, OPEN, Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.moving import By
from finder.referrals.states import State

MOST = 100
NOBODYS = uuid.UUID(int=0)  # the team of what is not there
NEXT_BEST = 3
KNOWN = frozenset((State.ACCEPTED, State.WAITING, State.MISSED))  # a program that said yes may know who comes


def find(session: Session, key: str) -> Referral:
    """The referral of a key, whoever's. Raises NotFound, also for a key that never was one."""
    found = session.get(Referral, key) if is_key(key) else None
    if found is None:
        raise NotFound("page")
    return found


def team_of(session: Session, key: str, team: uuid.UUID | None) -> uuid.UUID:
    """The team again if a referral is its own, else NOBODYS: another team's is not even read, so that the time of an
    answer tells nobody whether there is one."""
    wanted = select(Referral.team_id).where(Referral.key == key, Referral.team_id == team)
    return (session.scalar(wanted) if is_key(key) else None) or NOBODYS


def of_team(session: Session, team: uuid.UUID, *, state: str | None = None, after: str | None = None,
            most: int = MOST) -> Sequence[Referral]:
    """A team's referrals, what changed last first; `after` is the key of the last one of the page before."""
    wanted = select(Referral).where(Referral.team_id == team)
    if state in (OPEN, CLOSED):
        wanted = wanted.where(Referral.state == state)
    last = session.get(Referral, after) if after and is_key(after) else None
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

    Keys of the answer: needs, level, hand_off, identity; those not covered are absent. Without a consent it is empty,
    and before its turn, which may never come.
    """
    consent, referral = consents.stands(session, task.key, now=now), session.get_one(Referral, task.referral_key)
    if consent is None or task.state == State.PLANNED:
        return None, {}
    about = keys.opened(referral.about) or {}
    found: dict[str, object] = {}
    if NEEDS in consent.what:
        found["needs"] = about.get("needs", [])
    if LEVEL in consent.what and referral.level is not None:
        found["level"] = referral.level
    if REACH in consent.what:
        found["hand_off"] = about.get("hand_off", {})
    if IDENTITY in consent.what and State(task.state) in KNOWN:
        found["identity"] = keys.opened(referral.identity)
    return consent, found


def sources(referral: Referral, *, keys: Keys) -> list[str]:
    """Which instruments reach the suggested level (`draft.SOURCES`): kept sealed, for it tells of answers."""
    about: Mapping[str, Any] = keys.opened(referral.about) or {}
    return list(about.get("sources") or ())


def next_best(session: Session, referral: Referral, *, today: date) -> list[uuid.UUID]:
    """What may be asked next: groups of the shortlist that were not asked, best first, at most NEXT_BEST.

    Each can be asked now: visitors see it, it is neither paused nor closed, and no answer of the last CAPACITY_DAYS
    says that it is full. One with a waiting list stays: that is for the person to choose.
    """
    asked = {one.program_id for one in referral.tasks}
    wanted = [one for one in map(uuid.UUID, referral.shortlist) if one not in asked]
    there = changes.find_all(session, wanted)
    return [one for one in dict.fromkeys(wanted) if one in there and moving.goes_on(there[one])
            and not _is_full(there[one].document.get("capacity"), today)][:NEXT_BEST]


def _is_full(capacity: Mapping[str, Any] | None, today: date) -> bool:
    return (capacity is not None and capacity["status"] == "full"
            and (today - date.fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS)
