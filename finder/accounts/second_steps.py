"""The second steps of an account: which it has, taking one, naming and removing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from finder import limits
from finder.accounts import letters, people, recovery, totp
from finder.accounts.models import RECOVERY, Account, Factor
from finder.accounts.permissions import SECOND_STEP
from finder.errors import Conflict, NotFound, TooOften
from finder.limits import Limit

# Six digits with three good ones at a time: at 100 tries a day a guesser who has the first step already needs years.
TRIES, TRIES_A_DAY = Limit("code", 10, 300), Limit("code_day", 100, 24 * 3600)


@dataclass(frozen=True, slots=True)
class Step:
    """A second step as its owner sees it."""

    number: int
    kind: str  # totp or passkey
    name: str | None
    made_at: datetime
    used_at: datetime | None


def of_account(session: Session, account_id: int) -> list[Step]:
    """Code apps and passkeys, the oldest first."""
    found = session.scalars(select(Factor).where(Factor.account_id == account_id, Factor.kind != RECOVERY)
                            .order_by(Factor.id))
    return [Step(one.id, one.kind, one.name, one.made_at, one.used_at) for one in found]


def count_try(session: Session, account_id: int, key: bytes, *, now: datetime) -> None:
    """Counts a code before it is checked; `key` is a keyed hash of the account. Raises TooOften."""
    for limit in (TRIES, TRIES_A_DAY):
        seconds = limits.spend(session, limit, key, now)
        if seconds:
            raise TooOften(limit.kind, seconds=seconds)


def check_code(session: Session, account_id: int, code: str, *, seal: Fernet | MultiFernet, now: datetime) -> bool:
    """Whether a code is of the account's app, or one of its recovery codes, which is used up."""
    return totp.check(session, account_id, code, seal=seal, now=now) \
        or recovery.use(session, account_id, code, now=now)


def remove(session: Session, account: Account, number: int, *, now: datetime) -> None:
    """Removes a code app or passkey and tells the person; with the last one go the recovery codes.

    Raises NotFound, and Conflict("last_step") where the person's roles ask for one.
    """
    steps = of_account(session, account.id)
    gone = next((one for one in steps if one.number == number), None)
    if gone is None:
        raise NotFound("second_step")
    if len(steps) == 1 and any(one.role in SECOND_STEP for one in people.grants_of(session, account.id)):
        raise Conflict("last_step")
    session.execute(delete(Factor).where(Factor.id == number))
    if len(steps) == 1:
        recovery.forget(session, account.id)
    letters.tell(session, account, "step_removed", now=now)


def remove_all(session: Session, account_id: int) -> None:
    """Removes every second step and every recovery code."""
    session.execute(delete(Factor).where(Factor.account_id == account_id))
