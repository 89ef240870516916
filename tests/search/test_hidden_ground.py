"""Where a hidden place is: distances, ranks and limits tell the square of ground that it lies in and nothing closer."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.places.distance import HIDDEN_GROUNDS, METERS_PER_MILE, distance_miles, rough_point
from finder.places.gazetteer import load as load_gazetteer
from finder.search import find
from finder.search.snapshot import from_documents
from finder.vocabulary import vocabulary
from tests.listings.database import NOW

ZIPS = ("27701", "27703", "27704", "27705", "27707", "27713", "27514", "27517", "27560", "27278")
SECRET = (35.994037, -78.898619)


def listings(*, latitude, longitude, hidden):
    place = {"city": "Durham", "state": "NC", "latitude": latitude, "longitude": longitude, "precision": "exact",
             "hidden": hidden}
    open_one = {"city": "Durham", "state": "NC", "latitude": 35.99, "longitude": -78.9, "precision": "exact"}
    return from_documents(
        [{"format": "finder-listing/1", "id": name, "name": name, "group_type": "peer_support",
          "sessions": [{"format": "in_person", "location": where}]}
         for name, where in (("secret", place), ("open", open_one))], NOW.date())


def asked(snapshot, place, radius):
    intake = {"format": "finder-intake/1", "near": place, "radius_miles": radius, "formats": ["in_person"]}
    return find.match(intake, snapshot=snapshot, gazetteer=load_gazetteer(), vocabulary=vocabulary(), now=NOW,
                      hidden_ids=True)


def distances(snapshot):
    """What somebody without any right learns by asking from one ZIP code after the other."""
    for code in ZIPS:
        found = find.browse({"near": code}, snapshot=snapshot, gazetteer=load_gazetteer(), vocabulary=vocabulary(),
                            now=NOW)
        here = found["place"]
        yield here["latitude"], here["longitude"], next(
            one["distance_miles"] for one in found["programs"] if one["document"]["id"] == "secret")


def guessed(circles):
    """The point that fits the distances best."""
    latitude, longitude, step = 35.9, -78.9, 0.2
    while step > 1e-5:
        _, latitude, longitude = min(
            (sum((distance_miles(one, other, *circle[:2]) - circle[2]) ** 2 for circle in circles), one, other)
            for one in (latitude + number * step for number in range(-3, 4))
            for other in (longitude + number * step for number in range(-3, 4)))
        step /= 1.8
    return latitude, longitude


def test_P9_distances_from_many_places_lead_to_the_middle_of_the_ground_and_not_to_the_door(record_property):
    circles = list(distances(listings(latitude=SECRET[0], longitude=SECRET[1], hidden=True)))
    found = guessed(circles)
    assert distance_miles(*found, *rough_point(*SECRET)) * METERS_PER_MILE < 100
    assert distance_miles(*found, *SECRET) * METERS_PER_MILE > 400
    told = list(distances(listings(latitude=SECRET[0], longitude=SECRET[1], hidden=False)))
    assert distance_miles(*guessed(told), *SECRET) * METERS_PER_MILE < 100  # so the attack itself is a good one
    record_property("figure", f"best guess {distance_miles(*found, *SECRET) * METERS_PER_MILE:.0f} m from the door")


@settings(max_examples=60)
@given(st.floats(-.499, .499), st.floats(-.499, .499), st.floats(-.3, .3), st.floats(-.3, .3),
       st.floats(.1, 30))
def test_P9_two_doors_on_the_same_ground_cannot_be_told_apart(north, east, up, right, radius):
    middle = rough_point(*SECRET)
    other = (middle[0] + north / HIDDEN_GROUNDS, middle[1] + east / HIDDEN_GROUNDS)
    place = {"latitude": SECRET[0] + up, "longitude": SECRET[1] + right}
    one, two = (asked(listings(latitude=here[0], longitude=here[1], hidden=True), place, radius)
                for here in (SECRET, other))
    assert orjson.dumps(one) == orjson.dumps(two)


@pytest.mark.parametrize("point", [(0.004, 0.0), (90.0, 180.0), (-90.0, -180.0), (-35.0, 149.987654)])
def test_P9_the_middle_of_a_ground_is_its_own_and_lies_on_the_earth(point):
    found = rough_point(*point)
    assert rough_point(*found) == found
    for one, other, most in zip(found, point, (90, 180), strict=True):
        assert abs(one) <= most
        assert abs(one - other) <= .5 / HIDDEN_GROUNDS + 1e-9
