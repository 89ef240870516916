from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.exchange import bmlt_answers, bmlt_formats
from finder.exchange.bmlt_answers import FIELDS, Answers
from finder.exchange.bmlt_parameters import parameters
from finder.exchange.bmlt_replies import Server, reply
from finder.exchange.reading import Listing
from finder.vocabulary import vocabulary
from tests.exchange.make import read
from tests.exchange.published import FULL, SITE, TODAY, changed, entry, judge_losses, nights, seed, weekly_documents
from tests.exchange.test_meeting_guide_feed import LISTS, SILENT, WORDS

DURHAM = {"name": "Old Mill", "address_1": "1 Elm St", "city": "Durham", "state": "NC", "postal_code": "27701",
          "latitude": 35.996, "longitude": -78.8986, "precision": "exact"}


PLACES = {"Old Mill, 1 Elm St, Durham": (35.996, -78.8986)}


def held(*documents: dict[str, Any], direct: bool = False) -> Answers:
    return bmlt_answers.answers([entry(load(one)) for one in documents], site=SITE, words=WORDS, today=TODAY,
                                direct_links=direct)


def asked(answers: Answers, query: str) -> Any:
    return reply(Server(answers, SITE, vocabulary(), PLACES.get), parameters(parse_qsl(query, keep_blank_values=True)))


def found(answers: Answers, query: str) -> list[str]:
    names: list[str] = [one["meeting_name"] for one in asked(answers, f"switcher=GetSearchResults&{query}")]
    return names


def group(name: str, **fields: Any) -> dict[str, Any]:
    session = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=MO", "start_time": "18:00",
               "duration_minutes": 90, "timezone": "America/New_York", "location": DURHAM,
               **fields.pop("session", {})}
    return {"format": "finder-listing/1", "id": name.lower().replace(" ", "-"), "name": name,
            "group_type": "mutual_aid",
            "sessions": [session], **fields}


@pytest.fixture(scope="module")
def three() -> Answers:
    return held(
        group("Early", organization={"name": "River Care", "url": "https://river.example.org"}, attendees="anyone",
              session={"start_time": "07:30", "duration_minutes": 30}),
        group("Later", languages=["es"], attendees="anyone",
              session={"repeats": "FREQ=WEEKLY;BYDAY=TH", "location": {**DURHAM, "latitude": 35.9, "city": "Cary"}}),
        group("Video", focus=["grief"], session={"format": "online_video", "location": None, "timezone": "UTC",
                                                 "repeats": "FREQ=WEEKLY;BYDAY=SU"}))


def of(answers: Answers, key: str) -> str:
    return answers.formats[key].id


def test_every_value_is_text_and_sunday_is_one(three: Answers) -> None:
    rows = asked(three, "switcher=GetSearchResults")
    assert {type(value) for one in rows for value in one.values()} == {str}
    assert {one["meeting_name"]: one["weekday_tinyint"] for one in rows} == {"Video": "1", "Early": "2", "Later": "5"}
    assert {len({one["id_bigint"] for one in rows}), len(rows)} == {3}
    assert all(set(one) == set(FIELDS) for one in rows)
    assert (rows[1]["start_time"], rows[1]["duration_time"]) == ("07:30:00", "00:30:00")


BOTH = ["Video", "Later"]


@pytest.mark.parametrize(("query", "names"), [
    ("", ["Video", "Early", "Later"]), ("weekdays=2", ["Early"]), ("weekdays=1,5", ["Video", "Later"]),
    ("weekdays[]=1&weekdays[]=5", ["Video", "Later"]), ("weekdays=-2", ["Video", "Later"]),
    ("venue_types=2", ["Video"]), ("venue_types=-2", ["Early", "Later"]),
    ("services=1", ["Video", "Later"]), ("services=-1", ["Early"]),
    ("services=1&recursive=1", ["Video", "Early", "Later"]),
    ("SearchString=cary", ["Later"]), ("SearchString=cary+nothing", []),
    ("meeting_key=location_municipality&meeting_key_value=durham", ["Early"]),
    ("meeting_key=contact_name_1&meeting_key_value=pat", []),
    ("StartsAfterH=8", ["Video", "Later"]), ("StartsAfterH=18", []), ("StartsAfterH=17&StartsAfterM=59", BOTH),
    ("StartsBeforeH=7&StartsBeforeM=31", ["Early"]), ("StartsBeforeH=7&StartsBeforeM=30", []),
    ("StartsBeforeH=99", ["Video", "Early", "Later"]), ("StartsAfterH=-4&StartsAfterM=-1", ["Video", "Early", "Later"]),
    ("MinDurationH=1", ["Video", "Later"]), ("MaxDurationM=30", ["Early"]), ("EndsBeforeH=8", ["Early"]),
    ("lat_val=35.996&long_val=-78.8986&geo_width=2", ["Early"]),
    ("lat_val=35.996&long_val=-78.8986&geo_width_km=20", ["Early", "Later"]),
    ("lat_val=35.9&long_val=-78.8986&geo_width=-1", ["Later"]),
    ("lat_val=35.9&long_val=-78.8986&geo_width=50&sort_results_by_distance=1", ["Later", "Early"]),
    ("lat_val=35.9&long_val=-78.8986&geo_width_km=-1", ["Later"]),
    ("lat_val=35.9&long_val=-78.8986&data_field_key=meeting_name,distance_in_km", ["Early", "Later"]),
    ("lat_val=-89&long_val=179&geo_width=5", []),
    ("SearchString=Old+Mill,+1+Elm+St,+Durham&StringSearchIsAnAddress=1&SearchStringRadius=2", ["Early"]),
    ("SearchString=Old+Mill,+1+Elm+St,+Durham&StringSearchIsAnAddress=1", ["Early", "Later"]),
    ("SearchString=Old+Mill,+1+Elm+St,+Durham&StringSearchIsAnAddress=1&SearchStringRadius=-1", ["Early"]),
    ("SearchString=ca", ["Video", "Early", "Later"]), ("SearchString=", ["Video", "Early", "Later"]),
    ("SearchString=27701,durham", ["Early"]), ("SearchString=9", []),
    ("meeting_key=location_municipality&meeting_key_value[]=Durham&meeting_key_value[]=CARY", ["Early", "Later"]),
    ("meeting_key=start_time&meeting_key_value=07:30", ["Early"]),
    ("meeting_key=weekday_tinyint&meeting_key_value=1", ["Video"]),
    ("meeting_key=location_municipality", []), ("meeting_key=formats&meeting_key_value=O", []),
    ("weekdays=", ["Video", "Early", "Later"]), ("weekdays=0&services=0&formats=0", ["Video", "Early", "Later"]),
    ("weekdays=2,-2", []), ("services=-1&recursive=1", []), ("advanced_published=0", ["Video", "Early", "Later"]),
    ("root_server_ids=7&key=secret", ["Video", "Early", "Later"]),
    ("page_size=2", ["Video", "Early"]), ("page_size=2&page_num=2", ["Later"]), ("page_size=2&page_num=9", []),
    ("sort_key=time", ["Video", "Early", "Later"]), ("sort_keys=meeting_name", ["Early", "Later", "Video"]),
    ("sort_key=town", ["Later", "Early", "Video"]), ("sort_key=state", ["Later", "Early", "Video"]),
    ("sort_keys=start_time", ["Early", "Video", "Later"]), ("sort_keys=nothing", ["Video", "Early", "Later"]),
    ("sort_keys=location_province,meeting_name", ["Early", "Later", "Video"]),
    ("advanced_published=-1", []), ("unknown=1", ["Video", "Early", "Later"]),
], ids=str)
def test_a_query_finds(three: Answers, query: str, names: list[str]) -> None:
    assert found(three, query) == names


@pytest.mark.parametrize("query", ["switcher=Nothing", "", "switcher=getsearchresults", "switcher=GetNAWSDump"])
def test_a_question_that_bmlt_servers_refuse_is_no_question_here(three: Answers, query: str) -> None:
    assert asked(three, query) is None


@pytest.mark.parametrize("query", [
    "switcher=GetSearchResults&weekdays=monday", "switcher=GetSearchResults&lat_val=1",
    "switcher=GetSearchResults&lat_val=nan&long_val=1&geo_width=1", "switcher=GetSearchResults&page_size=0",
    "switcher=GetSearchResults&lat_val=91&long_val=1&geo_width=1", "switcher=GetSearchResults&page_size=x",
    "switcher=GetSearchResults&weekdays=" + ",".join(["1"] * 2000), "switcher=GetSearchResults&meeting_ids=٣",
    "switcher=GetFormats&format_ids=x", "switcher=GetServiceBodies&services=1e999",
    "switcher=GetSearchResults&lat_val=1&long_val=1", "switcher=GetFieldValues",
    "switcher=GetFieldValues&meeting_key=contact_name_1", "switcher=GetChanges",
    "switcher=GetSearchResults&SearchString=Nowhere&StringSearchIsAnAddress=1",
    "switcher=GetSearchResults&lat_val=1_0&long_val=1&geo_width=1", "switcher=GetSearchResults&page_size=1e400"])
def test_what_cannot_be_read_is_answered_with_nothing(three: Answers, query: str) -> None:
    assert asked(three, query) == []


def test_formats_join_by_and_or_or_and_leave_out(three: Answers) -> None:
    opened, spanish = of(three, "O"), of(three, "S")
    assert found(three, f"formats={opened}") == ["Early", "Later"]
    assert found(three, f"formats={opened},{spanish}") == ["Later"]
    assert found(three, f"formats={opened},{spanish}&formats_comparison_operator=OR") == ["Early", "Later"]
    assert found(three, f"formats={opened},-{spanish}") == ["Early"]


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


def test_distances_are_told_wherever_a_point_is_asked_about(three: Answers) -> None:
    first = asked(three, "switcher=GetSearchResults&lat_val=35.9&long_val=-78.8986&geo_width=50&weekdays=2")[0]
    assert (first["distance_in_miles"], first["distance_in_km"]) == ("6.6330", "10.6747")
    assert not {"distance_in_miles", "distance_in_km"} & set(asked(three, "switcher=GetSearchResults")[0])


def test_the_same_group_has_one_number_on_all_its_days() -> None:
    rows = held(group("Often", session={"repeats": "FREQ=DAILY"}), group("Once")).meetings
    assert len({one["shared_group_id_bigint"] for one in rows}) == 2
    assert len({one["id_bigint"] for one in rows}) == 8


def test_a_meeting_is_found_by_its_own_number(three: Answers) -> None:
    own = three.columns["id_bigint"][1]
    assert found(three, f"SearchString={own}") == found(three, f"meeting_ids={own}") == ["Early"]
    assert found(three, f"meeting_ids=-{own}") == ["Video", "Later"]


def test_answers_written_down_and_read_are_the_same(three: Answers) -> None:
    back = bmlt_answers.read(json.loads(json.dumps(bmlt_answers.plain(three))))
    assert back == three


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


def test_an_organization_keeps_its_number_when_its_telephone_changes() -> None:
    first = {"name": "River Care", "url": "https://river.example.org", "phone": "+15035550100"}
    others = ({**first, "phone": "+15035550199"}, {**first, "name": "RIVER CARE", "url": "https://www.river.example.org/"},
              {**first, "url": "https://other.example.org"})
    numbers = [held(group("A", organization=one)).bodies[1]["id"] for one in (first, *others)]
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]


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


def test_no_two_formats_or_meetings_of_the_seed_share_a_number() -> None:
    answers = bmlt_answers.answers(seed(), site=SITE, words=WORDS, today=TODAY)
    assert len({one.id for one in answers.formats.values()}) == len(answers.formats)
    assert len({one["id_bigint"] for one in answers.meetings}) == len(answers.meetings) > 300
    assert all(int(one["id_bigint"]) < 2**53 for one in answers.meetings)


def test_all_codes_there_are_make_formats_with_keys_and_numbers_of_their_own() -> None:
    lists = vocabulary().lists
    made = bmlt_formats.formats({"group_type": "iop"}) + [
        one for name, field in (("focus_areas", "focus"), ("modalities", "modalities"), ("populations", "populations"),
                                ("languages", "languages"))
        for one in bmlt_formats.formats({"group_type": "iop", field: lists[name].codes})]
    made += bmlt_formats.formats({"group_type": "iop", "accessibility": dict.fromkeys(lists["accessibility"].codes,
                                                                                      "yes")})
    kinds = {(one.key, one.kind) for one in made if one.key not in ("ASL", "A", "iop")}
    assert len({key for key, _ in kinds}) == len(kinds)
    assert len({one.id for one in made}) == len({one.key for one in made})
    assert all(bmlt_formats.definition(one, vocabulary(), "es", SITE)["name_string"] for one in made)


def test_a_length_that_is_not_stated_is_empty_and_no_bound_leaves_it_out() -> None:
    answers = held(group("Open end", session={"duration_minutes": None}))
    assert answers.meetings[0]["duration_time"] == ""
    assert found(answers, "EndsBeforeH=1&MinDurationH=9") == ["Open end"]


def test_links_to_join_and_hidden_addresses_are_kept() -> None:
    first = held(changed("sessions.location.hidden", True)).meetings[0]
    assert first["virtual_meeting_link"] == "https://finder.example/programs/full"
    assert (first["location_street"], first["latitude"], first["location_municipality"]) == ("", "0", "Salem")
    assert held(FULL, direct=True).meetings[0]["virtual_meeting_link"] == "https://zoom.us/j/5550100"


def test_the_table_of_losses_is_true() -> None:
    ids = ("id_bigint", "shared_group_id_bigint", "service_body_bigint")

    def said(one: Any) -> object:
        answers = [bmlt_answers.answers([one], site=SITE, words=WORDS, today=TODAY, direct_links=direct)
                   for direct in (False, True)]
        bodies = [{key: value for key, value in body.items() if key != "id"} for body in answers[0].bodies]
        return bodies, [{key: value for key, value in each.items() if key not in ids}
                        for each in (*answers[0].meetings, *answers[1].meetings)]
    judge_losses(bmlt_answers.LOST, said)


# What our own importer of BMLT makes of formats; the rest stays with it under its key.
def comes_back(document: dict[str, Any]) -> None:
    answers = bmlt_answers.answers([entry(document)], site=SITE, words=SILENT, today=TODAY, direct_links=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, query in (("a", "switcher=GetSearchResults&get_used_formats=1"), ("b", "switcher=GetServiceBodies")):
            (Path(folder) / f"{name}.json").write_text(json.dumps(asked(answers, query)), encoding="utf-8")
        back = [one.document for one in read(Path(folder), "bmlt") if isinstance(one, Listing)]
    assert nights(back, past_midnight=True) == nights([document], past_midnight=True)
    for one in back:
        assert one["name"] == document["name"]
        for name in ("description", "gender_mix", "attendees"):
            assert one.get(name) == document.get(name), name
        assert set(one.get("languages", ())) == set(document.get("languages", ()))
        assert set(document.get("focus", ())) <= set(one["focus"])
        assert set(document.get("modalities", ())) <= set(one["modalities"])
        assert set(document.get("populations", ())) <= set(one.get("populations", ()))
        assert one.get("accessibility", {}) == document.get("accessibility", {})
        if document.get("organization"):
            wanted = {**document["organization"], "phone": None}
            assert one["organization"] == {key: value for key, value in wanted.items() if value}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(weekly_documents(**LISTS))
def test_a_listing_comes_back_as_it_was(document: dict[str, Any]) -> None:
    comes_back(document)


@pytest.mark.soak
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(weekly_documents(**LISTS))
def test_a_thousand_listings_come_back_as_they_were(document: dict[str, Any]) -> None:
    comes_back(document)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(
    ["weekdays", "formats", "services", "venue_types", "meeting_ids", "lat_val", "long_val", "geo_width", "page_size",
     "page_num", "SearchString", "StartsAfterH", "data_field_key", "sort_keys", "get_used_formats", "lang_enum"]),
    st.lists(st.one_of(st.text(max_size=8), st.integers().map(str), st.floats().map(str)), max_size=3)))
def test_any_query_has_an_answer(three: Answers, query: dict[str, list[str]]) -> None:
    said = reply(Server(three, SITE, vocabulary()), {**query, "switcher": ["GetSearchResults"]})
    assert isinstance(said, list | dict)
