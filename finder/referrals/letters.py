"""The letters of referrals, written to the outbox with the deed: they name no person, no code, no need and no group in
the subject, and lead to a page that does.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people, tokens
from finder.accounts.permissions import Role, Scope
from finder.listings import changes, reminders
from finder.referrals.models import Referral, ReferralTask

ANSWER = "referral_answer"  # purpose of a receiver's link
REQUEST, REMINDER, OVER, NEWS = "referral", "referral_reminder", "referral_over", "referral_news"


def recipients(session: Session, task: ReferralTask) -> list[tuple[str, str | None]]:
    """Address and language of all who may answer for a program and whom letters reach, in a fixed order."""
    return readers(session, task.program_id)


def readers(session: Session, program: uuid.UUID) -> list[tuple[str, str | None]]:
    """The same for a program that is not asked yet; none where the sender must call."""
    there = changes.find(session, program)
    found = reminders.languages(session, there)
    return [(address, locale) for address, locale in sorted(found.items())
            if not outbox.is_silenced(session, address, REQUEST)]


def ask(session: Session, task: ReferralTask, *, now: datetime, team: str, kind: str = REQUEST,
        locale: str = "en") -> int:
    """Writes to all who may answer for a program, each with a link of their own; gives how many letters that is.

    Older links stay good, so that who opens yesterday's letter is not turned away.
    """
    there, count = changes.find(session, task.program_id), 0
    for address, said in recipients(session, task):
        secret = tokens.make(session, ANSWER, now=now, subject=task.key, facts={"address": address})
        outbox.write(session, kind, address, {"link": secret, "team": team, "name": there.document["name"]}, now=now,
                     locale=said or locale)
        count += 1
    return count


def over(session: Session, task: ReferralTask, *, now: datetime, team: str, locale: str = "en") -> None:
    """Tells a program that nothing needs to be answered any more, and ends its links."""
    for address, said in recipients(session, task):
        outbox.write(session, OVER, address, {"team": team, "name": changes.find(session, task.program_id).document[
            "name"]}, now=now, locale=said or locale)
    end_links(session, task, now=now)


def end_links(session: Session, task: ReferralTask, *, now: datetime) -> None:
    """Makes all links of a task lead to a page that says they have ended, and to nothing else."""
    tokens.end(session, ANSWER, task.key, now=now)


def tell_owner(session: Session, referral: Referral, what: str, *, now: datetime) -> None:
    """Tells the owner that something is new on their desk, once a day and kind at most; all of the team where the
    owner is not in it any more. `what` is a state or a need."""
    team = people.with_grant(session, Role.PROVIDER, Scope.TEAM, str(referral.team_id))
    for one in [each for each in team if each.id == referral.owner_id] or team:
        outbox.write(session, NEWS, one.email, {"key": referral.key, "what": what}, now=now, locale=one.locale,
                     once=f"{NEWS}:{referral.key}:{what}:{now.date()}:{one.id}")
