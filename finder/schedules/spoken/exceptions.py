"""When there is no meeting: "except July", "no meetings June 15 - Aug 20", "menos el 25 de diciembre"."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from finder.schedules.spoken.dates import Said, dated, ends, month_list, month_span, range_at, said_at, year_at
from finder.schedules.spoken.days import day_list, ordinals_at
from finder.schedules.spoken.lexemes import Words
from finder.schedules.spoken.parts import Found, Off, Places
from finder.schedules.spoken.times import evident_at
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
    if listed.said is None and off == Off():
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
    several = _days_before_month(words, place, listed)
    if several is not None:
        return several
    said = said_at(words, place)
    if said is None:
        return _further(words, place, listed)
    if said.day is not None:
        said = said if said.year is not None else replace(said, year=_shared_year(words, said.end))
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


def _days_before_month(words: Words, place: int, listed: _Listed) -> int | None:
    """"el 3 y el 10 de enero": several days, then their month."""
    days: list[tuple[int, int]] = []
    at_day = place
    while words.kind(at_day) in (Kind.NUMBER, Kind.ORDINAL):
        days.append((words.at(at_day).number, at_day))
        at_day = words.skip(at_day + 1, Kind.AND, Kind.FILLER)
    last = said_at(words, days[-1][1]) if len(days) > 1 else None
    if last is None or last.day != days[-1][0]:
        return None
    for day, at_day in days:
        found = dated(words, replace(last, day=day, start=at_day))
        if found is not None:
            listed.ranges.append((found, found))
    listed.said = last
    return last.end


def _further(words: Words, place: int, listed: _Listed) -> int | None:
    """A further day of the month named last, unless the number is a time or counts something."""
    one = words.at(place)
    if listed.said is None or one.kind not in (Kind.NUMBER, Kind.ORDINAL) or len(one.digits) > 2:
        return None
    if evident_at(words, place) or words.kind(place + 1) in (Kind.UNIT, Kind.DAY, Kind.TO):
        return None
    said = replace(listed.said, day=one.number, weekday=None, start=place, end=place + 1)
    found = dated(words, said)
    if found is not None:
        listed.ranges.append((found, found))
    return year_at(words, place + 1)[1]


def _shared_year(words: Words, place: int) -> int | None:
    """The year behind the last of several days of one month: "December 22 and 29, 2026"."""
    while True:
        day = words.skip(place, Kind.AND, Kind.OR, Kind.FILLER)
        if day == place or words.kind(day) not in (Kind.NUMBER, Kind.ORDINAL) or len(words.at(day).digits) > 2:
            return None
        place = day + 1
        year = year_at(words, place)[0]
        if year is not None:
            return year


def _days(words: Words, place: int, listed: _Listed) -> int | None:
    if replace(listed.off, days=frozenset(), places=frozenset()) != Off() or listed.said is not None:
        return None  # "except July, Saturday 10 am": after a date a weekday begins something else
    if words.kind(place) == Kind.DAY:
        days, end = day_list(words, place)
        listed.off = replace(listed.off, days=listed.off.days | frozenset(days))
        return end
    found = ordinals_at(words, place) if words.kind(place) == Kind.ORDINAL else None
    if found is None or not isinstance(found.part, Places) or found.part.whole:
        return None
    listed.off = replace(listed.off, places=listed.off.places | frozenset(found.part.places))
    return found.end
