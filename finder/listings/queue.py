"""Everything that waits for a steward, of every kind, the oldest first, and how much it is.

Only what the steward's grants cover is here: of another region's work not even the number is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.accounts.permissions import Action, Actor, Target, may
from finder.catalog.models import Location, MeetingSession, Program
from finder.errors import NotFound
from finder.listings import changes
from finder.listings.models import Claim, Proposal, Report
from finder.listings.writing import CHUNK, naive

REPORT, CLAIM, APPEAL = "report", "claim", "appeal"
KINDS = ("new", "edit", "suggestion", "delete", APPEAL, REPORT, CLAIM)
CLAIMED = ("waiting", "disputed")  # states of a claim that a steward decides
AIM = timedelta(days=2)  # what waits longer is late (design, steward's desk)
MOST = 5000  # of each kind read at once
# What somebody may have to do about an item of a kind, so that it is theirs to see.
_ACTIONS = {REPORT: Action.ANSWER_REPORT, CLAIM: Action.DECIDE_CLAIM}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. `key` names it in addresses, `target` is what it is about, `since` is UTC without a zone.

    `slug` is None for a new listing; `state` is the listing's; `fields` are the pieces of a proposal; `said` are a
    visitor's or the sender's words; `code` is the kind of a report; `maker` is the account that sent it.
    """

    kind: str
    key: str
    name: str
    target: Target
    since: datetime
    slug: str | None = None
    state: str | None = None
    fields: tuple[str, ...] = ()
    said: str | None = None
    code: str = ""
    maker: int | None = None
    assigned_to: int | None = None
    urgent: bool = False

    def is_late(self, now: datetime) -> bool:
        """Whether it waits longer than the desk aims for."""
        return self.since < naive(now - AIM)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much waits: all, what is late, and reports."""

    waiting: int
    late: int
    reports: int


def waiting(session: Session, actor: Actor) -> list[Item]:
    """All that waits and is theirs to decide: unsafe listings first, then the oldest."""
    found = [*_proposals(session), *_reports(session), *_claims(session)]
    theirs = [one for one in found if may(actor, _ACTIONS.get(one.kind, Action.REVIEW), one.target)]
    return sorted(theirs, key=lambda one: (not one.urgent, one.since, one.key))


def tally(items: Iterable[Item], now: datetime) -> Tally:
    """How much of these there is."""
    listed = list(items)
    return Tally(len(listed), sum(one.is_late(now) for one in listed), sum(one.kind == REPORT for one in listed))


def narrowed(items: Iterable[Item], *, kind: str = "", state: str = "", mine: int | None = None) -> list[Item]:
    """Those of one kind, in one state ("US:PA"), or taken by one account; what is "" or None narrows nothing."""
    return [one for one in items if (not kind or one.kind == kind) and (not state or state in one.target.states)
            and (mine is None or one.assigned_to == mine)]


def target_of(session: Session, proposal: Proposal) -> Target:
    """What a proposal is about, as permissions see it: its listing, or where a new one would meet."""
    if proposal.program_id is None:
        return Target(states=changes.states_of(orjson.loads(proposal.document)))
    found = _targets(session, [proposal.program_id]).get(proposal.program_id)
    if found is None:
        raise NotFound("proposal")
    return found[0]


def assign(session: Session, proposal: uuid.UUID, account_id: int | None) -> None:
    """Says who has taken a proposal, None for nobody. Raises NotFound for one that does not wait."""
    done = session.execute(update(Proposal).where(Proposal.id == proposal, Proposal.state == "waiting")
                           .values(assigned_to=account_id))
    if not done.rowcount:  # type: ignore[attr-defined]
        raise NotFound("proposal")


# -- each kind -------------------------------------------------------------------------------------------------------


def _proposals(session: Session) -> list[Item]:
    rows = session.scalars(select(Proposal).where(Proposal.state == "waiting")
                           .order_by(Proposal.made_at).limit(MOST)).all()
    about = _targets(session, [one.program_id for one in rows if one.program_id is not None])
    found = []
    for one in rows:
        document = orjson.loads(one.document)
        target, program = about.get(one.program_id, (Target(states=changes.states_of(document)), None)) \
            if one.program_id else (Target(states=changes.states_of(document)), None)
        found.append(Item(
            APPEAL if one.appealed_at is not None else one.kind, str(one.id),
            program.name if program is not None else document["name"], target, one.appealed_at or one.made_at,
            program.slug if program is not None else None, program.state if program is not None else None,
            tuple(one.fields), one.appeal or one.note, maker=one.account_id, assigned_to=one.assigned_to))
    return found


def _reports(session: Session) -> list[Item]:
    rows = session.scalars(select(Report).where(Report.closed_at.is_(None)).order_by(Report.id).limit(MOST)).all()

    def item(one: Report, target: Target, program: Any) -> Item:
        since = datetime(one.sent_on.year, one.sent_on.month, one.sent_on.day, one.sent_hour)  # noqa: DTZ001 - as kept
        return Item(REPORT, str(one.id), program.name, target, since, program.slug, program.state, said=one.note,
                    code=one.kind, urgent=one.kind == "unsafe")
    return _about(session, rows, item)


def _claims(session: Session) -> list[Item]:
    rows = session.scalars(select(Claim).where(Claim.state.in_(CLAIMED)).order_by(Claim.made_at).limit(MOST)).all()

    def item(one: Claim, target: Target, program: Any) -> Item:
        return Item(CLAIM, str(one.id), program.name, target, one.made_at, program.slug, program.state, said=one.note,
                    maker=one.account_id)
    return _about(session, rows, item)


def _about(session: Session, rows: Sequence[Any], item: Callable[[Any, Target, Any], Item]) -> list[Item]:
    about = _targets(session, [one.program_id for one in rows])
    return [item(one, *about[one.program_id]) for one in rows if one.program_id in about]


def _targets(session: Session, programs: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, tuple[Target, Any]]:
    """What these listings are, as permissions see them, with name, slug and state."""
    found: dict[uuid.UUID, tuple[Target, Any]] = {}
    ids = list(dict.fromkeys(programs))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        states: dict[uuid.UUID, set[str]] = {}
        for place in session.execute(
                select(MeetingSession.program_id, Location.country, Location.state)
                .join(Location, Location.id == MeetingSession.location_id)
                .where(MeetingSession.program_id.in_(chunk), Location.state.is_not(None))):
            states.setdefault(place.program_id, set()).add(f"{place.country or 'US'}:{place.state.upper()}")
        for row in session.execute(select(Program.id, Program.slug, Program.name, Program.state,
                                          Program.organization_id).where(Program.id.in_(chunk))):
            found[row.id] = (Target(row.id, row.organization_id, frozenset(states.get(row.id, ()))), row)
    return found
