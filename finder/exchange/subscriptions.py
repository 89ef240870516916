"""How far the changes of another instance were taken over, and what of them is left alone: the state of its feed.

Each page is noted in the transaction that takes it over, so that after a crash the next round goes on where the last
one ended. Who has nothing yet, or is told to start over, goes through everything; what was not met on that way is
missing.
Nothing is committed or fetched here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.models import PUBLISHED, Program, Source
from finder.exchange import peers
from finder.exchange.changes import Change, Keeper, Origin, Page
from finder.exchange.rows import Refused
from finder.listings.models import Feed, FeedRow
from finder.listings.outcomes import ImportReport, Why
from finder.listings.writing import CHUNK

# Why the instance that answers is not read: it is this one, another than before, one that another feed reads, one
# whose listings are made up by now, one without an end.
PEER_SELF, PEER_CHANGED, PEER_TWICE = "peer_self", "peer_changed", "peer_twice"
PEER_MADE_UP, PEER_ENDLESS = "peer_made_up", "peer_endless"
LONGEST_KEY = 240


@dataclass(frozen=True, slots=True)
class Position:
    """Where a feed stands. `walking`: it goes through everything, and is not through yet; `walked` counts the pages
    since it last was at an end, and `unread` those changes of the walk that nobody could read. `peer` is the instance
    it reads, None before the first page."""

    cursor: str | None
    peer: uuid.UUID | None
    walking: bool
    walked: int
    unread: int


def position(feed: Feed) -> Position:
    """Where a feed stands."""
    told = feed.told or {}
    return Position(feed.cursor, feed.peer, feed.cursor is None or bool(told.get("walking")),
                    int(told.get("walked", 0)), int(told.get("unread", 0)))


def wrong_peer(session: Session, feed: Feed, keeper: Keeper) -> str | None:
    """Why the instance that answers is not to be read as this feed; None when it may be."""
    if keeper.id == queries.instance_id(session):
        return PEER_SELF
    if feed.peer is not None and feed.peer != keeper.id:
        return PEER_CHANGED
    other = select(Feed.id).where(Feed.peer == keeper.id, Feed.id != feed.id)
    if session.execute(other).first() is not None:
        return PEER_TWICE
    return PEER_MADE_UP if keeper.demonstration and made_up(session, feed.name) is False else None


def made_up(session: Session, name: str) -> bool | None:
    """Whether the listings of a source are made up; None for a source that is not there yet."""
    return session.execute(select(Source.demonstration).where(Source.name == name)).scalar_one_or_none()


def note_made_up(session: Session, name: str, made_up: bool) -> None:
    """Notes what an instance says of its listings: those that are made up make way for real ones."""
    session.execute(update(Source).where(Source.name == name).values(demonstration=made_up))


def start_over(session: Session, feed: Feed, *, peer_too: bool = False) -> None:
    """Goes through everything anew. `peer_too`: whichever instance answers then is the one that is meant."""
    feed.cursor = feed.etag = None
    feed.told = {**(feed.told or {}), "walking": False, "walked": 0, "unread": 0, "more": False}
    if peer_too:
        feed.peer = None
    session.execute(delete(FeedRow).where(FeedRow.feed_id == feed.id))
    session.flush()


def resume(session: Session, feed: Feed) -> None:
    """A steward's word that a feed is to be read again: if another instance answers now, that one is meant."""
    if feed.error == PEER_CHANGED:
        start_over(session, feed, peer_too=True)
    elif feed.error == PEER_ENDLESS:
        feed.told = {**(feed.told or {}), "walked": 0}


def note_page(session: Session, feed: Feed, page: Page, left_alone: Mapping[str, str]) -> None:
    """Notes that a page was taken over: how far that is, what the instance says of itself, what was left alone."""
    there = position(feed)
    feed.peer, feed.cursor, feed.etag = page.keeper.id, page.next, None
    unread = there.unread + sum(isinstance(one, Refused) for one in page.changes)
    feed.told = {"name": page.keeper.name, "address": page.keeper.address, "walking": there.walking, "more": page.more,
                 "walked": there.walked + 1 if page.more else 0, "unread": unread if there.walking else 0}
    told = {key_of(one.origin): one.listing is not None for one in page.changes if isinstance(one, Change)}
    keys = [key for key in told if len(key) <= LONGEST_KEY]
    for start in range(0, len(keys), CHUNK):
        session.execute(delete(FeedRow).where(FeedRow.feed_id == feed.id,
                                              FeedRow.key.in_(keys[start : start + CHUNK])))
    rows = [{"feed_id": feed.id, "key": key, "why": left_alone.get(key)} for key in keys
            if told[key] and (there.walking or key in left_alone)]
    if rows:
        session.execute(insert(FeedRow), rows)
    session.flush()


def note_applied(session: Session, feed: Feed, path: Path, report: ImportReport) -> None:
    """Notes that pages which had waited for a steward are in force; if what is gone is still held, they come again."""
    if Why.MANY_GONE.value in report.held_why:
        return
    for page in peers.pages(path):
        note_page(session, feed, page, report.left_alone)


def key_of(origin: Origin) -> str:
    """The name of a listing among all instances."""
    return f"{origin.instance}/{origin.id}"


def seen(session: Session, feed: Feed) -> set[str]:
    """The ids of all that was met on the way through everything."""
    found = session.scalars(select(FeedRow.key).where(FeedRow.feed_id == feed.id))
    return {key.partition("/")[2] for key in found}


def missing(session: Session, feed: Feed, now: datetime) -> Page:
    """The published listings of the feed's source that were not met on the way through everything, as a page that says
    they are gone. None where something on that way could not be read: it may have been any of them."""
    met, told = seen(session, feed), feed.told or {}
    peer = feed.peer or uuid.UUID(int=0)
    there = session.execute(
        select(Program.id, Program.slug, Program.origin, Program.source_key)
        .join(Source, Source.id == Program.source_id)
        .where(Source.name == feed.name, Program.state == PUBLISHED).order_by(Program.id))
    gone = [Change(row.id, row.slug, now, Origin(row.origin or peer, row.source_key)) for row in there
            if row.source_key not in met and not told.get("unread")]
    return Page(Keeper(peer, str(told.get("name", ""))), gone, feed.cursor or "", False, False)


def settle(session: Session, feed: Feed) -> None:
    """Notes that the way through everything is at its end."""
    feed.told = {**(feed.told or {}), "walking": False, "unread": 0}
    session.execute(delete(FeedRow).where(FeedRow.feed_id == feed.id, FeedRow.why.is_(None)))
    session.flush()


def left_alone(session: Session) -> dict[int, dict[str, int]]:
    """How many listings each feed leaves alone, by why."""
    found: dict[int, dict[str, int]] = {}
    for feed, why, count in session.execute(select(FeedRow.feed_id, FeedRow.why, func.count()).where(
            FeedRow.why.is_not(None)).group_by(FeedRow.feed_id, FeedRow.why).order_by(FeedRow.why)):
        found.setdefault(feed, {})[str(why)] = count
    return found
