"""What a program says about listings for somebody who keeps them: by the same deeds as that person's at their desk and
as far as their word goes. History names the program beside the person.

Who may do it is asked before (accounts.permissions). Nothing is committed here.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, queries, rows
from finder.errors import Conflict, Invalid, NotFound, Problem, TooOften
from finder.limits import Limit, spend
from finder.listings import changes, pauses, pieces, review
from finder.listings.changes import Listing
from finder.listings.models import Proposal
from finder.listings.review import Sender, Trust
from finder.listings.writing import naive

WRITES = Limit("program_writes", 60, 3600)  # changes that one account's programs make in an hour
# What no program says: which listing it is, where it comes from, when it was checked (the deed for that says when).
FIXED = ("id", "verified", "source")
_TAGS = "tags"  # all in `x` that people set
_ONCE = uuid.UUID("7d2c5c2e-58f5-4c33-9f0e-52a4e1b8a6d0")  # the namespace of keys that make something once
_SENT_SHOWN = timedelta(days=90)
_EARLIEST_ZONE = timedelta(hours=14)  # where the day begins first
MOST_SENT = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What became of what a program said: the listing as it stands (None for a new one that waits), the pieces that
    are shown now, and what waits for a steward of all this account has sent about it."""

    listing: Listing | None
    applied: tuple[str, ...] = ()
    waiting: tuple[Proposal, ...] = ()
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Teller:
    """Who speaks: the sender as proposals know them, and what reading their words needs."""

    sender: Sender
    now: datetime
    country: str = "US"
    account_id: int = field(init=False)

    def __post_init__(self) -> None:
        assert self.sender.account_id is not None
        object.__setattr__(self, "account_id", self.sender.account_id)


# -- one listing -----------------------------------------------------------------------------------------------------


def change(session: Session, there: Listing, document: Mapping[str, Any], base: int, by: Teller) -> Told:
    """The listing with another text, as far as the sender's word goes. What this account sent before and what waits
    for a steward is not sent a second time, so that a program may say the same every night.

    Raises Invalid by field, Conflict("stale", version=…), TooOften.
    """
    if there.version != base:
        raise Conflict("stale", version=there.version)
    wanted = _whole(document, there)
    _check_days(there.document, wanted, by.now)
    if by.sender.trust is not Trust.STEWARD:
        wanted = _without_known(wanted, there, waiting(session, [there.id], by.account_id))
    outcome = review.propose(session, there.id, wanted, base=base, sender=by.sender, now=by.now, country=by.country)
    after = outcome.listing
    assert after is not None
    if there.document.get("status") == "paused" != after.document.get("status"):
        pauses.forget(session, there.id)
    return told(session, there, after, by, counts=outcome.waiting is not None)


def told(session: Session, before: Listing, after: Listing, by: Teller, *, counts: bool = False) -> Told:
    """What a deed did to a listing. It is counted where it did anything. Raises TooOften."""
    if counts or after.version != before.version:
        take_turn(session, by.account_id, by.now)
    applied = pieces.changed(before.document, after.document)
    if before.document.get("verified") != after.document.get("verified"):
        applied.append("verified")
    return Told(after, tuple(applied), tuple(waiting(session, [after.id], by.account_id)))


def _whole(document: Mapping[str, Any], there: Listing) -> dict[str, Any]:
    """The canonical text with what is not for programs to say as it stands. Raises Invalid where they say otherwise."""
    kept = {name: there.document[name] for name in (*FIXED, "x") if name in there.document and name not in document}
    checked = listing_schema.load({**kept, **document})
    wrong = [name for name in FIXED if checked.get(name) != there.document.get(name)]
    if _extras(checked.get("x")) != _extras(there.document.get("x")):
        wrong.append("x")
    if wrong:
        raise Invalid({name: [Problem("kept_elsewhere")] for name in wrong}, "listing")
    return checked


def _extras(x: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands in `x` beside the tags."""
    return {name: one for name, one in (x or {}).items() if name != _TAGS}


def _check_days(before: Mapping[str, Any], after: Mapping[str, Any], now: datetime) -> None:
    """A word on free places is of today at the latest, or it would never run out. Raises Invalid."""
    capacity, latest = after.get("capacity"), (now + _EARLIEST_ZONE).date().isoformat()
    if capacity and capacity != before.get("capacity") and capacity["as_of"] > latest:
        raise Invalid({"capacity.as_of": [Problem("in_the_future")]}, "listing")


def _without_known(wanted: Mapping[str, Any], there: Listing, sent: Collection[Proposal]) -> dict[str, Any]:
    new = pieces.pieces(wanted)
    known = [name for one in sent for name in one.fields
             if name in new and pieces.pieces(orjson.loads(one.document)).get(name) == new[name]]
    return pieces.taken(wanted, there.document, known)


# -- a new one -------------------------------------------------------------------------------------------------------


def check_new(document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The canonical text of a new group. Raises Invalid by field."""
    wrong = [name for name in FIXED if name in document]
    if wrong:
        raise Invalid({name: [Problem("kept_elsewhere")] for name in wrong}, "listing")
    checked = listing_schema.load({**document, "id": "new"})
    if _extras(checked.get("x")):
        raise Invalid({"x": [Problem("kept_elsewhere")]}, "listing")
    _check_days({}, checked, now)
    return checked


def made_before(session: Session, document: Mapping[str, Any], once: str, by: Teller) -> Told | None:
    """What became of a new group that this account sent under a key before; None when it did not.

    Others who send one wait their turn until this transaction ends. Raises Conflict("key_reused") where another text
    came with the key.
    """
    queries.next_version(session)
    key = _key(once, by)
    proposal = session.get(Proposal, key)
    if proposal is not None:
        _check_same(orjson.loads(proposal.document), document)
        listing = changes.find(session, proposal.program_id) if proposal.program_id is not None else None
        return Told(listing, waiting=(proposal,), is_new=False)
    program = rows.program_id(changes.OWN_SOURCE, key.hex)
    first = next(iter(changes.history(session, program)[::-1]), None)
    if first is None:
        return None
    _check_same(first.after or {}, document)
    return Told(changes.find(session, program), is_new=False)


def send_new(session: Session, document: Mapping[str, Any], once: str, by: Teller) -> Told:
    """A new group, shown at once on a steward's word and else kept for one. Raises Invalid by field, TooOften."""
    take_turn(session, by.account_id, by.now)
    outcome = review.propose_new(session, document, sender=by.sender, now=by.now, country=by.country,
                                 key=_key(once, by))
    if outcome.listing is not None:
        return Told(outcome.listing, tuple(pieces.pieces(outcome.listing.document)))
    assert outcome.waiting is not None
    return Told(None, waiting=(review.find(session, outcome.waiting),))


def _key(once: str, by: Teller) -> uuid.UUID:
    return uuid.uuid5(_ONCE, f"{by.account_id}:{once}")


def _check_same(kept: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    if {**kept, "id": ""} != {**sent, "id": ""}:
        raise Conflict("key_reused")


# -- what was sent ---------------------------------------------------------------------------------------------------


def waiting(session: Session, programs: Collection[uuid.UUID], account_id: int) -> list[Proposal]:
    """What an account sent about these listings that waits for a steward, the oldest first."""
    return list(session.scalars(select(Proposal).where(
        Proposal.program_id.in_(list(programs)), Proposal.account_id == account_id, Proposal.state == review.WAITING)
        .order_by(Proposal.made_at, Proposal.id)))


def sent(session: Session, account_id: int, *, now: datetime) -> list[Proposal]:
    """What an account proposed: all that waits, and what was decided within three months, the newest first."""
    lately = or_(Proposal.decided_at.is_(None), Proposal.decided_at >= naive(now - _SENT_SHOWN))
    return list(session.scalars(select(Proposal).where(Proposal.account_id == account_id, lately)
                                .order_by(Proposal.made_at.desc(), Proposal.id).limit(MOST_SENT)))


def find_sent(session: Session, key: str, account_id: int) -> Proposal:
    """One thing that an account proposed. Raises NotFound, also for what others did."""
    found = review.find(session, key)
    if found.account_id != account_id:
        raise NotFound("proposal")
    return found


def take_turn(session: Session, account_id: int, now: datetime) -> None:
    """Counts one change of an account's programs. Raises TooOften with the seconds until there is room."""
    seconds = spend(session, WRITES, hashlib.sha256(b"account %d" % account_id).digest(), now)
    if seconds:
        raise TooOften(WRITES.kind, seconds=seconds)
