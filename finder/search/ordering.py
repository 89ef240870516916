"""The order of a list that somebody browses, and what of it is kept: the nearest, and all but some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finder.matching import ranking, ways
from finder.matching.engine import Found
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.search.snapshot import Part


def page(founds: Sequence[Found], sort: str, need: Need, relevance: Sequence[Array | None],
         starts: Sequence[Array | None], start: int, count: int) -> list[ranking.Spot]:
    """What stands at places start+1 .. start+count of all that passed, in the order asked for; equal ones in the order
    of a search without answers.

    `relevance` and `starts` are per row of each set of columns: how much of the words it holds (None: no words), and
    the seconds since 1970 of its next start (inf: none; may be missing for other orders).
    """
    if sort == "relevance" and all(one is None for one in relevance):
        return ranking.order(need, founds).page(start, count)
    keys = [_keys(found, sort, mine, begins) for found, mine, begins in zip(founds, relevance, starts, strict=True)]
    return ranking.by_key(founds, keys, start, count)


def _keys(found: Found, sort: str, relevance: Array | None, starts: Array | None) -> Array:
    """Per place in `found.rows` the number to sort by, least first."""
    if sort == "relevance":
        return np.zeros(len(found.rows)) if relevance is None else -relevance[found.rows]
    if sort == "distance":
        miles: Array = np.nan_to_num(found.miles(np.arange(len(found.rows))), nan=np.inf)
        return miles
    if sort == "freshness":
        days: Array = found.columns.tables["fresh"].days[found.values("fresh", found.rows)].astype(np.int64)
        return days % 2**31  # what was never verified stands at -1 and goes last
    assert starts is not None
    return starts[found.rows]


def nearest(founds: Sequence[Found], count: int) -> list[Array]:
    """Per set of columns: True for the `count` rows nearest in person, within the radius if there is one.

    What is online only, or meets at an unknown place, is not counted.
    """
    miles = [_within(found) for found in founds]
    every = np.concatenate(miles)
    known = np.sort(every[~np.isnan(every)])
    limit = known[count - 1] if len(known) >= count else np.inf
    left = count - int((known < limit).sum())  # of those at the limit itself, the first ones
    kept = []
    for found, mine in zip(founds, miles, strict=True):
        equal = np.flatnonzero(mine == limit)[: max(0, left)]
        left -= len(equal)
        rows = np.zeros(found.columns.size, bool)
        rows[found.rows[np.concatenate([np.flatnonzero(mine < limit), equal])]] = True
        kept.append(rows)
    return kept


def _within(found: Found) -> Array:
    """Miles per place in `found.rows`; NaN where that is unknown or too far, as for a hybrid beyond the radius."""
    miles = found.miles(np.arange(len(found.rows)))
    miles[ways.too_far(found.need, miles)] = np.nan
    return miles


def kept(scores: Array | None, starts: Array | None, wanted: Array | None) -> Array | None:
    """True per row that words, hours and `wanted` leave in the list; None when nothing narrows it."""
    masks = [mask for mask in (scores if scores is None else scores > 0, starts if starts is None else starts < np.inf,
                               wanted) if mask is not None]
    return np.logical_and.reduce(masks) if masks else None


def others(part: Part, named: Sequence[str]) -> Array:
    """True per row that is not one of these ids."""
    found: Array = np.ones(part.columns.size, bool)
    found[[part.rows[one] for one in named if one in part.rows]] = False
    return found
