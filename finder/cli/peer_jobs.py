"""Feeds of other instances of this software, as `finder work` reads them: their changes page by page, each taken over
in a transaction of its own together with the place it reaches, so that a round that is cut off loses nothing.

What takes many listings down at once waits at the import desk, as with every feed.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from finder.errors import NotFound
from finder.exchange import changes, feeds, peers, subscriptions, taking, uploads
from finder.exchange.changes import Keeper, Page
from finder.exchange.fetching import Unfetchable
from finder.exchange.files import Broken
from finder.exchange.peers import Brought, Fetch
from finder.exchange.subscriptions import Position
from finder.exchange.taking import Ground, Origin
from finder.listings import edits
from finder.listings.edits import Departure, ImportReport
from finder.listings.models import Feed
from finder.listings.outcomes import Why
from finder.listings.writing import Author
from finder.services import Services

MOST_WALKED = 2000  # pages without an end: a million listings
GOOD, HELD = "good", "held"


class _Overtaken(Exception):
    """Somebody else reads, paused or removed the feed meanwhile."""


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed as it was when its round began."""

    number: int
    name: str
    url: str
    etag: str | None
    at: Position


def read(services: Services, number: int, key: uuid.UUID, folder: Path, now: datetime, fetch: Fetch) -> str:
    """Takes over what changed in another instance: good or held. Raises Unfetchable, Broken, OSError.

    `folder` is that of the upload `key`, which is made only if a steward must look.
    """
    round_ = _Round(services, number, key, folder, now)
    try:
        return round_.go(fetch)
    except _Overtaken:
        shutil.rmtree(folder, ignore_errors=True)
        return GOOD


class _Round:
    """One round of one feed."""

    def __init__(self, services: Services, number: int, key: uuid.UUID, folder: Path, now: datetime) -> None:
        self.services, self.number, self.key, self.folder, self.now = services, number, key, folder, now

    def go(self, fetch: Fetch) -> str:
        feed = self._feed()
        try:
            brought = self._bring(feed, fetch)
        except Unfetchable as wrong:
            if wrong.values.get("status") != peers.GONE or feed.at.cursor is None:
                raise
            feed = self._start_over(feed)
            brought = self._bring(feed, fetch)
        code = self._wrong(feed, brought.keepers) if brought.pages else None
        if code is not None:
            return self._hold(code)
        if brought.pages and self._are_many(feed, peers.departed(self._pages_folder())):
            return self._hold(feeds.MANY_GONE, self._pages_folder())
        for path in brought.pages:
            feed = self._take(feed, peers.read_page(path), path)
        if brought.wrong is not None:
            raise brought.wrong
        return self._end(feed, brought)

    def _feed(self) -> _Feed:
        with self.services.database.reading() as session:
            found = feeds.find(session, self.number)
            return _Feed(found.id, found.name, found.url, found.etag, subscriptions.position(found))

    def _bring(self, feed: _Feed, fetch: Fetch) -> Brought:
        folder = self._pages_folder()
        folder.mkdir(mode=0o700, exist_ok=True)
        return peers.bring(feed.url, feed.at.cursor, folder, fetch, etag=feed.etag)

    def _pages_folder(self) -> Path:
        return self.folder / "pages"

    def _start_over(self, feed: _Feed) -> _Feed:
        with self.services.database.transaction() as session:
            subscriptions.start_over(session, self._held(session, feed))
        return self._feed()

    def _wrong(self, feed: _Feed, keepers: Sequence[Keeper]) -> str | None:
        """Why this is not to be read; None when all is well. Raises Broken."""
        if len({keeper.id for keeper in keepers}) > 1:
            raise Broken("not_changes")
        if feed.at.walked > MOST_WALKED:
            return subscriptions.PEER_ENDLESS
        with self.services.database.reading() as session:
            found = feeds.find(session, feed.number)
            codes = (subscriptions.wrong_peer(session, found, keeper) for keeper in keepers)
            return next((code for code in codes if code), None)

    # -- what is gone ------------------------------------------------------------------------------------------------

    def _are_many(self, feed: _Feed, departed: Sequence[Departure]) -> bool:
        if not departed:
            return False
        said = ImportReport()
        with self.services.database.reading() as session:
            if subscriptions.made_up(session, feed.name):
                return False  # made-up listings may always go
            for _ in edits.compare(session, (), source=feed.name, report=said, now=self.now, complete=False,
                                   departed=departed):
                pass
        return Why.MANY_GONE.value in said.held_why

    def _hold(self, code: str, path: Path | None = None) -> str:
        """Leaves it to a steward; with what came, if there is something to look at."""
        if path is not None:
            with self.services.database.transaction() as session:
                feed = feeds.find(session, self.number)
                uploads.keep(session, self.key, path, name=feed.name, fmt=peers.FORMAT, feed_id=feed.id, url=feed.url,
                             now=self.now)
            with self.services.database.reading() as session:
                looked = uploads.look(session, uploads.find(session, self.key), self.services.settings.instance,
                                      Ground(self.services.vocabulary, self.services.gazetteer), now=self.now)
            with self.services.database.transaction() as session:
                uploads.note_looked(session, self.key, looked)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        with self.services.database.transaction() as session:
            feeds.hold(session, self.number, code, now=self.now)
        return HELD

    # -- taking over -------------------------------------------------------------------------------------------------

    def _held(self, session: Any, feed: _Feed) -> Feed:
        """The feed for writing, if it still stands where this round left it. Raises _Overtaken."""
        try:
            found = feeds.find(session, feed.number)
        except NotFound:
            raise _Overtaken from None
        if found.cursor != feed.at.cursor or found.state != feeds.ON:
            raise _Overtaken
        return found

    def _take(self, feed: _Feed, page: Page, path: Path) -> _Feed:
        """Takes one page over, and the place it reaches."""
        services = self.services
        with services.database.transaction() as session:
            found = self._held(session, feed)
            was_made_up = subscriptions.made_up(session, feed.name)
            origin = Origin(path, peers.FORMAT, feed.name, demonstration=page.keeper.demonstration,
                            take_down_all=bool(was_made_up), trusted=False if was_made_up is None else None,
                            complete=False, base=feed.url, idle=False)
            subscriptions.note_made_up(session, feed.name, page.keeper.demonstration)
            report = taking.take(session, origin, Ground(services.vocabulary, services.gazetteer), now=self.now,
                                 author=Author(f"feed:{feed.name}"))
            subscriptions.note_page(session, found, page, report.left_alone)
        return self._feed()

    def _end(self, feed: _Feed, brought: Brought) -> str:
        """All that came is in force. At the end of the way through everything, what was not met on it is missing."""
        if feed.at.walking and feed.at.cursor is not None and not brought.more:
            path = self.folder / "missing.json"
            with self.services.database.reading() as session:
                missing = subscriptions.missing(session, feeds.find(session, feed.number), self.now)
            path.write_bytes(orjson.dumps(changes.written(missing)))
            departed = peers.departed(path)
            if self._are_many(feed, departed):
                return self._hold(feeds.MANY_GONE, path)
            self._take_down(feed, departed)
        shutil.rmtree(self.folder, ignore_errors=True)
        with self.services.database.transaction() as session:
            feeds.note_good(session, feed.number, now=self.now, etag=brought.etag)
        return GOOD

    def _take_down(self, feed: _Feed, departed: Sequence[Departure]) -> None:
        with self.services.database.transaction() as session:
            found = self._held(session, feed)
            report = edits.import_listings(
                session, (), source=feed.name, now=self.now, complete=False, departed=departed, idle=False,
                take_down_all=bool(subscriptions.made_up(session, feed.name)), author=Author(f"feed:{feed.name}"))
            if Why.MANY_GONE.value not in report.held_why:
                subscriptions.settle(session, found)
