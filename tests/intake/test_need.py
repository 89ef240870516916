import pytest

from finder.intake.need import need_from_answers, needs_of
from finder.matching.types import Need
from finder.search.intake_schema import load
from tests.make import HERE, NOW, make_intake


def need(**said):
    intake = load(make_intake(**said))
    return need_from_answers(intake, needs=needs_of(intake), place=None, level=None, now=NOW)


def test_an_empty_intake_is_the_need_that_states_nothing():
    assert need() == Need(now=NOW)


def test_null_and_absent_mean_the_same():
    nothing = make_intake(attending_as=None, age=None, gender=None, safety=None, goal=None, recently_using=None,
                          takes_recovery_medication=None, radius_miles=None, travel=None, cost=None, led_by=None,
                          needs_text=None, phq4=None, near=None)
    assert need_from_answers(nothing, needs=(), place=None, level=None, now=NOW) == Need(now=NOW)


def test_every_answer_arrives_in_the_need():
    found = need_from_answers(
        make_intake(attending_as="relative", age=0, gender="nonbinary", needs=["ocd"], safety="past", urgent=["mania"],
                    goal="unsure", recently_using=False, takes_recovery_medication=True, radius_miles=12.5,
                    travel="walk", formats=["phone"], times=["early", "any"], languages=["es"],
                    identities=["veterans"], not_identities=["students"], identity_preference="require",
                    women_only=True, cost={"kind": "up_to", "amount": 0}, insurance=["none"], access=["asl"],
                    led_by="peer", avoid=["php"], one_to_one_preferred=True, start_soon=True, emphasis={"cost": 2}),
        needs=["ocd", "sleep"], place=HERE, level=3, now=NOW)
    assert found == Need(
        now=NOW, level=3, attending_as="relative", age=0, gender="nonbinary", needs=("ocd", "sleep"), safety="past",
        urgent=frozenset({"mania"}), goal="unsure", recently_using=False, takes_recovery_medication=True, place=HERE,
        radius_miles=12.5, travel="walk", formats=frozenset({"phone"}), times=frozenset({"early", "any"}),
        languages=frozenset({"es"}), identities=frozenset({"veterans"}), not_identities=frozenset({"students"}),
        identity_preference="require", women_only=True, cost_kind="up_to", cost_amount=0,
        insurance=frozenset({"none"}), access=frozenset({"asl"}), led_by="peer", avoid=frozenset({"php"}),
        one_to_one=True, start_soon=True, emphasis={"cost": 2})


@pytest.mark.parametrize(
    ("name", "wished", "required", "wishes", "musts"),
    [
        ("formats", ["phone"], False, {"phone"}, set()),
        ("formats", ["phone", "hybrid"], True, {"phone", "hybrid"}, {"phone", "hybrid"}),
        ("formats", ["phone", "hybrid"], ["phone"], {"phone", "hybrid"}, {"phone"}),
        ("formats", [], ["phone"], {"phone"}, {"phone"}),
        ("formats", [], True, set(), set()),
        ("times", ["evening", "any"], True, {"evening", "any"}, {"evening"}),
        ("times", ["any"], True, {"any"}, set()),
        ("times", ["weekend"], ["evening"], {"weekend", "evening"}, {"evening"}),
        ("access", ["asl", "step_free"], True, {"asl", "step_free"}, {"asl", "step_free"}),
        ("access", ["asl"], ["step_free"], {"asl", "step_free"}, {"step_free"}),
        ("access", ["asl"], False, {"asl"}, set()),
    ],
    ids=["no must", "all are musts", "one of two is a must", "a must that was no wish", "musts of nothing",
         "any is never a must", "any alone requires nothing", "a must beside a wish", "all features",
         "one more feature", "no feature is a must"],
)
def test_musts_are_all_wishes_or_the_listed_ones_and_a_must_is_a_wish_too(name, wished, required, wishes, musts):
    found = need(**{name: wished, f"{name}_required": required})
    assert getattr(found, name) == wishes
    assert getattr(found, f"{name}_required") == musts


@pytest.mark.parametrize(
    ("chosen", "understood", "expected"),
    [
        (None, (), ()),
        (["ocd"], (), ("ocd",)),
        ([], ("sleep", "anger"), ("sleep", "anger")),
        (["ocd", "panic"], ("sleep", "anger"), ("ocd", "panic", "sleep")),
        (["ocd", "panic", "grief"], ("sleep",), ("ocd", "panic", "grief")),
        (["ocd"], ("ocd", "sleep", "sleep", "anger"), ("ocd", "sleep", "anger")),
    ],
    ids=str,
)
def test_understood_needs_follow_the_chosen_ones_up_to_three_in_all(chosen, understood, expected):
    assert needs_of({"needs": chosen}, understood) == expected


def test_days_are_counted_by_the_utc_date():
    assert need().today == NOW.date()
