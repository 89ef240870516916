from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from finder.places import counties
from finder.places.distance import RADIUS_MILES, sphere_miles, unit_vector
from finder.search import coverage, snapshot, synthetic
from finder.search.coverage import REACH_MILES, Wanted

TODAY = date(2026, 11, 24)
DURHAM, RALEIGH, CHAPEL_HILL = (35.994, -78.899), (35.78, -78.64), (35.913, -79.056)


def meets(*points: tuple[float, float], format: str = "in_person") -> list[dict[str, Any]]:
    return [{"format": format, "location": {"city": "Town", "state": "NC", "latitude": one[0], "longitude": one[1],
                                            "precision": "street"}} for one in points]


def group(number: int, sessions: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support",
            "sessions": sessions, **more}


def found(listings: Sequence[dict[str, Any]], wanted: Wanted = Wanted(), state: str = "NC") -> coverage.Coverage:  # noqa: B008 - frozen
    return coverage.of_state(snapshot.from_documents(listings, TODAY), wanted, state)


def of(one: coverage.Coverage, name: str) -> coverage.Area:
    return next(area for area in one.areas if area.name == name)


def test_a_group_counts_for_every_county_in_reach_and_once_for_each() -> None:
    seen = found([group(1, meets(DURHAM, CHAPEL_HILL)), group(2, meets(RALEIGH)), group(3, meets(DURHAM))])
    assert seen.meeting == 3
    assert of(seen, "Durham").groups == 3
    assert of(seen, "Mecklenburg").groups == 0
    assert 80 < (of(seen, "Mecklenburg").nearest_miles or 0) < 130


def test_most_people_without_a_group_near_come_first() -> None:
    seen = found([group(1, meets(DURHAM))])
    assert of(seen, "Durham").people_without == 0
    charlotte = of(seen, "Mecklenburg")
    assert seen.areas[0] == charlotte
    assert charlotte.people_without == charlotte.people
    without = [one.people_without or 0 for one in seen.areas]
    assert without == sorted(without, reverse=True)


@pytest.mark.parametrize("state", ["NC", "VA", "NY"])
def test_people_of_the_counties_add_up_to_those_of_the_state(state: str) -> None:
    snap = snapshot.from_documents([group(1, meets(DURHAM, RALEIGH))], TODAY)
    areas = coverage.of_state(snap, Wanted(), state).areas
    whole = of(coverage.of_states(snap, Wanted()), state)
    assert sum(one.people or 0 for one in areas) == whole.people
    assert sum(one.people_without or 0 for one in areas) == whole.people_without


def test_counting_people_home_by_home_gives_the_same() -> None:
    listings = [one for one in synthetic.documents(300, seed=5) if one.get("status", "active") == "active"]
    spots = np.array([unit_vector(place["latitude"], place["longitude"]) for one in listings
                      for session in one["sessions"] if session["format"] in ("in_person", "hybrid")
                      and (place := session.get("location"))])
    homes = counties.homes_of("CA")
    near = (homes.points.astype(float) @ spots.T).max(axis=1) >= np.cos(REACH_MILES / RADIUS_MILES)
    whole = of(coverage.of_states(snapshot.from_documents(listings, TODAY), Wanted()), "CA")
    assert 0 < near.sum() < len(near)
    assert whole.people_without == homes.people[~near].sum()


def test_where_nobody_counted_people_no_number_is_given() -> None:
    seen = found([], state="PR")
    assert (of(seen, "San Juan").people, of(seen, "San Juan").people_without) == (None, None)
    states = coverage.of_states(snapshot.from_documents([], TODAY), Wanted())
    assert of(states, "PR").people is None
    assert (states.areas[0].name, states.areas[1].name) == ("CA", "TX")


def test_of_no_groups_nothing_is_near_anybody() -> None:
    seen = found([])
    assert {one.groups for one in seen.areas} == {0}
    assert {one.nearest_miles for one in seen.areas} == {None}
    assert all(one.people_without == one.people for one in seen.areas)


@pytest.mark.parametrize(("wanted", "count"), [
    (Wanted(), 3), (Wanted(focus="grief"), 1), (Wanted(language="es"), 1), (Wanted(focus="grief", language="es"), 0),
    (Wanted(kind="in_person"), 3), (Wanted(kind="phone"), 0), (Wanted(language="vi"), 0)])
def test_only_what_fits_topic_language_and_way_is_counted(wanted: Wanted, count: int) -> None:
    listings = [group(1, meets(DURHAM), focus=["grief"]), group(2, meets(DURHAM), languages=["es"]),
                group(3, meets(DURHAM, format="hybrid")), group(4, meets(DURHAM), status="paused"),
                group(5, meets(DURHAM), status="closed")]
    seen = found(listings, wanted)
    assert (of(seen, "Durham").groups, seen.meeting) == (count, count)


@pytest.mark.parametrize(("more", "serves"), [
    ({}, True), ({"coverage": {"states": ["NC"]}}, True), ({"coverage": {"states": ["NV"]}}, False),
    ({"coverage": {"countries": ["US"]}}, True), ({"licensed_states": ["NC"]}, True),
    ({"licensed_states": ["NV"]}, False)])
def test_groups_without_a_place_are_counted_apart_where_they_serve(more: dict[str, Any], serves: bool) -> None:
    seen = found([group(1, [{"format": "online_video"}], **more)])
    assert seen.remote == int(serves)
    assert seen.meeting == 0
    assert found([group(1, [{"format": "online_video"}], **more)], Wanted(kind="phone")).remote == 0
    assert found([group(1, [{"format": "online_video"}], **more)], Wanted(kind="in_person")).remote == 0


def test_what_changed_since_counts_as_it_is_now() -> None:
    whole = snapshot.from_documents([group(1, meets(DURHAM)), group(2, meets(DURHAM))], TODAY)
    base = replace(whole.parts[0], dead=np.array([0], np.int64))
    newer = snapshot.from_documents([group(3, meets(RALEIGH))], TODAY).parts[0]
    assert coverage.of_state(replace(whole, parts=(base, newer)), Wanted(), "NC").meeting == 2


def test_counting_one_by_one_gives_the_same() -> None:
    listings = list(synthetic.documents(300, seed=3))
    seen = found(listings, Wanted(focus="anxiety"))
    ground = counties.of_state("NC")
    spots = {one["id"]: {(place["latitude"], place["longitude"]) for session in one["sessions"]
                         if session["format"] in ("in_person", "hybrid") and (place := session.get("location"))}
             for one in listings if "anxiety" in one["focus"] and one.get("status", "active") == "active"}
    for area in seen.areas:
        x, y, z = ground.middles[[one.code for one in ground.counties].index(area.code)].tolist()
        middle = float(np.degrees(np.arcsin(z))), float(np.degrees(np.arctan2(y, x)))
        away = [min(sphere_miles(*middle, *spot) for spot in mine) for mine in spots.values() if mine]
        assert area.groups == sum(one <= REACH_MILES for one in away), area.name
        assert area.nearest_miles == pytest.approx(min(away), abs=0.1)


def test_states_count_groups_near_any_of_their_zip_codes() -> None:
    listings = [group(1, meets(DURHAM)), group(2, [{"format": "phone"}])]
    seen = coverage.of_states(snapshot.from_documents(listings, TODAY), Wanted())
    by_name = {one.name: one for one in seen.areas}
    assert len(by_name) == len(counties.NUMBERS)
    assert (by_name["NC"].groups, by_name["NV"].groups, seen.remote) == (1, 0, 1)
    assert 0 < (by_name["NC"].people_without or 0) < (by_name["NC"].people or 0)
