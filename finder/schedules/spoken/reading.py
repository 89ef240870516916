"""Reads a schedule as people say it, in English or Spanish, into the session fields of a listing document.

Nothing is guessed silently: words that were not understood are problems, and a reading that was chosen is reported.
The day it is comes from the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from finder.errors import Problem
from finder.schedules.recurrence import HORIZON_DAYS, Rule, occurrences
from finder.schedules.spoken import rules
from finder.schedules.spoken.clauses import Clause, clauses, parts
from finder.schedules.spoken.holidays import FEDERAL, dates
from finder.schedules.spoken.lexemes import Words, lexemes
from finder.schedules.spoken.parts import Count, Found, Length, Off, Period, Season, Span, Zone
from finder.schedules.spoken.rules import Pattern
from finder.schedules.spoken.times import DAY_MINUTES, resolved
from finder.schedules.spoken.words import MEETING, WEEK

MOST_CHARACTERS = 500
FIELDS = ("anytime", "repeats", "start_time", "timezone", "duration_minutes", "valid_from", "valid_until",
          "except_dates")  # of a session that say when it is, in the contract's order
_MOST_SESSIONS = 20
_MOST_EXCEPTIONS = 400  # listing_schema: except_dates
_MOST_COUNT = 999  # listing_schema._REPEATS


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a text says.

    `sessions` hold the schedule fields of contract section 1, only those that were said, and pass the listing schema
    once they have a format. `problems` and `assumed` name the words they are about in the value `words`.
    """

    sessions: tuple[dict[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()
    assumed: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hours:
    start: str | None = None
    minutes: int | None = None


def read(text: str, *, language: str, today: date, timezone: str) -> Spoken:
    """The sessions that a text of at most 500 characters describes.

    `language` is "en" or "es"; a text that makes sense only in the other is read in that. `timezone` is
    the zone of the sessions unless the text names one; "" leaves it unstated. Dates without a year are the next ones
    seen from `today`. Never raises for any text.

    Problems: too_long, not_understood, time_needed, day_needed, which_week, which_weekday, not_a_date,
    weekday_mismatch, from_after_until, conflicting, never_meets, exception_not_exact, too_many, length_out_of_range.
    Assumed: assumed_morning, assumed_afternoon, assumed_evening (with `time`), assumed_year, assumed_start,
    assumed_last_day (with `day`), assumed_holidays (with `days`), assumed_every_year, assumed_of_the_month,
    assumed_every_two_weeks, assumed_for_all, assumed_for_last, assumed_two_times, assumed_start_of_day,
    assumed_only_these_dates.
    """
    if len(text) > MOST_CHARACTERS:
        return Spoken(problems=(Problem("too_long", max=MOST_CHARACTERS),))
    found = _read(text, language, today, timezone)
    if found.problems:
        other = _read(text, "en" if language == "es" else "es", today, timezone)
        if other.sessions and not other.problems:
            return other
    return found


def _read(text: str, language: str, today: date, timezone: str) -> Spoken:
    words = Words(text, lexemes(text, language), language, today)
    found = parts(words)
    sessions: list[dict[str, Any]] = []
    for clause in clauses(words, found) if found else ():
        for one in _sessions(words, clause, timezone):
            if one not in sessions:
                sessions.append(one)
    if len(sessions) > _MOST_SESSIONS:
        return Spoken(problems=(Problem("too_many", max=_MOST_SESSIONS),))
    return Spoken(tuple(sessions), tuple(words.problems), tuple(dict.fromkeys(words.assumed)))


def _sessions(words: Words, clause: Clause, timezone: str) -> list[dict[str, Any]]:
    season, count = rules.season(words, clause), rules.count(words, clause)
    zone = _zone(clause, timezone, words.today)
    if len({one.part for one in clause.zones}) > 1:
        words.refuse("conflicting", clause.zones[0].start, clause.zones[-1].end)
    patterns = rules.patterns(words, clause, season.first)
    hours = _hours(words, clause)
    if patterns is None:
        return []
    if clause.always:
        return _always(words, clause, patterns)
    if not patterns:
        words.refuse("day_needed", *_reach(words, clause))
        return [_session(one, zone) for one in hours if one.start is not None]
    if not clause.spans:
        words.refuse("time_needed", *_reach(words, clause))
    if count is not None and count.unit == MEETING and len(patterns) * len(hours) > 1:
        words.refuse("conflicting", *_reach(words, clause))
        return []
    made = [_dated(words, clause, one, season, count) for one in patterns]
    return [_in_order(_session(one, zone) | days) for days in made if days is not None for one in hours]


def _in_order(session: dict[str, Any]) -> dict[str, Any]:
    return {name: session[name] for name in FIELDS if name in session}


def _always(words: Words, clause: Clause, patterns: list[Pattern]) -> list[dict[str, Any]]:
    """One session without times; days and times beside it say something else, unless they are all days."""
    if clause.spans or any(one.parts.get("FREQ") != "DAILY" or len(one.parts) > 1 for one in patterns):
        words.refuse("conflicting", *_reach(words, clause))
        return []
    return [{"anytime": True}]


def _reach(words: Words, clause: Clause) -> tuple[int, int]:
    """From the first to the last word of a clause's days and times; of the whole text if it has none."""
    own = clause.own()
    if not own:
        return 0, len(words.lexemes)
    return min(one.start for one in own), max(one.end for one in own)


def _zone(clause: Clause, timezone: str, today: date) -> str | None:
    """The zone said, or the one handed in where both keep the same time or more than one is said."""
    for one in clause.zones[:1] if len({one.part for one in clause.zones}) == 1 else ():
        if isinstance(one.part, Zone) and not (timezone and _same_time(one.part.name, timezone, today.year)):
            return one.part.name
    return timezone or None


def _same_time(first: str, second: str, year: int) -> bool:
    moments = [datetime(year, month, 1, 12) for month in (1, 7)]  # noqa: DTZ001 - each zone is put on in turn
    return all(one.replace(tzinfo=ZoneInfo(first)).utcoffset() == one.replace(tzinfo=ZoneInfo(second)).utcoffset()
               for one in moments)


def _hours(words: Words, clause: Clause) -> list[_Hours]:
    """The times of a clause; one without a start where none was said."""
    minutes = _length(words, clause)
    periods = {one.part.period for one in clause.periods if isinstance(one.part, Period)}
    if len(periods) > 1:
        words.refuse("conflicting", clause.periods[0].start, clause.periods[-1].end)
    period = next(iter(periods)) if len(periods) == 1 else None
    found: list[_Hours] = []
    for one, following in zip(clause.spans, [*clause.spans[1:], None], strict=False):
        found.append(_span(words, one, following, period, minutes))
    return found or [_Hours(None, minutes)]


def _span(words: Words, one: Found, following: Found | None, period: int | None, minutes: int | None) -> _Hours:
    span = one.part
    assert isinstance(span, Span)
    later = following.part.start.period if following is not None and isinstance(following.part, Span) else None
    if period is None and span.end is None and span.start.period is None:
        period = later  # "at 8 and 10 am"
    start, length, code = resolved(span, period)
    clock = f"{start // 60:02}:{start % 60:02}"
    if code is not None:
        words.assume(code, one.start, one.end, time=clock)
    if length is not None and minutes is not None and length != minutes:
        words.refuse("conflicting", one.start, one.end)
    return _Hours(clock, length if length is not None else minutes)


def _length(words: Words, clause: Clause) -> int | None:
    found = {one.part.minutes for one in clause.lengths if isinstance(one.part, Length)}
    if len(found) > 1 or any(not 1 <= one <= DAY_MINUTES for one in found):
        code = "conflicting" if len(found) > 1 else "length_out_of_range"
        words.refuse(code, clause.lengths[0].start, clause.lengths[-1].end)
        return None
    return next(iter(found), None)


def _session(hours: _Hours, zone: str | None) -> dict[str, Any]:
    fields = {"start_time": hours.start, "timezone": zone, "duration_minutes": hours.minutes}
    return {name: value for name, value in fields.items() if value is not None}


def _dated(words: Words, clause: Clause, pattern: Pattern, season: Season,
           count: Count | None) -> dict[str, Any] | None:
    """Rule, first and last day and exceptions of one session; None if it would never meet."""
    if pattern.once is not None:
        return {"valid_from": pattern.once.isoformat()}
    repeats = dict(pattern.parts)
    first, last = season.first, season.last
    begin = next(iter(_days(rules.text({**repeats, "INTERVAL": "1"}), first or words.today, None, 1)), None)
    if begin is None:
        words.refuse("never_meets", *_reach(words, clause))
        return None
    if count is not None or "INTERVAL" in repeats:
        if first is None or (first != begin and "INTERVAL" in repeats):
            words.assume("assumed_start", *_reach(words, clause), day=begin.isoformat())
        # The steps are counted from the first meeting, not from the Monday of the week a start date lies in.
        first = begin if first is None or "INTERVAL" in repeats else first
        if count is not None:
            last = _counted(repeats, pattern, first, last, count)
    if last is not None and first is not None and first > last:
        words.refuse("never_meets", *_reach(words, clause))
        return None
    fields: dict[str, Any] = {"repeats": rules.text(repeats)}
    if first is not None:
        fields["valid_from"] = first.isoformat()
    if last is not None:
        fields["valid_until"] = last.isoformat()
    excepted = _excepted(words, clause, fields)
    return fields | ({"except_dates": excepted} if excepted else {})


def _counted(repeats: dict[str, str], pattern: Pattern, first: date, last: date | None, count: Count) -> date | None:
    """Puts the number of meetings into the rule, or gives the last day of so many weeks or months."""
    plain = not {"INTERVAL", "BYMONTH"} & set(repeats)
    meetings = count.count if count.unit == MEETING else count.count * pattern.days
    if count.unit == MEETING or (count.unit == WEEK and pattern.days and plain and meetings <= _MOST_COUNT):
        repeats["COUNT"] = str(meetings)
        return last
    longer = relativedelta(weeks=count.count) if count.unit == WEEK else relativedelta(months=count.count)
    end = first + longer - timedelta(days=1)
    return end if last is None else min(last, end)


def _days(repeats: str, from_day: date, last: date | None, most: int, first: date | None = None) -> list[date]:
    """The dates of a rule from a day on; a rule without a first day is anchored there."""
    rule = Rule(repeats=repeats, start_time="00:00", valid_from=first or from_day, valid_until=last)
    return [one.date() for one in occurrences(rule, from_day, most)]


def _excepted(words: Words, clause: Clause, fields: dict[str, Any]) -> list[str]:
    """The dates of the rule that fall on an exception, in order."""
    rule = Rule.of({**fields, "start_time": "00:00"})
    found: set[date] = set()
    for one in clause.offs:
        if not isinstance(one.part, Off):
            continue
        for begin, end in [*one.part.ranges, *_holidays(words, one, one.part, rule)]:
            if (end - begin).days > HORIZON_DAYS:
                words.refuse("too_many", one.start, one.end, max=_MOST_EXCEPTIONS)
                continue
            days = occurrences(rule, begin, min((end - begin).days + 1, _MOST_EXCEPTIONS + 1))
            found |= {day.date() for day in days if day.date() <= end}
    if len(found) > _MOST_EXCEPTIONS:
        words.refuse("too_many", clause.offs[0].start, clause.offs[-1].end, max=_MOST_EXCEPTIONS)
        return []
    return [day.isoformat() for day in sorted(found)]


def _holidays(words: Words, one: Found, off: Off, rule: Rule) -> list[tuple[date, date]]:
    """The holidays named, in the twelve months from today or from the first day."""
    which = (*off.holidays, *(FEDERAL if off.federal else ()))
    if not which:
        return []
    days = dates(which, max(words.today, rule.valid_from or words.today))
    words.assume("assumed_holidays", one.start, one.end, days=tuple(day.isoformat() for day in days))
    return [(day, day) for day in days]


