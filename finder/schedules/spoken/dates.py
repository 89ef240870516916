"""Dates, months and ranges of them: "Jan 7", "del 3 de septiembre al 19 de noviembre de 2026", "until May"."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from finder.schedules.spoken.lexemes import Lexeme, Words
from finder.schedules.spoken.parts import Found, Months, Once, Season
from finder.schedules.spoken.times import evident_at
from finder.schedules.spoken.words import JOINS, THROUGH, UNTIL, Kind

_YEARS = range(2000, 2100)
# A first day without a year is one that was up to a season ago rather than one in three quarters of a year.
_RECENT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Said:
    """A date or month as said; `weekday` is what was said beside it, `day` None for a whole month."""

    month: int
    day: int | None
    year: int | None
    weekday: int | None
    start: int
    end: int

    def on(self, year: int, *, last: bool = False) -> date | None:
        """The date in a year (of a month its first or last day); None if there is none, as of February 30."""
        if not 1 <= self.month <= 12:
            return None
        longest = monthrange(year, self.month)[1]
        day = self.day if self.day is not None else (longest if last else 1)
        return date(year, self.month, day) if 1 <= day <= longest else None


def said_at(words: Words, start: int, *, months: bool = True) -> Said | None:
    """A date or, with `months`, a month that starts here, with a weekday before it if one was said."""
    place, weekday = words.skip(start, Kind.FILLER, Kind.IN), None
    if words.kind(place) == Kind.DAY and len(words.at(place).value) == 1:
        weekday = words.at(place).number
        place = words.skip(place + 1, Kind.AND, Kind.FILLER, Kind.MARK)
    found = _numeric(words, place) or _spoken(words, place)
    if found is None or (found.day is None and (not months or weekday is not None)):
        return None
    return Said(found.month, found.day, found.year, weekday, start, found.end)


def _numeric(words: Words, place: int) -> Said | None:
    """2026-09-03, 9/3 or 9/3/26 (in Spanish the day comes first)."""
    first, mark, second, again, third = (words.at(place + step) for step in range(5))
    glued = mark.glued and second.glued and first.digits and second.digits
    sign = words.text[mark.start:mark.end] if glued else ""
    longer = bool(sign and again.glued and third.glued and third.digits) and \
        words.text[again.start:again.end] == sign
    if sign == "-" and longer and len(first.digits) == 4 and first.number in _YEARS:
        return Said(second.number, third.number, first.number, None, place, place + 5)
    if sign != "/" or len(first.digits) > 2 or len(second.digits) > 2:
        return None
    month, day = (second, first) if words.language == "es" else (first, second)
    if not 1 <= month.number <= 12 or not 1 <= day.number <= 31:
        return None
    if not longer:
        return None if words.kind(place + 3) in (Kind.PERIOD, Kind.UNIT) else \
            Said(month.number, day.number, None, None, place, place + 3)
    year = third.number + 2000 if len(third.digits) == 2 else third.number
    return Said(month.number, day.number, year, None, place, place + 5) if year in _YEARS else None


def _spoken(words: Words, place: int) -> Said | None:
    """Month before day, day before month, or a month alone."""
    one = words.at(place)
    if one.kind == Kind.MONTH:
        day = words.at(words.skip(place + 1, Kind.FILLER))
        at_day = words.skip(place + 1, Kind.FILLER)
        if _is_day(day) and not (day.kind == Kind.NUMBER and evident_at(words, at_day)):
            year, end = year_at(words, at_day + 1)
            return Said(one.number, day.number, year, None, place, end)
        year, end = year_at(words, place + 1)
        return Said(one.number, None, year, None, place, end)
    if _is_day(one):
        at_month = words.skip(place + 1, Kind.OF)
        if words.kind(at_month) == Kind.MONTH:
            year, end = year_at(words, at_month + 1)
            return Said(words.at(at_month).number, one.number, year, None, place, end)
    return None


def _is_day(one: Lexeme) -> bool:
    return one.kind in (Kind.NUMBER, Kind.ORDINAL) and len(one.digits) <= 2 and one.number > 0


def year_at(words: Words, place: int) -> tuple[int | None, int]:
    """The year that stands here or behind "of" or a comma, and where it ends; None and the same place without one."""
    at_year = words.skip(place, Kind.OF, Kind.AND) if words.kind(place) in (Kind.OF, Kind.AND) else place
    one = words.at(at_year)
    if one.kind == Kind.NUMBER and len(one.digits) == 4 and one.number in _YEARS:
        return one.number, at_year + 1
    return None, place


def dated(words: Words, said: Said, *, back: int = 0, last: bool = False) -> date | None:
    """The date meant: without a year the first that is not more than `back` days ago, which is then assumed.

    None, with a problem, if there is no such date or it falls on another weekday than was said.
    """
    found = said.on(said.year, last=last) if said.year is not None else _nearest(said, words.today, back, last)
    if found is None:
        words.refuse("not_a_date", said.start, said.end)
        return None
    return checked(words, said, found)


def checked(words: Words, said: Said, found: date) -> date | None:
    """The date, unless it falls on another weekday than was said beside it; a missing year is reported."""
    if said.weekday is not None and said.weekday != found.weekday():
        words.refuse("weekday_mismatch", said.start, said.end, day=found.isoformat())
        return None
    if said.year is None:
        words.assume("assumed_year", said.start, said.end, day=found.isoformat())
    return found


def _nearest(said: Said, today: date, back: int, last: bool) -> date | None:
    earliest = today - timedelta(days=back)
    # Nine years, so that February 29 is found too.
    days = (said.on(year, last=last) for year in range(earliest.year, earliest.year + 9))
    return next((day for day in days if day is not None and day >= earliest), None)


def range_at(words: Words, start: int) -> tuple[Said, Said] | None:
    """Two dates, or two months, joined by "to": "June 15 - Aug 20", "July 4-8"."""
    first = said_at(words, start)
    if first is None or words.kind(first.end) != Kind.TO:
        return None
    place = words.skip(first.end + 1, Kind.OF)
    last = said_at(words, place)
    if last is not None and (last.day is None) == (first.day is None):
        return first, Said(last.month, last.day, last.year, last.weekday, place, last.end)
    day = words.at(words.skip(place, Kind.FILLER))
    if first.day is None or last is not None or not _is_day(day) or evident_at(words, place):
        return None
    if words.kind(place + 1) in (Kind.UNIT, Kind.DAY):
        return None
    year, end = year_at(words, words.skip(place, Kind.FILLER) + 1)
    return Said(first.month, first.day, first.year or year, first.weekday, first.start, first.end), \
        Said(first.month, day.number, year or first.year, None, place, end)


def ends(words: Words, first: Said, last: Said) -> tuple[date, date] | None:
    """The dates of a range; without years the range whose end is the first that is not past."""
    start, end = _range(words.today, first, last)
    if start is None or end is None:
        words.refuse("not_a_date", first.start, last.end)
        return None
    if start > end:
        words.refuse("from_after_until", first.start, last.end)
        return None
    if first.year is None and last.year is None:
        words.assume("assumed_year", first.start, last.end, day=start.isoformat())
    for said, found in ((first, start), (last, end)):
        if said.weekday is not None and said.weekday != found.weekday():
            words.refuse("weekday_mismatch", said.start, said.end, day=found.isoformat())
            return None
    return start, end


def _range(today: date, first: Said, last: Said) -> tuple[date | None, date | None]:
    if first.year is not None:
        start = first.on(first.year)
        end = last.on(last.year or first.year, last=True)
        if last.year is None and start and end and end < start:
            end = last.on(first.year + 1, last=True)
        return start, end
    end = last.on(last.year, last=True) if last.year is not None else _nearest(last, today, 0, True)
    if end is None:
        return None, None
    start = first.on(end.year)
    return (first.on(end.year - 1) if start is not None and start > end else start), end


def season_at(words: Words, start: int) -> Found | None:
    """From when until when: a first day, a last day, both, one date, or months of every year."""
    place = words.skip(start, Kind.FROM, Kind.OF, Kind.FILLER, Kind.AT)
    said_from = any(words.kind(one) == Kind.FROM for one in range(start, place))
    pair = range_at(words, place)
    if pair is not None:
        if pair[0].day is None and pair[0].year is None and pair[1].year is None:
            words.assume("assumed_every_year", start, pair[1].end)
            return Found(Months(month_span(pair[0].month, pair[1].month)), start, pair[1].end)
        found = ends(words, *pair)
        return Found(Season(*(found or (None, None))), start, pair[1].end)
    if words.kind(place) == Kind.TO and words.at(place).number in (UNTIL, THROUGH, JOINS):
        return _until(words, start, place)
    several = days_before_month(words, place)
    if several and not said_from:
        days = tuple(day for one in several if (day := dated(words, one)) is not None)
        return Found(Once(days) if days else Season(), start, several[-1].end)
    said = said_at(words, place)
    if said is None:
        return None
    if said_from:
        return Found(Season(dated(words, said, back=_RECENT_DAYS)), start, said.end)
    return _whole_month(words, said, start) if said.day is None else _dates(words, said, start)


def _dates(words: Words, said: Said, start: int) -> Found:
    """A date and the further days of its month: "December 1, 8 and 15"."""
    said = said if said.year is not None else replace(said, year=shared_year(words, said.end))
    found, end = [dated(words, said)], said.end
    while words.kind(end) == Kind.AND:
        place = words.skip(end, Kind.AND, Kind.FILLER)
        if not further_day(words, place):
            break
        found.append(dated(words, replace(said, day=words.at(place).number, start=place, end=place + 1)))
        end = year_at(words, place + 1)[1]
    days = tuple(one for one in found if one is not None)
    return Found(Once(days) if days else Season(), start, end)


def days_before_month(words: Words, place: int) -> list[Said]:
    """The dates of "el 3 y el 10 de enero"; empty for fewer than two."""
    days: list[tuple[int, int]] = []
    while words.kind(place) in (Kind.NUMBER, Kind.ORDINAL):
        days.append((words.at(place).number, place))
        place = words.skip(place + 1, Kind.AND, Kind.FILLER)
    last = said_at(words, days[-1][1]) if len(days) > 1 else None
    if last is None or last.day != days[-1][0]:
        return []
    return [*(replace(last, day=day, start=at, end=at + 1) for day, at in days[:-1]), last]


def further_day(words: Words, place: int) -> bool:
    """Whether a number behind a date is a further day of its month, and no time and no count of something."""
    one = words.at(place)
    if one.kind not in (Kind.NUMBER, Kind.ORDINAL) or len(one.digits) > 2 or evident_at(words, place):
        return False
    return words.kind(place + 1) not in (Kind.UNIT, Kind.DAY, Kind.TO, Kind.MONTH, Kind.OF, Kind.O_CLOCK)


def shared_year(words: Words, place: int) -> int | None:
    """The year behind the last of several days of one month: "December 22 and 29, 2026"."""
    while True:
        day = words.skip(place, Kind.AND, Kind.OR, Kind.FILLER)
        if day == place or words.kind(day) not in (Kind.NUMBER, Kind.ORDINAL) or len(words.at(day).digits) > 2:
            return None
        place = day + 1
        year = year_at(words, place)[0]
        if year is not None:
            return year


def _until(words: Words, start: int, place: int) -> Found | None:
    word = words.at(place).number
    said = said_at(words, words.skip(place + 1, Kind.OF, Kind.FILLER))
    if said is None:
        return None
    last = dated(words, said, last=True)
    if last is not None and said.day is None and word != THROUGH:
        words.assume("assumed_last_day", start, said.end, day=last.isoformat())
    return Found(Season(None, last), start, said.end)


def _whole_month(words: Words, said: Said, start: int) -> Found | None:
    """"in July 2026" is a season; "in July and August" means every year and is reported unless "only" says so."""
    before = words.kind(start - 1)
    if said.year is not None:
        return Found(Season(said.on(said.year), said.on(said.year, last=True)), start, said.end)
    if not {Kind.IN, Kind.OF} & {words.kind(start), before} and before != Kind.ONLY:
        return None
    months, end = month_list(words, said.end - 1)
    if before != Kind.ONLY and words.kind(start - 2) != Kind.ONLY:
        words.assume("assumed_every_year", start, end)
    return Found(Months(months), start, end)


def month_list(words: Words, place: int) -> tuple[frozenset[int], int]:
    """Months from a place that holds one, joined or in ranges, and where they end."""
    found: set[int] = set()
    while True:
        found.add(words.at(place).number)
        end = place + 1
        if words.kind(end) == Kind.TO and words.kind(end + 1) == Kind.MONTH:
            found |= month_span(words.at(place).number, words.at(end + 1).number)
            end += 2
        place = words.skip(end, Kind.AND, Kind.FILLER, Kind.IN)
        if place == end or words.kind(place) != Kind.MONTH or _has_day(words, place):
            return frozenset(found), end


def _has_day(words: Words, place: int) -> bool:
    said = said_at(words, place)
    return said is not None and (said.day is not None or said.year is not None)


def month_span(first: int, last: int) -> frozenset[int]:
    """Months from one to another, over the end of the year if need be."""
    return frozenset((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))
