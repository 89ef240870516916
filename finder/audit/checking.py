"""Proving the audit of an instance, with what it keeps outside its database: the end seen last, and what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from finder.audit import chain, verifying
from finder.audit.recording import Keys
from finder.audit.verifying import Verdict, Witness

HEAD, FOUND = "audit_head", "audit_found"  # files of an instance: the end seen last, what the last check found
RESTORED = (verifying.BACK, verifying.OTHER, verifying.SEAL)  # what a backup that was put back looks like


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last check found: the number at which the chain breaks, if it does, and when that was (UTC)."""

    at: datetime
    broken: int | None


def proved(engine: Engine, keys: Keys, instance: Path, *, forgetting: bool = False) -> Verdict:
    """What a check finds; `forgetting`: without the end that was seen last."""
    seen = None if forgetting else Witness(instance / HEAD).seen()
    with verifying.view(engine) as connection:
        return verifying.verify(connection, key=keys.seals[0], before=keys.seals[1:], seen=seen)


def look(engine: Engine, keys: Keys, instance: Path, now: datetime) -> Verdict:
    """Proves the audit and keeps what was found; where it is whole, its end is the one seen last from now on."""
    found = proved(engine, keys, instance)
    if found.broken is None:
        Witness(instance / HEAD).keep(found.end)
    _keep(instance, Seen(now.astimezone(UTC), found.broken))
    return found


def take(transaction: Callable[[], AbstractContextManager[Session]], engine: Engine, keys: Keys, instance: Path,
         now: datetime) -> Verdict:
    """After a backup was put back: takes the audit as it stands, in an entry of its own, where it looks like that;
    gives what a check finds then."""
    found = look(engine, keys, instance, now)
    if found.why not in RESTORED:
        return found
    with transaction() as session:
        chain.accept(session.connection(), seen=Witness(instance / HEAD).seen(), now=now, key=keys.seals[0])
    Witness(instance / HEAD).keep(proved(engine, keys, instance, forgetting=True).end)
    return look(engine, keys, instance, now)


def last(instance: Path) -> Seen | None:
    """What the last check found; None where there was none, or the file says nothing of use."""
    try:
        said = json.loads((instance / FOUND).read_text(encoding="ascii"))
        return Seen(datetime.fromisoformat(said["at"]), None if said["broken"] is None else int(said["broken"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(instance: Path, seen: Seen) -> None:
    draft = instance / f".{FOUND}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"at": seen.at.isoformat(), "broken": seen.broken}), encoding="ascii")
    draft.replace(instance / FOUND)
