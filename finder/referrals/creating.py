"""Making a referral from a checked draft: the person's consent per program, the tasks in order, the first one asked.

The same idempotency key gives the same referral, however often and by how many at once it is sent; with another draft
it gives none.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from finder.catalog.models import PUBLISHED
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.listings import changes
from finder.listings.changes import Listing
from finder.referrals import consents, letters, moving
from finder.referrals.draft import SUBSTANCE_NEEDS
from finder.referrals.keys import Keys, new_client_code, new_key, new_short_code
from finder.referrals.models import BY_MAIL, BY_PHONE, OPEN, Referral, ReferralTask
from finder.referrals.moving import By
from finder.referrals.states import Move, State

LONGEST_ONCE = 64
_TRIES = 50  # a team would need thousands of open referrals for that many codes in a row to be taken


@dataclass(frozen=True, slots=True)
class Made:
    """A referral, whether it is new, and the client's short code, which is told this one time only."""

    referral: Referral
    is_new: bool
    short_code: str | None


def create(session: Session, team: uuid.UUID, draft: Mapping[str, Any], *, by: By, once: str, keys: Keys,
           now: datetime) -> Made:
    """Makes a referral of a team from `draft.load`'s document, and asks the first program.

    `once` is the sender's key for this one deed (1..64 characters, else Invalid at "once"). Raises
    Conflict("key_reused") where it came with another draft before, Invalid at "programs" (not_listed) for a program
    that is not published, and at "consent.substance" where a program for substance use is told without it.
    """
    if not 0 < len(once) <= LONGEST_ONCE:
        raise Invalid({"once": [Problem("too_long", max=LONGEST_ONCE) if once else Problem("required")]})
    for before in keys.each():
        sent = (before.once_hash(once), before.print_of(draft))
        there = _of_key(session, team, *sent)
        if there is not None:
            return there
    sent = (keys.once_hash(once), keys.print_of(draft))
    asked = _programs(session, draft["programs"])
    substance = bool(SUBSTANCE_NEEDS & set(draft["needs"])) or any(map(_is_substance_care, asked))
    if substance and not draft["consent"].get("substance"):
        raise Invalid({"consent.substance": [Problem("consent_needed")]})
    referral, code = _row(team, draft, substance, by, sent, keys, now)
    try:
        with session.begin_nested():
            session.add(referral)
    except IntegrityError:  # the same key was sent at the same moment; its referral is there now
        there = _of_key(session, team, *sent)
        if there is None:
            raise
        return there
    _tasks(session, referral, asked, draft, by, now)
    return Made(referral, True, code)


def _of_key(session: Session, team: uuid.UUID, once: str, once_print: bytes) -> Made | None:
    """The referral that a key made before. Raises Conflict("key_reused") where that was another one."""
    found = session.scalars(select(Referral).where(Referral.team_id == team, Referral.once == once)).first()
    if found is not None and not hmac.compare_digest(found.once_print, once_print):
        raise Conflict("key_reused")
    return Made(found, False, None) if found is not None else None


def _programs(session: Session, ids: list[uuid.UUID]) -> list[Listing]:
    found = []
    for one in ids:
        try:
            there = changes.find(session, one)
        except NotFound:
            raise Invalid({"programs": [Problem("not_listed", value=str(one))]}) from None
        if there.state != PUBLISHED:
            raise Invalid({"programs": [Problem("not_listed", value=str(one))]})
        found.append(there)
    return found


def _is_substance_care(listing: Listing) -> bool:
    """Whether that somebody is sent there tells of substance use."""
    return bool(SUBSTANCE_NEEDS & set(listing.document.get("focus") or ()))


def _row(team: uuid.UUID, draft: Mapping[str, Any], substance: bool, by: By, sent: tuple[str, bytes], keys: Keys,
         now: datetime) -> tuple[Referral, str]:
    code, override = new_short_code(), draft["override"] or {}
    about = {"needs": draft["needs"], "hand_off": draft["hand_off"], "override": override.get("note"),
             "sources": list(draft["sources"])}
    return Referral(
        key=new_key(), team_id=team, owner_id=by.account_id, code=draft["code"], once=sent[0], once_print=sent[1],
        state=OPEN, suggested=draft["suggested"], level=draft["level"],
        override=override.get("reason"), substance=substance, asks_next=draft["asks_next"],
        shortlist=[str(one) for one in draft["shortlist"]], about=keys.hidden(about),
        identity=keys.hidden(draft["identity"]) if draft["identity"] else None, short_code=keys.code_hash(code),
        made_at=now.replace(tzinfo=None), changed_at=now.replace(tzinfo=None)), code


def _tasks(session: Session, referral: Referral, asked: list[Listing], draft: Mapping[str, Any], by: By,
           now: datetime) -> None:
    moving.record(session, referral.key, "created", by, now=now)
    made = []
    for position, there in enumerate(asked):
        task = ReferralTask(key=new_key(), referral_key=referral.key, program_id=there.id, position=position,
                            way=BY_MAIL, state=State.PLANNED)
        session.add(task)
        session.flush()
        task.way = BY_MAIL if letters.recipients(session, task) else BY_PHONE
        consents.give(session, referral.key, task.key, recipient_of(there), draft["consent"],
                      account_id=by.account_id, now=now)
        moving.record(session, referral.key, "consent", by, now=now, task=task.key,
                      facts={"what": list(draft["consent"]["what"])})
        made.append(task)
    moving.move(session, made[0], Move.SEND, by, now=now, counted=True)


def free_code(session: Session, team: uuid.UUID) -> str:
    """A code for a person, such as "K7-41", that no open referral of the team has."""
    for _ in range(_TRIES):
        code = new_client_code()
        taken = select(Referral.key).where(Referral.team_id == team, Referral.state == OPEN, Referral.code == code)
        if session.execute(taken.limit(1)).first() is None:
            return code
    return f"{code}-{new_client_code()[0]}"


def recipient_of(listing: Listing) -> str:
    """A program and who runs it, as a consent names them."""
    runs = (listing.document.get("organization") or {}).get("name")
    return f"{listing.document['name']}, {runs}" if runs else str(listing.document["name"])


def ask_another(session: Session, referral: Referral, program: uuid.UUID, consent: Mapping[str, Any], *, by: By,
                now: datetime) -> ReferralTask:
    """Adds a program to a referral and asks it at once, as the next best after a no. `consent`: of `draft.consent`.

    Raises as `create`, Invalid at "programs" (twice) for one that was asked before, and Conflict("closed").
    """
    if referral.state != OPEN:
        raise Conflict("closed")
    there = _programs(session, [program])[0]
    if any(one.program_id == program for one in referral.tasks):
        raise Invalid({"programs": [Problem("twice")]})
    if (referral.substance or _is_substance_care(there)) and not consent.get("substance"):
        raise Invalid({"consent.substance": [Problem("consent_needed")]})
    referral.substance = referral.substance or _is_substance_care(there)
    task = ReferralTask(key=new_key(), referral_key=referral.key, program_id=program, position=len(referral.tasks),
                        way=BY_MAIL, state=State.PLANNED)
    session.add(task)
    session.flush()
    session.refresh(referral, ["tasks"])
    task.way = BY_MAIL if letters.recipients(session, task) else BY_PHONE
    consents.give(session, referral.key, task.key, recipient_of(there), consent, account_id=by.account_id, now=now)
    moving.record(session, referral.key, "consent", by, now=now, task=task.key, facts={"what": list(consent["what"])})
    return moving.move(session, task, Move.SEND, by, now=now, counted=True)
