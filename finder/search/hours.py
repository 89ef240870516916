"""Windows of days and hours over a set of columns: which programs start in them, and when each starts next.

A day and a time belong to one start: "Tuesdays from 18:00" is not met by a Tuesday morning and a Friday evening.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from finder.matching.columns import KINDS, Columns
from finder.matching.traits import Array

MOST_ZONES = 16  # kept per set of columns; beyond that the oldest goes


@dataclass(frozen=True, slots=True)
class Window:
    """When a session may start. `days`: 0 Monday to 6 Sunday, empty for any. Minutes since midnight, both included;
    `earliest` after `latest` reaches over midnight. `within_hours`: counted from now."""

    days: frozenset[int] = frozenset()
    earliest: int | None = None
    latest: int | None = None
    within_hours: int | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.days) or not self.earliest is self.latest is self.within_hours is None


def window_of(query: Mapping[str, Any]) -> Window:
    """The window that a query of `query_schema.load_browse` asks for."""
    return Window(frozenset(query.get("days") or ()), query.get("from"), query.get("until"), query.get("starting"))


@dataclass(frozen=True, slots=True)
class _Starts:
    """The next starts of all schedules in one zone, one after the other; each schedule's in order."""

    schedule: Array
    day: Array
    minute: Array
    at: Array  # seconds since 1970


def next_starts(columns: Columns, window: Window, now: datetime, zone: str | None,
                formats: Collection[str] = ()) -> Array:
    """Per row: seconds since 1970 of its next start in the window; inf for none and for a time not stated.

    `zone` is the reader's; None judges by each session's own, as the slots of a week do. With `formats` only ways of
    these count. What is open at any time (self-paced, a warmline) is in every window of days and hours, without a
    start of its own: 0 stands for it, unless the window counts from now.
    """
    starts, begin = _starts(columns, zone), now.timestamp()
    fits = (starts.at >= begin) & _in_window(starts, window)
    if window.within_hours is not None:
        fits &= starts.at <= begin + window.within_hours * 3600
    first = np.full(len(columns.schedules) + 1, np.inf)  # the last stands for -1, no time stated
    np.minimum.at(first, starts.schedule[fits], starts.at[fits])
    if window.narrows and window.within_hours is None:
        first[:-1][[rule.anytime for rule, _ in columns.schedules]] = 0.0
    return _of_rows(columns, first, formats)


def _in_window(starts: _Starts, window: Window) -> Array:
    fits: Array = np.ones(len(starts.at), bool)
    if window.days:
        fits &= np.isin(starts.day, list(window.days))
    earliest, latest = window.earliest, window.latest
    if earliest is not None and latest is not None and earliest > latest:
        return fits & ((starts.minute >= earliest) | (starts.minute <= latest))
    if earliest is not None:
        fits &= starts.minute >= earliest
    if latest is not None:
        fits &= starts.minute <= latest
    return fits


def _of_rows(columns: Columns, first: Array, formats: Collection[str]) -> Array:
    """Per row the least over its ways of what stands per schedule."""
    sets = columns.waysets
    value = first[sets.schedule]
    if formats:
        kinds = [place for place, code in enumerate(KINDS) if code in formats]
        named = np.isin(sets.kind, kinds) | (sets.hybrid if "hybrid" in formats else False)
        value = np.where(named, value, np.inf)
    least = np.full(len(sets.start) - 1, np.inf)
    stated = np.flatnonzero(np.diff(sets.start))
    if len(stated):
        least[stated] = np.minimum.reduceat(value, sets.start[stated])
    found: Array = least[columns.wayset]
    return found


def _starts(columns: Columns, zone: str | None) -> _Starts:
    known: _Starts | None = columns.hours.get(zone)
    if known is None:
        while len(columns.hours) >= MOST_ZONES:
            columns.hours.pop(next(iter(columns.hours)), None)
        known = columns.hours[zone] = _read(columns, zone)
    return known


def _read(columns: Columns, zone: str | None) -> _Starts:
    here = None if zone is None else ZoneInfo(zone)
    schedule, day, minute, at = [], [], [], []
    for number, starts in enumerate(columns.starts):
        for start in starts:
            local = start if here is None else start.astimezone(here)
            schedule.append(number)
            day.append(local.weekday())
            minute.append(local.hour * 60 + local.minute)
            at.append(start.timestamp())
    return _Starts(np.array(schedule, np.int32), np.array(day, np.int8), np.array(minute, np.int16), np.array(at))
