"""Holidays of the United States by rule: the federal ones (5 U.S.C. 6103, on their own day) and others groups skip."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from dateutil.easter import easter

_MONDAY, _THURSDAY, _SUNDAY = 0, 3, 6


def nth_weekday(year: int, month: int, weekday: int, place: int) -> date | None:
    """The nth weekday (0 Monday) of a month, counted from its end where `place` is negative; None if it has none."""
    last = monthrange(year, month)[1]
    first = 1 + (weekday - date(year, month, 1).weekday()) % 7
    days = range(first, last + 1, 7)
    at = place - 1 if place > 0 else len(days) + place
    return date(year, month, days[at]) if 0 <= at < len(days) else None


def _nth(month: int, weekday: int, place: int) -> Callable[[int], date]:
    def of(year: int) -> date:
        found = nth_weekday(year, month, weekday, place)
        assert found is not None  # no holiday is a fifth weekday
        return found
    return of


def _on(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


_THANKSGIVING = _nth(11, _THURSDAY, 4)
# In the order of words._HOLIDAYS; the first eleven are the federal ones.
NAMED: tuple[Callable[[int], date], ...] = (
    _on(1, 1), _nth(1, _MONDAY, 3), _nth(2, _MONDAY, 3), _nth(5, _MONDAY, -1), _on(6, 19), _on(7, 4),
    _nth(9, _MONDAY, 1), _nth(10, _MONDAY, 2), _on(11, 11), _THANKSGIVING, _on(12, 25),
    _on(12, 24), _on(12, 31), _on(10, 31), easter, lambda year: easter(year) - timedelta(days=2),
    _nth(5, _SUNDAY, 2), _nth(6, _SUNDAY, 3), _nth(2, _SUNDAY, 2), lambda year: _THANKSGIVING(year) + timedelta(days=1),
)
FEDERAL = tuple(range(11))


def dates(which: tuple[int, ...], from_day: date) -> list[date]:
    """The dates of these holidays in the twelve months from a day on, in order."""
    last = from_day + timedelta(days=364)
    found = {NAMED[one](year) for one in which for year in (from_day.year, last.year)}
    return sorted(day for day in found if from_day <= day <= last)
