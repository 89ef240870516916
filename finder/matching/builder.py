"""Columns made of listing documents, one by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from finder.matching import traits
from finder.matching.columns import IN_PERSON, KINDS, NOWHERE, TRAITS, Columns
from finder.matching.laying import Laid, Ways, lay_out
from finder.places.distance import rough_point
from finder.schedules.recurrence import Rule, is_over

_KIND = {code: place for place, code in enumerate(KINDS)}
_NOWHERE = (NOWHERE, NOWHERE)


class _Interned:
    """Different values in order of first sight."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        return self.numbers.setdefault(value, len(self.numbers))

    @property
    def values(self) -> list[Any]:
        return list(self.numbers)


class Builder:
    """Takes listing documents one by one and gives Columns; a document is read once and not kept unless asked."""

    def __init__(self, today: date, keep: Callable[[Mapping[str, Any]], Any] | None = None, loops: Any = None) -> None:
        self.today = today
        self.keep = keep
        self.loops = loops
        self.values = {name: _Interned() for name in TRAITS}
        self.numbers: dict[str, list[int]] = {name: [] for name in TRAITS}
        self.schedules = _Interned()
        self.rules: dict[Hashable, tuple[int, bool]] = {}
        self.ways: list[tuple[int, bool, int, Any]] = []
        self.of_way: list[int] = []
        self.names: list[Any] = []
        self.documents: list[Any] = []
        self.ids: list[str] = []

    def add(self, listing: Mapping[str, Any], name: Any = None) -> None:
        """One valid listing document under the caller's name for it (default: its id)."""
        ways, over = self._ways(listing)
        row = len(self.ids)
        self._traits(listing, over)
        self.ways += ways
        self.of_way += [row] * len(ways)
        self.ids.append(listing["id"])
        self.names.append(listing["id"] if name is None else name)
        self.documents.append(self.keep(listing) if self.keep else None)

    def _traits(self, listing: Mapping[str, Any], over: bool) -> None:
        numbers, values, today = self.numbers, self.values, self.today
        for name, value in (
            ("focus", traits.focus_value(listing)), ("kind", traits.kind_value(listing)),
            ("style", traits.style_value(listing)), ("groups", traits.groups_value(listing)),
            ("rules", traits.rules_value(listing)), ("who", traits.who_value(listing)),
            ("talk", traits.talk_value(listing)), ("money", traits.money_value(listing)),
            ("opening", traits.opening_value(listing, today, over)), ("fresh", traits.fresh_value(listing, today)),
            ("area", traits.area_value(listing)), ("access", traits.access_value(listing)),
        ):
            numbers[name].append(values[name].number(value))

    def _ways(self, listing: Mapping[str, Any]) -> tuple[list[tuple[int, bool, int, Any]], bool]:
        """Ways in the order of the sessions, without sessions that are over; and whether all are over."""
        sessions = listing.get("sessions") or ()
        ways: list[tuple[int, bool, int, Any]] = []
        cohort = listing.get("starts_on") if listing.get("open_group") is False else None
        over = True
        for session in sessions:
            schedule, past = self._schedule(session, cohort)
            if past:
                continue
            over = False
            point = _point(session.get("location"))
            if session["format"] == "hybrid":
                ways.append((IN_PERSON, True, schedule, point))
                ways.append((_KIND["online_video"], True, schedule, None))
            else:
                kind = _KIND[session["format"]]
                ways.append((kind, False, schedule, point if kind == IN_PERSON else None))
        return ways, over and bool(sessions)

    def _schedule(self, session: Mapping[str, Any], cohort: str | None) -> tuple[int, bool]:
        key = (session.get("anytime"), session.get("repeats"), session.get("start_time"), session.get("timezone"),
               session.get("valid_from"), session.get("valid_until"), tuple(session.get("except_dates") or ()), cohort)
        known = self.rules.get(key)
        if known is None:
            rule = Rule.of(session)
            from_day = max(self.today, date.fromisoformat(cohort)) if cohort else self.today
            known = (self.schedules.number((rule, from_day)), is_over(rule, self.today))
            self.rules[key] = known
        return known

    def build(self) -> Columns:
        """The columns of all listings added, in grid order."""
        columns, order = lay_out(Laid(
            self.today, len(self.ids), {name: one.values for name, one in self.values.items()},
            {name: np.array(self.numbers[name], np.int64) for name in TRAITS}, self.ids, self._all_ways(), self.loops))
        rows = order.tolist()
        return replace(columns, names=[self.names[row] for row in rows],
                       documents=[self.documents[row] for row in rows])

    def _all_ways(self) -> Ways:
        spots = [_NOWHERE if way[3] is None else way[3] for way in self.ways]
        degrees = np.array(spots, float).reshape(-1, 2)
        return Ways(
            np.array(self.of_way, np.int64), np.array([way[0] for way in self.ways], np.uint8),
            np.array([way[1] for way in self.ways], bool), np.array([way[2] for way in self.ways], np.int64),
            self.schedules.values, degrees[:, 0], degrees[:, 1])


def build(listings: Iterable[Mapping[str, Any]], today: date,
          keep: Callable[[Mapping[str, Any]], Any] | None = None, loops: Any = None) -> Columns:
    """Columns of listing documents for one day."""
    builder = Builder(today, keep, loops)
    for listing in listings:
        builder.add(listing)
    return builder.build()


def _point(location: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """Where a session meets. Of a hidden place it is a rough point, whichever way the listing came in: distances from
    several places together would tell where the true one is."""
    if not location or location.get("latitude") is None:
        return None
    if location.get("hidden"):
        return rough_point(location["latitude"], location["longitude"])
    return (location["latitude"], location["longitude"])
