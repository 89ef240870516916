from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from finder import instance
from finder.catalog.listing_schema import load
from finder.exchange import entries
from finder.exchange.hsds import write
from finder.exchange.hsds.tabular import TABLES
from tests.api.feeds.publishing import ADDRESS, Publisher
from tests.api.hsds.door import Door
from tests.api.hsds.test_keeping import TABLE
from tests.exchange.hsds.documents import kept
from tests.exchange.make import listings, read
from tests.web.site import group


def given_out(door: Door) -> dict[str, dict[str, Any]]:
    """Every listing as this door gives it out, by id."""
    with door.publisher.database.reading() as session:
        return {str(one.id): kept(write.guarded(one, f"{ADDRESS}/programs/{one.slug}"))
                for one in entries.entries(session)}


@pytest.fixture(params=["door", "odd_door"], ids=["seed", "odd"])
def either(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(request.param)
    return found


@pytest.mark.turns(3)
def test_frictionless_finds_nothing_wrong_with_what_is_served(either: Door, tmp_path: Path) -> None:
    answer = either.get("/package.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == "attachment; filename=hsds.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as held:
        assert held.testzip() is None
        held.extractall(tmp_path)
    done = subprocess.run([sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
                          cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
    found = json.loads(done.stdout)
    assert found["valid"], [task["errors"][:3] for task in found["tasks"] if task["errors"]]
    assert found["stats"]["tasks"] == len(TABLES)


def test_the_package_holds_what_the_lists_hold(door: Door) -> None:
    with zipfile.ZipFile(io.BytesIO(door.get("/package.zip").data)) as held:
        tables = {name: list(csv.DictReader(io.StringIO(held.read(name).decode(), newline="")))
                  for name in held.namelist() if name.endswith(".csv")}
    for name, table in (("services", "services"), ("organizations", "organizations"), ("taxonomies", "taxonomies"),
                        ("service_at_locations", "service_at_location"), ("taxonomy_terms", "taxonomy_terms")):
        assert {row["id"] for row in tables[f"{table}.csv"]} == set(door.ids(name)), name


def test_the_package_says_its_license_and_date(tmp_path: Path) -> None:
    door = Door(Publisher(tmp_path, [group(1)]))
    assert "licenses" not in about(door)
    with door.publisher.database.transaction() as session:
        instance.save(session, {"name": "Ours", "license": "CC-BY-4.0"}, base=0, account_id=None,
                      now=door.publisher.clock.at, known_languages=("en", "es"))
    assert about(door)["licenses"] == [{"title": "CC-BY-4.0", "name": "CC-BY-4.0"}]
    assert about(door)["created"].startswith("2026-11-24")


def about(door: Door) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(door.get("/package.zip").data)) as held:
        found: dict[str, Any] = json.loads(held.read("datapackage.json"))
        return found


def test_the_package_holds_211_codes_where_the_operator_supplied_them(tmp_path: Path) -> None:
    door = Door(Publisher(tmp_path, [group(1, focus=["grief"])]))
    assert b"XX-1000" not in terms(door)
    (tmp_path / "crosswalks").mkdir()
    (tmp_path / "crosswalks" / "211.csv").write_text(TABLE)
    assert b"XX-1000" in terms(door)


def terms(door: Door) -> bytes:
    with zipfile.ZipFile(io.BytesIO(door.get("/package.zip").data)) as held:
        return held.read("taxonomy_terms.csv")


def test_the_package_is_made_once_and_comes_squeezed_to_who_takes_that(door: Door) -> None:
    plain, packed = door.get("/package.zip"), door.get("/package.zip", {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert gzip.decompress(packed.data) == plain.data
    assert door.get("/package.zip").data == plain.data


def test_the_package_takes_no_questions(door: Door) -> None:
    assert door.get("/package.zip", page=1).status_code == 422


def back(folder: Path) -> dict[str, dict[str, Any]]:
    """The listings that our own importer reads, as the validator takes them, by id."""
    found = [load(one.document) for one in listings(read(folder, "hsds"))]
    return {one["id"]: one for one in found}


def test_the_package_comes_back_as_the_listings_that_were_given_out(either: Door, tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(either.get("/package.zip").data)
    assert back(tmp_path / "package.zip") == given_out(either)


def test_all_pages_come_back_as_the_listings_that_were_given_out(either: Door, tmp_path: Path) -> None:
    for number, page in enumerate(either.pages("services", full=True, per_page=33)):
        (tmp_path / f"page-{number:03}.json").write_text(json.dumps(page))
    assert back(tmp_path) == given_out(either)


def test_the_lines_come_back_as_the_listings_that_were_given_out(either: Door, tmp_path: Path) -> None:
    (tmp_path / "all.ndjson").write_bytes(either.get("/services", full=True, format="ndjson").data)
    assert back(tmp_path / "all.ndjson") == given_out(either)


def test_services_alone_come_back_too(door: Door, tmp_path: Path) -> None:
    expected = given_out(door)
    for key in list(expected)[::25]:
        (tmp_path / "one.json").write_bytes(door.get(f"/services/{key}").data)
        assert back(tmp_path / "one.json") == {key: expected[key]}


def test_organizations_with_their_services_come_back_too(door: Door, tmp_path: Path) -> None:
    expected = given_out(door)
    row = max(door.rows("organizations", full=True), key=lambda one: len(one["services"]))
    (tmp_path / "one.json").write_bytes(door.get(f"/organizations/{row['id']}", full_service=True).data)
    assert back(tmp_path / "one.json") == {one["id"]: expected[one["id"]] for one in row["services"]}


def test_what_the_door_adds_to_the_table_of_losses_is_only_what_pages_keep_back(door: Door) -> None:
    with door.publisher.database.reading() as session:
        for one in entries.entries(session):
            shown, whole = dict(write.guarded(one, "https://x.example").document), dict(one.document)
            for document in (shown, whole):
                document["sessions"] = [{**session, "join_url": bool(session.get("join_url"))}
                                        for session in document.get("sessions") or ()]
                if document.get("organization"):
                    document["organization"] = {**document["organization"], "email": ""}
            assert shown == whole
