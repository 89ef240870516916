import math
from dataclasses import replace
from random import Random

import numpy as np
import orjson
import pytest

from finder.matching import explanation, ruleset, ways
from finder.matching.builder import build
from finder.matching.chosen import chosen_ways, farthest, offers_of, way
from finder.matching.doubts import doubts, questions_of
from finder.matching.engine import search
from finder.matching.explanation import explain, pieces_of, read_of
from finder.matching.facts import Facts
from tests import make
from tests.matching import generate
from tests.matching.comparing import columns_of

GROUPS = ("veterans", "lgbtq")


def facts_of(columns, listings, rows):
    by_id = {listing["id"]: listing for listing in listings}
    return [Facts(read_of(by_id[columns.names[row]]), pieces_of(by_id[columns.names[row]]), offers_of(columns, row),
                  questions_of(by_id[columns.names[row]])) for row in rows]


def said(columns, listings, need):
    weights = ruleset.emphasized(ruleset.Ruleset(), need.emphasis)
    found = search(need, columns, weights)
    facts = facts_of(columns, listings, found.rows.tolist())
    told = explain(found, range(len(facts)), facts, weights)
    return {columns.names[row]: ([reason.line for reason in one.reasons],
                                 [check.line for check in doubts(need, fact, one, columns.today)])
            for row, fact, one in zip(found.rows.tolist(), facts, told, strict=True)}


def line(lines, criterion):
    return next(one for one in lines[0] if one["criterion"] == criterion)


@pytest.mark.parametrize("seed", range(6))
def test_reasons_are_the_same_whatever_was_searched_before(seed):
    pool = generate.pool(seed, 40)
    used = columns_of(pool)
    for number in range(30):
        need = generate.need(seed * 1000 + number, pool)
        fresh = build(pool.listings, pool.today)
        assert orjson.dumps(said(used, pool.listings, need)) == orjson.dumps(said(fresh, pool.listings, need))


@pytest.mark.parametrize("seed", range(6))
def test_ways_of_a_page_are_those_of_its_rows_alone(seed):
    pool = generate.pool(seed, 40)
    columns = columns_of(pool)
    for number in range(20):
        found = search(generate.need(number, pool), columns, ruleset.WEIGHTS)
        indexes = list(range(len(found.rows)))
        page = chosen_ways(found, indexes, [offers_of(columns, int(row)) for row in found.rows])
        assert page == [way(found, index) for index in indexes]


@pytest.mark.parametrize("radius", [None, 0.4, 2, 5.0, 25, 33.3, 1000])
def test_reach_and_too_far_of_a_shown_row_are_those_of_the_score(radius):
    need = replace(make.make_need({"travel": "transit"}), radius_miles=radius)
    chance = Random(5)
    edge = (radius or 1) * ruleset.RADIUS_SLACK
    miles = np.array([0.0, math.nan, edge, math.nextafter(edge, 0), math.nextafter(edge, 2000),
                      *(10 ** chance.uniform(-3, 3.3) for _ in range(2000))])
    assert [one > farthest(need) for one in miles.tolist()] == ways.too_far(need, miles).tolist()
    alone = [float(ways.in_person_reach(need, np.array([one]))[0]) for one in miles.tolist()]
    assert np.array_equal(ways.in_person_reach(need, miles), alone, equal_nan=True)


def test_equal_reasons_are_made_once():
    listings = [make.make_listing(id="one"), make.make_listing(id="two")]
    columns = build(listings, make.NOW.date())
    found = said(columns, listings, make.make_need({"needs": ["depression"]}))
    assert line(found["one"], "cost") is line(found["two"], "cost")


def test_whole_and_decimal_numbers_are_said_as_they_are_stated():
    whole, decimal = make.make_listing(id="whole"), make.make_listing(id="decimal")
    whole["cost"], decimal["cost"] = {"free": False, "amount": 10}, {"free": False, "amount": 10.0}
    columns = build([whole, decimal], make.NOW.date())
    found = said(columns, [whole, decimal], make.make_need())
    amounts = {name: orjson.dumps(line(lines, "cost")["values"]["amount"]) for name, lines in found.items()}
    assert amounts == {"whole": b"10", "decimal": b"10.0"}


def test_answers_about_groups_of_people_drugs_and_medication_are_forgotten():
    pool = generate.pool(2, 40)
    columns = build(pool.listings, pool.today)
    need = replace(generate.need(1, pool), identities=frozenset(GROUPS), gender="woman",
                   goal="moderation", takes_recovery_medication=True, recently_using=True)
    assert said(columns, pool.listings, need)
    kept = {one.line["criterion"] for one in columns.reasons.values()}
    assert kept.isdisjoint({"identity", "preference"})
    assert "need" in kept
    assert not any(code in repr(key) for key, _ in columns.reasons for code in GROUPS)


def test_distances_from_where_a_person_is_are_forgotten():
    pool = generate.pool(2, 40)
    columns = build(pool.listings, pool.today)
    for number in range(10):
        said(columns, pool.listings, generate.need(number, pool))
    assert columns.reasons
    assert not any("miles" in one.line["values"] for one in columns.reasons.values())


def test_reasons_kept_are_bounded():
    listing = make.make_listing()
    columns = build([listing], make.NOW.date())
    columns.reasons.update({number: None for number in range(explanation.MOST_KEPT)})
    said(columns, [listing], make.make_need())
    assert 0 < len(columns.reasons) < 10
