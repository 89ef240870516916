"""Tables as CSV for people's spreadsheets, so that no cell is taken for a formula (TRUST I4).

A cell that a program could run begins with an apostrophe. `read_back` takes it off and gives every text as it was.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

# Full-width forms too: some programs fold them. A quote or a space before one of them does not make it harmless.
_BEGIN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")
_BEFORE = " '\"\u00a0\u2000\u2002\u2003\u2009\u200a\u200b\u202f\u3000\ufeff\u2018\u2019\u201c\u201d\uff07\uff02"
MARK = "\ufeff"  # by which spreadsheets know UTF-8
ROWS_AT_ONCE = 200


def safe(cell: object) -> str:
    """A cell as text; one that a spreadsheet could take for a formula begins with an apostrophe. Nothing is empty."""
    if cell is None:
        return ""
    text = cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
    if isinstance(cell, int | float):
        return text
    return f"'{text}" if _runs(text) else text


def read_back(cell: str) -> str:
    """The text that `safe` made this cell of. What begins with an apostrophe by itself is told apart, because `safe`
    puts one before it too whenever what follows could run."""
    return cell[1:] if cell[:1] == "'" and _runs(cell[1:]) else cell


def _runs(text: str) -> bool:
    return text.lstrip(_BEFORE).startswith(_BEGIN)


def written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV with a mark at its start, by which spreadsheets know UTF-8."""
    return "".join(streamed(header, rows))


def streamed(header: Sequence[str], rows: Iterable[Sequence[object]], *, mark: bool = True) -> Iterator[str]:
    """The same piece by piece, so that a long table is never held whole."""
    file = io.StringIO()
    writer = csv.writer(file)
    file.write(MARK if mark else "")
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([safe(cell) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()
