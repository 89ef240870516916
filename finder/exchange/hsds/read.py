"""HSDS into listing documents: answers of the API (pages, lists, single services), and packages of tables, 2.0 to 3.1.

Services that use our terms come back as they were written; of others, those that state a group (see foreign).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from finder import strict_json
from finder.errors import Invalid
from finder.exchange import files
from finder.exchange.cells.text import as_text, clean
from finder.exchange.ground import Ground
from finder.exchange.hsds import own, packages
from finder.exchange.hsds.foreign import Reader
from finder.exchange.hsds.packages import Numbered
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.mapping import Mapping as Plan
from finder.exchange.rows import OutOfScope, Refused, Row, listing, put
from finder.vocabulary import Vocabulary

_LINES = (".jsonl", ".ndjson")
_LONGEST_ID = 200


def read(path: Path, *, vocabulary: Vocabulary, ground: Ground, today: date, plan: Plan,
         codes: Codes = NONE) -> Iterator[Row]:
    """What becomes of each service of a file or folder. Raises files.Broken.

    Rows of tables are spreadsheet rows, those of JSON are counted through all files, by name. `codes`: those of 211
    that the operator supplied.
    """
    yield from listings(_services(path), vocabulary=vocabulary, ground=ground, today=today, plan=plan, codes=codes)


def listings(services: Iterator[Numbered], *, vocabulary: Vocabulary, ground: Ground, today: date,
             plan: Plan, codes: Codes = NONE) -> Iterator[Row]:
    """What becomes of each nested service: a listing, out of scope where no group is stated, or refused."""
    reader = Reader(vocabulary, ground, today.isoformat(), plan.timezone, plan.fixed, codes)
    seen: set[str] = set()
    for one in services:
        if isinstance(one, Refused):
            yield one
            continue
        number, service = one
        key = as_text(service.get("id")).strip()
        problem = _problem(service, key, seen)
        if problem:
            yield Refused(number, *problem)
            continue
        seen.add(key)
        yield _row(number, {**service, "id": key}, reader)


def _problem(service: Mapping[str, Any], key: str, seen: set[str]) -> tuple[str, str] | None:
    if not key:
        return "id", "required"
    if isinstance(service["id"], float) or len(key) > _LONGEST_ID or any(one.isspace() for one in key):
        return "id", "not_an_id"
    if key in seen:
        return "id", "repeated"
    return None if clean(service.get("name")) else ("name", "required")


def _row(number: int, service: Mapping[str, Any], reader: Reader) -> Row:
    if own.is_ours(service):
        document, flags = own.listing(service), set[str]()
    else:
        found = reader.listing(service)
        if found is None:
            return OutOfScope(number, "no_group_stated")
        document, flags = found
    for name, value in reader.fixed.items():
        put(document, name, value)
    # What its own directory does not show is not for showing here (quirk 7).
    shown = str(service.get("status") or "").strip().lower() not in ("inactive", "defunct")
    return listing(document, (number,), flags, publish=shown)


def _services(path: Path) -> Iterator[Numbered]:
    if path.is_dir():
        if any(files.ending(one) == ".csv" for one in files.inside(path)):
            yield from packages.services(path)
            return
    elif files.is_workbook(path):  # by its first bytes: a zip
        yield from packages.services(path)
        return
    number, pages = 0, list[int]()
    for one in files.paths(path, ".json", *_LINES):
        for found in _file(one, pages):
            number += 1
            if isinstance(found, Refused):
                yield Refused(number, found.field, found.code)
            elif isinstance(found, dict):
                yield number, found
            else:
                yield Refused(number, "row", "not_an_object")
    if pages and max(pages) > len(pages):
        raise files.Broken("one_page")  # what stands on the others would look as if it were gone


def _file(path: Path, pages: list[int]) -> Iterator[Any]:
    """The services of one JSON file, not yet looked at; if it is a page, how many there are goes to `pages`."""
    if files.ending(path) in _LINES:
        for line in files.json_text(path).split("\n"):
            if line.strip():
                yield _line(line)
        return
    value = files.read_json(path)
    total = value.get("total_pages") if isinstance(value, dict) else None
    if isinstance(total, int):
        pages.append(total)
    rows = files.records(value, "contents", "services")
    if rows is None and isinstance(value, dict):
        if isinstance(value.get("service"), dict):  # a service_at_location with its service
            there = {name: inner for name, inner in value.items() if name != "service"}
            rows = [{**value["service"], "service_at_locations": [there]}]
        elif "status" in value and "id" in value:
            rows = [value]
    if rows is None:
        raise files.Broken("not_a_list")
    if isinstance(value, dict) and isinstance(value.get("services"), list):  # an organization with its services
        runner = {name: inner for name, inner in value.items() if name != "services"}
        rows = [{"organization": runner, **one} if isinstance(one, dict) else one for one in rows]
    yield from rows


def _line(text: str) -> Any:
    try:
        return strict_json.read(text)
    except Invalid as broken:
        field, problems = next(iter(broken.errors.items()))
        return Refused(1, field or "row", "not_json" if problems[0].code == "bad_json" else problems[0].code)
