"""What is shown at once and what waits for a second pair of eyes; deciding about it piece by piece.

Whoever may edit a listing changes it at once, but for risky pieces; a steward's word counts for those too. Everybody
else proposes. Nothing is committed here, and every answer is written to the outbox with the deed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import tokens
from finder.accounts.models import Account
from finder.catalog import listing_schema, rows
from finder.catalog.models import PUBLISHED
from finder.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from finder.listings import changes, pieces
from finder.listings.changes import Listing
from finder.listings.models import Proposal
from finder.listings.writing import Author, naive

WAITING, ACCEPTED, PARTLY, REJECTED, WITHDRAWN = "waiting", "accepted", "partly", "rejected", "withdrawn"
ACCEPT, REJECT, LATER = "accept", "reject", "later"
LONGEST_REASON = 1000  # characters


class Trust(StrEnum):
    """How far the word of whoever proposes goes."""

    STEWARD = "steward"  # everything at once
    EDITOR = "editor"  # everything at once but risky pieces
    ANYBODY = "anybody"  # everything waits


@dataclass(frozen=True, slots=True)
class Sender:
    """Who proposes: signed in, or somebody who may have left an address for the answer. `sender` is as in a report."""

    trust: Trust
    account_id: int | None = None
    reply_to: str | None = None
    locale: str = "en"
    sender: str | None = None

    @property
    def author(self) -> Author:
        return Author(f"{self.trust}:{self.account_id}" if self.account_id else "visitor", self.account_id)


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
    check_numbers(there.document, wanted, country)
    at_once = _at_once(there, wanted, sender.trust)
    now_there = changes.change(session, program, base=base, author=sender.author, now=now, document=at_once,
                               reason=note)
    left = pieces.changed(now_there.document, wanted)
    if not left:
        return Outcome(now_there)
    kind = "suggestion" if sender.trust is Trust.ANYBODY else "edit"
    waiting = _keep(session, kind, now_there, wanted, left, sender, now, note)
    if sender.trust is Trust.EDITOR:
        _ask_old_contact(session, waiting, there.document, now)
    return Outcome(now_there, waiting.id, tuple(left))


def _at_once(there: Listing, wanted: dict[str, Any], trust: Trust) -> dict[str, Any]:
    if trust is Trust.STEWARD or (trust is Trust.EDITOR and there.state != PUBLISHED):
        return wanted
    return pieces.safe_part(there.document, wanted) if trust is Trust.EDITOR else there.document


def propose_new(session: Session, document: Mapping[str, Any], *, sender: Sender, now: datetime,
                note: str | None = None, country: str = "US") -> Outcome:
    """A new listing: published at once on a steward's word, else kept for one. Raises Invalid by field."""
    wanted = listing_schema.load({**document, "id": changes.new_id()})
    check_numbers({}, wanted, country)
    if sender.trust is Trust.STEWARD:
        return Outcome(changes.add(session, wanted, author=sender.author, now=now, reason=note))
    waiting = _keep(session, "new", None, wanted, list(pieces.pieces(wanted)), sender, now, note)
    return Outcome(None, waiting.id, tuple(waiting.fields))


def check_numbers(before: Mapping[str, Any], after: Mapping[str, Any], country: str) -> None:
    """Refuses new phone numbers that cost the caller or ring abroad. Raises Invalid by field."""
    errors = {}
    for name in ("contact.phone", "organization.phone"):
        number = pieces.pieces(after).get(name)
        if number and number != pieces.pieces(before).get(name):
            code = pieces.bad_number(number, country)
            if code is not None:
                errors[name] = [Problem(code)]
    if errors:
        raise Invalid(errors)


def _keep(session: Session, kind: str, there: Listing | None, wanted: Mapping[str, Any], fields: list[str],
          sender: Sender, now: datetime, note: str | None) -> Proposal:
    """Keeps a proposal; an earlier one of the same person about the same listing gives way to it."""
    if there is not None and sender.account_id is not None:
        session.execute(update(Proposal).where(
            Proposal.program_id == there.id, Proposal.account_id == sender.account_id, Proposal.kind == kind,
            Proposal.state == WAITING).values(state=WITHDRAWN, decided_at=naive(now)))
    kept = Proposal(program_id=there.id if there else None, kind=kind, base_version=there.version if there else None,
                    before=rows.written(there.document) if there else None, document=rows.written(wanted),
                    fields=fields, note=note or None, account_id=sender.account_id, reply_to=sender.reply_to,
                    locale=sender.locale, sender=sender.sender, made_at=naive(now))
    session.add(kept)
    session.flush()
    return kept


def _ask_old_contact(session: Session, waiting: Proposal, before: Mapping[str, Any], now: datetime) -> None:
    """Tells the contact that stood in the listing before, who can agree with one button or say it is not theirs."""
    address = (before.get("contact") or {}).get("email")
    if not address:
        return
    secret = tokens.make(session, "confirm_change", now=now, subject=str(waiting.id))
    outbox.write(session, "contact_change", address, {"name": before["name"], "link": secret,
                 "fields": waiting.fields}, now=now, locale=waiting.locale)


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

    `choices` maps names of pieces to accept, reject or later; a piece left out is later. A new listing is accepted or
    rejected as a whole under the name "". `base` is the version of the listing that the decider saw. Raises Conflict
    when it was decided before ("decided") or the listing changed meanwhile ("stale"), Forbidden("own_proposal") for
    the person who made it, and Invalid without a reason for a rejection.
    """
    proposal = find(session, key)
    if proposal.state != WAITING:
        raise Conflict("decided")
    if proposal.account_id is not None and proposal.account_id == author.account_id:
        raise Forbidden("own_proposal")
    chosen = {name: choices.get(name, choices.get("", LATER)) for name in proposal.fields}
    if REJECT in chosen.values() and not (reason or "").strip():
        raise Invalid({"reason": [Problem("required")]})
    accepted = [name for name, one in chosen.items() if one == ACCEPT]
    if proposal.kind == "new":
        _decide_new(session, proposal, accepted, author, now)
    elif accepted:
        _apply(session, proposal, accepted, author, now, base)
    _settle(proposal, chosen, author, now, reason)
    if proposal.state != WAITING:
        _answer(session, proposal, now)
    return proposal


def _decide_new(session: Session, proposal: Proposal, accepted: list[str], author: Author, now: datetime) -> None:
    if not accepted:
        return
    wanted = pieces.taken(_bare(orjson.loads(proposal.document)), orjson.loads(proposal.document), accepted)
    added = changes.add(session, wanted, author=author, now=now, reason=proposal.note)
    proposal.program_id, proposal.fields = added.id, list(proposal.fields)


def _bare(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a listing cannot be without."""
    return {key: document[key] for key in ("format", "id", "name", "group_type")}


def _apply(session: Session, proposal: Proposal, accepted: list[str], author: Author, now: datetime,
           base: int | None) -> None:
    assert proposal.program_id is not None
    there = changes.find(session, proposal.program_id)
    if proposal.kind == "delete":
        changes.delete(session, there.id, base=base or there.version, author=author, now=now, reason=proposal.note)
        return
    document = pieces.taken(there.document, orjson.loads(proposal.document), accepted)
    changes.change(session, there.id, base=base if base is not None else there.version, author=author, now=now,
                   document=document, kind="reviewed", reason=proposal.note)


def _settle(proposal: Proposal, chosen: Mapping[str, str], author: Author, now: datetime, reason: str | None) -> None:
    decided = {name: one for name, one in chosen.items() if one != LATER}
    proposal.choices = {**(proposal.choices or {}), **decided}
    proposal.fields = [name for name in proposal.fields if name not in decided]
    proposal.reason, proposal.decided_by = (reason or "").strip()[:LONGEST_REASON] or None, author.account_id
    proposal.decided_at = naive(now)
    if not proposal.fields:
        answers = set(proposal.choices.values())
        proposal.state = PARTLY if len(answers) > 1 else ACCEPTED if answers == {ACCEPT} else REJECTED


def _answer(session: Session, proposal: Proposal, now: datetime) -> None:
    """Tells whoever proposed what was decided and why, with a way to appeal where something was rejected."""
    account = session.get(Account, proposal.account_id) if proposal.account_id else None
    address = account.email if account is not None else proposal.reply_to
    if not address:
        return
    document, choices = orjson.loads(proposal.document), proposal.choices or {}
    facts = {"name": document["name"], "kind": proposal.kind, "reason": proposal.reason, "state": proposal.state,
             "accepted": [name for name, one in choices.items() if one == ACCEPT],
             "rejected": [name for name, one in choices.items() if one == REJECT],
             "program": str(proposal.program_id) if proposal.program_id else None}
    if facts["rejected"]:
        facts["link"] = tokens.make(session, "reply", now=now, subject=str(proposal.id))
    outbox.write(session, "decision", address, facts, now=now,
                 locale=account.locale if account is not None else proposal.locale)
    proposal.reply_to = None


def agree(session: Session, key: uuid.UUID, *, now: datetime) -> Listing:
    """The listing's own earlier contact agrees to what waits. Raises Conflict("decided")."""
    proposal = find(session, key)
    if proposal.state != WAITING or proposal.program_id is None:
        raise Conflict("decided")
    author = Author("contact")
    accepted = list(proposal.fields)
    _apply(session, proposal, accepted, author, now, None)
    _settle(proposal, dict.fromkeys(accepted, ACCEPT), author, now, None)
    _answer(session, proposal, now)
    return changes.find(session, proposal.program_id)


def appeal(session: Session, key: uuid.UUID, words: str, *, now: datetime) -> None:
    """Opens a decided proposal again, once, with what its sender has to say. Raises Conflict("appealed")."""
    proposal = find(session, key)
    if proposal.appealed_at is not None or proposal.state not in (REJECTED, PARTLY):
        raise Conflict("appealed")
    again = [name for name, one in (proposal.choices or {}).items() if one == REJECT]
    proposal.appeal, proposal.appealed_at, proposal.state = words, naive(now), WAITING
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

