"""Files as they come: plain or .gz, one or a folder; JSON, CSV tables and workbooks with their row numbers.

A file that cannot be read as a whole raises Broken; readers turn that into one refusal of row 0.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finder import strict_json
from finder.errors import Invalid
from finder.exchange import weight
from finder.exchange.cells.text import clean

# csv refuses cells above 131,072 characters by default; a longer one here is a missing quote, not a listing.
MOST_HEADER_ROWS = 20
# What a packed file may hold (TRUST M1): a few kilobytes can stand for more than any machine has room for.
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100  # of unpacked to packed; asked only above LITTLE bytes
LITTLE = 1024 * 1024
MOST_MEMBERS = 1000
MOST_ROWS = 1_000_000  # of a CSV or a workbook, the empty ones between two others included
MOST_COLUMNS = 1000
MOST_RECORDS = 300_000  # of a JSON list
LONGEST_LINE = 1_000_000  # characters; a quoted cell may go over many lines
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_LOOKED_AT = 4096  # bytes at the start of a part, where a document type would stand


class Broken(Exception):
    """A file that is not what its format says.

    `code`: not_json, not_a_list, not_text, not_a_workbook, no_table, no_mapping, unreadable_file, too_large (unpacked,
    or packed tighter than any real file), too_deep, repeated (a key twice in one object), one_page (of a longer list),
    pages_moved (a list that changed while it was read), short_list (services that are only named, and too many),
    not_changes (no page of another instance's changes).
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def paths(path: Path, *endings: str) -> list[Path]:
    """The file itself, or the files of a folder (not of folders inside it) with one of the endings, by name.

    ".gz" behind an ending is allowed. Raises Broken (`unreadable_file`) when there is none, or a link in the folder.
    """
    try:
        held = [one for one in inside(path) if ending(one) in endings] if path.is_dir() else [path]
        found = [one for one in held if one.is_file()]
    except OSError:
        found = []
    if not found:
        raise Broken("unreadable_file")
    return found


def inside(folder: Path) -> list[Path]:
    """What lies in a folder, by name. Raises Broken (`unreadable_file`) for a link, which may lead anywhere."""
    found = sorted(folder.iterdir())
    if any(one.is_symlink() for one in found):
        raise Broken("unreadable_file")
    return found


def ending(path: Path) -> str:
    """".json" for both feed.json and feed.json.gz."""
    name = path.name.lower().removesuffix(".gz")
    return name[name.rfind("."):] if "." in name else ""


def read_bytes(path: Path) -> bytes:
    """The content of a file, unpacked when it is gzip by its first bytes.

    Raises Broken (`too_large`), or (`unreadable_file`) for what is no file: reading a pipe or a device has no end.
    """
    try:
        if not path.is_file():
            raise Broken("unreadable_file")
        if path.stat().st_size > MOST_UNPACKED:
            raise Broken("too_large")
        body = path.read_bytes()
        return _unpacked(body) if body[:2] == b"\x1f\x8b" else body
    except (OSError, EOFError, ValueError, zlib.error):
        raise Broken("unreadable_file") from None


def _unpacked(body: bytes) -> bytes:
    most = min(MOST_UNPACKED, max(LITTLE, MOST_RATIO * len(body)))
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise Broken("too_large")
    return found


def read_text(path: Path) -> str:
    """UTF-8 text with or without a mark at its start; other encodings are read as Windows-1252, which never fails."""
    return _text(read_bytes(path))


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def json_text(path: Path) -> str:
    """The text of a JSON file. Raises Broken (`too_large`) for one that would take far more room than it shows."""
    text = read_text(path)
    if weight.is_heavy(text):
        raise Broken("too_large")
    return text


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises Broken (`not_json`, `too_deep`, `repeated`, `too_large`)."""
    try:
        return strict_json.read(json_text(path))
    except Invalid as broken:
        code = next(iter(broken.errors.values()))[0].code
        raise Broken(code if code in ("too_deep", "repeated") else "not_json") from None


def records(value: Any, *keys: str) -> list[Any] | None:
    """The list of rows in a JSON value: itself, or under one of the keys, or None. Raises Broken (`too_large`)."""
    if isinstance(value, dict):
        value = next((value[key] for key in keys if isinstance(value.get(key), list)), None)
    if isinstance(value, list) and len(value) > MOST_RECORDS:
        raise Broken("too_large")
    return value if isinstance(value, list) else None


@dataclass(frozen=True, slots=True)
class Cells:
    """One data row of a table: its number as a spreadsheet shows it, its cells by column, what is wrong with it.

    `problem`: (column, code) with code wrong_columns or unreadable_cell ("#####"), else None.
    """

    number: int
    values: dict[str, str]
    problem: tuple[str, str] | None = None


def csv_rows(path: Path, needed: Iterable[str]) -> Iterator[Cells]:
    """Rows below the header, which is the first row that holds all `needed` columns (quirk 19).

    Raises Broken (`no_table`) when none of the first rows does, (`not_text`) for a broken CSV, (`too_large`).
    """
    yield from table_rows(read_text(path), needed)


def table_rows(text: str, needed: Iterable[str]) -> Iterator[Cells]:
    """The same of the text of a table."""
    wanted = set(needed)
    reader = csv.reader(lines(text))
    header: list[str] | None = None
    number = 0
    try:
        for cells in reader:
            number += 1
            if number > MOST_ROWS:
                raise Broken("too_large")
            if header is None:
                header = _header(cells, wanted)
                if header is None and number >= MOST_HEADER_ROWS:
                    break
            elif any(cells):
                yield _cells(number, header, cells)
    except csv.Error:
        raise Broken("not_text") from None
    if header is None:
        raise Broken("no_table")


def lines(text: str) -> Iterator[str]:
    """The lines of a table with their ends, which may be of any kind.

    Raises Broken (`too_large`) for one without end, (`not_text`) for bytes of another encoding.
    """
    if text.count("\0") * 10 > len(text):  # UTF-16 and UTF-32 without a mark
        raise Broken("not_text")
    for found in _LINE.finditer(text):
        line = found[0]
        if len(line) > LONGEST_LINE:
            raise Broken("too_large")
        yield line


def _header(cells: list[str], wanted: set[str]) -> list[str] | None:
    if len(cells) > MOST_COLUMNS:
        raise Broken("no_table")
    found = [clean(one) for one in cells]
    return found if wanted and wanted <= set(found) else None


def _cells(number: int, header: list[str], cells: list[str]) -> Cells:
    if len(cells) > len(header) and not any(cells[len(header):]):
        cells = cells[:len(header)]
    if len(cells) != len(header):
        return Cells(number, {}, ("row", "wrong_columns"))
    values = dict(zip(header, cells, strict=True))
    hidden = next((name for name, one in values.items() if one.startswith("####")), None)
    return Cells(number, values, (hidden, "unreadable_cell") if hidden is not None else None)


def is_workbook(path: Path) -> bool:
    """Whether a file is an .xlsx workbook (or another zip) by its first bytes; a fetched one may have any name."""
    return path.is_file() and read_bytes(path)[:4] == b"PK\x03\x04"


def workbook_sheets(path: Path) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Name and rows (cells as text) of each sheet of an .xlsx file. Raises Broken (`not_a_workbook`, `too_large`)."""
    import openpyxl  # noqa: PLC0415 - a second to load, and only workbooks need it
    body = io.BytesIO(read_bytes(path))
    with _as_workbook():
        _check_zip(body)
        book = openpyxl.load_workbook(body, read_only=True, data_only=True)
    left = [MOST_ROWS]
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # they are what the file claims, and rows would be filled up to them
        yield sheet.title, _sheet_rows(sheet, left)


def _sheet_rows(sheet: Any, left: list[int]) -> Iterator[list[str]]:
    with _as_workbook():
        for row in sheet.iter_rows(values_only=True):
            left[0] -= 1
            if left[0] < 0:
                raise Broken("too_large")
            yield ["" if one is None else str(one) for one in row[:MOST_COLUMNS]]


@contextmanager
def _as_workbook() -> Iterator[None]:
    """Whatever a broken workbook makes the library raise is one refusal (SyntaxError is what its XML parser raises)."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError, RuntimeError, NotImplementedError,
            SyntaxError, TypeError, AttributeError, IndexError):
        raise Broken("not_a_workbook") from None


def zip_texts(path: Path, *endings: str, most: int = MOST_UNPACKED) -> Iterator[tuple[str, str]]:
    """Name (without folders) and text of each file of a zip with one of the endings, unpacked one at a time.

    Raises Broken as for workbooks, before anything is unpacked.
    """
    body = io.BytesIO(read_bytes(path))
    try:
        with zipfile.ZipFile(body) as held:
            for one in _members(held, body.getbuffer().nbytes, "unreadable_file", most):
                name = one.filename.replace("\\", "/").rpartition("/")[2].lower()
                if name.endswith(endings) and not name.startswith("."):
                    yield name, _text(held.read(one))
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError, NotImplementedError):
        raise Broken("unreadable_file") from None


def _members(held: zipfile.ZipFile, packed: int, odd: str, most: int) -> list[zipfile.ZipInfo]:
    """The files of a zip that is small and plain enough; raises Broken(`odd`) for paths and links no honest one has.

    Sizes are those the zip states; no more than that is ever read of a member.
    """
    members = held.infolist()
    unpacked = sum(one.file_size for one in members)
    if unpacked > most or (unpacked > LITTLE and unpacked > MOST_RATIO * packed):
        raise Broken("too_large")
    if len(members) > MOST_MEMBERS or any(map(_is_odd, members)):
        raise Broken(odd)
    return members


def _check_zip(body: io.BytesIO) -> None:
    """Refuses a zip that unpacks to too much, or holds what a workbook never does: zips, odd paths, document types."""
    with zipfile.ZipFile(body) as held:
        for one in _members(held, body.getbuffer().nbytes, "not_a_workbook", MOST_UNPACKED):
            with held.open(one) as part:
                if b"<!DOCTYPE" in part.read(_LOOKED_AT).replace(b"\0", b"").upper():
                    raise Broken("not_a_workbook")


def _is_odd(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    link = (member.external_attr >> 16) & 0o170000 == 0o120000
    return name.startswith("/") or ".." in name.split("/") or ":" in name or name.lower().endswith(".zip") or link
