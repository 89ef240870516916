from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from finder.matching import ranking, ruleset
from finder.matching.builder import build
from finder.matching.engine import search
from tests import make
from tests.make import make_listing, run_need
from tests.matching import generate
from tests.matching.comparing import scores_of

SEEDS = st.integers(0, 100_000)
SOME = settings(max_examples=30, deadline=None)


def by_id(found):
    return dict(sorted(scores_of(found).items()))


@given(SEEDS)
@SOME
def test_Y7_order_does_not_depend_on_the_order_of_input(seed):
    pool = generate.pool(seed)
    need = generate.need(seed, pool)
    shuffled = Random(seed).sample(pool.listings, len(pool.listings))
    first, second = run_need(pool.listings, need), run_need(shuffled, need)
    assert make.ids(first) == make.ids(second)
    assert (by_id(first), first.hidden, first.relax) == (by_id(second), second.hidden, second.relax)


@given(SEEDS)
@SOME
def test_order_holds_every_passing_program_once(seed):
    pool = generate.pool(seed)
    found = run_need(pool.listings, generate.need(seed, pool))
    ranked = make.ids(found)
    assert sorted(ranked) == sorted(scores_of(found))
    assert len(ranked) == len(set(ranked))


@given(SEEDS, st.sampled_from(["status", "age", "attendees"]))
@SOME
def test_adding_a_program_that_is_not_eligible_changes_nothing_else(seed, why):
    pool = generate.pool(seed)
    need = replace(generate.need(seed, pool), age=30, attending_as="person")
    shut = {"status": {"status": "closed"}, "age": {"age": {"max": 17}}, "attendees": {"attendees": "relatives"}}
    before, after = run_need(pool.listings, need), run_need([*pool.listings, make_listing(**shut[why])], need)
    assert make.ids(after) == make.ids(before)
    assert by_id(after) == by_id(before)
    assert after.relax == before.relax
    assert sum(after.hidden.values()) == sum(before.hidden.values()) + 1


@given(SEEDS)
@SOME
def test_two_sets_of_columns_are_ordered_like_one(seed):
    pool = generate.pool(seed)
    need = generate.need(seed, pool)
    weights = ruleset.emphasized(ruleset.Ruleset(), need.emphasis)
    parts = [build(pool.listings[place::2], pool.today) for place in range(2)]
    founds = [search(need, part, weights) for part in parts]
    ranked = ranking.order(need, founds)
    names = [parts[which].names[founds[which].rows[index]] for which, index in ranked.page(0, ranked.total)]
    assert names == make.ids(run_need(pool.listings, need))


@given(SEEDS)
@SOME
def test_rows_that_newer_ones_replace_are_as_if_absent(seed):
    pool = generate.pool(seed)
    need = generate.need(seed, pool)
    weights = ruleset.emphasized(ruleset.Ruleset(), need.emphasis)
    columns = build(pool.listings, pool.today)
    dead = [row for row in range(columns.size) if row % 3 == 0]
    kept = [listing for listing in pool.listings if listing["id"] not in {columns.names[row] for row in dead}]
    with_dead = search(need, columns, weights, dead=make.numbers(dead))
    without = run_need(kept, need)
    assert make.ids(with_dead) == make.ids(without)
    assert (with_dead.hidden, with_dead.relax) == (without.hidden, without.relax)


@given(SEEDS)
@SOME
def test_Y7_names_words_source_and_extras_never_enter_the_score(seed):
    pool = generate.pool(seed, 20)
    need = generate.need(seed, pool)
    dressed = [{**listing, "name": "AAA best depression group", "description": "depression depression",
                "organization": {"name": "A sponsor", "kind": "employer"}, "source": {"name": "A paying source"},
                "contact": {"phone": "555-0100"}, "x": {"sponsored": True, "score": 100}} for listing in pool.listings]
    first, second = run_need(pool.listings, need), run_need(dressed, need)
    assert make.ids(first) == make.ids(second)
    assert by_id(first) == by_id(second)


# Fields whose absence says something, by the contract: a stated language list without an interpreter means none,
# insurance not stated beside an amount means no cover, captions must be there for a signer on the phone, and a start
# decides from which day sessions count and whether a program is over.
SPEAKING = {("interpreter",), ("starts_on",), ("open_group",), ("cost", "insurance"), ("cost", "sliding_scale"),
            ("cost", "amount"), ("accessibility", "captions")}


def without(listing, path):
    if len(path) == 1:
        return {key: value for key, value in listing.items() if key != path[0]}
    inner = {key: value for key, value in listing[path[0]].items() if key != path[1]}
    return {**listing, path[0]: inner} if inner else without(listing, path[:1])


def removable(listing):
    for key, value in listing.items():
        if key in ("format", "id", "name", "group_type") or (key == "languages" and "asl" in value):
            continue
        yield (key,)
        if key in ("accessibility", "policies", "age"):
            yield from ((key, inner) for inner in value)


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_saying_less_never_hides_a_program(seed):
    pool = generate.pool(seed, 20)
    need = generate.need(seed, pool)
    if need.languages == {"asl"}:
        need = replace(need, languages=frozenset(("en", "asl")))
    passing = set(scores_of(run_need(pool.listings, need)))
    shorter = {}
    for listing in pool.listings:
        if listing["id"] in passing:
            for number, path in enumerate(path for path in removable(listing) if path not in SPEAKING):
                shorter[f"{listing['id']}-{number}"] = (path, without(listing, path))
    found = run_need([{**listing, "id": name} for name, (_, listing) in shorter.items()], need)
    assert {shorter[name][0] for name in set(shorter) - set(scores_of(found))} == set()


UNANSWERED = {"age": None, "attending_as": None, "gender": None, "place": None, "radius_miles": None, "goal": None,
              "recently_using": None, "takes_recovery_medication": None, "languages": frozenset(), "insurance":
              frozenset(), "not_identities": frozenset(), "safety": None, "cost_kind": None, "women_only": False,
              "formats_required": frozenset(), "times_required": frozenset(), "access_required": frozenset(),
              "urgent": frozenset()}


@given(SEEDS, st.sampled_from(sorted(UNANSWERED)))
@settings(max_examples=60, deadline=None)
def test_answering_less_never_hides_a_program(seed, answer):
    pool = generate.pool(seed)
    need = generate.need(seed, pool)
    # Cover makes a program free to the person, and without a zone sessions count by their own clock.
    quiet = replace(need, **{answer: UNANSWERED[answer]})
    if answer == "insurance":
        need, quiet = replace(need, cost_kind=None), replace(quiet, cost_kind=None)
    if answer == "place":
        need, quiet = (replace(one, times_required=frozenset()) for one in (need, quiet))
    assert set(scores_of(run_need(pool.listings, need))) <= set(scores_of(run_need(pool.listings, quiet)))


@given(SEEDS)
@SOME
def test_Y3_danger_takes_nothing_away_but_programs_that_turn_it_away(seed):
    pool = generate.pool(seed)
    calm = replace(generate.need(seed, pool), safety="none", level=1, urgent=frozenset())
    danger = replace(calm, safety="active", level=4, urgent=frozenset(("overdose", "medical", "psychosis")))
    turned_away = {listing["id"] for listing in pool.listings if listing.get("policies", {}).get("excludes")}
    before, after = (set(scores_of(run_need(pool.listings, need))) for need in (calm, danger))
    assert after == before - turned_away


@given(SEEDS, st.sampled_from([None, 0, 1, 2, 3, 4]))
@SOME
def test_how_heavy_things_feel_hides_nothing(seed, level):
    pool = generate.pool(seed)
    need = generate.need(seed, pool)
    first, second = run_need(pool.listings, need), run_need(pool.listings, replace(need, level=level))
    assert (set(scores_of(first)), first.hidden) == (set(scores_of(second)), second.hidden)
