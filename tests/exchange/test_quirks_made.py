"""Each of the 25 quirks of real listings, on invented look-alikes that need nothing from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finder.exchange.mapping import Mapping, parse
from finder.exchange.reading import Listing, OutOfScope, Refused
from tests.exchange.make import (
    bmlt_meeting,
    counts,
    facility,
    feed,
    listings,
    meeting,
    only,
    read,
    table,
)

PLAN = {"columns": {"id": "Number", "name": "Name", "location.address_1": "Street", "location.city": "City",
                    "location.state": "State", "location.postal_code": "Zip", "contact.phone": "Phone"},
        "rules": [{"when": {"Kind": "support"}, "set": {"group_type": "peer_support"}, "signed_by": "A", "why": "B"}]}


def row(**cells: str) -> dict[str, str]:
    return {"Number": "A1", "Name": "House of Hope", "Street": "1 Elm St", "City": "Salem", "State": "OR",
            "Zip": "97301", "Phone": "503-555-0100", "Kind": "support", **cells}


def test_quirk_01_a_zip_given_as_a_number_gets_its_zeros_back(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(formatted_address="", address="1 Elm St", city="Waterbury", state="CT",
                                         postal_code=6708, country="USA", latitude=None, longitude=None)]))
    place = found["sessions"][0]["location"]
    assert place["postal_code"] == "06708"
    assert place["precision"] == "postal_code"


def test_quirk_02_days_are_counted_from_sunday_zero_and_lists_are_several_sessions(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(day=[0, 3]), meeting(slug="b", day="Thursay", time="08:00")]))
    assert [one["repeats"][-2:] for one in found["sessions"]] == ["SU", "WE", "TH"]


def test_quirk_03_the_same_number_is_another_day_in_the_api_and_in_the_tables(tmp_path: Path) -> None:
    api = only(feed(tmp_path, [bmlt_meeting()], "bmlt"))
    tables = only(feed(tmp_path, [bmlt_meeting()], "bmlt-tables"))
    assert api["sessions"][0]["repeats"] == "FREQ=WEEKLY;BYDAY=MO"
    assert tables["sessions"][0]["repeats"] == "FREQ=WEEKLY;BYDAY=TU"


def test_quirk_04_a_meeting_over_midnight_keeps_its_length(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(time="23:00", end_time="00:15")]))
    assert found["sessions"][0]["duration_minutes"] == 75


def test_quirk_04_a_split_night_is_joined(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(day=5, time="19:00", end_time="23:59"),
                                 meeting(slug="b", day=6, time="00:00", end_time="07:00")]))
    (night,) = found["sessions"]
    assert (night["repeats"][-2:], night["start_time"], night["duration_minutes"]) == ("FR", "19:00", 720)


@pytest.mark.parametrize("time", ["19:30", "19:30:00", "7:30 pm", "7:30p", "730PM", "1930"])
def test_quirk_05_times_of_known_shapes_are_equal(tmp_path: Path, time: str) -> None:
    assert only(feed(tmp_path, [meeting(time=time)]))["sessions"][0]["start_time"] == "19:30"


def test_quirk_05_an_unknown_shape_is_refused_and_stops_nothing(tmp_path: Path) -> None:
    rows = feed(tmp_path, [meeting(time="sundown"), meeting(slug="b")])
    assert rows[0] == Refused(1, "time", "not_a_time")
    assert counts(rows) == (1, 0, 1)


def test_quirk_05_twenty_four_hundred_is_midnight_of_the_next_day(tmp_path: Path) -> None:
    (night,) = only(feed(tmp_path, [meeting(day=1, time="24:00", end_time="01:00")]))["sessions"]
    assert (night["repeats"][-2:], night["start_time"], night["duration_minutes"]) == ("TU", "00:00", 60)


def test_quirk_06_a_suspended_group_is_paused_and_keeps_its_name(tmp_path: Path) -> None:
    (found,) = listings(feed(tmp_path, [meeting(name="Suspended: Harbor Lights", attendance_option="inactive")]))
    assert found.status == "publish"
    assert (found.document["name"], found.document["status"]) == ("Harbor Lights", "paused")
    assert found.document["x"]["original_names"] == ["Suspended: Harbor Lights"]


def test_quirk_06_online_in_the_name_sets_the_format(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(name="Harbor Lights (ONLINE)", attendance_option=None)]))
    assert (found["name"], found["sessions"][0]["format"]) == ("Harbor Lights", "online_video")


def test_quirk_07_inactive_and_unpublished_rows_are_withheld(tmp_path: Path) -> None:
    (inactive,) = listings(feed(tmp_path, [meeting(attendance_option="inactive")]))
    (hidden,) = listings(feed(tmp_path, [bmlt_meeting(published="0")], "bmlt"))
    assert {inactive.status, hidden.status} == {"withhold"}


def test_quirk_07_an_expired_license_is_withheld(tmp_path: Path) -> None:
    plan = parse({**PLAN, "rules": [*PLAN["rules"], {"when": {"Until": "before today"}, "publish": False}]})
    path = table(tmp_path, [row(Until="2020-01-31"), row(Number="A2", Until="2027-01-31")])
    assert [one.status for one in listings(read(path, "csv", plan))] == ["withhold", "publish"]


def test_quirk_08_an_approximate_point_is_no_pin(tmp_path: Path) -> None:
    county = only(feed(tmp_path, [meeting(formatted_address="Orange County, CA, USA", approximate="yes")]))
    town = only(feed(tmp_path, [meeting(formatted_address="Costa Mesa, CA, USA", approximate="yes")]))
    assert "latitude" not in county["sessions"][0]["location"]
    assert town["sessions"][0]["location"]["precision"] == "city"


def test_quirk_08_a_point_that_many_addresses_share_is_dropped(tmp_path: Path) -> None:
    rows = feed(tmp_path, [
        meeting(name=f"Group {number}", formatted_address=f"{number} Pier St, Costa Mesa, CA 92626, USA")
        for number in range(1, 6)])
    found = listings(rows)
    assert len(found) == 5
    assert all("shared_point" in one.flags for one in found)
    assert {one.document["sessions"][0]["location"]["precision"] for one in found} == {"postal_code"}


def test_quirk_08_an_online_meeting_has_no_point(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(attendance_option="online", conference_url="https://zoom.us/j/5550100")]))
    assert "location" not in found["sessions"][0]


@pytest.mark.parametrize(("latitude", "longitude"), [(0, 0), (33.58, 0), ("-", "-"), ("", ""), (None, None)])
def test_quirk_09_without_a_usable_point_the_zip_stands_in(tmp_path: Path, latitude: object, longitude: object) -> None:
    found = only(feed(tmp_path, [meeting(latitude=latitude, longitude=longitude)]))
    place = found["sessions"][0]["location"]
    assert place["precision"] == "postal_code"
    assert abs(place["latitude"] - 33.68) < .1


def test_quirk_09_points_swapped_or_in_another_state_are_dropped(tmp_path: Path) -> None:
    swapped, elsewhere = listings(feed(tmp_path, [
        meeting(latitude=-117.91, longitude=33.66), meeting(name="Far Away", latitude=40.7, longitude=-74.0)]))
    assert "point_out_of_range" in swapped.flags
    assert "point_outside_state" in elsewhere.flags
    assert elsewhere.document["sessions"][0]["location"]["precision"] == "postal_code"


def test_quirk_10_words_for_nothing_are_empty(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(notes="NA", location="null", url="http://", end_time="NA", group="N/A")]))
    assert "description" not in found
    assert "contact" not in found
    assert "name" not in found["sessions"][0]["location"]


def test_quirk_11_phones_keep_extensions_and_lose_empty_ones(tmp_path: Path) -> None:
    plan = parse(PLAN)
    path = table(tmp_path, [row(Phone="503-555-0100 x"), row(Number="A2", Phone="503-555-0101 x202")])
    assert [one.document["contact"]["phone"] for one in listings(read(path, "csv", plan))] == \
        ["+15035550100", "+15035550101 x202"]


@pytest.mark.parametrize("types", [["C", "W", "QQ"], "[\"C\", \"W\", \"QQ\"]", "C,W,QQ", "[closed], W, QQ"])
def test_quirk_12_types_of_every_shape_are_read_and_unknown_ones_kept(tmp_path: Path, types: object) -> None:
    found = only(feed(tmp_path, [meeting(types=types)]))
    assert (found["attendees"], found["gender_mix"]) == ("person", "women")
    assert found["x"]["types"] == ["QQ"]


@pytest.mark.parametrize("types", [None, "", [], "[open]"])
def test_quirk_12_missing_types_state_nothing(tmp_path: Path, types: object) -> None:
    found = only(feed(tmp_path, [meeting(types=types)]))
    assert "populations" not in found
    assert found.get("attendees") == ("anyone" if types == "[open]" else None)


def test_quirk_13_code_soup_makes_one_program_for_each_kind_of_group(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("SA MH * OP PHDT * GT FPSY CFT * PEER")])
    assert {one.document["group_type"] for one in listings(read(path, "samhsa"))} == \
        {"process", "psychoed", "family_therapy", "peer_support", "php"}


def test_quirk_13_a_code_the_dictionary_names_otherwise_states_no_group(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("MH * OP * GT")])
    table(tmp_path, [{"service_code": "GT", "service_name": "Gait training"}], "service_codes.csv")
    assert read(path, "samhsa") == [OutOfScope(2, "no_group_stated")]


def test_quirk_14_sites_of_a_chain_are_not_one_facility(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("MH * OP * GT"),
                            facility("MH * OP * GT", name2="South Site", street1="9 Oak Road")])
    assert len({one.key for one in listings(read(path, "samhsa"))}) == 2


def test_quirk_15_repeated_rows_are_one_listing_and_one_session(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("MH * OP * GT"), facility("MH * OP * GT", name1="RIVER  CARE INC.")])
    (facilities,) = listings(read(path, "samhsa"))
    (group,) = listings(feed(tmp_path, [meeting(), meeting(slug="again")]))
    assert facilities.rows == (2, 3)
    assert len(group.document["sessions"]) == 1
    assert "repeated_meeting" in group.flags


def test_quirk_16_invisible_characters_and_blanks_leave_names(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(name=" Clean\u00a0 Air\u200b ", notes="One\rTwo \\n Three\tFour")]))
    assert found["name"] == "Clean Air"
    assert found["description"] == "One\nTwo\nThree Four"


def test_quirk_17_entities_and_tags_are_decoded_once(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(
        name="Sick &amp; Tired", notes="<p>Bring <b>a chair</b></p>", attendance_option="online",
        conference_url="https://zoom.us/j/5550100?a=1&amp;b=2")]))
    assert found["name"] == "Sick & Tired"
    assert found["description"] == "Bring a chair"
    assert found["sessions"][0]["join_url"] == "https://zoom.us/j/5550100?a=1&b=2"


def test_quirk_18_capitals_get_a_display_form(tmp_path: Path) -> None:
    path = table(tmp_path, [row(Name="HOUSE OF HOPE LLC", Street="1 ELM STREET")])
    found = only(read(path, "csv", parse(PLAN)))
    assert found["name"] == "House of Hope LLC"
    assert found["sessions"][0]["location"]["address_1"] == "1 Elm Street"


def test_quirk_19_banner_mark_ragged_rows_and_hashes_are_seen(tmp_path: Path) -> None:
    header = ",".join(row())
    good, hashes = ",".join(row().values()), ",".join(row(Number="A2", Phone="#####").values())
    path = tmp_path / "list.csv"
    path.write_text(f"\ufeffPrograms 2026,,\n{header}\n{good}\nA3,short\n{hashes}\n", encoding="utf-8")
    rows = read(path, "csv", parse(PLAN))
    assert [one.rows for one in listings(rows)] == [(3,)]
    assert rows[1:] == [Refused(4, "row", "wrong_columns"), Refused(5, "Phone", "unreadable_cell")]


def test_quirk_20_the_zone_comes_from_the_name_before_the_point(tmp_path: Path) -> None:
    (found,) = listings(feed(tmp_path, [meeting(name="Harbor Lights - 7:30pm Eastern - In-Person")]))
    assert found.document["sessions"][0]["timezone"] == "America/New_York"
    assert "zone_disagrees" in found.flags


def test_quirk_20_without_a_zone_no_time_is_published(tmp_path: Path) -> None:
    adrift = meeting(formatted_address="", latitude=None, longitude=None, attendance_option="online",
                     conference_url="https://zoom.us/j/5550100")
    (found,) = listings(feed(tmp_path, [adrift]))
    assert "no_zone" in found.flags
    assert "start_time" not in found.document["sessions"][0]
    assert "Monday 19:30 (time zone not stated)" in found.document["description"]


def test_quirk_20_a_default_zone_of_the_mapping_is_used_last(tmp_path: Path) -> None:
    adrift = meeting(formatted_address="", latitude=None, longitude=None, attendance_option="online")
    found = only(feed(tmp_path, [adrift], plan=Mapping(fellowship="aa", timezone="America/Denver")))
    assert found["sessions"][0]["timezone"] == "America/Denver"


def test_quirk_21_ordinals_in_the_name_make_a_monthly_rule_and_in_notes_a_flag(tmp_path: Path) -> None:
    monthly, noted, unclear = listings(feed(tmp_path, [
        meeting(name="Transwomen 2nd & 4th Mondays Only"), meeting(name="B", notes="Business meeting last Monday."),
        meeting(name="C every other Monday 8pm Eastern")]))
    assert monthly.document["sessions"][0]["repeats"] == "FREQ=MONTHLY;BYDAY=2MO,4MO"
    assert "recurrence_in_text" in noted.flags
    assert "repeats" not in unclear.document["sessions"][0]


def test_quirk_22_the_town_leaves_the_street_and_a_venue_stands_apart(tmp_path: Path) -> None:
    short = only(feed(tmp_path, [
        meeting(formatted_address="", address="2323 66th Street Suite D, Lbk", city="Lubbock", state="TX",
                postal_code=79412, country="USA", latitude=33.53, longitude=-101.87)]))
    venue = only(feed(tmp_path, [meeting(location="", formatted_address="Old Mill, 3 Main St, Salem, OR 97301, USA",
                                         latitude=44.94, longitude=-123.03)]))
    assert short["sessions"][0]["location"]["address_1"] == "2323 66th Street Suite D"
    assert venue["sessions"][0]["location"]["name"] == "Old Mill"


def test_quirk_23_states_countries_and_boroughs_are_read(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [
        bmlt_meeting(location_municipality="", location_city_subsection="Bronx", latitude="40.88", longitude="-73.88",
                     location_province=" NY. ", location_nation="U.S.A")], "bmlt"))
    place = found["sessions"][0]["location"]
    assert (place["city"], place["state"], place["country"]) == ("Bronx", "NY", "US")


def test_quirk_24_the_registration_number_is_the_key_and_zeros_are_none(tmp_path: Path) -> None:
    al_anon = Mapping(fellowship="al-anon")
    before, after = (listings(feed(tmp_path, [meeting(name=name)], plan=al_anon))[0]
                     for name in ("30557550 Morning AFG", "30557550 Early Morning AFG"))
    assert (before.document["name"], before.key) == ("Morning AFG", after.key)
    zeros = listings(feed(tmp_path, [meeting(group="One", group_id="000"),
                                     meeting(name="Two", group="Two", group_id="0")]))
    assert len({one.key for one in zeros}) == 2


def test_quirk_25_details_in_the_wrong_place_are_kept_private_and_conflicts_flagged(tmp_path: Path) -> None:
    rows = {"meetings": [meeting(notes="We moved online in March.\nMeeting ID: 555 0100\nPasscode: harbor")]}
    (found,) = listings(feed(tmp_path, rows))
    assert {"moved_online_in_text", "private_text_left_out"} <= set(found.flags)
    assert "harbor" not in json.dumps(found.document).replace("harbor-", "")
    assert isinstance(found, Listing)
