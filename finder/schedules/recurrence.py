"""When a session meets: RFC 5545 rules in local wall-clock time, expanded by dateutil, never by hand.

A rule has no DTSTART of its own. It is anchored at `valid_from`, without it at Monday 2024-01-01 (contract section 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr

ANCHOR = date(2024, 1, 1)  # contract section 1, `.repeats`
# A rule that meets nothing in this many days (February 31st) has no occurrence: eight leap years and a margin.
HORIZON_DAYS = 366 * 9
# Rules of these steps repeat exactly after these many days, so that their anchor can be moved near the day asked for.
_WEEK = 7
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # days of the months that have no 31st


@dataclass(frozen=True, slots=True)
class Rule:
    """The times of one session, as its listing states them; every field may be unknown (None)."""

    anytime: bool = False
    repeats: str | None = None
    start_time: str | None = None
    timezone: str | None = None
    duration_minutes: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    except_dates: frozenset[date] = frozenset()

    @classmethod
    def of(cls, session: Mapping[str, Any]) -> Rule:
        """The rule of one entry of a listing document's `sessions`."""
        return cls(
            anytime=bool(session.get("anytime")), repeats=session.get("repeats") or None,
            start_time=session.get("start_time") or None, timezone=session.get("timezone") or None,
            duration_minutes=session.get("duration_minutes"), valid_from=_day(session.get("valid_from")),
            valid_until=_day(session.get("valid_until")),
            except_dates=frozenset(date.fromisoformat(one) for one in session.get("except_dates") or ()),
        )


def problems(rule: Rule) -> list[tuple[str, str]]:
    """What is wrong with a rule, as (field of the session, code); empty when it can be expanded."""
    found: list[tuple[str, str]] = []
    if rule.timezone is not None and not is_zone(rule.timezone):
        found.append(("timezone", "unknown_zone"))
    if rule.valid_from and rule.valid_until and rule.valid_from > rule.valid_until:
        found.append(("valid_from", "from_after_until"))
    if rule.repeats is not None:
        if rule.valid_from is None and _needs_start(rule.repeats):
            found.append(("valid_from", "needs_valid_from"))
        if not _readable(rule.repeats):
            found.append(("repeats", "not_a_rule"))
    return found


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether the zone database knows the name."""
    return name in _zones()


@lru_cache(maxsize=65_536)
def _readable(repeats: str) -> bool:
    try:
        later = ANCHOR + timedelta(days=HORIZON_DAYS)
        _expanded(repeats, _anchor(Rule(repeats=repeats), later), later)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return False
    return True


def _parts(repeats: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in repeats.split(";") if "=" in part)


def _needs_start(repeats: str) -> bool:
    parts = _parts(repeats)
    return parts.get("INTERVAL", "1") != "1" or "COUNT" in parts


@lru_cache(maxsize=262_144)
def occurrences(rule: Rule, from_day: date, count: int = 8) -> tuple[datetime, ...]:
    """The next `count` starts whose local date is `from_day` or later, in order, strictly increasing.

    Aware in the rule's zone; naive local times where the zone is not stated. A start that a clock change skips moves
    forward with the clock; one that happens twice is the first. Empty without a start time, for `anytime`, and when
    nothing is left.
    """
    if rule.anytime or rule.start_time is None:
        return ()
    start = time.fromisoformat(rule.start_time)
    zone = ZoneInfo(rule.timezone) if rule.timezone is not None else None
    found: list[datetime] = []
    for day in _days(rule, from_day):
        moment = datetime.combine(day, start, zone)
        if zone is not None:
            # A round trip through UTC turns a wall-clock time that does not exist into the one the clock shows.
            moment = moment.astimezone(UTC).astimezone(zone)
        if not found or moment > found[-1]:
            found.append(moment)
        if len(found) == count:
            break
    return tuple(found)


def is_over(rule: Rule, today: date) -> bool:
    """Whether no session is left today or later: past `valid_until`, or the rule has run out."""
    if rule.valid_until is not None and rule.valid_until < today:
        return True
    if rule.anytime or (rule.repeats is None and rule.valid_from is None):
        return False
    if rule.repeats is None:
        return rule.start_time is not None and not any(True for _ in _days(rule, today))
    return _over(rule.repeats, rule.valid_from, rule.valid_until, rule.except_dates, today)


@lru_cache(maxsize=262_144)
def _over(repeats: str, valid_from: date | None, valid_until: date | None, excepted: frozenset[date],
          today: date) -> bool:
    rule = Rule(repeats=repeats, valid_from=valid_from, valid_until=valid_until, except_dates=excepted)
    return next(_days(rule, today), None) is None


def next_start(rule: Rule, now: datetime) -> datetime | None:
    """The first start at or after `now` (an aware instant); None if there is none or the time or zone is not stated."""
    if rule.timezone is None:
        return None
    day = now.astimezone(ZoneInfo(rule.timezone)).date()
    return next((one for one in occurrences(rule, day, 8) if one >= now), None)


def next_dates(session: Mapping[str, Any], *, now: datetime, count: int = 5) -> list[datetime]:
    """The next starts of one entry of a listing document's `sessions`, at or after `now` (an aware instant), in order.

    Aware in the session's zone; empty where its time or zone is not stated.
    """
    rule = Rule.of(session)
    if rule.timezone is None:
        return []
    day = now.astimezone(ZoneInfo(rule.timezone)).date()
    return [one for one in occurrences(rule, day, count + 1) if one >= now][:count]


def _days(rule: Rule, from_day: date) -> Iterator[date]:
    """Local dates of the rule from a day on, within its validity and without its exceptions."""
    first = max(from_day, rule.valid_from) if rule.valid_from else from_day
    if rule.repeats is None:
        # Without a rule a start date names one session.
        if rule.valid_from is not None and rule.valid_from >= from_day and rule.valid_from not in rule.except_dates:
            yield rule.valid_from
        return
    last = first + timedelta(days=HORIZON_DAYS)
    if rule.valid_until is not None:
        last = min(last, rule.valid_until)
    for moment in _expanded(rule.repeats, _anchor(rule, first), last):
        day = moment.date()
        if day >= first and day not in rule.except_dates:
            yield day


def _anchor(rule: Rule, first: date) -> date:
    """Where expansion starts: the rule's own anchor, or for rules without memory a day shortly before `first`.

    Steps of one week, month or day give the same dates from any anchor that keeps weekday, month day and month, which
    a rule without BYDAY or BYMONTHDAY takes from its anchor: those stay where they are.
    """
    own = rule.valid_from or ANCHOR
    parts = _parts(rule.repeats or "")
    if _needs_start(rule.repeats or "") or first <= own:
        return own
    weeks = (first - own).days // _WEEK
    if parts["FREQ"] in ("DAILY", "WEEKLY") and "BYSETPOS" not in parts:
        return own + timedelta(days=_WEEK * weeks)
    if parts["FREQ"] == "MONTHLY" and ("BYDAY" in parts or "BYMONTHDAY" in parts):
        return first.replace(day=1)
    return own


def _expanded(repeats: str, anchor: date, last: date) -> Iterator[datetime]:
    """The dates of a rule from its anchor to a last day, as midnights.

    The last day is always set, so that a rule that never happens (February 30) ends; COUNT is therefore counted here.
    """
    parts = _parts(repeats)
    text = ";".join(f"{name}={value}" for name, value in parts.items() if name not in ("UNTIL", "COUNT"))
    until = parts.get("UNTIL")
    if until is not None:
        # Rules are expanded by date, so the time of UNTIL is left aside: the last day counts whole.
        last = min(last, datetime.strptime(until[:8], "%Y%m%d").date())  # noqa: DTZ007 - a local calendar date
    found = rrulestr(text, dtstart=datetime.combine(anchor, time.min))
    assert isinstance(found, rrule)
    if _never(parts):
        return iter(())
    starts = iter(found.replace(until=datetime.combine(last, time.max)))
    return islice(starts, int(parts["COUNT"])) if "COUNT" in parts else starts


def _never(parts: Mapping[str, str]) -> bool:
    """Whether all days of a rule are beyond the end of all its months, which dateutil finds out in the year 9999."""
    if "BYMONTH" not in parts or "BYMONTHDAY" not in parts:
        return False
    longest = max(_LONGEST.get(int(one), 31) for one in parts["BYMONTH"].split(","))
    return all(abs(int(one)) > longest for one in parts["BYMONTHDAY"].split(","))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
