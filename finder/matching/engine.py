"""One search over one set of columns: who passes, how well each fits, and what was left out and why.

Rules run over trait values, then over folded keys; rows only gather. The plain row-by-row reference in the tests must
agree with every number here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finder.matching import compiled, scan, ways
from finder.matching.columns import Columns
from finder.matching.judging import NO_FILTERS, Filters, Parts, judge_traits
from finder.matching.ruleset import BIT, REASONS
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.places.distance import chord_miles


@dataclass(slots=True)
class Found:
    """The outcome over one set of columns. Arrays run over `rows`, the rows that passed."""

    columns: Columns
    need: Need
    pack: ways.Pack
    judged: ways.Judged
    parts: Mapping[str, Parts]
    rows: Array
    key_counts: Array  # rows that passed per number of every key, the keys one after the other
    list_counts: Array  # the same per list of ways
    tenths: Array  # of a point of the score, 0..1000
    per_point: Array  # rows that passed for each whole point from 0 to 100
    origin: Array | None
    scattered_miles: Array  # per scattered program, to the point of the chosen way
    remote: Array  # the chosen way is remote
    shut: Array  # kinds of way that are shut to the person by other facts of the program, as bits
    hidden: dict[str, int]
    relax: dict[str, int]

    @property
    def score(self) -> Array:
        """0..100, one decimal. Worked out for all that passed, so a page asks `tenths` for its few."""
        return self.tenths / 10

    def values(self, trait: str, rows: Array) -> Array:
        """The trait's value number of rows."""
        key = self.columns.keys[self.columns.holder[trait]]
        found: Array = key.values[trait][key.rows[rows]]
        return found

    def utility(self, criterion: str, trait: str, rows: Array) -> Array:
        return self.parts[trait].utility[criterion][self.values(trait, rows)]

    def miles(self, index: Array) -> Array:
        """Miles to the in-person point of rows that passed, by their places in `rows`; NaN unknown, or no origin.

        Of a program with several points, to that of its chosen way.
        """
        rows = self.rows[index]
        found = np.full(len(rows), np.nan)
        if self.origin is None:
            return found
        known = np.flatnonzero(self.columns.known[rows])
        found[known] = chord_miles(self.columns.xyz[rows[known]], self.origin)
        scattered = self.columns.scattered.row
        if len(scattered):
            place = np.minimum(np.searchsorted(scattered, rows), len(scattered) - 1)
            several = np.flatnonzero(scattered[place] == rows)
            found[several] = self.scattered_miles[place[several]]
        return found


def search(need: Need, columns: Columns, weights: Mapping[str, float], *, filters: Filters = NO_FILTERS,
           dead: Array | None = None, relaxing: bool = True) -> Found:
    """Judges every program for one need.

    `weights` sum to 100. `dead`: rows that a newer set of columns replaces; they are as if absent.
    """
    parts = judge_traits(need, columns, weights, filters)
    pack = ways.pack(columns, need.place.timezone if need.place else None)
    judged = ways.judge(need, pack, weights["reach"], weights["schedule"])
    loops = columns.loops
    if loops is not None and loops.module is not None and len(columns.table):
        passed = compiled.pass_rows(loops, need, columns, pack, judged, parts, filters, dead, relaxing=relaxing)
    else:
        passed = scan.pass_rows(need, columns, pack, judged, parts, filters, dead, relaxing=relaxing)
    return Found(
        columns, need, pack, judged, parts, passed.rows, passed.key_counts, passed.list_counts, passed.tenths,
        passed.per_point, passed.origin, passed.scattered_miles, passed.remote, passed.shut, passed.hidden,
        passed.relax,
    )


def hidden_rows(need: Need, columns: Columns, weights: Mapping[str, float], *, filters: Filters = NO_FILTERS,
                dead: Array | None = None) -> dict[str, Array]:
    """Which rows stand behind each count of `Found.hidden`. Visits every row, so only on request."""
    parts = judge_traits(need, columns, weights, filters)
    pack = ways.pack(columns, need.place.timezone if need.place else None)
    judged = ways.judge(need, pack, weights["reach"], weights["schedule"])
    bits = scan.Scan(need, columns, pack, judged, parts, filters, dead, everywhere=True).reasons()
    found = {reason: np.flatnonzero((bits & BIT[reason]) != 0) for reason in REASONS}
    return {reason: rows for reason, rows in found.items() if len(rows)}
