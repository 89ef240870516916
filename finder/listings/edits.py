"""The one way in for listings from outside: checked, compared with what is there, written, the version raised.

Imports and the seed come through here; what people change, through changes.py. Nothing is committed here. What becomes
of a row is said in comparing.py, so that a dry run (`compare`) and the import itself cannot differ.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from finder import bulk
from finder.catalog import queries
from finder.catalog.models import GONE, Program, Source
from finder.errors import Conflict
from finder.listings import standing, writing
from finder.listings.comparing import MOST_GONE, Comparison, merge, same_feed
from finder.listings.models import ImportRun
from finder.listings.outcomes import Deed, Departure, ImportReport, Incoming, Outcome, Refusal
from finder.listings.preparing import Checked, Prepared, at_once
from finder.listings.writing import Author, Change, Writing, naive

__all__ = ["MOST_GONE", "Departure", "ImportReport", "Incoming", "Outcome", "Refusal", "compare", "import_listings",
           "merge"]

MOST_REFUSALS_KEPT = 1000
TRUST_CHANGED = "trust_changed"
MANY_ADDED, GROWN = 500, 2  # so many new listings, and each time so many more, make a server count its rows anew


@dataclass(slots=True)
class _Run:
    """One import in progress."""

    to: Writing
    comparison: Comparison
    deeds: int = 0
    counted: float = MANY_ADDED / GROWN  # added when rows were counted last


def import_listings(session: Session, listings: Iterable[Incoming] | Prepared, *, source: str, now: datetime,
                    demonstration: bool = False, complete: bool = True, take_down_all: bool = False,
                    trusted: bool | None = None, author: Author | None = None, report: ImportReport | None = None,
                    expected: str | None = None, departed: Sequence[Departure] = (), seen: Collection[str] = (),
                    idle: bool = True) -> ImportReport:
    """Takes listings of one source in; the same ones twice change nothing.

    `demonstration` listings are published only where no real ones are, and go when the first real ones come.

    `complete`: the listings are all the source has, so those missing are taken down; more than MOST_GONE of them only
    with `take_down_all`, which is a steward's word. `departed` are listings of which the source itself says that they
    are gone, whether the others are complete or not; `seen` are ids that it has besides the listings. `trusted`:
    whether the source's own dates of checking count (None: as before; a new source is trusted). `report` may be handed
    in when the reader of the source adds its own counts to it while the listings are read. Rows that break a rule are
    named in the report and stop nothing. `idle`: an import that did nothing is noted too.

    Fields that a person set (`kept_fields`) stay as they are, a listing that a person took down stays down, and one
    whose group asked not to be listed is not taken in. Nothing here sets owners, roles or crisis lines: a listing has
    no such fields. `expected` is the fingerprint of a dry run: Conflict("not_as_shown") when more or less would be done
    now.

    Others who write wait for all of this. A large import has its listings `Prepared` before, which is most of the work;
    Conflict("trust_changed") when that was done for a source that is now trusted otherwise.
    """
    begun = time.perf_counter()
    version = queries.next_version(session)  # takes the writers' turn before anything is compared
    found = writing.source_named(session, source, now, demonstration=demonstration)
    if trusted is not None and found.trusted_checks != trusted:
        found.trusted_checks = trusted
    if isinstance(listings, Prepared) and listings.trusted != found.trusted_checks:
        raise Conflict(TRUST_CHANGED)
    author = author or Author(f"import:{source}")
    to = Writing(session, found, version, now, author, "import", uuid.uuid4())
    told = report if report is not None else ImportReport()
    session.add(ImportRun(id=to.import_id, source_id=found.id, at=naive(now), counts={},
                          account_id=author.account_id))
    session.flush()
    run = _Run(to, Comparison(session, found, told, take_down_all=take_down_all, seen=seen))
    with bulk.roomy(session.connection()):
        for outcomes in _outcomes(run.comparison, listings, departed, demonstration=demonstration, complete=complete):
            _write(run, outcomes)
            run.deeds += sum(bool(one.deed) for one in outcomes)
            if told.added >= run.counted * GROWN:
                run.counted = told.added
                bulk.count_anew(session.connection(), writing.TABLES)
    told.fingerprint = run.comparison.fingerprint
    if expected is not None and told.fingerprint != expected:
        raise Conflict("not_as_shown")
    if to.touched:
        queries.raise_version(session)
    told.seconds = round(time.perf_counter() - begun, 3)
    if not idle and not run.deeds and not told.refused:
        session.execute(delete(ImportRun).where(ImportRun.id == to.import_id))
        return told
    told.import_id = str(to.import_id)
    session.execute(update(ImportRun).where(ImportRun.id == to.import_id).values(counts=_kept(told)))
    return told


def compare(session: Session, listings: Iterable[Incoming], *, source: str, report: ImportReport, now: datetime,
            demonstration: bool = False, complete: bool = True, take_down_all: bool = False,
            trusted: bool | None = None, departed: Sequence[Departure] = (),
            seen: Collection[str] = ()) -> Iterator[Outcome]:
    """What `import_listings` would do with each row and with what is missing, in the order it would do it.

    Only reads, so a reading session is enough and no writer waits. The report is filled meanwhile; its fingerprint is
    there when all outcomes have been taken.
    """
    begun = time.perf_counter()
    known = session.execute(select(Source).where(Source.name == source)).scalar_one_or_none()
    trust = is_trusted(session, source, trusted)
    stand_in = Source(id=known.id if known else None, name=source, trusted_checks=trust, demonstration=demonstration,
                      created_at=naive(now))
    comparison = Comparison(session, stand_in, report, take_down_all=take_down_all, seen=seen)
    for outcomes in _outcomes(comparison, listings, departed, demonstration=demonstration, complete=complete):
        yield from outcomes
    report.fingerprint = comparison.fingerprint
    report.seconds = round(time.perf_counter() - begun, 3)


def is_trusted(session: Session, source: str, trusted: bool | None = None) -> bool:
    """Whether a source's own dates of checking count; `trusted` is a steward's word of now."""
    known = session.execute(select(Source.trusted_checks).where(Source.name == source)).scalar_one_or_none()
    return trusted if trusted is not None else known is None or known


def _outcomes(comparison: Comparison, listings: Iterable[Incoming] | Prepared, departed: Sequence[Departure], *,
              demonstration: bool, complete: bool) -> Iterator[list[Outcome]]:
    hidden = demonstration and standing.has_real_listings(comparison.session)
    checked: Iterable[list[Checked]] = listings if isinstance(listings, Prepared) else at_once(
        listings, trusted=comparison.source.trusted_checks)
    for chunk in checked:
        yield comparison.chunk([replace(one, publish=False) for one in chunk] if hidden else chunk)
    if departed:
        yield from comparison.departed(departed)
    if complete:
        yield from comparison.missing()
    if comparison.report.added and not demonstration:
        yield from comparison.demonstration()


def _kept(report: ImportReport) -> dict[str, Any]:
    counts = report.counts() | {"held_why": dict(report.held_why)}
    counts["refused_rows"] = len({one.row for one in report.refused})
    counts["refused"] = counts["refused"][:MOST_REFUSALS_KEPT]
    return counts


def _write(run: _Run, outcomes: Sequence[Outcome]) -> None:
    """Does what the outcomes say."""
    new, changed, feeds, going, more = [], [], [], [], []
    for one in outcomes:
        if one.deed is Deed.ADD and one.listing is not None:
            new.append((one.listing.ready, one.state))
            more.append(one.more)
        elif one.row_before is None:
            continue
        elif one.deed is Deed.CHANGE and one.document is not None:
            said = {} if same_feed(one.feed, one.row_before["feed"]) else _said(one)
            changed.append(Change(one.row_before, one.document, one.state, one.digest, {**one.more, **said},
                                  one.before))
        elif one.deed is Deed.FEED:
            feeds.append({"which": one.row_before["id"], **_said(one)})
        elif one.deed is Deed.TAKE_DOWN:
            going.append(one.row_before["id"])
            if one.more:
                feeds.append({"which": one.row_before["id"], **one.more})
    for program, columns in zip(writing.add(run.to, new), more, strict=True):
        if columns:
            feeds.append({"which": program, **columns})
    writing.change(run.to, changed)
    writing.move(run.to, going, GONE)
    _set(run.to.session, feeds)


def _set(session: Session, programs: Sequence[dict[str, Any]]) -> None:
    """Further columns of programs (`which`); those that set the same ones go in one statement."""
    table: Any = Program.__table__
    for names in sorted({tuple(sorted(one)) for one in programs}):
        session.connection().execute(update(table).where(table.c.id == bindparam("which")),
                                     [one for one in programs if tuple(sorted(one)) == names])


def _said(one: Outcome) -> dict[str, Any]:
    """The columns for what the source says beside a person's words; new words ask a steward anew."""
    return {"feed": one.feed, "feed_open": bool(one.conflicts)}
