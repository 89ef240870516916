from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from finder.catalog.listing_schema import load
from finder.exchange import public_tables
from finder.exchange.entries import Entry
from finder.exchange.public_tables import Terms
from finder.exchange.reading import Listing
from finder.exchange.tables import MARK, read_back
from tests.exchange.make import read
from tests.exchange.published import FULL, SITE, changed, entry, judge_losses, seed
from tests.shared import ROOT

TERMS = Terms("CC-BY-4.0", datetime(2026, 11, 24, 12, tzinfo=UTC))


def table(entries: list[Entry]) -> list[dict[str, str]]:
    text = "".join(public_tables.csv_text(entries, site=SITE, terms=TERMS))
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline="")))


def lines(entries: list[Entry]) -> list[dict[str, Any]]:
    text = "".join(public_tables.json_lines(entries, site=SITE, terms=TERMS))
    return [json.loads(line) for line in text.splitlines()]


def test_the_table_has_a_row_for_each_session_and_one_for_a_listing_without_any() -> None:
    rows = table(seed())
    assert len(rows) == sum(max(1, len(one.meetings)) for one in seed())
    assert list(rows[0]) == list(public_tables.HEADS)
    assert len(set(public_tables.HEADS)) == len(public_tables.HEADS)


def test_every_field_of_a_listing_has_a_column_or_is_said_to_be_lost() -> None:
    schema = json.loads((ROOT / "finder" / "api" / "documents" / "listing.schema.json").read_text(encoding="utf-8"))
    fields = schema["properties"]
    heads = {one.partition(".")[0] for one in public_tables.LISTING}
    assert set(fields) == heads | {"format", "id", "sessions", "x"}
    for name in ("organization", "severity", "age", "cost", "capacity", "contact", "verified", "source"):
        (inner,) = [one for one in fields[name].get("oneOf", [fields[name]]) if "properties" in one]
        assert {f"{name}.{one}" for one in inner["properties"]} <= set(public_tables.LISTING), name
    session, location = (properties(schema, name) for name in ("session", "location"))
    assert session - {"location", "join_url"} | {f"location.{one}" for one in location} == set(public_tables.SESSION)


def properties(schema: dict[str, Any], name: str) -> set[str]:
    return set(schema["$defs"][name]["properties"])


def test_license_and_date_stand_in_every_row_and_line() -> None:
    rows, documents = table([entry(load(FULL))]), lines([entry(load(FULL))])
    assert {(one["license"], one["as_of"], one["published_by"]) for one in rows} == {
        ("CC-BY-4.0", "2026-11-24T12:00:00Z", "Example Directory")}
    assert rows[0]["source.license"] == "CC0-1.0"
    assert documents[0]["x"]["published"] == {
        "id": rows[0]["id"], "slug": "full", "url": "https://finder.example/programs/full", "by": "Example Directory",
        "changed_at": "2026-11-20T09:30:15Z", "license": "CC-BY-4.0", "as_of": "2026-11-24T12:00:00Z"}


def test_lines_are_documents_that_our_own_importer_takes_whole(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("".join(public_tables.json_lines(seed(), site=SITE, terms=TERMS)), encoding="utf-8")
    found = [one.document for one in read(path, "listing") if isinstance(one, Listing)]
    for back, one in zip(found, seed(), strict=True):
        load(back)
        extras = {key: value for key, value in back["x"].items() if key != "published"}
        assert {**back, "x": extras} == {**one.document, "x": one.document.get("x") or {}}


def test_I4_no_cell_can_run_in_a_spreadsheet_and_each_reads_back() -> None:
    nasty = "=HYPERLINK(\"https://evil.example\")"
    (first, _) = table([entry(load({**FULL, "name": nasty, "description": "+1\n-2"}))])
    assert (first["name"], first["description"]) == (f"'{nasty}", "'+1\n-2")
    assert read_back(first["name"]) == nasty


def test_links_to_join_and_hidden_addresses_stay_out_of_the_table() -> None:
    text = "".join(public_tables.csv_text([entry(load(changed("sessions.location.hidden", True)))], site=SITE,
                                          terms=TERMS))
    assert "zoom.us" not in text
    assert "1 Elm St" not in text
    assert "Salem" in text


def test_no_insurance_taken_is_told_from_none_stated() -> None:
    cost = {"free": False, "amount": 10}
    none, unknown = (table([entry(load({**FULL, "cost": {**cost, **more}}))])[0]["cost.insurance"]
                     for more in ({"insurance": []}, {}))
    assert (none, unknown) == ("none", "")


@pytest.mark.parametrize("write", [public_tables.csv_text, public_tables.json_lines])
def test_nothing_is_read_before_it_is_asked_for(write: Any) -> None:
    taken = []

    def many() -> Iterator[Entry]:
        for number in range(2000):
            taken.append(number)
            yield entry(load({**FULL, "id": str(number)}))
    pieces = write(many(), site=SITE, terms=TERMS)
    next(iter(pieces))
    assert len(taken) < 300


def test_the_table_of_losses_is_true() -> None:
    ids = ("id", "session_id", "location_id", "slug", "url")
    judge_losses(public_tables.LOST, lambda one: [
        {key: value for key, value in row.items() if key not in ids} for row in table([one])])
    judge_losses({}, lambda one: lines([one])[0] | {"x": lines([one])[0]["x"].get("more")})
