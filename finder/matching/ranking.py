"""The order of what passed: whole points, ties, and the safety order that no weight can move (contract 7 and 8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from finder.matching.engine import Found
from finder.matching.judging import CARE, CONTAINS, TOO_LIGHT
from finder.matching.ruleset import BANDS, FAMILY_NEEDS, LOSS_NEEDS, URGENT_CARE
from finder.matching.traits import Array
from finder.matching.types import Need

RELATED = 0.3  # contract section 8: need utility from which a program is related
CARE_NEED = 0.75  # contract section 8, rule 2
FIRST_PAGE = 5  # contract section 8: the ranks the safety order looks after
MOST_CARE = 2
USUAL_PAGE = 20
_NOISE = 1e-9

_FIRST_LOOK = 512  # how many of the highest scores are asked first whether they suit

Spot = tuple[int, int]  # (which of the found sets, index into its rows)
Suits = Callable[[Found, Array], Array]  # True per place in the rows of a found set


@dataclass(frozen=True, slots=True)
class Order:
    """Ranks over one or more found sets: `front` are moved to the top, the rest follow by score and ties.

    `top`: the best by score and ties, as many as a usual first page shows.
    """

    founds: tuple[Found, ...]
    total: int
    front: tuple[Spot, ...]
    top: tuple[Spot, ...]

    def page(self, start: int, count: int) -> list[Spot]:
        """The spots of ranks start+1 .. start+count."""
        front = list(self.front)
        if start + count <= len(front):
            return front[start : start + count]
        needed = start + count
        best = self.top if min(needed, self.total) <= len(self.top) else _best(self.founds, None, needed)
        rest = [spot for spot in best if spot not in front]
        return [*front, *rest][start : start + count]


def order(need: Need, founds: Sequence[Found]) -> Order:
    """The order of all that passed in these found sets."""
    sets = tuple(founds)
    total = sum(len(found.rows) for found in sets)
    top = _best(sets, None, USUAL_PAGE)
    return Order(sets, total, tuple(_front(need, sets, top)), tuple(top))


def by_key(founds: Sequence[Found], keys: Sequence[Array], start: int, count: int) -> list[Spot]:
    """The spots of ranks start+1 .. start+count by a number of each that passed, least first.

    Equal ones stand by score and ties; there is no safety order, since nobody has said how they are.
    """
    sets, every = tuple(founds), np.concatenate(keys)
    needed = min(start + count, len(every))
    if needed <= start:
        return []
    at = np.flatnonzero(every <= np.partition(every, needed - 1)[needed - 1])
    first = np.cumsum([0, *(len(one) for one in keys)])
    which = np.searchsorted(first, at, side="right") - 1
    index = at - first[which]
    points = np.concatenate([found.tenths for found in sets])[at] // 10
    ranked = np.lexsort((*_ties(sets, which, index), -points.astype(np.int64), every[at]))[start:needed]
    return list(zip(which[ranked].tolist(), index[ranked].tolist(), strict=True))


def band(score: float) -> str:
    """The band of a rounded score (contract section 7)."""
    return next(name for name, least in BANDS if score >= least - _NOISE)


# -- safety order ----------------------------------------------------------------------------------------------------


def _front(need: Need, founds: tuple[Found, ...], top: list[Spot]) -> list[Spot]:
    if need.level is None or not top:
        return []
    front: list[Spot] = []
    if need.level == 4 and any(_flags(founds, spot) & TOO_LIGHT for spot in top[:FIRST_PAGE]):
        front = _best(founds, _related_and(lambda flags: (flags & TOO_LIGHT) == 0), FIRST_PAGE)
    if need.level == 4 or need.urgent & URGENT_CARE:
        front = _care_first(need, founds, front, top[0])
    first = front[0] if front else top[0]
    if _flags(founds, first) & TOO_LIGHT:
        suits = _related_and(lambda flags: (flags & CONTAINS) != 0)
        moved = _best_now(founds, suits, front, 1)
        front = [*moved, *(spot for spot in front if spot not in moved)]
    return front


def _care_first(need: Need, founds: tuple[Found, ...], front: list[Spot], best: Spot) -> list[Spot]:
    """Rule 2: care before company, unless the first need is a loss or a relative's."""
    first = front[0] if front else best
    if _flags(founds, first) & CARE or (need.needs and need.needs[0] in LOSS_NEEDS | FAMILY_NEEDS):
        return front

    def suits(found: Found, index: Array) -> Array:
        wanted = CARE | CONTAINS
        near = found.utility("need", "focus", found.rows[index]) >= CARE_NEED - _NOISE
        ok: Array = near & ((_row_flags(found, index) & wanted) == wanted)
        return ok

    moved = _best_now(founds, suits, front, MOST_CARE)
    return [*moved, *(spot for spot in front if spot not in moved)]


def _best_now(founds: tuple[Found, ...], suits: Suits, front: list[Spot], count: int) -> list[Spot]:
    """The best in the order as it stands: those at the front first."""
    there = [(place, index) for place, index in front if suits(founds[place], np.array([index]))[0]]
    rest = [spot for spot in _best(founds, suits, count + len(front)) if spot not in there]
    return [*there, *rest][:count]


def _related_and(suits: Callable[[Array], Array]) -> Suits:
    def mask(found: Found, index: Array) -> Array:
        related = found.utility("need", "focus", found.rows[index]) >= RELATED - _NOISE
        ok: Array = suits(_row_flags(found, index)) & related
        return ok

    return mask


def _row_flags(found: Found, index: Array) -> Array:
    flags = found.parts["kind"].flags
    assert flags is not None
    row: Array = flags[found.values("kind", found.rows[index])]
    return row


def _flags(founds: tuple[Found, ...], spot: Spot) -> int:
    found = founds[spot[0]]
    flags = found.parts["kind"].flags
    assert flags is not None
    return int(flags[found.values("kind", found.rows[spot[1] : spot[1] + 1])[0]])


# -- score and ties --------------------------------------------------------------------------------------------------


def _best(founds: tuple[Found, ...], suits: Suits | None, count: int) -> list[Spot]:
    """The best `count` spots, in order, among those that suit (all when None).

    What suits is asked of the highest scores first, and of all only when those do not suffice.
    """
    if count <= 0:
        return []
    which, index, points = _top(founds, count if suits is None else _FIRST_LOOK)
    if suits is not None:
        everything = len(points) == sum(len(found.rows) for found in founds)
        which, index, points = _suiting(founds, suits, which, index, points)
        if len(points) < count and not everything:
            which, index, points = _suiting(founds, suits, *_top(founds, None))
        kept = _top_points(points, count)
        which, index, points = which[kept], index[kept], points[kept]
    if not len(points):
        return []
    kept = _cut(founds, which, index, points, count)
    which, index, points = which[kept], index[kept], points[kept]
    ranked = np.lexsort((*_ties(founds, which, index), -points.astype(np.int64)))[:count]
    return list(zip(which[ranked].tolist(), index[ranked].tolist(), strict=True))


def _ties(founds: tuple[Found, ...], which: Array, index: Array) -> list[Array]:
    """The keys that decide between equal points, the last one first."""
    return [_key(founds, which, index, name) for name in ("hash", "miles", "cost", "weeks", "fresh")]


def _top(founds: tuple[Found, ...], count: int | None) -> tuple[Array, Array, Array]:
    """Which found set, index and whole points of all that are among the best `count` by points, ties included."""
    least = 0 if count is None else _least(founds, count)
    if len(founds) == 1:
        index = np.flatnonzero(founds[0].tenths >= 10 * least)
        return np.zeros(len(index), np.intp), index, founds[0].tenths[index] // 10
    mine = [np.flatnonzero(found.tenths >= 10 * least) for found in founds]
    return (np.concatenate([np.full(len(one), place) for place, one in enumerate(mine)]), np.concatenate(mine),
            np.concatenate([found.tenths[one] // 10 for found, one in zip(founds, mine, strict=True)]))


def _least(founds: tuple[Found, ...], count: int) -> int:
    """The whole points that the best `count` have at least."""
    from_top = np.sum([found.per_point for found in founds], axis=0)[::-1].cumsum()
    return max(0, len(from_top) - 1 - int(from_top.searchsorted(count)))


def _suiting(founds: tuple[Found, ...], suits: Suits, which: Array, index: Array,
             points: Array) -> tuple[Array, Array, Array]:
    ok = np.zeros(len(points), bool)
    for place, found in enumerate(founds):
        mine = np.flatnonzero(which == place)
        if len(mine):
            ok[mine] = suits(found, index[mine])
    return which[ok], index[ok], points[ok]


def _top_points(points: Array, count: int) -> Array:
    """Indexes of all whose whole points are among the best `count`, ties included."""
    if len(points) <= count:
        return np.arange(len(points))
    return np.flatnonzero(points >= np.partition(points, len(points) - count)[len(points) - count])


def _cut(founds: tuple[Found, ...], which: Array, index: Array, points: Array, count: int) -> Array:
    """Within the last whole point that fits, keeps only what the ties can still bring among the best `count`.

    Key by key, so that thousands of equal scores cost a few passes and no sort.
    """
    at = np.arange(len(points))
    if len(at) <= count * 4:
        return at
    least = int(points.min())
    sure, tied = list(at[points > least]), at[points == least]
    for name in ("fresh", "weeks", "cost", "miles", "hash"):
        left = count - len(sure)
        if left <= 0 or len(tied) <= left:
            break
        key = _key(founds, which[tied], index[tied], name)
        edge = np.partition(key, left - 1)[left - 1]
        sure += list(tied[key < edge])
        tied = tied[key == edge]
    return np.sort(np.concatenate([np.array(sure, np.int64), tied]))


def _key(founds: tuple[Found, ...], which: Array, index: Array, name: str) -> Array:
    """One tie-break, lower is better: freshness, weeks to start, cost, distance, the day's hash."""
    if len(founds) == 1:
        return _TIES[name](founds[0], index)
    out = np.empty(len(which), np.uint64 if name == "hash" else np.float64)
    for place, found in enumerate(founds):
        mine = np.flatnonzero(which == place)
        if len(mine):
            out[mine] = _TIES[name](found, index[mine])
    return out


def _fresh(found: Found, index: Array) -> Array:
    utility: Array = -found.utility("freshness", "fresh", found.rows[index])
    return utility


def _weeks(found: Found, index: Array) -> Array:
    return found.utility("weeks", "opening", found.rows[index])


def _cost(found: Found, index: Array) -> Array:
    return found.utility("price", "money", found.rows[index])


def _miles(found: Found, index: Array) -> Array:
    miles = np.where(found.remote[index], np.nan, found.miles(index))
    return np.where(np.isnan(miles), np.inf, miles)


def _hash(found: Found, index: Array) -> Array:
    digest: Array = found.columns.tiebreak[found.rows[index]]
    return digest


_TIES: dict[str, Callable[[Found, Array], Array]] = {
    "fresh": _fresh, "weeks": _weeks, "cost": _cost, "miles": _miles, "hash": _hash,
}
