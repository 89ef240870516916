"""What `finder work` does for the import desk: looks at files that wait, applies what was let in, reads feeds.

Files are fetched and compared outside of any transaction, so that nobody waits for a network or a long look.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from finder.cli import peer_jobs
from finder.cli.gentle import gently
from finder.cli.reading import in_one_go
from finder.errors import Conflict, Invalid
from finder.exchange import feeds, fetching, paged, peers, uploads
from finder.exchange.fetching import Fetched, Unfetchable
from finder.exchange.files import Broken
from finder.exchange.hsds import supplied
from finder.exchange.taking import Ground, Unreadable
from finder.listings.writing import Author
from finder.search.likely import MOST_LOOKED_AT, Likely
from finder.services import Services

Counts = Mapping[str, int]
Fetch = Callable[..., Fetched]


def work_off(services: Services, now: datetime) -> Counts:
    """Looks at new uploads, applies queued ones, and removes the files of those that have ended."""
    instance = services.settings.instance
    with services.database.reading() as session:
        new = [one.id for one in uploads.open_ones(session, uploads.NEW) if not uploads.needs_mapping(one)]
        queued = [(one.id, one.format) for one in uploads.open_ones(session, uploads.QUEUED)]
    for key in new:
        _look(services, key, now)
    done = [key for key, fmt in queued if (_undo if fmt == uploads.UNDO else _apply)(services, key, now)]
    with services.database.transaction() as session:
        expired = uploads.expire(session, now)
    with services.database.reading() as session:
        removed = uploads.tidy(session, instance, now)
    return {"looked_at": len(new), "done": len(done), "expired": expired, "removed": removed}


def _look(services: Services, key: uuid.UUID, now: datetime, *, again: bool = False) -> uploads.Looked:
    looked = gently(lambda: _looked(services, key, now))
    with services.database.transaction() as session:
        uploads.note_looked(session, key, looked, again=again)
    return looked


def _looked(services: Services, key: uuid.UUID, now: datetime) -> uploads.Looked:
    with services.database.reading() as session:
        return uploads.look(session, uploads.find(session, key), services.settings.instance, _ground(services), now=now,
                            alike=Likely(services.snapshot(), MOST_LOOKED_AT))


def _apply(services: Services, key: uuid.UUID, now: datetime, author: Author | None = None) -> bool:
    try:
        with services.database.reading() as session:
            upload = uploads.find(session, key)
        instance, ground, account = services.settings.instance, _ground(services), upload.account_id
        written_by = author or Author(f"steward:{account}", account)
        in_one_go(services, uploads.origin_of(upload, instance), ground, now, lambda session, prepared, report:
                  uploads.apply(session, key, instance, ground, author=written_by, now=now, prepared=prepared,
                                report=report))
    except Conflict as meanwhile:
        if meanwhile.code == "not_as_shown":
            _look(services, key, now, again=True)
        return False
    except Unreadable:  # its file is gone or no longer what it was; the desk says so, and the others go on
        _look(services, key, now)
        return False
    return True


def _undo(services: Services, key: uuid.UUID, now: datetime) -> bool:
    try:
        with services.database.transaction() as session:
            account = uploads.find(session, key).account_id
            uploads.take_back(session, key, author=Author(f"steward:{account}", account), now=now)
    except Conflict:  # somebody took it back meanwhile
        with services.database.transaction() as session:
            uploads.discard(session, key)
        return False
    return True


def _ground(services: Services) -> Ground:
    return Ground(services.vocabulary, services.gazetteer, supplied.read(services.settings.instance))


def read_feeds(services: Services, now: datetime, fetch: Fetch = fetching.fetch) -> Counts:
    """Reads the feeds that are due; what they bring is applied at once, or waits at the desk when much is missing."""
    with services.database.reading() as session:
        due = feeds.due(session, now)
    done: dict[str, int] = {"good": 0, "failed": 0, "held": 0}
    unforeseen: Exception | None = None
    for number in due:
        try:
            done[_read(services, number, now, fetch)] += 1
        except Exception as wrong:  # noqa: BLE001 - what one site sends must not keep the others from being read
            unforeseen = wrong
            with services.database.transaction() as session:
                feeds.note_failed(session, number, "unforeseen", now=now)
    if unforeseen is not None:
        raise unforeseen
    return done


def _read(services: Services, number: int, now: datetime, fetch: Fetch) -> str:
    key, folder = uploads.make_room(services.settings.instance)
    try:
        with services.database.reading() as session:
            bring = peer_jobs.read if feeds.find(session, number).format == peers.FORMAT else _bring
        return bring(services, number, key, folder, now, fetch)
    except (Unfetchable, Unreadable, Broken, Invalid, OSError) as wrong:
        shutil.rmtree(folder, ignore_errors=True)
        code = "unreachable" if isinstance(wrong, OSError) else wrong.code
        with services.database.transaction() as session:
            feeds.note_failed(session, number, code, now=now)
        return "failed"


def _bring(services: Services, number: int, key: uuid.UUID, folder: Path, now: datetime, fetch: Fetch) -> str:
    with services.database.reading() as session:
        feed = feeds.find(session, number)
    found = paged.bring(feed.url, folder, fetch, etag=feed.etag) if feed.format == paged.FORMAT \
        else fetch(feed.url, folder, etag=feed.etag)
    if found.path is None:
        shutil.rmtree(folder, ignore_errors=True)
        with services.database.transaction() as session:
            feeds.note_good(session, number, now=now)
        return "good"
    found.path.chmod(0o700 if found.path.is_dir() else 0o600)
    with services.database.transaction() as session:
        uploads.keep(session, key, found.path, name=feed.name, fmt=feed.format, mapping=feed.mapping, feed_id=number,
                     url=feed.url, now=now)
    looked = _look(services, key, now)
    if looked.unreadable:
        raise Unfetchable(looked.unreadable)
    if looked.loses_many:
        with services.database.transaction() as session:
            feeds.hold(session, number, feeds.MANY_GONE, now=now)
        return "held"
    if looked.found["deeds"] and not _apply(services, key, now, Author(f"feed:{feed.name}")):
        with services.database.transaction() as session:
            uploads.discard(session, key)
        return "failed"  # listings changed at that very moment; the next round reads it anew
    with services.database.transaction() as session:
        if not looked.found["deeds"]:
            uploads.discard(session, key)
        feeds.note_good(session, number, now=now, etag=found.etag)
    return "good"
