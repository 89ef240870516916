# Pairs as they stand in real directories and meeting lists, told again with invented names.
import pytest

from finder.duplicates.card import card_of
from finder.duplicates.likeness import compare
from tests.duplicates.groups import at, group, north, session

NUMBER = {"phone": "+15035550142"}


def clinic(key, name, place=None, *, runner="Harbor Health", number="+15035550142", kind="process", **facts):
    return group(key, name=name, organization={"name": runner}, contact={"phone": number}, group_type=kind,
                 sessions=[{"format": "in_person", "location": place or at()}], **facts)


def meeting(key, name, place=None, days="TU", at_="19:00", **facts):
    return group(key, name=name, group_type="mutual_aid", organization={"name": "Alcoholics Anonymous"},
                 sessions=[session(day, at_, place=place or at()) for day in days.split(",")], **facts)


def online(key, name, room, days="TU", at_="19:00"):
    return group(key, name=name, group_type="mutual_aid", organization={"name": "Alcoholics Anonymous"}, sessions=[
        session(day, at_, place=None, join_url=f"https://zoom.us/j/{room}") for day in days.split(",")])


SAME = {
    "a_site_with_and_without_its_suite": (clinic("a", "Harbor Clinic", at(address_1="309 Broadway, Suite 200")),
                                          clinic("b", "Harbor Clinic", at(address_1="309 Broadway"))),
    "words_turned_and_shortened": (clinic("a", "Bellhaven Community Counseling Center"),
                                   clinic("b", "Bellhaven Comm Couns Ctr")),
    "the_runner_s_region_and_the_runner": (
        meeting("a", "Stay and Grow"), {**meeting("b", "Stay & Grow Group"), "organization": {"name": "River Area"}}),
    "on_the_beach_with_half_an_address": (meeting("a", "LUCKY LANTERN", at(address_1="Broadway")),
                                          meeting("b", "Lucky Lantern Meeting", at(address_1="Coast Rd & Broadway"))),
    "one_room_online_twice": (online("a", "Hand of Lanterns", 81234567890, "MO,FR"),
                              online("b", "AA Meeting - The Hand of Lanterns", 81234567890, "MO,FR")),
    "one_day_of_seven": (meeting("a", "Morning Lanterns", days="MO,TU,WE,TH,FR"), meeting("b", "Morning Lanterns")),
}
SHOWN = {
    "next_door_at_the_same_hour": (meeting("a", "Lantern Bells", at(address_1="42 Austin Place")),
                                   meeting("b", "Lantern Bells", {**north(80), "address_1": "20 Austin Pl"})),
    "a_quarter_of_an_hour_apart": (meeting("a", "Looking for Lanterns"), meeting("b", "Looking for Lanterns Group",
                                                                              at_="19:15")),
    "in_person_and_online_listed_apart": (meeting("a", "Lantern Sundowners"),
                                          online("b", "Lantern Sundowners", 81234567890)),
    "two_suites": (clinic("a", "Harbor Clinic", at(address_1="309 Broadway, Suites E-F")),
                   clinic("b", "Harbor Clinic", at(address_1="309 Broadway, Suite A"))),
    "a_team_that_goes_home": (clinic("a", "Bellhaven Child Study Center"),
                              clinic("b", "In Home/Bellhaven Child Study Ctr")),
    "a_name_that_is_a_number": (meeting("a", "It Holds"), meeting("b", "G00012345")),
    "a_plain_name": (meeting("a", "Women's Step Study", gender_mix="women"),
                     meeting("b", "TUE WOMENS STEP STUDY", gender_mix="women")),
}
NONE = {
    "inpatient_and_outpatient": (clinic("a", "Harbor Inpatient Services"), clinic("b", "Harbor Outpatient Services")),
    "peer_support_and_group_therapy": (clinic("a", "Group therapy, Harbor Clinic"),
                                       clinic("b", "Peer support, Harbor Clinic", kind="peer_support")),
    "around_the_corner": (clinic("a", "Bellhaven House", at(address_1="103 W 11th St")),
                          clinic("b", "Bellhaven House", {**north(107), "address_1": "126 W 10th St"})),
    "two_houses_of_a_street": (clinic("a", "Bellhaven House", at(address_1="1906 Orange Lane")),
                               clinic("b", "Bellhaven House", {**north(55), "address_1": "1910 Orange Lane"})),
    "two_tenants_of_one_house": (
        clinic("a", "Lighthouse Recovery Centers", at(address_1="186 Main St, Suite 210"), runner="Lighthouse"),
        clinic("b", "Manifest Recovery Centers", at(address_1="186 Main St, Suite 300"), runner="Manifest",
               number="+15035550199")),
    "a_hall_at_one_hour": (meeting("a", "Attitude of Lanterns"), meeting("b", "Step Study by Candle")),
    "two_rooms_of_a_hall": (meeting("a", "As It Is Seen (Big Room)"),
                            meeting("b", "Women's Book (Small Room)", gender_mix="women")),
    "men_and_women_of_one_group": (meeting("a", "Men's Early Lanterns", gender_mix="men"),
                                   meeting("b", "Women's Early Lanterns", gender_mix="women")),
    "relatives_and_teens": (meeting("a", "Lynwood Monday AFG"), meeting("b", "Lynwood Monday Alateen")),
    "one_old_link_for_two_towns": (
        meeting("a", "Foothill Risers"), group("b", name="New Start", sessions=[session(
            "TU", "19:00", place=at(address_1="1 Oak St", city="Bend", latitude=44.06, longitude=-121.3))])),
    "a_usual_name_online": (online("a", "Monday Night", 81234567890), online("b", "Monday Night", 89999999999)),
}


def verdict(pair):
    return compare(*map(card_of, pair)).verdict


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_one_group_told_twice_is_the_same(pair):
    assert verdict(pair) == "same"


@pytest.mark.parametrize("pair", SHOWN.values(), ids=SHOWN)
def test_what_a_person_must_look_at_is_shown(pair):
    assert verdict(pair) == "likely"


@pytest.mark.parametrize("pair", NONE.values(), ids=NONE)
def test_neighbors_and_namesakes_are_none(pair):
    assert verdict(pair) == "no"
