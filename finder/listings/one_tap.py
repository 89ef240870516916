"""What the people of a group say with one tap on a page that a letter leads to, without signing in.

Whoever holds the link speaks for the listing's contact, in the few things that can be said here and harm nobody. Each
says the same when it is said twice a day. Nothing is committed here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import tokens
from finder.accounts.tokens import Link
from finder.catalog import rows
from finder.errors import Conflict, Invalid, NotFound, Problem, TooOften
from finder.limits import Limit, spend
from finder.listings import changes, pauses, reminders, review
from finder.listings.changes import Listing
from finder.listings.models import Note, Proposal, Report
from finder.listings.writing import Author, naive

CONTACT = Author("contact")  # what history calls whoever holds the link
ROOM = ("open", "waitlist", "full")  # of the contract's words for capacity, those a tap can say; "ask" takes it away
ASK = "ask"
MOST_WEEKS = 260  # contract section 1, capacity.wait_weeks
LONGEST_WORDS = 1000  # characters
NOT_LISTED_AGAIN_DAYS = 90  # nobody is asked anything while a steward decides about taking a listing down
# New links to one listing's contact in a day: enough for a letter that was lost, too few to pester.
_AGAIN = Limit("mail_again", 3, 86_400)


def look(session: Session, secret: str, *, now: datetime) -> tuple[Link, Listing]:
    """A link from a letter and the listing it answers for, whatever their states. Raises NotFound.

    A link is over when its address is the listing's no more: who left a group does not speak for it.
    """
    link = tokens.look(session, secret, "check", now=now)
    there = changes.find(session, uuid.UUID(link.subject))
    if link.facts.get("address") not in reminders.voices(session, there):
        link = replace(link, state="expired")
    return link, there


def confirm(session: Session, program: uuid.UUID, *, base: int, now: datetime) -> Listing:
    """All that the listing says is right, today. `base` is the version that was read.

    A word on free places that is not too old counts as said again. Raises Conflict("stale") when it changed meanwhile.
    """
    there, today = changes.find(session, program), now.date().isoformat()
    wanted = {**there.document, "verified": {"on": today, "method": "operator"}}
    room = there.document.get("capacity")
    if room and (now.date() - date.fromisoformat(room["as_of"])).days <= reminders.CAPACITY_DAYS:
        wanted["capacity"] = {**room, "as_of": today}
    return _said(session, there, wanted, base=base, now=now)


def say_room(session: Session, program: uuid.UUID, room: str, *, now: datetime,
             weeks: float | None = None) -> Listing:
    """Whether there is room: one of ROOM, or ASK for "please ask us". `weeks`: how long the wait is about.

    Raises Invalid by field.
    """
    if room not in (*ROOM, ASK):
        raise Invalid({"room": [Problem("required")]})
    if weeks is not None and not 0 <= weeks <= MOST_WEEKS:
        raise Invalid({"weeks": [Problem("out_of_range", min=0, max=MOST_WEEKS)]})
    there = changes.find(session, program)
    wanted = {key: value for key, value in there.document.items() if key != "capacity"}
    if room != ASK:
        wanted["capacity"] = {"status": room, "as_of": now.date().isoformat(),
                              **({"wait_weeks": weeks} if room == "waitlist" and weeks else {})}
    return _said(session, there, wanted, base=there.version, now=now)


def pause(session: Session, program: uuid.UUID, *, back_on: date, now: datetime) -> Listing:
    """Not meeting for now, back on a day. Raises Invalid for a day that is not within the year ahead."""
    there = changes.find(session, program)
    reminders.answered(session, program, now)
    return pauses.pause(session, program, back_on=back_on, base=there.version, author=CONTACT, now=now)


def back(session: Session, program: uuid.UUID, *, now: datetime) -> Listing:
    """Meeting again, before the day that was said."""
    there = changes.find(session, program)
    pauses.forget(session, program)
    wanted = {key: value for key, value in there.document.items() if key != "status"}
    return _said(session, there, wanted, base=there.version, now=now, kind="resumed")


def _said(session: Session, there: Listing, wanted: Mapping[str, Any], *, base: int, now: datetime,
          kind: str = "checked") -> Listing:
    reminders.answered(session, there.id, now)
    if wanted == there.document:
        return there  # said before, today
    return changes.change(session, there.id, base=base, author=CONTACT, now=now, document=wanted, kind=kind)


def ask_removal(session: Session, program: uuid.UUID, *, words: str, address: str | None, now: datetime,
                locale: str = "en") -> None:
    """Keeps the wish not to be listed for a steward; wishing it twice is one wish. Raises Invalid for the words."""
    reason = _checked(words, "words")
    there = changes.find(session, program)
    reminders.answered(session, program, now, again_in_days=NOT_LISTED_AGAIN_DAYS)
    waits = select(Proposal.id).where(Proposal.program_id == program, Proposal.kind == "delete",
                                      Proposal.state == review.WAITING)
    if session.execute(waits).first() is not None:
        return
    text = rows.written(there.document)
    session.add(Proposal(program_id=program, kind="delete", base_version=there.version, before=text, document=text,
                         fields=["listing"], note=reason or None, reply_to=address, locale=locale, made_at=naive(now)))
    session.flush()


def stop_letters(session: Session, address: str, now: datetime) -> None:
    """No more letters that ask about listings; answers to what a person sent are still sent."""
    for kind in reminders.KINDS:
        outbox.silence(session, address, kind, outbox.UNSUBSCRIBED, now)


def send_again(session: Session, program: uuid.UUID, now: datetime, *, locale: str = "en") -> bool:
    """A new link, to whoever is asked about the listing now. False when there is nobody. Raises TooOften."""
    there = changes.find(session, program)
    seconds = spend(session, _AGAIN, program.bytes, now)
    if seconds:
        raise TooOften("mail_again", seconds=seconds)
    return reminders.send_again(session, there, now, locale=locale)


# -- a change that its old contact is asked about --------------------------------------------------------------------


def proposal_of(session: Session, link: Link) -> Proposal:
    """What a link of a letter about a proposal is about. Raises NotFound."""
    return review.find(session, link.subject)


def agree(session: Session, secret: str, *, now: datetime) -> None:
    """The old contact agrees to what waits. Raises NotFound, Conflict when the link or the proposal is not open, or
    only a steward may agree ("too_soon")."""
    if not tokens.look(session, secret, "confirm_change", now=now).facts.get("may_agree", True):
        raise Conflict("too_soon")
    link = _open(session, secret, "confirm_change", "agreed", now)
    review.agree(session, uuid.UUID(link.subject), now=now)


def refuse(session: Session, secret: str, *, words: str, now: datetime) -> None:
    """The old contact did not ask for what waits: it is rejected, and stewards are told to look at who asked for it.

    `words` say so to whoever proposed it. Raises as `agree`.
    """
    link = _open(session, secret, "confirm_change", "refused", now)
    proposal = review.find(session, link.subject)
    program, who = proposal.program_id, proposal.account_id
    if program is None:
        raise NotFound("proposal")
    review.decide(session, proposal.id, {name: review.REJECT for name in proposal.fields}, author=CONTACT, now=now,
                  reason=words)
    text = f"{words} ({proposal.kind}, account {who or '-'})"
    session.add_all([Note(program_id=program, text=text, at=naive(now)),
                     Report(program_id=program, kind="other", note=text, sent_on=now.date(), sent_hour=now.hour)])
    session.flush()


def appeal(session: Session, secret: str, words: str, *, now: datetime) -> None:
    """Whoever was told no says why it should be yes, once. Raises Invalid, Conflict."""
    said = _checked(words, "words")
    if not said:
        raise Invalid({"words": [Problem("required")]})
    link = _open(session, secret, "reply", "appealed", now)
    review.appeal(session, uuid.UUID(link.subject), said, now=now)


def _open(session: Session, secret: str, purpose: str, result: str, now: datetime) -> Link:
    """Uses a link up. Raises NotFound for one that never was, and Conflict with its state when it is not open."""
    link = tokens.look(session, secret, purpose, now=now)
    if not tokens.use(session, secret, purpose, now=now, result=result):
        raise Conflict(link.state)
    return link


def _checked(words: str, field: str) -> str:
    said = words.strip().replace("\r\n", "\n")
    if len(said) > LONGEST_WORDS:
        raise Invalid({field: [Problem("too_long", max=LONGEST_WORDS)]})
    if not all(one.isprintable() or one in "\n\t" for one in said):
        raise Invalid({field: [Problem("bad_text")]})
    return said
