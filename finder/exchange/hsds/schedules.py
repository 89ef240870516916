"""The times of one session as an HSDS schedule, and a schedule as the times of a session.

HSDS "schedule" holds the parts of a weekly or monthly RFC 5545 rule, times with an offset and no zone. Whatever its
fields cannot say, or would say otherwise, stands beside them in terms of our own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from finder.exchange.cells.times import DAY_MINUTES, Unreadable, clock, clock_text, minutes_between
from finder.exchange.hsds.terms import FACTS, Row, Said, attribute, fact, fact_value, said
from finder.fields import is_day
from finder.schedules.recurrence import ANCHOR, Rule, is_zone, next_start, occurrences
from finder.vocabulary import vocabulary

ZONE = "timezone_name"  # extra property: the IANA zone, which HSDS has no field for
FIELDS = ("anytime", "repeats", "start_time", "duration_minutes", "timezone", "valid_from", "valid_until",
          "except_dates")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)){0,34}")
_BYMONTHDAY = re.compile(r"-?[1-9][0-9]?(,-?[1-9][0-9]?){0,30}")
_OFFSET = re.compile(r"(?<=\d)\s*(?:Z|[+-]\d{2}:?\d{2})$", re.I)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_SAYABLE = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY"}


def write(session: Mapping[str, Any], key: str, now: datetime, number: int) -> Row:
    """The schedule of a session. `key`: its id; `number`: its place among the listing's sessions, from 0.

    `now`: an aware instant; the offset is that of the next occurrence.
    """
    rule, said, beside = _times(*_stated(session))
    row: Row = {"id": key, **said, **_clock(rule, now.replace(minute=0, second=0, microsecond=0))}
    row["attributes"] = [attribute("schedule", key, "format", "session_formats", session["format"], str(number)),
                         *(fact("schedule", key, f"session.{name}", session.get(name, "")) for name in beside)]
    return row


def terms(session: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The lists and codes of the terms that the schedule of a session uses."""
    return [("session_formats", session["format"]),
            *((FACTS, f"session.{name}") for name in _times(*_stated(session))[2])]


def _stated(session: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    return session["format"], tuple(tuple(value) if isinstance(value := session.get(name), list) else value
                                    for name in FIELDS)


@lru_cache(maxsize=65_536)
def _times(form: str, stated: tuple[Any, ...]) -> tuple[Rule, Row, Sequence[str]]:
    """What a schedule says of such a session whenever it is asked: the rule, the fields, and which facts stand beside
    them, because the fields do not say them or say something else. Many sessions are such."""
    session = {name: list(value) if isinstance(value, tuple) else value
               for name, value in zip(FIELDS, stated, strict=True) if value is not None}
    rule = Rule.of(session)
    row: Row = {}
    for name, value in (("valid_from", session.get("valid_from")), ("valid_to", session.get("valid_until"))):
        if value:
            row[name] = value
    parts = dict(part.split("=", 1) for part in (rule.repeats or "").split(";") if "=" in part)
    recurs = _recurrence(parts)
    if recurs:
        row |= recurs
    if recurs or (parts == {} and rule.valid_from):
        row |= _first(rule)
    elif rule.repeats:
        row["description"] = f"Repeats by the RFC 5545 rule {rule.repeats}"
    elif rule.anytime:
        row["description"] = "Open at any time"
    row["attending_type"] = vocabulary().lists["session_formats"].label(form)
    if rule.except_dates:
        row["notes"] = "Not on " + ", ".join(one.isoformat() for one in sorted(rule.except_dates))
    # The offset depends on the day, and is not read.
    read_back, _ = read(row | _clock(rule, _SOME_DAY))
    return rule, row, [name for name in FIELDS if (session.get(name) or None) != (read_back.get(name) or None)]


def _recurrence(parts: Mapping[str, str]) -> Row:
    """The parts of a rule in HSDS's fields; nothing for one that they cannot say whole."""
    if parts.get("FREQ") == "DAILY" and set(parts) <= {"FREQ", "UNTIL"}:
        parts = {**parts, "FREQ": "WEEKLY", "BYDAY": ",".join(_DAYS)}
    if parts.get("FREQ") not in ("WEEKLY", "MONTHLY") or not set(parts) <= _SAYABLE:
        return {}
    if parts["FREQ"] == "WEEKLY" and ("BYMONTHDAY" in parts or any(one in parts.get("BYDAY", "") for one in "12345")):
        return {}
    row: Row = {"freq": parts["FREQ"], "interval": int(parts.get("INTERVAL", "1"))}
    for name in ("WKST", "BYDAY", "BYMONTHDAY"):
        if name in parts:
            row[name.lower()] = parts[name]
    if "COUNT" in parts:
        row["count"] = int(parts["COUNT"])
    if "UNTIL" in parts:
        until = parts["UNTIL"]
        row["until"] = f"{until[:4]}-{until[4:6]}-{until[6:8]}"
    return row


def _first(rule: Rule) -> Row:
    """The day of the first occurrence, which does not move as time goes by."""
    plain = replace(rule, start_time="12:00", timezone=None, except_dates=frozenset(), valid_until=None)
    first = next(iter(occurrences(plain, rule.valid_from or ANCHOR, 1)), None)
    return {"dtstart": first.date().isoformat()} if first else {}


def _clock(rule: Rule, now: datetime) -> Row:
    row: Row = {}
    offset = ""
    if rule.timezone:
        shift = _shift(rule, now)
        offset = _offset_text(shift)
        hours = shift / timedelta(hours=1)
        row |= {"timezone": int(hours) if hours == int(hours) else hours, ZONE: rule.timezone}
    if rule.start_time:
        row["opens_at"] = rule.start_time + offset
        start = clock(rule.start_time)
        if rule.duration_minutes and start is not None:
            row["closes_at"] = clock_text((start + rule.duration_minutes) % DAY_MINUTES) + offset
    return row


@lru_cache(maxsize=65_536)
def _shift(rule: Rule, now: datetime) -> timedelta:
    """How far the zone's clock is ahead of UTC at the next occurrence; without one, now. `now` to the hour, so that the
    same session of many listings is worked out once."""
    at = next_start(rule, now) or now.astimezone(UTC)
    return at.astimezone(ZoneInfo(rule.timezone or "UTC")).utcoffset() or timedelta(0)


def _offset_text(shift: timedelta) -> str:
    minutes = int(shift / timedelta(minutes=1))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def number_of(row: Mapping[str, Any]) -> int:
    """The place among the listing's sessions that `write` was told; 0 for a schedule of others."""
    values = [one.value for one in said(row) if one.field == "format"]
    return int(values[0]) if values and values[0].isascii() and values[0].isdigit() and len(values[0]) < 4 else 0


def read(row: Mapping[str, Any]) -> tuple[Row, set[str]]:
    """The times of a session from a schedule, and doubts. Of fields that are no valid value, nothing is taken.

    Our own terms win over the fields. Doubt: `recurrence_unclear`, where parts contradict each other or mean a year.
    """
    doubts: set[str] = set()
    found: Row = {}
    for name, column in (("valid_from", "valid_from"), ("valid_until", "valid_to")):
        day = _day(row.get(column))
        if day:
            found[name] = day
    found |= _rule(row, doubts)
    start, end = _time(row.get("opens_at"), doubts), _time(row.get("closes_at"), doubts)
    if start is not None:
        found["start_time"] = clock_text(start)
        if end is not None:
            found["duration_minutes"] = minutes_between(start, end)
    zone = row.get(ZONE)
    if isinstance(zone, str) and is_zone(zone):
        found["timezone"] = zone
    for one in said(row):
        _apply(found, one)
    return found, doubts


def _apply(found: Row, one: Said) -> None:
    if one.field == "format":
        found["format"] = one.code
    elif one.field.startswith("session."):
        value = fact_value(one)
        found.pop(one.field.removeprefix("session."), None)
        if value != "":
            found[one.field.removeprefix("session.")] = value


def _rule(row: Mapping[str, Any], doubts: set[str]) -> Row:
    freq = str(row.get("freq") or "").upper()
    first = _day(row.get("dtstart"))
    if not freq:
        return {"valid_from": first} if first else {}
    parts = [f"FREQ={freq}"]
    interval, count = _whole(row.get("interval"), 99), _whole(row.get("count"), 999)
    until, day, month_day = _day(row.get("until")), _days(row.get("byday"), _BYDAY), _days(
        row.get("bymonthday"), _BYMONTHDAY)
    if interval and interval > 1:
        parts.append(f"INTERVAL={interval}")
    if count:
        parts.append(f"COUNT={count}")
    if until:
        parts.append(f"UNTIL={until.replace('-', '')}")
    if row.get("wkst") in _DAYS:
        parts.append(f"WKST={row['wkst']}")
    if day:
        parts.append(f"BYDAY={day}")
    if month_day:
        parts.append(f"BYMONTHDAY={month_day}")
    counted = bool(count) or (interval or 1) > 1
    anchored = first or (not counted and (day or month_day)) or _day(row.get("valid_from"))
    if not anchored or (count and until) or _unclear(row, freq, day, month_day):
        doubts.add("recurrence_unclear")
        return {}
    found: Row = {"repeats": ";".join(parts)}
    if first and (counted or not (day or month_day)):
        found["valid_from"] = first
    return found


def _unclear(row: Mapping[str, Any], freq: str, day: str, month_day: str) -> bool:
    if freq not in ("WEEKLY", "MONTHLY") or row.get("byweekno") or row.get("byyearday"):
        return True
    broken = (bool(row.get("byday")) and not day) or (bool(row.get("bymonthday")) and not month_day)
    return broken or (freq == "WEEKLY" and (bool(month_day) or any(one in day for one in "12345")))


def _days(value: object, shape: re.Pattern[str]) -> str:
    text = re.sub(r"\s+", "", value).upper() if isinstance(value, str) else ""
    return text if shape.fullmatch(text) else ""


def _whole(value: object, most: int) -> int | None:
    text = str(value).removesuffix(".0") if not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= most else None


def _day(value: object) -> str | None:
    text = value[:10] if isinstance(value, str) else ""
    return text if is_day(text) else None


def _time(value: object, doubts: set[str]) -> int | None:
    """Minutes after midnight by the local clock; the offset behind a time is left aside."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        found = clock(_OFFSET.sub("", value.strip()))
    except Unreadable:
        doubts.add("time_unreadable")
        return None
    return found % DAY_MINUTES if found is not None else None
