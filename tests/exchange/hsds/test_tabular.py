from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from finder.catalog.listing_schema import load
from finder.exchange.entries import Entry
from finder.exchange.hsds import tabular
from tests.exchange.hsds.documents import NOW
from tests.exchange.published import FULL, changed, entry, seed
from tests.shared import shared


class OneWay(io.RawIOBase):
    """A pipe: what is written cannot be gone back to."""

    def __init__(self) -> None:
        self.held = b""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, body: Any) -> int:
        self.held += bytes(body)
        return len(body)


def package(entries: list[Entry]) -> dict[str, list[dict[str, str]]]:
    body = io.BytesIO()
    assert tabular.write_package(entries, body, now=NOW) == len(entries)
    with zipfile.ZipFile(body) as held:
        return {name: list(csv.DictReader(io.StringIO(held.read(name).decode(), newline="")))
                for name in held.namelist() if name.endswith(".csv")}


@pytest.mark.turns(3)
def test_frictionless_finds_nothing_wrong_with_the_seed(tmp_path: Path) -> None:
    with (tmp_path / "package.zip").open("wb") as file:
        tabular.write_package(seed(), file, now=NOW, license_name="CC BY 4.0")
    with zipfile.ZipFile(tmp_path / "package.zip") as held:
        held.extractall(tmp_path)
    done = subprocess.run([sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
                          cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    found = json.loads(done.stdout)
    assert found["valid"], [task["errors"][:3] for task in found["tasks"] if task["errors"]]
    assert found["stats"]["tasks"] == len(tabular.TABLES)


def test_every_key_points_to_a_row() -> None:
    found = package(seed())
    ids = {name: {row["id"] for row in found[table.file]} for name, table in tabular.TABLES.items()}
    for table in tabular.TABLES.values():
        for column, other in table.keys.items():
            assert {row[column] for row in found[table.file]} - {""} <= ids[other], (table.file, column)
    owners = set().union(*ids.values())
    assert {row["link_id"] for row in found["attributes.csv"]} <= owners


def test_a_row_of_several_services_stands_there_once() -> None:
    found = package([entry(load({**FULL, "id": f"l{one}"})) for one in range(3)])
    assert len(found["organizations.csv"]) == 1
    assert len(found["services.csv"]) == 3


def test_columns_are_those_of_the_standard_but_for_what_is_named() -> None:
    told = json.loads(shared("standards", "hsds-3.0", "datapackage.json").read_text(encoding="utf-8"))
    theirs = {one["name"]: one for one in told["resources"]}
    further = {name: set(table.columns) - {one["name"] for one in theirs[name]["schema"]["fields"]}
               for name, table in tabular.TABLES.items() if name in theirs}
    assert {name: columns for name, columns in further.items() if columns} == {"schedule": {"timezone_name"}}
    assert tabular.TABLES.keys() - theirs.keys() == {"service_capacity", "unit"}
    for name, table in tabular.TABLES.items():
        if name in theirs:
            assert table.file == theirs[name]["path"]
            needed = {one["name"] for one in theirs[name]["schema"]["fields"] if one["constraints"].get("required")}
            assert needed <= {"id", *table.required}


@pytest.mark.parametrize(("path", "value", "cell"), [
    ("description", "=HYPERLINK(1)", "'=HYPERLINK(1)"), ("name", "@sum", "'@sum"),
    ("contact.phone", "+1 503 555 0100", "+1 503 555 0100")], ids=["formula", "function", "a number is no formula"])
def test_no_cell_runs_in_a_spreadsheet_and_numbers_stay_numbers(path: str, value: str, cell: str) -> None:
    found = package([entry(load(changed(path, value)))])
    cells = {one for rows in found.values() for row in rows for one in row.values()}
    assert cell in cells
    assert value == cell or value not in cells


def test_a_package_is_written_to_a_pipe_and_is_the_same_each_time() -> None:
    first, again = OneWay(), OneWay()
    for out in (first, again):
        tabular.write_package(seed()[:5], out, now=NOW)  # type: ignore[arg-type]
    assert first.held == again.held
    with zipfile.ZipFile(io.BytesIO(first.held)) as held:
        assert held.testzip() is None


def test_a_package_of_nothing_is_whole() -> None:
    found = package([])
    assert found["services.csv"] == []
    assert len(found["taxonomy_terms.csv"]) > 100
