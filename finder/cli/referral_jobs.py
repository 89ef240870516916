"""What `finder work` does with referrals: what is due by the clock, and the end of what was kept long enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from finder.errors import Conflict
from finder.referrals import clocks, retention
from finder.services import Services


def look_after(services: Services, now: datetime) -> Mapping[str, int]:
    """Closes what nobody is left to read, ends consents that are over, reminds programs, takes questions back, asks
    what became of first dates."""
    with services.database.reading() as session:
        unread = retention.unread(session)
    counts: Counter[str] = Counter(unread=0, consents=0, reminded=0, recalled=0, calls=0, asked=0)
    _each(services, unread, lambda session, key: retention.lapse(session, key, now=now) and "unread", counts)
    with services.database.reading() as session:
        over, due = clocks.over(session, now), clocks.due(session, now)
    _each(services, over, lambda session, key: clocks.end_consent(session, key, now=now) and "consents", counts)
    _each(services, due, lambda session, key: clocks.look(session, key, now=now), counts)
    return dict(counts)


def retain(services: Services, now: datetime) -> Mapping[str, int]:
    """Closes what nobody touches any more, deletes what was kept long enough, and sweeps the bytes out of the files."""
    days = services.settings.referral_days
    with services.database.reading() as session:
        untouched, over = retention.untouched(session, now), retention.over(session, now, days=days)
    counts: Counter[str] = Counter(lapsed=0, purged=0)
    _each(services, untouched, lambda session, key: retention.lapse(session, key, now=now) and "lapsed", counts)
    _each(services, over, lambda session, key: retention.purge(session, key, now=now, days=days) and "purged", counts)
    with services.database.transaction() as session:
        counts.update(retention.forget(session, now))
    services.database.sweep()
    return dict(counts)


def _each(services: Services, keys: Iterable[str], deed: Callable[[Any, str], str | bool | None],
          counts: Counter[str]) -> None:
    """One transaction for each, counted under what its deed gives. One that fails is told when all were tried."""
    failed: Exception | None = None
    for key in keys:
        try:
            with services.database.transaction() as session:
                done = deed(session, key)
        except Conflict:  # somebody was quicker
            continue
        except Exception as wrong:  # noqa: BLE001 - one that cannot be done must not hold up the others for good
            failed = wrong
            continue
        if done:
            counts[str(done)] += 1
    if failed is not None:
        raise failed
