"""Hooks that somebody keeps: made, paused, given a new secret, removed. Nothing is sent or committed here.

A hook that is paused or held keeps its place: switched on again it is told once of all that changed meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urldefrag

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder import outbox
from finder.catalog import queries
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.exchange import posting
from finder.exchange.public_addresses import Unfetchable
from finder.hooks.models import OFF, ON, Hook
from finder.hooks.signing import Seal, Secrets, mark_of, new_secret

MOST = 20
LONGEST_NAME = 100


def add(session: Session, seal: Seal, *, name: str, url: str, account_id: int | None, now: datetime,
        anywhere: bool = False) -> tuple[Hook, str]:
    """A new hook and its secret, which is not to be had again. It hears of what changes from now on.

    Raises Invalid by field. `anywhere` allows addresses that are not public (command line only).
    """
    version = queries.next_version(session) - 1  # takes the writers' turn, so that nobody adds the same beside us
    url = urldefrag(url)[0]
    errors = _wrong(session, name, url, anywhere=anywhere)
    if not errors and session.scalar(select(func.count()).select_from(Hook)) >= MOST:  # type: ignore[operator]
        errors[""] = [Problem("too_many", max=MOST)]
    if errors:
        raise Invalid(errors)
    secret = new_secret()
    hook = Hook(id=uuid.uuid4(), url=url, name=name, secret=seal.closed(Secrets(secret)), anywhere=anywhere, state=ON,
                told=version, account_id=account_id, made_at=now.replace(tzinfo=None))
    session.add(hook)
    session.flush()
    return hook, secret


def _wrong(session: Session, name: str, url: str, *, anywhere: bool) -> dict[str, list[Problem]]:
    errors: dict[str, list[Problem]] = {}
    if not name:
        errors["name"] = [Problem("required")]
    elif len(name) > LONGEST_NAME:
        errors["name"] = [Problem("too_long", max=LONGEST_NAME)]
    elif not name.isprintable():
        errors["name"] = [Problem("bad_text")]
    elif session.scalar(select(Hook.id).where(func.lower(Hook.name) == name.lower())) is not None:
        errors["name"] = [Problem("repeated")]
    try:
        posting.allowed(url, anywhere=anywhere)
    except Unfetchable as wrong:
        errors["url"] = [Problem(f"fetch_{wrong.code}" if url else "required")]
    if "url" not in errors and session.scalar(select(Hook.id).where(Hook.url == url)) is not None:
        errors["url"] = [Problem("repeated")]
    return errors


def find(session: Session, key: str) -> Hook:
    """The hook of an id. Raises NotFound."""
    try:
        found = session.get(Hook, uuid.UUID(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("hook")
    return found


def named(session: Session, words: str) -> Hook:
    """The hook of a name, however it is written, or of an id. Raises NotFound."""
    found = None
    if "\0" not in words:  # PostgreSQL takes none, and no name has one
        found = session.scalar(select(Hook).where(func.lower(Hook.name) == words.lower()))
    return found if found is not None else find(session, words)


def every(session: Session) -> Sequence[Hook]:
    """All hooks by name."""
    return session.scalars(select(Hook).order_by(func.lower(Hook.name), Hook.id)).all()


def pause(session: Session, hook: Hook) -> None:
    """Tells it nothing for now; what waits for it does not go."""
    _stop(session, hook, OFF)


def resume(session: Session, hook: Hook) -> None:
    """Tells it again, at the next round, of all that changed since it was last told."""
    _stop(session, hook, ON)
    hook.error = hook.warned_at = None
    session.flush()


def remove(session: Session, hook: Hook) -> None:
    """Forgets it and its secret."""
    _stop(session, hook, OFF)
    session.delete(hook)
    session.flush()


def _stop(session: Session, hook: Hook, state: str) -> None:
    hook.state = state
    outbox.withdraw(session, outbox.HOOK, str(hook.id))
    session.flush()


def renew_secret(session: Session, seal: Seal, hook: Hook, *, seen: str, now: datetime) -> str:
    """A new secret, not to be had again; the one before it signs beside it for a day. `seen` is the mark of the secret
    that whoever asks has before them. Raises Conflict("stale") when that was replaced meanwhile."""
    queries.next_version(session)  # of two at once, the second one waits here
    session.refresh(hook)
    if mark_of(hook.secret) != seen:
        raise Conflict("stale")
    before = seal.opened(hook.secret)
    after = before.renewed(now) if before is not None else Secrets(new_secret())
    hook.secret = seal.closed(after)
    session.flush()
    return after.newest
