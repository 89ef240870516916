"""When a listing meets, for comparing: minutes of the week where it is, and the same on one clock for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY, WEEK = 1440, 10080  # minutes
_DAYS: Mapping[str, int] = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_BY_DAY = re.compile(r"BYDAY=([^;]+)")
_ONE_DAY = re.compile(r"(-?\d)?(MO|TU|WE|TH|FR|SA|SU)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
# Zones are compared as they stand in winter, so that "18:00 New York" and "17:00 Chicago" are one time.
_WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Times:
    """Starts in minutes after Monday 0:00.

    `here`: on the clock of the place; `everywhere`: in UTC, only where the zone is known. `weeks`: pairs of start and
    week of the month, for what does not meet weekly. `days`: 0 is Monday.
    """

    here: frozenset[int] = frozenset()
    everywhere: frozenset[int] = frozenset()
    weeks: frozenset[tuple[int, int]] = frozenset()
    days: frozenset[int] = frozenset()


def times_of(sessions: Iterable[Mapping[str, Any]]) -> Times:
    """The times of a document's sessions; those without day or clock say nothing."""
    here: set[int] = set()
    everywhere: set[int] = set()
    weeks: set[tuple[int, int]] = set()
    days: set[int] = set()
    for one in sessions:
        zone = one.get("timezone")
        minute = _minute(one.get("start_time") or "")
        for week, day in _days(one.get("repeats") or ""):
            days.add(day)
            if minute is None:
                continue
            start = day * DAY + minute
            here.add(start)
            if week:
                weeks.add((start, week))
            shift = _shift(zone) if zone else None
            if shift is not None:
                everywhere.add((start - shift) % WEEK)
    return Times(frozenset(here), frozenset(everywhere), frozenset(weeks), frozenset(days))


@lru_cache(maxsize=4096)
def _days(rule: str) -> tuple[tuple[int, int], ...]:
    """(week of the month or 0, day) of a rule."""
    found = _BY_DAY.search(rule)
    return tuple((int(week or 0), _DAYS[day]) for week, day in _ONE_DAY.findall(found.group(1))) if found else ()


@lru_cache(maxsize=4096)
def _minute(clock: str) -> int | None:
    found = _CLOCK.match(clock)
    return int(found.group(1)) * 60 + int(found.group(2)) if found else None


@lru_cache(maxsize=1024)
def _shift(zone: str) -> int | None:
    try:
        offset = _WINTER.astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return int(offset.total_seconds() // 60) if offset is not None else None


def starts(one: Times, other: Times) -> tuple[frozenset[int], frozenset[int]]:
    """The starts of both on a clock they share: the one for all where both know their zones, else the wall's."""
    if one.everywhere and other.everywhere:
        return one.everywhere, other.everywhere
    return one.here, other.here


def apart(one: frozenset[int], other: frozenset[int]) -> int:
    """Least minutes between a start of one and of the other, around the week. Neither may be empty."""
    return min(min((a - b) % WEEK, (b - a) % WEEK) for a in one for b in other)


def other_weeks(one: Times, other: Times) -> bool:
    """Whether both meet monthly at one start and never in one week: the 2nd and the 4th Tuesday."""
    if not one.weeks or not other.weeks or one.weeks & other.weeks:
        return False
    mine, theirs = {start for start, _ in one.weeks}, {start for start, _ in other.weeks}
    return bool(mine & theirs) and one.here <= mine and other.here <= theirs
