import hashlib
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from finder.matching import ranking, ruleset
from finder.matching.builder import build
from finder.matching.engine import search
from tests import make
from tests.make import HERE, make_listing, make_need, make_session, run, run_need
from tests.matching import generate
from tests.matching.comparing import scores_of

EVERYTHING = {"focus": ["depression"], "severity": {"min": 0, "max": 4}, "cost": {"free": True},
              "verified": {"on": "2026-11-24", "method": "phone"},
              "capacity": {"status": "open", "as_of": "2026-11-24"}}
ASKED = {"needs": ["depression"], "stated_level": 2}


# Ties inside one whole point.


def well_stated(*listings):
    return [make_listing(**{**EVERYTHING, **listing}) for listing in listings]


def ranked(*listings, intake=ASKED, place=None, now=make.NOW):
    return make.ids(run(well_stated(*listings), intake, place=place, now=now))


def near(miles):
    return [make_session(location={"latitude": 39.95 + miles / 69, "longitude": -75.16})]


def checked(on):
    return {"verified": {"on": on, "method": "web"}}


def weeks(number):
    return {"capacity": {"status": "waitlist", "wait_weeks": number, "as_of": "2026-11-24"}}


@pytest.mark.parametrize(("first", "second"), [
    pytest.param(checked("2026-08-20"), checked("2026-08-10"), id="checked later"),
    pytest.param(weeks(0.1), weeks(0.2), id="sooner"),
    pytest.param({"cost": {"free": False, "amount": 9}}, {"cost": {"free": False, "amount": 10}}, id="cheaper"),
    pytest.param({"cost": {"free": False, "amount": 9}}, {"cost": None}, id="price not known"),
    pytest.param({"sessions": near(0.5)}, {"sessions": near(0.52)}, id="nearer"),
])
def test_tie_goes_to(first, second):
    for one, other in ("ab", "ba"):
        found = run(well_stated({**first, "id": one}, {**second, "id": other}), ASKED, place=HERE)
        assert len({int(score) for score in scores_of(found).values()}) == 1
        assert make.ids(found) == [one, other]


def test_a_known_distance_comes_before_an_unknown_one():
    # By car reach is .6 at 7.4 miles, as it is at an unknown distance.
    for one, other in ("ab", "ba"):
        listings = well_stated({"id": other, "sessions": [make_session()]}, {"id": one, "sessions": near(7.4)})
        found = run(listings, ASKED, place=HERE)
        assert len({int(score) for score in scores_of(found).values()}) == 1
        assert make.ids(found) == [one, other]


def test_Y7_last_tie_is_broken_by_the_day_and_never_by_name():
    listings = [{"id": f"group-{letter}", "name": letter} for letter in "abcdefgh"]
    today = ranked(*listings)
    assert today != sorted(today)
    assert today != ranked(*listings, now=make.NOW + timedelta(days=1))
    assert today == ranked(*reversed(listings))


def test_Y7_last_tie_is_broken_by_the_hash_of_day_and_id():
    digests = {one: hashlib.sha256(f"2026-11-24\n{one}".encode()).hexdigest() for one in "abc"}
    assert ranked(*({"id": one} for one in "abc")) == sorted("abc", key=digests.__getitem__)


def test_a_higher_whole_point_goes_before_every_tie_break():
    worse_but_fresh = {"id": "fresh", "severity": {"min": 3, "max": 4}}
    better_but_old = {"id": "old", "verified": {"on": "2026-03-01", "method": "web"}}
    assert ranked(worse_but_fresh, better_but_old) == ["old", "fresh"]


# The safety order.

CARE = {"group_type": "structured_therapy", "severity": {"min": 3, "max": 4}}
STEADY = {"group_type": "mutual_aid", "severity": {"min": 0, "max": 4}}
LIGHT = {"group_type": "peer_support", "severity": {"min": 0, "max": 2}}
HEAVY = {"needs": ["depression"], "stated_level": 4}
NOT_FREE = {"cost": {"free": False, "amount": 50}, "verified": None, "capacity": None}


DISLIKED = {"modalities": ["CBT"]}


def named(name, *parts):
    return {"id": name, **{key: value for part in parts for key, value in part.items()}}


def best_scored(found):
    scores = scores_of(found)
    return max(scores, key=scores.__getitem__)


def test_level_four_puts_programs_that_are_not_too_light_first():
    light = [named(f"light-{number}", LIGHT) for number in range(5)]
    steady = [named(f"steady-{number}", STEADY, DISLIKED) for number in range(2)]
    found = run(well_stated(*light, *steady), {**HEAVY, "avoid": ["CBT"]})
    assert best_scored(found)[:5] == "light"
    assert [name[:5] for name in make.ids(found)] == ["stead"] * 2 + ["light"] * 5


def test_programs_for_something_else_are_not_put_before_too_light_ones():
    listings = (named("light", LIGHT), named("other", STEADY, {"focus": ["gambling"]}))
    assert ranked(*listings, intake=HEAVY) == ["light", "other"]


def test_level_four_moves_nothing_while_the_first_five_are_not_too_light():
    steady = [named(f"steady-{number}", STEADY) for number in range(5)]
    listings = (*steady, named("light", LIGHT), named("disliked", STEADY, DISLIKED))
    order = ranked(*listings, intake={**HEAVY, "avoid": ["CBT"]})
    assert order[5:] == ["light", "disliked"]


def test_level_four_moves_no_more_than_five():
    steady = [named(f"steady-{number}", STEADY, DISLIKED) for number in range(6)]
    order = ranked(named("light", LIGHT), *steady, intake={**HEAVY, "avoid": ["CBT"]})
    assert order.index("light") == 5


def test_level_four_puts_care_before_company():
    listings = [named("company", STEADY), *(named(f"care-{number}", CARE, NOT_FREE) for number in range(3))]
    order = ranked(*listings, intake=HEAVY)
    assert order[2] == "company"
    assert {order[0][:5], order[1][:5], order[3][:5]} == {"care-"}


@pytest.mark.parametrize("urgent", ["withdrawal", "overdose", "medical", "mania", "psychosis"])
def test_what_is_urgent_puts_care_before_company(urgent):
    listings = (named("company", STEADY), named("care", CARE, NOT_FREE))
    assert ranked(*listings, intake={**ASKED, "stated_level": 3, "urgent": [urgent]}) == ["care", "company"]


@pytest.mark.parametrize(("company", "care", "intake"), [
    pytest.param({}, {}, {"needs": ["depression"], "stated_level": 3}, id="level three"),
    pytest.param({}, {}, {"needs": ["depression"], "stated_level": 3, "urgent": ["violence"]}, id="violence"),
    pytest.param({"focus": ["child_loss"]}, {"focus": ["child_loss"]}, {"needs": ["child_loss"], "stated_level": 4},
                 id="a loss"),
    pytest.param({"focus": ["grief"]}, {"focus": ["grief"]}, {"needs": ["grief"], "stated_level": 4}, id="grief"),
    pytest.param({"focus": ["family_of_mi"]}, {"focus": ["family_of_mi"]},
                 {"needs": ["family_of_mi"], "stated_level": 4}, id="a need of relatives"),
    pytest.param({}, {"severity": {"min": 1, "max": 3}}, HEAVY, id="care that does not contain the level"),
    pytest.param({}, {"focus": ["general_mh"]}, HEAVY, id="care whose need is under three quarters"),
    pytest.param({"group_type": "process"}, {"group_type": "iop"}, HEAVY, id="first is care already"),
])
def test_company_stays_first_for(company, care, intake):
    listings = (named("company", STEADY, company), named("care", CARE, NOT_FREE, care))
    assert ranked(*listings, intake=intake) == ["company", "care"]


def test_a_too_light_first_place_goes_to_the_best_related_program_that_contains_the_level():
    listings = well_stated(
        named("light", {"severity": {"min": 0, "max": 1}}),
        named("too-heavy", DISLIKED, {"severity": {"min": 4, "max": 4}}),
        named("unrelated", DISLIKED, {"severity": {"min": 3, "max": 3}, "focus": ["gambling"]}),
        named("right", DISLIKED, {"severity": {"min": 3, "max": 3}, "focus": ["bipolar"]}),
    )
    found = run(listings, {"needs": ["depression"], "stated_level": 3, "avoid": ["CBT"]})
    assert best_scored(found) == "light"
    assert make.ids(found)[:2] == ["right", "light"]


def test_nothing_moves_while_the_level_is_not_known():
    listings = (named("company", LIGHT), named("care", CARE, NOT_FREE))
    need = make_need({"needs": ["depression"], "urgent": []})
    assert need.level is None
    assert make.ids(run_need(well_stated(*listings), need)) == ["company", "care"]


def test_safety_moves_change_no_score():
    found = run(well_stated(named("company", STEADY), named("care", CARE, NOT_FREE)), HEAVY)
    scores = scores_of(found)
    assert make.ids(found) == ["care", "company"]
    assert scores["care"] < scores["company"]


@pytest.mark.parametrize("seed", range(12))
def test_an_order_by_key_keeps_equal_ones_as_they_stood_on_every_page(seed):
    chance = np.random.default_rng(seed)
    founds = []
    for number in (seed, seed + 100):
        pool = generate.pool(number, 60)
        need = replace(generate.need(number, pool), level=None, place=None)
        founds.append(search(need, build(pool.listings, pool.today), ruleset.WEIGHTS))
    keys = [chance.choice([0.0, 1.0, 2.5, np.inf], len(found.rows)) for found in founds]
    total = sum(len(one) for one in keys)
    plain = ranking.order(founds[0].need, founds).page(0, total)
    expected = sorted(plain, key=lambda spot: keys[spot[0]][spot[1]])
    assert total > 10
    assert ranking.by_key(founds, keys, 0, total) == expected
    pages = [ranking.by_key(founds, keys, start, 7) for start in range(0, total + 14, 7)]
    assert [spot for page in pages for spot in page] == expected
