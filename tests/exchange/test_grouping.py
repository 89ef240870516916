from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finder.exchange.mapping import Mapping
from tests.exchange.make import counts, feed, listings, meeting, only


def keys(folder: Path, *rows: dict[str, Any]) -> list[str]:
    return [one.key for one in listings(feed(folder, list(rows)))]


def test_meetings_of_one_name_at_one_place_are_one_program(tmp_path: Path) -> None:
    rows = feed(tmp_path, [meeting(day=day, slug=f"h-{day}") for day in range(7)])
    (found,) = listings(rows)
    assert found.rows == (1, 2, 3, 4, 5, 6, 7)
    assert len(found.document["sessions"]) == 7
    assert found.document["x"]["source_ids"] == [f"h-{day}" for day in range(7)]


def test_meetings_of_one_group_keep_their_names_in_the_description(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [
        meeting(group="Harbor Group", group_id=12, name="Sunday Steps", day=0),
        meeting(group="Harbor Group", group_id=12, name="Big Book Night", day=3)]))
    assert found["name"] == "Harbor Group"
    assert found["description"] == "Sunday 19:30: Sunday Steps\nWednesday 19:30: Big Book Night"


def test_one_group_at_two_places_is_two_programs(tmp_path: Path) -> None:
    assert len(keys(tmp_path, meeting(), meeting(formatted_address="9 Oak Rd, Irvine, CA 92603, USA"))) == 2


def test_a_womens_meeting_is_a_program_of_its_own(tmp_path: Path) -> None:
    women, everyone = listings(feed(tmp_path, [meeting(types=["W"]), meeting(types=["O"], day=2)]))
    assert women.document["gender_mix"] == "women"
    assert "gender_mix" not in everyone.document


@pytest.mark.parametrize("change", [
    {"time": "20:00"}, {"day": 4}, {"notes": "New chairs."}, {"slug": "other"}, {"types": ["O", "B"]},
    {"name": "Suspended: Harbor Lights"}, {"name": "Harbor Lights (Hybrid)"}, {"name": "HARBOR LIGHTS"},
    {"attendance_option": "hybrid", "conference_url": "https://zoom.us/j/5550100"}, {"latitude": 33.6601},
    {"formatted_address": "12 Pier Street, Costa Mesa, CA 92626, USA"}, {"attendance_option": "inactive"},
], ids=lambda change: next(iter(change)) + "=" + str(next(iter(change.values()))))
def test_the_key_survives_a_change_of(tmp_path: Path, change: dict[str, Any]) -> None:
    assert keys(tmp_path, meeting(**change)) == keys(tmp_path, meeting())


def test_the_key_of_a_group_survives_a_new_name(tmp_path: Path) -> None:
    named = {"group": "Harbor Group", "group_id": 12}
    assert keys(tmp_path, meeting(**named)) == keys(tmp_path, meeting(**named, name="Lights on the Pier"))


def test_the_order_of_rows_changes_no_document(tmp_path: Path) -> None:
    rows = [meeting(day=day, slug="s") for day in (3, 0, 5)]
    (first,), (second,) = listings(feed(tmp_path, rows)), listings(feed(tmp_path, rows[::-1]))
    assert first.document["sessions"] == second.document["sessions"]


def test_a_group_with_one_active_meeting_is_active_without_the_others(tmp_path: Path) -> None:
    (found,) = listings(feed(tmp_path, [meeting(), meeting(day=2, attendance_option="inactive"),
                                        meeting(day=3, name="Suspended: Harbor Lights")]))
    assert (found.status, found.document["status"]) == ("publish", "active")
    assert len(found.document["sessions"]) == 1
    assert found.rows == (1, 2, 3)
    assert "some_meetings_left_out" in found.flags


def test_more_than_sixty_sessions_share_rules(tmp_path: Path) -> None:
    rows = [meeting(day=day, time=f"{hour:02d}:00") for day in range(7) for hour in range(6, 18)]
    found = only(feed(tmp_path, rows))
    assert len(found["sessions"]) == 12
    assert found["sessions"][0]["repeats"] == "FREQ=WEEKLY;BYDAY=SU,MO,TU,WE,TH,FR,SA"


def test_open_and_closed_meetings_of_a_group_state_no_attendees(tmp_path: Path) -> None:
    assert "attendees" not in only(feed(tmp_path, [meeting(types=["O"]), meeting(types=["C"], day=2)]))


def test_access_is_claimed_only_when_every_meeting_states_it(tmp_path: Path) -> None:
    both = only(feed(tmp_path, [meeting(types=["X", "XB"]), meeting(types=["X"], day=2)]))
    assert both["accessibility"] == {"step_free": "yes"}


def test_a_ramp_or_a_slip_says_nothing_about_people(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(types=["X", "POA", "AL-AN"])]))
    assert "populations" not in found
    assert found["accessibility"] == {"attendance_slip": "yes", "step_free": "yes"}


def test_a_secular_meeting_is_not_called_a_twelve_step_one(tmp_path: Path) -> None:
    assert only(feed(tmp_path, [meeting(types=["A"])]))["modalities"] == ["mutual_aid_secular"]


@pytest.mark.parametrize(("code", "kind", "focus", "attendees"), [
    ("aa", "mutual_aid", ["alcohol"], "anyone"), ("al-anon", "family_peer", ["family_of_sud"], "relatives"),
    ("eda", "mutual_aid", ["eating_disorder"], "anyone"), ("na", "mutual_aid", ["general_recovery"], "anyone"),
])
def test_the_fellowship_decides_kind_focus_and_attendees(tmp_path: Path, code: str, kind: str, focus: list[str],
                                                         attendees: str) -> None:
    found = only(feed(tmp_path, [meeting()], plan=Mapping(fellowship=code)))
    assert (found["group_type"], found["focus"], found["attendees"]) == (kind, focus, attendees)
    assert found["cost"]["free"] is True
    assert "Seventh Tradition" in found["cost"]["note"]


@pytest.mark.parametrize(("row", "source", "focus"), [
    ({"entity": "Eating Disorders Anonymous"}, "", ["eating_disorder"]), ({}, "NW Texas Area AA", ["alcohol"]),
    ({"url": "https://oc-aa.example.org/m/1"}, "", ["alcohol"]), ({"url": "https://www.alanonma.example.org/m"}, "",
                                                                  ["family_of_sud"]), ({}, "County list", None),
], ids=["entity", "source", "host", "host-al-anon", "none"])
def test_without_a_mapping_the_feed_names_its_fellowship(tmp_path: Path, row: dict[str, Any], source: str,
                                                         focus: list[str] | None) -> None:
    found = only(feed(tmp_path, [meeting(**row)], plan=Mapping(), source=source))
    assert found.get("focus") == focus
    if focus is None:
        assert "cost" not in found
        assert "fellowship_not_stated" in found["x"]["review"]


def test_fixed_values_of_a_mapping_win(tmp_path: Path) -> None:
    plan = Mapping(fellowship="aa", fixed={"organization.name": "Harbor Intergroup", "languages": ["en"]})
    found = only(feed(tmp_path, [meeting()], plan=plan))
    assert found["organization"] == {"name": "Harbor Intergroup", "kind": "peer_run"}
    assert found["languages"] == ["en"]


def test_nothing_is_invented_about_a_meeting(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(types=[])]))
    assert not {"severity", "age", "capacity", "populations", "languages", "attendees", "gender_mix"} & set(found)


def test_members_of_a_group_are_never_read(tmp_path: Path) -> None:
    rows = feed(tmp_path, [meeting(contact_1_name="Pat Q.", contact_1_phone="714-555-0111", email="pat@example.org",
                                   phone="714-555-0112", venmo="@pat", people="Pat Q.")])
    assert "pat" not in str(only(rows)).lower()


def test_rows_that_are_no_meetings_are_refused_one_by_one(tmp_path: Path) -> None:
    rows = feed(tmp_path, [meeting(), "text", meeting(name=""), meeting(day=9), None, meeting(name="Other")])
    assert counts(rows) == (2, 0, 4)


def test_cells_of_the_wrong_kind_break_nothing(tmp_path: Path) -> None:
    odd = meeting(latitude=[1], longitude={}, location=["x"], formatted_address={"a": 1}, types={"a": 1}, notes=[1],
                  updated=5, conference_url=7, group_id=True, timezone=["x"], url={}, slug=[], approximate=1)
    assert counts(feed(tmp_path, [odd, meeting()])) == (2, 0, 0)


def test_the_age_of_a_row_is_its_oldest_confirmation(tmp_path: Path) -> None:
    found = only(feed(tmp_path, [meeting(last_contact="2026-05-01", updated="2026-10-01 10:00:00"),
                                 meeting(day=2, updated="2026-08-01 10:00:00")]))
    assert found["verified"] == {"on": "2026-05-01", "method": "import"}
    assert only(feed(tmp_path, [meeting(updated="2031-01-01 00:00:00")]))["verified"]["on"] == "2026-11-24"
