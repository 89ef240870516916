"""What is shown at once and what waits for a second pair of eyes; deciding about it piece by piece.

Whoever may edit a listing changes it at once, but for risky pieces; a steward's word counts for those too. Everybody
else proposes. Nothing is committed here, and every answer is written to the outbox with the deed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, rows
from finder.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from finder.listings import changes, letters, numbers, pieces, removals, tags
from finder.listings.changes import Listing
from finder.listings.models import Claim, Proposal
from finder.listings.writing import Author, naive

WAITING, ACCEPTED, PARTLY, REJECTED, WITHDRAWN = "waiting", "accepted", "partly", "rejected", "withdrawn"
ACCEPT, REJECT, LATER = "accept", "reject", "later"
NEW_EDITOR = timedelta(hours=72)  # TRUST T8
LONGEST_REASON = 1000  # characters


class Trust(StrEnum):
    """How far the word of whoever proposes goes."""

    STEWARD = "steward"  # everything at once
    EDITOR = "editor"  # everything at once but risky pieces
    ANYBODY = "anybody"  # everything waits


@dataclass(frozen=True, slots=True)
class Sender:
    """Who proposes: signed in, or somebody who may have left an address for the answer. `sender` is as in a report,
    `program` the name of the program that speaks for the person."""

    trust: Trust
    account_id: int | None = None
    reply_to: str | None = None
    locale: str = "en"
    sender: str | None = None
    program: str = ""

    @property
    def author(self) -> Author:
        name = f"{self.trust}:{self.account_id}" if self.account_id else "visitor"
        return Author(name, self.account_id).through(self.program)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proposal: the listing as it is now (None for a new one that waits), and what waits, by id and
    the names of its pieces."""

    listing: Listing | None
    waiting: uuid.UUID | None = None
    fields: tuple[str, ...] = ()


def propose(session: Session, program: uuid.UUID, document: Mapping[str, Any], *, base: int, sender: Sender,
            now: datetime, note: str | None = None, country: str = "US") -> Outcome:
    """Changes a listing as far as the sender's word goes, and keeps the rest for a steward.

    `base` is the version the sender had read. Raises Invalid by field, NotFound, Conflict("stale", version=…).
    """
    there = changes.find(session, program)
    if there.version != base:
        raise Conflict("stale", version=there.version)
    wanted = listing_schema.load({**document, "id": there.document["id"]})
    if sender.trust is not Trust.STEWARD:
        wanted = _with_source(wanted, there.document)
    numbers.check(there.document, wanted, country)
    _check_tags(session, there.document, wanted)
    at_once = _at_once(there, wanted, sender.trust)
    now_there = changes.change(session, program, base=base, author=sender.author, now=now, document=at_once,
                               reason=_short(note))
    left = pieces.changed(now_there.document, wanted)
    if not left:
        return Outcome(now_there)
    kind = "suggestion" if sender.trust is Trust.ANYBODY else "edit"
    waiting = _keep(session, kind, now_there, wanted, left, sender, now, note)
    if sender.trust is Trust.EDITOR:
        letters.ask_old_contact(session, waiting, there.document, now,
                                may_agree=not _came_lately(session, there.id, sender.account_id, now))
    return Outcome(now_there, waiting.id, tuple(left))


def _came_lately(session: Session, program: uuid.UUID, account_id: int | None, now: datetime) -> bool:
    """Whether somebody became an editor within the last days by a claim: then only a steward's yes counts, because
    whoever reads the contact's mail could prove the claim and agree to the change as well."""
    return session.execute(select(Claim.id).where(
        Claim.program_id == program, Claim.account_id == account_id, Claim.state == "approved",
        Claim.decided_at > naive(now - NEW_EDITOR))).first() is not None


def _check_tags(session: Session, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Only words that a steward has set are tags; a retired one may stay where it is. Raises Invalid by field."""
    try:
        tags.check(session, tags.of(after), tags.of(before))
    except Invalid as wrong:
        raise Invalid({"x.tags": wrong.errors["tags"]}, "listing") from None


def _with_source(wanted: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Where a listing comes from is not its editors' to say."""
    found = {**wanted, "source": before.get("source")}
    return {key: found[key] for key in rows.ORDER if found.get(key) is not None}


def _at_once(there: Listing, wanted: dict[str, Any], trust: Trust) -> dict[str, Any]:
    """What counts at once. An editor's risky pieces wait in whatever state the listing is: a hidden or deleted one can
    come back."""
    if trust is Trust.STEWARD:
        return wanted
    return pieces.safe_part(there.document, wanted) if trust is Trust.EDITOR else there.document


def propose_new(session: Session, document: Mapping[str, Any], *, sender: Sender, now: datetime,
                note: str | None = None, country: str = "US", key: uuid.UUID | None = None) -> Outcome:
    """A new listing: published at once on a steward's word, else kept for one. `key` names either, so that it can be
    found again by who sent it. Raises Invalid by field."""
    wanted = listing_schema.load({**document, "id": key.hex if key else changes.new_id()})
    numbers.check({}, wanted, country)
    _check_tags(session, {}, wanted)
    if sender.trust is Trust.STEWARD:
        return Outcome(changes.add(session, wanted, author=sender.author, now=now, reason=_short(note)))
    waiting = _keep(session, "new", None, wanted, list(pieces.pieces(wanted)), sender, now, note, key)
    return Outcome(None, waiting.id, tuple(waiting.fields))


def _short(note: str | None) -> str | None:
    """A note as history keeps it."""
    return (note or "")[:LONGEST_REASON] or None


def _keep(session: Session, kind: str, there: Listing | None, wanted: Mapping[str, Any], fields: list[str],
          sender: Sender, now: datetime, note: str | None, key: uuid.UUID | None = None) -> Proposal:
    """Keeps a proposal; an earlier one of the same person about the same pieces of a listing gives way to it."""
    if there is not None and sender.account_id is not None:
        for earlier in session.scalars(select(Proposal).where(
                Proposal.program_id == there.id, Proposal.account_id == sender.account_id, Proposal.kind == kind,
                Proposal.state == WAITING)):
            earlier.fields = [name for name in earlier.fields if name not in fields]
            if not earlier.fields:
                earlier.state, earlier.decided_at = WITHDRAWN, naive(now)
    kept = Proposal(id=key or uuid.uuid4(), program_id=there.id if there else None, kind=kind,
                    base_version=there.version if there else None,
                    before=rows.written(there.document) if there else None, document=rows.written(wanted),
                    fields=fields, note=note or None, account_id=sender.account_id, reply_to=sender.reply_to,
                    locale=sender.locale, sender=sender.sender, made_at=naive(now))
    session.add(kept)
    session.flush()
    return kept


# -- deciding --------------------------------------------------------------------------------------------------------


def find(session: Session, key: str | uuid.UUID) -> Proposal:
    """A proposal by its id. Raises NotFound."""
    try:
        found = session.get(Proposal, key if isinstance(key, uuid.UUID) else uuid.UUID(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("proposal")
    return found


def as_proposed(proposal: Proposal, there: Listing | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The listing as it is now ({} for a new one), and as it would be: now, with the waiting pieces of the proposal."""
    wanted: dict[str, Any] = orjson.loads(proposal.document)
    if there is None:
        return {}, wanted
    return there.document, pieces.taken(there.document, wanted, proposal.fields)


def decide(session: Session, key: uuid.UUID, choices: Mapping[str, str], *, author: Author, now: datetime,
           reason: str | None = None, base: int | None = None) -> Proposal:
    """Accepts and rejects pieces of what was proposed; what is chosen to wait stays.

    `choices` maps names of pieces to accept, reject or later; a piece left out is as "" says, or else later. `base` is
    the version of the listing that the decider saw. Raises Conflict when it was decided before ("decided") or the
    listing changed meanwhile ("stale"), Forbidden("own_proposal") for the person who made it, and Invalid without a
    reason for a rejection, or by field where the accepted pieces do not fit together.
    """
    proposal = _waiting_one(session, key)
    if proposal.account_id is not None and proposal.account_id == author.account_id:
        raise Forbidden("own_proposal")
    chosen = {name: choices.get(name, choices.get("", LATER)) for name in proposal.fields}
    chosen = {name: one if one in (ACCEPT, REJECT) else LATER for name, one in chosen.items()}
    if REJECT in chosen.values() and not (reason or "").strip():
        raise Invalid({"reason": [Problem("required")]})
    accepted = [name for name, one in chosen.items() if one == ACCEPT]
    if proposal.program_id is None:
        _add(session, proposal, accepted, author, now)
    else:
        _apply(session, proposal, accepted, author, now, base)
    _settle(proposal, chosen, author, now, reason)
    if proposal.state != WAITING:
        letters.answer(session, proposal, now)
    return proposal


def _waiting_one(session: Session, key: uuid.UUID) -> Proposal:
    """A proposal that nobody has decided, held so that of two who decide at once the second sees the first's word."""
    found = session.execute(select(Proposal).where(Proposal.id == key).with_for_update()
                            .execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        raise NotFound("proposal")
    if found.state != WAITING:
        raise Conflict("decided")
    return found


def _add(session: Session, proposal: Proposal, accepted: list[str], author: Author, now: datetime) -> None:
    if not accepted:
        return
    document = orjson.loads(proposal.document)
    added = changes.add(session, pieces.taken(_bare(document), document, accepted), author=author, now=now,
                        reason=_short(proposal.note))
    proposal.program_id = added.id


def _bare(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a listing cannot be without."""
    return {key: document[key] for key in ("format", "id", "name", "group_type")}


def _apply(session: Session, proposal: Proposal, accepted: list[str], author: Author, now: datetime,
           base: int | None) -> None:
    assert proposal.program_id is not None
    there = changes.find(session, proposal.program_id)
    base = there.version if base is None else base
    if there.version != base:
        raise Conflict("stale", version=there.version)
    if not accepted:
        return
    if proposal.kind == "delete":
        removals.remove(session, there.id, base=base, author=author, now=now, reason=_short(proposal.note))
        return
    document = pieces.taken(there.document, orjson.loads(proposal.document), accepted)
    changes.change(session, there.id, base=base, author=author, now=now, document=document, kind="reviewed",
                   reason=_short(proposal.note))


def _settle(proposal: Proposal, chosen: Mapping[str, str], author: Author, now: datetime, reason: str | None) -> None:
    decided = {name: one for name, one in chosen.items() if one != LATER}
    if not decided:
        return
    proposal.choices = {**(proposal.choices or {}), **decided}
    proposal.fields = [name for name in proposal.fields if name not in decided]
    _give_reason(proposal, (reason or "").strip())
    proposal.decided_by, proposal.decided_at = author.account_id, naive(now)
    if not proposal.fields:
        answers = set(proposal.choices.values())
        proposal.state = PARTLY if len(answers) > 1 else ACCEPTED if answers == {ACCEPT} else REJECTED


def _give_reason(proposal: Proposal, reason: str) -> None:
    """Keeps what was said to earlier pieces beside what is said now; a decision after an appeal stands alone."""
    again = proposal.appealed_at is not None and (proposal.decided_at is None
                                                  or proposal.decided_at <= proposal.appealed_at)
    earlier = "" if again or proposal.reason == reason else proposal.reason or ""
    proposal.reason = "\n".join(one for one in (earlier, reason) if one)[:LONGEST_REASON] or None


def agree(session: Session, key: uuid.UUID, *, now: datetime) -> Listing:
    """The listing's own earlier contact agrees to what waits. Raises Conflict("decided")."""
    proposal = _waiting_one(session, key)
    if proposal.program_id is None:
        raise Conflict("decided")
    author = Author("contact")
    accepted = list(proposal.fields)
    _apply(session, proposal, accepted, author, now, None)
    _settle(proposal, dict.fromkeys(accepted, ACCEPT), author, now, None)
    letters.answer(session, proposal, now)
    return changes.find(session, proposal.program_id)


def appeal(session: Session, key: uuid.UUID, words: str, *, now: datetime) -> None:
    """Opens a decided proposal again, once, with what its sender has to say. Raises Conflict("appealed"), and Invalid
    for no words."""
    proposal = find(session, key)
    if proposal.appealed_at is not None or proposal.state not in (REJECTED, PARTLY):
        raise Conflict("appealed")
    if not words.strip():
        raise Invalid({"words": [Problem("required")]})
    again = [name for name, one in (proposal.choices or {}).items() if one == REJECT]
    proposal.appeal, proposal.appealed_at = words.strip()[:LONGEST_REASON], naive(now)
    proposal.state = WAITING
    proposal.fields = again
    proposal.choices = {name: one for name, one in (proposal.choices or {}).items() if name not in again} or None


def withdraw(session: Session, key: uuid.UUID, *, account_id: int, now: datetime) -> None:
    """Takes back what one proposed oneself. Raises NotFound for others', Conflict("decided") when it is too late."""
    proposal = find(session, key)
    if proposal.account_id != account_id:
        raise NotFound("proposal")
    if proposal.state != WAITING:
        raise Conflict("decided")
    proposal.state, proposal.decided_at = WITHDRAWN, naive(now)


def waiting(session: Session, limit: int = 200) -> list[Proposal]:
    """What waits, the oldest first."""
    return list(session.scalars(select(Proposal).where(Proposal.state == WAITING)
                                .order_by(Proposal.made_at, Proposal.id).limit(limit)))


def of_listing(session: Session, program: uuid.UUID) -> list[Proposal]:
    """What waits about one listing, the oldest first."""
    return list(session.scalars(select(Proposal).where(Proposal.state == WAITING, Proposal.program_id == program)
                                .order_by(Proposal.made_at)))

