from __future__ import annotations

import pytest

from finder.exchange import bmlt_answers
from finder.exchange.bmlt_answers import FIELDS, Answers
from finder.vocabulary import vocabulary
from tests.exchange.bmlt_made import asked, found, held, of, three_meetings
from tests.exchange.published import SITE, TODAY, seed
from tests.exchange.test_meeting_guide_feed import WORDS


@pytest.fixture(scope="module")
def three() -> Answers:
    return three_meetings()


@pytest.mark.parametrize("query", ["switcher=Nothing", "", "switcher=getsearchresults", "switcher=GetNAWSDump"])
def test_a_question_that_bmlt_servers_refuse_is_no_question_here(three: Answers, query: str) -> None:
    assert asked(three, query) is None


def test_meetings_come_with_the_formats_they_use(three: Answers) -> None:
    both = asked(three, "switcher=GetSearchResults&page_size=5000&lang_enum=en&get_used_formats=1&weekdays=5")
    assert [one["meeting_name"] for one in both["meetings"]] == ["Later"]
    assert {one["key_string"]: one["name_string"] for one in both["formats"]} == {
        "O": "Open", "S": "Spanish", "mutual_aid": "Mutual aid fellowship"}
    assert asked(three, "switcher=GetSearchResults&get_used_formats=1&get_formats_only=1&weekdays=5") == {
        "formats": both["formats"]}


@pytest.mark.parametrize("there", ["get_used_formats", "get_used_formats=", "get_used_formats=1"])
def test_formats_come_along_when_the_word_is_there_and_not_when_it_says_no(three: Answers, there: str) -> None:
    assert set(asked(three, f"switcher=GetSearchResults&{there}")) == {"meetings", "formats"}
    assert isinstance(asked(three, "switcher=GetSearchResults&get_used_formats=0&get_formats_only=0"), list)


def test_only_the_columns_that_are_asked_for_come(three: Answers) -> None:
    rows = asked(three, "switcher=GetSearchResults&data_field_key=id_bigint,meeting_name,contact_name_1&weekdays=2")
    assert [sorted(one) for one in rows] == [["id_bigint", "meeting_name"]]
    assert set(asked(three, "switcher=GetSearchResults&data_field_key=contact_name_1")[0]) == set(FIELDS)
    far = asked(three, "switcher=GetSearchResults&data_field_key=meeting_name,distance_in_km&lat_val=35.996"
                       "&long_val=-78.8986&geo_width=2&sort_results_by_distance=1")
    assert far == [{"meeting_name": "Early", "distance_in_km": "0.0000"}]


def test_formats_have_words_in_both_languages(three: Answers) -> None:
    (grief,) = asked(three, "switcher=GetFormats&key_strings=grief&lang_enum=es")
    assert (grief["lang"], grief["format_type_enum"]) == ("es", "FC3")
    assert grief["name_string"] == vocabulary().lists["focus_areas"].label("grief", "es")
    assert len(asked(three, "switcher=GetFormats")) == len(three.formats)
    assert {one["lang"] for one in asked(three, "switcher=GetFormats&lang_enum[]=fr&lang_enum[]=es")} == {"en", "es"}
    assert {one["name_string"] for one in asked(three, "switcher=GetFormats&key_strings=O,VM&lang_enum=es")} == {
        "Abierta", "Reunión virtual"}


def test_all_formats_there_could_be_are_told_on_demand(three: Answers) -> None:
    every = asked(three, "switcher=GetFormats&show_all=1")
    keys = [one["key_string"] for one in every]
    assert set(three.formats) < set(keys)
    assert keys == sorted(set(keys))
    assert len({one["id"] for one in every}) == len(every)
    assert all(one["name_string"] for one in every)
    seeds = bmlt_answers.answers(seed(), site=SITE, words=WORDS, today=TODAY)
    assert set(seeds.formats) <= set(keys)


def test_an_organization_is_a_service_body_below_the_instance(three: Answers) -> None:
    first, second = asked(three, "switcher=GetServiceBodies")
    assert (first["id"], first["parent_id"], first["name"]) == ("1", "0", "Example Directory")
    assert (second["parent_id"], second["name"], second["url"]) == ("1", "River Care", "https://river.example.org")
    assert found(three, f"services={second['id']}") == ["Early"]
    of_second = f"switcher=GetServiceBodies&services={second['id']}"
    assert [one["id"] for one in asked(three, of_second)] == [second["id"]]
    assert [one["id"] for one in asked(three, f"{of_second}&parents=1")] == ["1", second["id"]]
    assert [one["id"] for one in asked(three, "switcher=GetServiceBodies&services=1&recursive=1")] == ["1",
                                                                                                     second["id"]]
    assert [one["id"] for one in asked(three, "switcher=GetServiceBodies&services[]=-1")] == [second["id"]]


def test_the_values_of_a_field_come_with_their_meetings(three: Answers) -> None:
    ids = dict(zip(three.columns["meeting_name"], three.columns["id_bigint"], strict=True))
    towns = asked(three, "switcher=GetFieldValues&meeting_key=location_municipality")
    assert towns == [{"location_municipality": "NULL", "ids": ids["Video"]},
                     {"location_municipality": "Cary", "ids": ids["Later"]},
                     {"location_municipality": "Durham", "ids": ids["Early"]}]
    opened, spanish = of(three, "O"), of(three, "S")
    both = ",".join(sorted((opened, spanish), key=int))
    some = asked(three, f"switcher=GetFieldValues&meeting_key=formats&specific_formats={opened},{spanish}")
    assert {one["formats"]: one["ids"] for one in some} == {opened: ids["Early"], both: ids["Later"]}
    every = f"switcher=GetFieldValues&meeting_key=formats&specific_formats={opened},{spanish}&all_formats=1"
    assert asked(three, every) == [{"formats": both, "ids": ids["Later"]}]


def test_the_area_is_the_box_around_all_points_and_a_first_map_shows_it(three: Answers) -> None:
    assert asked(three, "switcher=GetCoverageArea") == [{
        "nw_corner_longitude": "-78.8986", "nw_corner_latitude": "35.996", "se_corner_longitude": "-78.8986",
        "se_corner_latitude": "35.9"}]
    (server,) = asked(three, "switcher=GetServerInfo")
    assert (server["centerLatitude"], server["centerLongitude"]) == ("35.948", "-78.8986")
    assert 8 <= int(server["centerZoom"]) <= 12
    nobody = held()
    assert asked(nobody, "switcher=GetCoverageArea")[0]["nw_corner_latitude"] == ""
    assert asked(nobody, "switcher=GetServerInfo")[0]["centerZoom"] == "4"
    assert asked(nobody, "switcher=GetSearchResults&get_used_formats=1") == {"meetings": [], "formats": []}


def test_the_server_says_which_fields_it_has(three: Answers) -> None:
    (server,) = asked(three, "switcher=GetServerInfo")
    assert server["available_keys"].split(",") == list(FIELDS)
    assert {type(value) for value in server.values()} == {str}
    assert [one["key"] for one in asked(three, "switcher=GetFieldKeys")] == list(FIELDS)
