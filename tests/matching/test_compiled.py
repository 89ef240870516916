import subprocess
import sys
import time

import numpy as np
import pytest

from finder.matching import ruleset
from finder.matching.builder import build
from finder.matching.compiled import Loops, halves
from finder.matching.engine import search
from finder.matching.facets import Choice, Choices, facets
from finder.places.distance import unit_vectors
from tests import make
from tests.matching import generate

FIELDS = ("rows", "score", "tenths", "per_point", "remote", "shut", "key_counts", "list_counts", "scattered_miles")
CHOICES = (
    Choices({"formats": Choice(any=frozenset(("in_person", "phone")))}),
    Choices({"cost": Choice(any=frozenset(("free",))), "times": Choice(none=frozenset(("evening",)))}),
    Choices({"languages": Choice(any=frozenset(("en", "unknown"))), "focus": Choice(every=frozenset(("depression",)))}),
)


def both(seed, loops, choices=None, absent=None):
    """The same search with NumPy and by the loops."""
    pool = generate.pool(seed, 80)
    need = generate.need(seed, pool)
    weights = ruleset.emphasized(ruleset.Ruleset(), need.emphasis)
    for way in (None, loops):
        columns = build(pool.listings, pool.today, loops=way)
        stays = None if seed % 2 else np.arange(columns.size) % 5 != 0
        dead = make.numbers(range(0, columns.size, absent)) if absent else None
        filters = (choices or Choices()).filters(need, stays if choices else None)
        yield search(need, columns, weights, filters=filters, dead=dead)


def assert_alike(first, second):
    for name in FIELDS:
        assert np.array_equal(getattr(first, name), getattr(second, name), equal_nan=name == "scattered_miles"), name
    assert (first.hidden, first.relax, facets([first])) == (second.hidden, second.relax, facets([second]))


@pytest.mark.parametrize("absent", [None, 3])
@pytest.mark.parametrize("choices", [None, *CHOICES], ids=["none", "formats", "cost and times", "languages and focus"])
@pytest.mark.parametrize("seed", range(25))
def test_loops_give_what_numpy_gives_whatever_is_filtered_or_replaced(loops, seed, choices, absent):
    assert_alike(*both(seed, loops, choices, absent))


@pytest.mark.parametrize("choices", [None, CHOICES[1]], ids=["none", "cost and times"])
@pytest.mark.parametrize("seed", range(30))
def test_two_threads_find_what_one_finds(halving, seed, choices):
    assert_alike(*both(seed, halving, choices, absent=4))


@pytest.mark.parametrize(("stretches", "expected"), [
    ([(0, 10)], (5, [(0, 5)], [(5, 10)])),
    ([(2, 4), (10, 12), (20, 26)], (21, [(2, 4), (10, 12), (20, 21)], [(21, 26)])),
    ([(0, 2), (5, 7)], (5, [(0, 2)], [(5, 7)])),
])
def test_stretches_are_cut_in_the_middle(stretches, expected):
    middle, first, second = halves([slice(*one) for one in stretches])
    assert (middle, *([(one.start, one.stop) for one in half] for half in (first, second))) == expected


def test_searches_go_the_other_way_until_loops_are_there():
    listings = [make.make_listing()]
    waiting = build(listings, make.NOW.date(), loops=Loops())
    assert len(search(make.make_need(), waiting, ruleset.WEIGHTS).rows) == 1


def test_loops_that_are_loaded_aside_come_without_waiting():
    found = Loops()
    found.load_aside()
    until = time.monotonic() + 120
    while found.module is None and time.monotonic() < until:
        time.sleep(0.05)
    assert found.module is not None


def test_without_numba_there_are_no_loops_and_nothing_breaks():
    program = ("import sys; sys.modules['numba'] = None; "
               "from finder.matching.compiled import Loops; print(Loops().load())")
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


def test_a_row_is_beyond_a_distance_exactly_when_its_miles_are_more(loops):
    chance = np.random.default_rng(3)
    xyz = unit_vectors(chance.uniform(24, 49, 400), chance.uniform(-124, -67, 400))
    origin = xyz[0].astype(np.float64)
    rows = loops.module
    for row in range(len(xyz)):
        miles = rows._miles(xyz, row, origin)
        for limit in (miles, np.nextafter(miles, 0), np.nextafter(miles, 5000), 0.99 * miles, 1.01 * miles, np.inf):
            beyond = rows._beyond(xyz, row, origin, limit, rows._edge(limit))
            assert beyond == (miles > limit), (row, miles, limit)


def test_where_nothing_compiled_can_be_kept_searches_go_the_other_way():
    """As for somebody who may only read the code and has no folder of their own."""
    program = ("from numba.core import caching; caching.CacheImpl._locator_classes = []; "
               "from finder.matching.compiled import Loops; print(Loops().load())")
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
