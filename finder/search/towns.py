"""In which towns groups meet, and how many in each: for those who look by place. Only what listings state is counted.

A group whose address is given after contact counts for its town, as its page says that town too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from finder.matching.traits import Array
from finder.places.gazetteer import folded
from finder.places.lookup import STATES

IN_PERSON = frozenset(("in_person", "hybrid"))
Town = tuple[str, str]  # state, and the town's folded name


@dataclass(frozen=True, slots=True)
class Towns:
    """Which rows of a set of listings meet in which town: one entry for each pair of the two."""

    towns: tuple[Town, ...]
    spelled: tuple[str, ...]  # of each town, as most of its listings write it
    town: Array
    row: Array


def index(documents: Iterable[Mapping[str, Any]]) -> Towns:
    """Reads the towns out of listing documents; those that are not meeting are left out."""
    numbers: dict[Town, int] = {}
    spellings: list[Counter[str]] = []
    pairs: list[tuple[int, int]] = []
    for row, listing in enumerate(documents):
        if listing.get("status", "active") != "active":
            continue
        for state, city in {_town(session) for session in listing.get("sessions") or ()} - {("", "")}:
            number = numbers.setdefault((state, folded(city)), len(numbers))
            if number == len(spellings):
                spellings.append(Counter())
            spellings[number][city] += 1
            pairs.append((number, row))
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return Towns(tuple(numbers), tuple(one.most_common(1)[0][0] for one in spellings), found[:, 0], found[:, 1])


def _town(session: Mapping[str, Any]) -> tuple[str, str]:
    location = session.get("location") or {}
    state, city = str(location.get("state")), str(location.get("city") or "")
    stated = session["format"] in IN_PERSON and state in STATES and folded(city)
    return (state, city) if stated else ("", "")


def counts(parts: Iterable[tuple[Towns, Array]]) -> dict[str, dict[str, int]]:
    """State -> town as written -> how many groups meet there. A group in two towns counts in both.

    `parts`: the towns of each part of a snapshot, and its rows that a newer part replaces.
    """
    spelled: dict[Town, str] = {}
    found: Counter[Town] = Counter()
    for known, dead in parts:
        alive = ~np.isin(known.row, dead)
        pairs = np.unique(np.stack([known.town[alive], known.row[alive]]), axis=1)
        numbers, groups = np.unique(pairs[0], return_counts=True)
        for number, count in zip(numbers.tolist(), groups.tolist(), strict=True):
            found[known.towns[number]] += count
            spelled.setdefault(known.towns[number], known.spelled[number])
    states: dict[str, dict[str, int]] = {}
    for town, count in found.items():
        states.setdefault(town[0], {})[spelled[town]] = count
    return states
