import pytest

from finder.catalog.listing_schema import load
from finder.matching.builder import build
from finder.vocabulary import vocabulary
from tests import make
from tests.matching import generate
from tests.matching.comparing import columns_of, differences
from tests.matching.reference_rules import REASONS
from tests.matching.reference_scores import WEIGHTS, need_utility
from tests.matching.reference_scores import gates as gates_of

FOCUS = vocabulary().lists["focus_areas"].codes


@pytest.fixture(params=["numpy", "loops", "halving"])
def way(request):
    """All ways that the row passes are made: with NumPy, by compiled loops, and by these in two threads."""
    return None if request.param == "numpy" else request.getfixturevalue(request.param)


def disagreements(pool_seed, way, searches, size=30):
    pool = generate.pool(pool_seed, size)
    columns = columns_of(pool, way)
    found = {}
    for number in range(searches):
        need = generate.need(pool_seed * 1000 + number, pool)
        if unlike := differences(pool, columns, need):
            found[number] = unlike
    return found


@pytest.mark.parametrize("pool_seed", range(40))
def test_engine_and_reference_agree_on_everything(pool_seed, way):
    assert disagreements(pool_seed, way, searches=25) == {}


@pytest.mark.parametrize("pool_seed", range(100, 110))
def test_engine_and_reference_agree_on_hardly_any_listings(pool_seed, way):
    assert disagreements(pool_seed, way, searches=20, size=pool_seed % 4) == {}


@pytest.mark.parametrize("pool_seed", [200, 201])
def test_engine_and_reference_agree_on_many_listings_at_once(pool_seed, way):
    assert disagreements(pool_seed, way, searches=8, size=600) == {}


@pytest.mark.soak
@pytest.mark.parametrize("pool_seed", range(1000, 1400))
def test_engine_and_reference_agree_on_everything_for_long(pool_seed, way):
    assert disagreements(pool_seed, way, searches=100, size=40) == {}


@pytest.mark.soak
@pytest.mark.parametrize("pool_seed", range(2000, 2010))
def test_engine_and_reference_agree_on_thousands_of_listings(pool_seed, way):
    assert disagreements(pool_seed, way, searches=20, size=3000) == {}


@pytest.mark.parametrize("wanted", FOCUS)
def test_every_pair_of_need_and_focus_matches_as_the_contract_says(wanted):
    listings = [make.make_listing(id=f"main-{code}", focus=[code]) for code in FOCUS]
    listings += [make.make_listing(id=f"also-{code}", focus=["dementia" if code != "dementia" else "adhd", code])
                 for code in FOCUS]
    found = make.run(listings, {"needs": [wanted]})
    by_id = {listing["id"]: listing for listing in listings}
    expected = {one: need_utility(by_id[one], found.need) for one in by_id}
    engine = {found.columns.names[row]: make.utilities(found, index)["need"] for index, row in enumerate(found.rows)}
    assert engine == pytest.approx(expected)


def test_generated_searches_meet_every_rule():
    hidden, offers, gates, seen = set(), set(), set(), set()
    for seed in range(40):
        pool = generate.pool(seed)
        columns = columns_of(pool)
        for number in range(10):
            need = generate.need(seed * 1000 + number, pool)
            found = make.run_need(pool.listings, need, columns)
            hidden |= set(found.hidden)
            offers |= set(found.relax)
            for index, row in enumerate(found.rows):
                worth = make.utilities(found, index)
                seen |= {(name, round(utility, 2)) for name, utility in worth.items()}
                listing = pool.by_id()[columns.names[row]]
                product = gates_of(listing, need, {**dict.fromkeys(WEIGHTS, 1.0), **worth}, None)
                gates |= {(place, gate) for place, gate in enumerate(product)}
    assert hidden == set(REASONS)
    assert offers == {"formats_any", "radius_wider", "times_any", "cost_any", "access_any"}
    assert {gate for _, gate in gates} == {0.3, 0.35, 0.5, 0.6, 0.7, 0.8, 0.92, 1.0, 1.05}
    assert {utility for name, utility in seen if name == "identity"} == {0, 0.1, 0.2, 0.5, 0.8, 1}
    assert {utility for name, utility in seen if name == "cost"} == {0.2, 0.5, 0.6, 0.7, 0.8, 1}


def test_generated_listings_are_valid_as_they_are():
    pool = generate.pool(1, 100)
    assert [load(listing) for listing in pool.listings] == pool.listings
    assert build(pool.listings, pool.today).size == 100
