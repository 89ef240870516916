"""Who is in a team: coming in by a colleague's invitation, one's own numbers, and going.

That somebody belongs to a team is a grant; the row beside it holds their numbers only. Nobody is in two teams.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from finder import limits
from finder.accounts import editors, people, roles
from finder.accounts.models import ACTIVE, Account, Grant
from finder.accounts.permissions import Granted, Role, Scope
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.limits import Limit
from finder.teams.models import APPROVED, WAITING, Member, Team
from finder.teams.numbers import Numbers

# Addresses that one account may type in a day, also those that are refused, for a refusal tells of a team.
TRIES = Limit("team_invite", 20, 86_400)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member as the others see them."""

    account_id: int
    public_id: str
    name: str | None
    email: str
    joined_at: datetime | None
    numbers: Numbers


def grant_of(team: uuid.UUID) -> Granted:
    """The right that makes somebody a member."""
    return Granted(Role.PROVIDER, Scope.TEAM, str(team))


def teams_of(session: Session, account_id: int) -> list[uuid.UUID]:
    """The teams that an account was given: one at most, but for the moment before `settle` says no."""
    return [uuid.UUID(one.value) for one in people.grants_of(session, account_id)
            if one.role is Role.PROVIDER and one.scope is Scope.TEAM]


def team_of(session: Session, account_id: int) -> uuid.UUID | None:
    """The team of an account; None for none."""
    return next(iter(teams_of(session, account_id)), None)


def everybody(session: Session, team: uuid.UUID) -> Sequence[Account]:
    """All accounts in a team, closed ones too, the oldest first."""
    grant = grant_of(team)
    return session.scalars(select(Account).join(Grant, Grant.account_id == Account.id).where(
        Grant.role == grant.role, Grant.scope == grant.scope, Grant.value == grant.value).order_by(Account.id)).all()


def members(session: Session, team: uuid.UUID) -> list[Colleague]:
    """The members whose accounts are open, the oldest first."""
    there = [one for one in everybody(session, team) if one.state == ACTIVE]
    rows = {one.account_id: one for one in session.scalars(select(Member).where(Member.team_id == team))}
    return [_colleague(one, rows.get(one.id)) for one in there]


def _colleague(account: Account, row: Member | None) -> Colleague:
    numbers = Numbers(row.npi, row.register, row.number) if row is not None else Numbers()
    return Colleague(account.id, str(account.public_id), account.name, account.email,
                     row.joined_at if row is not None else None, numbers)


def is_at_work(session: Session, team: uuid.UUID) -> bool:
    """Whether somebody is there who reads what comes for a team: it has not ended, and an account in it is open."""
    return not resting(session, (team,))


def resting(session: Session, teams: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of some teams in which nobody reads anything: they ended, or no account in them is open."""
    provider = grant_of(uuid.UUID(int=0))
    staffed = session.scalars(select(Grant.value).join(Account, Account.id == Grant.account_id).where(
        Grant.role == provider.role, Grant.scope == provider.scope, Account.state == ACTIVE,
        Grant.value.in_([str(one) for one in teams])))
    there = session.scalars(select(Team.id).where(Team.state == APPROVED, Team.id.in_(map(uuid.UUID, set(staffed)))))
    return set(teams) - set(there)


def member(session: Session, team: uuid.UUID, public_id: str) -> Colleague:
    """One member, as addresses name them. Raises NotFound for anybody else."""
    found = next((one for one in members(session, team) if one.public_id == public_id), None)
    if found is None:
        raise NotFound("page")
    return found


def account_of(session: Session, public_id: str) -> int:
    """The number of the account that an address names. Raises NotFound."""
    return people.by_public_id(session, public_id).id


# -- coming in -------------------------------------------------------------------------------------------------------


def settle(session: Session, account_id: int, *, now: datetime) -> bool:
    """Takes a person in who was given a right to a team: makes their row, and drops what they had asked for. False
    for somebody who has no team.

    Raises Conflict("other_team") when they are in one already, Conflict("no_team") when it is not at work.
    """
    mine = teams_of(session, account_id)
    if not mine:
        return False
    if len(mine) > 1:
        raise Conflict("other_team")
    team, there = session.get(Team, mine[0]), session.get(Member, account_id)
    if team is None or team.state != APPROVED:
        raise Conflict("no_team")
    if there is not None and there.team_id == team.id:
        return True
    if there is not None:  # left behind where an administrator took the right away
        session.delete(there)
        session.flush()
    try:
        with session.begin_nested():
            session.add(Member(account_id=account_id, team_id=team.id, joined_at=now.replace(tzinfo=None)))
    except IntegrityError:  # two invitations taken up at once
        raise Conflict("other_team") from None
    drop_requests(session, account_id, WAITING)
    return True


def drop_requests(session: Session, account_id: int, *states: str) -> None:
    """Drops an account's requests for a team that stand in these states."""
    session.execute(delete(Team).where(Team.asked_by == account_id, Team.state.in_(states)))


def may_try(session: Session, account_id: int, *, now: datetime) -> bool:
    """Counts an address that somebody wants to invite, in a transaction of its own, so that it stays counted where the
    address is refused. False when that is enough for today."""
    return not limits.spend(session, TRIES, account_id.to_bytes(8, "big"), now)


def invite(session: Session, email: str, team: uuid.UUID, *, by: str, account_id: int, now: datetime,
           locale: str = "en") -> None:
    """Mails a link that makes its reader a member when they press its button.

    Raises Invalid at "email": is_editor for a member, other_team for somebody who is in another one, invited while an
    older link is good, and what `editors.invite` finds wrong.
    """
    there = people.find(session, email)
    theirs = team_of(session, there.id) if there is not None and there.state == ACTIVE else None
    if theirs is not None and theirs != team:
        raise Invalid({"email": [Problem("other_team")]})
    if people.plain(email) in editors.invited(session, grant_of(team), now=now):
        raise Invalid({"email": [Problem("invited")]})
    editors.invite(session, email, grant_of(team), by=by, account_id=account_id, now=now, locale=locale)


def set_numbers(session: Session, account_id: int, numbers: Numbers, *, now: datetime) -> None:
    """Keeps a member's own numbers. Raises NotFound for somebody who is in no team."""
    if not settle(session, account_id, now=now):
        raise NotFound("page")
    row = session.get_one(Member, account_id)
    row.npi, row.register, row.number = numbers.npi, numbers.register, numbers.number
    session.flush()


# -- going -----------------------------------------------------------------------------------------------------------


def remove(session: Session, team: uuid.UUID, account_id: int, *, now: datetime) -> None:
    """Takes somebody out of a team, by another member or by themselves: told, signed out, their tokens ended, and the
    invitations they wrote void.

    Raises NotFound for who is not in it, Conflict("last_member") for the only one whose account is open.
    """
    there = members(session, team)
    if account_id not in {one.account_id for one in there}:
        raise NotFound("page")
    if len(there) == 1:
        raise Conflict("last_member")
    let_go(session, session.get_one(Account, account_id), grant_of(team), now=now)


def let_go(session: Session, account: Account, grant: Granted, *, now: datetime) -> bool:
    """Takes the right to a team away with all that hangs on it, whoever is left. False for who does not have it."""
    if not roles.take(session, account, grant, now=now):
        return False
    roles.void_invitations(session, account.id, grant)
    session.execute(delete(Member).where(Member.account_id == account.id))
    return True
