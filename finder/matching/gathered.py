"""Columns made of plain rows instead of listing documents, a chunk at a time: what a database holds is read once,
column by column, and equal texts are read as one.

A trait depends on a few columns of a row. The raw texts of these together are looked up in a table, so that the rule
that makes a trait of a document runs once per different text and not once per listing. Sessions come in any order and
are sorted and cut into ways by NumPy. `builder` gives the same columns, listing by listing; the tests compare.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from finder.matching import traits
from finder.matching.columns import IN_PERSON, KINDS, NOWHERE, Columns
from finder.matching.laying import Laid, Ways, lay_out
from finder.matching.traits import Array
from finder.places.distance import rough_point
from finder.schedules.recurrence import Rule, is_over

# The columns of a listing that are read here, in the order of a chunk. Lists and objects are JSON texts, days ISO
# texts.
PROGRAM = ("status", "group_type", "led_by", "modalities", "focus", "severity", "attendees", "age", "gender_mix",
           "populations", "restricted_to", "languages", "interpreter", "cost", "capacity", "starts_on", "open_group",
           "licensed_states", "coverage", "accessibility", "policies", "verified_on")
_JSON = frozenset(("modalities", "focus", "severity", "age", "populations", "restricted_to", "languages", "cost",
                   "capacity", "licensed_states", "coverage", "accessibility", "policies"))
# The columns of a session, in order, before its place.
SESSION = ("format", "anytime", "repeats", "start_time", "timezone", "valid_from", "valid_until", "except_dates")
_ONLINE, _HYBRID = KINDS.index("online_video"), "hybrid"

# trait -> the columns it depends on, and the rule. `opening` and `fresh` also depend on the day; see `_values`.
_OF: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Hashable] | None]] = {
    "focus": (("focus",), traits.focus_value), "kind": (("group_type", "severity"), traits.kind_value),
    "style": (("led_by", "modalities", "policies", "populations", "restricted_to"), traits.style_value),
    "rules": (("policies", "focus"), traits.rules_value), "who": (("attendees", "age"), traits.who_value),
    "groups": (("gender_mix", "restricted_to", "populations"), traits.groups_value),
    "talk": (("languages", "interpreter", "accessibility"), traits.talk_value),
    "money": (("cost",), traits.money_value), "opening": (("starts_on", "capacity", "open_group", "status"), None),
    "fresh": (("verified_on",), None), "area": (("licensed_states", "coverage"), traits.area_value),
    "access": (("accessibility", "languages"), traits.access_value),
}


class _Numbers(dict[Any, int]):
    """Different keys in order of first sight; asking for a new one numbers it."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


class Sessions(NamedTuple):
    """A chunk of sessions, column by column. `program`: the listing's number in order of `programs`; `at` the place
    among its sessions; degrees are None where nobody stated them."""

    program: Sequence[int]
    at: Sequence[int]
    said: Sequence[tuple[Any, ...]]  # SESSION
    latitude: Sequence[float | None]
    longitude: Sequence[float | None]
    hidden: Sequence[Any]


class Gathering:
    """Takes chunks of listings, then chunks of sessions, and gives Columns for one day."""

    def __init__(self, today: date, loops: Any = None) -> None:
        self.today, self.loops, self.size = today, loops, 0
        self._raw = {name: _Numbers() for name in _OF}
        self._rows: dict[str, list[Array]] = {name: [] for name in _OF}
        self._cohorts: list[Array] = []
        self._cohort = _Numbers()
        self._cohort[None]
        self._said = _Numbers()
        self._sessions: list[tuple[Array, ...]] = []

    def programs(self, columns: Sequence[Sequence[Any]]) -> None:
        """Some listings, as the columns of PROGRAM."""
        named = dict(zip(PROGRAM, columns, strict=True))
        count = len(columns[0])
        for trait, (names, _) in _OF.items():
            keys = named[names[0]] if len(names) == 1 else zip(*(named[name] for name in names), strict=True)
            self._rows[trait].append(_ints(map(self._raw[trait].__getitem__, keys), count))
        cohorts = [starts if starts is not None and open_group is not None and not open_group else None
                   for starts, open_group in zip(named["starts_on"], named["open_group"], strict=True)]
        self._cohorts.append(_ints(map(self._cohort.__getitem__, cohorts), count))
        self.size += count

    def sessions(self, some: Sessions) -> None:
        """Some sessions of listings that are there already."""
        count = len(some.program)
        latitude = _degrees(some.latitude)
        longitude = _degrees(some.longitude)
        for row in [row for row, hidden in enumerate(some.hidden) if hidden and latitude[row] != NOWHERE]:
            latitude[row], longitude[row] = rough_point(latitude.item(row), longitude.item(row))
        self._sessions.append((_ints(some.program, count), _ints(some.at, count),
                               _ints(map(self._said.__getitem__, some.said), count), latitude, longitude))

    def columns(self, ids: Sequence[str]) -> tuple[Columns, Array]:
        """The columns, and which listing (by its number) each row is. `ids`: the publishers' ids, by listing."""
        ways, over = self._ways()
        raw = {trait: np.concatenate(rows) if rows else _ints((), 0) for trait, rows in self._rows.items()}
        values, numbers = {}, {}
        for trait in _OF:
            values[trait], numbers[trait] = self._values(trait, raw[trait], over)
        return lay_out(Laid(self.today, self.size, values, numbers, ids, ways, self.loops))

    def _values(self, trait: str, raw: Array, over: Array) -> tuple[list[Hashable], Array]:
        """The different values of a trait, and the number of each listing's."""
        names, rule = _OF[trait]
        numbers = _Numbers()
        documents = [_document(names, key) for key in self._raw[trait]]
        if trait == "opening":
            both = [(traits.opening_value(one, self.today, False), traits.opening_value(one, self.today, True))
                    for one in documents]
            table = _ints([numbers[value] for pair in both for value in pair], 2 * len(both))
            return list(numbers), table[2 * raw + over]
        if trait == "fresh":
            table = _ints([numbers[traits.fresh_value(one, self.today)] for one in documents], len(documents))
        else:
            assert rule is not None
            table = _ints([numbers[rule(one)] for one in documents], len(documents))
        return list(numbers), table[raw]

    def _ways(self) -> tuple[Ways, Array]:
        """Every way to attend of every listing in order, and per listing whether all its sessions are over."""
        program, at, said, latitude, longitude = (
            np.concatenate(one) for one in zip(*self._sessions, strict=True)) if self._sessions else (
            _ints((), 0), _ints((), 0), _ints((), 0), np.empty(0), np.empty(0))
        order = np.lexsort((at, program))
        program, said = program[order], said[order].astype(np.int64)
        cohorts = np.concatenate(self._cohorts) if self._cohorts else _ints((), 0)
        pair, inverse = np.unique(said * len(self._cohort) + cohorts[program], return_inverse=True)
        rules = self._rules(pair)
        past = np.array([one[2] for one in rules], bool)[inverse]
        had, left = np.bincount(program, minlength=self.size), np.bincount(program[~past], minlength=self.size)
        stays = np.flatnonzero(~past)
        inverse, program = inverse[stays], program[stays]
        latitude, longitude = latitude[order][stays], longitude[order][stays]
        formats = np.array([one[1] for one in rules], np.int8)[inverse]
        hybrid = formats == len(KINDS)
        twice = np.repeat(np.arange(len(stays)), 1 + hybrid)  # a hybrid session is two ways, in person first
        second = np.zeros(len(twice), bool)
        second[1:] = twice[1:] == twice[:-1]
        both = hybrid[twice]
        kind = np.where(both, np.where(second, _ONLINE, IN_PERSON), formats[twice]).astype(np.uint8)
        here = kind == IN_PERSON
        schedules: dict[Any, int] = _Numbers()
        number = _ints([schedules[one[0]] for one in rules], len(rules))
        return Ways(program[twice], kind, both, number[inverse][twice], list(schedules),
                    np.where(here, latitude[twice], NOWHERE), np.where(here, longitude[twice], NOWHERE)), (
            (had > 0) & (left == 0))

    def _rules(self, pairs: Array) -> list[tuple[tuple[Rule, date], int, bool]]:
        """Per different session and cohort: the rule from its first day, the place of its format, and whether it is
        over."""
        said, cohorts, found = list(self._said), list(self._cohort), []
        for pair in pairs.tolist():
            one = dict(zip(SESSION, said[pair // len(cohorts)], strict=True))
            cohort = cohorts[pair % len(cohorts)]
            one["except_dates"] = json.loads(one["except_dates"]) if one["except_dates"] else None
            rule = Rule.of(one)
            first = max(self.today, date.fromisoformat(cohort)) if cohort else self.today
            place = len(KINDS) if one["format"] == _HYBRID else KINDS.index(one["format"])
            found.append(((rule, first), place, is_over(rule, self.today)))
        return found


def _document(names: Sequence[str], key: Any) -> dict[str, Any]:
    """As much of a listing document as a trait reads."""
    found = {}
    for name, text in zip(names, (key,) if len(names) == 1 else key, strict=True):
        if text is not None:
            found[name] = json.loads(text) if name in _JSON else text
    if "open_group" in found:
        found["open_group"] = bool(found["open_group"])
    if "verified_on" in found:
        found["verified"] = {"on": found["verified_on"]}
    return found


def _ints(values: Iterable[int], count: int) -> Array:
    return np.fromiter(values, np.int32, count)


def _degrees(values: Sequence[float | None]) -> Array:
    found = np.array(values, float)  # None becomes NaN
    found[np.isnan(found)] = NOWHERE
    return found
