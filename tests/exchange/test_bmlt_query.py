from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.exchange.bmlt_answers import Answers
from finder.exchange.bmlt_replies import Server, reply
from finder.vocabulary import vocabulary
from tests.exchange.bmlt_made import asked, found, group, held, of, three_meetings
from tests.exchange.published import SITE


@pytest.fixture(scope="module")
def three() -> Answers:
    return three_meetings()


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


def test_distances_are_told_wherever_a_point_is_asked_about(three: Answers) -> None:
    first = asked(three, "switcher=GetSearchResults&lat_val=35.9&long_val=-78.8986&geo_width=50&weekdays=2")[0]
    assert (first["distance_in_miles"], first["distance_in_km"]) == ("6.6330", "10.6747")
    assert not {"distance_in_miles", "distance_in_km"} & set(asked(three, "switcher=GetSearchResults")[0])


def test_a_meeting_is_found_by_its_own_number(three: Answers) -> None:
    own = three.columns["id_bigint"][1]
    assert found(three, f"SearchString={own}") == found(three, f"meeting_ids={own}") == ["Early"]
    assert found(three, f"meeting_ids=-{own}") == ["Video", "Later"]


def test_a_length_that_is_not_stated_is_empty_and_no_bound_leaves_it_out() -> None:
    answers = held(group("Open end", session={"duration_minutes": None}))
    assert answers.meetings[0]["duration_time"] == ""
    assert found(answers, "EndsBeforeH=1&MinDurationH=9") == ["Open end"]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(
    ["weekdays", "formats", "services", "venue_types", "meeting_ids", "lat_val", "long_val", "geo_width", "page_size",
     "page_num", "SearchString", "StartsAfterH", "data_field_key", "sort_keys", "get_used_formats", "lang_enum"]),
    st.lists(st.one_of(st.text(max_size=8), st.integers().map(str), st.floats().map(str)), max_size=3)))
def test_any_query_has_an_answer(three: Answers, query: dict[str, list[str]]) -> None:
    said = reply(Server(three, SITE, vocabulary()), {**query, "switcher": ["GetSearchResults"]})
    assert isinstance(said, list | dict)
