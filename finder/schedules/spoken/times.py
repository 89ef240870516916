"""Times of day and lengths as people say them: "6-7:30 pm", "a las 18:00", "for an hour and a half"."""

from __future__ import annotations

from finder.schedules.spoken.lexemes import Words
from finder.schedules.spoken.parts import Clock, Found, Length, Period, Span
from finder.schedules.spoken.words import AFTERNOON, AM, DASH, EVENING, HOUR, MINUTE, MORNING, NIGHT, PM, Kind

NOON, DAY_MINUTES = 720, 1440
_FEWEST_SIGNED = 6  # "6 h" is six o'clock, "5 h" five hours
_EVENING_FROM = 1020  # 17:00, as contract section 2 counts evenings
_LATE_MORNING = range(9, 12)  # a bare 9, 10 or 11 is a morning, other bare hours are afternoons and evenings
_LONG, _VERY_LONG = 240, 360  # minutes: nothing that starts at a bare 8 (or 6) and is this long starts in the evening


def span_at(words: Words, start: int) -> Found | None:
    """A time or a range of times; None for a bare number that nothing marks as an hour."""
    place, marked, between = _before(words, start)
    first = _clock_at(words, place, marked or words.kind(place + 1) == Kind.TO)
    if first is None:
        return None
    clock, evident, end = first
    joint = _joint(words, end, between)
    second = _clock_at(words, joint, True) if joint > end else None
    if second is not None and (second[1] or not _counts(words, second[2])):
        if marked or evident or second[1] or _is_range(words, place, end):
            return Found(Span(clock, second[0]), start, second[2])
        return None
    if evident or (marked and not _counts(words, end)) or _shares_period(words, end):
        return Found(Span(clock), start, end)
    return None


def evident_at(words: Words, start: int) -> bool:
    """Whether a time stands here that cannot be the day of a date: it has minutes or says am or pm."""
    first = _clock_at(words, start, False)
    if first is None:
        return False
    joint = _joint(words, first[2], False)
    second = _clock_at(words, joint, False) if joint > first[2] else None
    return first[1] or (second is not None and second[1])


def _before(words: Words, place: int) -> tuple[int, bool, bool]:
    """Past the words before a time: the place, whether one of them says that an hour follows, and "between"."""
    marked = between = False
    while True:
        kind = words.kind(place)
        following = words.kind(words.skip(place + 1, Kind.FILLER))
        if kind == Kind.AT:
            marked = True
        elif kind == Kind.BETWEEN:
            between = True
        elif kind == Kind.TO:
            if words.at(place).digits or following not in (Kind.AT, Kind.CLOCK):
                return place, marked, between
        elif kind not in (Kind.FROM, Kind.OF, Kind.FILLER):
            return place, marked, between
        place += 1


def _joint(words: Words, place: int, between: bool) -> int:
    """The place of the second time of a range, or the same place when no range follows."""
    kind = words.kind(place)
    if kind == Kind.TO or (between and kind == Kind.AND):
        while words.kind(place + 1) == Kind.TO and words.at(place + 1).number == DASH:
            place += 1  # "10 am - - 3 pm"
        return words.skip(place + 1, Kind.AT)
    return place


def _is_range(words: Words, place: int, end: int) -> bool:
    """Whether bare numbers can be hours: 6, 12 or 830, and not 2027, which is a year."""
    digits = words.at(place).digits
    return end == place + 1 and not (len(digits) == 4 and digits.startswith("20"))


def _counts(words: Words, place: int) -> bool:
    """Whether the number before counts something: weeks, minutes, months."""
    return words.kind(place) in (Kind.UNIT, Kind.MONTH)


def _shares_period(words: Words, place: int) -> bool:
    """Whether "8" belongs to "8 and 10 am"."""
    if words.kind(place) != Kind.AND:
        return False
    second = _clock_at(words, words.skip(place, Kind.AND, Kind.AT), False)
    return second is not None and second[0].period is not None


def _clock_at(words: Words, place: int, marked: bool) -> tuple[Clock, bool, int] | None:
    """A time, whether its form alone says that it is one, and where it ends."""
    one = words.at(place)
    if one.kind == Kind.CLOCK:
        return Clock(one.number // 60, 0, fixed=True), True, place + 1
    shift = one.number if one.kind == Kind.PAST else 0
    place += one.kind == Kind.PAST
    one = words.at(place)
    if one.kind != Kind.NUMBER:
        return None
    hour, minute, evident, end = _hour(words, place)
    if shift:
        hour, minute, evident = _shifted(hour, shift), shift % 60, True
    end = _o_clock(words, end, evident or hour > 12)
    evident = evident or words.kind(end - 1) == Kind.O_CLOCK or (end > place + 1 and words.kind(end - 1) == Kind.UNIT)
    after = words.at(end)
    period = after.number if after.kind == Kind.PERIOD else None
    if len(one.digits) > 2 and not evident and period is None and not marked:
        return None
    if hour == 24 and minute == 0:
        hour = 0
    if words.text[after.start:after.end] == ":" and after.glued and words.at(end + 1).glued:
        return None  # "6:300"
    if hour > 23 or minute > 59 or not _agree(hour, period):
        return None
    if period is None and is_hour_sign(words, end - 1):
        period, end = AM if hour < 12 else PM, end - 1  # the 24-hour clock; the sign is counted below
    fixed = period is None and (hour > 12 or hour == 0)
    found = Clock(hour, minute, period, fixed or (period is None and one.digits.startswith("0")))
    return found, evident or period is not None, end + (period is not None)


def _hour(words: Words, place: int) -> tuple[int, int, bool, int]:
    """Hour, minute, whether minutes were said, and the end: 6:30, 6.30, 6h30, 1830, siete y media."""
    one, mark, tail = words.at(place), words.at(place + 1), words.at(place + 2)
    said = words.text[mark.start:mark.end]
    if mark.glued and tail.glued and len(tail.digits) == 2 and said in (":", ".", "h") and len(one.digits) <= 2:
        return one.number, tail.number, True, place + 3
    if mark.kind == Kind.HALF and words.kind(place + 2) != Kind.UNIT:
        return _shifted(one.number, mark.number), mark.number % 60, True, place + 2
    if mark.kind == Kind.AND and tail.kind == Kind.ORDINAL and tail.number == 4 and words.kind(place + 3) != Kind.DAY:
        return one.number, 15, True, place + 3  # "las seis y cuarto"
    if len(one.digits) > 2:
        return one.number // 100, one.number % 100, False, place + 1
    return one.number, 0, False, place + 1


def _shifted(hour: int, minutes: int) -> int:
    """The hour on the clock: a quarter to seven is in the hour of six."""
    return hour if minutes > 0 else (hour - 2) % 12 + 1


def _o_clock(words: Words, place: int, hours: bool) -> int:
    if words.kind(place) == Kind.O_CLOCK:
        return place + 1
    if (hours or is_hour_sign(words, place)) and words.kind(place) == Kind.UNIT and words.at(place).number == HOUR:
        return place + 1  # "18:00 h", "1800 hrs", "19 h"
    return place


def is_hour_sign(words: Words, place: int) -> bool:
    """Whether a number with "h" is a time, as in Spanish "10 h"; a few hours ("2 h") are a length."""
    number, sign = words.at(place - 1), words.at(place)
    letter = words.text[sign.start:sign.end].casefold() in ("h", "hs") and words.kind(place - 2) != Kind.FOR
    return words.language == "es" and letter and number.kind == Kind.NUMBER and number.number >= _FEWEST_SIGNED


def _agree(hour: int, period: int | None) -> bool:
    if period in (AM, MORNING):
        return hour < 12 or (hour == 12 and period == AM)
    return period is None or hour > 0


def period_at(words: Words, start: int) -> Found | None:
    """A part of the day by itself."""
    one = words.at(start)
    return Found(Period(one.number), start, start + 1) if one.kind == Kind.PERIOD else None


def length_at(words: Words, start: int) -> Found | None:
    """How long a session lasts: "for 90 minutes", "1.5 hours", "una hora y media"."""
    place = words.skip(start, Kind.FOR, Kind.OF, Kind.FILLER)
    if words.kind(place) == Kind.LENGTH:
        return Found(Length(words.at(place).number), start, place + 1)
    if words.kind(place) != Kind.NUMBER:
        return None
    tenths, end = words.at(place).number * 10, place + 1
    mark, tail = words.at(place + 1), words.at(place + 2)
    decimal = words.text[mark.start:mark.end] in (".", ",") and mark.glued and tail.glued
    if decimal and len(tail.digits) == 1:
        tenths, end = tenths + tail.number, place + 3
    elif mark.kind == Kind.HALF and mark.number == 30:
        tenths, end = tenths + 5, place + 2
    if words.kind(end) == Kind.TO:
        end += 1  # "90-minute"
    unit = words.at(end)
    if unit.kind != Kind.UNIT or unit.number not in (MINUTE, HOUR) or is_hour_sign(words, end):
        return None
    minutes = tenths * 6 if unit.number == HOUR else tenths // 10
    minutes, end = _and_minutes(words, end + 1, minutes) if unit.number == HOUR else (minutes, end + 1)
    return Found(Length(minutes), start, end)


def _and_minutes(words: Words, place: int, minutes: int) -> tuple[int, int]:
    """The rest of "1 hour and 30 minutes" and "1 hora y media"."""
    if words.kind(place) == Kind.HALF:
        return minutes + words.at(place).number, place + 1
    number = words.skip(place, Kind.AND)
    unit = words.at(number + 1)
    if words.kind(number) == Kind.NUMBER and unit.kind == Kind.UNIT and unit.number == MINUTE:
        return minutes + words.at(number).number, number + 2
    return minutes, place


def resolved(span: Span, period: int | None) -> tuple[int, int | None, str | None]:
    """Minute of the day, length in minutes, and the code of what was assumed.

    An end without am or pm lies as soon after the start as it can, and a start before its end likewise. `period` is a
    part of the day that was said apart ("Tuesday evenings").
    """
    first, last = span.start, span.end
    literal = first.fixed or (last is not None and last.fixed and first.period is None and last.hour > 12)
    starts = _minutes(first, period, literal)
    if last is None:
        chosen, code = _chosen(first, starts, None)
        return chosen, None, "assumed_start_of_day" if chosen == 0 and first.period != AM else code
    ends = _minutes(last, None, last.fixed or (first.fixed and first.hour > 12 and last.hour > 12))
    if len(starts) == 1 or len(ends) == 1:
        length, chosen = min(((end - start - 1) % DAY_MINUTES + 1, start) for start in starts for end in ends)
        return chosen, length, "assumed_morning" if first.fixed and _padded(first) else None
    half_day = (ends[0] - starts[0] - 1) % NOON + 1
    chosen, code = _chosen(first, starts, half_day)
    return chosen, half_day, code


def _padded(clock: Clock) -> bool:
    return 0 < clock.hour < 12  # written "06:30": fixed by its zero, so taken for the 24-hour clock


def _minutes(clock: Clock, period: int | None, literal: bool) -> list[int]:
    """The minutes of the day that a time can mean."""
    exact = clock.hour * 60 + clock.minute
    if literal or clock.hour > 12:
        return [exact]
    said = clock.period if clock.period is not None else period
    morning = clock.hour % 12 * 60 + clock.minute
    if said is None:
        return [morning, morning + NOON]
    if said in (AM, MORNING):
        return [morning if clock.period is not None or clock.hour != 12 else morning + NOON]
    if said == NIGHT:
        return [morning + NOON if 5 <= clock.hour < 12 else morning]
    assert said in (PM, AFTERNOON, EVENING)
    return [morning + NOON]


def _chosen(clock: Clock, minutes: list[int], length: int | None) -> tuple[int, str | None]:
    """The reading taken for a start, with a code if it was a choice."""
    if len(minutes) == 1:
        return minutes[0], "assumed_morning" if clock.fixed and _padded(clock) else None
    early = clock.hour in _LATE_MORNING
    if length is not None:
        early = early or (6 <= clock.hour <= 8 and length >= (_LONG if clock.hour == 8 else _VERY_LONG))
    minute = minutes[0] if early else minutes[1]
    if minute < NOON:
        return minute, "assumed_morning"
    return minute, "assumed_afternoon" if minute < _EVENING_FROM else "assumed_evening"
