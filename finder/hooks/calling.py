"""One call of one address, signed. No database is open meanwhile, for the other side may take its time."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from finder.exchange import posting
from finder.exchange.posting import Posted
from finder.exchange.public_addresses import Unfetchable
from finder.hooks.models import Hook
from finder.hooks.signing import Seal, Secrets

Post = Callable[..., Posted]
GONE = 410  # the other side wants no more (Standard Webhooks, "Delivery success and failure")
SEALED = "sealed"  # the secret cannot be opened: the instance's own secret is another one now


@dataclass(frozen=True, slots=True)
class Line:
    """What a call of a hook needs. `secrets` None: they cannot be opened."""

    hook: uuid.UUID
    url: str
    anywhere: bool
    secrets: Secrets | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: `error` is None when it was taken, else a code ("status 503", "too_slow", "sealed").
    `gone`: the other side wants no more. `wait`: seconds that it wants to be left alone."""

    error: str | None = None
    gone: bool = False
    wait: int = 0


def line_of(hook: Hook, seal: Seal) -> Line:
    """What a call of a hook needs."""
    return Line(hook.id, hook.url, hook.anywhere, seal.opened(hook.secret))


def call(line: Line, message_id: str, body: bytes, *, now: datetime, post: Post = posting.post) -> Outcome:
    """Sends one message and gives what came of it."""
    if line.secrets is None:
        return Outcome(SEALED)
    try:
        answer = post(line.url, body, line.secrets.headers(message_id, body, now), anywhere=line.anywhere)
    except Unfetchable as wrong:
        return Outcome(wrong.code)
    if answer.good:
        return Outcome()
    return Outcome(f"status {answer.status}", answer.status == GONE, answer.wait)
