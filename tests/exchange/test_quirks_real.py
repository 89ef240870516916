"""The quirks on the real rows that show them, where the shared files are at hand. Figures are those of its README."""

from __future__ import annotations

import csv
import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from finder.exchange import files
from finder.exchange.cells import spots, times
from finder.exchange.cells.contacts import phones, web_address
from finder.exchange.cells.names import read_name
from finder.exchange.cells.text import as_text, display, normalized, stated
from finder.exchange.mapping import Mapping, load
from finder.exchange.reading import Listing, OutOfScope
from tests.exchange.make import feed, listings, read
from tests.shared import ROOT, shared

MAPPINGS = ROOT / "seed_data" / "mappings"
ORANGE, SAN_JOSE, TEXAS = "tsml-orange-county-2023", "tsml-san-jose-2021", "tsml-nw-texas-2021"
MASSACHUSETTS, EDA, SUSSEX = "tsml-alanon-massachusetts-2023", "tsml-eating-disorders-anon-2023", "tsml-sussex-nj-2020"


def rows_of(folder: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shared("data", folder, "meetings.json").read_text(encoding="utf-8"))
    return found


def cells_of(*parts: str) -> list[dict[str, str]]:
    path = shared("data", *parts)
    opened = gzip.open(path, "rt", newline="", encoding="utf-8") if path.suffix == ".gz" else path.open(newline="")
    with opened as file:
        return list(csv.DictReader(file))


@cache
def meetings(folder: str, fmt: str = "meeting-guide") -> tuple[Listing, ...]:
    plan = Mapping(fellowship="aa") if folder == TEXAS else None
    return tuple(listings(read(shared("data", folder), fmt, plan)))


@cache
def mapped(folder: str, name: str, mapping: str) -> tuple[Any, ...]:
    return tuple(read(shared("data", folder, name), "csv", load(MAPPINGS / mapping)))


def flagged(found: tuple[Listing, ...], flag: str) -> int:
    return sum(flag in one.flags for one in found)


def sessions(found: tuple[Listing, ...]) -> list[dict[str, Any]]:
    return [session for one in found for session in one.document["sessions"]]


def test_quirk_01_zips_of_new_england_have_five_digits() -> None:
    rows = cells_of("samhsa-mh-geocoded-2020", "MentalHealthProviders_Geocoded.csv.gz")
    short = [row["zip"] for row in rows if len(row["zip"]) < 5]
    assert len(short) == 1124
    assert all(spots.postal_code(code)[0] == code.zfill(5) for code in short)


def test_quirk_01_zips_of_texas_are_text() -> None:
    codes = {session["location"].get("postal_code", "") for session in sessions(meetings(TEXAS))}
    assert codes
    assert all(len(code) == 5 for code in codes if code)


def test_quirk_02_every_day_of_the_six_feeds_is_read() -> None:
    for folder in (ORANGE, SAN_JOSE, TEXAS, MASSACHUSETTS, EDA, SUSSEX):
        rows = rows_of(folder)
        assert all(len(times.weekdays(row.get("day"), 0)) == 1 for row in rows if row.get("day") is not None)


def test_quirk_03_the_169_meetings_of_both_sources_fall_on_the_same_days() -> None:
    def days(fmt: str, folder: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in meetings(folder, fmt):
            for session in one.document["sessions"]:
                for key in one.document["x"]["source_ids"]:
                    found.setdefault(key, set()).add(session.get("repeats", ""))
        return found
    api, tables = days("bmlt", "bmlt-json-upstate-ny"), days("bmlt-tables", "bmlt-greater-new-york-sql")
    assert len(api) == 169
    assert all(api[key] & tables[key] for key in api)


def test_quirk_04_meetings_over_midnight_are_an_hour_long() -> None:
    late = [one for one in sessions(meetings(ORANGE)) if one.get("start_time") in ("23:00", "22:30")]
    over = [row for row in rows_of(ORANGE) if row.get("end_time") and row["end_time"] <= row["time"]]
    assert len(over) == 9
    assert sum(one.get("duration_minutes") in (60, 90) for one in late) >= len({row["day"] for row in over})
    assert all(times.minutes_between(times.clock(row["time"]) or 0, times.clock(row["end_time"]) or 0) <= 90
               for row in over)


def test_quirk_05_every_opening_hour_of_the_va_is_read() -> None:
    rows = cells_of("va-facilities-2020", "vast.csv.gz")
    shapes = {row["Monday"] for row in rows}
    assert len(shapes) == 75
    assert sum(times.opening(shape) is None for shape in shapes) == 2  # "-" and "AM-PM"


def test_quirk_06_suspended_names_of_sussex_are_paused() -> None:
    rows = rows_of(SUSSEX)
    assert sum(read_name(row["name"]).paused for row in rows) == 40
    paused = [one for one in meetings(SUSSEX) if one.document["status"] == "paused"]
    assert paused
    assert not any("uspended" in one.document["name"].lower() for one in meetings(SUSSEX))
    assert all(one.status == "publish" for one in paused)


@pytest.mark.parametrize(("folder", "rows"), [(SAN_JOSE, 129), (MASSACHUSETTS, 31)])
def test_quirk_07_inactive_rows_are_in_no_published_session(folder: str, rows: int) -> None:
    hidden = {row["slug"] for row in rows_of(folder) if row["attendance_option"] == "inactive"}
    assert len(hidden) == rows
    shown = {key for one in meetings(folder) if one.status == "publish" for key in one.document["x"]["source_ids"]}
    assert not hidden & shown


def test_quirk_07_unpublished_and_expired_rows_are_withheld() -> None:
    unpublished = {row["id_bigint"] for row in rows_of("bmlt-greater-new-york-sql") if row["published"] == "0"}
    shown = {key for one in meetings("bmlt-greater-new-york-sql", "bmlt-tables") if one.status == "publish"
             for key in one.document["x"]["source_ids"]}
    assert len(unpublished) == 42
    assert not unpublished & shown
    licenses = listings(mapped("ca-dhcs-licences-2026", "facilities.csv", "california-dhcs.json"))
    assert all((one.document["x"]["license_expires"] < "2026-11-24") == (one.status == "withhold") for one in licenses)


def test_quirk_08_the_county_point_of_orange_is_on_no_map() -> None:
    points = {(place["latitude"], place["longitude"]) for session in sessions(meetings(ORANGE))
              if (place := session.get("location")) and "latitude" in place}
    assert (33.717471, -117.831143) not in points


def test_quirk_08_mobile_units_at_their_parent_clinic_are_out_of_scope() -> None:
    rows = mapped("va-facilities-2020", "vast.csv.gz", "va-vet-centers.json")
    assert sum(isinstance(one, OutOfScope) and one.reason == "mobile_unit" for one in rows) == 140


def test_quirk_09_no_point_of_texas_is_zero() -> None:
    rows = rows_of(TEXAS)
    assert sum(spots.point(row["latitude"], row["longitude"])[1] == "zero_point" for row in rows) == 66
    for session in sessions(meetings(TEXAS)):
        place = session["location"]
        assert place.get("latitude") != 0
        assert place.get("longitude") != 0


def test_quirk_10_na_and_null_are_nothing() -> None:
    samhsa = cells_of("samhsa-mh-geocoded-2020", "MentalHealthProviders_Geocoded.csv.gz")
    assert sum(not web_address(row["website"]) for row in samhsa) >= 1100
    assert not any(stated(row["zip4"]) == "NA" for row in samhsa)
    centers = listings(mapped("va-facilities-2020", "vast.csv.gz", "va-vet-centers.json"))
    assert not any("null" in json.dumps(one.document) for one in centers)


def test_quirk_11_phones_with_extensions_are_all_read() -> None:
    rows = cells_of("samhsa-mh-directory-2022", "facilities.csv.gz")
    extended = [row["phone"] for row in rows if "x" in row["phone"]]
    assert extended
    assert all(len(phones(text)) == 1 and " x" in phones(text)[0] for text in extended)
    sites = cells_of("va-facilities-2020", "vast.csv.gz")
    empty = [row["STA_PHONE"] for row in sites if row["STA_PHONE"].endswith(" x")]
    assert len(empty) == 1609
    assert not any("x" in number for text in empty for number in phones(text))


def test_quirk_12_bracketed_types_of_texas_say_who_may_attend() -> None:
    said = {one.document.get("attendees") for one in meetings(TEXAS)}
    assert {"anyone", "person"} <= said


def test_quirk_13_all_codes_of_the_2022_directory_are_known() -> None:
    rows = cells_of("samhsa-mh-directory-2022", "facilities.csv.gz")
    known = {row["service_code"].strip() for row in cells_of("samhsa-mh-directory-2022", "service_codes.csv.gz")}
    met = {code for row in rows for code in row["service_code_info"].replace("*", " ").split()}
    assert len(known) == 176
    assert met <= known


def test_quirk_14_and_15_chains_stay_apart_and_repeats_are_one(tmp_path: Path) -> None:
    head = files.read_text(shared("data", "samhsa-mh-directory-2022", "facilities.csv.gz")).splitlines(keepends=True)
    (tmp_path / "list.csv").write_text("".join([*head[:120], head[1]]), encoding="utf-8")
    rows = read(tmp_path / "list.csv", "samhsa")
    twice = [one for one in listings(rows) if len(one.rows) > 1]
    assert {one.rows for one in twice} == {(2, 121)}
    assert len({one.key for one in listings(rows)}) == len(listings(rows))


def test_quirk_16_names_of_texas_have_no_stray_blanks() -> None:
    raw = [row["name"] for row in rows_of(TEXAS)]
    assert sum(name != " ".join(name.split()) for name in raw) == 73
    assert all(one.document["name"] == " ".join(one.document["name"].split()) for one in meetings(TEXAS))


def test_quirk_17_entities_of_san_jose_are_decoded() -> None:
    assert sum("&amp;" in json.dumps(row) for row in rows_of(SAN_JOSE)) == 40
    shown = json.dumps([{**one.document, "x": {}} for one in meetings(SAN_JOSE)])
    assert "&amp;" not in shown
    assert "&#" not in shown


def test_quirk_18_capitals_of_california_are_readable() -> None:
    names = [row["facility_name"] for row in cells_of("ca-dhcs-licences-2026", "facilities.csv")]
    changed = [name for name in names if len(name) > 8 and display(name) != name]
    assert len(changed) > 2000
    assert all(normalized(display(name)) == normalized(name) for name in names)


def test_quirk_20_zone_words_of_eda_decide() -> None:
    assert sum(times.zone_word(row["name"]) is not None for row in rows_of(EDA)) >= 170
    daily = next(one for one in meetings(EDA) if one.document["name"] == "London Daily Readings")
    assert {session["timezone"] for session in daily.document["sessions"]} == {"America/New_York"}


def test_quirk_21_ordinals_in_names_are_monthly_and_in_notes_flagged() -> None:
    monthly = {one.document["name"]: one.document["sessions"][0]["repeats"] for one in meetings(EDA)
               if "MONTHLY" in str(one.document["sessions"][0].get("repeats"))}
    assert monthly["Fairfield, IA"] == "FREQ=MONTHLY;BYDAY=1MO,3MO"
    assert flagged(meetings(SAN_JOSE), "recurrence_in_text") > 50


def test_quirk_22_the_town_behind_a_street_in_lubbock_is_left_out() -> None:
    streets = {session["location"].get("address_1", "") for session in sessions(meetings(TEXAS))}
    assert "2323 66th Street Suite D" in streets


def test_quirk_23_states_and_countries_are_one_each() -> None:
    texas = {session["location"].get("state") for session in sessions(meetings(TEXAS))}
    york = [session["location"] for session in sessions(meetings("bmlt-greater-new-york-sql", "bmlt-tables"))
            if "location" in session]
    assert texas == {"TX"}
    assert {place["country"] for place in york} == {"US"}
    assert sum("city" not in place for place in york) <= 2


def test_quirk_24_registration_numbers_of_massachusetts_leave_the_names() -> None:
    found = meetings(MASSACHUSETTS)
    assert sum(as_text(row["name"])[:4].isdigit() for row in rows_of(MASSACHUSETTS)) > 300
    assert not any(one.document["name"][:4].isdigit() for one in found)
    assert len({one.key for one in found}) == len(found)


def test_quirk_25_no_pass_code_or_member_of_the_feeds_is_shown() -> None:
    for folder in (ORANGE, SAN_JOSE, MASSACHUSETTS, EDA, SUSSEX):
        for one in meetings(folder):
            text = str(one.document.get("description", "")).lower()
            assert not any(word in text for word in ("passcode", "password", "meeting id", "venmo")), text
            assert not re.search(r"\S@\S+\.[a-z]{2}", text)
            assert "[removed]" not in json.dumps(one.document)


def test_quirk_25_containers_of_every_kind_are_read(tmp_path: Path) -> None:
    rows = rows_of(SUSSEX)[:3]
    plain = [one.key for one in listings(feed(tmp_path, rows))]
    for container in ({"meetings": rows, "formats": []}, {"records": rows}):
        assert [one.key for one in listings(feed(tmp_path, container))] == plain
