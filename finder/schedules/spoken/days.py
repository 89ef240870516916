"""Which days: weekdays and ranges of them, places in the month, days of the month, and steps such as every 3 weeks."""

from __future__ import annotations

from finder.schedules.spoken.lexemes import Words
from finder.schedules.spoken.parts import Count, Found, Ordinals, Places, Step, Weekdays
from finder.schedules.spoken.words import DAY, MEETING, MONTH, WEEK, WORKDAYS, Kind

_MOST_STEPS, _MOST_COUNT = 99, 999  # listing_schema._REPEATS: two digits of INTERVAL, three of COUNT
_LAST_PLACE, _LAST_DAY = 5, 31
_ALL = tuple(range(7))


def weekdays_at(words: Words, start: int) -> Found | None:
    """Weekdays, joined or in a range; the words "from" and "every" before them belong to them."""
    place = words.skip(start, Kind.FROM, Kind.OF, Kind.EVERY, Kind.FILLER, Kind.ONLY)
    if words.kind(place) == Kind.EVERY_DAY:
        return Found(Weekdays(_ALL), start, place + 1)
    if words.kind(place) == Kind.UNIT and words.at(place).number == DAY and words.kind(place + 1) == Kind.DAY:
        place += 1  # "los días lunes y jueves"
    if words.kind(place) == Kind.PERIOD and words.kind(place - 1) == Kind.EVERY:
        return Found(Weekdays(_ALL), start, place)  # "every night": the part of the day is read by itself
    one = words.at(place)
    if one.kind == Kind.NUMBER and one.number == 1 and not one.digits:
        place += 1  # "un martes sí y otro no"
    if words.kind(place) != Kind.DAY:
        return None
    days, end = day_list(words, place)
    return Found(Weekdays(days), start, end)


def day_list(words: Words, place: int) -> tuple[tuple[int, ...], int]:
    """Weekdays from a place that holds one, sorted, and where they end."""
    found: set[int] = set()
    while True:
        days, place = _days_or_range(words, place)
        found |= days
        following = words.skip(place, Kind.AND, Kind.FILLER, Kind.EVERY)
        again = set(words.at(following).value) <= found
        if words.kind(following) != Kind.DAY or again or _dates_follow(words, following):
            return tuple(sorted(found)), place
        place = following


def _days_or_range(words: Words, place: int) -> tuple[set[int], int]:
    """One weekday, a range of them, or three and more with dashes between, which are a list: "Mon-Wed-Fri"."""
    said = [words.at(place).value]
    while True:
        dash = words.skip(place + 1, Kind.FILLER)
        following = words.skip(dash + 1, Kind.FILLER)
        if words.kind(dash) != Kind.TO or words.kind(following) != Kind.DAY:
            break
        place = following
        said.append(words.at(place).value)
    if len(said) != 2:
        return {day for days in said for day in days}, place + 1
    first, last = said[0][0], said[1][-1]
    return {(first + step) % 7 for step in range((last - first) % 7 + 1)}, place + 1


def _dates_follow(words: Words, place: int) -> bool:
    """Whether a weekday belongs to a date: "Tuesday, March 3"."""
    return words.kind(words.skip(place + 1, Kind.AND)) == Kind.MONTH and words.kind(place + 1) == Kind.AND


def ordinals_at(words: Words, start: int) -> Found | None:
    """Places in the month with their weekdays, or numbers of days: "1st and 3rd Sunday", "the 15th of each month"."""
    place = words.skip(start, Kind.OF, Kind.FILLER, Kind.ONLY)
    every = words.kind(place) == Kind.EVERY
    place = words.skip(place, Kind.EVERY, Kind.FILLER)
    if words.kind(place) != Kind.ORDINAL:
        return _month_days_at(words, start, place)
    numbers, end = _ordinals(words, place)
    if words.kind(end) != Kind.DAY:
        return _without_weekday(words, start, numbers, end)
    if words.at(end).value == WORKDAYS and numbers in ((1,), (-1,)):
        end = words.skip(end + 1, Kind.MONTHLY)
        return Found(Places(tuple((numbers[0], day) for day in WORKDAYS), whole=True), start, end)
    found, end = placed(words, numbers, end)
    if not found:
        return None
    monthly = words.kind(end) == Kind.MONTHLY or words.kind(start - 1) == Kind.MONTHLY
    if every and len(found) == 1 and found[0][0] > 1 and not monthly:
        words.assume("assumed_of_the_month", start, end)
    if words.kind(end) == Kind.MONTHLY and words.at(end).number == 1:
        end += 1
    return Found(Places(found), start, end)


def placed(words: Words, numbers: tuple[int, ...], end: int) -> tuple[tuple[tuple[int, int], ...], int]:
    """All "2nd and 4th Tuesday and 1st Friday" from the first weekday on; empty if a number is no place in a month."""
    found: set[tuple[int, int]] = set()
    while True:
        first = end
        days, end = day_list(words, end)
        if any(not (0 < one <= _LAST_PLACE or one in (-1, -2)) for one in numbers):
            return (), end
        if len(days) > 1:
            words.assume("assumed_of_the_month", first, end)
        found |= {(one, day) for one in numbers for day in days}
        following = words.skip(end, Kind.AND, Kind.FILLER)
        if words.kind(following) != Kind.ORDINAL:
            return tuple(sorted(found, key=_order)), end
        numbers, following = _ordinals(words, following)
        if words.kind(following) != Kind.DAY:
            return tuple(sorted(found, key=_order)), end
        end = following


def _order(place: tuple[int, int]) -> tuple[int, bool, int]:
    return place[1], place[0] < 0, place[0]


def _ordinals(words: Words, place: int) -> tuple[tuple[int, ...], int]:
    found: list[int] = []
    while words.kind(place) == Kind.ORDINAL:
        found.append(words.at(place).number)
        end = place + 1
        following = words.skip(end, Kind.AND, Kind.FILLER)
        if words.kind(following) == Kind.TO and words.kind(following + 1) == Kind.ORDINAL:
            last = words.at(following + 1).number
            found.extend(range(found[-1] + 1, min(last, _LAST_DAY) + 1))
            end = following + 2
            following = words.skip(end, Kind.AND, Kind.FILLER)
        place = following
    return tuple(dict.fromkeys(found)), words.skip(end, Kind.FILLER, Kind.MARK)


def _without_weekday(words: Words, start: int, numbers: tuple[int, ...], end: int) -> Found | None:
    if words.kind(end) == Kind.UNIT and words.at(end).number == DAY:
        if words.kind(end + 1) != Kind.MONTHLY or not set(numbers) <= {-1, *range(1, _LAST_DAY + 1)}:
            return None
        following = end + 2 if words.at(end + 1).number == 1 else end + 1
        return Found(Ordinals(numbers, True), start, following)
    if any(not 0 < one <= _LAST_DAY for one in numbers):
        return None
    of_month = words.kind(end) == Kind.MONTHLY
    following = end + (of_month and words.at(end).number == 1)
    return Found(Ordinals(numbers, of_month or words.kind(start - 1) == Kind.MONTHLY), start, following)


def _month_days_at(words: Words, start: int, place: int) -> Found | None:
    """Bare numbers that "of the month" makes days: "days 1 and 15 of the month", "el 15 de cada mes"."""
    named = words.kind(place) == Kind.UNIT and words.at(place).number == DAY
    if named:
        place += 1
    numbers: list[int] = []
    end = place
    while words.kind(place) == Kind.NUMBER or (named and words.kind(place) == Kind.ORDINAL):
        numbers.append(words.at(place).number)
        end = place + 1
        place = words.skip(end, Kind.AND, Kind.FILLER)
    monthly = words.kind(end) == Kind.MONTHLY or (named and words.kind(start - 1) == Kind.MONTHLY)
    if not numbers or not monthly or any(not 0 < one <= _LAST_DAY for one in numbers):
        return None
    end += words.kind(end) == Kind.MONTHLY and words.at(end).number == 1
    return Found(Ordinals(tuple(dict.fromkeys(numbers)), True), start, end)


def step_at(words: Words, start: int) -> Found | None:
    """How often: "every other", "every 3 weeks", "cada dos", "monthly"."""
    place = words.skip(start, Kind.OF, Kind.FILLER, Kind.IN)
    one = words.at(place)
    if one.kind in (Kind.WEEKLY, Kind.MONTHLY):
        if len(one.value) > 1:
            words.assume("assumed_every_two_weeks", place, place + 1)
        return Found(Step(one.number, WEEK if one.kind == Kind.WEEKLY else MONTH), start, place + 1)
    if one.kind == Kind.ALTERNATE:
        unit = words.at(place + 1)
        named = unit.kind == Kind.UNIT and unit.number in (DAY, WEEK, MONTH)
        return Found(Step(2, unit.number if named else WEEK), start, place + 1 + named)
    number, unit = words.at(place + 1), words.at(place + 2)
    if one.kind != Kind.EVERY or number.kind != Kind.NUMBER or not 0 < number.number <= _MOST_STEPS:
        return None
    if unit.kind == Kind.UNIT and unit.number in (DAY, WEEK, MONTH):
        return Found(Step(number.number, unit.number), start, place + 3)
    return Found(Step(number.number, WEEK), start, place + 2) if unit.kind == Kind.DAY else None


def count_at(words: Words, start: int) -> Found | None:
    """How many: "8 weeks", "for 8 sessions", "an 8-week group"."""
    place = words.skip(start, Kind.FOR, Kind.FILLER)
    number = words.at(place)
    dash = words.kind(place + 1) == Kind.TO
    unit = words.at(place + 1 + dash)
    if number.kind != Kind.NUMBER or unit.kind != Kind.UNIT or unit.number not in (WEEK, MONTH, MEETING):
        return None
    if not 0 < number.number <= _MOST_COUNT:
        return None
    if unit.number == MEETING and words.kind(place + 2 + dash) in (Kind.WEEKLY, Kind.MONTHLY):
        return None  # "2 times a week" is no number of meetings in all
    return Found(Count(number.number, unit.number), start, place + 2 + dash)
