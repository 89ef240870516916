"""Taking listings in from a file or folder: read and checked first, then written in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from finder.cli import garbage
from finder.cli.gentle import gently
from finder.cli.script import Failure
from finder.errors import Conflict
from finder.exchange import mapping as mappings
from finder.exchange import taking
from finder.exchange.hsds import supplied
from finder.exchange.taking import Ground, Origin, Step, Unreadable
from finder.listings import edits
from finder.listings.edits import ImportReport
from finder.listings.preparing import Prepared


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
    try:
        if dry_run:
            return gently(lambda: _look(services, origin, ground, now, step))
        return in_one_go(services, origin, ground, now, lambda session, prepared, report: taking.take(
            session, origin, ground, now=now, report=report, prepared=prepared), step)
    except Unreadable as broken:
        raise Failure(_said(broken)) from None


def _look(services: Any, origin: Origin, ground: Ground, now: datetime, step: Step) -> ImportReport:
    report = ImportReport()
    with services.database.reading() as session:
        for _ in taking.look(session, origin, ground, now=now, report=report, step=step):
            pass
    return report


def in_one_go(services: Any, origin: Origin, ground: Ground, now: datetime,
              write: Callable[[Any, Prepared, ImportReport], ImportReport], step: Step = taking.still) -> ImportReport:
    """Reads and checks all rows of a source while others write, and then has them written in one transaction: `write`
    gets its session, the rows and the report of them. Raises Unreadable, and what `write` raises."""
    while True:
        report = ImportReport()
        with services.database.reading() as session:
            trusted = edits.is_trusted(session, origin.source, origin.trusted)
        try:
            with (gently(partial(taking.prepare, origin, ground, now=now, report=report, trusted=trusted,
                                 step=step)) as prepared,
                  garbage.untouched(), services.database.transaction() as session):
                return write(session, prepared, report)
        except Conflict as meanwhile:
            if meanwhile.code != edits.TRUST_CHANGED:
                raise


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
