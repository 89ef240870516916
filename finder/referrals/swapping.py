"""The one statement that changes where a task stands: of two who change it at once, one wins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from finder.errors import Conflict
from finder.referrals.models import ReferralTask
from finder.referrals.states import ANSWERED, ASK_AFTER_FIRST_DATE, FINAL, LOOK_AGAIN, State


def swap(session: Session, task: ReferralTask, before: State, state: State, *, now: datetime,
         note: bytes | None = None, **columns: Any) -> None:
    """Changes the state, and with it what a change brings along, if it is still what it was; `columns` go with the
    move. Raises Conflict("stale")."""
    at = now.replace(tzinfo=None)
    values: dict[str, Any] = {"state": state, "version": ReferralTask.version + 1,
                              "due_at": _due(task, state, columns, now)}
    if note is not None:
        values["note"] = note
    if state is State.SENT:
        values |= {"sent_at": task.sent_at or at, "reminders": 0}
    if state is State.SEEN:
        values["seen_at"] = at
    if state in ANSWERED and task.answered_at is None:
        values["answered_at"] = at
    values["ended_at"] = at if state in FINAL else None
    done = session.execute(update(ReferralTask).where(ReferralTask.key == task.key, ReferralTask.state == before,
                                                      ReferralTask.version == task.version)
                           .values(**values, **columns).execution_options(synchronize_session=False))
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Conflict("stale")
    session.refresh(task)


def _due(task: ReferralTask, state: State, columns: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the clock looks at it next."""
    if state is State.SEEN:
        return task.due_at
    if state is State.ACCEPTED:
        first: date = columns["first_on"]
        return datetime.combine(first, time()) + ASK_AFTER_FIRST_DATE
    if state is State.WAITING and columns.get("wait_weeks") is not None:
        return now.replace(tzinfo=None) + timedelta(weeks=columns["wait_weeks"]) + ASK_AFTER_FIRST_DATE
    return now.replace(tzinfo=None) + LOOK_AGAIN[state] if state in LOOK_AGAIN else None
