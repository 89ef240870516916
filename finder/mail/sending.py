"""The outbox, emptied: each letter is taken, written and sent, and what came of it is noted.

No network is waited for inside a transaction. What goes wrong is logged by kind and number, never by what it said.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from flask import Flask

from finder import outbox
from finder.errors import FinderError
from finder.journal import Logged
from finder.mail import letters
from finder.mail.postbox import Later, Postbox, Refused, Unreachable
from finder.outbox import Taken
from finder.services import Services

MOST_AT_ONCE = 50  # letters of one round, so that the other work of `finder work` has its turn

log = logging.getLogger("finder.mail")


def send_due(app: Flask, services: Services, postbox: Postbox, now: datetime) -> dict[str, int]:
    """Sends what is due and gives the counts: sent, later, failed. It stops when the mail server cannot be reached."""
    counts: Counter[str] = Counter(sent=0, later=0, failed=0)
    for _ in range(MOST_AT_ONCE):
        with services.database.transaction() as session:
            taken = outbox.take(session, now, letters.new_id(services.settings))
        if taken is None:
            break
        try:
            counts[_send(app, services, postbox, taken, now)] += 1
        except Unreachable as away:
            log.warning(Logged("mail_unreachable", error=away))
            counts[_later(services, taken, str(away), now)] += 1
            break
    return dict(counts)


def _send(app: Flask, services: Services, postbox: Postbox, taken: Taken, now: datetime) -> str:
    try:
        letter = letters.compose(app, taken.kind, taken.facts, taken.locale, today=now.date())
        message = letters.envelope(services.settings, letter, taken.address, taken.message_id, now)
    except Exception as wrong:  # noqa: BLE001 - a letter that cannot be written must not hold up the others
        kind = wrong.code if isinstance(wrong, FinderError) else type(wrong).__name__
        log.error(Logged("letter_unwritten", letter=taken.id, kind=taken.kind, error=kind))  # noqa: TRY400
        return _failed(services, taken, f"unwritten {kind}")
    try:
        postbox.post(message, taken.address)
    except Later as wait:
        return _later(services, taken, str(wait), now)
    except Refused as refused:
        return _failed(services, taken, f"refused {refused}", gone_at=now if refused.gone else None)
    with services.database.transaction() as session:
        outbox.sent(session, taken.id, now)
    return "sent"


def _later(services: Services, taken: Taken, error: str, now: datetime) -> str:
    with services.database.transaction() as session:
        waits = outbox.put_off(session, taken.id, error, now)
    return "later" if waits else "failed"


def _failed(services: Services, taken: Taken, error: str, gone_at: datetime | None = None) -> str:
    with services.database.transaction() as session:
        outbox.give_up(session, taken.id, error)
        if gone_at is not None and taken.kind not in outbox.FORGOTTEN_WHEN_SENT:
            outbox.silence(session, taken.address, outbox.EVERY_KIND, outbox.BOUNCED, gone_at)
    return "failed"
