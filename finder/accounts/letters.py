"""Letters to the person of an account that say what was changed of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts.models import Account

NOTICE = "security_notice"


def tell(session: Session, account: Account, what: str, *, now: datetime, address: str | None = None,
         **facts: str) -> None:
    """Tells the account's address what was changed. `what` and the facts choose the words of the letter."""
    outbox.write(session, NOTICE, address or account.email, {"what": what, **facts}, now=now, locale=account.locale)
