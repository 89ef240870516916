"""What the columns of a spreadsheet may mean: read from its first rows, chosen by a person, kept as a mapping."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from finder import strict_json
from finder.errors import Invalid, Problem
from finder.exchange import files
from finder.exchange.cells.text import clean, normalized

MOST_COLUMNS = 100
SAMPLES = 3
LONGEST_SAMPLE = 80
# Fields that a column can be chosen for, with the headings by which they are guessed.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "group", "group name", "title", "meeting", "program", "program name"),
    "organization.name": ("organization", "organisation", "host", "agency", "provider"),
    "description": ("description", "about", "details", "notes"),
    "session.day": ("day", "weekday", "days", "day of week"),
    "session.time": ("time", "start", "start time", "begins"),
    "session.end_time": ("end", "end time", "ends"),
    "location.name": ("place", "venue", "building", "location", "location name"),
    "location.address_1": ("address", "street", "street address", "address 1"),
    "location.city": ("city", "town"),
    "location.state": ("state", "province"),
    "location.postal_code": ("zip", "zip code", "zipcode", "postal code", "postcode"),
    "location.latitude": ("latitude", "lat"), "location.longitude": ("longitude", "lon", "lng", "long"),
    "session.join_url": ("join link", "zoom", "meeting link", "video link"),
    "contact.phone": ("phone", "telephone", "contact phone", "phone number"),
    "contact.email": ("email", "e mail", "contact email"), "contact.url": ("website", "web", "url", "link"),
    "languages": ("language", "languages"), "id": ("id", "number", "key", "record id"),
}
# How lists write the languages most of them name; others are left out, with a mark for a steward.
_LANGUAGES = {"en": ("English", "english", "EN", "en"), "es": ("Spanish", "spanish", "Español", "español", "ES", "es")}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its page shows it: heading, first values, and what it looks like it means ("" for nothing)."""

    heading: str
    samples: tuple[str, ...]
    guess: str


def columns(path: Path) -> list[Column]:
    """The columns of a CSV file. Raises files.Broken when it holds no table.

    The heading is the row with the most different words among the first ones, because banners stand above some.
    """
    reader = csv.reader(files.lines(files.read_text(path)))
    try:
        first = list(islice(reader, files.MOST_HEADER_ROWS + SAMPLES))
    except csv.Error:
        raise files.Broken("not_text") from None
    place = max(range(len(first)), default=None, key=lambda row: (
        len({clean(one) for one in first[row][:MOST_COLUMNS]} - {""}), -row))
    if place is None:
        raise files.Broken("no_table")
    found: list[Column] = []
    used: set[str] = set()
    for number, cell in enumerate(first[place][:MOST_COLUMNS]):
        heading = clean(cell)
        if not heading or any(one.heading == heading for one in found):
            continue
        samples = tuple(text[:LONGEST_SAMPLE] for row in first[place + 1 : place + 1 + SAMPLES]
                        if len(row) > number and (text := clean(row[number])))
        guess = _guess(heading, used)
        used.add(guess)
        found.append(Column(heading, samples, guess))
    if not found:
        raise files.Broken("no_table")
    return found


def _guess(heading: str, used: set[str]) -> str:
    plain = normalized(heading)
    return next((name for name, headings in FIELDS.items() if plain in headings and name not in used), "")


def mapping_of(chosen: Mapping[str, str], *, group_type: str, timezone: str) -> str:
    """The mapping that says what was chosen (heading -> field), as JSON. Raises Invalid by field.

    Several columns of one field: the first that holds something counts.
    """
    errors: dict[str, list[Problem]] = {}
    fields: dict[str, Any] = {}
    for heading, name in chosen.items():
        if name in FIELDS:
            fields.setdefault(name, []).append(heading)
    if "name" not in fields:
        errors["columns"] = [Problem("no_name_column")]
    if not group_type:
        errors["group_type"] = [Problem("required")]
    if errors:
        raise Invalid(errors)
    found: dict[str, Any] = {"columns": fields, "fixed": {"group_type": group_type}}
    if "languages" in fields:
        found["values"] = {"languages": {word: code for code, words in _LANGUAGES.items() for word in words}}
    if timezone:
        found["timezone"] = timezone
    return strict_json.written(found).decode()
