from __future__ import annotations

import numpy as np
import pytest

from finder.places import counties, drawing, outlines, people
from finder.places.distance import unit_vector


def named(state: str) -> dict[str, int]:
    return {one.name: place for place, one in enumerate(counties.of_state(state).counties) if one.name}


def test_every_state_has_its_number() -> None:
    assert set(counties.NUMBERS) == set(outlines.load().states.names)
    assert {code[:2] for code in outlines.load().counties.names} == set(counties.NUMBERS.values())


@pytest.mark.parametrize(("state", "code", "name"), [
    ("NC", "37063", "Durham"), ("PA", "42101", "Philadelphia"), ("LA", "22071", "Orleans"), ("HI", "15003", "Honolulu"),
    ("VA", "51059", "Fairfax"), ("VA", "51600", "Fairfax City")])
def test_a_county_is_called_what_its_zip_codes_say(state: str, code: str, name: str) -> None:
    assert {one.code: one.name for one in counties.of_state(state).counties}[code] == name


@pytest.mark.parametrize("state", ["NC", "GA", "VA", "TX"])
def test_no_two_counties_of_a_state_share_a_name(state: str) -> None:
    names = [one.name for one in counties.of_state(state).counties if one.name]
    assert len(set(names)) == len(names)


def test_every_zip_code_with_people_lies_in_a_county_of_its_state() -> None:
    ground = counties.of_state("NC")
    lived_in = [one for one in counties.of_zips("NC") if people.of_zips([one.code])[0]]
    assert len(ground.county) == len(ground.homes.points) == len(lived_in)
    assert ground.county.min() >= 0
    durham = [one.code for one, place in zip(lived_in, ground.county.tolist(), strict=True)
              if place == named("NC")["Durham"]]
    assert "27701" in durham
    assert "28202" not in durham


# Census Bureau, 2010 Census, Summary File 1, table P1.
@pytest.mark.parametrize(("state", "name", "count"), [
    ("CA", "Los Angeles", 9_818_605), ("IL", "Cook", 5_194_675), ("NC", "Durham", 267_587), ("NV", "Clark", 1_951_269)])
def test_a_county_has_about_the_people_that_the_census_counted(state: str, name: str, count: int) -> None:
    ground = counties.of_state(state)
    assert ground.homes.people[ground.county == named(state)[name]].sum() == pytest.approx(count, rel=0.07)


@pytest.mark.parametrize(("state", "count"), [("NY", 19_378_102), ("GA", 9_687_653), ("WY", 563_626), ("DC", 601_723)])
def test_no_person_of_a_state_is_counted_twice_and_few_are_left_out(state: str, count: int) -> None:
    assert 0.98 * count < counties.homes_of(state).people.sum() <= count


def test_where_nobody_counted_people_the_standard_zip_codes_are_their_homes() -> None:
    homes = counties.homes_of("PR")
    assert not homes.counted
    assert len(homes.points) == sum(one.standard for one in counties.of_zips("PR")) > 50


def test_the_middle_of_a_county_is_among_its_zip_codes() -> None:
    middle = counties.of_state("NC").middles[named("NC")["Durham"]]
    assert float(middle @ unit_vector(35.99, -78.90)) > np.cos(10 / 3959)


def test_a_state_without_outlines_or_zip_codes_is_empty_and_no_failure() -> None:
    assert len(counties.of_state("ZZ").counties) == 0
    assert len(counties.of_state("MP").homes.points) == 0


@pytest.mark.parametrize("state", ["NC", "TX", "AK", "HI", "DC", "PR"])
def test_every_county_is_drawn_within_its_window(state: str) -> None:
    areas = outlines.load().counties
    chosen = [one.area for one in counties.of_state(state).counties]
    frame, (left, top, wide, high) = drawing.frame_around(areas, chosen)
    assert 0 <= left < drawing.WIDE
    assert 0 <= top < drawing.HIGH
    assert wide <= drawing.WIDE + 1
    assert high <= drawing.HIGH + 1
    assert max(wide, high * drawing.WIDE / drawing.HIGH) > drawing.WIDE * 0.9
    assert sum(map(bool, drawing.shapes(frame, areas, chosen))) >= 0.9 * len(chosen)
