import json
import random

import pytest

from finder.cli import sample_groups, sample_real, sample_repeats
from finder.cli.bench_duplicates import at_most, tally
from finder.duplicates.card import card_of
from finder.duplicates.index import Index, find
from finder.duplicates.likeness import Likeness
from finder.duplicates.pairs import pairs
from finder.places import gazetteer
from tests.shared import shared


def made(count=150, seed=8):
    return list(sample_groups.listings(count, seed))


def test_a_benchmark_of_repeats_says_what_it_found_and_on_what(finder, tmp_path):
    finder.environ["FINDER_TEST_SHARED"] = str(tmp_path / "nothing")
    code, out, err = finder("bench", "duplicates", "--size", "1000", "--json")
    assert code == 0, err
    figures = json.loads(out)
    assert figures["size"] == 1000
    assert figures["recall"] >= 0.95
    assert figures["precision"] >= 0.95
    assert figures["generated"]["repeats"] == 100
    assert figures["wrong_rate_same"] == 0
    assert figures["wrong_rate_same_at_most"] > 0
    assert figures["pairs_s"] > 0
    assert 0 < figures["entry_p50_ms"] <= figures["entry_p95_ms"]
    assert "made-up ones only" in figures["real"]["note"]


@pytest.mark.parametrize("kind", sorted(sample_repeats.DIRT))
def test_one_kind_of_dirt_hides_no_repeat(kind):
    documents = made()
    index = Index.of(map(card_of, documents))
    chance = random.Random(kind)
    missed = []
    for one in documents:
        again = json.loads(json.dumps({**one, "id": "again"}))
        sample_repeats.DIRT[kind](again, chance)
        if one["id"] not in [found.other for found in find(again, index) if found.verdict in ("same", "likely")]:
            missed.append(one["name"])
    assert len(missed) <= 0.03 * len(documents), missed


@pytest.mark.parametrize("kind", sorted(sample_repeats.STRANGERS))
def test_no_kind_of_stranger_would_be_merged(kind):
    chance = random.Random(kind)
    needs, change = sample_repeats.STRANGERS[kind]
    fitting = [one for one in made(400) if one["sessions"] and needs(one)][:60]
    assert fitting
    shown = 0
    for one in fitting:
        other = json.loads(json.dumps({**one, "id": "other"}))
        other.get("contact", {}).pop("url", None)
        change(other, chance)
        found = find(other, Index.of([card_of(one)]))
        assert not [likeness for likeness in found if likeness.verdict == "same"]
        shown += any(likeness.verdict == "likely" for likeness in found)
    assert shown <= 0.1 * len(fitting)


def test_made_up_listings_are_the_same_each_time_and_no_two_are_one():
    assert made() == made()
    assert [found for found in pairs(map(card_of, made(600))) if found.verdict == "same"] == []


def test_pairs_are_counted_against_what_is_known():
    found = [Likeness("a", "b", 99, "same", ()), Likeness("c", "d", 60, "likely", ()),
             Likeness("e", "f", 98, "same", ()), Likeness("g", "h", 40, "other_time", ()),
             Likeness("i", "j", 70, "likely", ())]
    repeats = {frozenset("ab"), frozenset("xy")}
    count = tally(found, repeats, {frozenset("cd")})
    assert (count.repeats, count.found, count.wrong, count.same, count.wrong_same) == (2, 1, 2, 2, 1)
    assert count.figures()["recall"] == 0.5


def test_what_nobody_knows_of_counts_only_where_one_of_the_two_is_known():
    found = [Likeness("a", "b", 99, "same", ()), Likeness("c", "d", 99, "same", ())]
    assert tally(found, set(), settled={"c": "e"}).wrong == 1


@pytest.mark.parametrize(("wrong", "of", "bound"), [(0, 2995, 0.001), (0, 100, 0.0295), (1, 100, 0.0466), (0, 0, 1.0),
                                                    (5, 5, 1.0)])
def test_the_bound_of_a_rate_is_the_exact_one(wrong, of, bound):
    assert at_most(wrong, of) == pytest.approx(bound, rel=0.01)


@pytest.mark.turns(3)
def test_real_meetings_that_were_read_side_by_side_are_told_apart():
    found = next(sample_real.known(shared("data"), gazetteer.load(), quick=True))
    count = tally(pairs(found.cards), found.repeats, found.undecided)
    assert count.repeats >= 50
    assert count.found >= 0.88 * count.repeats
    assert count.wrong == 0
    assert count.wrong_same == 0
