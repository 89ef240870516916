import pytest

from finder.duplicates import spots, times, words
from finder.duplicates.card import card_of, phone
from tests.duplicates.groups import at, group, session


@pytest.mark.parametrize(("typed", "digits"), [
    ("+12125550140", "2125550140"), ("(212) 555-0140", "2125550140"), ("1.212.555.0140", "2125550140"),
    ("212-555-0140 x12", "2125550140"), ("212-555-0140 ext. 7", "2125550140"), ("+442079460000", "442079460000"),
    ("12345", ""), ("call us", ""), (None, "")])
def test_a_number_is_its_digits(typed, digits):
    assert phone(typed) == digits


@pytest.mark.parametrize(("line", "number", "name", "sides", "unit"), [
    ("309 East Broadway", "309", "broadway", {"e"}, ""),
    ("309 E. Broadway St., Suite 2-B", "309", "broadway", {"e"}, "2 b"),
    ("1545 Atlantic Avenue, Adult Program", "1545", "atlantic", set(), "adult program"),
    ("12 W 5th Street #7", "12", "5", {"w"}, "7"), ("12 West Fifth St", "12", "5", {"w"}, ""),
    ("Church Hall, 9 Oak St", "", "church hall", set(), "9 oak st"),
    ("P.O. Box 12", "", "", set(), ""), ("", "", "", set(), "")])
def test_a_street_is_read_without_the_ways_to_write_it(line, number, name, sides, unit):
    assert spots.street_of(line) == spots.Street(number, name, frozenset(sides), unit)


def test_streets_on_two_sides_of_a_town_are_two_houses():
    north, south = (spots.spot_of(at(address_1=f"100 {side} Main St", latitude=None)) for side in ("N", "S"))
    assert not spots.same_house(north, south)
    assert spots.same_house(north, spots.spot_of(at(address_1="100 Main Street")))


@pytest.mark.parametrize("precision", ["city", "postal_code"])
def test_the_point_of_a_town_is_no_point(precision):
    assert spots.spot_of(at(precision=precision)).latitude is None


@pytest.mark.parametrize(("one", "other"), [
    ("Tues. Nite Women's Mtg", "Tues Night Womens Meeting"), ("11th Step", "Eleventh Step"),
    ("Café Español", "cafe espanol"), ("Part II", "Part 2")])
def test_words_are_spelled_alike(one, other):
    assert words.words(one) == words.words(other)


def test_days_and_common_words_tell_nothing_unless_they_are_all_there_is():
    assert words.telling(words.words("The Tuesday Lantern Support Group (online)")) == ("lantern",)
    assert words.telling(words.words("The Group")) == ("group", "the")


@pytest.mark.parametrize(("name", "code"), [
    ("Alcoholics Anonymous", "aa"), ("A.A. of Salem", ""), ("Lantern AA", "aa"), ("Al-Anon Family Groups", "al-anon"),
    ("SMART Recovery", "smart"), ("Harbor Health", "")])
def test_a_fellowship_is_known_by_its_names(name, code):
    assert words.fellowship(name) == code


def test_times_are_minutes_of_the_week_on_both_clocks():
    found = times.times_of([session("MO", "18:30"), session("SU", "23:30"), {"format": "in_person"}])
    assert found.here == {18 * 60 + 30, 6 * 1440 + 23 * 60 + 30}
    assert found.everywhere == {1440 + 2 * 60 + 30, 7 * 60 + 30}  # Pacific winter, eight hours behind; Sunday is Monday
    assert found.days == {0, 6}


def test_an_unknown_zone_leaves_the_clock_on_the_wall():
    found = times.times_of([session(timezone="Nowhere/Town")])
    assert found.here
    assert not found.everywhere


@pytest.mark.parametrize(("url", "rooms"), [
    ("https://us02web.zoom.us/j/81234567890?pwd=x", {"81234567890"}),
    ("https://meet.google.com/abc-defg-hij", {"meet.google.com/abc-defg-hij"})])
def test_a_room_is_known_by_its_id(url, rooms):
    card = card_of(group(sessions=[session(place=None, join_url=url)]))
    assert card.rooms == rooms
    assert card.remote


def test_a_room_dialed_is_the_room_joined():
    card = card_of(group(sessions=[session(place=None, dial_in="+16465550100,,81234567890#")]))
    assert card.rooms == {"81234567890"}


def test_pages_are_told_from_sites_and_links_to_rooms():
    card = card_of(group(contact={"url": "http://www.Example.org/groups/7/"},
                         organization={"name": "Harbor", "url": "https://harbor.example"}))
    assert card.pages == {"example.org/groups/7"}
    assert card.sites == {"example.org", "harbor.example"}
    assert not card_of(group(contact={"url": "https://zoom.us/j/81234567890"})).pages


def test_a_card_can_be_called_by_another_id():
    assert card_of(group()).id == "one"
    assert card_of(group(), "catalog-7").id == "catalog-7"
