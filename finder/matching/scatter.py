"""Programs that meet in person at several points: every way has a distance of its own, so each is judged alone.

They are few, and what is found here takes the place of what the row passes would find for them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finder.matching import ways
from finder.matching.columns import IN_PERSON, Columns
from finder.matching.judging import BLOCK_SHIFT, FAILS, FAILS_COST, FILTERED, RIDES
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.places.distance import chord_miles

_NONE, _NONE_BOOL = np.empty(0), np.empty(0, bool)
_NO_ROWS, _NO_BITS = np.empty(0, np.int64), np.empty(0, np.uint8)


class Scatter:
    """The scattered programs of a set of columns, judged way by way for one search.

    `code` and `flags` give row codes and row flags of any rows. Keeps nothing of who asks: a circle would hold the
    big arrays of a search until the next collection.
    """

    first: Array  # per program, its first way
    owner: Array  # per way, the place of its program
    classes: Array
    of_way: Array  # miles
    blocks: Array

    def __init__(self, need: Need, columns: Columns, pack: ways.Pack, judged: ways.Judged, origin: Array | None,
                 code: Array, flags: Callable[[Array], Array]) -> None:
        table = columns.scattered
        self.need, self.judged, self.table = need, judged, table
        if not len(table.row):
            self._nothing()
            return
        self.first = table.start[:-1].astype(np.int64)
        self.owner = np.repeat(np.arange(len(table.row)), np.diff(table.start))
        self.classes = pack.scattered
        self.of_way = np.full(len(self.classes), np.nan)
        if origin is not None and len(self.classes):
            self.of_way[table.known] = chord_miles(table.xyz[table.known], origin)
        self.blocks = (code >> BLOCK_SHIFT)[self.owner] | (ways.too_far(need, self.of_way) * np.uint8(ways.FAR))
        self.passes = self.meets(judged.class_fails, ways.ALL_BLOCKS)
        self.eligible = ((code & (FAILS | FAILS_COST | FILTERED)) == 0) & ~self.passes
        self.counted = ((code & FILTERED) == 0) & ~self.passes
        self.value, self.remote = np.zeros(len(table.row)), np.zeros(len(table.row), bool)
        self.miles = np.full(len(table.row), np.nan)  # of the chosen way
        self._settle(flags(table.row.astype(np.int64)))

    def _nothing(self) -> None:
        self.first = self.owner = _NO_ROWS
        self.of_way = self.value = self.miles = _NONE
        self.blocks = self.classes = _NO_BITS
        self.passes = self.eligible = self.counted = self.remote = _NONE_BOOL

    def gain_wider(self, wider: Need) -> int:
        """How many more programs would pass with that radius."""
        if not len(self.first):
            return 0
        near = self.blocks & np.uint8(ways.ALL_BLOCKS & ~ways.FAR)
        blocks = near | (ways.too_far(wider, self.of_way) * np.uint8(ways.FAR))
        fails = self.judged.class_fails[self.classes] | ways.BLOCK_REASONS[blocks, self.table.kind]
        meets = np.logical_or.reduceat(fails == 0, self.first)
        return int((meets & self.eligible).sum())

    def gain(self, class_fails: Array, blocks: int) -> int:
        """How many more programs would pass if classes failed like that and only those blocks held."""
        return int((self.meets(class_fails, blocks) & self.eligible).sum())

    def fails(self, class_fails: Array, blocks: int) -> Array:
        found: Array = class_fails[self.classes] | ways.BLOCK_REASONS[self.blocks & np.uint8(blocks), self.table.kind]
        return found

    def meets(self, class_fails: Array, blocks: int) -> Array:
        """Per scattered program: whether one way passes."""
        if not len(self.first):
            return np.zeros(0, bool)
        found: Array = np.logical_or.reduceat(self.fails(class_fails, blocks) == 0, self.first)
        return found

    @property
    def reasons(self) -> Array:
        """Per scattered program: reason bits of its ways, for those that have none to go by."""
        if not len(self.first):
            return np.zeros(0, np.uint16)
        fails = self.fails(self.judged.class_fails, ways.ALL_BLOCKS)
        shared = np.bitwise_and.reduceat(fails, self.first)
        order = np.bitwise_count(fails).astype(np.int64) * len(fails) + np.arange(len(fails))
        fewest = np.minimum.reduceat(order, self.first) % len(fails)
        return np.where(shared != 0, shared, fails[fewest])

    def _settle(self, flags: Array) -> None:
        """The chosen way of each: weighted reach and schedule, whether it is remote, and its distance."""
        judged, need = self.judged, self.need
        reach = ways.in_person_reach(need, self.of_way)
        rides = ((flags & RIDES) != 0)[self.owner]
        reach = np.where(rides & ~np.isnan(self.of_way), np.minimum(reach + ways.RIDE_HELP, 1.0), reach)
        reach[~ways.class_chosen(need)[self.classes]] = ways.NOT_CHOSEN_IN_PERSON
        worth = np.where(self.table.kind == IN_PERSON,
                         judged.weight_reach * reach + judged.weight_schedule * judged.class_schedule[self.classes],
                         judged.class_remote[self.classes])
        worth[self.fails(judged.class_fails, ways.ALL_BLOCKS) != 0] = -np.inf
        self.value = np.maximum.reduceat(worth, self.first)
        place = np.where(worth == self.value[self.owner], np.arange(len(worth)), len(worth))
        chosen = np.minimum.reduceat(place, self.first)
        self.remote = self.table.kind[chosen] != IN_PERSON
        self.miles = np.where(self.remote, np.nan, self.of_way[chosen])
