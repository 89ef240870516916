"""All published listings as one HSDS package: a zip of CSV tables with a Frictionless data package that describes them.

Rows are written as they come, and nothing but their ids is kept. Tables and columns are those of HSDS 3.0, with the
capacities of the 3.1 draft and the name of the zone, which are further columns and tables of ours.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from finder.exchange.entries import Entry
from finder.exchange.hsds import write
from finder.exchange.hsds.schedules import ZONE
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.hsds.terms import Row
from finder.exchange.tables import safe

HELD = 1024 * 1024  # bytes of a table held in memory; what is more waits in a file without a name
_CHUNK = 1 << 16
# Shapes that no spreadsheet takes for a formula that does anything: numbers to call, month days, "-1FR".
_HARMLESS = re.compile(r"[+-]?\d[\d ().,x+/-]*|-?\d?[A-Z]{2}(?:,-?\d?[A-Z]{2})*")
_UUID, _DAY, _NUMBER, _URI, _EMAIL = "string/uuid", "date", "number", "string/uri", "string/email"


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: its resource's name and file; columns with what is not plain text; what must be there; keys."""

    file: str
    columns: tuple[str, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)  # column -> resource whose id it holds


_TO_SERVICE, _TO_LOCATION = {"service_id": "service"}, {"location_id": "location"}
TABLES: Mapping[str, _Table] = {
    "organization": _Table("organizations.csv", ("id", "name", "description", "email", "website"),
                           {"email": _EMAIL, "website": _URI}, ("name", "description")),
    "service": _Table(
        "services.csv", ("id", "organization_id", "name", "description", "url", "email", "status",
                         "interpretation_services", "application_process", "fees_description",
                         "eligibility_description", "minimum_age", "maximum_age", "assured_date", "alert",
                         "last_modified"),
        {"url": _URI, "email": _EMAIL, "minimum_age": _NUMBER, "maximum_age": _NUMBER, "assured_date": _DAY,
         "last_modified": "datetime"}, ("organization_id", "name", "status"), {"organization_id": "organization"}),
    "location": _Table("locations.csv", ("id", "location_type", "url", "name", "description", "latitude", "longitude"),
                       {"url": _URI, "latitude": _NUMBER, "longitude": _NUMBER}, ("location_type",)),
    "service_at_location": _Table("service_at_location.csv", ("id", "service_id", "location_id"),
                                  required=("service_id", "location_id"), keys=_TO_SERVICE | _TO_LOCATION),
    "address": _Table("addresses.csv", ("id", "location_id", "address_1", "city", "state_province", "postal_code",
                                        "country", "address_type"),
                      required=("address_1", "city", "state_province", "postal_code", "country", "address_type"),
                      keys=_TO_LOCATION),
    "phone": _Table("phones.csv", ("id", "location_id", "service_id", "organization_id", "number", "extension", "type"),
                    {"extension": _NUMBER}, ("number",),
                    {**_TO_LOCATION, **_TO_SERVICE, "organization_id": "organization"}),
    "schedule": _Table(
        "schedules.csv", ("id", "service_at_location_id", "valid_from", "valid_to", "dtstart", "timezone", "until",
                          "count", "wkst", "freq", "interval", "byday", "bymonthday", "description", "opens_at",
                          "closes_at", "attending_type", "notes", ZONE),
        {"valid_from": _DAY, "valid_to": _DAY, "dtstart": _DAY, "until": _DAY, "timezone": _NUMBER, "count": _NUMBER,
         "interval": _NUMBER, "opens_at": "time", "closes_at": "time"},
        keys={"service_at_location_id": "service_at_location"}),
    "language": _Table("languages.csv", ("id", "service_id", "name", "code"), keys=_TO_SERVICE),
    "accessibility": _Table("accessibility.csv", ("id", "location_id", "description", "details"), keys=_TO_LOCATION),
    "cost_option": _Table("cost_options.csv", ("id", "service_id", "option", "currency", "amount"),
                          {"amount": _NUMBER}, ("service_id",), _TO_SERVICE),
    "service_area": _Table("service_areas.csv", ("id", "service_id", "name", "description", "extent", "extent_type"),
                           keys=_TO_SERVICE),
    "service_capacity": _Table("service_capacity.csv", ("id", "service_id", "unit_id", "available", "updated"),
                               {"available": _NUMBER, "updated": "datetime"}, ("service_id", "unit_id", "available"),
                               {**_TO_SERVICE, "unit_id": "unit"}),
    "unit": _Table("units.csv", ("id", "name"), required=("name",)),
    "taxonomy": _Table("taxonomies.csv", ("id", "name", "description"), required=("name", "description")),
    "taxonomy_term": _Table("taxonomy_terms.csv", ("id", "code", "name", "description", "taxonomy", "language",
                                                   "taxonomy_id"),
                            required=("name", "description"), keys={"taxonomy_id": "taxonomy"}),
    "attribute": _Table("attributes.csv", ("id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value"),
                        required=("link_id", "taxonomy_term_id", "link_entity"),
                        keys={"taxonomy_term_id": "taxonomy_term"}),
}
# Where rows of a table stand inside another row, by the name of the property.
_INSIDE = {"phones": "phone", "languages": "language", "cost_options": "cost_option", "service_areas": "service_area",
           "service_at_locations": "service_at_location", "schedules": "schedule", "addresses": "address",
           "accessibility": "accessibility", "attributes": "attribute", "capacities": "service_capacity"}
_ABOVE = {"organization": "organization", "location": "location", "unit": "unit"}


def write_package(entries: Iterable[Entry], out: IO[bytes], *, now: datetime, license_name: str | None = None,
                  codes: Codes = NONE) -> int:
    """Writes the package of all entries to `out`, which need not seek, and gives how many services it holds.

    `now`: an aware instant, for clock offsets and the date of the package. A row that several services share is written
    once. Cells that a spreadsheet could take for a formula begin with an apostrophe (see tables). `codes`: those of 211
    that the operator supplied.
    """
    count = 0
    with ExitStack() as stack:
        files = {name: _File(stack, table) for name, table in TABLES.items()}
        for one in [*write.taxonomies(), *codes.taxonomies]:
            files["taxonomy"].add(one)
        for one in [*write.taxonomy_terms(), *codes.terms]:
            files["taxonomy_term"].add({**one, "taxonomy_id": one["taxonomy_detail"]["id"]})
        for entry in entries:
            _spread(files, "service", write.service(entry, now, codes))
            count += 1
        _pack(files, out, now, license_name)
    return count


def description(now: datetime, license_name: str | None = None) -> dict[str, Any]:
    """The Frictionless data package that describes the tables."""
    found: dict[str, Any] = {
        "name": "human_services_data", "title": "Groups in the Human Services Data Specification",
        "profile": "tabular-data-package", "version": "3.0.0", "created": now.isoformat(timespec="seconds"),
        "resources": [_resource(name, table) for name, table in TABLES.items()]}
    return found | ({"licenses": [{"title": license_name, "name": _slug(license_name)}]} if license_name else {})


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-") or "other"


def _resource(name: str, table: _Table) -> dict[str, Any]:
    return {"name": name, "path": table.file, "profile": "tabular-data-resource", "format": "csv",
            "mediatype": "text/csv", "encoding": "utf-8", "schema": {
                "fields": [_field(table, column) for column in table.columns], "primaryKey": "id",
                "foreignKeys": [{"fields": column, "reference": {"resource": other, "fields": "id"}}
                                for column, other in table.keys.items()]}}


def _field(table: _Table, column: str) -> dict[str, Any]:
    ids = column == "id" or column.endswith("_id")
    kind, _, shape = (_UUID if ids else table.kinds.get(column, "string")).partition("/")
    rules: dict[str, Any] = {"required": True} if column == "id" or column in table.required else {}
    if column == "id" or (column == "code" and table.file == "taxonomy_terms.csv"):
        rules["unique"] = True
    if kind in ("datetime", "time"):
        shape = "any"  # ISO 8601 with the offset behind it
    return {"name": column, "type": kind} | ({"format": shape} if shape else {}) | (
        {"constraints": rules} if rules else {})


class _File:
    """One table on its way: rows by their ids, each once."""

    def __init__(self, stack: ExitStack, table: _Table) -> None:
        self.table = table
        self.body: IO[bytes] = stack.enter_context(tempfile.SpooledTemporaryFile(HELD))
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._seen: set[bytes] = set()
        self._line(table.columns)

    def add(self, row: Row) -> bool:
        """Writes a row; False for one that stands there already."""
        key = uuid.UUID(row["id"]).bytes
        if key in self._seen:
            return False
        self._seen.add(key)
        self._line([_cell(row.get(name)) for name in self.table.columns])
        return True

    def _line(self, cells: Iterable[str]) -> None:
        self._writer.writerow(cells)
        self.body.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


def _cell(value: object) -> str:
    text = safe(value)
    return text[1:] if text[:1] == "'" and _HARMLESS.fullmatch(text[1:]) else text


def _spread(files: Mapping[str, _File], table: str, row: Row) -> None:
    """Writes a nested row and all rows in it, those first that it points to."""
    flat = dict(row)
    for name, other in _ABOVE.items():
        if isinstance(row.get(name), dict):
            flat.setdefault(f"{name}_id", row[name]["id"])
            _spread(files, other, row[name])
    if "taxonomy_term" in row:
        flat["taxonomy_term_id"] = row["taxonomy_term"]["id"]
    files[table].add(flat)
    for name, other in _INSIDE.items():
        for one in row.get(name, ()) if isinstance(row.get(name), list) else ():
            _spread(files, other, one)


def _pack(files: Mapping[str, _File], out: IO[bytes], now: datetime, license_name: str | None) -> None:
    day = (max(now.year, 1980), now.month, now.day, 0, 0, 0)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        about = json.dumps(description(now, license_name), ensure_ascii=False, indent=1)
        packed.writestr(_member("datapackage.json", day), about, zipfile.ZIP_DEFLATED)
        for one in files.values():
            one.body.seek(0)
            with packed.open(_member(one.table.file, day), "w", force_zip64=True) as member:
                shutil.copyfileobj(one.body, member, _CHUNK)


def _member(name: str, day: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, day)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member
