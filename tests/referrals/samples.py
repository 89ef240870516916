"""A team, a person in it, and referrals to program ids, for tests that need one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.referrals import creating
from finder.referrals.creating import Made
from finder.referrals.draft import load
from finder.referrals.keys import Keys
from finder.referrals.moving import By
from finder.referrals.states import Who
from finder.teams.models import APPROVED, Member, Team
from tests.listings.database import NOW

KEYS = Keys(Fernet(b"A" * 43 + b"="), b"codes of tests")


def make_team(session: Session, name: str = "Eastside Family Clinic", *members: str) -> tuple[Team, list[int]]:
    """An approved team, and the numbers of its members' accounts (one, if none are named)."""
    team = Team(name=name, phone="919-555-0100", state=APPROVED, made_at=NOW.replace(tzinfo=None))
    session.add(team)
    session.flush()
    return team, [join(session, team, email) for email in members or (f"{uuid.uuid4().hex[:8]}@example.org",)]


def join(session: Session, team: Team, email: str) -> int:
    account = people.find_or_make(session, email, now=NOW)
    people.give(session, account.id, Role.PROVIDER, by="a test", now=NOW, scope=Scope.TEAM, value=str(team.id))
    if session.get(Member, account.id) is None:
        session.add(Member(account_id=account.id, team_id=team.id, joined_at=NOW.replace(tzinfo=None)))
        session.flush()
    return account.id


def sender(account: int) -> By:
    return By(Who.SENDER, f"provider:{account}", account)


def document(programs: Sequence[uuid.UUID | str], **more: Any) -> dict[str, Any]:
    """A draft as a form or a program sends it."""
    consent = {"what": ["level", "reach"], "purpose": "join", "way": "written", "given_on": NOW.date().isoformat(),
               "until": (NOW.date() + timedelta(90)).isoformat(), "substance": True, "confirmed": True}
    return {"code": "K7-41", "programs": [str(one) for one in programs], **more,
            "consent": consent | more.get("consent", {})}


def make_referral(session: Session, team: Team, account: int, programs: Sequence[uuid.UUID | str], *,
                  once: str | None = None, keys: Keys = KEYS, **more: Any) -> Made:
    return creating.create(session, team.id, load(document(programs, **more), today=NOW.date()), by=sender(account),
                           once=once or uuid.uuid4().hex, keys=keys, now=NOW)
