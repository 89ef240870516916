"""What `finder work` does for hooks: writes one message for each that does not know the newest listings, sends what is
due, and notes what came of it.

All that is due goes at once, each call in a thread of its own, so that one that takes its time holds up no other and a
round is over in seconds. No transaction is open meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import datetime

from flask import current_app

from finder import instance, outbox
from finder.exchange import posting
from finder.hooks import calling, keeping, telling
from finder.hooks.calling import Line, Outcome, Post
from finder.hooks.signing import Seal, new_message_id
from finder.hooks.telling import Here
from finder.outbox import Taken
from finder.services import Services


def look_after(services: Services, now: datetime, post: Post = posting.post) -> Mapping[str, int]:
    """Tells every hook that listings changed."""
    counts: Counter[str] = Counter(written=_write(services, now), sent=0, later=0, failed=0)
    for taken, outcome in _called(services, now, post):
        with services.database.transaction() as session:
            counts[telling.note(session, taken, outcome, now=now)] += 1
    return dict(counts)


def here(services: Services) -> Here:
    """This instance as messages name it."""
    with services.database.reading() as session:
        saved = instance.newest(session)
    return Here(saved.name or services.settings.site_name, services.settings.address)


def seal() -> Seal:
    """What opens the secrets of hooks."""
    found: Seal = current_app.extensions["finder_hooks"]
    return found


def _write(services: Services, now: datetime) -> int:
    with services.database.reading() as session:
        behind = telling.untold(session)
    written, named = 0, here(services) if behind else None
    for key in behind:
        with services.database.transaction() as session:
            written += named is not None and telling.tell(session, key, named, now=now)
    return written


def _called(services: Services, now: datetime, post: Post) -> Iterator[tuple[Taken, Outcome]]:
    """What came of each message that is due, as soon as it is known."""
    due = _take(services, now)
    if not due:
        return
    with ThreadPoolExecutor(max_workers=len(due)) as pool:
        calls: dict[Future[Outcome], Taken] = {
            pool.submit(calling.call, line, taken.message_id, telling.encoded(taken.facts["body"]), now=now,
                        post=post): taken for taken, line in due if line is not None}
        yield from ((taken, Outcome("off")) for taken, line in due if line is None)
        for done in as_completed(calls):
            wrong = done.exception()
            yield calls[done], done.result() if wrong is None else Outcome(f"broken {type(wrong).__name__}")


def _take(services: Services, now: datetime) -> list[tuple[Taken, Line | None]]:
    """Messages that are due, for this worker alone, each with what its call needs; None for a hook that is gone."""
    due: list[tuple[Taken, Line | None]] = []
    while len(due) < keeping.MOST:
        with services.database.transaction() as session:
            taken = outbox.take(session, now, new_message_id(), hooks=True)
            if taken is None:
                break
            due.append((taken, telling.line(session, taken, seal())))
    return due
