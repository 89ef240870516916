"""Listing documents to iCalendar (RFC 5545): one event per session, recurring as the listing's own rule does.

No event names a group, an organization or a topic: a calendar is often shared, and a phone shows it on its lock screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDatetime, vDuration, vRecur

from finder.exchange import entries as published
from finder.schedules.recurrence import Rule, occurrences

PRODUCT = "-//Finder//Group calendar//EN"
REFRESH = timedelta(hours=12)  # how often a subscribed calendar should ask again
YEARS_OF_ZONES = 12  # clock changes that a calendar carries with it
MOST_PROGRAMS = 500  # of one calendar: some 700 events and 400 KB, which phones still take in
MOST_COUNTED = 10_000  # COUNT of a rule that is followed to its end
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
IN_PERSON = frozenset(("in_person", "hybrid"))


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a calendar in the reader's language, none of which says what a group is about."""

    title: str
    event: Callable[[str], str]  # a town, or "", to the title of an event
    note: Callable[[Mapping[str, Any]], str]  # a session to its description


@dataclass(frozen=True, slots=True)
class Entry:
    """A listing for a calendar: its UUID, its document and the address of its page, if that is known."""

    id: str
    document: Mapping[str, Any]
    url: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar of many programs, and how many of them it has no room for."""

    calendar: bytes
    left_out: int


def feed(listings: Iterable[published.Entry], *, page: Callable[[str], str], words: Wording, now: datetime,
         most: int = MOST_PROGRAMS) -> Feed:
    """One calendar of many programs: the first `most` of them that meet, in their order.

    `page` gives the whole address of a listing's page from its slug. An event has the same UID as in the program's own
    calendar, so that a phone that holds both shows it once.
    """
    kept: list[Entry] = []
    left_out = 0
    for one in listings:
        if (one.document.get("status") or "active") != "active":
            continue
        if len(kept) < most:
            kept.append(Entry(str(one.id), one.document, page(one.slug)))
        else:
            left_out += 1
    return Feed(write(kept, words=words, now=now), left_out)


def write(entries: Iterable[Entry], *, words: Wording, now: datetime) -> bytes:
    """A calendar of the listings' sessions. `now` is an aware UTC instant; events that are over are left out.

    A session without a start time, open at any time, or remote without a zone has no event. Equal input gives equal
    bytes but for DTSTAMP, which is the midnight (UTC) of the day.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words.title)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for entry in entries:
        if entry.document.get("status", "active") != "active":
            continue
        for number, session in enumerate(entry.document.get("sessions") or ()):
            event = _event(entry, number, session, words, now)
            if event is not None:
                calendar.add_component(event)
    calendar.add_missing_timezones(first_date=date(now.year - 1, 1, 1), last_date=date(now.year + YEARS_OF_ZONES, 1, 1))
    for zone in calendar.walk("VTIMEZONE"):
        zone.pop("comment", None)
        for change in zone.subcomponents:
            _as_rule(change)
    return bytes(calendar.to_ical())


def _event(entry: Entry, number: int, session: Mapping[str, Any], words: Wording, now: datetime) -> Event | None:
    rule = Rule.of(session)
    if rule.timezone is None and session["format"] not in IN_PERSON:
        return None
    first = next(iter(occurrences(rule, _today(rule, now), 1)), None)
    if first is None:
        return None
    event = Event()
    event.add("uid", f"{entry.id}-{session.get('id') or number}")
    event.add("dtstamp", datetime.combine(now.date(), time.min, UTC))
    event.add("dtstart", first)
    if rule.duration_minutes:
        event.add("duration", timedelta(minutes=rule.duration_minutes))
    if rule.repeats is not None:
        event.add("rrule", _recurrence(rule, first))
        for day in sorted(one for one in rule.except_dates if one > first.date()):
            event.add("exdate", datetime.combine(day, first.timetz()))
    location = session.get("location") or {}
    event.add("summary", words.event(location.get("city") or ""))
    where = _where(session, location)
    if where:
        event.add("location", where)
    event.add("description", words.note(session))
    if entry.url:
        event.add("url", entry.url)
    event.add("class", "PRIVATE")
    return event


def _today(rule: Rule, now: datetime) -> date:
    return now.astimezone(ZoneInfo(rule.timezone)).date() if rule.timezone else now.date()


def _recurrence(rule: Rule, first: datetime) -> vRecur:
    """The rule counted from `first`: its bounds become one UNTIL, in the form RFC 5545 (3.3.10) asks for."""
    assert rule.repeats is not None
    parts = dict(part.split("=", 1) for part in rule.repeats.split(";") if "=" in part)
    lasts = [rule.valid_until] if rule.valid_until else []
    if "UNTIL" in parts:
        lasts.append(datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date())  # noqa: DTZ007 - a local calendar date
    if "COUNT" in parts:
        days = occurrences(rule, first.date(), min(int(parts["COUNT"]), MOST_COUNTED))
        lasts.append(days[-1].date())
    kept = ";".join(f"{name}={value}" for name, value in parts.items() if name not in ("UNTIL", "COUNT"))
    found: vRecur = vRecur.from_ical(_anchored(kept, parts, rule, first))
    if lasts:
        end = datetime.combine(min(lasts), time(23, 59, 59), first.tzinfo)
        found["UNTIL"] = [end.astimezone(UTC) if end.tzinfo else end]
    return found


def _anchored(text: str, parts: Mapping[str, str], rule: Rule, first: datetime) -> str:
    """The rule with the month day it takes from its own first day, where `first` might be another one."""
    own = rule.valid_from
    if own and parts["FREQ"] == "MONTHLY" and not {"BYDAY", "BYMONTHDAY"} & set(parts) and own.day != first.day:
        return f"{text};BYMONTHDAY={own.day}"
    return text


def _where(session: Mapping[str, Any], location: Mapping[str, Any]) -> str:
    """The street address. The name of the place stays out: it often says what is treated there."""
    if session["format"] not in IN_PERSON or location.get("hidden"):
        return ""
    town = " ".join(part for part in (location.get("state"), location.get("postal_code")) if part)
    return ", ".join(part for part in (location.get("address_1"), location.get("city"), town) if part)


def _as_rule(change: Any) -> None:
    """Says clock changes of every year as one yearly rule, where they follow one (a VTIMEZONE's STANDARD or DAYLIGHT).

    The library lists each change as a date, in the new time for the change forward. Some calendars read lists wrongly
    after the first year, and RFC 5545 (3.6.5) asks for the time before the change.
    """
    ahead = max(timedelta(0), change["TZOFFSETTO"].td - change["TZOFFSETFROM"].td)
    first: datetime = change["DTSTART"].dt - ahead
    listed = change.get("RDATE", [])
    later = [one.dt - ahead for several in (listed if isinstance(listed, list) else [listed]) for one in several.dts]
    pattern = _yearly([first, *later]) if later else ""
    if pattern or not later:
        change["DTSTART"] = vDatetime(first)
    if pattern:
        change.pop("RDATE")
        change.add("rrule", vRecur.from_ical(pattern))


def _yearly(moments: Sequence[datetime]) -> str:
    """The rule of dates that fall on the same weekday of the same week of one month each year, at one hour; else ""."""
    months = {(one.month, one.weekday(), one.time()) for one in moments}
    years = [one.year for one in moments]
    if len(months) > 1 or years != list(range(years[0], years[0] + len(years))):
        return ""
    weekday = WEEKDAYS[moments[0].weekday()]
    weeks = {(one.day - 1) // 7 + 1 for one in moments}
    is_last = all((one + timedelta(days=7)).month != one.month for one in moments)
    if not is_last and len(weeks) > 1:
        return ""
    return f"FREQ=YEARLY;BYMONTH={moments[0].month};BYDAY={-1 if is_last else weeks.pop()}{weekday}"
