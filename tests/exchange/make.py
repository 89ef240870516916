"""Small invented feeds for the importers' tests, and the reading of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from finder.catalog import listing_schema
from finder.exchange import reading
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.mapping import Mapping as Plan
from finder.exchange.mapping import parse
from finder.exchange.reading import Listing, OutOfScope, Refused, Row
from finder.places.gazetteer import Gazetteer, load
from finder.vocabulary import vocabulary

TODAY = date(2026, 11, 24)


@cache
def gazetteer() -> Gazetteer:
    return load()


def read(path: Path, fmt: str, plan: Plan | None = None, source: str = "", today: date = TODAY,
         codes: Codes = NONE) -> list[Row]:
    return list(reading.read(path, fmt, vocabulary=vocabulary(), gazetteer=gazetteer(), today=today, mapping=plan,
                             source=source, codes=codes))


def feed(folder: Path, rows: Any, fmt: str = "meeting-guide", plan: Plan | None = None, source: str = "") -> list[Row]:
    path = folder / "feed.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return read(path, fmt, Plan(fellowship="aa") if plan is None and fmt == "meeting-guide" else plan, source)


def meeting(**fields: Any) -> dict[str, Any]:
    return {"name": "Harbor Lights", "slug": "harbor-lights", "day": 1, "time": "19:30", "types": ["O"],
            "location": "Harbor Hall", "formatted_address": "12 Pier St, Costa Mesa, CA 92626, USA",
            "latitude": 33.66, "longitude": -117.91, "attendance_option": "in_person", **fields}


def bmlt_meeting(**fields: Any) -> dict[str, Any]:
    return {"id_bigint": "7", "weekday_tinyint": "2", "start_time": "19:00:00", "duration_time": "01:30:00",
            "formats": "", "longitude": "-77.12", "latitude": "42.96", "meeting_name": "Steps Ahead",
            "location_text": "Town Hall", "location_street": "1 Main St", "location_municipality": "Clifton Springs",
            "location_province": "NY", **fields}


def table(folder: Path, rows: Iterable[Mapping[str, str]], name: str = "list.csv") -> Path:
    rows = list(rows)
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def facility(codes: str, **fields: str) -> dict[str, str]:
    return {"name1": "River Care Inc", "name2": "North Site", "street1": "5 Elm Street", "street2": "",
            "city": "Abbeville", "state": "AL", "zip": "36310", "phone": "334-555-0101 x12", "intake1": "",
            "service_code_info": codes, **fields}


def listings(rows: Iterable[Row]) -> list[Listing]:
    """The listings among the rows, each of which the validator takes."""
    found = [one for one in rows if isinstance(one, Listing)]
    for one in found:
        listing_schema.load(one.document)
    return found


def only(rows: Iterable[Row]) -> dict[str, Any]:
    (one,) = listings(rows)
    return one.document


def counts(rows: Iterable[Row]) -> tuple[int, int, int]:
    """Rows in listings, out of scope, refused."""
    rows = list(rows)
    inside = {row for one in rows if isinstance(one, Listing) for row in one.rows}
    return (len(inside), sum(isinstance(one, OutOfScope) for one in rows),
            sum(isinstance(one, Refused) for one in rows))


# Every column bears the name of the field it fills.
PLAIN_ROW = {
    "id": "a1", "name": "Evening Circle", "description": "A circle.", "organization.name": "River Care",
    "organization.url": "https://river.example.org", "contact.phone": "503-555-0100",
    "contact.email": "circle@example.org", "contact.url": "www.example.org/circle", "location.address_1": "1 Elm St",
    "location.city": "Salem", "location.state": "OR", "location.postal_code": "97301", "location.latitude": "44.94",
    "location.longitude": "-123.03", "verified.on": "2026-10-01", "age.min": "18", "session.day": "Monday",
    "session.time": "6pm", "populations": "x"}
PLAIN_PLAN = parse({"columns": {name: name for name in PLAIN_ROW}, "values": {"populations": {"x": []}},
                    "fixed": {"group_type": "peer_support", "verified.method": "web"}})
