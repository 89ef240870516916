from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.exchange.tables import MARK, read_back, safe, streamed, written

RISKY = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20'\" \u3000"
# What text fields of this site let in: no NUL and no lone surrogate.
texts = st.text(st.one_of(st.sampled_from(RISKY), st.characters(exclude_characters="\0", exclude_categories=("Cs",))))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\"=1", "'=1",
                                  "\u3000=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "|calc", "%0A"])
def test_I4_what_a_spreadsheet_could_run_begins_with_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(("cell", "text"), [
    ("Quiet Harbor", "Quiet Harbor"), ("a = b", "a = b"), ("'tis quiet", "'tis quiet"), (-79.5, "-79.5"), (None, ""),
    (date(2026, 11, 24), "2026-11-24")])
def test_what_nothing_could_run_stays_as_it_is(cell: object, text: str) -> None:
    assert safe(cell) == text


@given(texts)
def test_I4_every_text_comes_back_as_it_was(text: str) -> None:
    assert read_back(safe(text)) == text
    assert safe(text).lstrip(" '\"\u3000")[:1] not in tuple("=+-@") or safe(text).startswith("'")


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
def test_I4_a_whole_table_comes_back_as_it_was(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO("".join(streamed(["one", "two"], rows, mark=False)), newline="")))
    assert [[read_back(cell) for cell in row] for row in read] == [["one", "two"], *rows]


def test_a_long_table_comes_in_pieces_that_make_the_same_file() -> None:
    rows = [[number, "Harbor"] for number in range(1000)]
    pieces = list(streamed(["id", "name"], rows))
    assert len(pieces) > 2
    assert "".join(pieces) == written(["id", "name"], rows)
    assert pieces[0].startswith(f"{MARK}id,name\r\n0,Harbor\r\n")
