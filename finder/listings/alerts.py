"""Banners for a region: a storm, a closed bridge, a new number. Plain words with an end, after which nobody sees them.

A change ends the old one and adds another, so that everything that ever stood there can be read again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.fields import Codes, Text, web_url
from finder.listings import writing
from finder.listings.models import Alert

LONGEST = 280  # characters: a banner is read in passing
LONGEST_DAYS = 92
MOST_SHOWN = 3  # on one page, so that the page itself stays in sight
KEPT_SHOWN = 50  # earlier ones on the steward's page
EAST, WEST = timedelta(hours=4), timedelta(hours=10)  # behind UTC: the Atlantic states' summer time, and Hawaii
_STATES = Codes(None, 60, pattern=re.compile(r"[A-Z]{2}:[A-Z0-9]{1,3}"))


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert as pages hold it. `states` as "US:PA", none: everywhere; `texts` by language; instants without a zone
    are UTC. A number of 0 has not been saved."""

    number: int
    states: Collection[str]
    texts: Mapping[str, str]
    url: str
    from_at: datetime
    until_at: datetime
    account_id: int | None = None

    def stands(self, now: datetime) -> bool:
        return self.from_at <= writing.naive(now) < self.until_at

    def is_over(self, now: datetime) -> bool:
        return self.until_at <= writing.naive(now)

    def concerns(self, states: Collection[str]) -> bool:
        """Whether it belongs on a page about these states."""
        return not self.states or bool(set(self.states) & set(states))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a steward writes: `texts` by language, empty ones count as none; the first and the last day it stands, None
    for today and for no answer."""

    states: Sequence[str]
    texts: Mapping[str, str]
    url: str
    from_on: date | None
    until_on: date | None


def coming(session: Session, now: datetime) -> list[Shown]:
    """Those that stand now or will, the earliest first."""
    return [_shown(row) for row in session.scalars(
        select(Alert).where(Alert.until_at > writing.naive(now)).order_by(Alert.from_at, Alert.id))]


def over(session: Session, now: datetime) -> list[Shown]:
    """Those that ended or were replaced, the latest first."""
    return [_shown(row) for row in session.scalars(
        select(Alert).where(Alert.until_at <= writing.naive(now)).order_by(Alert.until_at.desc(), Alert.id.desc())
        .limit(KEPT_SHOWN))]


def find(session: Session, number: int) -> Shown:
    """One alert, whenever it stood. Raises NotFound."""
    row = session.get(Alert, number)
    if row is None:
        raise NotFound("alert")
    return _shown(row)


def checked(wanted: Wanted, now: datetime) -> Shown:
    """What is wanted as it would be shown. Raises Invalid by field: states, text, text-<language>, url, from, until."""
    errors: dict[str, list[Problem]] = {}
    texts = {code: text.strip() for code, text in wanted.texts.items() if text.strip()}
    _try(errors, "states", _STATES, list(wanted.states))
    for code, text in texts.items():
        _try(errors, f"text-{code}", Text(LONGEST), text)
    if not texts:
        errors["text"] = [Problem("required")]
    if wanted.url and not wanted.url.startswith("https://"):
        errors["url"] = [Problem("not_a_url", value=wanted.url[:40])]
    elif wanted.url:
        _try(errors, "url", web_url(), wanted.url)
    starts, ends = _times(wanted, now, errors)
    if errors:
        raise Invalid(errors, "alert")
    return Shown(0, tuple(wanted.states), texts, wanted.url, starts, ends)


def _times(wanted: Wanted, now: datetime, errors: dict[str, list[Problem]]) -> tuple[datetime, datetime]:
    """From the first hour of the first day in the east of the country to the last of the last day in Hawaii."""
    today, here = (now - EAST).date(), writing.naive(now)
    if wanted.from_on is not None and (wanted.from_on - today).days > LONGEST_DAYS:
        errors["from"] = [Problem("out_of_range", max=LONGEST_DAYS)]
    starts = here if wanted.from_on is None or wanted.from_on <= today else \
        datetime.combine(wanted.from_on, time()) + EAST
    if wanted.until_on is None:
        errors["until"] = [Problem("required")]
        return starts, here
    if wanted.until_on.year >= MAXYEAR:
        errors["until"] = [Problem("out_of_range", max=LONGEST_DAYS)]
        return starts, here
    ends = datetime.combine(wanted.until_on + timedelta(days=1), time()) + WEST
    if ends <= max(starts, here):
        errors["until"] = [Problem("too_early")]
    elif ends - starts > timedelta(days=LONGEST_DAYS):
        errors["until"] = [Problem("out_of_range", max=LONGEST_DAYS)]
    return starts, ends


def _try(errors: dict[str, list[Problem]], name: str, rule: Codes | Text, value: object) -> None:
    try:
        rule.read(value)
    except ValidationError as wrong:
        errors[name] = [one for one in wrong.messages if isinstance(one, Problem)]


def put_up(session: Session, wanted: Wanted, *, account_id: int | None, now: datetime,
           instead_of: int | None = None) -> Shown:
    """A new alert, on all pages at once. `instead_of` ends another one, which stays as it was written.

    Raises Invalid as `checked`, NotFound, and Conflict("over") when the other one has ended meanwhile.
    """
    one = checked(wanted, now)
    if instead_of is not None:
        _end(session, instead_of, now)
    row = Alert(states=list(one.states), texts=dict(one.texts), url=one.url or None, from_at=one.from_at,
                until_at=one.until_at, account_id=account_id)
    session.add(row)
    session.flush()
    queries.raise_version(session)
    return _shown(row)


def end(session: Session, number: int, *, now: datetime) -> None:
    """Takes an alert down now. Raises NotFound, and Conflict("over") when it has ended already."""
    _end(session, number, now)
    queries.raise_version(session)


def _end(session: Session, number: int, now: datetime) -> None:
    row = session.get(Alert, number)
    if row is None:
        raise NotFound("alert")
    if row.until_at <= writing.naive(now):
        raise Conflict("over")
    row.until_at = writing.naive(now)
    row.from_at = min(row.from_at, row.until_at)  # one that had not begun never stood
    session.flush()


def _shown(row: Alert) -> Shown:
    return Shown(row.id, tuple(row.states), dict(row.texts), row.url or "", row.from_at, row.until_at, row.account_id)
