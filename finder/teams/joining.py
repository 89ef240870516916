"""How a team comes to be and ends: somebody asks for one, a steward says yes or no, and may end it.

Members are seen to in membership.py. What a team refers is its own: nothing here shows it to a steward.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from finder import limits, outbox
from finder.accounts import roles
from finder.accounts.models import ACTIVE, Account, Grant
from finder.accounts.permissions import Role, Scope
from finder.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TooOften
from finder.fields import WITHOUT_LINK, Phone, Text
from finder.limits import Limit
from finder.teams import membership
from finder.teams.models import APPROVED, ENDED, REFUSED, WAITING, Team
from finder.teams.numbers import Numbers, line
from finder.teams.numbers import read as read_numbers

LETTER = "team_decided"
RENAMED, NOT_RENAMED = "renamed", "not_renamed"  # what the letter says beside a team's states
LONGEST_NAME, LONGEST_NOTE, LONGEST_REASON = 200, 1000, 1000  # characters, as in the table
ASKS = Limit("team_ask", 3, 86_400)  # requests of one account: enough to put a mistake right
_NAME = Text(LONGEST_NAME, pattern=WITHOUT_LINK, code="has_link")
_NOTE, _PHONE = Text(LONGEST_NOTE, 0, lines=True), Phone()
_REASON = Text(LONGEST_REASON, 0, lines=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form says about a team; None for what was not given."""

    name: str
    phone: str | None
    numbers: Numbers
    note: str | None = None


def read(sent: Mapping[str, str]) -> Wanted:
    """A team as a form describes it: name, phone, npi, register, number, note. Raises Invalid by field."""
    errors: dict[str, list[Problem]] = {}
    name = line("name", sent, _NAME, errors)
    phone = line("phone", sent, _PHONE, errors) if sent.get("phone", "").strip() else ""
    note = line("note", sent, _NOTE, errors)
    numbers = Numbers()
    try:
        numbers = read_numbers(sent)
    except Invalid as wrong:
        errors |= wrong.errors
    if errors:
        raise Invalid({one: errors[one] for one in ("name", "phone", "npi", "register", "number", "note")
                       if one in errors})
    return Wanted(name, phone or None, numbers, note or None)


# -- asking ----------------------------------------------------------------------------------------------------------


def ask(session: Session, account_id: int, wanted: Wanted, *, now: datetime) -> Team:
    """A request for a team, which a steward decides.

    Raises Conflict("in_team"), Conflict("asked") while an older request waits, and TooOften.
    """
    if membership.team_of(session, account_id) is not None:
        raise Conflict("in_team")
    found = asked(session, account_id)
    if found is not None and found.state == WAITING:
        raise Conflict("asked")
    seconds = limits.spend(session, ASKS, account_id.to_bytes(8, "big"), now)
    if seconds:
        raise TooOften(ASKS.kind, seconds=seconds)
    team = Team(state=WAITING, asked_by=account_id, made_at=_naive(now), note=wanted.note)
    _describe(team, wanted)
    session.add(team)
    session.flush()
    return team


def asked(session: Session, account_id: int) -> Team | None:
    """The request of an account that waits, else the latest one, whatever came of it."""
    return session.scalars(select(Team).where(Team.asked_by == account_id)
                           .order_by(Team.state != WAITING, Team.made_at.desc(), Team.id).limit(1)).first()


def take_back(session: Session, account_id: int) -> None:
    """Takes back what nobody has decided yet; doing it twice changes nothing."""
    membership.drop_requests(session, account_id, WAITING)


def change(session: Session, team: Team, wanted: Wanted) -> bool:
    """Gives a team another phone or numbers. Another name waits for a steward (`decide_name`): gives whether one does.

    Groups read the name in letters and trust it, so nobody may call themselves what nobody has looked at.
    """
    name = team.name
    _describe(team, wanted)
    team.name, team.wanted_name = name, wanted.name if wanted.name != name else None
    session.flush()
    return team.wanted_name is not None


def make(session: Session, name: str, *, now: datetime) -> Team:
    """A team that needs no word of a steward, for whoever runs the instance. Raises Invalid at "name"."""
    wanted = read({"name": name})
    team = Team(name=wanted.name, state=APPROVED, made_at=_naive(now), decided_at=_naive(now))
    session.add(team)
    session.flush()
    return team


def _describe(team: Team, wanted: Wanted) -> None:
    team.name, team.phone = wanted.name, wanted.phone
    team.npi, team.register, team.number = wanted.numbers.npi, wanted.numbers.register, wanted.numbers.number


# -- finding ---------------------------------------------------------------------------------------------------------


def find(session: Session, key: str | uuid.UUID) -> Team:
    """A team or a request by its id. Raises NotFound."""
    try:
        found = session.get(Team, key if isinstance(key, uuid.UUID) else uuid.UUID(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("page")
    return found


def named(session: Session, name: str) -> list[Team]:
    """Teams at work that have a name, however it is written."""
    return [one for one in session.scalars(select(Team).where(Team.state == APPROVED).order_by(Team.made_at))
            if one.name.casefold() == name.strip().casefold()]


@dataclass(frozen=True, slots=True)
class Listed:
    """A team as stewards see it: who asked for it (name and address, "" where they are gone), how many are in it."""

    team: Team
    asked_by: str
    members: int


def listed(session: Session, *states: str, most: int = 200) -> list[Listed]:
    """Teams in some states: requests the oldest first, others by name."""
    order = (Team.made_at, Team.id) if states == (WAITING,) else (Team.name, Team.id)
    return _with_members(session, list(session.scalars(
        select(Team).where(Team.state.in_(states)).order_by(*order).limit(most))))


def shown(session: Session, team: Team) -> Listed:
    """One team as stewards see it."""
    return _with_members(session, [team])[0]


def waiting(session: Session) -> int:
    """How many requests wait."""
    return session.scalar(select(func.count()).select_from(Team).where(Team.state == WAITING)) or 0


def renaming(session: Session) -> list[Listed]:
    """Teams at work that wish for another name, by the one they have."""
    return _with_members(session, list(session.scalars(
        select(Team).where(Team.state == APPROVED, Team.wanted_name.is_not(None)).order_by(Team.name, Team.id))))


def _with_members(session: Session, teams: list[Team]) -> list[Listed]:
    asked_by = {one.id: f"{one.name}, {one.email}" if one.name else one.email for one in session.scalars(
        select(Account).where(Account.id.in_([one.asked_by for one in teams if one.asked_by is not None])))}
    counted = {row[0]: int(row[1]) for row in session.execute(
        select(Grant.value, func.count()).join(Account, Account.id == Grant.account_id)
        .where(Grant.role == Role.PROVIDER, Grant.scope == Scope.TEAM, Account.state == ACTIVE,
               Grant.value.in_([str(one.id) for one in teams])).group_by(Grant.value))}
    return [Listed(one, asked_by.get(one.asked_by or 0, ""), counted.get(str(one.id), 0)) for one in teams]


# -- a steward's word ------------------------------------------------------------------------------------------------


def decide(session: Session, team: Team, accept: bool, *, author: str, account_id: int, now: datetime,
           reason: str = "") -> None:
    """A steward's word on a request, sent to whoever asked. A yes makes them the first member.

    Raises Invalid without a reason for a no, Forbidden("own_team"), Conflict("moved") when it is decided already,
    Conflict("other_team") or Conflict("gone") when a yes would make nobody a member.
    """
    if team.asked_by == account_id:
        raise Forbidden("own_team")
    words = _reason(reason, needed=not accept)
    asker = session.get(Account, team.asked_by) if team.asked_by is not None else None
    if accept and (asker is None or asker.state != ACTIVE):
        raise Conflict("gone")
    if accept and asker is not None and membership.team_of(session, asker.id) is not None:
        raise Conflict("other_team")
    _move(session, team, WAITING, APPROVED if accept else REFUSED, words, account_id, now)
    if asker is None:
        return
    if accept:
        roles.give(session, asker, membership.grant_of(team.id), by=author, now=now)
        membership.settle(session, asker.id, now=now)
    if asker.state == ACTIVE:
        _tell(session, team, asker, now)


def end(session: Session, team: Team, *, account_id: int, now: datetime, reason: str) -> None:
    """Ends a team: its members lose the right and their tokens and are told why; open invitations are void.

    Raises Invalid without a reason, Conflict("moved") for a team that is not at work.
    """
    words = _reason(reason, needed=True)
    _move(session, team, APPROVED, ENDED, words, account_id, now)
    grant = membership.grant_of(team.id)
    roles.void_invitations_to(session, grant)
    for one in membership.everybody(session, team.id):
        membership.let_go(session, one, grant, now=now)
        if one.state == ACTIVE:
            _tell(session, team, one, now)


def end_empty(session: Session, team: uuid.UUID, *, now: datetime) -> None:
    """Ends a team that its last member leaves, by nobody's word. Closed accounts lose the right to it as well, so that
    none of them opens again in a team that is over."""
    session.execute(update(Team).where(Team.id == team, Team.state == APPROVED).values(
        state=ENDED, decided_at=_naive(now)))
    grant = membership.grant_of(team)
    roles.void_invitations_to(session, grant)
    for one in membership.everybody(session, team):
        if one.state != ACTIVE:
            membership.let_go(session, one, grant, now=now)


def decide_name(session: Session, team: Team, accept: bool, *, name: str, account_id: int, now: datetime,
                reason: str = "") -> None:
    """A steward's word on another name, told to all members. `name` is the one that the steward read.

    Raises Invalid without a reason for a no, Forbidden("own_team") for a steward who is in the team, and
    Conflict("moved") when another name, or none, is wished for by now.
    """
    members = membership.everybody(session, team.id)
    if account_id in {one.id for one in members}:
        raise Forbidden("own_team")
    words = _reason(reason, needed=not accept)
    values = {"wanted_name": None, **({"name": name} if accept else {})}
    done = session.execute(update(Team).where(Team.id == team.id, Team.state == APPROVED, Team.wanted_name == name)
                           .values(values))
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Conflict("moved")
    session.refresh(team)
    for one in members:
        if one.state == ACTIVE:
            outbox.write(session, LETTER, one.email, {"state": RENAMED if accept else NOT_RENAMED, "name": name,
                                                      "reason": words or None}, now=now, locale=one.locale)


def _reason(words: str, *, needed: bool) -> str:
    errors: dict[str, list[Problem]] = {}
    reason = line("reason", {"reason": words}, _REASON, errors)
    if needed and not reason and not errors:
        errors["reason"] = [Problem("required")]
    if errors:
        raise Invalid(errors)
    return reason


def _move(session: Session, team: Team, before: str, after: str, reason: str, account_id: int, now: datetime) -> None:
    """Changes the state if it is still what it was. Raises Conflict("moved")."""
    moved = session.execute(update(Team).where(Team.id == team.id, Team.state == before).values(
        state=after, reason=reason or None, decided_at=_naive(now), decided_by=account_id))
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise Conflict("moved")
    session.refresh(team)


def _tell(session: Session, team: Team, account: Account, now: datetime) -> None:
    outbox.write(session, LETTER, account.email, {"state": team.state, "name": team.name, "reason": team.reason},
                 now=now, locale=account.locale)


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
