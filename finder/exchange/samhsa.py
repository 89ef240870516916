"""SAMHSA's directory of facilities (workbook or CSV) through its own code dictionary.

A facility is not a group: one program is made for each kind of group that its codes state, none where they state none.
SAMHSA "facility" is the place, name1 the organization, name2 the site, a service code what is offered there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finder.exchange import files
from finder.exchange.cells.contacts import phones, web_address
from finder.exchange.cells.spots import Address, postal_code, state_code
from finder.exchange.cells.text import clean, digest, display, normalized, short, slug, stated
from finder.exchange.facility_codes import KINDS, Kind, facility_facts, kinds_of
from finder.exchange.ground import Ground, spot
from finder.exchange.rows import Document, OutOfScope, Refused, Row, listing, put

FORMAT = "finder-listing/1"
CODES = "service_code_info"
_SPLIT = re.compile(r"[\s*]+")


@dataclass(slots=True)
class _Facility:
    """Rows with the same name, site and address: one facility (quirks 14 and 15). Codes in order, each once."""

    first: Mapping[str, str]
    rows: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def read(path: Path, *, ground: Ground, fixed: Mapping[str, Any]) -> Iterator[Row]:
    """Listings of a workbook, a CSV, or a folder with either (the workbook first). Rows are spreadsheet rows.

    Equal rows are one facility; a site of a chain is its own. Codes the dictionary does not know are flagged and kept.
    """
    facilities: dict[str, _Facility] = {}
    dictionary: dict[str, str] = {}
    for one in _sources(path):
        if files.ending(one) == ".xlsx" or files.is_workbook(one):
            rows, names = _workbook(one)
        else:
            rows, names = files.csv_rows(one, ("name1", "street1")), _beside(one)
        dictionary |= names
        for cells in rows:
            if cells.problem:
                yield Refused(cells.number, *cells.problem)
            elif not stated(cells.values.get("name1")):
                yield Refused(cells.number, "name1", "required")
            else:
                _take(facilities, cells)
    for key, facility in facilities.items():
        yield from _programs(key, facility, dictionary, ground, fixed)


def _sources(path: Path) -> list[Path]:
    if not path.is_dir():
        return files.paths(path)
    books = [one for one in files.inside(path) if files.ending(one) == ".xlsx"]
    return books or [one for one in files.paths(path, ".csv") if not one.name.lower().startswith("service_codes")]


def _workbook(path: Path) -> tuple[Iterable[files.Cells], dict[str, str]]:
    rows: list[files.Cells] = []
    names: dict[str, str] = {}
    found = False
    for _, sheet in files.workbook_sheets(path):
        header = [one.strip() for one in next(sheet, [])]
        if "name1" in header:
            found = True
            rows += [files.Cells(number, dict(zip(header, cells, strict=False)))
                     for number, cells in enumerate(sheet, 2) if any(cells)]
        elif "service_code" in header and "service_name" in header:
            code, name = header.index("service_code"), header.index("service_name")
            names |= {cells[code].strip(): cells[name].strip() for cells in sheet if len(cells) > max(code, name)}
    if not found:
        raise files.Broken("no_table")
    return rows, names


def _beside(path: Path) -> dict[str, str]:
    """The dictionary that lies beside a CSV (service_codes.csv); empty without one."""
    for name in ("service_codes.csv", "service_codes.csv.gz"):
        there = path.parent / name
        if there.is_file():
            return {cells.values["service_code"].strip(): cells.values["service_name"].strip()
                    for cells in files.csv_rows(there, ("service_code", "service_name"))}
    return {}


def _take(facilities: dict[str, _Facility], cells: files.Cells) -> None:
    values = cells.values
    key = digest(*(normalized(values.get(name, "")) for name in ("name1", "name2", "street1", "street2", "city")),
                 postal_code(values.get("zip"))[0])
    facility = facilities.setdefault(key, _Facility(values))
    facility.rows.append(cells.number)
    facility.codes += [code for code in _SPLIT.split(values.get(CODES, "")) if code and code not in facility.codes]


def _programs(key: str, facility: _Facility, dictionary: Mapping[str, str], ground: Ground,
              fixed: Mapping[str, Any]) -> Iterator[Row]:
    kinds, why = kinds_of(facility.codes, dictionary)
    if not kinds:
        for row in facility.rows:
            yield OutOfScope(row, why)
        return
    flags = {"repeated_row"} if len(facility.rows) > 1 else set()
    unknown = [code for code in facility.codes if dictionary and code not in dictionary]
    if unknown:
        flags.add("unknown_code")
    place, doubts = _place(facility.first, ground)
    facts = facility_facts(facility.codes)
    for kind in kinds:
        document = _document(key, KINDS[kind], kind, facility, facts, place)
        if unknown:
            put(document, "x.unknown_codes", unknown[:60])
        for name, value in fixed.items():
            put(document, name, value)
        yield listing(document, tuple(facility.rows), flags | doubts)


def _place(values: Mapping[str, str], ground: Ground) -> tuple[dict[str, Any] | None, set[str]]:
    street = ", ".join(one for one in (stated(values.get("street1")), stated(values.get("street2"))) if one)
    address = Address("", street, stated(values.get("city")), state_code(values.get("state")),
                      postal_code(values.get("zip"))[0], "US")
    there = spot(address, values.get("latitude"), values.get("longitude"), ground)
    return there.location, set(there.flags)


def _document(key: str, kind: Kind, code: str, facility: _Facility, facts: Document,
              place: dict[str, Any] | None) -> Document:
    values = facility.first
    name, site = display(stated(values["name1"])), display(stated(values.get("name2")))
    organization: Document = {"name": short(name, 200), "kind": facts["kind"]}
    url = web_address(values.get("website", ""))
    if url:
        organization["url"] = url
    focus = dict.fromkeys((*kind.focus, *facts["focus"]))
    populations = facts["populations"]
    document: Document = {
        "format": FORMAT, "id": f"{slug(site or name, 40) or 'facility'}-{key}-{code}",
        "name": short(f"{kind.name}, {site or name}", 200), "organization": organization,
        "group_type": kind.group_type, "focus": list(focus)[:20], "modalities": list(kind.modalities),
        "attendees": kind.attendees, "led_by": kind.led_by, "populations": populations, "age": facts["age"],
        "languages": facts["languages"], "accessibility": facts["accessibility"], "cost": facts["cost"],
        "sessions": [{"format": "in_person", "location": place}] if place else [],
        "contact": _contact(values, telehealth="TELE" in facility.codes),
        "x": {"service_codes": clean(" ".join(facility.codes))},
    }
    if kind.couples:
        document["policies"] = {"partners_welcome": True}
    return {field_name: value for field_name, value in document.items() if value not in (None, [], {})}


def _contact(values: Mapping[str, str], *, telehealth: bool) -> Document:
    """The facility's number, its intake numbers and, where the codes state telehealth, what to ask.

    Telehealth is stated for the facility, not for a group, so it makes no online session.
    """
    main = phones(values.get("phone", ""))
    intake = dict.fromkeys(number for name in ("intake1", "intake1a", "intake2", "intake2a")
                           for number in phones(values.get(name, "")) if number not in main)
    numbers = [*main, *intake]
    notes = []
    if main and intake:
        notes.append("Intake: " + ", ".join(intake) + ".")
    if telehealth:
        notes.append("The facility offers telehealth; ask whether this group can be joined online.")
    found: Document = {"phone": numbers[0]} if numbers else {}
    return found | ({"note": " ".join(notes)} if notes else {})
