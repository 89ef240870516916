"""Days, clock times, lengths, opening hours and zone words, from a closed list of shapes.

What is none of these shapes raises Unreadable, so that the reader reports it instead of guessing (quirks 2 and 5).
"""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime
from functools import lru_cache

DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
SUNDAY_IS_0, SUNDAY_IS_1 = 0, 1
_NAMES = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_WORDS = {**{name: DAYS[place] for place, name in enumerate(_NAMES)},
          **{name[:3]: DAYS[place] for place, name in enumerate(_NAMES)},
          "tues": "TU", "wednes": "WE", "thur": "TH", "thurs": "TH",
          "domingo": "SU", "lunes": "MO", "martes": "TU", "miercoles": "WE", "miércoles": "WE", "jueves": "TH",
          "viernes": "FR", "sabado": "SA", "sábado": "SA"}
# One wrong or missing letter in "Thursday" leaves 0.93, and no two day names come nearer to each other than 0.77.
_CLOSE = 0.85
DAY_MINUTES = 1440

_CLOCK = re.compile(r"^(\d{1,2})(?::?(\d{2}))?(?::\d{2}(?:\.0+)?)?\s*([ap])?\.?(?:m\.?)?$", re.I)
_LENGTH = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_RANGE = re.compile(r"^\s*([\d:]+\s*(?:[ap]\.?m?\.?)?)\s*(?:-|–|to)\s*([\d:]+\s*(?:[ap]\.?m?\.?)?)\s*$", re.I)
_NO_TIME = frozenset(("", "-", "--", "am-pm", "closed", "na", "n/a", "null", "none", "appointment"))

_ORDINALS = {"1st": "1", "first": "1", "2nd": "2", "second": "2", "3rd": "3", "third": "3", "4th": "4", "fourth": "4",
             "5th": "5", "fifth": "5", "last": "-1"}
_NTH = "|".join(_ORDINALS)
_DAY = r"(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?s?"
_ORDINAL_DAY = re.compile(rf"\b((?:{_NTH})(?:(?:\s*,\s*(?:and\s+)?|\s*&\s*|\s+and\s+)(?:{_NTH})){{0,9}})"
                          rf"\s+({_DAY})\b", re.I)
_EVERY_OTHER = re.compile(rf"\bevery\s+(?:other|2nd|second)\s+(?:week|{_DAY})\b|\balternat\w+\s+(?:weeks?|{_DAY})\b"
                          r"|\bbi-?weekly\b", re.I)

_ZONE_WORDS = {
    "eastern": "America/New_York", "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "central": "America/Chicago", "ct": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago",
    "mountain": "America/Denver", "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pacific": "America/Los_Angeles", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "arizona": "America/Phoenix", "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu", "london": "Europe/London", "uk": "Europe/London",
    "central european": "Europe/Berlin", "cet": "Europe/Berlin",
}
ZONE_PATTERN = (r"\d{1,2}(?::\d{2})?\s*[ap]\.?m\.?\s*\(?\s*(" +
                "|".join(sorted(_ZONE_WORDS, key=len, reverse=True)) + r")\b\)?(?:\s*(?:standard\s+)?time)?")
_ZONE = re.compile(ZONE_PATTERN, re.I)


class Unreadable(ValueError):
    """A value that is none of the known shapes."""


def weekdays(value: object, sunday: int) -> tuple[str, ...]:
    """RFC 5545 day codes of a day cell: a number counted from `sunday`, a word, or a list of these; empty for none.

    Counting is fixed by the format and never guessed from the values (quirks 2 and 3).
    """
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(code for one in value for code in weekdays(one, sunday)))
    if value is None or isinstance(value, bool):
        return ()
    return _weekday(str(value).strip().casefold(), sunday)


@lru_cache(maxsize=4096)
def _weekday(text: str, sunday: int) -> tuple[str, ...]:
    if text in _NO_TIME:
        return ()
    if re.fullmatch(r"\d+(\.0)?", text):
        place = float(text) - sunday  # which is infinite for a number without end
        if 0 <= place <= 6:
            return (DAYS[int(place)],)
        raise Unreadable(text)
    bare = text.rstrip(".")
    bare = bare[:-1] if bare.endswith("s") and bare[:-1] in _WORDS else bare
    if bare in _WORDS:
        return (_WORDS[bare],)
    if any(mark in text for mark in ",/&[") or " and " in text:
        parts = [part for part in re.split(r"[\s,/&\[\]'\"]+|\band\b", text) if part]
        if parts and parts != [text]:
            return tuple(dict.fromkeys(code for part in parts for code in _weekday(part, sunday)))
    near = difflib.get_close_matches(bare, _NAMES, 1, _CLOSE)
    if not near:
        raise Unreadable(text)
    return (_WORDS[near[0]],)


@lru_cache(maxsize=16_384)
def clock(value: str | None) -> int | None:
    """Minutes after midnight, 0..1440 (1440 is "24:00", the next day's midnight); None where no time is stated."""
    text = (value or "").strip().casefold()
    if text in _NO_TIME:
        return None
    if text in ("noon", "midday"):
        return 720
    if text == "midnight":
        return 0
    found = _CLOCK.match(text)
    if not found or (found.group(2) is None and found.group(3) is None and len(found.group(1)) < 3):
        raise Unreadable(text)
    hour, minute = int(found.group(1)), int(found.group(2) or 0)
    half = (found.group(3) or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    minutes = hour * 60 + minute
    if minute > 59 or minutes > DAY_MINUTES:
        raise Unreadable(text)
    return minutes


def clock_text(minutes: int) -> str:
    """HH:MM of minutes after midnight; 1440 is 00:00."""
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def minutes_between(start: int, end: int) -> int:
    """Length in minutes, 1..1440; an end at or before the start is on the next day (quirk 4)."""
    return (end - start - 1) % DAY_MINUTES + 1


@lru_cache(maxsize=4096)
def length(value: str | None) -> int | None:
    """Minutes of "hh:mm:ss"; None for nothing or zero. Raises Unreadable for other shapes and above 24 hours."""
    text = (value or "").strip()
    if text.casefold() in _NO_TIME:
        return None
    found = _LENGTH.match(text)
    minutes = int(found.group(1)) * 60 + int(found.group(2)) if found else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise Unreadable(text)
    return minutes or None


@lru_cache(maxsize=16_384)
def opening(value: str | None) -> tuple[str, str] | None:
    """Opening and closing time ("HH:MM", "HH:MM") of one day; ("00:00", "24:00") for "24/7"; None where closed.

    "700-430" without halves of the day reads as morning to afternoon when the second figure is the smaller one.
    """
    text = (value or "").strip().casefold()
    if text in _NO_TIME:
        return None
    if text in ("24/7", "24 hours", "24hr", "24hrs"):
        return "00:00", "24:00"
    found = _RANGE.match(text)
    if not found:
        raise Unreadable(text)
    start, end = clock(found.group(1)), clock(found.group(2))
    if start is None or end is None:
        raise Unreadable(text)
    if not re.search("[ap]", text) and end <= start < 720:
        end += 720
    return clock_text(start), "24:00" if end == DAY_MINUTES else clock_text(end)


def ordinal_days(text: str) -> tuple[str, ...]:
    """RFC 5545 BYDAY values such as "2SU" or "-1FR" for ordinal weekdays in prose, in order, each once."""
    if "st" not in text and "nd" not in text and "rd" not in text and "th" not in text.casefold():
        return ()
    found = []
    for match in _ORDINAL_DAY.finditer(text):
        day = _weekday(match.group(2).casefold(), SUNDAY_IS_0)[0]
        found += [_ORDINALS[one.casefold()] + day for one in re.findall(_NTH, match.group(1), re.I)]
    return tuple(dict.fromkeys(found))


def every_other(text: str) -> bool:
    """Whether prose says every other week."""
    return bool(_EVERY_OTHER.search(text))


@lru_cache(maxsize=65_536)
def zone_word(text: str) -> str | None:
    """The zone of a time with a zone word behind it ("2am Eastern"); None without one."""
    found = _ZONE.search(text)
    return _ZONE_WORDS[found.group(1).casefold()] if found else None


@lru_cache(maxsize=16_384)
def calendar_day(value: str, shapes: tuple[str, ...] = ("%Y-%m-%d",)) -> str | None:
    """ISO date of a cell in one of the declared shapes (a time behind it is left out); None for nothing.

    Raises Unreadable for any other text: dates are never guessed.
    """
    text = value.strip()
    if text.casefold() in _NO_TIME:
        return None
    for shape in shapes:
        try:
            found = (date.fromisoformat(text[:10]) if shape == "%Y-%m-%d"
                     else datetime.strptime(text.split(" ")[0], shape).date())  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        if found >= date(1900, 1, 1):
            return found.isoformat()
    raise Unreadable(text)
