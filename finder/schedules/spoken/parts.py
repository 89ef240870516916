"""What a schedule is made of once its words are read: days, times, steps, seasons and exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of every week, 0 Monday to 6 Sunday; all seven are every day."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Weekdays by their place in the month, as (nth, weekday); `whole` takes the days of one place as one group."""

    places: tuple[tuple[int, int], ...]
    whole: bool = False  # "first weekday of the month"


@dataclass(frozen=True, slots=True)
class Ordinals:
    """Numbers without a weekday: days of the month, or places of weekdays named before."""

    numbers: tuple[int, ...]
    of_month: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as said: `period` a word such as pm, `fixed` true where the 24-hour clock is certain."""

    hour: int
    minute: int
    period: int | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A start with or without an end."""

    start: Clock
    end: Clock | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the day said by itself: "Tuesday evenings"."""

    period: int


@dataclass(frozen=True, slots=True)
class Length:
    minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """Every `every` days, weeks or months (`unit` of the word tables)."""

    every: int
    unit: int


@dataclass(frozen=True, slots=True)
class Count:
    """So many meetings, or weeks or months of meetings."""

    count: int
    unit: int


@dataclass(frozen=True, slots=True)
class Season:
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """Dates by themselves, with the weekday said beside them already checked; never empty."""

    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Months:
    """Only in these months of every year."""

    months: frozenset[int]


@dataclass(frozen=True, slots=True)
class Off:
    """When there is no meeting: months of every year, ranges of dates, weekdays, places in the month, holidays."""

    months: frozenset[int] = frozenset()
    ranges: tuple[tuple[date, date], ...] = ()
    days: frozenset[int] = frozenset()
    places: frozenset[tuple[int, int]] = frozenset()
    holidays: tuple[int, ...] = ()  # of holidays.NAMED
    federal: bool = False


@dataclass(frozen=True, slots=True)
class Always:
    """Open at any time."""


@dataclass(frozen=True, slots=True)
class Zone:
    name: str


When = Weekdays | Places | Ordinals | Once
Part = When | Span | Period | Length | Step | Count | Season | Months | Off | Always | Zone


@dataclass(frozen=True, slots=True)
class Found:
    """A part and the places of its words: from `start` up to `end`, `end` not included."""

    part: Part
    start: int
    end: int
