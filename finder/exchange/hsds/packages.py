"""HSDS tables (a folder or a zip of CSV files) joined into the nested services that the API of the standard gives.

Tables and columns of 2.0 are read under their names of 3.0. Rows that belong to no service are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from finder.exchange import files
from finder.exchange.cells.text import clean, stated
from finder.exchange.cells.times import SUNDAY_IS_0, Unreadable, clock, clock_text, weekdays
from finder.exchange.hsds.terms import Row
from finder.exchange.rows import Refused
from finder.exchange.tables import read_back

# A joined package is held whole: that is what these leave room for.
MOST_BYTES = 96 * 1024 * 1024
MOST_ROWS = 300_000
# File names (without ending) of 2.0, 3.0 and 3.1, singular and plural, by the table of 3.0.
_FILES = {
    "services": "services", "service": "services", "organizations": "organizations", "organization": "organizations",
    "service_at_location": "at", "service_at_locations": "at", "services_at_location": "at",
    "locations": "locations", "location": "locations", "addresses": "addresses", "address": "addresses",
    "physical_addresses": "addresses", "phones": "phones", "phone": "phones", "schedules": "schedules",
    "schedule": "schedules", "regular_schedules": "regular", "regular_schedule": "regular",
    "languages": "languages", "language": "languages", "accessibility": "accessibility",
    "accessibility_for_disabilities": "accessibility", "attributes": "attributes", "attribute": "attributes",
    "services_taxonomy": "filed", "service_taxonomy": "filed", "taxonomy_terms": "terms", "taxonomy_term": "terms",
    "taxonomy": "terms", "eligibility": "eligibility", "eligibilities": "eligibility",
    "cost_options": "cost_options", "cost_option": "cost_options", "service_areas": "service_areas",
    "service_area": "service_areas", "service_capacity": "capacities", "service_capacities": "capacities",
}
# Columns of 2.0 that 3.0 names otherwise, by table.
_RENAMED = {"services": {"fees": "fees_description"}, "organizations": {"url": "website"},
            "languages": {"language": "name"}, "accessibility": {"accessibility": "description"}}
_NUMBERS = frozenset(("latitude", "longitude", "amount", "minimum_age", "maximum_age", "available"))
Tables = Mapping[str, list[Row]]
Numbered = tuple[int, Row] | Refused


def services(path: Path) -> Iterator[Numbered]:
    """Each service with its rows, by its line in the table of services, or why not. Raises Broken."""
    tables: dict[str, list[Row]] = {}
    refused: list[Refused] = []
    left = MOST_ROWS
    for name, text in _texts(path):
        table = _FILES.get(name.removesuffix(".csv"))
        if table is not None:
            rows = tables.setdefault(table, [])
            for one in _rows(table, text):
                left -= 1
                if left < 0:
                    raise files.Broken("too_large")
                if isinstance(one, dict):
                    rows.append(one)
                elif table == "services":
                    refused.append(one)
    if "services" not in tables:
        raise files.Broken("no_table")
    yield from refused
    yield from _joined(tables)


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    if not path.is_dir():
        yield from files.zip_texts(path, ".csv", most=MOST_BYTES)
        return
    left = MOST_BYTES
    for one in files.paths(path, ".csv"):
        text = files.read_text(one)
        left -= len(text)
        if left < 0:
            raise files.Broken("too_large")
        yield one.name.lower().removesuffix(".gz"), text


def _rows(table: str, text: str) -> Iterator[Row | Refused]:
    """The rows of a table, without empty cells; `line` is their number. An empty file has none."""
    if not text.strip():
        return
    if text[:200_000].partition("\n")[0].count(",") >= files.MOST_COLUMNS:
        raise files.Broken("no_table")
    renamed = _RENAMED.get(table, {})
    for cells in files.table_rows(text, ("id",)):
        if cells.problem:
            yield Refused(cells.number, *cells.problem)
            continue
        row: Row = {"line": cells.number}
        for name, cell in cells.values.items():
            if cell.strip():
                row[renamed.get(name, name)] = _number(cell) if name in _NUMBERS else read_back(cell)
        yield row


def _number(cell: str) -> float | int | str:
    try:
        value = float(cell)
    except ValueError:
        return cell
    return int(cell) if cell.lstrip("+-").isascii() and cell.lstrip("+-").isdigit() and len(cell) < 10 else value


class _By:
    """Rows of a table by one of its columns."""

    def __init__(self, tables: Tables, table: str, column: str) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in tables.get(table, ()):
            if column in row:
                self._rows.setdefault(row[column], []).append(row)

    def __getitem__(self, key: object) -> list[Row]:
        return self._rows.get(key, []) if isinstance(key, str) else []

    def one(self, key: object) -> Row | None:
        return next(iter(self[key]), None)


def _joined(tables: Tables) -> Iterator[Numbered]:
    organizations, at, eligibility = (_By(tables, "organizations", "id"), _By(tables, "at", "service_id"),
                                      _By(tables, "eligibility", "service_id"))
    own = {name: _By(tables, name, "service_id")
           for name in ("phones", "languages", "cost_options", "service_areas", "capacities")}
    tables = {**tables, "schedules": [*tables.get("schedules", ()), *_weekly(tables.get("regular", ()))]}
    schedules = _By(tables, "schedules", "service_id")
    numbers, attributes = _By(tables, "phones", "organization_id"), _Attributes(tables)
    where = _Places(tables, attributes)
    for row in tables["services"]:
        key = row.get("id")
        found = {**row, "attributes": attributes.of(key), "schedules": schedules[key],
                 "service_at_locations": [where.at(one) for one in at[key]],
                 **{name: rows[key] for name, rows in own.items()}}
        runner = organizations.one(row.get("organization_id"))
        if runner is not None:
            found["organization"] = {**runner, "phones": numbers[runner.get("id")],
                                     "attributes": attributes.of(runner.get("id"))}
        words = eligibility[key]
        if words and "eligibility_description" not in found:
            found["eligibility_description"] = "\n".join(stated(one.get("eligibility")) for one in words)
        yield row["line"], found


class _Attributes:
    """What is said of rows, each with its term. A 2.0 package files services under terms and knows nothing else."""

    def __init__(self, tables: Tables) -> None:
        self._terms = _By(tables, "terms", "id")
        self._said = _By(tables, "attributes", "link_id")
        self._filed = _By(tables, "filed", "service_id")

    def of(self, key: object) -> list[Row]:
        """The attributes of a row."""
        return [{**one, "taxonomy_term": self._terms.one(one.get("taxonomy_term_id"))} for one in self._said[key]] + [
            {"taxonomy_term": self._terms.one(one.get("taxonomy_id"))} for one in self._filed[key]]


class _Places:
    """The places of services with all that is said of them."""

    def __init__(self, tables: Tables, attributes: _Attributes) -> None:
        self._attributes = attributes
        self._locations = _By(tables, "locations", "id")
        self._of_location = {name: _By(tables, name, "location_id")
                             for name in ("addresses", "accessibility", "phones")}
        self._schedules_there = _By(tables, "schedules", "location_id")
        self._schedules_at = _By(tables, "schedules", "service_at_location_id")

    def at(self, row: Row) -> Row:
        """One row of service_at_location, with its location and schedules."""
        schedules = [{**one, "attributes": self._attributes.of(one.get("id"))}
                     for one in self._schedules_at[row.get("id")]]
        found: Row = {**row, "schedules": schedules}
        location = self._locations.one(row.get("location_id"))
        if location is not None:
            key = location.get("id")
            found["location"] = {**location, "schedules": self._schedules_there[key],
                                 "attributes": self._attributes.of(key),
                                 **{name: rows[key] for name, rows in self._of_location.items()}}
        return found


def _weekly(rows: Iterable[Row]) -> list[Row]:
    """Regular schedules of 2.0, a row for each day of the week, as weekly rules: equal times become one."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        try:
            days = weekdays(clean(row.get("weekday")), SUNDAY_IS_0)
            start, end = clock(row.get("opens_at")), clock(row.get("closes_at"))
        except Unreadable:
            continue  # the service is listed all the same, without a time
        if not days or start is None:
            continue
        owner = tuple(row.get(name) for name in ("service_id", "location_id", "service_at_location_id"))
        there = found.setdefault((owner, start, end), {
            "freq": "WEEKLY", "byday": "", "opens_at": clock_text(start),
            **({"closes_at": clock_text(end)} if end is not None else {}),
            **{name: value for name, value in zip(("service_id", "location_id", "service_at_location_id"), owner,
                                                  strict=True) if value}})
        there["byday"] = ",".join(dict.fromkeys([*filter(None, there["byday"].split(",")), *days]))
    return list(found.values())
