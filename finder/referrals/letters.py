"""The letters of referrals, written to the outbox with the deed: they name no person, no code, no need and no group in
the subject, and lead to a page that does.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people, tokens
from finder.accounts.permissions import Role, Scope
from finder.listings import changes, reminders
from finder.referrals.models import Referral, ReferralTask

ANSWER = "referral_answer"  # purpose of a receiver's link
REQUEST, REMINDER, OVER, NEWS = "referral", "referral_reminder", "referral_over", "referral_news"
CAME = "referral_came"  # what became of a first date, or of a wait, that is over
KINDS = (REQUEST, REMINDER, OVER, NEWS, CAME)
ASKING = (REQUEST, REMINDER, CAME)  # those that want an answer of a program; one "no more letters" ends them
# What an owner is told beside the states that others move a task to: a program was reminded; it must be called and was
# not; a first date, or a wait, is over; the person's consent is over; nobody touched the referral, and it was closed.
REMINDED, CALL, VISIT, PLACE, CONSENT_OVER, LAPSED = ("reminded", "call", "visit", "place", "consent_over", "lapsed")
NEW_CONTACT = "new_contact"  # a line of history: this letter went to other addresses than the one before
# And what follows a no or no answer: the next was asked, must be called, or is to be chosen (`reading.next_best`).
NEXT_ASKED, CALL_NEXT, CHOOSE_NEXT = "next_asked", "call_next", "choose_next"


def recipients(session: Session, task: ReferralTask) -> list[tuple[str, str | None]]:
    """Address and language of all who may answer for a program and whom letters reach, in a fixed order."""
    return readers(session, task.program_id)


def readers(session: Session, program: uuid.UUID) -> list[tuple[str, str | None]]:
    """The same for a program that is not asked yet; none where the sender must call."""
    there = changes.find(session, program)
    found = reminders.languages(session, there)
    return [(address, locale) for address, locale in sorted(found.items())
            if not is_stopped(session, address)]


def asked_before(session: Session, task: ReferralTask) -> list[tuple[str, str | None]]:
    """Those of `recipients` who were written to when the sender asked. Whoever came to answer for the program since is
    not told of by the clock: to which address something goes is for the sender to know."""
    return [(address, locale) for address, locale in recipients(session, task) if digest(address) in task.written_to]


def has_moved(session: Session, task: ReferralTask) -> bool:
    """Whether asking now would go to other addresses than it did the last time."""
    return bool(task.written_to) and {digest(one) for one, _ in recipients(session, task)} != set(task.written_to)


def digest(address: str) -> str:
    """What is kept of an address that was written to."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def is_stopped(session: Session, address: str) -> bool:
    """Whether an address gets no letters that want an answer."""
    return any(outbox.is_silenced(session, address, kind) for kind in ASKING)


def stop(session: Session, address: str, *, now: datetime) -> None:
    """No more letters that want an answer, to this address; nothing is written here to who asks."""
    for kind in ASKING:
        outbox.silence(session, address, kind, outbox.UNSUBSCRIBED, now)


def go_on(session: Session, address: str) -> None:
    """Takes `stop` back."""
    for kind in ASKING:
        outbox.hear_again(session, address, kind)


def ask(session: Session, task: ReferralTask, *, now: datetime, team: str, locale: str = "en") -> int:
    """Writes to all who may answer for a program today, each with a link of their own; gives how many letters that is.

    Older links stay good, so that who opens yesterday's letter is not turned away.
    """
    present = recipients(session, task)
    task.written_to = [digest(address) for address, _ in present]
    return _write(session, task, present, REQUEST, team, locale, now)


def ask_again(session: Session, task: ReferralTask, *, now: datetime, team: str, kind: str,
              locale: str = "en") -> int:
    """The same for a REMINDER or CAME, but to those alone whom `ask` wrote to and who may answer still."""
    return _write(session, task, asked_before(session, task), kind, team, locale, now)


def _write(session: Session, task: ReferralTask, to: Iterable[tuple[str, str | None]], kind: str, team: str,
           locale: str, now: datetime) -> int:
    there, count = changes.find(session, task.program_id), 0
    for address, said in to:
        secret = tokens.make(session, ANSWER, now=now, subject=task.key, facts={"address": address})
        facts = {"link": secret, "team": team, "name": there.document["name"]}
        outbox.write(session, kind, address, facts if kind != CAME else facts | {"state": task.state}, now=now,
                     locale=said or locale)
        count += 1
    return count


def over(session: Session, task: ReferralTask, *, now: datetime, team: str, locale: str = "en") -> None:
    """Tells a program that nothing needs to be answered any more, and ends its links."""
    for address, said in asked_before(session, task):
        outbox.write(session, OVER, address, {"team": team, "name": changes.find(session, task.program_id).document[
            "name"]}, now=now, locale=said or locale)
    end_links(session, task, now=now)


def end_links(session: Session, task: ReferralTask, *, now: datetime) -> None:
    """Makes all links of a task lead to a page that says they have ended, and to nothing else."""
    tokens.end(session, ANSWER, task.key, now=now)


def tell_owner(session: Session, referral: Referral, what: str, *, now: datetime, then: str | None = None) -> None:
    """Tells the owner that something is new on their desk, once a day and kind at most; all of the team where the
    owner is not in it any more. `what` is a state or one of REMINDED to LAPSED, `then` of NEXT_ASKED to CHOOSE_NEXT."""
    team = people.with_grant(session, Role.PROVIDER, Scope.TEAM, str(referral.team_id))
    for one in [each for each in team if each.id == referral.owner_id] or team:
        outbox.write(session, NEWS, one.email, {"key": referral.key, "what": what, "then": then}, now=now,
                     locale=one.locale, once=f"{NEWS}:{referral.key}:{what}:{now.date()}:{one.id}")
