from __future__ import annotations

import pytest

from finder.exchange.cells import spots
from finder.exchange.cells.spots import Address


@pytest.mark.parametrize(("found", "code"), [
    (6708, ("06708", "")), ("602", ("00602", "")), ("79107", ("79107", "")), ("02301-5400", ("02301", "5400")),
    ("23015400", ("02301", "5400")), ("023015400", ("02301", "5400")), ("NA", ("", "")), ("0", ("", "")),
    ("00000", ("", "")), (92626.0, ("92626", "")),
], ids=repr)
def test_zip_codes_get_their_leading_zeros_back(found: object, code: tuple[str, str]) -> None:
    assert spots.postal_code(found) == code


def test_codes_of_other_countries_stay_as_found() -> None:
    assert spots.postal_code("WC2H 0EW", "GB") == ("WC2H 0EW", "")


@pytest.mark.parametrize(("found", "code"), [("FL ", "FL"), (".TX", "TX"), ("tx", "TX"), ("Texas", ""), ("XX", "")])
def test_states_are_two_letters_of_a_closed_list(found: str, code: str) -> None:
    assert spots.state_code(found) == code


@pytest.mark.parametrize("found", ["USA", "U.S.A", "U.S.A.", "US", "United States", "United States of America", "usa "])
def test_spellings_of_the_country_are_one(found: str) -> None:
    assert spots.country_code(found) == "US"


@pytest.mark.parametrize(("line", "address"), [
    ("3186 Pullman St, Costa Mesa, CA 92626, USA", Address("", "3186 Pullman St", "Costa Mesa", "CA", "92626", "US")),
    ("Doheny Beach, 25300 Harbor Dr, Dana Point, CA 92629, USA",
     Address("Doheny Beach", "25300 Harbor Dr", "Dana Point", "CA", "92629", "US")),
    ("Campbell, CA, USA", Address("", "", "Campbell", "CA", "", "US")),
    ("Orange County, CA, USA", Address("", "", "", "CA", "", "US", "Orange")),
    ("Gilroy, CA 95020, USA", Address("", "", "Gilroy", "CA", "95020", "US")),
    ("12 Pier St, Salem, OR", Address("", "12 Pier St", "Salem", "OR", "", "US")),
    ("London, UK", Address("", "", "London", "", "", "GB")),
    ("125 Charing Cross Rd, London WC2H 0EW, UK", Address("", "125 Charing Cross Rd", "London", "", "WC2H 0EW", "GB")),
    ("1 Kent St, Charlottetown, PE C1A 1P1, Canada", Address("", "1 Kent St", "Charlottetown", "PE", "C1A 1P1", "CA")),
    ("Fehrstr. 92, 10119 Berlin, Germany", Address("", "Fehrstr. 92", "Berlin", "", "10119", "DE")),
    ("United States", Address(country="US")), ("", Address()),
    ("Tbilisi, Georgia", Address("", "", "Tbilisi")),
], ids=lambda value: value if isinstance(value, str) else "")
def test_one_line_addresses_are_read_from_the_right(line: str, address: Address) -> None:
    assert spots.split_address(line) == address


@pytest.mark.parametrize(("latitude", "longitude", "why"), [
    (0, 0, "zero_point"), (33.58, 0.0, "zero_point"), ("-", "-", "no_point"), ("", "", "no_point"),
    (None, -118.0, "no_point"), (-117.9, 33.6, "point_out_of_range"), (float("nan"), 1.0, "point_out_of_range"),
    ([1], [2], "no_point"), (True, True, "no_point"),
], ids=repr)
def test_unusable_points_are_none(latitude: object, longitude: object, why: str) -> None:
    assert spots.point(latitude, longitude) == (None, why)


def test_points_are_read_from_text() -> None:
    assert spots.point("40.88", " -73.88") == ((40.88, -73.88), "")


def test_street_keys_are_equal_for_usual_abbreviations() -> None:
    assert spots.street_key("12 North Hughes Street") == spots.street_key("12 N. HUGHES ST")


def test_county_loses_the_word() -> None:
    assert spots.county_name("Los Angeles County") == spots.county_name("Los Angeles")
