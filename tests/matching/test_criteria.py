import math

import pytest

from finder.places.distance import distance_miles
from tests.make import HERE, make_listing, make_session, run, utilities

TRENTON = {"latitude": 40.22, "longitude": -74.76}
MILES = distance_miles(HERE.latitude, HERE.longitude, 40.22, -74.76)
EVENING = {"repeats": "FREQ=WEEKLY;BYDAY=MO", "start_time": "18:00", "timezone": "America/New_York"}


def open_to(way, **what_matters):
    return {"sessions": [make_session(format=way, **what_matters)]}


def utility(criterion, listing, intake, place=None):
    found = run([make_listing(**listing)], intake, place=place)
    return utilities(found, 0)[criterion]


def score(listing, intake, place=None):
    return float(run([make_listing(**listing)], intake, place=place).score[0])


def focus(*codes):
    return {"focus": list(codes)}


@pytest.mark.parametrize(("listing", "needs", "expected"), [
    pytest.param(focus("anxiety"), ["anxiety"], 1.0, id="its main focus"),
    pytest.param(focus("panic", "anxiety"), ["anxiety"], 0.9 * 0.9 + 0.1, id="one of its other focuses"),
    pytest.param(focus("panic"), ["anxiety"], 0.9 * 0.45, id="a sibling"),
    pytest.param(focus("general_mh"), ["anxiety"], 0.9 * 0.7, id="any mental health concern"),
    pytest.param(focus("anxiety"), ["general_mh"], 0.9 * 0.45, id="one concern for one who looks for any"),
    pytest.param(focus("general_recovery"), ["opioids"], 0.9 * 0.7, id="any substance"),
    pytest.param(focus("general_recovery"), ["cooccurring"], 0.9 * 0.7, id="any substance for two at once"),
    pytest.param(focus("cooccurring"), ["alcohol"], 0.9 * 0.7, id="two at once for one substance"),
    pytest.param(focus("cooccurring"), ["general_recovery"], 0.9 * 0.45, id="two at once for any substance"),
    pytest.param(focus("opioids"), ["alcohol"], 0.9 * 0.45, id="another substance"),
    pytest.param(focus("hoarding"), ["alcohol"], 0.0, id="something else"),
    pytest.param(focus("overeating"), ["eating_disorder"], 0.0, id="compulsive eating is no eating disorder group"),
    pytest.param(focus("pet_loss"), ["child_loss"], 0.9 * 0.15, id="another loss"),
    pytest.param(focus("pet_loss"), ["grief"], 0.9 * 0.15, id="one kind of loss for grief"),
    pytest.param(focus("grief"), ["suicide_loss"], 0.9 * 0.45, id="grief for a kind of loss"),
    pytest.param(focus("pregnancy_loss"), ["infertility"], 0.9 * 0.45 * 0.6, id="a loss group and no loss named"),
    pytest.param(focus("grief", "anxiety"), ["anxiety"], 0.91 * 0.6, id="mainly grief and no loss named"),
    pytest.param(focus("anxiety", "grief"), ["anxiety"], 1.0, id="also grief and no loss named"),
    pytest.param(focus("sleep"), ["anxiety", "sleep"], 0.9 * 0.85 + 0.05, id="the second need"),
    pytest.param(focus("anxiety", "sleep"), ["anxiety", "sleep"], 1.0, id="both needs"),
    pytest.param(focus("sleep"), ["anxiety", "ocd", "sleep"], 0.9 * 0.85 + 0.1 / 3, id="the third need counts alike"),
    pytest.param(focus("general_mh"), [], 0.8, id="no need named and open to any concern"),
    pytest.param(focus("grief", "general_mh"), [], 0.8, id="no need named, grief and any concern"),
    pytest.param(focus("alcohol", "sleep"), [], 0.4, id="no need named and a substance"),
    pytest.param(focus("sleep", "alcohol"), [], 0.5, id="no need named and something else"),
    pytest.param({}, ["anxiety"], 0.4, id="no focus stated"),
    pytest.param({}, [], 0.4, id="neither need nor focus"),
])
def test_need(listing, needs, expected):
    assert utility("need", listing, {"needs": needs}) == pytest.approx(expected)


@pytest.mark.parametrize(("level", "stated", "expected"), [
    (2, (1, 3), 1.0), (1, (1, 3), 1.0), (3, (1, 3), 1.0), (2, (0, 1), 0.45), (3, (0, 1), 0.15), (4, (0, 1), 0.0),
    (4, (0, 0), 0.0), (1, (2, 3), 0.75), (1, (3, 4), 0.4), (0, (3, 4), 0.2), (0, (4, 4), 0.2), (None, (0, 0), 0.6),
])
def test_severity_against_what_the_program_states(level, stated, expected):
    listing = {"severity": {"min": stated[0], "max": stated[1]}}
    assert utility("severity", listing, {"stated_level": level}) == expected


@pytest.mark.parametrize(("group_type", "low", "high"), [
    ("peer_support", 0, 2), ("mutual_aid", 0, 4), ("clinician_support", 1, 3), ("psychoed", 0, 2), ("skills", 1, 3),
    ("structured_therapy", 1, 3), ("process", 1, 3), ("iop", 3, 4), ("php", 4, 4), ("family_peer", 0, 3),
    ("family_therapy", 1, 3), ("grief_group", 0, 3), ("recovery_center", 0, 3), ("warmline", 0, 3),
    ("online_community", 0, 1),
])
def test_severity_not_stated_follows_the_kind_of_group_half_way(group_type, low, high):
    found = [utility("severity", {"group_type": group_type}, {"stated_level": level}) for level in range(5)]
    above, below = {1: 0.45, 2: 0.15}, {1: 0.75, 2: 0.4}
    stated = [1.0 if low <= level <= high else above.get(level - high, 0.0) if level > high
              else below.get(low - level, 0.2) for level in range(5)]
    assert found == pytest.approx([(0.6 + one) / 2 for one in stated])


@pytest.mark.parametrize(("way", "formats", "expected"), [
    ("online_video", [], 0.9), ("online_video", ["online_video"], 0.9), ("online_video", ["phone"], 0.25),
    ("phone", [], 0.6), ("phone", ["phone"], 1.0), ("phone", ["in_person"], 0.45),
    ("text_chat", [], 0.6), ("text_chat", ["text_chat"], 1.0), ("text_chat", ["in_person"], 0.45),
    ("self_paced", [], 0.6), ("self_paced", ["self_paced"], 0.9), ("self_paced", ["in_person"], 0.25),
    ("in_person", [], 0.6), ("in_person", ["in_person"], 0.6), ("in_person", ["phone"], 0.2),
    ("hybrid", ["hybrid"], 0.9), ("hybrid", ["in_person"], 0.6), ("hybrid", ["phone"], 0.25),
])
def test_reach_without_a_distance(way, formats, expected):
    assert utility("reach", open_to(way), {"formats": formats}) == pytest.approx(expected)


@pytest.mark.parametrize(("intake", "expected"), [
    pytest.param({"radius_miles": 50}, math.exp(-0.9 * MILES / 50), id="by radius"),
    pytest.param({"radius_miles": 28}, math.exp(-0.9 * MILES / 28), id="just at the radius"),
    pytest.param({}, 0.2, id="far without a radius"),
    pytest.param({"travel": "car"}, 0.2, id="far by car"),
    pytest.param({"formats": ["phone"], "radius_miles": 50}, 0.2, id="not chosen"),
])
def test_reach_in_person_falls_with_distance(intake, expected):
    assert utility("reach", open_to("in_person", location=TRENTON), intake, HERE) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(("travel", "halving"), [("walk", 1), ("transit", 4), ("car", 10), (None, 10)])
def test_reach_halves_by_how_one_travels(travel, halving):
    near = {"latitude": 39.96, "longitude": -75.16}
    miles = distance_miles(39.95, -75.16, 39.96, -75.16)
    found = utility("reach", open_to("in_person", location=near), {"travel": travel}, HERE)
    assert found == pytest.approx(0.5 ** (miles / halving), abs=0.001)


def test_a_radius_under_a_mile_falls_like_a_mile():
    near = {"latitude": 39.955, "longitude": -75.16}
    found = utility("reach", open_to("in_person", location=near), {"radius_miles": 0.5}, HERE)
    assert found == pytest.approx(math.exp(-0.9 * distance_miles(39.95, -75.16, 39.955, -75.16)), abs=0.001)


@pytest.mark.parametrize(("place", "formats", "expected"), [
    pytest.param(HERE, [], 0.3, id="added to the floor"), pytest.param(None, [], 0.6, id="not to an unknown distance"),
    pytest.param(HERE, ["phone"], 0.2, id="not to a format nobody chose"),
])
def test_ride_help_brings_a_program_nearer(place, formats, expected):
    listing = {**open_to("in_person", location=TRENTON), "accessibility": {"ride_help": "yes"}}
    assert utility("reach", listing, {"formats": formats}, place) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(("session", "times", "expected"), [
    pytest.param(EVENING, ["evening", "weekend"], 1.0, id="a wanted time"),
    pytest.param(EVENING, ["early"], 0.15, id="no wanted time"),
    pytest.param(EVENING, ["any"], 1.0, id="any time"),
    pytest.param(EVENING, [], 0.6, id="nobody asked"),
    pytest.param({}, ["early"], 0.6, id="time not stated"),
    pytest.param({}, ["any"], 1.0, id="any time and time not stated"),
    pytest.param({"anytime": True}, ["early"], 1.0, id="always open"),
])
def test_schedule(session, times, expected):
    assert utility("schedule", open_to("phone", **session), {"times": times}) == expected


def test_a_program_without_sessions_scores_in_the_middle_for_reach_and_time_but_fits_any_time():
    without = score({}, {"times": ["evening"]})
    assert without == score(open_to("in_person"), {"times": ["evening"]})
    assert score({}, {"times": ["any"]}) == score(open_to("in_person"), {"times": ["any"]}) > without


def test_reach_and_schedule_come_from_the_same_way():
    listing = {"sessions": [make_session(format="phone"), make_session(format="online_video", **EVENING)]}
    found = run([make_listing(**listing)], {"formats": ["phone"], "times": ["evening"]})
    # 14 x 1 + 9 x .6 by phone beats 14 x .25 + 9 x 1 by video.
    assert (utilities(found, 0)["reach"], utilities(found, 0)["schedule"]) == (1.0, 0.6)


def policies(**stated):
    return {"policies": stated}


def works_with(*modalities):
    return {"modalities": list(modalities)}


@pytest.mark.parametrize(("listing", "intake", "expected"), [
    pytest.param({}, {}, 1.0, id="nothing wished"),
    pytest.param({"led_by": "peer"}, {"led_by": "either"}, 1.0, id="either will do"),
    *[pytest.param({"led_by": leader}, {"led_by": "peer"}, worth, id=f"a peer wished, {leader} leads")
      for leader, worth in (("peer", 1.0), ("certified_peer", 1.0), ("co_led", 1.0), ("trained_facilitator", 0.6),
                            ("trainee", 0.6), ("chaplain", 0.6), ("licensed_clinician", 0.3), ("medical", 0.3))],
    pytest.param({"led_by": "medical"}, {"led_by": "professional"}, 1.0, id="a professional wished, medical leads"),
    pytest.param({"led_by": "peer"}, {"led_by": "professional"}, 0.3, id="a professional wished, a peer leads"),
    pytest.param({}, {"led_by": "professional"}, 0.6, id="a professional wished, not stated who leads"),
    pytest.param(policies(moderation_goal="welcome"), {"goal": "moderation"}, 1.0, id="drinking less is welcome"),
    pytest.param(works_with("MI"), {"goal": "moderation"}, 1.0, id="less, by motivational interviewing"),
    pytest.param(works_with("CBT", "mutual_aid_12step"), {"goal": "moderation"}, 0.8, id="less, by CBT"),
    pytest.param(works_with("mutual_aid_12step"), {"goal": "moderation"}, 0.1, id="less, in twelve steps"),
    pytest.param(policies(min_days_sober=1), {"goal": "moderation"}, 0.1, id="less, and a sober day is asked"),
    pytest.param(policies(min_days_sober=0), {"goal": "moderation"}, 0.4, id="less, and no sober day is asked"),
    pytest.param(works_with("MI"), {"goal": "unsure"}, 1.0, id="unsure, by motivational interviewing"),
    pytest.param(works_with("moderation"), {"goal": "unsure"}, 0.7, id="unsure, by harm reduction"),
    pytest.param({}, {"goal": "unsure"}, 0.4, id="unsure, not stated"),
    pytest.param(works_with("mutual_aid_12step"), {"goal": "stop"}, 1.0, id="wants to stop"),
    pytest.param(works_with("mutual_aid_12step"), {"identities": ["secular"]}, 0.0, id="secular, in twelve steps"),
    pytest.param({"populations": ["faith_jewish"]}, {"identities": ["secular"]}, 0.0, id="secular, among believers"),
    pytest.param({}, {"identities": ["secular"]}, 1.0, id="secular, nothing against it"),
    pytest.param(policies(one_to_one=True), {"one_to_one_preferred": True}, 1.0, id="one to one, offered"),
    pytest.param(policies(group_size=5), {"one_to_one_preferred": True}, 0.6, id="one to one, five together"),
    pytest.param(policies(group_size=6), {"one_to_one_preferred": True}, 0.1, id="one to one, six together"),
    pytest.param({"led_by": "peer"}, {"led_by": "professional", "goal": "unsure", "one_to_one_preferred": True},
                 0.5 * (0.3 + 0.4 + 0.1) / 3 + 0.5 * 0.1, id="half the mean and half the worst of three"),
])
def test_preference(listing, intake, expected):
    assert utility("preference", listing, intake) == pytest.approx(expected)


def fee(**stated):
    return {"cost": {"free": False, **stated}}


@pytest.mark.parametrize(("listing", "intake", "expected"), [
    pytest.param({}, {}, 0.6, id="not stated"),
    pytest.param({"cost": {"free": True}}, {}, 1.0, id="free"),
    pytest.param(fee(amount=0), {}, 1.0, id="nothing to pay"),
    pytest.param(fee(amount=90, insurance=["va"]), {"insurance": ["va"]}, 1.0, id="covered"),
    pytest.param(fee(insurance=["va"], sliding_scale=True), {"insurance": ["none"]}, 0.7, id="payers and a scale"),
    pytest.param(fee(insurance=["va"]), {}, 0.5, id="payers, the person's not known"),
    pytest.param(fee(insurance=["va"]), {"insurance": ["none"]}, 0.2, id="payers, the person has none"),
    pytest.param(fee(amount=40), {"cost": {"kind": "up_to", "amount": 40}}, 0.8, id="just within the limit"),
    pytest.param(fee(amount=41), {"cost": {"kind": "up_to", "amount": 40}}, 0.2, id="over the limit"),
    pytest.param(fee(amount=41, sliding_scale=True), {"cost": {"kind": "up_to", "amount": 40}}, 0.6,
                 id="over the limit, a scale"),
    pytest.param(fee(amount=41), {}, 0.6, id="a fee, and nobody asked"),
    pytest.param(fee(amount=41), {"cost": {"kind": "any"}}, 0.6, id="a fee, and any will do"),
    pytest.param(fee(amount=41), {"cost": {"kind": "insurance"}}, 0.2, id="a fee, and cover is wished"),
    pytest.param(fee(amount=30, insurance=["va"]), {"cost": {"kind": "up_to", "amount": 40}, "insurance": ["none"]},
                 0.8, id="the best of payers and amount"),
    pytest.param(fee(sliding_scale=True), {}, 0.6, id="only a scale"),
    pytest.param(fee(insurance=[]), {}, 0.5, id="not free, no more said"),
])
def test_cost(listing, intake, expected):
    assert utility("cost", listing, intake) == expected


@pytest.mark.parametrize(("listing", "intake", "expected"), [
    pytest.param({}, {}, 0.5, id="open to all"),
    pytest.param({"populations": ["black", "lgbtq"]}, {"identities": ["lgbtq"]}, 1.0, id="shares one"),
    pytest.param({"gender_mix": "women"}, {"gender": "woman"}, 0.8, id="own gender"),
    pytest.param({"populations": ["men"]}, {"gender": "man"}, 0.8, id="especially for men, a man"),
    pytest.param({"gender_mix": "women"}, {"gender": "nonbinary"}, 0.1, id="nonbinary among women"),
    pytest.param({"gender_mix": "mixed"}, {"gender": "nonbinary"}, 0.5, id="nonbinary among all"),
    pytest.param({}, {"identities": ["deaf"], "identity_preference": "require"}, 0.1, id="required, open to all"),
    pytest.param({"populations": ["black"]}, {"identities": ["deaf"], "identity_preference": "require"}, 0.0,
                 id="required, for others"),
    pytest.param({"restricted_to": ["black"]}, {}, 0.2, id="closed to others"),
    pytest.param({"restricted_to": ["women"]}, {}, 0.5, id="for women, gender not given"),
    pytest.param({"populations": ["black"]}, {"not_identities": ["black"]}, 0.2, id="for those one is not"),
    pytest.param({"populations": ["black", "students"]}, {"identities": ["deaf"]}, 0.2, id="for two other groups"),
    pytest.param({"populations": ["black", "students", "rural"]}, {"identities": ["deaf"]}, 0.5, id="for three others"),
    pytest.param({"populations": ["black", "students", "women"]}, {"identities": ["deaf"], "gender": "woman"}, 0.2,
                 id="one's own gender is no other group"),
    pytest.param({"populations": ["men"]}, {"identities": ["deaf"], "gender": "woman"}, 0.2,
                 id="especially for men, a woman who named a group"),
    pytest.param({"populations": ["black"]}, {}, 0.5, id="especially for some, nothing named"),
])
def test_identity(listing, intake, expected):
    assert utility("identity", listing, intake) == expected


def capacity(status, as_of="2026-11-01", **stated):
    return {"capacity": {"status": status, "as_of": as_of, **stated}}


@pytest.mark.parametrize(("listing", "intake", "expected"), [
    pytest.param({}, {}, 0.6, id="not stated"),
    pytest.param(capacity("open"), {}, 1.0, id="open"),
    pytest.param(capacity("open", "2026-08-01"), {}, 0.6, id="open long ago"),
    pytest.param(capacity("assessment_first"), {}, 0.5 ** (1 / 6), id="an assessment first"),
    pytest.param(capacity("waitlist"), {}, 0.5 ** (8 / 6), id="a waiting list, not said how long"),
    pytest.param(capacity("waitlist", wait_weeks=0), {}, 1.0, id="a waiting list of no weeks"),
    pytest.param(capacity("waitlist", wait_weeks=6), {"start_soon": True}, 0.25, id="six weeks in a hurry"),
    pytest.param({**capacity("open"), "starts_on": "2027-01-05"}, {}, 0.5, id="open from in six weeks"),
    pytest.param({**capacity("open"), "starts_on": "2027-01-05", "open_group": True}, {}, 1.0, id="open before"),
    pytest.param({**capacity("waitlist", wait_weeks=12), "starts_on": "2027-01-05"}, {}, 0.25, id="the longer counts"),
    pytest.param({"starts_on": "2027-01-05"}, {}, 0.5, id="only a start is stated"),
    pytest.param({"starts_on": "2026-11-24"}, {}, 0.6, id="a start that has come says nothing"),
])
def test_availability(listing, intake, expected):
    assert utility("availability", listing, intake) == pytest.approx(expected)


@pytest.mark.parametrize(("on", "expected"), [
    ("2026-11-24", 1.0), ("2026-12-24", 1.0), ("2026-08-25", 1.0),
    ("2026-05-24", 0.5 ** ((184 / 30.4375 - 3) / 12)), ("2020-11-24", 0.5 ** ((2191 / 30.4375 - 3) / 12)),
])
def test_Y5_freshness(on, expected):
    assert utility("freshness", {"verified": {"on": on, "method": "phone"}}, {}) == pytest.approx(expected)


def test_a_program_nobody_has_checked_is_in_the_middle():
    assert utility("freshness", {}, {}) == 0.5
