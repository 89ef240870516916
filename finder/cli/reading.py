"""Taking listings in from a file or folder at the command line: one transaction, a bar meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from finder.cli.script import Failure
from finder.exchange import mapping as mappings
from finder.exchange import taking
from finder.exchange.hsds import supplied
from finder.exchange.taking import Ground, Origin, Unreadable
from finder.listings.edits import ImportReport


def take_listings(services: Any, path: Path, fmt: str, *, source: str, mapping: Path | None = None,
                  demonstration: bool = False, dry_run: bool = False, take_down_all: bool = False,
                  trusted: bool | None = None, step: Callable[[int], object] = lambda rows: None) -> ImportReport:
    """Imports all listings of a source; `step` is told how many more rows were read. Raises Failure.

    With `dry_run` everything is compared and nothing written: the report is the one a real run would give.
    """
    origin = Origin(path, fmt, source, mappings.load(mapping) if mapping else None, demonstration, take_down_all,
                    trusted)
    ground = Ground(services.vocabulary, services.gazetteer, supplied.read(services.settings.instance))
    now = services.now()
    report = ImportReport()
    try:
        if dry_run:
            with services.database.reading() as session:
                for _ in taking.look(session, origin, ground, now=now, report=report, step=step):
                    pass
        else:
            with services.database.transaction() as session:
                taking.take(session, origin, ground, now=now, report=report, step=step)
    except Unreadable as broken:
        raise Failure(_said(broken)) from None
    return report


def _said(broken: Unreadable) -> str:
    if broken.code != "no_listing":
        return f"The source cannot be read ({broken.code.replace('_', ' ')}). Nothing was changed."
    first = broken.values
    where = f" (row {first['row']}: {str(first['why']).replace('_', ' ')})" if first else ""
    return f"There is no listing in the source that can be read{where}. Nothing was changed."


@contextmanager
def bar(what: str) -> Iterator[Callable[[int], object]]:
    """A bar on stderr that counts rows; quiet when stderr is no terminal."""
    from rich.console import Console  # what draws is read where something is drawn: a server's start is not
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} rows"),
               TaskProgressColumn(show_speed=True), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda rows: progress.update(task, advance=rows)
