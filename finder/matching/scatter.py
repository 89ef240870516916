"""Programs that meet in person at several points, judged way by way since each has its own distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finder.matching import ways
from finder.matching.columns import IN_PERSON
from finder.matching.judging import FAILS, FAILS_COST, FILTERED, RIDES
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.places.distance import chord_miles

if TYPE_CHECKING:
    from finder.matching.scan import Scan


class Scatter:
    """Programs that meet in person at several points, judged way by way."""

    def __init__(self, scan: Scan) -> None:
        # Keeps nothing of the scan itself: a circle would hold its big arrays until the next collection.
        table = scan.columns.scattered
        self.need, self.judged, self.table = scan.need, scan.judged, table
        self.at = table.row.astype(np.int64) - scan.columns.size + len(scan.rows)
        self.first = table.start[:-1].astype(np.int64)
        self.owner = np.repeat(np.arange(len(self.at)), np.diff(table.start))
        self.classes = scan.pack.scattered
        self.miles = np.full(len(self.classes), np.nan)
        if scan.origin is not None and len(self.classes):
            self.miles[table.known] = chord_miles(table.xyz[table.known], scan.origin)
        self.chosen_miles = np.full(len(self.at), np.nan)  # per program, once settled
        blocks = scan.blocks[self.at] & np.uint8(0xFF ^ ways.FAR)
        self.blocks = blocks[self.owner] | (ways.too_far(scan.need, self.miles) * np.uint8(ways.FAR))
        code = scan.code[self.at]
        self.eligible = (code & (FAILS | FAILS_COST | FILTERED)) == 0
        self.counted = ((code & FILTERED) == 0) & ~self.meets(scan.judged.class_fails, ways.ALL_BLOCKS)
        self.eligible &= ~self.meets(scan.judged.class_fails, ways.ALL_BLOCKS)

    def gain_wider(self, wider: Need) -> int:
        """How many more programs would pass with that radius."""
        if not len(self.at):
            return 0
        near = self.blocks & np.uint8(ways.ALL_BLOCKS & ~ways.FAR)
        blocks = near | (ways.too_far(wider, self.miles) * np.uint8(ways.FAR))
        fails = self.judged.class_fails[self.classes] | ways.BLOCK_REASONS[blocks, self.table.kind]
        meets = np.logical_or.reduceat(fails == 0, self.first)
        return int((meets & self.eligible).sum())

    def fails(self, class_fails: Array, blocks: int) -> Array:
        found: Array = class_fails[self.classes] | ways.BLOCK_REASONS[self.blocks & np.uint8(blocks), self.table.kind]
        return found

    def meets(self, class_fails: Array, blocks: int) -> Array:
        """Per scattered program: whether one way passes."""
        if not len(self.at):
            return np.zeros(0, bool)
        found: Array = np.logical_or.reduceat(self.fails(class_fails, blocks) == 0, self.first)
        return found

    @property
    def reasons(self) -> Array:
        if not len(self.at):
            return np.zeros(0, np.uint16)
        fails = self.fails(self.judged.class_fails, ways.ALL_BLOCKS)
        shared = np.bitwise_and.reduceat(fails, self.first)
        order = np.bitwise_count(fails).astype(np.int64) * len(fails) + np.arange(len(fails))
        fewest = np.minimum.reduceat(order, self.first) % len(fails)
        return np.where(shared != 0, shared, fails[fewest])

    def settle(self, scan: Scan, value: Array, remote: Array) -> None:
        """Writes the chosen way of each passing scattered program over what the row passes found."""
        if not len(self.at):
            return
        judged, need = self.judged, self.need
        reach = ways.in_person_reach(need, self.miles)
        rows = self.table.row[self.owner].astype(np.int64)
        rides = (scan.gathered(rows, "flags", 0, np.bitwise_or).astype(np.uint8) & RIDES) != 0
        reach = np.where(rides & ~np.isnan(self.miles), np.minimum(reach + ways.RIDE_HELP, 1.0), reach)
        reach[~ways.class_chosen(need)[self.classes]] = ways.NOT_CHOSEN_IN_PERSON
        of_way = np.where(self.table.kind == IN_PERSON,
                          judged.weight_reach * reach + judged.weight_schedule * judged.class_schedule[self.classes],
                          judged.class_remote[self.classes])
        of_way[self.fails(judged.class_fails, ways.ALL_BLOCKS) != 0] = -np.inf
        best = np.maximum.reduceat(of_way, self.first)
        place = np.where(of_way == best[self.owner], np.arange(len(of_way)), len(of_way))
        chosen = np.minimum.reduceat(place, self.first)
        where = np.searchsorted(scan.passing, self.at)
        here = np.flatnonzero(scan.meets[self.at] & scan.fits[self.at])
        where, chosen = where[here], chosen[here]
        value[where] = best[here]
        remote[where] = self.table.kind[chosen] != IN_PERSON
        self.chosen_miles[here] = np.where(remote[where], np.nan, self.miles[chosen])
