"""Finds the words that stand in data for pybabel, so that a language has all its sentences in one catalog.

`finder/translations/language.cfg` names these functions. Each gives what a babel extractor gives: line, function,
arguments, comments.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import orjson

from finder.crisis.national import ELSEWHERE, NATIONAL
from finder.wordings.bilingual import HELP_LINE, QUESTION

Found = Iterator[tuple[int, str, tuple[str, str], list[str]]]


def code_lists(file: IO[bytes], keywords: Sequence[str], comments: Sequence[str], options: Mapping[str, str]) -> Found:
    """Labels and definitions of a code list in CSV; their context is the name of the list."""
    context = str(getattr(file, "name", "")).replace("\\", "/").rpartition("/")[2].removesuffix(".csv")
    reader = csv.DictReader(io.StringIO(file.read().decode("utf-8"), newline=""))
    for row in reader:
        for column in ("label", "definition"):
            if row[column]:
                yield reader.line_num, "pgettext", (context, row[column]), []


def questions(file: IO[bytes], keywords: Sequence[str], comments: Sequence[str], options: Mapping[str, str]) -> Found:
    """The English of every pair of sentences in a JSON file, wherever it stands."""
    for english in _english(orjson.loads(file.read())):
        yield 1, "pgettext", (QUESTION, english), []


def _english(data: Any) -> Iterator[str]:
    if isinstance(data, dict) and set(data) == {"en", "es"}:
        yield data["en"]
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from _english(part)


def help_lines(file: IO[bytes], keywords: Sequence[str], comments: Sequence[str], options: Mapping[str, str]) -> Found:
    """What the national help lines say; what to text to one is no sentence and stays as it is."""
    for line in (*NATIONAL, *ELSEWHERE):
        for words in (line.name, line.about, line.hours, *(way.then for way in line.ways)):
            if words.en:
                yield 1, "pgettext", (HELP_LINE, words.en), []
