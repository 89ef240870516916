"""Says sessions in words that the reader reads back to the same sessions, to fill the box they are edited in.

For pages that only show a schedule there is finder.wordings.schedule, which needs not be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from finder.schedules.recurrence import ANCHOR, Rule, occurrences
from finder.schedules.spoken.phrases import ENGLISH, SPANISH, Phrases
from finder.schedules.spoken.reading import FIELDS, MOST_CHARACTERS, read
from finder.schedules.spoken.rules import CODES, ORDER, text

_NOON, _HOUR = 720, 60
_FEW_MONTHS = 5  # up to five months without meetings are named as exceptions, else those with meetings
_WORKDAYS = frozenset(CODES[:5])
_ALL_MONTHS = frozenset(range(1, 13))


def written(sessions: Sequence[Mapping[str, Any]], *, language: str) -> str | None:
    """One line per session, which `read` reads back to the same fields (in `normal` form) with the same zone.

    The zone is not said. None where a rule has no short phrase, sessions are in different zones, or the text would be
    too long: then the rule itself has to be shown.
    """
    if len({one.get("timezone") for one in sessions if not one.get("anytime")}) > 1:
        return None
    lines: list[str] = []
    for session in sessions:
        try:
            line = _line(normal(session), SPANISH if language == "es" else ENGLISH)
        except (KeyError, ValueError, IndexError):
            return None  # a rule of a kind that no phrase is made for
        if line is None:
            return None
        lines.append(line)
    found = "\n".join(lines)
    if len(found) > MOST_CHARACTERS or not _read_back(found, sessions, language):
        return None
    return found


def normal(session: Mapping[str, Any]) -> dict[str, Any]:
    """The schedule fields of a session in one form for each meaning: equal schedules of a few writings become equal.

    Parts of a rule in one order, UNTIL as `valid_until`, daily on some weekdays as weekly, lists sorted; without what
    says nothing (WKST without a step, INTERVAL=1, all months).
    """
    found = {name: session[name] for name in FIELDS if session.get(name)}
    if "repeats" in found:
        parts, until = _parts(found["repeats"])
        found["repeats"] = text(parts) if set(parts) <= set(ORDER) else found["repeats"]
        if until is not None:
            found["valid_until"] = min(until, found.get("valid_until", until))
    if "except_dates" in found:
        found["except_dates"] = sorted(set(found["except_dates"]))
    return {name: found[name] for name in FIELDS if name in found}


def _parts(repeats: str) -> tuple[dict[str, str], str | None]:
    """The parts of a rule in normal form, and its last day."""
    parts = dict(one.split("=", 1) for one in repeats.split(";"))
    until = parts.pop("UNTIL", None)
    if parts.get("WKST") == "MO" or "INTERVAL" not in parts:
        parts.pop("WKST", None)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    if "BYDAY" in parts:
        parts["BYDAY"] = ",".join(sorted(set(parts["BYDAY"].replace("+", "").split(",")), key=_day_order))
    for name in ("BYMONTH", "BYMONTHDAY"):
        if name in parts:
            parts[name] = ",".join(map(str, sorted({int(one) for one in parts[name].split(",")})))
    if set(parts.get("BYMONTH", "").split(",")) == set(map(str, _ALL_MONTHS)):
        del parts["BYMONTH"]
    if parts["FREQ"] == "DAILY" and "BYDAY" in parts and "INTERVAL" not in parts:
        parts["FREQ"] = "WEEKLY"
    if parts["FREQ"] == "WEEKLY" and parts.get("BYDAY") == ",".join(CODES) and "INTERVAL" not in parts:
        parts = {name: value for name, value in parts.items() if name != "BYDAY"} | {"FREQ": "DAILY"}
    return parts, f"{until[:4]}-{until[4:6]}-{until[6:8]}" if until is not None else None


def _day_order(day: str) -> tuple[int, bool, int]:
    place = int(day[:-2] or 0)
    return CODES.index(day[-2:]), place < 0, place


def _read_back(text: str, sessions: Sequence[Mapping[str, Any]], language: str) -> bool:
    """Whether reading the text gives these sessions again."""
    zone = next((one["timezone"] for one in sessions if one.get("timezone") and not one.get("anytime")), "")
    again = read(text, language=language, today=ANCHOR, timezone=zone)
    wanted = [normal(one) for one in sessions]
    for one in wanted:
        if one.get("anytime"):
            one.pop("timezone", None)
    return [normal(one) for one in again.sessions] == wanted


def _line(session: Mapping[str, Any], words: Phrases) -> str | None:
    if session.get("anytime"):
        return words.anytime
    parts = _parts(session["repeats"])[0] if "repeats" in session else {}
    days = _days(parts, words) if parts else _season(session, parts, words)
    if days is None:
        return None
    season = _season(session, parts, words) if parts else ""
    phrases = [days, _hours(session, words), season, _months(parts, words), _off(session, words)]
    return ", ".join(one for one in phrases if one) or None


def _days(parts: Mapping[str, str], words: Phrases) -> str | None:
    """The days of a rule; None for kinds of rules that have no phrase."""
    allowed = {"DAILY": set(), "WEEKLY": {"BYDAY"}, "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"}}
    named = set(parts) - {"FREQ", "INTERVAL", "COUNT", "BYMONTH"}
    if parts["FREQ"] not in allowed or not named <= allowed[parts["FREQ"]]:
        return None
    count = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] == "DAILY":
        return words.daily if count == 1 else words.every_days.format(count=count)
    if parts["FREQ"] == "WEEKLY":
        numbers = [CODES.index(one) for one in parts["BYDAY"].split(",")]
        if count > 1:
            # Spanish names a day that repeats in the plural: "los sábados".
            names = words.plural if words is SPANISH else words.days
            pattern = words.every_weeks if count > 2 else words.every_other_week
            return pattern.format(count=count, days=_listed((names[one] for one in numbers), words))
        if numbers == [0, 1, 2, 3, 4]:
            return words.workdays
        return _listed((words.plural[one] for one in numbers), words)
    days = _monthly(parts, words)
    return days if count == 1 or days is None else words.every_months.format(days=days, count=count)


def _monthly(parts: Mapping[str, str], words: Phrases) -> str | None:
    if "BYMONTHDAY" in parts:
        if len({"BYDAY", "BYSETPOS"} & set(parts)) > 0:
            return None
        if parts["BYMONTHDAY"] == "-1":
            return words.last_day
        numbers = parts["BYMONTHDAY"].split(",")
        return (words.month_day if len(numbers) == 1 else words.month_days).format(days=_listed(numbers, words))
    days = parts["BYDAY"].split(",")
    if "BYSETPOS" in parts:
        if set(days) != _WORKDAYS:
            return None
        return {"1": words.first_workday, "-1": words.last_workday}.get(parts["BYSETPOS"])
    places: dict[str, list[str]] = {}
    for one in days:
        places.setdefault(one[-2:], []).append(words.places[int(one[:-2])])
    groups = (f"{_listed(mine, words)} {words.days[CODES.index(day)]}" for day, mine in places.items())
    return words.of_month.format(days=_listed(groups, words))


def _hours(session: Mapping[str, Any], words: Phrases) -> str:
    """The time with its end, or with its length where an end would be read as another one."""
    minutes = session.get("duration_minutes")
    if "start_time" not in session:
        return words.length.format(count=minutes) if minutes else ""
    start = int(session["start_time"][:2]) * _HOUR + int(session["start_time"][3:])
    if not minutes:
        return words.at_noon if start == _NOON else _clock(start, words)
    return words.range.format(start=_clock(start, words), end=_clock((start + minutes) % (2 * _NOON), words))


def _clock(minute: int, words: Phrases) -> str:
    if minute == _NOON:
        return words.noon
    clock = f"{(minute // _HOUR - 1) % 12 + 1}:{minute % _HOUR:02}"
    return (words.morning if minute < _NOON else words.evening).format(clock=clock)


def _season(session: Mapping[str, Any], parts: Mapping[str, str], words: Phrases) -> str:
    first, last = session.get("valid_from"), session.get("valid_until")
    if not parts:
        return _day(date.fromisoformat(first), words) if first else ""
    said = [words.count.format(count=parts["COUNT"])] if "COUNT" in parts else []
    if first:
        said.append(words.first.format(day=_day(date.fromisoformat(first), words)))
    if last:
        said.append(words.last.format(day=_day(date.fromisoformat(last), words)))
    return " ".join(said)


def _day(day: date, words: Phrases) -> str:
    return words.day.format(day=day.day, month=words.months[day.month - 1], year=day.year)


def _months(parts: Mapping[str, str], words: Phrases) -> str:
    if "BYMONTH" not in parts:
        return ""
    months = {int(one) for one in parts["BYMONTH"].split(",")}
    others = _ALL_MONTHS - months
    if len(others) <= _FEW_MONTHS:
        return words.off.format(days=_listed((words.months[one - 1] for one in sorted(others)), words))
    return words.only.format(months=_listed((words.months[one - 1] for one in sorted(months)), words))


def _off(session: Mapping[str, Any], words: Phrases) -> str:
    """The exceptions by date; meetings in a row that fall away are one range."""
    days = [date.fromisoformat(one) for one in session.get("except_dates", ())]
    if not days:
        return ""
    rule = Rule.of({**session, "except_dates": [], "start_time": "00:00", "timezone": None})
    said: list[str] = []
    while days:
        run = _run(rule, days)
        first, last = _day(days[0], words), _day(days[run - 1], words)
        said.append(words.date.format(day=first) if run == 1 else words.date_range.format(first=first, last=last))
        days = days[run:]
    return words.off.format(days=_listed(said, words))


def _run(rule: Rule, days: Sequence[date]) -> int:
    """How many of the days from the first on are all the meetings of the rule in a row."""
    meetings = [one.date() for one in occurrences(rule, days[0], len(days) + 1)]
    run = 0
    while run < min(len(days), len(meetings)) and days[run] == meetings[run]:
        run += 1
    return max(run, 1)


def _listed(texts: Iterable[str], words: Phrases) -> str:
    *before, last = texts
    return f"{', '.join(before)} {words.joined} {last}" if before else last
