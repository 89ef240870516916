from __future__ import annotations

from itertools import combinations
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from finder.web.pin_places import DOT, PIN, PITCH, Box, arranged, room_for

WIDE, HIGH = 640, 460
points = st.lists(st.tuples(st.integers(0, WIDE), st.integers(0, HIGH)), max_size=20)


@given(points, st.none() | st.tuples(st.integers(60, WIDE - 60), st.integers(60, HIGH - 60)))
def test_no_number_covers_another_and_all_are_on_the_map(wanted: list[tuple[int, int]],
                                                         free: tuple[int, int] | None) -> None:
    places = arranged(wanted, WIDE, HIGH, free)
    assert len(places) == len(wanted)
    for one, two in combinations(places, 2):
        assert hypot(one[0] - two[0], one[1] - two[1]) >= 2 * PIN
    assert all(PIN <= x <= WIDE - PIN and PIN <= y <= HIGH - PIN for x, y in places)


def test_numbers_with_room_stay_where_they_are() -> None:
    wanted = [(100, 100), (300, 200), (500, 400)]
    assert arranged(wanted, WIDE, HIGH) == wanted


def test_of_groups_in_one_house_the_first_stays_and_the_others_stand_beside_it() -> None:
    assert arranged([(300, 200)] * 3, WIDE, HIGH) == [(300, 200), (300 + PITCH, 200), (300 - PITCH, 200)]


def test_twenty_groups_in_one_house_stay_close_to_it() -> None:
    places = arranged([(300, 200)] * 20, WIDE, HIGH, (300, 200))
    assert max(hypot(x - 300, y - 200) for x, y in places) <= 4 * PITCH


def test_a_number_leaves_the_readers_own_place_in_sight() -> None:
    (x, y), = arranged([(320, 232)], WIDE, HIGH, (320, 230))
    assert hypot(x - 320, y - 230) >= PIN + DOT


def test_a_name_goes_where_nothing_is_or_stays_away() -> None:
    taken = [Box.around_pin(300, 200)]
    first = room_for("Durham", 300, 200, taken, wide=WIDE, high=HIGH)
    second = room_for("Durham", 300, 200, taken, wide=WIDE, high=HIGH)
    assert first
    assert second
    assert first[1] > 200 > second[1]
    assert room_for("Durham", 300, 200, taken, wide=WIDE, high=HIGH) is None
    assert room_for("Durham", 2, 200, [], wide=WIDE, high=HIGH) is None
