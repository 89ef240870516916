"""Columns into the arrays of a file and out again, so that a picture of the listings is made once for all workers.

What is small and no array (schedules, language codes, areas) stands among the facts. What a search works out of the
columns (judged traits, facets) belongs to each worker and is in no file.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, overload
from zoneinfo import ZoneInfo

import numpy as np
import orjson

from finder.matching import ruleset, traits, ways
from finder.matching.columns import TRAITS, Columns, Key, Scattered, Waysets
from finder.matching.traits import AreaTable, Array, TalkTable
from finder.schedules.recurrence import Rule
from finder.vocabulary import vocabulary

LAYOUT = 1  # raised with every change of what is stored or of what a stored number means
_ARRAYS = ("xyz", "known", "longitude", "bands", "wayset", "tiebreak")


@cache
def made_for() -> str:
    """What the numbers of a file rest upon: layout, the order of the vocabularies' codes, traits, kinds of machine. A
    file made for anything else is not read."""
    codes = {name: one.codes for name, one in vocabulary().lists.items()}
    told = [LAYOUT, ruleset.NAME, codes, list(TRAITS), traits.PAYERS, ruleset.CAPACITY_DAYS, ruleset.REASONS,
            np.dtype(np.intp).str]
    return hashlib.blake2b(orjson.dumps(told), digest_size=16).hexdigest()


class Starts(Sequence[tuple[datetime, ...]]):
    """The next starts of each schedule, made of seconds since 1970 when somebody asks for them."""

    __slots__ = ("_at", "_first", "_known", "_schedules")

    def __init__(self, schedules: Sequence[tuple[Rule, date]], at: Array, first: Array) -> None:
        self._schedules, self._at, self._first = schedules, at, first
        self._known: dict[int, tuple[datetime, ...]] = {}

    def __len__(self) -> int:
        return len(self._schedules)

    @overload
    def __getitem__(self, number: int) -> tuple[datetime, ...]: ...
    @overload
    def __getitem__(self, number: slice) -> list[tuple[datetime, ...]]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        found = self._known.get(number)
        if found is None:
            seconds = self._at[self._first[number] : self._first[number + 1]].tolist()
            zone = ZoneInfo(self._schedules[number][0].timezone or "UTC")
            found = self._known[number] = tuple(datetime.fromtimestamp(one, zone) for one in seconds)
        return found


def stored(columns: Columns) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of some columns by name, and their facts. Of the ways, those zones that are worked out already."""
    arrays: dict[str, Array] = {name: getattr(columns, name) for name in _ARRAYS}
    arrays["keys"] = columns.table if len(columns.table) else np.array([key.rows for key in columns.keys])
    for number, key in enumerate(columns.keys):
        arrays |= {f"key/{number}/counts": key.counts, f"key/{number}/grid_counts": key.grid_counts}
        arrays |= {f"key/{number}/value/{trait}": values for trait, values in key.values.items()}
    for part in ("waysets", "scattered"):
        arrays |= {f"{part}/{name}": one for name, one in _fields(getattr(columns, part)).items()}
    facts: dict[str, Any] = {
        "today": columns.today.isoformat(), "size": columns.size, "grid_size": columns.grid_size,
        "keys": [list(key.values) for key in columns.keys], "zones": _store_packs(columns, arrays),
        "schedules": [[*_rule(rule), day.isoformat()] for rule, day in columns.schedules],
    }
    for name, table in columns.tables.items():
        arrays |= {f"table/{name}/{field}": one for field, one in _fields(table).items()}
    facts["languages"] = columns.tables["talk"].languages
    facts["areas"] = {of: {code: rows.tolist() for code, rows in by.items()}
                      for of, by in columns.tables["area"].naming.items()}
    arrays |= {f"area/{name}": one for name, one in columns.tables["area"].stated.items()}
    starts = [[one.timestamp() for one in some] for some in columns.starts]
    arrays["start/at"] = np.array([one for some in starts for one in some], np.int64)
    arrays["start/first"] = np.cumsum([0, *map(len, starts)])
    return arrays, facts


def loaded(arrays: Mapping[str, Array], facts: Mapping[str, Any], names: Sequence[Any], documents: Sequence[Any],
           loops: Any) -> Columns:
    """The columns of such arrays and facts."""
    schedules = [(_rule_of(one), date.fromisoformat(one[-1])) for one in facts["schedules"]]
    table = arrays["keys"]
    keys = tuple(Key(table[number], {trait: arrays[f"key/{number}/value/{trait}"] for trait in held},
                     arrays[f"key/{number}/counts"], arrays[f"key/{number}/grid_counts"])
                 for number, held in enumerate(facts["keys"]))
    plain: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
    columns = Columns(
        today=date.fromisoformat(facts["today"]), size=facts["size"], grid_size=facts["grid_size"],
        tables={name: _table(name, arrays, facts) for name in TRAITS}, keys=keys,
        offset=np.cumsum([0, *(len(key.counts) for key in keys)]),
        holder={trait: place for place, key in enumerate(keys) for trait in key.values},
        table=table if table.dtype == np.uint16 else np.empty((0, facts["size"]), np.uint16),
        **plain, waysets=_of(Waysets, "waysets", arrays), schedules=schedules,
        starts=Starts(schedules, arrays["start/at"], arrays["start/first"]),
        scattered=_of(Scattered, "scattered", arrays), loops=loops, names=names, documents=documents,
    )
    _load_packs(columns, arrays, facts["zones"])
    return columns


def _fields(of: Any) -> dict[str, Array]:
    found = {one.name: getattr(of, one.name) for one in dataclasses.fields(of) if one.init}
    return {name: one for name, one in found.items() if isinstance(one, np.ndarray)}


def _of(kind: Any, name: str, arrays: Mapping[str, Array]) -> Any:
    return kind(**{one.name: arrays[f"{name}/{one.name}"] for one in dataclasses.fields(kind)
                   if f"{name}/{one.name}" in arrays})


def _table(name: str, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> Any:
    held = {one.name: arrays[f"table/{name}/{one.name}"] for one in dataclasses.fields(TRAITS[name])
            if f"table/{name}/{one.name}" in arrays}
    if name == "talk":
        return TalkTable(languages=tuple(facts["languages"]), **held)
    if name == "area":
        naming = {of: {code: np.array(rows, np.intp) for code, rows in by.items()}
                  for of, by in facts["areas"].items()}
        stated = {of: arrays[f"area/{of}"] for of in facts["areas"] if of != "licensed"}
        return AreaTable(size=len(held["licensed"]), stated=stated, naming=naming, **held)
    return TRAITS[name](**held)


def _store_packs(columns: Columns, arrays: dict[str, Array]) -> list[tuple[str | None, int]]:
    """Which pack each zone has."""
    packs = list({id(one): one for one in columns.packs.values()}.values())
    for number, pack in enumerate(packs):
        arrays |= {f"pack/{number}/{name}": one for name, one in _fields(pack).items()}
    places = {id(one): number for number, one in enumerate(packs)}
    return [(zone, places[id(one)]) for zone, one in columns.packs.items()]


def _load_packs(columns: Columns, arrays: Mapping[str, Array], zones: Sequence[tuple[str | None, int]]) -> None:
    made: dict[int, ways.Pack] = {}
    for zone, number in zones:
        if number not in made:
            held: dict[str, Any] = {one.name: arrays[f"pack/{number}/{one.name}"]
                                    for one in dataclasses.fields(ways.Pack)
                                    if f"pack/{number}/{one.name}" in arrays}
            made[number] = ways.Pack(slots=held["slot_codes"].tolist(), **held)
        columns.packs[zone] = made[number]


def _rule(rule: Rule) -> list[Any]:
    return [rule.anytime, rule.repeats, rule.start_time, rule.timezone, rule.duration_minutes,
            rule.valid_from, rule.valid_until, sorted(rule.except_dates)]


def _rule_of(told: Sequence[Any]) -> Rule:
    first, last = (None if one is None else date.fromisoformat(one) for one in told[5:7])
    anytime, repeats, start_time, timezone, minutes = told[:5]
    return Rule(anytime, repeats, start_time, timezone, minutes, first, last,
                frozenset(map(date.fromisoformat, told[7])))
