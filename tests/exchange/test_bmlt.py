from __future__ import annotations

import json
from pathlib import Path

from finder.exchange.reading import OutOfScope
from tests.exchange.make import bmlt_meeting, counts, feed, listings, only, read, table

FORMATS = [
    {"key_string": "O", "name_string": "Open", "world_id": "OPEN", "id": "17", "lang": "en"},
    {"key_string": "ES", "name_string": "Espanol", "world_id": "LANG", "id": "9", "lang": "en"},
    {"key_string": "WC", "name_string": "Wheelchair", "world_id": "WCHR", "id": "33", "lang": "en"},
    {"key_string": "ID", "name_string": "ID Required to Enter", "world_id": "", "id": "52", "lang": "en"},
]


def test_formats_are_read_by_their_table(tmp_path: Path) -> None:
    found = only(feed(tmp_path, {"meetings": [bmlt_meeting(formats="O,ES,WC,ID,QX")], "formats": FORMATS}, "bmlt"))
    assert (found["attendees"], found["languages"]) == ("anyone", ["es"])
    assert found["accessibility"] == {"anonymous": "no", "step_free": "yes"}
    assert found["x"]["types"] == ["bmlt:QX"]


def test_a_length_and_a_zone_are_kept(tmp_path: Path) -> None:
    (session,) = only(feed(tmp_path, [bmlt_meeting(time_zone="America/Chicago")], "bmlt"))["sessions"]
    assert (session["timezone"], session["duration_minutes"]) == ("America/Chicago", 90)


def test_venue_types_give_the_format(tmp_path: Path) -> None:
    link = {"virtual_meeting_link": "https://zoom.us/j/5550100"}
    rows = [bmlt_meeting(meeting_name=str(kind), venue_type=kind, **link) for kind in ("1", "2", "3")]
    assert [one.document["sessions"][0]["format"] for one in listings(feed(tmp_path, rows, "bmlt"))] == \
        ["in_person", "online_video", "hybrid"]


def test_contacts_of_members_are_not_read(tmp_path: Path) -> None:
    rows = feed(tmp_path, [bmlt_meeting(contact_name_1="Pat", contact_phone_1="714-555-0111")], "bmlt")
    assert "Pat" not in str(only(rows))


def test_narcotics_anonymous_is_the_fellowship(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [bmlt_meeting()], "bmlt"))
    assert found["focus"] == ["general_recovery"]
    assert "review" not in found["x"]


def test_a_folder_may_hold_formats_bodies_and_points_beside_meetings(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"meetings": [bmlt_meeting(service_body_bigint="3", formats="O")]}))
    (tmp_path / "formats.json").write_text(json.dumps(FORMATS))
    (tmp_path / "bodies.json").write_text(json.dumps([{"id": "3", "parent_id": "0", "name": "Lake Area",
                                                       "url": "https://lake.example.org"}]))
    (tmp_path / "points.json").write_text(json.dumps([{"latitude": "1", "longitude": "2"}]))
    rows = read(tmp_path, "bmlt")
    assert [one for one in rows if isinstance(one, OutOfScope)] == [OutOfScope(2, "not_a_meeting")]
    found = only(rows)
    assert found["organization"] == {"name": "Lake Area", "kind": "peer_run", "url": "https://lake.example.org"}
    assert found["attendees"] == "anyone"


def test_tables_are_joined_by_meeting_and_the_template_row_is_left_out(tmp_path: Path) -> None:
    table(tmp_path, [{"id_bigint": "7", "weekday_tinyint": "0", "start_time": "19:00:00", "duration_time": "01:00:00",
                      "formats": "17,33", "longitude": "-73.88", "latitude": "40.88", "published": "1",
                      "worldid_mixed": "\\N", "service_body_bigint": "3"}], "x_meetings_main.csv")
    table(tmp_path, [{"meetingid_bigint": key, "key": name, "data_string": text} for key, name, text in (
        ("7", "meeting_name", "Steps Ahead"), ("7", "location_street", "1 Main St"), ("0", "meeting_name", "Template"),
        ("7", "location_city_subsection", "Bronx"), ("7", "location_province", "NY"))], "x_meetings_data.csv")
    table(tmp_path, [{"shared_id_bigint": one["id"], "key_string": one["key_string"], "lang_enum": "en",
                      "name_string": one["name_string"], "worldid_mixed": one["world_id"]} for one in FORMATS],
          "x_formats.csv")
    table(tmp_path, [{"id_bigint": "3", "name_string": "Lake Area", "uri_string": "\\N"}], "x_service_bodies.csv")
    rows = read(tmp_path, "bmlt-tables")
    found = only(rows)
    assert counts(rows) == (1, 0, 0)
    assert found["sessions"][0]["repeats"] == "FREQ=WEEKLY;BYDAY=SU"
    assert found["accessibility"] == {"step_free": "yes"}
    assert found["organization"] == {"name": "Lake Area", "kind": "peer_run"}
