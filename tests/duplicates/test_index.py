import random
from itertools import combinations

import pytest

from finder.cli import sample_groups, sample_repeats
from finder.duplicates.card import card_of
from finder.duplicates.index import MOST_IN_BLOCK, Index, find
from finder.duplicates.likeness import compare
from finder.duplicates.pairs import pairs
from tests.duplicates.groups import at, group, north, session


def cards(count=100, seed=5):
    chance = random.Random(seed)
    made = list(sample_groups.listings(count, seed))
    made += [sample_repeats.repeat(one, chance, f"repeat-{number}") for number, one in enumerate(made[:40])]
    return [card_of(one) for one in made]


def test_a_catalog_is_told_apart_as_one_by_one():
    held = cards()
    index = Index.of(held)
    slow = {(one.id, other.id): compare(one, other, index) for one, other in combinations(held, 2)}
    expected = {pair: found for pair, found in slow.items() if found.verdict != "no"}
    assert {(found.one, found.other): found for found in pairs(index)} == expected
    assert expected


def test_a_listing_finds_what_the_whole_catalog_finds_for_it():
    held = cards(120)
    index = Index.of(held)
    whole = {frozenset((found.one, found.other)) for found in pairs(index)}
    single = {frozenset((card.id, found.other)) for card in held for found in find(card, index)}
    assert single == whole


def test_an_import_asks_only_for_pairs_with_its_own_listings():
    index = Index.of(cards())
    new = {card.id for card in index.cards if card.id.startswith("repeat-1")}
    whole = [found for found in pairs(index) if found.one in new or found.other in new]
    assert list(pairs(index, new)) == whole
    assert whole


def test_the_order_of_the_catalog_changes_no_verdict():
    held = cards()
    forth = {(frozenset((one.one, one.other)), one.verdict, one.score) for one in pairs(held)}
    back = {(frozenset((one.one, one.other)), one.verdict, one.score) for one in pairs(reversed(held))}
    assert forth == back


def test_what_is_found_comes_best_first_and_without_the_listing_itself():
    index = Index.of(map(card_of, (group(), group("same"), group("day", sessions=[session("FR")]),
                                   group("later", sessions=[session(at="18:45")]))))
    found = find(group(), index)
    assert [(one.other, one.verdict) for one in found] == [("same", "same"), ("later", "likely"), ("day", "other_time")]


def test_a_name_and_a_town_are_enough_while_typing():
    index = Index.of([card_of(group())])
    here, elsewhere = ({"name": "lantern table", "sessions": [{"format": "in_person", "location": {
        "city": city, "state": "OR"}}]} for city in ("Salem", "Bend"))
    assert [(one.other, one.verdict) for one in find(here, index)] == [("one", "likely")]
    assert find(elsewhere, index) == []


@pytest.mark.parametrize("meters", [140, -140])
def test_neighbors_meet_across_the_edges_of_the_grid(meters):
    for step in range(0, 2200, 100):
        here = {**north(step), "address_1": None, "city": "Salem"}
        there = {**north(step + meters), "address_1": None, "city": "Keizer", "postal_code": None}
        index = Index.of([card_of(group(sessions=[session(place=here)]))])
        assert index.candidates(card_of(group("other", sessions=[session(place=there)])))


def test_a_number_that_hundreds_share_brings_few_to_compare():
    hotline = {"phone": "+18005550100"}
    held = []
    for number in range(500):
        place = at(address_1=f"{number + 1} Oak Street", latitude=40 + number / 100, city=f"Town {number}")
        name = f"{chr(97 + number % 26) * 3} circle {chr(97 + number // 26) * 4}"
        held.append(card_of(group(f"g{number}", name=name, contact=hotline, sessions=[session(place=place)])))
    index = Index.of(held)
    assert ("phone", "8005550100") in index
    assert max(len(index.candidates(card)) for card in held) < 2 * MOST_IN_BLOCK
    repeat = card_of(group("again", name="ccc circle aaaa", contact=hotline, sessions=[session(place=at(
        address_1=None, latitude=None, longitude=None, city="Town 2"))]))
    assert "g2" in [one.id for one in index.candidates(repeat)]


def test_a_removed_listing_is_found_no_more():
    index = Index.of([card_of(group())])
    index.remove("one")
    index.remove("never there")
    assert len(index) == 0
    assert find(group("other"), index) == []
    assert list(pairs(index)) == []


def test_a_changed_listing_takes_its_own_place():
    index = Index.of([card_of(group())])
    index.add(card_of(group(name="Quiet Harbor")))
    assert len(index) == 1
    assert find(group("other"), index) == []
    assert [one.other for one in find(group("other", name="Quiet Harbor"), index)] == ["one"]


def test_nothing_repeats_in_an_empty_catalog():
    assert list(pairs([])) == []
    assert find(group(), Index()) == []
