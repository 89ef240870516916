"""One search by the engine beside the same search by the reference, and every difference between them in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from finder.matching import chosen, ranking, ruleset
from finder.matching.builder import build
from finder.matching.columns import Columns
from finder.matching.compiled import Loops
from finder.matching.engine import Found, hidden_rows, search
from finder.matching.facets import facets
from finder.matching.types import Need
from finder.places.distance import chord_miles, unit_vectors
from tests import make
from tests.matching import generate, reference
from tests.matching.reference import Answer

# The engine adds up 32-bit distances and 64-bit points in another order than the reference.
NOISE = 1e-6
TENTH = 0.1 + NOISE


@lru_cache(maxsize=200_000)
def miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The engine's own distance, so that nothing but the rules is compared."""
    here = unit_vectors(np.array([lat1]), np.array([lon1]))[0]
    return float(chord_miles(unit_vectors(np.array([lat2]), np.array([lon2])), here)[0])


def columns_of(pool: generate.Pool, loops: Loops | None = None) -> Columns:
    return build(pool.listings, pool.today, loops=loops)


def differences(pool: generate.Pool, columns: Columns, need: Need) -> list[str]:
    """Nothing when the engine and the reference agree on who passes, why not, scores, ways, order and counts."""
    weights = ruleset.emphasized(ruleset.Ruleset(), need.emphasis)
    found = search(need, columns, weights)
    answer = reference.search(pool.listings, need, miles)
    shown = {columns.names[row] for row in found.rows}
    if shown != answer.passed:
        return [f"passed: engine only {shown - answer.passed}, reference only {answer.passed - shown}"]
    return [*_counted(pool, columns, need, found, answer), *_scored(found, answer), *_ordered(pool, found, answer)]


def _counted(pool: generate.Pool, columns: Columns, need: Need, found: Found, answer: Answer) -> Iterator[str]:
    yield from _unlike("hidden", found.hidden, dict(answer.hidden))
    yield from _unlike("relax", list(found.relax.items()), [(change, adds) for change, _, adds in answer.relax])
    rows = hidden_rows(need, columns, ruleset.WEIGHTS)
    behind = {reason: {columns.names[row] for row in of_reason} for reason, of_reason in rows.items()}
    stated = {reason: {one.id for one in answer.verdicts.values() if reason in one.reasons} for reason in answer.hidden}
    yield from _unlike("hidden rows", behind, stated)
    yield from _unlike("facets", {name: counts for name, counts in facets([found]).items() if counts},
                       reference.facets(pool.listings, need, answer, scores_of(found)))


def _scored(found: Found, answer: Answer) -> Iterator[str]:
    for index, (name, score) in enumerate(scores_of(found).items()):
        one = answer.verdicts[name]
        half = abs(one.raw * 10 % 1 - 0.5) < 1e-4
        if abs(score - one.score) > (TENTH if half else NOISE):
            yield f"score of {name}: engine {score}, reference {one.score} ({one.raw})"
        for criterion, utility in make.utilities(found, index).items():
            if abs(utility - one.utilities[criterion]) > NOISE:
                yield f"{criterion} of {name}: engine {utility}, reference {one.utilities[criterion]}"
        way = chosen.way(found, index)
        yield from _unlike(f"way of {name}", way and (way.kind, way.hybrid, way.slots),
                           one.way and (one.way.kind, one.way.hybrid, one.way.slots))


def _ordered(pool: generate.Pool, found: Found, answer: Answer) -> Iterator[str]:
    expected = reference.order(pool.listings, found.need, answer, scores_of(found))
    yield from _unlike("order", make.ids(found), expected)
    ranked = ranking.order(found.need, [found])
    pages = [found.columns.names[found.rows[index]]
             for start in range(0, len(expected), 7) for _, index in ranked.page(start, 7)]
    yield from _unlike("pages", pages, expected)


def scores_of(found: Found) -> dict[str, float]:
    """Rounded score by listing id, in the order of the rows."""
    return {found.columns.names[row]: float(score) for row, score in zip(found.rows, found.score, strict=True)}


def _unlike(what: str, engine: object, reference: object) -> Iterator[str]:
    if engine != reference:
        yield f"{what}: engine {engine}, reference {reference}"
