"""A caseload from CSV: rows with a code and what is known, read into intake documents. Pure, and nothing is kept.

A file with a column that tells who somebody is (a name, a birth date, a number) is refused as a whole, so that nobody
gets into the habit of sending it. What is wrong with one row is said of that row, and the others go on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from finder.errors import Invalid, Problem
from finder.places.gazetteer import Gazetteer
from finder.referrals.caseload_cells import TOTALS, Known, folded, piece
from finder.vocabulary import Vocabulary

# So small that a server takes it without putting it on disk; a hundred full rows take half of it.
MOST_BYTES = 400 * 1024
MOST_ROWS, MOST_COLUMNS = 100, 100
DELIMITERS = (",", ";", "\t")
COLUMNS = ("code", "need", "place", "ways", "times", "language", "age", "gender", *TOTALS, "level")
NEEDED = ("code", "need")
# What else a column may be called, folded: small letters without accents, spaces and signs.
NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("clientcode", "codigo", "codigodelcliente", "clave"),
    "need": ("needs", "topic", "topics", "necesidad", "necesidades", "tema", "temas"),
    "place": ("zip", "zipcode", "city", "town", "lugar", "ciudad", "codigopostal"),
    "ways": ("way", "formats", "format", "maneras", "manera", "modalidad", "modalidades"),
    "times": ("time", "horario", "horarios"),
    "language": ("languages", "idioma", "idiomas"),
    "age": ("edad",),
    "gender": ("sex", "genero", "sexo"),
    "phq9_item9": ("item9", "pregunta9", "phq9pregunta9"),
    "level": ("nivel", "levelofcare"),
}
SPANISH: Mapping[str, str] = {"code": "codigo", "need": "necesidad", "place": "lugar", "ways": "modalidad",
                              "times": "horario", "language": "idioma", "age": "edad", "gender": "genero",
                              "level": "nivel"}
# Parts of a heading that tell who somebody is, folded; and words that do so only when they stand alone.
_IDENTITY = ("name", "nombre", "apellid", "initial", "inicial", "birth", "nacim", "nacid", "cumple", "phone", "telef",
             "mobile", "celular", "email", "correo", "address", "direccion", "domicilio", "street", "record",
             "memberid", "insuranceid", "medicaidid", "socialsecurity", "segurosocial", "expediente")
_IDENTITY_WORDS = frozenset("first last middle dob born ssn social tel cell fax mail mrn chart movil calle".split())
EXAMPLE: Mapping[str, str] = {"code": "K7-41", "need": "anxiety", "place": "27701", "ways": "in_person|online_video",
                              "times": "evening", "language": "en", "age": "34", "gender": "woman", "phq9": "11",
                              "phq9_item9": "0", "gad7": "9"}
# Part of an intake -> the column it comes from.
COLUMN_OF: Mapping[str, str] = {"needs": "need", "near": "place", "formats": "ways", "languages": "language",
                                "stated_level": "level"}


@dataclass(slots=True)
class Row:
    """One person: the row's number as a spreadsheet shows it, the team's code, and an intake without its level.

    `level` is the level the sender chose, 0-4. `problems` by column; a row with any is not used.
    """

    number: int
    code: str = ""
    intake: dict[str, Any] = field(default_factory=dict)
    level: int | None = None
    problems: dict[str, list[Problem]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a file, and how many columns were not looked at."""

    rows: list[Row]
    ignored: int


def template(language: str) -> str:
    """A file with the headings in a language ("es", else English) and one example, as spreadsheets open it."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([SPANISH.get(one, one) if language == "es" else one for one in COLUMNS])
    writer.writerow([EXAMPLE.get(one, "") for one in COLUMNS])
    return made.getvalue()


def read(body: bytes, *, gazetteer: Gazetteer, vocabulary: Vocabulary) -> Sheet:
    """The rows of a file. Raises Invalid at "file" for one that is refused as a whole: required, file_too_large,
    not_a_table, identity_column (value), no_columns, column_twice (value), too_many_rows (max), no_rows."""
    if not body.strip():
        raise _refused("required")
    if len(body) > MOST_BYTES:
        raise _refused("file_too_large", max=MOST_BYTES // 1024)
    lines = _lines(body)
    header = next(lines, (0, []))[1]
    places = _places(header)
    rows: list[Row] = []
    for number, cells in lines:
        if len(rows) == MOST_ROWS:
            raise _refused("too_many_rows", max=MOST_ROWS)
        rows.append(_row(number, cells, places, len(header), Known(gazetteer, vocabulary)))
    if not rows:
        raise _refused("no_rows")
    _mark_repeated(rows)
    return Sheet(rows, len([one for one in header if one.strip()]) - len(places))


def _refused(code: str, **values: object) -> Invalid:
    return Invalid({"file": [Problem(code, **values)]})


def _lines(body: bytes) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with their numbers."""
    if b"\0" in body:
        raise _refused("not_a_table")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    try:
        for number, cells in enumerate(reader, 1):
            if any(one.strip() for one in cells):
                yield number, cells
    except csv.Error:
        raise _refused("not_a_table") from None


_COLUMN: Mapping[str, str] = {folded(name): column for column in COLUMNS for name in (column, *NAMES.get(column, ()))}


def _places(header: Sequence[str]) -> dict[str, int]:
    """Column -> where it stands. Raises Invalid for a header that tells who people are, or lacks what is needed."""
    found: dict[str, int] = {}
    for at, heading in enumerate(header[:MOST_COLUMNS]):
        if tells_identity(heading):
            raise _refused("identity_column", value=heading.strip()[:40])
        column = _COLUMN.get(folded(heading))
        if column in found:
            raise _refused("column_twice", value=heading.strip()[:40])
        if column is not None:
            found[column] = at
    if len(header) > MOST_COLUMNS or not set(NEEDED) <= set(found):
        raise _refused("no_columns")
    return found


def tells_identity(heading: str) -> bool:
    """Whether a heading names something that tells who somebody is."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    words = {folded(one) for one in re.split(r"[\W_]+", apart)}
    return bool(_IDENTITY_WORDS & words) or any(one in folded(heading) for one in _IDENTITY)


def _row(number: int, cells: Sequence[str], places: Mapping[str, int], width: int, known: Known) -> Row:
    row = Row(number)
    if any(one.strip() for one in cells[width:]):
        row.problems["code"] = [Problem("wrong_columns", line=number)]
        return row
    said = {column: cells[at].strip() if at < len(cells) else "" for column, at in places.items()}
    for column, text in said.items():
        try:
            _take(row, column, piece(column, text, known) if text else {})
        except ValidationError as wrong:
            row.problems[column] = [one for one in wrong.messages if isinstance(one, Problem)]
    for column in NEEDED:
        if not said[column]:
            row.problems[column] = [Problem("required")]
    scores = row.intake.get("scores", {})
    if "phq9" in scores and "phq9_item9" not in scores and "phq9_item9" not in row.problems:
        row.problems["phq9_item9"] = [Problem("item9_needed")]
    return row


def _take(row: Row, column: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name == "code":
            row.code = value
        elif name == "level":
            row.level = value
        elif name == "scores":
            row.intake.setdefault("scores", {}).update(value)
        elif column == "place":
            row.intake.setdefault(name, value)  # ways that are named go before those that "online" stands for
        else:
            row.intake[name] = value


def _mark_repeated(rows: Sequence[Row]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.code and row.code in seen:
            row.problems["code"] = [Problem("repeated")]
        seen.add(row.code)
