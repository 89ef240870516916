"""The engine over thousands of listings at once, beside the reference on some of them: who passes, and with what score.

The reference judges one listing after the other, so what it says of a few holds whatever stands around them.
"""

import random
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from finder.cli import bench_country
from finder.matching import ruleset
from finder.matching.builder import Builder
from finder.matching.engine import search
from finder.places import gazetteer, lookup
from finder.search import synthetic
from tests.matching import generate, reference
from tests.matching.comparing import NOISE, TENTH, miles

JUDGED = 12  # listings of each search that the reference judges too


def picture(documents, loops):
    """Columns of a country of listings, with the generated ones that rules are tried on among them; and all of them."""
    pool, listings = generate.pool(3, 400), {}
    builder = Builder(pool.today, None, loops)
    for listing in chain(documents, pool.listings):
        builder.add(listing)
        listings[listing["id"]] = listing
    return builder.build(), listings, pool


def asked(number, pool):
    """A generated search; every other one somewhere in the country and not around the generated listings."""
    need = generate.need(number, pool)
    if number % 2 or need.place is None:
        return need
    known = gazetteer.load()
    spot = known.spots[number * 7919 % len(known.spots)]
    return replace(need, place=lookup.at_point(spot.latitude, spot.longitude, known))


def unlike(columns, listings, need, chance):
    """What the two say differently of some listings, half of them out of those that passed."""
    found = search(need, columns, ruleset.emphasized(ruleset.Ruleset(), need.emphasis))
    tenths = dict(zip(found.rows.tolist(), found.tenths.tolist(), strict=True))
    rows = [chance.randrange(columns.size) for _ in range(JUDGED)]
    rows += chance.sample(found.rows.tolist(), min(JUDGED, len(found.rows)))
    asked = {columns.names[row]: row for row in rows}
    answer = reference.search([listings[name] for name in asked], need, miles)
    for name, row in asked.items():
        one = answer.verdicts[name]
        if (name in answer.passed) != (row in tenths):
            yield name, "passed", row in tenths
        elif row in tenths:
            half = abs(one.raw * 10 % 1 - 0.5) < 1e-4
            if abs(tenths[row] / 10 - one.score) > (TENTH if half else NOISE):
                yield name, tenths[row] / 10, one.score


def agree(documents, searches, loops):
    columns, listings, pool = picture(documents, loops)
    chance, wrong = random.Random(searches), {}
    for number in range(searches):
        if differs := list(unlike(columns, listings, asked(number, pool), chance)):
            wrong[number] = differs
    return wrong


@pytest.mark.parametrize("way", ["numpy", "loops"])
def test_engine_and_reference_agree_on_some_of_thousands(request, way):
    assert agree(synthetic.documents(1_500), 40, None if way == "numpy" else request.getfixturevalue("loops")) == {}


@pytest.mark.soak
@pytest.mark.parametrize("size", [20_000, 250_000, 1_000_000])
def test_engine_and_reference_agree_in_ten_thousand_searches_of_a_country(halving, size):
    assert agree(bench_country.documents(size), 10_000, halving) == {}


@pytest.mark.soak
@pytest.mark.parametrize("size", [250_000])
def test_loops_and_numpy_give_the_same_of_a_country(halving, size):
    columns, _, pool = picture(bench_country.documents(size), halving)
    plain = replace(columns, loops=None, judged={}, marks={})
    for number in range(200):
        need = asked(number, pool)
        one, other = (search(need, of, ruleset.WEIGHTS) for of in (columns, plain))
        assert np.array_equal(one.tenths, other.tenths)
        assert (one.hidden, one.relax) == (other.hidden, other.relax)
