from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from finder.exchange.mapping import Mapping
from tests.exchange.make import PLAIN_PLAN, PLAIN_ROW, bmlt_meeting, counts, facility, listings, meeting, read, table

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**30), st.floats(), st.text(max_size=300),
    st.lists(st.text(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(["NA", "0", "0.0", "-", "[open]", "24:00", "99:99", "http://", "www.a", "x" * 5000,
                     "\u202e\x00", "&#0;", "<a href=javascript:1>x</a>", "1st and 3rd Mondays", "Suspended:", "(Zoom)",
                     " - ", "::", "+1", "#"]))
TEXT = st.one_of(st.text(max_size=80), st.sampled_from(["NA", "#####", "0", "x" * 6000, "1/1/1", "\x00", "=1+1", "é"]))


def fields_of(row: dict[str, Any], value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(row)), value, max_size=5).map(lambda changed: {**row, **changed})


GUIDE = {**meeting(), **dict.fromkeys(
    ("end_time", "timezone", "conference_url", "conference_phone", "notes", "group", "group_id", "district", "entity",
     "entity_phone", "url", "updated", "last_contact", "approximate", "address", "city", "state", "postal_code",
     "country", "location_notes"), "")}
BMLT = {**bmlt_meeting(), **dict.fromkeys(
    ("published", "venue_type", "time_zone", "comments", "virtual_meeting_link", "phone_meeting_number",
     "worldid_mixed", "location_postal_code_1", "location_nation", "service_body_bigint"), "")}


def taken(rows: list[Any], fmt: str, plan: Mapping | None) -> tuple[int, int, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        found = read(path, fmt, plan)
    listings(found)
    return counts(found)


@settings(max_examples=300, deadline=None)
@given(st.lists(fields_of(GUIDE, ODD), min_size=1, max_size=4))
def test_I7_any_meeting_guide_row_is_refused_or_makes_a_valid_listing(rows: list[dict[str, Any]]) -> None:
    assert sum(taken(rows, "meeting-guide", Mapping(fellowship="al-anon"))) == len(rows)


@settings(max_examples=200, deadline=None)
@given(st.lists(fields_of(BMLT, ODD), min_size=1, max_size=4))
def test_I7_any_bmlt_row_is_refused_or_makes_a_valid_listing(rows: list[dict[str, Any]]) -> None:
    assert sum(taken(rows, "bmlt", None)) == len(rows)


@settings(max_examples=150, deadline=None)
@given(st.lists(fields_of(facility("MH * OP * GT FPSY * CHLD SP"), TEXT), min_size=1, max_size=3))
def test_I7_any_facility_is_accounted_for(rows: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = read(table(Path(folder), rows), "samhsa")
    listings(found)
    assert sum(counts(found)) == len(rows)


@settings(max_examples=150, deadline=None)
@given(st.lists(fields_of(PLAIN_ROW, TEXT), min_size=1, max_size=3))
def test_I7_any_spreadsheet_row_is_accounted_for(rows: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = read(table(Path(folder), rows), "csv", PLAIN_PLAN)
    assert sum(counts(found)) == len([row for row in rows if any(row.values())])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["listing", "meeting-guide", "bmlt", "samhsa", "csv"]))
def test_I7_any_bytes_are_read_without_a_crash(body: bytes, fmt: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(body)
        assert read(path, fmt, PLAIN_PLAN) is not None
