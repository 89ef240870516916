"""One search over one set of columns: who passes, how well each fits, and what was left out and why.

Rules run over trait values, then over folded keys; rows only gather. The plain row-by-row reference in the tests must
agree with every number here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finder.matching import ways
from finder.matching.columns import Columns
from finder.matching.judging import NO_FILTERS, Filters, Parts, judge_traits
from finder.matching.ruleset import BIT, REASONS
from finder.matching.scan import Scan
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
    numbers: list[Array]  # per key
    score: Array  # 0..100, one decimal
    points: Array  # whole points of the score
    per_point: Array  # rows that passed for each whole point from 0 to 100
    origin: Array | None
    scattered_miles: Array  # per scattered program, to the point of the chosen way
    remote: Array  # the chosen way is remote
    shut: Array  # kinds of way that are shut to the person by other facts of the program, as bits
    hidden: dict[str, int]
    relax: dict[str, int]

    def values(self, trait: str, rows: Array) -> Array:
        """The trait's value number of rows."""
        for key in self.columns.keys:
            if trait in key.values:
                return key.values[trait][key.rows[rows]]
        raise KeyError(trait)

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
    zone = need.place.timezone if need.place else None
    pack = ways.pack(columns, zone)
    judged = ways.judge(need, pack, weights["reach"], weights["schedule"])
    scan = Scan(need, columns, pack, judged, parts, filters, dead)
    rows = scan.rows[scan.passing]
    add, gate = scan.of_passing("add", 0.0, np.add), scan.of_passing("gate", 1.0, np.multiply)
    value, remote = scan.best_way()
    tenths = rounded(scan.row_gates(rows, gate, remote) * (add + value))
    points = tenths // 10
    return Found(
        columns, need, pack, judged, parts, rows, scan.numbers, tenths / 10, points, np.bincount(points, minlength=101),
        scan.origin, scan.scatter.chosen_miles, remote, scan.shut, scan.hidden(),
        scan.relax() if relaxing else {},
    )


def rounded(points: Array) -> Array:
    """Tenths of a point, capped at 1000, halves up; the nudge takes float noise out of exact halves."""
    return np.floor(np.minimum(points, 100.0) * 10 + 0.5 + 1e-7).astype(np.uint16)


def hidden_rows(need: Need, columns: Columns, weights: Mapping[str, float], *, filters: Filters = NO_FILTERS,
                dead: Array | None = None) -> dict[str, Array]:
    """Which rows stand behind each count of `Found.hidden`. Visits every row, so only on request."""
    parts = judge_traits(need, columns, weights, filters)
    pack = ways.pack(columns, need.place.timezone if need.place else None)
    judged = ways.judge(need, pack, weights["reach"], weights["schedule"])
    bits = Scan(need, columns, pack, judged, parts, filters, dead, everywhere=True).reasons()
    found = {reason: np.flatnonzero((bits & BIT[reason]) != 0) for reason in REASONS}
    return {reason: rows for reason, rows in found.items() if len(rows)}
