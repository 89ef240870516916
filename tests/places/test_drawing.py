from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.places import drawing, gazetteer, outlines
from finder.places.drawing import HIGH, WIDE

DURHAM, RALEIGH, BOSTON, SEATTLE = (35.996, -78.899), (35.78, -78.64), (42.36, -71.06), (47.61, -122.33)
PATH = re.compile(r"(M-?\d+( |(?=-))-?\d+l(-?\d+( |(?=-))-?\d+( |(?=[-zM]|$)))+z?)*")
spots = st.lists(st.tuples(st.floats(-70, 75), st.floats(-179, 179)), min_size=1, max_size=6)


@given(spots, st.floats(0, 200))
def test_a_frame_holds_every_point_and_the_ring(held: list[tuple[float, float]], ring: float) -> None:
    frame = drawing.frame_of(held, ring_miles=ring)
    assert all(frame.holds(spot) for spot in held)
    x, y = frame.spot(held[0])
    reach = frame.length(ring, held[0][0])
    if frame.width < 1:
        assert reach - 2 <= x <= WIDE - reach + 2
        assert reach - 2 <= y <= HIGH - reach + 2


def test_a_ring_of_some_miles_is_as_wide_as_the_frame_says() -> None:
    frame = drawing.frame_of([DURHAM], ring_miles=15)
    assert frame.length(15, DURHAM[0]) / WIDE * frame.miles == pytest.approx(15, abs=0.1)


def test_a_frame_is_never_closer_than_a_map_without_streets_can_be() -> None:
    assert drawing.frame_of([DURHAM]).miles == pytest.approx(drawing.LEAST_MILES, rel=0.01)


@pytest.mark.parametrize("held", [[DURHAM], [DURHAM, RALEIGH], [DURHAM, BOSTON], [BOSTON, SEATTLE], [(21.3, -157.86)]])
def test_land_is_whole_numbers_and_small(held: list[tuple[float, float]]) -> None:
    made = drawing.land(drawing.frame_of(held, ring_miles=25), outlines.load(), held[0])
    for path in (made.land, made.home, made.counties, made.states):
        assert PATH.fullmatch(path), path[:80]
    assert made.land
    assert len(made.land + made.home + made.counties + made.states) < 12_000


def test_near_maps_show_counties_and_wide_ones_states_only() -> None:
    near = drawing.land(drawing.frame_of([DURHAM], ring_miles=15), outlines.load(), DURHAM)
    wide = drawing.land(drawing.frame_of([BOSTON, SEATTLE]), outlines.load(), BOSTON)
    assert near.counties
    assert near.home
    assert not wide.counties
    assert wide.states


def test_the_county_of_a_place_is_the_one_it_lies_in() -> None:
    counties = outlines.load().counties
    assert drawing._holding(counties, DURHAM) == list(counties.names).index("37063")  # Durham County, by FIPS 6-4
    assert drawing._holding(counties, (30.0, -50.0)) is None


def test_land_that_fills_the_frame_has_its_corners() -> None:
    # A frame in the middle of Kansas: nothing but land, cut a little outside of the frame.
    made = drawing.land(drawing.frame_of([(38.5, -98.0)]), outlines.load())
    assert made.land.count("M") == 1
    assert made.states == ""


def test_larger_towns_are_named_first() -> None:
    found = drawing.towns(drawing.frame_of([DURHAM], ring_miles=25), gazetteer.load(), 3)
    assert {town.name for town in found} == {"Raleigh", "Durham", "Cary"}
    assert all(0 <= town.x <= WIDE and 0 <= town.y <= HIGH for town in found)
