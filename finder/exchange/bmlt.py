"""BMLT meetings: the API's JSON (Sunday is 1) and the server's own tables (Sunday is 0) into meetings.

BMLT "meeting" is our session, "service body" our organization, "formats" are types. The Basic Meeting List Tool is
made by and for Narcotics Anonymous, so NA is the fellowship unless a mapping says otherwise. Contacts are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from finder.crosswalks import crosswalk
from finder.exchange import files
from finder.exchange.cells import times
from finder.exchange.cells.text import as_text, stated
from finder.exchange.meeting import Meeting
from finder.exchange.meeting_guide import Reader
from finder.exchange.rows import OutOfScope, Refused

# NA World Services' format codes (world_id in the feed's own format table) and what they are in Meeting Guide codes.
WORLD_IDS = {"OPEN": "O", "CLOSED": "C", "W": "W", "M": "M", "Y": "Y", "GL": "LGBTQ", "WCHR": "X", "DISC": "D",
             "MED": "MED", "STEP": "ST", "BEG": "BE", "SPK": "SP", "TRAD": "TR", "CW": "CF", "CAN": "CAN", "VM": "ONL",
             "HYBR": "HY", "TC": "TC"}
# Formats without a world code, by their name in the table.
BY_NAME = {"asl": "ASL", "espanol": "S", "spanish": "S", "english speaking": "EN", "persian": "FA", "finnish": "FI",
           "french": "FR", "russian": "RUS", "polish": "POL", "portuguese": "POR", "online meeting": "ONL",
           "children under supervision": "CF"}
# Other formats are read by the names of the types in the specification, where they are spelled alike.
LABELS = {label.casefold(): code for code, label in crosswalk("meeting_guide").labels.items()}
# Formats that answer a question of access rather than say a type.
ACCESS = {"id required to enter": ("anonymous", "no"), "no children": ("childcare", "no"),
          "no smoking": ("smoke_free", "yes"), "non smoking": ("smoke_free", "yes")}
VENUES = {"1": "in_person", "2": "online", "3": "hybrid"}
_TABLE = re.compile(r"(meetings_main|meetings_data|formats|service_bodies)\.csv(\.gz)?$", re.I)


@dataclass(frozen=True, slots=True)
class Tables:
    """Formats by key and by id, and service bodies by id."""

    formats: Mapping[str, Mapping[str, Any]]
    bodies: Mapping[str, Mapping[str, Any]]


def read(path: Path, reader: Reader, sunday: int) -> Iterator[Meeting | Refused | OutOfScope]:
    """Meetings of a file or folder, numbered through all files in the order of their names.

    `sunday` is 1 for the API and 0 for the tables. It is fixed by the format that was asked for: nothing in the rows
    tells the two apart, and a wrong choice moves every meeting by a day without an error (quirk 3).
    """
    if path.is_dir() and any(_TABLE.search(one.name) for one in files.inside(path)):
        rows, tables = _from_tables(path)
    else:
        rows, tables = _from_json(path)
    scoped: list[Any] = []
    outside: list[Refused | OutOfScope] = []
    numbers: list[int] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, dict) and "weekday_tinyint" not in row and "meeting_name" not in row:
            outside.append(OutOfScope(number, "not_a_meeting"))
        else:
            scoped.append(_as_guide(row, tables, sunday) if isinstance(row, dict) else row)
            numbers.append(number)
    yield from outside
    for place, found in enumerate(reader.meetings(scoped)):
        yield _renumbered(found, numbers[place], scoped[place], reader)


def _renumbered(found: Meeting | Refused, number: int, row: Any, reader: Reader) -> Meeting | Refused:
    if isinstance(found, Refused):
        return Refused(number, found.field, found.code)
    traits = reader.types.traits(tuple(row["types"]), tuple(row["access"]))
    body = row["body"]
    minutes = row["minutes"]
    flags = found.flags - {"fellowship_not_stated"} | ({"length_unreadable"} if minutes == -1 else set())
    return replace(found, row=number, traits=traits, organization=body,
                   status="inactive" if row["hidden"] else found.status, minutes=minutes if minutes > 0 else None,
                   flags=frozenset(flags))


def _as_guide(row: Mapping[str, Any], tables: Tables, sunday: int) -> dict[str, Any]:
    """The row in the fields of the Meeting Guide, whose reader does the rest."""
    types, access = _types(stated(row.get("formats") or row.get("format_shared_id_list")), tables)
    body = tables.bodies.get(stated(row.get("service_body_bigint")))
    day: object = row.get("weekday_tinyint")
    try:
        days = list(times.weekdays(day, sunday))
        day = [_SUNDAY_0[one] for one in days]
    except times.Unreadable:
        day = "unreadable"
    try:
        minutes = times.length(as_text(row.get("duration_time"))) or 0
    except times.Unreadable:
        minutes = -1
    world = stated(row.get("worldid_mixed"))
    city = stated(row.get("location_municipality")) or stated(row.get("location_city_subsection")) \
        or stated(row.get("location_neighborhood"))
    return {
        "name": row.get("meeting_name"), "slug": row.get("id_bigint"), "day": day, "time": row.get("start_time"),
        "group_id": world if world.strip("0") else "", "group": world, "timezone": row.get("time_zone"),
        "location": row.get("location_text"), "address": row.get("location_street"), "city": city,
        "state": row.get("location_province"), "postal_code": row.get("location_postal_code_1"),
        "country": row.get("location_nation") or "USA", "county": row.get("location_sub_province"),
        "latitude": row.get("latitude"), "longitude": row.get("longitude"), "types": types,
        "attendance_option": VENUES.get(stated(row.get("venue_type")), ""), "notes": row.get("comments"),
        "location_notes": row.get("location_info"), "conference_url": row.get("virtual_meeting_link"),
        "conference_phone": row.get("phone_meeting_number"), "access": access, "minutes": minutes,
        "hidden": stated(row.get("published")) == "0", "body": _organization(body),
    }


_SUNDAY_0 = {code: place for place, code in enumerate(times.DAYS)}


def _types(cell: str, tables: Tables) -> tuple[list[str], list[tuple[str, str]]]:
    types: list[str] = []
    access: list[tuple[str, str]] = []
    for key in (part.strip() for part in cell.split(",")):
        if not key:
            continue
        entry = tables.formats.get(key, {})
        name = stated(entry.get("name_string")).casefold()
        world = stated(entry.get("world_id") or entry.get("worldid_mixed")).upper()
        if name in ACCESS:
            access.append(ACCESS[name])
            continue
        code = BY_NAME.get(name) or next((ours for words, ours in BY_NAME.items() if name.startswith(f"{words} ")), "")
        code = code or WORLD_IDS.get(world) or LABELS.get(name, "")
        types.append(code or f"bmlt:{stated(entry.get('key_string')) or key}")
    return list(dict.fromkeys(types)), access


def _organization(body: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not body or not stated(body.get("name")):
        return None
    url = stated(body.get("url"))
    found: dict[str, Any] = {"name": stated(body.get("name"))[:200], "kind": "peer_run"}
    return found | ({"url": url} if url.startswith(("http://", "https://")) else {})


def _from_json(path: Path) -> tuple[list[Any], Tables]:
    rows: list[Any] = []
    formats: dict[str, Mapping[str, Any]] = {}
    bodies: dict[str, Mapping[str, Any]] = {}
    for one in files.paths(path, ".json"):
        value = files.read_json(one)
        if isinstance(value, dict) and isinstance(value.get("formats"), list):
            formats |= _formats(value["formats"])
        found = files.records(value, "meetings", "records")
        if found is None:
            raise files.Broken("not_a_list")
        if found and isinstance(found[0], dict) and "key_string" in found[0]:
            formats |= _formats(found)
        elif found and isinstance(found[0], dict) and "parent_id" in found[0] and "name" in found[0]:
            bodies |= {stated(body.get("id")): body for body in found if isinstance(body, dict)}
        else:
            rows += found
    return rows, Tables(formats, bodies)


def _formats(entries: list[Any]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if isinstance(entry, dict):
            for key in (entry.get("key_string"), entry.get("id")):
                if stated(key):
                    found[stated(key)] = entry
    return found


def _from_tables(folder: Path) -> tuple[list[Any], Tables]:
    tables: dict[str, list[dict[str, str]]] = {}
    for one in files.inside(folder):
        named = _TABLE.search(one.name)
        if named:
            tables[named.group(1).lower()] = [
                {key: "" if cell == "\\N" else cell for key, cell in cells.values.items()}
                for cells in files.csv_rows(one, _NEEDED[named.group(1).lower()])]
    formats = {row["shared_id_bigint"]: {**row, "world_id": row.get("worldid_mixed", "")}
               for row in tables.get("formats", ()) if row.get("lang_enum") in ("en", "", None)}
    bodies = {row["id_bigint"]: {"name": row["name_string"], "url": row.get("uri_string", "")}
              for row in tables.get("service_bodies", ())}
    rows = {row["id_bigint"]: dict(row) for row in tables.get("meetings_main", ())}
    for cell in tables.get("meetings_data", ()):
        # Entity-attribute-value: one line per cell; "0" is the template row of the server (quirk 25).
        if cell["meetingid_bigint"] in rows:
            rows[cell["meetingid_bigint"]][cell["key"]] = cell["data_string"]
    return list(rows.values()), Tables(formats, bodies)


_NEEDED = {"meetings_main": ("id_bigint", "weekday_tinyint"), "meetings_data": ("meetingid_bigint", "key"),
           "formats": ("shared_id_bigint", "key_string"), "service_bodies": ("id_bigint", "name_string")}
