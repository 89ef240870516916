"""When a session meets, in words: "Every Tuesday, 6:00–7:30 pm Eastern", "2nd and 4th Tuesday of the month".

No clock: with `today` handed in, what is past is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import get_day_names

from finder.wordings.language import N_, capital, clock, day, gettext, listed, locale, ngettext, number, zone_name

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PLACES: Mapping[int, str] = {
    1: N_("1st"), 2: N_("2nd"), 3: N_("3rd"), 4: N_("4th"), 5: N_("5th"), -1: N_("last"), -2: N_("second to last"),
}
# Ways to attend in one place: its zone is the reader's own once they are there.
_LOCAL = ("in_person",)
_MOST_DATES = 4
_FEW_MONTHS = 5  # up to so many without meetings are named, else those with meetings
_ANCHOR = date(2024, 1, 1)  # contract section 1, `.repeats`: where a rule without a first day starts


@dataclass(frozen=True, slots=True)
class _Meeting:
    """The times of one session; `parts` are those of its RRULE, empty without one."""

    parts: Mapping[str, str]
    start: time | None
    minutes: int | None
    zone: str | None
    first: date | None
    last: date | None
    off: tuple[date, ...]

    @classmethod
    def of(cls, session: Mapping[str, Any]) -> _Meeting:
        parts = dict(part.split("=", 1) for part in (session.get("repeats") or "").split(";") if "=" in part)
        start, until = session.get("start_time"), parts.get("UNTIL")
        last = _day(session.get("valid_until")) or (_day(f"{until[:4]}-{until[4:6]}-{until[6:8]}") if until else None)
        return cls(parts, time.fromisoformat(start) if start else None, session.get("duration_minutes"),
                   session.get("timezone"), _day(session.get("valid_from")), last,
                   tuple(sorted(date.fromisoformat(one) for one in session.get("except_dates") or ())))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def session_sentence(session: Mapping[str, Any], *, today: date | None = None, zone: bool | None = None) -> str:
    """When a session of a listing document meets.

    `zone` forces the time zone in or out; without it, it is left out where people meet in person only.
    """
    if session.get("anytime"):
        return gettext("At your own pace") if session.get("format") == "self_paced" else gettext("Always open")
    meeting = _Meeting.of(session)
    shown = session.get("format") not in _LOCAL if zone is None else zone
    days, hours = _when(meeting, today), _hours(meeting, shown)
    if not days and not hours:
        return gettext("Day and time not stated")
    if not days:
        return gettext("%(hours)s, day not stated", hours=hours)
    text = ", ".join(part for part in (capital(days), hours, _season(meeting, today)) if part)
    off = _off(meeting, today)
    end = "" if text.endswith(".") else "."  # Spanish hours end in "p. m."
    return f"{text}{end} {off}" if off else text


def moment_sentence(moment: datetime, zone: str | None = None, *, begins: bool = True) -> str:
    """One meeting: "Tuesday, December 1, 6:00 pm Eastern". The moment is in the zone to show. Without `begins` words
    stand before it, and a day keeps the small letter that it has in the reader's language."""
    date = day(moment, weekday=True, year=False)
    text = f"{capital(date) if begins else date}, {clock(moment)}"
    return text if zone is None else gettext("%(hours)s %(zone)s", hours=text, zone=zone_name(zone))


def _hours(meeting: _Meeting, zone: bool) -> str:
    if meeting.start is None:
        return ""
    start = meeting.start
    text = clock(start)
    if meeting.minutes:
        end = (datetime.combine(_ANCHOR, start) + timedelta(minutes=meeting.minutes)).time()
        same = (start.hour < 12) == (end.hour < 12)
        text = gettext("%(start)s–%(end)s", start=clock(start, half=not same), end=clock(end))
    return gettext("%(hours)s %(zone)s", hours=text, zone=zone_name(meeting.zone)) if zone and meeting.zone else text


def _when(meeting: _Meeting, today: date | None) -> str:
    parts, first = meeting.parts, meeting.first
    if not parts:
        return "" if first is None else day(first, weekday=True, year=_year(first, today))
    text = _FREQUENCIES[parts["FREQ"]](parts, int(parts.get("INTERVAL", "1")), first or _ANCHOR)
    if not text:
        return gettext("on set dates")
    months = parts.get("BYMONTH")
    if months and parts["FREQ"] != "YEARLY":
        return _in_months(text, {int(one) for one in months.split(",")})
    return text


def _in_months(days: str, months: set[int]) -> str:
    """The months it meets in, or the few it does not."""
    names, others = locale().months["format"]["wide"], sorted(set(range(1, 13)) - months)
    if 0 < len(others) <= _FEW_MONTHS:
        return gettext("%(days)s, not in %(months)s", days=days, months=listed(names[one] for one in others))
    return gettext("%(days)s in %(months)s", days=days, months=listed(names[one] for one in sorted(months)))


def _daily(parts: Mapping[str, str], interval: int, start: date) -> str:
    if "BYDAY" in parts and interval == 1:
        return _weekly(parts, 1, start)
    if set(parts) & {"BYDAY", "BYMONTHDAY", "BYSETPOS"}:
        return ""
    return ngettext("every day", "every %(count)s days", interval)


def _weekly(parts: Mapping[str, str], interval: int, start: date) -> str:
    if set(parts) & {"BYMONTHDAY", "BYSETPOS"}:
        return ""
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else [_DAYS[start.weekday()]]
    days = sorted({one[-2:] for one in days}, key=_DAYS.index)
    if len(days) == 7 and interval == 1:
        return ngettext("every day", "every %(count)s days", 1)
    names = gettext("Monday to Friday") if days == list(_DAYS[:5]) else listed(_names(days))
    if interval == 1:
        return names if len(days) == 5 and days == list(_DAYS[:5]) else gettext("every %(days)s", days=names)
    if interval == 2 and len(days) == 1:
        return gettext("every other %(days)s", days=names)
    if interval == 2:
        return gettext("every other week on %(days)s", days=names)
    return gettext("every %(count)s weeks on %(days)s", count=number(interval), days=names)


def _monthly(parts: Mapping[str, str], interval: int, start: date) -> str:
    if "BYMONTHDAY" in parts:
        text = "" if "BYDAY" in parts or "BYSETPOS" in parts else _month_days(parts["BYMONTHDAY"])
    elif "BYDAY" in parts:
        text = _month_weekdays(parts["BYDAY"].split(","), parts.get("BYSETPOS"))
    else:
        text = _month_days(str(start.day))
    if not text or interval == 1:
        return text
    if interval == 2:
        return gettext("%(days)s, every other month", days=text)
    return gettext("%(days)s, every %(count)s months", count=number(interval), days=text)


def _month_days(text: str) -> str:
    days = [int(one) for one in text.split(",")]
    if days == [-1]:
        return gettext("last day of the month")
    if min(days) < 0:
        return ""
    return ngettext("day %(days)s of the month", "days %(days)s of the month", len(days),
                    days=listed(number(one) for one in sorted(days)))


def _month_weekdays(days: list[str], positions: str | None) -> str:
    """Days such as 2TU and 4TU, or TU with a list of positions; empty for rules no short phrase can tell."""
    if positions is not None:
        if set(days) == set(_DAYS[:5]) and positions in ("1", "-1"):
            return gettext("first weekday of the month") if positions == "1" else gettext("last weekday of the month")
        if len(days) != 1:
            return ""
        days = [f"{int(one)}{days[0][-2:]}" for one in positions.split(",")]
    if all(len(one) == 2 for one in days):
        return gettext("every %(days)s", days=listed(_names(sorted(days, key=_DAYS.index))))
    if any(len(one) == 2 or int(one[:-2]) not in _PLACES for one in days):
        return ""
    places: dict[str, set[int]] = {}
    for one in days:
        places.setdefault(one[-2:], set()).add(int(one[:-2]))
    return gettext("%(days)s of the month", days=listed(_placed(one, mine) for one, mine in places.items()))


def _placed(weekday: str, places: set[int]) -> str:
    """A weekday with its places in the month: "first and third Tuesday"."""
    names = listed(gettext(_PLACES[place]) for place in sorted(places, key=lambda place: (place < 0, place)))
    return gettext("%(places)s %(day)s", places=names, day=_names([weekday])[0])


def _yearly(parts: Mapping[str, str], interval: int, start: date) -> str:
    if interval != 1 or set(parts) & {"BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}:
        return ""
    return gettext("once a year on %(day)s", day=day(start, year=False))


_FREQUENCIES = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}


def _names(days: list[str]) -> list[str]:
    names = get_day_names("wide", locale=locale())
    return [names[_DAYS.index(one)] for one in days]


def _season(meeting: _Meeting, today: date | None) -> str:
    """Until when, and from when if the first day is to come or the rule counts its meetings."""
    if not meeting.parts:
        return ""
    start, end, count = meeting.first, meeting.last, int(meeting.parts.get("COUNT", "0"))
    # Without `today` a first day may be long past: it is said only with an end or a count, which make it a cohort.
    if start is not None and (start <= today if today is not None else end is None and not count):
        start = None
    if count and start is not None:
        return ngettext("%(count)s meeting from %(day)s", "%(count)s meetings from %(day)s", count,
                        day=day(start, year=_year(start, today)))
    if start is not None and end is not None:
        return gettext("%(first)s to %(last)s", first=day(start, year=start.year != end.year),
                       last=day(end, year=_year(end, today)))
    if start is not None:
        return gettext("starts %(day)s", day=day(start, year=_year(start, today)))
    return "" if end is None else gettext("until %(day)s", day=day(end, year=_year(end, today)))


def _year(moment: date, today: date | None) -> bool:
    return today is None or moment.year != today.year


def _off(meeting: _Meeting, today: date | None) -> str:
    """The days without a meeting that are to come, at most four by date."""
    days = [one for one in meeting.off if today is None or one >= today]
    if not days:
        return ""
    shown = listed(day(one, year=_year(one, today)) for one in days[:_MOST_DATES])
    if len(days) > _MOST_DATES:
        return gettext("No meeting on %(days)s, and some later days.", days=shown)
    return gettext("No meeting on %(days)s.", days=shown)


def weekday_text(number: int) -> str:
    """The name of a day, 0 Monday to 6 Sunday, as a word by itself."""
    return capital(get_day_names("wide", context="stand-alone", locale=locale())[number])
