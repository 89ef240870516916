from datetime import UTC, datetime, timedelta

import pytest

from finder.places import gazetteer
from finder.search import find, snapshot
from finder.search.query_schema import load_browse
from finder.vocabulary import vocabulary
from tests.make import NOW, make_listing

EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"
PHILADELPHIA = {"city": "Philadelphia", "state": "PA", "country": "US", "latitude": 39.95, "longitude": -75.16}


def weekly(days, start, way="in_person", zone=EASTERN, **more):
    place = {"location": PHILADELPHIA} if way in ("in_person", "hybrid") else {}
    return {"format": way, "repeats": f"FREQ=WEEKLY;BYDAY={days}", "start_time": start, "timezone": zone,
            **place, **more}


def listing(name, *sessions, **more):
    return make_listing(id=name, name=name, sessions=list(sessions), **more)


LISTINGS = (
    listing("tuesday-evening", weekly("TU", "18:30")),
    listing("tuesday-morning-friday-evening", weekly("TU", "08:00"), weekly("FR", "19:00")),
    listing("saturday-online", weekly("SA", "23:30", "online_video", PACIFIC)),
    listing("monday-hall-tuesday-online", weekly("MO", "12:00"), weekly("TU", "12:00", "online_video")),
    listing("first-thursday", {**weekly("TH", "17:00"), "repeats": "FREQ=MONTHLY;BYDAY=1TH"}),
    listing("any-hour", {"format": "self_paced", "anytime": True}),
    listing("not-stated", {"format": "in_person", "location": PHILADELPHIA}),
)
SNAPSHOT = snapshot.from_documents(LISTINGS, NOW.date())


def browse(pictures=SNAPSHOT, now=NOW, **arguments):
    query = load_browse({name: [str(value)] for name, value in arguments.items()})
    return find.browse(query, snapshot=pictures, gazetteer=gazetteer.load(), vocabulary=vocabulary(), now=now)


def names(answer):
    return [one["id"] for one in answer["programs"]]


@pytest.mark.parametrize(("asked", "expected"), [
    ({"days": "1"}, {"tuesday-evening", "tuesday-morning-friday-evening", "monday-hall-tuesday-online"}),
    ({"days": "1", "from": "18:00"}, {"tuesday-evening"}),
    ({"days": "4", "until": "09:00"}, set()),
    ({"from": "12:00", "until": "12:00"}, {"monday-hall-tuesday-online"}),
    ({"days": "3"}, {"first-thursday"}),
    ({"days": "5"}, {"saturday-online"}),
    ({"from": "23:00", "until": "03:00"}, {"saturday-online"}),
    ({"days": "1", "formats": "in_person"}, {"tuesday-evening", "tuesday-morning-friday-evening"}),
    ({"days": "0,1,2,3,4,5,6"}, {one["id"] for one in LISTINGS} - {"any-hour", "not-stated"}),
], ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "")
def test_a_list_holds_what_starts_on_that_day_at_that_time(asked, expected):
    answer = browse(**asked)
    assert set(names(answer)) - {"any-hour"} == expected
    assert ("any-hour" in names(answer)) == ("formats" not in asked)  # open at any time is open at this one
    assert answer["total"] == len(names(answer))


def test_days_are_those_of_the_readers_zone_when_the_place_is_known():
    assert "saturday-online" in names(browse(days="6", near="19103"))  # half past two on Sunday there
    assert "saturday-online" not in names(browse(days="5", near="19103"))


def test_facets_count_what_the_hours_leave():
    assert browse(days="5", formats="online_video")["facets"]["formats"] == {"online_video": 1}


@pytest.mark.parametrize(("hours", "expected"), [
    (4, ["tuesday-morning-friday-evening"]), (5, ["tuesday-morning-friday-evening", "monday-hall-tuesday-online"]),
    (12, ["tuesday-morning-friday-evening", "monday-hall-tuesday-online", "tuesday-evening"]),
])
def test_starting_soon_lists_the_next_ones_first(hours, expected):
    answer = browse(starting=hours, now=datetime(2026, 11, 24, 12, 30, tzinfo=UTC))  # Tuesday, 7:30 in the east
    assert names(answer) == expected
    starts = [datetime.fromisoformat(one["next_session"]) for one in answer["programs"]]
    assert starts == sorted(starts)
    assert starts[-1] <= datetime(2026, 11, 24, 12, 30, tzinfo=UTC) + timedelta(hours=hours)


def test_a_start_that_has_passed_is_not_starting_soon():
    at_one_past_eight = datetime(2026, 11, 24, 13, 1, tzinfo=UTC)
    assert "tuesday-morning-friday-evening" not in names(browse(starting=4, now=at_one_past_eight))


def at(name, latitude, way="in_person", **more):
    place = {} if way == "online_video" else {"location": {**PHILADELPHIA, "latitude": latitude}}
    return listing(name, {"format": way, **place}, **more)


FAR = snapshot.from_documents(
    (at("a", 40.0), at("b", 41.0), at("c", 45.0, "hybrid"), at("d", 47.0), at("e", 0, "online_video"),
     at("twin-1", 42.0), at("twin-2", 42.0), listing("nowhere", {"format": "in_person"})), NOW.date())


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (2, 2), (3, 3), (4, 4), (6, 6), (50, 6)])
def test_the_nearest_are_so_many_in_person_whatever_the_distance(count, expected):
    found = names(browse(FAR, near="19103", nearest=count))
    assert len(found) == expected
    assert [one[:4] for one in found] == ["a", "b", "twin", "twin", "c", "d"][:expected]


def test_the_nearest_are_counted_among_what_the_filters_leave():
    assert names(browse(FAR, near="19103", nearest=1, formats="hybrid")) == ["c"]
    assert names(browse(FAR, near="19103", nearest=5, radius_miles=100)) == ["a", "b"]


def test_an_unknown_place_has_no_nearest():
    answer = browse(FAR, near="Xqzzyv", nearest=1)
    assert answer["place"] is None
    assert answer["total"] == 8



def test_listings_called_by_name_are_answered_apart():
    query = load_browse({"days": ["1"]}) | {"named": ("saturday-online", "gone", "tuesday-evening")}
    answer = find.browse(query, snapshot=SNAPSHOT, gazetteer=gazetteer.load(), vocabulary=vocabulary(), now=NOW)
    assert [one["id"] for one in answer["named"]] == ["saturday-online", "tuesday-evening"]
    assert set(names(answer)) == {"tuesday-morning-friday-evening", "monday-hall-tuesday-online", "any-hour"}
    assert answer["total"] == 3
    assert sum(answer["facets"]["group_type"].values()) == 3


def test_a_list_without_named_listings_says_nothing_of_them():
    assert "named" not in browse(days="1")


PAID = snapshot.from_documents((
    make_listing(id="medicaid", cost={"free": False, "insurance": ["medicaid"]}),
    make_listing(id="private", cost={"free": False, "insurance": ["private"]}),
    make_listing(id="free", cost={"free": True}), make_listing(id="unsaid")), NOW.date())


@pytest.mark.parametrize(("asked", "expected"), [
    ({"cost": "covered", "insurance": "medicaid"}, {"medicaid"}),
    ({"cost": "covered", "insurance": "medicaid,private"}, {"medicaid", "private"}),
    ({"cost": "covered"}, set()), ({"insurance": "medicaid"}, {"medicaid", "private", "free", "unsaid"}),
], ids=["one payer", "two payers", "no payer", "a payer alone"])
def test_what_is_covered_goes_by_the_payers_named(asked, expected):
    assert set(names(browse(PAID, **asked))) == expected
