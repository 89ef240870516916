"""Referrals put together for files and programs: each with its team, its tasks, who was asked and what is agreed to.

What is sealed comes along only where it is asked for by name, and who the person is never does.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog.models import Organization, Program
from finder.referrals import reading
from finder.referrals.keys import Keys
from finder.referrals.models import Consent, Referral, ReferralTask
from finder.teams.models import Team

# 42 CFR 2.32 (a)(2), as amended on February 16, 2024: the short statement that goes with what is disclosed.
PART_2 = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


@dataclass(frozen=True, slots=True)
class Asked:
    """A task, the program it asks by the names it goes by today, and the newest consent to it."""

    task: ReferralTask
    program: str
    organization: str | None
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A referral as a file tells of it. `asked` is in order; `needs` are codes, None where they do not come along."""

    referral: Referral
    team: str
    npi: str | None
    asked: tuple[Asked, ...]
    needs: tuple[str, ...] | None = None


def whole(session: Session, referrals: Sequence[Referral], *, keys: Keys | None = None) -> list[Whole]:
    """Referrals with what belongs to them, in the order given, in four statements for all. `keys` opens the needs."""
    chosen = [one.key for one in referrals]
    tasks: dict[str, list[ReferralTask]] = {key: [] for key in chosen}
    for task in session.scalars(select(ReferralTask).where(ReferralTask.referral_key.in_(chosen))
                                .order_by(ReferralTask.position)):
        tasks[task.referral_key].append(task)
    agreed = {one.task_key: one for one in session.scalars(
        select(Consent).where(Consent.referral_key.in_(chosen)).order_by(Consent.id))}
    names = _names(session, {one.program_id for many in tasks.values() for one in many})
    teams = {one.id: one for one in session.scalars(
        select(Team).where(Team.id.in_({one.team_id for one in referrals})))}
    return [Whole(one, teams[one.team_id].name, teams[one.team_id].npi,
                  tuple(Asked(task, *names[task.program_id], agreed.get(task.key)) for task in tasks[one.key]),
                  _needs(one, keys) if keys is not None else None) for one in referrals]


def every(session: Session, team: uuid.UUID, *, state: str | None = None) -> list[Referral]:
    """All referrals of a team, or those open or closed, what changed last first."""
    found: list[Referral] = []
    while page := reading.of_team(session, team, state=state, after=found[-1].key if found else None):
        found.extend(page)
    return found


def _names(session: Session, programs: set[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str | None]]:
    rows = session.execute(select(Program.id, Program.name, Organization.name)
                           .outerjoin(Organization, Organization.id == Program.organization_id)
                           .where(Program.id.in_(programs)))
    return {key: (name, runs) for key, name, runs in rows}


def _needs(referral: Referral, keys: Keys) -> tuple[str, ...]:
    about: Mapping[str, Any] = keys.opened(referral.about) or {}
    return tuple(about.get("needs") or ())
