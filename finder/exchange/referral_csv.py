"""Referrals as a table for a spreadsheet: a row for every program asked. No need, no note and nothing of who somebody
is; cells that a spreadsheet could run are made harmless (`tables.safe`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from finder.exchange.tables import streamed
from finder.referrals.exporting import PART_2, Asked, Whole
from finder.referrals.models import Referral, ReferralTask

HEADS = (
    "code", "referral", "referral_state", "outcome", "made_at", "closed_at", "level_suggested", "level",
    "override_reason", "position", "program", "organization", "program_id", "state", "asked_by", "sent_at", "seen_at",
    "answered_at", "ended_at", "answer", "first_date", "wait_weeks", "decline_reason", "questions", "consent_until",
    "notice",
)
# States that tell what a program said, and what they are called where that is asked.
_ANSWERS = ("waiting", "accepted", "declined")


def table(referrals: Iterable[Whole], *, mark: bool = True) -> Iterator[str]:
    """The table as CSV, piece by piece. Times are UTC; `notice` is there where 42 CFR part 2 asks for it."""
    return streamed(HEADS, _rows(referrals), mark=mark)


def _rows(referrals: Iterable[Whole]) -> Iterator[Sequence[object]]:
    for one in referrals:
        for asked in one.asked:
            yield (*_of_referral(one.referral), *_of_task(asked, asked.task),
                   PART_2 if one.referral.substance else None)


def _of_referral(one: Referral) -> Sequence[object]:
    return (one.code, one.key, one.state, one.outcome, one.made_at, one.closed_at, one.suggested, one.level,
            one.override)


def _of_task(asked: Asked, task: ReferralTask) -> Sequence[object]:
    return (task.position + 1, asked.program, asked.organization, task.program_id, task.state, task.way, task.sent_at,
            task.seen_at, task.answered_at, task.ended_at, _answer(task), task.first_on, task.wait_weeks, task.reason,
            "; ".join(task.asked or ()), asked.consent.until if asked.consent is not None else None)


def _answer(task: ReferralTask) -> str | None:
    """What the program said last: yes, no or wait; also of a referral that went on from there."""
    if task.state in _ANSWERS:
        return task.state
    if task.answered_at is None:
        return None
    if task.first_on is not None:
        return "accepted"
    return "waiting" if task.wait_weeks is not None else None
