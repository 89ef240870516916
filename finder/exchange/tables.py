"""Tables as CSV for people's spreadsheets, so that no cell is taken for a formula (TRUST I4)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# Full-width forms too: some programs fold them. A quote or a space before one of them does not make it harmless.
_BEGIN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def safe(cell: object) -> str:
    """A cell as text; one that a spreadsheet could take for a formula begins with an apostrophe."""
    text = str(cell)
    if isinstance(cell, int | float):
        return text
    return f"'{text}" if text.lstrip(" '\"\u00a0").startswith(_BEGIN) or text[:1] in _BEGIN else text


def written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV with a mark at its start, by which spreadsheets know UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return "\ufeff" + file.getvalue()
