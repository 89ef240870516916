import numpy as np
from geopy.distance import geodesic as geopy_geodesic
from hypothesis import assume, given
from hypothesis import strategies as st

from finder.places.distance import chord_miles, distance_miles, shown_miles, sphere_miles, unit_vector, unit_vectors

LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180, 180)


def fast(lat1, lon1, lat2, lon2):
    ends = unit_vectors(np.array([lat1, lat2]), np.array([lon1, lon2]))
    return float(chord_miles(ends[1:], ends[0])[0])


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_shown_is_the_geodesic_of_geopy(lat1, lon1, lat2, lon2):
    miles = geopy_geodesic((lat1, lon1), (lat2, lon2)).miles
    assert abs(distance_miles(lat1, lon1, lat2, lon2) - miles) <= 1e-9 * miles


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_miles_are_shown_as_the_geodesic_rounds(lat1, lon1, lat2, lon2):
    assert shown_miles(lat1, lon1, lat2, lon2) == round(distance_miles(lat1, lon1, lat2, lon2), 1)


@given(st.floats(18, 65), st.floats(-165, -65), st.floats(-2, 2), st.floats(-2, 2))
def test_miles_of_near_points_are_shown_as_the_geodesic_rounds(lat, lon, up, right):
    ends = lat, lon, lat + up, lon + right
    assert shown_miles(*ends) == round(distance_miles(*ends), 1)


@given(LATITUDES, LONGITUDES, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_miles_to_the_other_side_of_the_earth_are_shown_as_the_geodesic_rounds(lat, lon, up, right):
    ends = lat, lon, max(-90, min(90, up - lat)), lon + 180 + right
    assert shown_miles(*ends) == round(distance_miles(*ends), 1)


def test_miles_on_the_edge_of_two_decimals_are_rounded_by_the_geodesic():
    asked = 0
    for tenth in range(1, 400, 7):
        low, high = 0.0, 60.0  # degrees east of the middle of the country, where a way is just between two decimals
        for _ in range(80):
            middle = (low + high) / 2
            is_short = distance_miles(39.8, -98.6, 39.8, -98.6 + middle) < tenth + 0.05
            low, high = (middle, high) if is_short else (low, middle)
        for east in (low, high, low - 1e-11, high + 1e-11):
            ends = 39.8, -98.6, 39.8, -98.6 + east
            asked += abs(distance_miles(*ends) * 10 % 1 - 0.5) < 1e-6
            assert shown_miles(*ends) == round(distance_miles(*ends), 1)
    assert asked > 50


@given(LATITUDES, LONGITUDES)
def test_one_unit_vector_is_that_of_many(lat, lon):
    assert np.allclose(unit_vector(lat, lon), unit_vectors(np.array([lat]), np.array([lon]))[0], rtol=0, atol=1e-7)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_fast_distance_is_within_six_tenths_of_a_percent_of_the_geodesic(lat1, lon1, lat2, lon2):
    geodesic = distance_miles(lat1, lon1, lat2, lon2)
    assume(0.5 < geodesic < 12_000)
    assert abs(fast(lat1, lon1, lat2, lon2) / geodesic - 1) < 0.006
    assert abs(sphere_miles(lat1, lon1, lat2, lon2) / geodesic - 1) < 0.006


@given(st.floats(24, 49), st.floats(-124, -67), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_fast_distance_holds_for_near_points_too(lat, lon, up, right):
    geodesic = distance_miles(lat, lon, lat + up, lon + right)
    assume(geodesic > 0.1)
    assert abs(fast(lat, lon, lat + up, lon + right) / geodesic - 1) < 0.006


def test_distance_crosses_the_antimeridian():
    assert fast(52.0, 179.9, 52.0, -179.9) < 10
