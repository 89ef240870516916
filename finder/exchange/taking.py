"""Listings of a file on their way in: read by format, counted, compared or taken. Every door takes them in by this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from finder.errors import FinderError
from finder.exchange import peers, reading
from finder.exchange.files import Broken
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.mapping import Mapping as Plan
from finder.exchange.rows import OutOfScope, Refused, Row
from finder.listings import edits
from finder.listings.edits import Departure, ImportReport, Incoming, Outcome, Refusal
from finder.listings.preparing import Prepared
from finder.listings.writing import Author
from finder.vocabulary import Vocabulary

EVERY = 250  # rows between two words about how far it is
Step = Callable[[int], object]


class Unreadable(FinderError):
    """A source that cannot be read or holds nothing of use; nothing may be changed because of it.

    `code`: that of files.Broken, or no_listing (with `row` and `why`, the first refusal, when there is one). It is more
    likely broken than empty, and taking it at its word would take down everything it listed before.
    """


@dataclass(frozen=True, slots=True)
class Origin:
    """A file, how it is written, and what its source is allowed. `trusted` and `take_down_all` as in edits.

    `complete`: the file holds all that the source has; only changes of another instance may be a part of it, and say
    themselves what is gone. `base` is the address they were fetched from, `idle` as in edits.
    """

    path: Path
    format: str
    source: str
    mapping: Plan | None = None
    demonstration: bool = False
    take_down_all: bool = False
    trusted: bool | None = None
    complete: bool = True
    base: str = ""
    idle: bool = True

    def with_all_taken_down(self) -> Origin:
        """The same, with a steward's word that listings it lacks may go, however many."""
        return replace(self, take_down_all=True)


@dataclass(frozen=True, slots=True)
class Ground:
    """What files are read with: the codes and the places; `codes` are those of 211 that the operator supplied."""

    vocabulary: Vocabulary
    gazetteer: Any
    codes: Codes = NONE


def still(rows: int) -> None:
    """Tells nobody."""


def take(session: Session, origin: Origin, ground: Ground, *, now: datetime, author: Author | None = None,
         report: ImportReport | None = None, expected: str | None = None, step: Step = still,
         prepared: Prepared | None = None) -> ImportReport:
    """Imports all listings of a source. Raises Unreadable, and Conflict("not_as_shown") as `import_listings`.

    `step` is told how many more rows were read. `prepared` are the rows where they were read before, with this report:
    then others who write wait only until they are written.
    """
    told = report if report is not None else ImportReport()
    listings = prepared if prepared is not None else incoming(_rows(origin, ground, now), told, step,
                                                              complete=origin.complete)
    return edits.import_listings(
        session, listings, source=origin.source, now=now, demonstration=origin.demonstration,
        complete=origin.complete, take_down_all=origin.take_down_all, trusted=origin.trusted, author=author,
        report=told, expected=expected, departed=_departed(origin), idle=origin.idle)


def prepare(origin: Origin, ground: Ground, *, now: datetime, report: ImportReport, trusted: bool,
            step: Step = still) -> Prepared:
    """All rows of a source, read and checked outside of any transaction; see `take`. `trusted` as `edits.is_trusted`
    says it of the source. Raises Unreadable."""
    return Prepared(incoming(_rows(origin, ground, now), report, step, complete=origin.complete), trusted=trusted)


def look(session: Session, origin: Origin, ground: Ground, *, now: datetime, report: ImportReport,
         step: Step = still) -> Iterator[Outcome]:
    """What `take` would do, row by row; only reads. Raises Unreadable."""
    yield from edits.compare(
        session, incoming(_rows(origin, ground, now), report, step, complete=origin.complete), source=origin.source,
        now=now, demonstration=origin.demonstration, complete=origin.complete, take_down_all=origin.take_down_all,
        trusted=origin.trusted, report=report, departed=_departed(origin))


def _rows(origin: Origin, ground: Ground, now: datetime) -> Iterator[Row]:
    return reading.read(origin.path, origin.format, vocabulary=ground.vocabulary, gazetteer=ground.gazetteer,
                        today=now.date(), mapping=origin.mapping, source=origin.source, codes=ground.codes,
                        base=origin.base)


def _departed(origin: Origin) -> list[Departure]:
    """The listings of which a source says itself that they are gone. Raises Unreadable."""
    if origin.format != peers.FORMAT:
        return []
    try:
        if origin.complete and not peers.is_whole(origin.path):
            raise Unreadable("one_page")
        return peers.departed(origin.path)
    except Broken as broken:
        raise Unreadable(broken.code) from None


def incoming(rows: Iterable[Row], report: ImportReport, step: Step = still, *,
             complete: bool = True) -> Iterator[Incoming]:
    """The listings among the rows; the report is told of all the others. Raises Unreadable, also for rows that are
    said to be all there is and hold no listing."""
    seen: set[int] = set()
    told = found = 0
    for row in rows:
        if isinstance(row, Refused):
            if row.row == 0:
                raise Unreadable(row.code)
            report.refused.append(Refusal(row.row, row.field, row.code))
            seen.add(row.row)
        elif isinstance(row, OutOfScope):
            report.out_of_scope += 1
            seen.add(row.row)
        else:
            seen.update(row.rows)
            found += 1
            yield Incoming(row.document, row.rows[0], row.status == "publish", row.origin, row.direct)
        report.read = len(seen)
        if report.read - told >= EVERY:
            step(report.read - told)
            told = report.read
    step(report.read - told)
    if complete and not found and not report.out_of_scope:
        first = report.refused[0] if report.refused else None
        raise Unreadable("no_listing", **({"row": first.row, "why": first.code} if first else {}))
