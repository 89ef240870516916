"""Asking those who run a group whether its listing is still right, and whether there is room: whom, when, how often.

One letter a day at most goes to one address, with its groups that are due; what nobody answers is asked again after
longer and longer waits, and after five letters stays with the stewards alone. Nothing is sent or committed here.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people, tokens
from finder.accounts.models import Account, Grant
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import PUBLISHED, Program, Source
from finder.listings import changes
from finder.listings.changes import Listing
from finder.listings.models import Pause, Reminder

CHECK, CAPACITY, BACK = "check", "capacity", "paused"
KINDS = (CHECK, CAPACITY, BACK)  # the letters that one "no more letters" ends
CHECK_AFTER_DAYS = 90  # as the mark of freshness: a whole ring up to three months
FIRST_AFTER_DAYS = 30  # a listing that nobody ever checked, since it came in
BACK_OFF_DAYS = (14, 30, 60, 90)  # after each letter without an answer
MOST_UNANSWERED = len(BACK_OFF_DAYS) + 1
CAPACITY_DAYS = 90  # contract section 1: an older answer counts as not stated
ASK_ROOM_WITHIN_DAYS = 7  # after it ran out; later the next check asks for it as well
ASKED_LATELY_DAYS = 30
# A new sender of more than some hundred letters a day is taken for a spammer, and stewards must keep up with the
# answers: a first import of 20,000 listings is spread over two weeks. Several groups of one address are one letter.
MOST_AN_HOUR = 60
MOST_IN_A_LETTER = 20
# What a letter says of a listing.
_SHOWN = ("name", "status", "sessions", "contact", "organization", "capacity", "cost", "policies")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is asked about a listing."""

    address: str
    locale: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One letter to write: its kind, to whom, about which listings."""

    kind: str
    to: Recipient
    programs: tuple[uuid.UUID, ...]


def plan(session: Session, now: datetime, *, locale: str = "en") -> list[Planned]:
    """The letters that may be written now, longest waiting first. `locale` is for addresses without an account."""
    room = MOST_AN_HOUR - sum(outbox.written_since(session, KINDS, now - timedelta(hours=1)).values())
    if room <= 0:
        return []
    taken = set(outbox.written_since(session, KINDS, now - timedelta(days=1)))
    planned: list[Planned] = []
    for kind, due in ((CHECK, _due(session, now.date())), (CAPACITY, _ran_out(session, now.date()))):
        letters = _by_recipient(session, kind, due, taken, locale)[: room - len(planned)]
        taken |= {one.to.address for one in letters}
        planned += letters
    return planned


def write(session: Session, planned: Planned, now: datetime) -> bool:
    """Writes a planned letter to the outbox and notes when to ask again. False when that was done already today."""
    once = f"{planned.kind}:{_digest(planned.to.address)}:{now.date()}"
    listings = changes.find_all(session, planned.programs)
    about = [listings[key] for key in planned.programs if key in listings and listings[key].state == PUBLISHED]
    if not about or outbox.is_written(session, once):
        return False
    _write(session, planned.kind, planned.to, about, now, once)
    for one in about:
        _note(session, one, planned.kind, now.date())
    return True


def _write(session: Session, kind: str, to: Recipient, about: Sequence[Listing], now: datetime, once: str | None,
           **more: Any) -> None:
    facts = {"listings": [{"name": one.document["name"], "slug": one.slug, "link": new_link(session, one, to, now),
                           "document": {key: one.document[key] for key in _SHOWN if key in one.document}}
                          for one in about],
             "stop": tokens.make(session, "stop", now=now, facts={"address": to.address}), **more}
    outbox.write(session, kind, to.address, facts, now=now, locale=to.locale, once=once)


def new_link(session: Session, listing: Listing, to: Recipient, now: datetime) -> str:
    """A link that answers for one listing with one tap, for whoever reads the letters of an address."""
    return tokens.make(session, "check", now=now, subject=str(listing.id), facts={"address": to.address})


def tell_back(session: Session, listing: Listing, now: datetime, *, locale: str = "en") -> bool:
    """Tells a group that its listing is back from a pause. False when there is nobody to tell."""
    to = recipient(session, listing.document, listing.id, locale)
    if to is None:
        return False
    once = f"{BACK}:{listing.id}:{now.date()}"
    if not outbox.is_written(session, once):
        _write(session, BACK, to, [listing], now, once)
    return True


def send_again(session: Session, listing: Listing, now: datetime, *, locale: str = "en") -> bool:
    """Sends a new link to whoever is asked about a listing now. False when there is nobody."""
    to = recipient(session, listing.document, listing.id, locale)
    if to is not None:
        _write(session, CHECK, to, [listing], now, None)
    return to is not None


def ask_room(session: Session, listing: Listing, now: datetime, *, locale: str = "en") -> bool:
    """Asks a group whether there is room because somebody would send a person, once a day at most; nothing is said of
    anybody. False when there is nobody to ask."""
    to = recipient(session, listing.document, listing.id, locale, CAPACITY)
    once = f"room:{listing.id}:{now.date()}"
    if to is not None and not outbox.is_written(session, once):
        _write(session, CAPACITY, to, [listing], now, once, wanted=True)
    return to is not None


def answered(session: Session, program: uuid.UUID, now: datetime, *, again_in_days: int = BACK_OFF_DAYS[0]) -> None:
    """Somebody answered: counting starts anew, and nobody is asked again before some days are over."""
    row = session.get(Reminder, program)
    if row is None:
        row = Reminder(program_id=program)
        session.add(row)
    row.sent, row.last_on, row.next_on = 0, now.date(), now.date() + timedelta(again_in_days)
    session.flush()


# -- whom ------------------------------------------------------------------------------------------------------------


def recipient(session: Session, document: Mapping[str, Any], program: uuid.UUID, locale: str = "en",
              kind: str = CHECK) -> Recipient | None:
    """Who is asked about a listing: its published address, else an account that may edit it; None for nobody."""
    of_accounts = _editors(session, program)
    for one in dict.fromkeys([*_contact(document), *of_accounts]):
        if not outbox.is_silenced(session, one, kind):
            return Recipient(one, of_accounts.get(one, locale))
    return None


def languages(session: Session, listing: Listing) -> dict[str, str | None]:
    """As `voices`, each with the language of its letters; None where it is not known."""
    return {**dict.fromkeys(_contact(listing.document)), **_editors(session, listing.id)}


def voices(session: Session, listing: Listing) -> frozenset[str]:
    """The addresses that may answer for a listing now: its published one and those of the accounts that may edit it."""
    return frozenset([*_contact(listing.document), *_editors(session, listing.id)])


def _contact(document: Mapping[str, Any]) -> list[str]:
    address = (document.get("contact") or {}).get("email")
    return [people.plain(address)] if address else []


def _editors(session: Session, program: uuid.UUID) -> dict[str, str]:
    """Address and language of each account that may edit a listing."""
    return {one.email: one.locale for one in people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, str(program))}


def _by_recipient(session: Session, kind: str, due: Sequence[tuple[uuid.UUID, str | None]], taken: set[str],
                  locale: str) -> list[Planned]:
    """Due listings gathered by whom to ask, as many as fit into one letter, without addresses that had theirs today."""
    accounts = {account.email: account.locale for account in session.scalars(
        select(Account).join(Grant, Grant.account_id == Account.id).where(Grant.scope == Scope.PROGRAM))}
    silenced, to = outbox.silenced(session, kind), dict[str, list[uuid.UUID]]()
    for program, email in due:
        address = people.plain(email) if email else None
        if address is None or address in silenced:
            other = recipient(session, {}, program, locale, kind)
            address = other.address if other is not None else None
        if address is not None and address not in taken:
            to.setdefault(address, []).append(program)
    return [Planned(kind, Recipient(address, accounts.get(address, locale)), tuple(programs[:MOST_IN_A_LETTER]))
            for address, programs in to.items()]


# -- when ------------------------------------------------------------------------------------------------------------


def _due(session: Session, today: date) -> list[tuple[uuid.UUID, str | None]]:
    """Listings whose last check is too old and whose turn it is, the longest unchecked first."""
    came_before = _start_of(today - timedelta(FIRST_AFTER_DAYS - 1))
    old = or_(Program.verified_on <= today - timedelta(CHECK_AFTER_DAYS),
              and_(Program.verified_on.is_(None), Program.created_at < came_before))
    turn = or_(Reminder.program_id.is_(None), Reminder.next_on <= today, Program.verified_on >= Reminder.last_on)
    rows = session.execute(_asked().where(old, turn).order_by(
        Program.verified_on.is_(None), Program.verified_on, Program.created_at, Program.id))
    return [(row.id, row.email) for row in rows]


def _ran_out(session: Session, today: date) -> list[tuple[uuid.UUID, str | None]]:
    """Listings whose word on free places has just grown too old, and that were not asked anything lately."""
    last = today - timedelta(CAPACITY_DAYS + 1)
    said_on = Program.capacity["as_of"].as_string()
    lately = or_(Reminder.last_on.is_(None), Reminder.last_on < today - timedelta(ASKED_LATELY_DAYS))
    rows = session.execute(_asked().where(
        said_on <= last.isoformat(), said_on > (last - timedelta(ASK_ROOM_WITHIN_DAYS)).isoformat(), lately)
        .order_by(said_on, Program.id))
    return [(row.id, row.email) for row in rows]


def _asked() -> Any:
    """Every listing that anybody may be asked about: published, real, going on, with somebody to ask."""
    email = Program.contact["email"].as_string()
    paused: ColumnElement[bool] = exists().where(Pause.program_id == Program.id)
    ids = func.replace(cast(Program.id, String), "-", "")  # SQLite keeps them without dashes
    claimed = exists().where(Grant.scope == Scope.PROGRAM, Grant.role == Role.OPERATOR,
                             func.replace(Grant.value, "-", "") == ids)
    return (select(Program.id, email.label("email")).join(Source, Source.id == Program.source_id)
            .outerjoin(Reminder, Reminder.program_id == Program.id)
            .where(Program.state == PUBLISHED, ~Source.demonstration, ~paused, or_(email.is_not(None), claimed),
                   or_(Program.status.is_(None), Program.status != "closed")))


def _note(session: Session, listing: Listing, kind: str, today: date) -> None:
    """Notes that a listing was asked about today, and when its next turn is."""
    row = session.get(Reminder, listing.id)
    if row is None:
        row = Reminder(program_id=listing.id, sent=0)
        session.add(row)
    checked = (listing.document.get("verified") or {}).get("on")
    if row.last_on is not None and checked is not None and checked >= row.last_on.isoformat():
        row.sent = 0  # a check since the last letter is an answer, whoever made it
    if kind == CHECK:
        row.sent += 1
        wait = BACK_OFF_DAYS[row.sent - 1] if row.sent < MOST_UNANSWERED else None
        row.next_on = today + timedelta(wait) if wait is not None else None
    elif row.next_on is None and row.sent == 0:
        row.next_on = today + timedelta(BACK_OFF_DAYS[0])
    row.last_on = today
    session.flush()


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the tables' instants have no zone


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]
