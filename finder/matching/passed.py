"""What the row passes of one search give, whoever made them: `scan` with NumPy, or `compiled` with its loops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from finder.matching.columns import Key
from finder.matching.judging import Parts
from finder.matching.ruleset import REASONS
from finder.matching.traits import Array


@dataclass(slots=True)
class Passed:
    """The rows that passed, ascending, and the counts over all rows.

    `tenths`: the rounded score times ten; `remote`: the chosen way is remote; `shut`: kinds of way that other facts of
    the program shut to the person, as bits. `per_point`: rows per whole point, 0..100; `key_counts` per number of
    every key, the keys one after the other; `list_counts` per list of ways. `scattered_miles`: per scattered program,
    to the point of its chosen way.
    """

    rows: Array
    tenths: Array
    remote: Array
    shut: Array
    per_point: Array
    key_counts: Array
    list_counts: Array
    hidden: dict[str, int]
    relax: dict[str, int]
    origin: Array | None
    scattered_miles: Array


def over_key(key: Key, parts: Mapping[str, Parts], what: str, combine: Any) -> Array | None:
    """One thing that the traits of a key give, per key number; None where none of them gives it."""
    found: Array | None = None
    for trait, values in key.values.items():
        part = getattr(parts[trait], what)
        if part is not None:
            mine = part if len(key.values) == 1 else part[values]  # a key of one trait has its numbers
            found = mine if found is None else combine(found, mine)
    return found


_PLACES = np.arange(len(REASONS))


def per_reason(bits: Array, amount: Array | None) -> Array:
    """Reason -> number, from reason bits and how often each stands."""
    some = np.flatnonzero(bits)
    if not len(some):
        return np.zeros(len(REASONS), np.int64)
    counts = np.bincount(bits[some], None if amount is None else amount[some])
    different = np.flatnonzero(counts)
    per: Array = (different[:, None] >> _PLACES & 1).T @ counts[different].astype(np.int64)
    return per
