import csv
import gzip
import random

import openpyxl
import pytest

from finder.places.gazetteer import folded, load
from finder.places.lookup import Choices, Place, at_point, resolve, resolve_city, resolve_zip, state_code
from tests.shared import shared

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def gazetteer():
    return load()


def samhsa_pairs():
    """City and state of every facility in the SAMHSA files, each pair once."""
    book = openpyxl.load_workbook(
        shared("data", "samhsa-mh-directory-2022", "National_Directory_MH_Facilities_2022.xlsx"), read_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    header = [str(name).lower() for name in next(rows)]
    city, state = header.index("city"), header.index("state")
    pairs = {(str(row[city]).strip(), str(row[state]).strip()) for row in rows if row[city] and row[state]}
    book.close()
    with gzip.open(shared("data", "samhsa-mh-geocoded-2020", "MentalHealthProviders_Geocoded.csv.gz"), "rt",
                   encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            lower = {name.lower(): value for name, value in row.items() if name}
            if lower.get("city") and lower.get("state"):
                pairs.add((lower["city"].strip(), lower["state"].strip()))
    return sorted(pairs)


def mistyped(name, chance):
    at = chance.randrange(len(name))
    kind = chance.choice(("insert", "drop", "change", "swap"))
    if kind == "insert":
        return name[:at] + chance.choice(LETTERS) + name[at:]
    if kind == "drop":
        return name[:at] + name[at + 1:]
    if kind == "change":
        return name[:at] + chance.choice(LETTERS) + name[at + 1:]
    at = chance.randrange(max(1, len(name) - 1))
    return name[:at] + name[at + 1:at + 2] + name[at:at + 1] + name[at + 2:]


def same_point(one, other):
    return abs(one.latitude - other.latitude) + abs(one.longitude - other.longitude) < 0.01


def typing_figures(pairs, gazetteer):
    """(share right, share silently wrong) with one random typing error in each city name."""
    chance = random.Random(7)
    right = wrong = 0
    for city, state in pairs:
        meant = resolve(f"{city}, {state}", gazetteer)
        found = resolve(f"{mistyped(city, chance)}, {state}", gazetteer)
        if isinstance(found, Place):
            right += same_point(found, meant)
            wrong += not same_point(found, meant)
        else:
            right += any(same_point(one, meant) for one in found.choices[:3])
    return right / len(pairs), wrong / len(pairs)


def test_995_of_1000_samhsa_city_and_state_pairs_resolve_exactly(gazetteer):
    pairs = samhsa_pairs()
    exact = [pair for pair in pairs if isinstance(found := resolve(", ".join(pair), gazetteer), Place)
             and folded(found.text.rpartition(",")[0]) == folded(pair[0])]
    assert len(pairs) > 3000
    assert len(exact) / len(pairs) >= 0.995


def test_one_typing_error_is_set_right_or_asked_back(gazetteer):
    pairs = [pair for pair in samhsa_pairs() if isinstance(resolve(", ".join(pair), gazetteer), Place)]
    right, wrong = typing_figures(random.Random(3).sample(pairs, 800), gazetteer)
    assert right >= 0.98
    assert wrong <= 0.01


@pytest.mark.soak
def test_one_typing_error_in_every_pair_is_set_right_or_asked_back(gazetteer):
    pairs = [pair for pair in samhsa_pairs() if isinstance(resolve(", ".join(pair), gazetteer), Place)]
    right, wrong = typing_figures(pairs * 5, gazetteer)
    assert right >= 0.98
    assert wrong <= 0.01


@pytest.mark.parametrize(("typed", "text"), [
    ("Asheville, NC", "Asheville, NC"), ("asheville nc", "Asheville, NC"), ("  ASHEVILLE ,  nc ", "Asheville, NC"),
    ("Asheville North Carolina USA", "Asheville, NC"), ("Asheville, North Carolna", "Asheville, NC"),
    ("Phildelphia, PA", "Philadelphia, PA"), ("st louis mo", "Saint Louis, MO"),
    ("St. Paul, Minnesota", "Saint Paul, MN"),
    ("ft worth tx", "Fort Worth, TX"), ("McCormick SC", "Mc Cormick, SC"), ("Washington D.C.", "Washington, DC"),
    ("nyc", "New York, NY"), ("New York", "New York, NY"), ("Filadelfia", "Philadelphia, PA"),
    ("Cañon City, CO", "Canon City, CO"), ("Mayagüez, PR", "Mayaguez, PR"), ("28801", "Asheville, NC 28801"),
    ("28801-1234", "Asheville, NC 28801"), ("Asheville NC 28801", "Asheville, NC 28801"),
    ("2139", "Cambridge, MA 02139"), ("601", "Adjuntas, PR 00601"), ("21391234", "Cambridge, MA 02139"),
])
def test_what_people_type_is_understood(typed, text, gazetteer):
    found = resolve(typed, gazetteer)
    assert isinstance(found, Place), found
    assert found.text == text


@pytest.mark.parametrize(("typed", "why", "first"), [
    ("Franklin", "ambiguous", "Franklin, TN"), ("Springfield", "ambiguous", "Springfield, MA"),
    ("Ashville, NC", "unsure", "Asheville, NC"), ("Ashevile", "unsure", "Asheville, NC"),
    ("99999", "unsure", "Ketchikan, AK 99901"), ("Toronto, Canada", "unknown", None), ("", "unknown", None),
    ("🙂", "unknown", None), ("x" * 5000, "unknown", None), ("09012", "no_point", None),
    ("APO AE 09012", "no_point", None), ("\x00\ud800", "unknown", None),
], ids=["several states", "several states, larger first", "two cities one letter away", "no state and mistyped",
        "ZIP that does not exist", "abroad", "nothing", "no letters", "very long", "military ZIP", "military address",
        "broken text"])
def test_what_is_not_sure_is_asked_back(typed, why, first, gazetteer):
    found = resolve(typed, gazetteer)
    assert isinstance(found, Choices), found
    assert found.why == why
    assert (found.choices[0].text if found.choices else None) == first
    assert len(found.choices) <= 20


def test_a_zip_knows_its_county_state_and_zone(gazetteer):
    found = resolve_zip("28801", gazetteer)
    assert (found.county, found.state, found.country, found.timezone, found.precision, found.postal_code) == (
        "Buncombe", "NC", "US", "America/New_York", "postal_code", "28801")


@pytest.mark.parametrize(("typed", "zone"), [
    ("Indianapolis, IN", "America/Indiana/Indianapolis"), ("El Paso, TX", "America/Denver"),
    ("Phoenix, AZ", "America/Phoenix"), ("San Juan, PR", "America/Puerto_Rico"), ("Honolulu, HI", "Pacific/Honolulu"),
])
def test_the_zone_is_that_of_the_point(typed, zone, gazetteer):
    assert resolve(typed, gazetteer).timezone == zone


def test_a_city_in_several_counties_names_none(gazetteer):
    assert resolve("New York, NY", gazetteer).postal_code is None
    assert resolve("Kansas City, MO", gazetteer).county is None


def test_a_point_names_its_state_only_where_neighbors_agree(gazetteer):
    inland = at_point(35.6, -82.55, gazetteer)
    border = at_point(39.10, -94.607, gazetteer)  # the line between the two Kansas Cities
    assert (inland.state, inland.county, inland.precision, inland.postal_code) == ("NC", "Buncombe", "exact", None)
    assert border.state is None
    assert border.timezone == "America/Chicago"


def test_a_point_abroad_has_a_zone_and_no_state(gazetteer):
    found = at_point(48.85, 2.35, gazetteer)
    assert (found.timezone, found.state, found.country) == ("Europe/Paris", None, None)


@pytest.mark.parametrize(("text", "code"), [("nc", "NC"), ("North Carolina", "NC"), ("D.C.", "DC"), ("PR", "PR"),
                                            ("Nuevo México", "NM"), ("Ontario", None), ("", None)])
def test_states_are_known_by_code_and_name(text, code):
    assert state_code(text) == code


def test_a_city_is_looked_for_in_its_own_state_only(gazetteer):
    assert resolve_city("Franklin", "Tennessee", gazetteer).text == "Franklin, TN"
    elsewhere = resolve_city("Asheville", "WA", gazetteer)
    assert isinstance(elsewhere, Choices)
    assert "Asheville, NC" in [one.text for one in elsewhere.choices]


def test_no_zip_of_the_gazetteer_lies_at_zero(gazetteer):
    assert min(abs(one.latitude) + abs(one.longitude) for one in gazetteer.zips.values()) > 5
