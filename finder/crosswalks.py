"""Codes of other lists beside ours, as tables anybody can read: `seed_data/crosswalks`, and those an operator supplies.

A row says "their code means this code of ours"; a code may have several rows. Nothing is worked out beyond the rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from finder.errors import Invalid, Problem
from finder.vocabulary import vocabulary

COLUMNS = ("theirs", "label", "list", "ours")
FOLDER = Path(__file__).resolve().parent.parent / "seed_data" / "crosswalks"
# Tables that ship; their sources, licenses and dates are in seed_data/README.md.
NAMES = ("samhsa", "meeting_guide", "hsds", "icd10cm", "loinc", "bcp47", "fhir_service_types")
# Tables whose codes are licensed: none ships, an operator with a license puts the file into the instance's folder.
SUPPLIED = ("211",)
# Besides the nine vocabularies: kinds of organization, paths of the intake document, scores of one PHQ or GAD answer.
OTHER_LISTS = ("organization_kinds", "intake", "phq_answers")
MOST_ROWS = 50_000  # the 211 taxonomy has some 10,000 terms
_ISO_639 = re.compile(r"[a-z]{2,3}")  # languages beyond our list, as the contract allows


@dataclass(frozen=True, slots=True)
class Row:
    """One pair: a code of another list with its name there, and the code of one of our lists."""

    theirs: str
    label: str
    list_name: str
    ours: str


class Crosswalk:
    """One table, read in both directions; pairs keep the order of the file."""

    __slots__ = ("_ours", "_theirs", "labels", "name", "rows")

    def __init__(self, name: str, rows: Iterable[Row]) -> None:
        self.name, self.rows = name, tuple(rows)
        self.labels: Mapping[str, str] = {row.theirs: row.label for row in reversed(self.rows)}
        self._ours: dict[tuple[str, str], tuple[str, ...]] = {}
        self._theirs: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in self.rows:
            there, here = (row.list_name, row.theirs), (row.list_name, row.ours)
            self._ours[there] = (*self._ours.get(there, ()), row.ours)
            self._theirs[here] = (*self._theirs.get(here, ()), row.theirs)

    def ours(self, list_name: str, theirs: str) -> tuple[str, ...]:
        """Our codes of a list for a code of theirs; none if the table does not know it."""
        return self._ours.get((list_name, theirs), ())

    def theirs(self, list_name: str, ours: str) -> tuple[str, ...]:
        """Their codes for one of ours."""
        return self._theirs.get((list_name, ours), ())


@cache
def crosswalk(name: str) -> Crosswalk:
    """A table that ships with Finder: one of NAMES."""
    return read(FOLDER / f"{name}.csv", name)


def language_tag(ours: str) -> str:
    """The tag of BCP 47 for a code of our languages; codes beyond our list are ISO 639, which are tags."""
    return next(iter(crosswalk("bcp47").theirs("languages", ours)), ours)


def language_of(tag: str) -> str:
    """Our code for a tag of BCP 47, by its first part ("es-MX" is Spanish)."""
    first = tag.partition("-")[0].lower()
    return next(iter(crosswalk("bcp47").ours("languages", first)), first)


def supplied(folder: Path, name: str) -> Crosswalk:
    """A table that the operator put into the instance's folder; an empty one if there is none.

    The file is `crosswalks/<name>.csv` in the form of those that ship. Raises Invalid as `read` does.
    """
    path = folder / "crosswalks" / f"{name}.csv"
    return read(path, name) if path.is_file() else Crosswalk(name, ())


def read(path: Path, name: str) -> Crosswalk:
    """The table of a CSV file in UTF-8 with the columns COLUMNS.

    Raises Invalid naming file and line: other columns, an empty or unknown code, a pair that stands twice, more than
    MOST_ROWS rows, bytes that are no UTF-8.
    """
    rows: dict[Row, None] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            if tuple(next(lines, ())) != COLUMNS:
                raise _wrong(path, "wrong_columns", 1)
            for cells in lines:
                if len(cells) != len(COLUMNS) or not all(cells):
                    raise _wrong(path, "wrong_columns", lines.line_num)
                row = Row(*cells)
                if row in rows:
                    raise _wrong(path, "repeated", lines.line_num)
                if not _known(row):
                    raise _wrong(path, "not_a_code", lines.line_num, value=row.ours)
                if len(rows) == MOST_ROWS:
                    raise _wrong(path, "too_many", lines.line_num, max=MOST_ROWS)
                rows[row] = None
    except (UnicodeDecodeError, csv.Error):
        raise Invalid({path.name: [Problem("bad_text")]}, "crosswalk") from None
    return Crosswalk(name, rows)


def _known(row: Row) -> bool:
    if row.list_name == "languages":
        return bool(_ISO_639.fullmatch(row.ours))
    lists = vocabulary().lists
    return row.list_name in OTHER_LISTS or row.list_name in lists and row.ours in lists[row.list_name]


def _wrong(path: Path, code: str, line: int, **values: object) -> Invalid:
    return Invalid({path.name: [Problem(code, line=line, **values)]}, "crosswalk")
