"""Sources that are read again and again: which are due, and how they are doing. What they bring goes the way of every
upload.

A feed that fails is tried again each hour. After WARN_AFTER without success the stewards get a letter, after HOLD_AFTER
it is held until one of them looks. Nothing is committed or fetched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.errors import Invalid, NotFound, Problem
from finder.exchange import mapping as mappings
from finder.exchange import peers, subscriptions
from finder.exchange.fetching import Unfetchable, target
from finder.exchange.reading import FORMATS
from finder.listings import feed_letters
from finder.listings.changes import OWN_SOURCE
from finder.listings.models import Feed
from finder.listings.writing import naive

ON, HELD, OFF = "on", "held", "off"
WARN_AFTER, HOLD_AFTER = timedelta(hours=72), timedelta(days=14)
AGAIN_AFTER = timedelta(hours=1)  # a feed that failed; no address is asked more often
LEAST_HOURS, MOST_HOURS = 1, 30 * 24
LONGEST_NAME = 200
MANY_GONE = "many_gone"
FOR_FEEDS = tuple(one for one in FORMATS if one != "bmlt-tables")  # that one is a folder of files


def add(session: Session, *, name: str, url: str, fmt: str, every_hours: str, mapping: str, now: datetime) -> Feed:
    """A new feed from what was typed. Raises Invalid by field."""
    errors: dict[str, list[Problem]] = {}
    hours = int(every_hours) if every_hours.isascii() and every_hours.isdigit() and len(every_hours) < 6 else 0
    if not LEAST_HOURS <= hours <= MOST_HOURS:
        errors["every_hours"] = [Problem("out_of_range", min=LEAST_HOURS, max=MOST_HOURS)]
    errors |= wrong_source(name, fmt, FOR_FEEDS)
    try:
        target(url)
    except Unfetchable as wrong:
        errors["url"] = [Problem(f"fetch_{wrong.code}")]
    try:
        if mappings.typed(mapping) is None and fmt == "csv":
            errors["mapping"] = [Problem("required")]
    except Invalid as broken:
        errors |= broken.errors
    if "name" not in errors and session.execute(select(Feed.id).where(Feed.name == name)).first() is not None:
        errors["name"] = [Problem("repeated")]
    if errors:
        raise Invalid(errors)
    feed = Feed(name=name, url=url, format=fmt, mapping=mapping or None, every_hours=hours, state=ON,
                made_at=naive(now))
    session.add(feed)
    session.flush()
    return feed


def wrong_source(name: str, fmt: str, formats: Sequence[str]) -> dict[str, list[Problem]]:
    """What is wrong with the name and the format of a source, by field."""
    errors: dict[str, list[Problem]] = {}
    if not name:
        errors["name"] = [Problem("required")]
    elif len(name) > LONGEST_NAME:
        errors["name"] = [Problem("too_long", max=LONGEST_NAME)]
    elif not name.isprintable():
        errors["name"] = [Problem("bad_text")]
    elif name == OWN_SOURCE:  # a file of this name would take down what people entered here
        errors["name"] = [Problem("repeated")]
    if fmt not in formats:
        errors["format"] = [Problem("required")]
    return errors


def find(session: Session, number: int) -> Feed:
    """A feed. Raises NotFound."""
    found = session.get(Feed, number)
    if found is None:
        raise NotFound("feed")
    return found


def every(session: Session) -> Sequence[Feed]:
    """All feeds by name."""
    return session.scalars(select(Feed).order_by(Feed.name)).all()


def pause(session: Session, number: int) -> None:
    """Stops reading a feed; what it brought stays. Raises NotFound."""
    find(session, number).state = OFF
    session.flush()


def resume(session: Session, number: int) -> None:
    """Reads a feed again, at the next round. Raises NotFound."""
    feed = find(session, number)
    subscriptions.resume(session, feed)
    feed.state, feed.tried_at, feed.error, feed.warned_at = ON, None, None, None
    feed.etag = None  # what was held back is to come whole
    session.flush()


def read_anew(session: Session, number: int) -> None:
    """Goes through everything that another instance has, at the next round. Raises NotFound, also for a feed of another
    kind, which does so always."""
    feed = find(session, number)
    if feed.format != peers.FORMAT:
        raise NotFound("feed")
    subscriptions.start_over(session, feed)
    resume(session, number)


def remove(session: Session, number: int) -> None:
    """Forgets a feed; what it brought stays. Raises NotFound."""
    session.delete(find(session, number))
    session.flush()


def due(session: Session, now: datetime) -> list[int]:
    """The feeds to read now, those that have waited longest first."""
    found = session.scalars(select(Feed).where(Feed.state == ON).order_by(Feed.tried_at.nulls_first(), Feed.id))
    return [one.id for one in found if one.tried_at is None or one.tried_at + _pause_of(one) <= naive(now)]


def _pause_of(feed: Feed) -> timedelta:
    if feed.error:
        return AGAIN_AFTER
    return timedelta() if (feed.told or {}).get("more") else timedelta(hours=feed.every_hours)


def note_good(session: Session, number: int, *, now: datetime, etag: str | None = None) -> None:
    """The feed was read, and what it says is in force. `etag` None: the tag that was known still holds."""
    feed = find(session, number)
    feed.tried_at = feed.good_at = naive(now)
    feed.error = feed.warned_at = None
    feed.state = ON if feed.state == HELD else feed.state
    feed.etag = etag or feed.etag
    session.flush()


def note_failed(session: Session, number: int, code: str, *, now: datetime) -> None:
    """The feed could not be read: noted, told to the stewards after WARN_AFTER, held after HOLD_AFTER."""
    feed = find(session, number)
    feed.tried_at, feed.error = naive(now), code
    silent = naive(now) - (feed.good_at or feed.made_at)
    if silent >= HOLD_AFTER:
        feed.state = HELD
    if silent >= WARN_AFTER and feed.warned_at is None:
        feed.warned_at = naive(now)
        feed_letters.warn(session, feed.id, feed.name, since=feed.good_at or feed.made_at, held=feed.state == HELD,
                          now=now)
    session.flush()


def hold(session: Session, number: int, code: str, *, now: datetime) -> None:
    """The feed waits for a steward, because of what it brought; they get a letter."""
    feed = find(session, number)
    feed.state, feed.error, feed.tried_at = HELD, code, naive(now)
    feed_letters.warn(session, feed.id, feed.name, since=feed.good_at or feed.made_at, held=True, now=now)
    session.flush()

