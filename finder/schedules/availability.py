"""Which parts of the week a session falls into, as seen from the seeker's time zone (contract sections 2 and 3)."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from finder.schedules.recurrence import Rule, occurrences

EARLY, WEEKDAY_DAYTIME, EVENING, WEEKEND = 1, 2, 4, 8
ALL_SLOTS = 15
COUNTED = 8  # contract section 3, *Slots*: the next 8 occurrences
_SATURDAY = 5
# Contract section 2, `times`: early before 9:00, daytime 9:00-16:59, evening from 17:00, Monday to Friday.
_DAYTIME_FROM, _EVENING_FROM = 9, 17


@lru_cache(maxsize=524_288)
def slots(rule: Rule, from_day: date, zone: str | None) -> int | None:
    """The slots of the next 8 occurrences from a day on, as bits; None when the time is not known.

    `zone` is the seeker's; None judges by the session's own. A session that does not state its zone cannot be turned
    into another, so it is unknown to a seeker whose zone is known.
    """
    if rule.anytime:
        return ALL_SLOTS
    starts = occurrences(rule, from_day, COUNTED)
    if not starts or (rule.timezone is None and zone is not None):
        return None
    seen = starts if zone is None else [one.astimezone(ZoneInfo(zone)) for one in starts]
    found = 0
    for moment in seen:
        found |= slot(moment)
    return found


def slot(moment: datetime) -> int:
    """The one slot a local start time falls into."""
    if moment.weekday() >= _SATURDAY:
        return WEEKEND
    if moment.hour < _DAYTIME_FROM:
        return EARLY
    return WEEKDAY_DAYTIME if moment.hour < _EVENING_FROM else EVENING
