"""The sessions of a program from its meetings: one for each day and time, nights joined, repeats named once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from finder.exchange.cells.times import DAY_MINUTES, DAYS, clock_text
from finder.exchange.meeting import REMOTE, Meeting

MOST_SESSIONS = 60  # contract: listing.schema.json, sessions.maxItems
LONG_MINUTES = 360
_DAY_WORDS = {"SU": "Sunday", "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday",
              "SA": "Saturday"}


def sessions(meetings: Iterable[Meeting]) -> tuple[list[dict[str, Any]], set[str]]:
    """Session documents in the order of the week, and doubts. Equal meetings become one session (quirk 15)."""
    doubts: set[str] = set()
    singles = joined_nights([one if len(one.days) == 1 else replace(one, days=(day,))
                             for one in meetings for day in one.days or ("",)])
    found: dict[tuple[Any, ...], tuple[tuple[int, int, str], dict[str, Any]]] = {}
    for one in singles:
        session = _session(one, doubts)
        key = (session["format"], session.get("repeats"), session.get("start_time"), session.get("join_url"),
               session.get("location") is None)
        if key in found:
            doubts.add("repeated_meeting")
            continue
        day = DAYS.index(one.days[0]) if one.days[0] else 7
        found[key] = ((day, one.start if one.start is not None else DAY_MINUTES, one.format), session)
    ordered = [session for _, session in sorted(found.values(), key=lambda pair: pair[0])]
    return _few(ordered, doubts), doubts


def _session(one: Meeting, doubts: set[str]) -> dict[str, Any]:
    session: dict[str, Any] = {"format": one.format}
    if one.days[0] and one.start is not None and one.zone:
        repeats = _repeats(one, doubts)
        if repeats:
            session["repeats"] = repeats
        session["start_time"] = clock_text(one.start)
        session["timezone"] = one.zone
        if one.minutes:
            session["duration_minutes"] = one.minutes
            if one.minutes > LONG_MINUTES:
                doubts.add("very_long")
    else:
        # A time that no zone belongs to cannot be put into a calendar (quirk 20).
        doubts.add("no_day_or_time" if one.zone or one.start is None else "no_zone")
    if one.location and one.format not in REMOTE:
        session["location"] = one.location
    if one.join_url and one.format != "in_person":
        session["join_url"] = one.join_url
    if one.dial_in and one.format != "in_person":
        session["dial_in"] = one.dial_in
    return session


def _repeats(one: Meeting, doubts: set[str]) -> str | None:
    """Weekly; monthly when the name itself gives ordinal days of this very weekday (quirk 21)."""
    day = one.days[0]
    nth = [value for value in one.name.monthly if value.endswith(day)]
    if nth:
        return f"FREQ=MONTHLY;BYDAY={','.join(nth)}"
    if one.name.every_other or one.name.monthly:
        doubts.add("recurrence_in_text")
        return None  # which of the weeks is not stated, so no date can be promised
    return f"FREQ=WEEKLY;BYDAY={day}"


def joined_nights(meetings: list[Meeting]) -> list[Meeting]:
    """Meetings with one night split at midnight joined again: 19:00-23:59 and 00:00-07:00 the next day (quirk 4)."""
    if len(meetings) < 2:
        return meetings
    heads = {(one.days[0], one.format): one for one in meetings
             if one.start is not None and one.minutes and one.start + one.minutes == DAY_MINUTES - 1}
    kept, longer = [], {}
    for one in meetings:
        before = DAYS[(DAYS.index(one.days[0]) - 1) % 7] if one.days[0] else ""
        head = heads.get((before, one.format)) if one.start == 0 and one.minutes else None
        if head is not None and head.start and head.minutes and one.minutes:
            whole = DAY_MINUTES - head.start + one.minutes
            if whole <= DAY_MINUTES:
                longer[id(head)] = whole
                continue
        kept.append(one)
    return [replace(one, minutes=longer[id(one)]) if id(one) in longer else one for one in kept]


def _few(found: list[dict[str, Any]], doubts: set[str]) -> list[dict[str, Any]]:
    """At most MOST_SESSIONS: where there are more, equal times on several days become one rule."""
    if len(found) <= MOST_SESSIONS:
        return found
    merged: dict[str, dict[str, Any]] = {}
    for session in found:
        rule = session.get("repeats", "")
        if not rule.startswith("FREQ=WEEKLY;BYDAY="):
            merged[repr(session)] = session
            continue
        same = repr({**session, "repeats": ""})
        if same in merged:
            merged[same]["repeats"] += f",{rule.rpartition('=')[2]}"
        else:
            merged[same] = session
    found = list(merged.values())
    if len(found) > MOST_SESSIONS:
        doubts.add("too_many_sessions")
    return found[:MOST_SESSIONS]


def words(one: Meeting) -> str:
    """Day and time in words, for descriptions; empty when neither is stated."""
    days = ", ".join(_DAY_WORDS[day] for day in one.days)
    return f"{days} {clock_text(one.start)}".strip() if one.start is not None else days
