"""Every file named for import goes through without a crash, its rows are all accounted for, its listings all valid."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from finder.exchange import files, mapping
from finder.exchange.mapping import Mapping
from tests.exchange.make import counts, gazetteer, listings, meeting, read, table
from tests.shared import ROOT, shared

AA = Mapping(fellowship="aa")
FEEDS: list[tuple[str, str, Mapping | None, tuple[int, int, int]]] = [
    ("tsml-orange-county-2023", "meeting-guide", None, (1967, 0, 0)),
    ("tsml-san-jose-2021", "meeting-guide", None, (670, 0, 0)),
    ("tsml-nw-texas-2021", "meeting-guide", AA, (613, 0, 0)),
    ("tsml-alanon-massachusetts-2023", "meeting-guide", None, (360, 0, 0)),
    ("tsml-eating-disorders-anon-2023", "meeting-guide", None, (185, 0, 0)),
    ("tsml-sussex-nj-2020", "meeting-guide", None, (145, 0, 0)),
    ("bmlt-json-upstate-ny", "bmlt", None, (169, 769, 0)),
    ("bmlt-greater-new-york-sql", "bmlt-tables", None, (1555, 0, 0)),
]
LISTS: list[tuple[str, str, str, tuple[int, int, int]]] = [
    ("va-facilities-2020", "vast.csv.gz", "va-vet-centers", (320, 1375, 0)),
    ("ca-dhcs-licences-2026", "facilities.csv", "california-dhcs", (1152, 1114, 0)),
    ("hrsa-fqhc-2020", "FQHC.csv.gz", "hrsa-health-centers", (0, 13577, 0)),
]


def unique(rows: list[Any]) -> int:
    found = listings(rows)
    assert len({one.key for one in found}) == len(found)
    return len(found)


@pytest.mark.parametrize(("folder", "fmt", "plan", "expected"), FEEDS, ids=[one[0] for one in FEEDS])
def test_every_row_of_a_feed_is_accounted_for(folder: str, fmt: str, plan: Mapping | None,
                                              expected: tuple[int, int, int]) -> None:
    rows = read(shared("data", folder), fmt, plan)
    assert counts(rows) == expected
    assert unique(rows) > 50


@pytest.mark.parametrize(("folder", "name", "plan", "expected"), LISTS, ids=[one[0] for one in LISTS])
def test_every_row_of_a_list_is_accounted_for(folder: str, name: str, plan: str,
                                              expected: tuple[int, int, int]) -> None:
    rows = read(shared("data", folder, name), "csv", mapping.load(ROOT / "seed_data" / "mappings" / f"{plan}.json"))
    assert counts(rows) == expected
    unique(rows)


def test_a_directory_without_codes_states_no_group() -> None:
    assert counts(read(shared("data", "samhsa-mh-geocoded-2020"), "samhsa")) == (0, 11375, 0)


def test_the_same_file_twice_gives_the_same_documents() -> None:
    path = shared("data", "tsml-san-jose-2021")
    first, second = (listings(read(path, "meeting-guide")) for _ in range(2))
    assert first == second


@pytest.mark.soak
def test_the_samhsa_workbook_and_its_csv_give_the_same_listings() -> None:
    folder = shared("data", "samhsa-mh-directory-2022")
    rows = read(folder / "National_Directory_MH_Facilities_2022.xlsx", "samhsa")
    assert counts(rows) == (7505, 1532, 0)
    assert unique(rows) > 20_000
    assert listings(rows) == listings(read(folder / "facilities.csv.gz", "samhsa"))


@pytest.mark.soak
def test_a_feed_eight_times_as_long_takes_no_more_than_its_share_of_time(tmp_path: Path) -> None:
    gazetteer()
    took = {}
    for size in (10_000, 80_000):
        rows = [meeting(name=f"Group {number * 2 // 5}", day=number % 7, slug=f"s{number}", notes=f"Room {number}",
                        formatted_address=f"{number // 11} Pier St, Costa Mesa, CA 92626, USA")
                for number in range(size)]
        (tmp_path / "feed.json").write_text(json.dumps(rows))
        begun = time.perf_counter()
        assert counts(read(tmp_path / "feed.json", "meeting-guide", AA))[0] == size
        took[size] = time.perf_counter() - begun
    assert took[80_000] < 16 * took[10_000]  # eight times, and as much again for a neighbor on the machine


def test_a_sample_of_the_samhsa_directory_is_read(tmp_path: Path) -> None:
    path = shared("data", "samhsa-mh-directory-2022", "facilities.csv.gz")
    rows = [one.values for one in files.csv_rows(path, ("name1",))][::60]
    found = read(table(tmp_path, rows), "samhsa")
    assert sum(counts(found)) == len(rows)
    assert unique(found) > 200
