"""Ten codes on paper for the day the phone is gone: each good once, kept as hashes, shown when they are made."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from finder.accounts.models import RECOVERY, Factor
from finder.accounts.tokens import digest

CODES = 10
BYTES = 10  # 80 bits of chance: too many to try, and a plain hash is enough
GROUP = 4


def make(session: Session, account_id: int, *, now: datetime) -> list[str]:
    """Ten new codes, "abcd-efgh-…"; the old ones are good no more."""
    forget(session, account_id)
    codes = [_code() for _ in range(CODES)]
    session.add_all(Factor(account_id=account_id, kind=RECOVERY, secret=digest(_plain(one)),
                           made_at=now.replace(tzinfo=None)) for one in codes)
    session.flush()
    return codes


def use(session: Session, account_id: int, code: str, *, now: datetime) -> bool:
    """Uses a code up. Of two at once one is right."""
    done = session.execute(
        update(Factor).where(Factor.account_id == account_id, Factor.kind == RECOVERY, Factor.used_at.is_(None),
                             Factor.secret == digest(_plain(code))).values(used_at=now.replace(tzinfo=None)))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def left(session: Session, account_id: int) -> int:
    """How many codes are still good."""
    return session.execute(select(func.count(Factor.id)).where(
        Factor.account_id == account_id, Factor.kind == RECOVERY, Factor.used_at.is_(None))).scalar_one()


def forget(session: Session, account_id: int) -> None:
    """Ends all codes of an account."""
    session.execute(delete(Factor).where(Factor.account_id == account_id, Factor.kind == RECOVERY))


def _code() -> str:
    text = base64.b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(text[i:i + GROUP] for i in range(0, len(text), GROUP))


def _plain(code: str) -> str:
    """A code as it is hashed: without dashes and spaces, and with the digits that are mistaken for letters."""
    kept = "".join(one for one in code.lower() if one.isalnum())[:64]
    return kept.replace("0", "o").replace("1", "l").replace("8", "b")
