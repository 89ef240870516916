"""Telling hooks that listings changed: one message for each that does not know yet, however much changed, and what came
of the last try.

The version of the catalog is the truth. A hook's `told` moves when the other side has taken a message and not before,
and while one waits no second one is written: so nothing is lost when a worker ends, a message fails or a hook stands
still, and nobody is called twice for what one call says. Nothing is sent or committed here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import outbox
from finder.catalog import queries
from finder.exchange import change_log, changes
from finder.exchange.change_log import Place
from finder.hooks import letters
from finder.hooks.calling import Line, Outcome, line_of
from finder.hooks.models import HELD, OFF, ON, Hook
from finder.hooks.signing import Seal
from finder.outbox import HOOK, Taken

WARN_AFTER, HOLD_AFTER = timedelta(days=3), timedelta(days=14)
MOST_NAMED = 100  # changes in one message; the address in it leads to all of them
CHANGED, PING = "listings.changed", "ping"


@dataclass(frozen=True, slots=True)
class Here:
    """This instance as messages name it. `address` has no stroke at its end."""

    name: str
    address: str


def untold(session: Session) -> Sequence[uuid.UUID]:
    """The hooks that do not know the catalog as it stands and have no message on its way."""
    behind = session.scalars(select(Hook.id).where(Hook.state == ON, Hook.told < queries.version(session))
                             .order_by(Hook.made_at, Hook.id)).all()
    return [key for key in behind if not outbox.is_waiting(session, HOOK, str(key))]


def tell(session: Session, key: uuid.UUID, here: Here, *, now: datetime) -> bool:
    """Writes the message for one hook; False when there is nothing to tell it, or somebody else did."""
    hook = session.get(Hook, key, with_for_update=True)
    state = change_log.state(session)
    if hook is None or hook.state != ON or hook.told >= state.version or outbox.is_waiting(session, HOOK, str(key)):
        return False
    place = Place(hook.told)
    piece = change_log.after(session, place, state, MOST_NAMED)
    if not piece.changes:
        hook.told = state.version  # something moved that nobody sees
        return False
    cursor = change_log.cursor(session, place, state)
    body = {**_opening(CHANGED, state.instance, here, now), "after": cursor,
            "changes_url": f"{here.address}/api/v1/changes?after={quote(cursor, safe='')}",
            "changes": [{"id": str(one.id), "slug": one.slug, "state": one.state} for one in piece.changes],
            "more": piece.more}
    written = outbox.write(session, HOOK, str(key), {"version": state.version, "body": body}, now=now,
                           once=f"hook:{key}:{state.version}")
    return written is not None


def ping(session: Session, here: Here, *, now: datetime) -> bytes:
    """A message that says nothing but who sends it, for a first try."""
    return encoded(_opening(PING, queries.instance_id(session), here, now))


def encoded(body: Mapping[str, Any]) -> bytes:
    """A message as it is signed and sent: the same letters at every try."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _opening(kind: str, instance: uuid.UUID, here: Here, now: datetime) -> dict[str, Any]:
    return {"type": kind, "timestamp": changes.instant(now.replace(microsecond=0)),
            "instance": {"id": str(instance), "name": here.name, "address": here.address}}


def line(session: Session, taken: Taken, seal: Seal) -> Line | None:
    """What the call of a message needs; None when its hook was removed or stands still meanwhile."""
    hook = session.get(Hook, uuid.UUID(taken.address))
    return line_of(hook, seal) if hook is not None and hook.state == ON else None


# -- what came of a try ----------------------------------------------------------------------------------------------


def note(session: Session, taken: Taken, outcome: Outcome, *, now: datetime) -> str:
    """Notes a try in the outbox and at its hook; gives "sent", "later" or "failed".

    Stewards get a letter after WARN_AFTER without success; after HOLD_AFTER, or when the other side says that it wants
    no more, the hook stands still until one of them switches it on again.
    """
    hook = session.get(Hook, uuid.UUID(taken.address), with_for_update=True)
    if hook is not None:
        hook.tried_at = _naive(now)
    if outcome.error is None:
        outbox.sent(session, taken.id, now)
        if hook is not None:
            hook.told, hook.good_at = max(hook.told, taken.facts["version"]), _naive(now)
            hook.error = hook.warned_at = None
        return "sent"
    if hook is None or hook.state != ON or not outbox.is_open(session, taken.id):
        return "failed"  # somebody has paused or removed it meanwhile, or begun anew
    later = not outcome.gone and outbox.put_off(session, taken.id, outcome.error, now,
                                                least=timedelta(seconds=outcome.wait))
    hook.error = outcome.error[:200]
    since = taken.made_at.replace(tzinfo=UTC)
    if outcome.gone:
        _stop(session, hook, OFF, letters.GONE, since, now)
    elif not later or now - since >= HOLD_AFTER:
        _stop(session, hook, HELD, letters.HELD, since, now)
    elif now - since >= WARN_AFTER and hook.warned_at is None:
        hook.warned_at = _naive(now)
        letters.warn(session, hook, letters.FAILING, since=since, now=now)
    return "later" if hook.state == ON else "failed"


def _stop(session: Session, hook: Hook, state: str, what: str, since: datetime, now: datetime) -> None:
    hook.state = state
    outbox.withdraw(session, HOOK, str(hook.id))
    letters.warn(session, hook, what, since=since, now=now)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
