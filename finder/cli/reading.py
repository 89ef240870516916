"""Taking listings in from a file or folder: read by format, through the importer, one transaction, a bar meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from finder.cli.script import Failure
from finder.exchange import mapping as mappings
from finder.exchange import reading
from finder.exchange.rows import OutOfScope, Refused, Row
from finder.listings import edits
from finder.listings.edits import ImportReport, Incoming, Refusal

_EVERY = 250  # rows between two looks at the bar


class _DryRun(Exception):
    """Ends a transaction whose changes are not wanted."""


def take_listings(services: Any, path: Path, fmt: str, *, source: str, mapping: Path | None = None,
                  demonstration: bool = False, dry_run: bool = False,
                  step: Callable[[int], object] = lambda rows: None) -> ImportReport:
    """Imports all listings of a source; `step` is told how many more rows were read.

    With `dry_run` everything is done and then rolled back, so that the report is the one a real run would give.
    """
    now = services.now()
    report = ImportReport()
    rows = reading.read(path, fmt, vocabulary=services.vocabulary, gazetteer=services.gazetteer, today=now.date(),
                        mapping=mappings.load(mapping) if mapping else None, source=source)
    try:
        with services.database.transaction() as session:
            edits.import_listings(session, _listings(rows, report, step), source=source, now=now,
                                  demonstration=demonstration, report=report)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _listings(rows: Iterable[Row], report: ImportReport, step: Callable[[int], object]) -> Iterator[Incoming]:
    """The listings among the rows; the report is told of all the others.

    Raises Failure for a source that holds nothing of use: it is more likely broken than empty, and taking it at its
    word would take down everything it listed before.
    """
    seen: set[int] = set()
    told = found = 0
    for row in rows:
        if isinstance(row, Refused):
            if row.row == 0:
                raise Failure(f"The source cannot be read ({row.code.replace('_', ' ')}). Nothing was changed.")
            report.refused.append(Refusal(row.row, row.field, row.code))
            seen.add(row.row)
        elif isinstance(row, OutOfScope):
            report.out_of_scope += 1
            seen.add(row.row)
        else:
            seen.update(row.rows)
            found += 1
            yield Incoming(row.document, row.rows[0], row.status == "publish")
        report.read = len(seen)
        if report.read - told >= _EVERY:
            step(report.read - told)
            told = report.read
    step(report.read - told)
    if not found and not report.out_of_scope:
        raise Failure(f"There is no listing in the source that can be read{_first(report)}. Nothing was changed.")


def _first(report: ImportReport) -> str:
    if not report.refused:
        return ""
    one = report.refused[0]
    return f" (row {one.row}: {one.code.replace('_', ' ')})"


@contextmanager
def bar(what: str) -> Iterator[Callable[[int], object]]:
    """A bar on stderr that counts rows; quiet when stderr is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} rows"),
               TaskProgressColumn(show_speed=True), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda rows: progress.update(task, advance=rows)
