import pytest

from finder.duplicates.card import card_of
from finder.duplicates.likeness import compare
from tests.duplicates.groups import at, group, north, session

AA = {"name": "Alcoholics Anonymous"}
CLINIC = {"name": "Harbor Health"}


def likeness(one, other, shared=frozenset()):
    return compare(card_of(one), card_of(other), shared)


def codes(found):
    return {reason.code for reason in found.reasons}


def site(name, place, **facts):
    return group("other", name=name, sessions=[{"format": "in_person", "location": place}], **facts)


REPEATS = [
    ("the_same_words", {}),
    ("short_words", {"name": "Lantern Tab. Grp"}),
    ("a_slip", {"name": "Lantren Table"}),
    ("capitals_and_how_it_meets", {"name": "LANTERN TABLE (in person)"}),
    ("a_day_in_another_language", {"name": "Martes: Lantern Table"}),
    ("its_organization_in_front", {"name": "Harbor Health: Lantern Table", "organization": CLINIC}),
    ("its_town_in_front", {"name": "Salem Lantern Table"}),
    ("its_house_in_front", {"name": "St Mark's Lantern Table"}),
    ("a_short_street", {"sessions": [session(place=at(address_1="309 E. Broadway St., Room 2"))]}),
    ("a_slip_in_the_street", {"sessions": [session(place=at(address_1="309 E Brodway"))]}),
    ("a_point_a_hundred_meters_off", {"sessions": [session(place={**north(100), "address_1": None})]}),
    ("no_point", {"sessions": [session(place=at(latitude=None, longitude=None))]}),
    ("the_old_name_of_the_zone", {"sessions": [session(timezone="US/Pacific")]}),
    ("the_clock_of_another_zone", {"sessions": [session(at="19:30", timezone="America/Denver")]}),
    ("one_more_session", {"sessions": [session(), session("FR")]}),
    ("another_word_for_the_kind", {"group_type": "mutual_aid"}),
]


@pytest.mark.parametrize("change", [change for _, change in REPEATS], ids=[name for name, _ in REPEATS])
def test_a_group_written_down_differently_is_the_same(change):
    found = likeness(group(), group("other", **change))
    assert found.verdict == "same", found
    assert found.score >= 97


SHOWN = [
    ("no_times", {"sessions": [{"format": "in_person", "location": at()}]}),
    ("a_quarter_of_an_hour_later", {"sessions": [session(at="18:45")]}),
    ("a_word_more", {"name": "Lantern Table Kitchen"}),
    ("next_door", {"sessions": [session(place={**north(60), "address_1": "313 East Broadway"})]}),
    ("its_twin_online", {"sessions": [session(place=None)]}),
]


@pytest.mark.parametrize("change", [change for _, change in SHOWN], ids=[name for name, _ in SHOWN])
def test_a_group_with_something_amiss_is_shown_and_never_taken_for_the_same(change):
    assert likeness(group(), group("other", **change)).verdict == "likely"


OTHERS = [
    ("other_town", "other_place", {"sessions": [session(place=at(
        city="Bend", postal_code="97701", latitude=44.058, longitude=-121.315, address_1="1 Oak Street"))]}),
    ("men_beside", "people_of_one", {"name": "Lantern Table for Men", "gender_mix": "men"}),
    ("teens_beside", "people_of_one", {"name": "Teen Lantern Table"}),
    ("another_language", "other_language", {"name": "Mesa de la Linterna", "languages": ["es"]}),
    ("a_second_group", "number_of_one", {"name": "Lantern Table 2"}),
    ("another_name", "name_differs", {"name": "Quiet Harbor"}),
    ("another_fellowship", "other_fellowship", {"organization": {"name": "Narcotics Anonymous"}}),
]


@pytest.mark.parametrize(("reason", "change"), [one[1:] for one in OTHERS], ids=[one[0] for one in OTHERS])
def test_another_group_in_the_same_place_or_of_the_same_name_is_none(reason, change):
    found = likeness(group(organization=AA, languages=["en"]), group("other", **change))
    assert found.verdict == "no", found
    assert reason in codes(found)


def test_women_and_men_who_meet_side_by_side_are_two_groups():
    women, men = group(name="Women's Lantern Table", gender_mix="women"), group("other", name="Men's Lantern Table",
                                                                               gender_mix="men")
    found = likeness(women, men)
    assert found.verdict == "no"
    assert "other_people" in codes(found)


@pytest.mark.parametrize("when", [("TH", "18:30"), ("TU", "12:00")], ids=["other_day", "other_hour"])
def test_the_same_group_at_another_time_has_a_verdict_of_its_own(when):
    assert likeness(group(), group("other", sessions=[session(*when)])).verdict == "other_time"


def test_a_different_week_of_the_month_is_another_time():
    second, fourth = (group(key, sessions=[session(repeats=f"FREQ=MONTHLY;BYDAY={week}TU")])
                      for key, week in (("one", 2), ("other", 4)))
    assert likeness(second, fourth).verdict == "other_time"


def test_another_group_in_the_same_house_at_another_time_is_none():
    assert likeness(group(), group("other", name="Quiet Harbor", sessions=[session("TH")])).verdict == "no"


@pytest.mark.parametrize("place", [at(address_1="4100 River Road", latitude=44.99, postal_code="97303"),
                                   {**north(600), "address_1": "12 Oak Street"},
                                   {**north(90), "address_1": "15 Elm Street"}],
                         ids=["far", "near", "around_the_corner"])
def test_sites_of_a_chain_with_one_name_and_one_number_are_none(place):
    contact = {"phone": "+15035550142"}
    one = site("Harbor Health", at(), organization=CLINIC, contact=contact)
    found = likeness(one, site("Harbor Health", place, organization=CLINIC, contact=contact))
    assert found.verdict == "no", found
    assert "other_site" in codes(found)


def test_kinds_of_group_at_one_site_are_none():
    contact = {"phone": "+15035550142"}
    one = site("Group therapy, Harbor Clinic", at(), organization=CLINIC, contact=contact, group_type="process")
    other = site("Family psychoeducation, Harbor Clinic", at(), organization=CLINIC, contact=contact,
                 group_type="psychoed")
    assert likeness(one, other).verdict == "no"


def test_another_suite_of_a_house_is_shown_and_never_the_same():
    contact = {"phone": "+15035550142"}
    one = site("Harbor Clinic", at(address_1="309 Broadway, Suite 100"), contact=contact)
    other = site("Harbor Clinic", at(address_1="309 Broadway, Suite 250"), contact=contact)
    found = likeness(one, other)
    assert found.verdict == "likely"
    assert "other_unit" in codes(found)


def test_a_room_online_at_the_same_hour_makes_two_alike_without_a_place():
    one = group(sessions=[session(place=None, join_url="https://us02web.zoom.us/j/81234567890?pwd=abc")])
    other = group("other", name="Lantern Table Online", sessions=[
        session(place=None, join_url="https://zoom.us/j/81234567890")])
    assert likeness(one, other).verdict == "same"


def test_the_number_of_a_hotline_says_little():
    one, other = group(contact={"phone": "+18005550100"}), group("other", name="Quiet Harbor", contact={
        "phone": "(800) 555-0100"}, sessions=[session(place=at(address_1="1 Oak St", latitude=44.95))])
    found = likeness(one, other, frozenset({("phone", "8005550100")}))
    assert found.verdict == "no"
    assert "shared_phone" in codes(found)


def test_a_hidden_place_is_compared_by_its_town_only():
    hidden = group("other", sessions=[session(place=at(hidden=True))])
    found = likeness(group(), hidden)
    assert codes(found) & {"same_town"}
    assert not codes(found) & {"same_address", "near"}


def test_reasons_say_what_they_rest_on():
    found = likeness(group(), group("other", name="Lantern Tables", sessions=[
        session(place={**north(40), "address_1": None})]))
    values = {reason.code: dict(reason.values) for reason in found.reasons}
    assert values["near"] == {"meters": 40}
    assert values["same_time"] == {"times": 1}
    assert 0.88 <= values["name_alike"]["likeness"] < 1


def test_the_strongest_reason_comes_first():
    found = likeness(group(organization=AA), group("other", organization={"name": "Narcotics Anonymous"}))
    bits = [abs(reason.bits) for reason in found.reasons]
    assert bits == sorted(bits, reverse=True)


def test_which_of_two_comes_first_changes_nothing_but_the_order():
    for _, change in [*REPEATS, *SHOWN]:
        one, other = group(organization=CLINIC), group("other", **change)
        here, there = likeness(one, other), likeness(other, one)
        assert (here.score, here.verdict, codes(here)) == (there.score, there.verdict, codes(there))


@pytest.mark.parametrize("document", [{}, {"name": None}, {"name": "🙂"}, {"name": "", "sessions": [{}]},
                                      {"name": "A", "sessions": [{"format": "in_person", "location": {}}]},
                                      {"name": "x" * 5000, "contact": {"phone": "no", "url": "::"}}],
                         ids=["nothing", "null", "no_words", "empty_session", "empty_place", "odd"])
def test_a_listing_that_says_nothing_is_like_nothing(document):
    assert likeness(document, group()).verdict == "no"
    assert likeness(document, document).verdict == "no"
