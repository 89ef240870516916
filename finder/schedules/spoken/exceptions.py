"""When there is no meeting: "except July", "no meetings June 15 - Aug 20", "menos el 25 de diciembre"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from finder.schedules.spoken.dates import (
    Said,
    dated,
    days_before_month,
    ends,
    further_day,
    month_list,
    month_span,
    range_at,
    said_at,
    shared_year,
    year_at,
)
from finder.schedules.spoken.days import day_list, ordinals_at
from finder.schedules.spoken.holidays import nth_weekday
from finder.schedules.spoken.lexemes import Words
from finder.schedules.spoken.parts import Found, Off, Places
from finder.schedules.spoken.words import Kind

_BEFORE = (Kind.IN, Kind.AT, Kind.FILLER, Kind.OF, Kind.FROM, Kind.FOR, Kind.EVERY, Kind.MARK)


@dataclass(slots=True)
class _Listed:
    """What has been read of one list of exceptions."""

    off: Off = field(default_factory=Off)
    ranges: list[tuple[date, date]] = field(default_factory=list)
    said: Said | None = None  # the last date, for "December 24, 25 and 31"


def off_at(words: Words, start: int) -> Found | None:
    """The exceptions that follow a word such as "except"; None if nothing known follows."""
    place = words.skip(start, Kind.FILLER)
    if words.kind(place) != Kind.NOT:
        return None
    listed, end = _Listed(), place + 1
    start_of_list = end
    following = words.skip(end, Kind.NOT, *_BEFORE)
    while True:
        after = _one(words, following, listed)
        if after is None:
            break
        end = after
        following = words.skip(end, Kind.AND, Kind.OR, Kind.NOT, *_BEFORE)
        if following == end:
            break
    off = replace(listed.off, ranges=tuple(listed.ranges))
    if end == start_of_list:
        return None
    return Found(off, start, end)


def _one(words: Words, place: int, listed: _Listed) -> int | None:
    """Reads one exception into the list and gives where it ends."""
    kind = words.kind(place)
    if kind == Kind.HOLIDAYS:
        listed.off = replace(listed.off, federal=True)
        return place + 1
    if kind == Kind.HOLIDAY:
        listed.off = replace(listed.off, holidays=(*listed.off.holidays, words.at(place).number))
        return place + 1
    return _dates(words, place, listed) or _days(words, place, listed)


def _dates(words: Words, place: int, listed: _Listed) -> int | None:
    pair = range_at(words, place)
    if pair is not None:
        return _range(words, *pair, listed)
    several = days_before_month(words, place)
    if several:
        listed.ranges.extend((day, day) for one in several if (day := dated(words, one)) is not None)
        listed.said = several[-1]
        return several[-1].end
    said = said_at(words, place)
    if said is None:
        return _further(words, place, listed)
    if said.day is not None:
        said = said if said.year is not None else replace(said, year=shared_year(words, said.end))
        found = dated(words, said)
        listed.said = said
        if found is not None:
            listed.ranges.append((found, found))
        return said.end
    if said.year is not None:
        listed.said = said
        return _range(words, said, said, listed)
    months, end = month_list(words, words.skip(place, Kind.FILLER, Kind.IN))
    listed.off = replace(listed.off, months=listed.off.months | months)
    return end


def _range(words: Words, first: Said, last: Said, listed: _Listed) -> int:
    if first.day is None and first.year is None and last.year is None:
        listed.off = replace(listed.off, months=listed.off.months | month_span(first.month, last.month))
        return last.end
    found = ends(words, first, last)
    listed.said = last
    if found is not None:
        listed.ranges.append(found)
    return last.end


def _further(words: Words, place: int, listed: _Listed) -> int | None:
    """A further day of the month named last, unless the number is a time or counts something."""
    if listed.said is None or not further_day(words, place):
        return None
    said = replace(listed.said, day=words.at(place).number, weekday=None, start=place, end=place + 1)
    found = dated(words, said)
    if found is not None:
        listed.ranges.append((found, found))
    return year_at(words, place + 1)[1]


def _days(words: Words, place: int, listed: _Listed) -> int | None:
    if replace(listed.off, days=frozenset(), places=frozenset()) != Off() or listed.said is not None:
        return None  # "except July, Saturday 10 am": after a date a weekday begins something else
    if words.kind(place) == Kind.DAY:
        days, end = day_list(words, place)
        if _month_follows(words, end):
            words.refuse("exception_not_exact", place, _month_follows(words, end) + 1)
            return _month_follows(words, end) + 1  # "Sundays in July"
        listed.off = replace(listed.off, days=listed.off.days | frozenset(days))
        return end
    found = ordinals_at(words, place) if words.kind(place) == Kind.ORDINAL else None
    if found is None or not isinstance(found.part, Places) or found.part.whole:
        return None
    if _month_follows(words, found.end):
        return _of_one_month(words, place, found.part.places, _month_follows(words, found.end), listed)
    listed.off = replace(listed.off, places=listed.off.places | frozenset(found.part.places))
    return found.end


def _month_follows(words: Words, end: int) -> int:
    """The place of a month that belongs to the weekdays before it; 0 if none does."""
    month = words.skip(end, Kind.OF, Kind.IN)
    return month if month > end and words.kind(month) == Kind.MONTH else 0


def _of_one_month(words: Words, start: int, places: Iterable[tuple[int, int]], at_month: int, listed: _Listed) -> int:
    """"the first Tuesday of July": one date, without a year the next one."""
    month = words.at(at_month).number
    said, end = year_at(words, at_month + 1)
    for place, weekday in places:
        years = (said,) if said is not None else (words.today.year, words.today.year + 1)
        days = [day for year in years if (day := nth_weekday(year, month, weekday, place)) is not None]
        day = next((one for one in days if said is not None or one >= words.today), None)
        if day is None:
            words.refuse("not_a_date", start, end)
            continue
        if said is None:
            words.assume("assumed_year", start, end, day=day.isoformat())
        listed.ranges.append((day, day))
    return end
