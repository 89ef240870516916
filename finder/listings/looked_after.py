"""The listings that somebody looks after, what they sent that waits, and the few words they say about one by a tap."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from finder.accounts.permissions import Granted, Role, Scope
from finder.catalog import queries
from finder.catalog.models import DELETED, Program, Source
from finder.errors import Invalid, Problem
from finder.listings import changes, checks, pauses, reminders, removals
from finder.listings.changes import Listing
from finder.listings.models import Proposal, Removal
from finder.listings.writing import Author, naive

MOST = 200  # listings on one page
MOST_FOUND = 20
ROOM = ("open", "waitlist", "full")
ASK = "ask"  # takes the word on places away: people are told to ask
_SENT_SHOWN = timedelta(days=90)


def of_grants(session: Session, grants: Sequence[Granted]) -> list[Listing]:
    """The listings that grants of operators name, and those of organizations they name; by name, deleted ones last."""
    own = [one for one in grants if one.role is Role.OPERATOR]
    programs = [uuid.UUID(one.value) for one in own if one.scope is Scope.PROGRAM]
    organizations = [uuid.UUID(one.value) for one in own if one.scope is Scope.ORGANIZATION]
    if not programs and not organizations:
        return []
    return _listings(session, or_(Program.id.in_(programs), Program.organization_id.in_(organizations)), MOST)


def of_organization(session: Session, organization: uuid.UUID) -> list[Listing]:
    """The listings of an organization."""
    return _listings(session, Program.organization_id == organization, MOST)


def named(session: Session, words: str, states: Collection[str] | None = None) -> list[Listing]:
    """Up to MOST_FOUND listings with these words in their name, whatever their state; also one by its slug.

    `states` ("US:NC") are those where it must meet, None for all.
    """
    plain = words.replace("\x00", "").strip().lower()[:100]
    if not plain:
        return []
    like = plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = or_(func.lower(Program.name).like(f"%{like}%", escape="\\"), Program.slug == plain)
    if states is not None:
        found = and_(found, or_(false(), *(checks.meets(one.partition(":")[2], None) for one in sorted(states))))
    return _listings(session, found, MOST_FOUND)


def _listings(session: Session, wanted: ColumnElement[bool], most: int) -> list[Listing]:
    rows = session.execute(
        select(Program.__table__, Source.name.label("of")).join(Source, Source.id == Program.source_id).where(wanted)
        .order_by(Program.state == DELETED, func.lower(Program.name), Program.id).limit(most)).mappings().all()
    return [Listing(row["id"], row["slug"], row["state"], row["version"], document, row["of"], row["organization_id"],
                    row["kept_fields"] or {}, row["merged_into"], row["updated_at"])
            for row, document in zip(rows, queries.documents(session, rows), strict=True)]


def sent_by(session: Session, account_id: int, now: datetime) -> list[Proposal]:
    """What an account proposed: what waits, and what was decided lately, the newest first."""
    lately = or_(Proposal.decided_at.is_(None), Proposal.decided_at >= naive(now - _SENT_SHOWN))
    return list(session.scalars(select(Proposal).where(Proposal.account_id == account_id, lately)
                                .order_by(Proposal.made_at.desc()).limit(MOST_FOUND)))


# -- said with a tap -------------------------------------------------------------------------------------------------


def still_right(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime) -> Listing:
    """All that a listing says is right today, the word on free places as well. Raises Conflict("stale")."""
    there = changes.find(session, program)
    wanted = dict(there.document)
    if wanted.get("capacity"):
        wanted["capacity"] = {**wanted["capacity"], "as_of": now.date().isoformat()}
    wanted["verified"] = checks.verified(wanted, checks.stated(wanted), "operator", now.date())
    return _said(session, there, wanted, base, author, now)


def say_room(session: Session, program: uuid.UUID, room: str, *, base: int, author: Author, now: datetime) -> Listing:
    """Whether there is room: one of ROOM, or ASK. Raises Invalid, Conflict("stale")."""
    if room not in (*ROOM, ASK):
        raise Invalid({"room": [Problem("required")]})
    there = changes.find(session, program)
    wanted = {key: value for key, value in there.document.items() if key != "capacity"}
    if room != ASK:
        old = there.document.get("capacity") or {}
        kept = {key: old[key] for key in ("wait_weeks", "seats") if key in old} if old.get("status") == room else {}
        wanted["capacity"] = {"status": room, **kept, "as_of": now.date().isoformat()}
    return _said(session, there, wanted, base, author, now)


def meet_again(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime) -> Listing:
    """A paused listing meets again. Raises Conflict("stale")."""
    there = changes.find(session, program)
    pauses.forget(session, program)
    wanted = {key: value for key, value in there.document.items() if key != "status"}
    return _said(session, there, wanted, base, author, now, kind="resumed")


def _said(session: Session, there: Listing, wanted: Mapping[str, Any], base: int, author: Author, now: datetime,
          kind: str = "checked") -> Listing:
    reminders.answered(session, there.id, now)
    return changes.change(session, there.id, base=base, author=author, now=now, document=wanted, kind=kind)


def bring_back(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime) -> Listing:
    """A deleted listing as it was; when its people had asked not to be listed, they ask that no more.

    Raises Conflict("stale"), Conflict("not_deleted").
    """
    standing = session.scalars(select(Removal.id).where(Removal.program_id == program, Removal.lifted_at.is_(None)))
    for number in standing.all():
        removals.lift(session, number, now=now)
    return changes.undelete(session, program, base=base, author=author, now=now)
