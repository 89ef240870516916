"""The recurrence rule of a clause: its days, steps and months as the parts of an RRULE (RFC 5545, section 3.3.10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from finder.schedules.spoken.clauses import Clause
from finder.schedules.spoken.lexemes import Words
from finder.schedules.spoken.parts import (
    Count,
    Found,
    Months,
    Off,
    Once,
    Ordinals,
    Places,
    Season,
    Step,
    Weekdays,
    When,
)
from finder.schedules.spoken.words import DAY, MONTH, WEEK

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ORDER = ("FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS")
_PLACES = range(1, 6)  # a weekday comes at most five times in a month


@dataclass(frozen=True, slots=True)
class Pattern:
    """The days of one session: the parts of a rule, or one date; `days` is how many weekdays a weekly rule has."""

    parts: Mapping[str, str]
    once: date | None = None
    days: int = 0


def text(parts: Mapping[str, str]) -> str:
    """The RRULE of these parts, in one fixed order."""
    return ";".join(f"{name}={parts[name]}" for name in ORDER if name in parts)


def patterns(words: Words, clause: Clause, first: date | None) -> list[Pattern] | None:
    """The days of a clause, one pattern per session; None, with a problem, if they contradict one another."""
    step = _step(words, clause)
    whens = _whens(words, clause, step, first)
    if whens is None:
        return None
    months = _months(clause)
    found: list[Pattern] = []
    for when in whens:
        if isinstance(when, Once):
            found.extend(Pattern({}, day) for day in when.days)
            continue
        pattern = _pattern(words, clause, when, step)
        if pattern is None:
            return None
        if not months:
            _refuse(words, "never_meets", [*clause.months, *clause.offs])
            return None
        if len(months) < 12:
            named = {"BYMONTH": ",".join(map(str, sorted(months)))}
            pattern = replace(pattern, parts={**pattern.parts, **named})
        found.append(pattern)
    return found


def _refuse(words: Words, code: str, founds: Iterable[Found]) -> None:
    places = list(founds)
    words.refuse(code, min(one.start for one in places), max(one.end for one in places))


def _step(words: Words, clause: Clause) -> Step | None:
    """The one step of a clause; of several, one that says more than "weekly" or "monthly"."""
    steps = {one.part for one in clause.steps if isinstance(one.part, Step)}
    further = {one for one in steps if one.every > 1} or steps
    if len(further) > 1:
        _refuse(words, "conflicting", clause.steps)
    return min(further, key=lambda one: (one.unit, one.every), default=None)


def _whens(words: Words, clause: Clause, step: Step | None, first: date | None) -> list[When] | None:
    """The days said, with those that a first date or a step implies, and numbers bound to the weekdays before them."""
    said: list[When] = [one.part for one in clause.whens if isinstance(one.part, When)]
    once = [one for one in said if isinstance(one, Once)]
    counted = bool(clause.counts) or (step is not None and step.unit == WEEK)
    if once:
        return _only_dates(words, clause, said, once, step, counted)
    if not said:
        if step is not None and step.unit == DAY:
            return [Weekdays(tuple(range(7)))]
        return [Weekdays((first.weekday(),))] if first is not None and counted else []
    weekly = sorted({day for one in said if isinstance(one, Weekdays) for day in one.days})
    numbers = [one for one in said if isinstance(one, Ordinals)]
    others: list[When] = [one for one in said if isinstance(one, Places)]
    if numbers and weekly:
        return _bound(words, clause, weekly, numbers, others)
    days: list[When] = [Weekdays(tuple(weekly))] if weekly else []
    for one in numbers:
        if not one.of_month and max(one.numbers) <= _PLACES[-1] and (step is None or step.unit != MONTH):
            _refuse(words, "which_weekday", clause.whens)
            return None
    return days + others + list(numbers)


def _only_dates(words: Words, clause: Clause, said: list[When], once: list[Once], step: Step | None,
                counted: bool) -> list[When] | None:
    """Dates by themselves: one with a count is where it begins, several beside their weekday are all there is."""
    days = [day for one in once for day in one.days]
    if counted and len(said) == len(days) == 1:
        return [Weekdays((days[0].weekday(),))]
    weekly = {day for one in said if isinstance(one, Weekdays) for day in one.days}
    others = [one for one in said if not isinstance(one, Once | Weekdays)]
    beside = not weekly or (len(days) > 1 and all(day.weekday() in weekly for day in days))
    if others or not beside or step is not None or clause.counts:
        _refuse(words, "conflicting", [*clause.whens, *clause.steps, *clause.counts])
        return None
    if weekly:
        words.assume("assumed_only_these_dates", clause.whens[0].start, clause.whens[-1].end)
    return list(once)


def _bound(words: Words, clause: Clause, weekly: list[int], numbers: list[Ordinals],
           others: list[When]) -> list[When] | None:
    """"Tuesdays, 1st and 3rd": numbers behind weekdays are their places in the month."""
    places = [number for one in numbers for number in one.numbers]
    if others or any(number not in _PLACES for number in places):
        _refuse(words, "conflicting", clause.whens)
        return None
    if not all(one.of_month for one in numbers):
        words.assume("assumed_of_the_month", clause.whens[0].start, clause.whens[-1].end)
    return [Places(tuple((number, day) for day in weekly for number in sorted(places)))]


def _pattern(words: Words, clause: Clause, when: Weekdays | Places | Ordinals, step: Step | None) -> Pattern | None:
    every = step.every if step is not None else 1
    interval = {"INTERVAL": str(every)} if every > 1 else {}
    if isinstance(when, Weekdays):
        return _weekly(words, clause, when, step, interval)
    if step is not None and step.unit != MONTH:
        _refuse(words, "conflicting", [*clause.whens, *clause.steps])
        return None
    if isinstance(when, Ordinals):
        return Pattern({"FREQ": "MONTHLY", **interval, "BYMONTHDAY": ",".join(map(str, sorted(when.numbers)))})
    kept = _kept(words, clause, when)
    if not kept:
        _refuse(words, "never_meets", [*clause.whens, *clause.offs])
        return None
    if when.whole:
        return Pattern({"FREQ": "MONTHLY", **interval, "BYDAY": ",".join(CODES[day] for _, day in kept),
                        "BYSETPOS": str(kept[0][0])})
    return Pattern({"FREQ": "MONTHLY", **interval, "BYDAY": _placed(kept)})


def _kept(words: Words, clause: Clause, when: Places) -> list[tuple[int, int]]:
    """The places without those that are excepted; all of them, with a problem, where a rule cannot say the rest."""
    off = _off(clause)
    # The last Friday may be the fourth, and the first weekday of a month a Monday.
    unclear = any((place < 0) != (off_place < 0) and day == off_day
                  for place, day in when.places for off_place, off_day in off.places)
    if unclear or (when.whole and (off.days or off.places)):
        _refuse(words, "exception_not_exact", clause.offs)
        return list(when.places)
    return [one for one in when.places if one not in off.places and one[1] not in off.days]


def _placed(places: Iterable[tuple[int, int]]) -> str:
    ordered = sorted(set(places), key=lambda one: (one[1], one[0] < 0, one[0]))
    return ",".join(f"{place}{CODES[day]}" for place, day in ordered)


def _weekly(words: Words, clause: Clause, when: Weekdays, step: Step | None,
            interval: dict[str, str]) -> Pattern | None:
    off = _off(clause)
    days = [day for day in when.days if day not in off.days]
    if step is not None and step.unit == MONTH:
        _refuse(words, "which_week", [*clause.whens, *clause.steps])
        return None
    if not days:
        _refuse(words, "never_meets", [*clause.whens, *clause.offs])
        return None
    if step is not None and step.unit == DAY and (len(when.days) < 7 or (off.days and interval)):
        _refuse(words, "conflicting", [*clause.whens, *clause.steps])
        return None
    if off.places:
        if not interval and all(place > 0 for place, _ in off.places):
            return Pattern({"FREQ": "MONTHLY", "BYDAY": _placed(
                (place, day) for day in days for place in _PLACES if (place, day) not in off.places)})
        _refuse(words, "exception_not_exact", clause.offs)
    if len(days) == 7 and (step is None or step.unit == DAY or not interval):
        return Pattern({"FREQ": "DAILY", **interval}, days=7)
    return Pattern({"FREQ": "WEEKLY", **interval, "BYDAY": ",".join(CODES[day] for day in days)}, days=len(days))


def _off(clause: Clause) -> Off:
    """The weekdays and places of all exceptions."""
    offs = [one.part for one in clause.offs if isinstance(one.part, Off)]
    return Off(days=frozenset(day for one in offs for day in one.days),
               places=frozenset(place for one in offs for place in one.places))


def _months(clause: Clause) -> set[int]:
    kept = set(range(1, 13))
    for one in clause.months:
        if isinstance(one.part, Months):
            kept &= one.part.months
    for one in clause.offs:
        if isinstance(one.part, Off):
            kept -= one.part.months
    return kept


def season(words: Words, clause: Clause) -> Season:
    """The first and last day of a clause; of two that differ none, with a problem."""
    seasons = [one.part for one in clause.seasons if isinstance(one.part, Season)]
    firsts = {one.first for one in seasons if one.first is not None}
    lasts = {one.last for one in seasons if one.last is not None}
    if len(firsts) > 1 or len(lasts) > 1:
        _refuse(words, "conflicting", clause.seasons)
        return Season()
    found = Season(next(iter(firsts), None), next(iter(lasts), None))
    if found.first is not None and found.last is not None and found.first > found.last:
        _refuse(words, "from_after_until", clause.seasons)
        return Season(found.first)
    alone = [one.part.days[0] for one in clause.whens if isinstance(one.part, Once) and len(one.part.days) == 1]
    if found.first is None and len(clause.whens) == len(alone) == 1 and (clause.counts or clause.steps):
        return Season(alone[0], found.last)
    return found


def count(words: Words, clause: Clause) -> Count | None:
    """How many meetings or weeks a clause has; of two that differ none, with a problem."""
    counts = {one.part for one in clause.counts if isinstance(one.part, Count)}
    if len(counts) > 1:
        _refuse(words, "conflicting", clause.counts)
        return None
    return next(iter(counts), None)
