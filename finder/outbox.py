"""Messages that wait to be sent: what kind, to whom, and the facts, written in the same transaction as the deed.

No sentence is made here and nothing is sent; `finder work` does both, one message at a time: it takes one, lets go of
the database, sends, and notes what came of it. Most are letters to people; those of the kind HOOK go to programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, DateTime, Index, Select, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from finder.db import Base

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"
BOUNCED, UNSUBSCRIBED = "bounced", "unsubscribed"
TOLD = "told"  # somebody says that letters to an address come back, and names no letter: it may be made up
EVERY_KIND = "*"
HOOK = "hook"  # what goes to a program that asked to be told; its address is the id of a row, and it has no silence
# What a person has just asked for to get in, and what tells that somebody else did: sent even to somebody who wants no
# letters, as long as letters arrive.
ASKED_FOR = frozenset(("sign_in", "setup", "reset", "email", "claim", "invite", "way_back", "security_notice"))
# Letters to people who have nothing to do with this instance but what was sent to them: their address goes with it.
FORGOTTEN_WHEN_SENT = frozenset(("list",))
# After each try that failed for now, how long until the next one; after the last the message has failed.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))
# A program is waited for as long as its row is good: two weeks (finder/hooks).
HOOK_BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
                 timedelta(hours=5), timedelta(hours=10), *(timedelta(hours=12),) * 30)
LEASE = timedelta(minutes=15)  # a message that was taken is left alone that long; sending gives up sooner
KEPT = timedelta(days=30)  # rows, after they were sent or failed


class Message(Base):
    """One e-mail to one address, or one call of a hook. `once` names it so that it is written at most once; facts go
    when it was sent."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    once: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(DateTime)
    due_at: Mapped[datetime] = mapped_column(DateTime)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime)
    message_id: Mapped[str | None] = mapped_column(String(200), index=True)
    error: Mapped[str | None] = mapped_column(String(200))


class Silence(Base):
    """An address that gets no more mail of a kind ("*" for all), because it bounced or asked for that."""

    __tablename__ = "silence"

    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))  # bounced, told, unsubscribed
    at: Mapped[datetime] = mapped_column(DateTime)


def write(session: Session, kind: str, address: str, facts: Mapping[str, Any], *, now: datetime, locale: str = "en",
          once: str | None = None, due: datetime | None = None) -> Message | None:
    """Puts a message into the outbox. None when one of the same `once` was written before.

    `facts` are JSON values that its template needs; `due` is when it may go (now).
    """
    if once is not None and is_written(session, once):
        return None
    message = Message(kind=kind, address=address.strip().lower(), locale=locale, facts=dict(facts), once=once,
                      made_at=now.replace(tzinfo=None), due_at=(due or now).replace(tzinfo=None))
    session.add(message)
    session.flush()
    return message


def is_written(session: Session, once: str) -> bool:
    """Whether a message of this name was written before, as far back as messages are kept."""
    return session.execute(select(Message.id).where(Message.once == once)).first() is not None


# -- sending ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that one worker has in hand. `message_id` is the same at every try, so a double can be told.
    `made_at` is UTC without its zone, as the tables keep it."""

    id: int
    kind: str
    address: str
    locale: str
    facts: Mapping[str, Any]
    message_id: str
    tries: int  # with this one
    made_at: datetime


def take(session: Session, now: datetime, message_id: str, *, hooks: bool = False) -> Taken | None:
    """The next letter (or, with `hooks`, the next call of a hook) that is due, for this worker alone until `LEASE` is
    over; None when nothing waits.

    Messages to silenced addresses are dropped on the way. `message_id` names one that had no name yet. The transaction
    must end before anything is sent: SQLite lets one writer in at a time, PostgreSQL skips rows that others hold.
    """
    at = now.replace(tzinfo=None)
    due = (select(Message).where(Message.state == WAITING, Message.due_at <= at,
                                 Message.kind == HOOK if hooks else Message.kind != HOOK)
           .order_by(Message.due_at, Message.id).limit(1).with_for_update(skip_locked=True))
    while (found := session.scalars(due).first()) is not None:
        too_often = found.tries > len(_back_off(found.kind))  # it ended its worker every time
        if too_often or is_silenced(session, found.address, found.kind):
            _end(session, found, FAILED if too_often else DROPPED)
            session.flush()
            continue
        found.tries += 1
        found.due_at, found.message_id = at + LEASE, found.message_id or message_id
        session.flush()
        return Taken(found.id, found.kind, found.address, found.locale, dict(found.facts), found.message_id,
                     found.tries, found.made_at)
    return None


def _back_off(kind: str) -> Sequence[timedelta]:
    return HOOK_BACK_OFF if kind == HOOK else BACK_OFF


def sent(session: Session, number: int, now: datetime) -> None:
    """Notes that a message has gone. What it said is forgotten; its name stays, so that a bounce finds it."""
    message = session.get(Message, number)
    if message is not None:  # its account was deleted while it was on its way
        _end(session, message, SENT)
        message.sent_at = now.replace(tzinfo=None)


def put_off(session: Session, number: int, error: str, now: datetime, *, least: timedelta = timedelta(0)) -> bool:
    """Notes a try that failed for now. False when that was the last one and the message has failed. `least`: how long
    the other side wants to be left alone."""
    message = session.get(Message, number)
    if message is None:
        return False
    if message.tries > len(_back_off(message.kind)):
        give_up(session, number, error)
        return False
    wait = max(least, _back_off(message.kind)[message.tries - 1])
    message.due_at, message.error = now.replace(tzinfo=None) + wait, error[:200]
    return True


def give_up(session: Session, number: int, error: str) -> None:
    """Notes that a message cannot be sent. `error` is a code or a kind of failure, never words of a person."""
    message = session.get(Message, number)
    if message is not None:
        _end(session, message, FAILED)
        message.error = error[:200]


def _end(session: Session, message: Message, state: str) -> None:
    message.state, message.facts, message.error = state, {}, None
    if message.kind == HOOK and state != SENT:
        message.once = None  # it never arrived, so another one may take its place
    if message.kind in FORGOTTEN_WHEN_SENT:
        session.delete(message)


def is_waiting(session: Session, kind: str, address: str) -> bool:
    """Whether a message of a kind to an address has not gone yet, or is on its way."""
    return session.execute(_waiting_for(kind, address).limit(1)).first() is not None


def is_open(session: Session, number: int) -> bool:
    """Whether a message still waits: nobody has withdrawn it, and it has neither gone nor failed."""
    message = session.get(Message, number)
    return message is not None and message.state == WAITING


def withdraw(session: Session, kind: str, address: str) -> None:
    """Drops what waits of a kind for an address; one that is on its way just now still arrives."""
    for message in session.scalars(_waiting_for(kind, address)):
        _end(session, message, DROPPED)
    session.flush()


def drop_older(session: Session, made_before: datetime) -> int:
    """Drops every letter that was written before an instant and has not gone; gives how many. What goes to programs
    stays: they are told again what they know, and lose nothing."""
    old = select(Message).where(Message.state == WAITING, Message.kind != HOOK,
                                Message.made_at <= made_before.replace(tzinfo=None))
    found = session.scalars(old).all()
    for message in found:
        _end(session, message, DROPPED)
    session.flush()
    return len(found)


def _waiting_for(kind: str, address: str) -> Select[Message]:
    return select(Message).where(Message.state == WAITING, Message.kind == kind, Message.address == address)


def forget(session: Session, now: datetime) -> None:
    """Drops messages that were sent or failed long ago."""
    session.execute(delete(Message).where(Message.state != WAITING, Message.due_at < now.replace(tzinfo=None) - KEPT))


def waiting(session: Session, now: datetime) -> int:
    """How many messages are due."""
    due = select(Message.id).where(Message.state == WAITING, Message.due_at <= now.replace(tzinfo=None))
    return len(session.execute(due).all())


def written_since(session: Session, kinds: Iterable[str], since: datetime) -> dict[str, int]:
    """How many messages of some kinds each address was written since an instant."""
    counts: dict[str, int] = {}
    found = select(Message.address).where(Message.kind.in_(list(kinds)), Message.made_at > since.replace(tzinfo=None))
    for address in session.scalars(found):
        counts[address] = counts.get(address, 0) + 1
    return counts


# -- addresses that get no more --------------------------------------------------------------------------------------


def silence(session: Session, address: str, kind: str, reason: str, now: datetime) -> None:
    """Sends no more messages of a kind (EVERY_KIND) to an address; saying it twice changes nothing."""
    plain = address.strip().lower()
    there = session.get(Silence, (plain, kind))
    if there is None:
        session.add(Silence(address=plain, kind=kind, reason=reason, at=now.replace(tzinfo=None)))
    elif reason == BOUNCED:
        there.reason = reason
    session.flush()


def hear_again(session: Session, address: str, kind: str) -> None:
    """Takes back that an address wanted no messages of a kind. One that letters do not reach stays silenced."""
    session.execute(delete(Silence).where(Silence.address == address.strip().lower(), Silence.kind == kind,
                                          Silence.reason == UNSUBSCRIBED))


def is_silenced(session: Session, address: str, kind: str) -> bool:
    """Whether an address gets no message of a kind. Letters that somebody asked for stop only where they bounced."""
    found = session.scalars(select(Silence).where(Silence.address == address.strip().lower(),
                                                  Silence.kind.in_((kind, EVERY_KIND)))).all()
    return any(one.reason == BOUNCED or kind not in ASKED_FOR for one in found)


def silenced(session: Session, kind: str) -> frozenset[str]:
    """Every address that gets no message of a kind that nobody asked for."""
    return frozenset(session.scalars(select(Silence.address).where(Silence.kind.in_((kind, EVERY_KIND)))))


def came_back(session: Session, message_id: str | None, address: str | None, now: datetime) -> bool:
    """Silences the address of a letter that came back for good, told by the letter's own name, or by an address that
    was written to of late. False when it is none of ours: anybody can send a report.

    Only the name, which nobody can guess, stops also what people asked for; else a stranger could lock somebody out.
    """
    known = select(Message).where(Message.state.in_((SENT, WAITING)), Message.message_id.is_not(None),
                                  Message.kind != HOOK)
    if message_id:
        known = known.where(Message.message_id == message_id)
    elif address:
        known = known.where(Message.address == address.strip().lower())
    else:
        return False
    found = session.scalars(known.limit(1)).first()
    if found is None:
        return False
    silence(session, found.address, EVERY_KIND, BOUNCED if message_id else TOLD, now)
    session.execute(update(Message).where(Message.id == found.id, Message.state == SENT)
                    .values(state=FAILED, error="bounced"))
    return True


def late(session: Session, then: datetime) -> int:
    """How many messages should have gone before that instant (UTC, naive) and have not."""
    return session.scalar(select(func.count()).where(Message.state == WAITING, Message.due_at < then)) or 0


def failed(session: Session) -> int:
    """How many that are still kept could not be sent."""
    return session.scalar(select(func.count()).where(Message.state == FAILED)) or 0
