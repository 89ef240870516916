"""The nine code lists, loaded once: codes, labels, definitions, synonyms and crosswalks to other lists.

Codes are case-sensitive and never reused. A code the lists do not hold is refused, never guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from finder.errors import Invalid, Problem

LIST_NAMES = ("focus_areas", "group_types", "modalities", "facilitator_types", "populations", "languages",
              "cost_payment", "session_formats", "accessibility")
COLUMNS = ("code", "label", "definition", "synonyms", "samhsa_code", "meeting_guide_type", "hsds_mapping")
FOLDER = Path(__file__).resolve().parent.parent / "seed_data" / "vocab"


@dataclass(frozen=True, slots=True)
class Term:
    """One code with its words in one language."""

    code: str
    label: str
    definition: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeList:
    """One vocabulary: its terms by language and code, in the order of the file, and its crosswalks."""

    name: str
    codes: tuple[str, ...]
    terms: Mapping[str, Mapping[str, Term]]
    crosswalks: Mapping[str, Mapping[str, tuple[str, ...]]]

    def __contains__(self, code: object) -> bool:
        return code in self.terms["en"]

    def term(self, code: str, lang: str = "en") -> Term:
        """The words of a code; English where the language has none. Raises Invalid for an unknown code."""
        found = self.terms.get(lang, {}).get(code) or self.terms["en"].get(code)
        if found is None:
            raise Invalid({self.name: [Problem("not_a_code", value=code)]}, "vocabulary")
        return found

    def label(self, code: str, lang: str = "en") -> str:
        return self.term(code, lang).label

    def definition(self, code: str, lang: str = "en") -> str:
        return self.term(code, lang).definition

    def synonyms(self, code: str, lang: str = "en") -> tuple[str, ...]:
        return self.term(code, lang).synonyms

    def crosswalk(self, column: str, foreign: str) -> tuple[str, ...]:
        """Our codes for a code of another list (`samhsa_code` or `meeting_guide_type`); empty if none is known."""
        return self.crosswalks[column].get(foreign, ())


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """All nine lists by name. One is equal to itself only, so that what is worked out from it can be kept."""

    lists: Mapping[str, CodeList]


def load(folder: Path) -> Vocabulary:
    """Reads the lists of a folder, and their Spanish words from its `es` folder.

    Raises Invalid naming file and line of a malformed row, a repeated code, or Spanish words for an unknown code.
    """
    return Vocabulary({name: _list(folder, name) for name in LIST_NAMES})


@cache
def vocabulary() -> Vocabulary:
    """The lists that ship with Finder."""
    return load(FOLDER)


def _list(folder: Path, name: str) -> CodeList:
    rows = _rows(folder / f"{name}.csv", COLUMNS)
    terms = {"en": {row["code"]: _term(row) for row in rows}}
    spanish = folder / "es" / f"{name}.csv"
    if spanish.exists():
        terms["es"] = {row["code"]: _term(row) for row in _rows(spanish, COLUMNS[:4])}
        for code in terms["es"]:
            if code not in terms["en"]:
                raise Invalid({str(spanish.name): [Problem("not_a_code", value=code)]}, "vocabulary")
    crosswalks: dict[str, dict[str, tuple[str, ...]]] = {"samhsa_code": {}, "meeting_guide_type": {}}
    for row in rows:
        for column, known in crosswalks.items():
            for foreign in _several(row[column]):
                known[foreign] = (*known.get(foreign, ()), row["code"])
    return CodeList(name, tuple(terms["en"]), terms, crosswalks)


def _term(row: Mapping[str, str]) -> Term:
    return Term(row["code"], row["label"], row["definition"], _several(row["synonyms"]))


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = tuple(next(reader, ()))
        if header != columns:
            raise Invalid({path.name: [Problem("wrong_columns", line=1)]}, "vocabulary")
        found: dict[str, dict[str, str]] = {}
        for cells in reader:
            if len(cells) != len(columns) or not cells[0]:
                raise Invalid({path.name: [Problem("wrong_columns", line=reader.line_num)]}, "vocabulary")
            if cells[0] in found:
                raise Invalid({path.name: [Problem("repeated", line=reader.line_num)]}, "vocabulary")
            found[cells[0]] = dict(zip(columns, cells, strict=True))
    return list(found.values())
