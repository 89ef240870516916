"""The one way in for listings from outside: checked, compared with what is there, written, the version raised.

Imports and the seed come through here; what people change, through changes.py. Nothing is committed here.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import RowMapping, exists, select, update
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, queries, rows
from finder.catalog.models import DELETED, GONE, PUBLISHED, WITHHELD, Program, Source
from finder.errors import Invalid
from finder.listings import writing
from finder.listings.models import ImportRun
from finder.listings.writing import CHUNK, Author, Change, Writing, naive

# A source that suddenly lacks more than this part of its listings is more likely broken than true (a truncated feed),
# so nothing is taken down and a steward decides (TRUST M6). One listing may always go.
MOST_GONE = 0.1
MOST_REFUSALS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A listing document from outside, not yet checked. `row` is where it stood in its source, from 1."""

    document: Mapping[str, Any]
    row: int = 0
    publish: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken: its number, the dotted field, the code of the rule."""

    row: int
    field: str
    code: str


@dataclass(slots=True)
class ImportReport:
    """What an import did. Counts of rows for `read`, `out_of_scope` and `refused`, of listings for the others.

    `gone`: no longer in the source and taken down. `held`: kept from publication, either by the source (inactive,
    expired) or because so many vanished at once that a steward should look first.
    """

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    held: int = 0
    out_of_scope: int = 0
    refused: list[Refusal] = field(default_factory=list)
    seconds: float = 0.0
    import_id: str = ""

    def counts(self) -> dict[str, Any]:
        """The report as JSON values, refusals by row, field and code."""
        return {name: one for name, one in asdict(self).items() if name != "import_id"}


@dataclass(slots=True)
class _Run:
    """One import in progress."""

    to: Writing
    report: ImportReport
    take_down_all: bool
    seen: set[str] = field(default_factory=set)


def import_listings(session: Session, listings: Iterable[Incoming], *, source: str, now: datetime,
                    demonstration: bool = False, complete: bool = True, take_down_all: bool = False,
                    author: Author | None = None, report: ImportReport | None = None) -> ImportReport:
    """Takes listings of one source in; the same ones twice change nothing.

    `demonstration` listings are published only where no real ones are, and go when the first real ones come.

    `complete`: the listings are all the source has, so those missing are taken down; more than MOST_GONE of them only
    with `take_down_all`, which is a steward's word. `report` may be handed in when the reader of the source adds its
    own counts to it while the listings are read; a caller that wants a dry run rolls the transaction back. Rows that
    break a rule are named in the report and stop nothing.

    Fields that a person set (`kept_fields`) stay as they are, and a listing that a person took down stays down.
    """
    begun = time.perf_counter()
    found = writing.source_named(session, source, now, demonstration=demonstration)
    author = author or Author(f"import:{source}")
    to = Writing(session, found, queries.next_version(session), now, author, "import", uuid.uuid4())
    run = _Run(to, report if report is not None else ImportReport(), take_down_all)
    if demonstration and _has_real_listings(session):
        listings = (replace(one, publish=False) for one in listings)
    session.add(ImportRun(id=to.import_id, source_id=found.id, at=naive(now), counts={},
                          account_id=author.account_id))
    session.flush()
    for chunk in _chunks(listings):
        _take(run, chunk)
    if complete:
        _take_down_missing(run)
    if run.report.added and not demonstration:
        _take_down_demonstration(run)
    if to.touched:
        queries.raise_version(session)
    run.report.import_id = str(to.import_id)
    run.report.seconds = round(time.perf_counter() - begun, 3)
    session.execute(update(ImportRun).where(ImportRun.id == to.import_id).values(counts=_kept(run.report)))
    return run.report


def _kept(report: ImportReport) -> dict[str, Any]:
    counts = report.counts()
    counts["refused"] = counts["refused"][:MOST_REFUSALS_KEPT]
    return counts


def _chunks(listings: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    left = iter(listings)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


# -- one chunk -------------------------------------------------------------------------------------------------------


def _take(run: _Run, chunk: Sequence[Incoming]) -> None:
    checked: dict[str, tuple[dict[str, Any], str]] = {}
    for one in chunk:
        document = _checked(run, one)
        if document is not None:
            checked[document["id"]] = (document, PUBLISHED if one.publish else WITHHELD)
            run.report.held += not one.publish
    known = {row.source_key: row for row in run.to.session.execute(
        select(Program.id, Program.source_key, Program.content_hash, Program.state, Program.kept_fields)
        .where(Program.source_id == run.to.source.id, Program.source_key.in_(list(checked))))}
    new, changed, kept = [], [], {}
    for key, (document, state) in checked.items():
        digest = rows.content_hash(document)
        there = known.get(key)
        if there is None:
            new.append((document, state, digest))
        elif there.state == DELETED:
            run.report.held += 1
        elif there.kept_fields:
            kept[there.id] = (document, state)
        elif there.content_hash != digest or there.state != state:
            changed.append((there.id, document, state, digest))
        else:
            run.report.unchanged += state == PUBLISHED
    _add(run, new)
    _change(run, changed)
    _change_beside_people(run, kept)


def _checked(run: _Run, one: Incoming) -> dict[str, Any] | None:
    try:
        document = listing_schema.load(one.document)
    except Invalid as broken:
        # A row that broke is still there: what was published under its id stays until somebody looks.
        run.seen.add(str(one.document.get("id")) if isinstance(one.document, Mapping) else "")
        run.report.refused += [Refusal(one.row, name, problem.code)
                               for name, problems in broken.errors.items() for problem in problems]
        return None
    if document["id"] in run.seen:
        run.report.refused.append(Refusal(one.row, "id", "repeated"))
        return None
    run.seen.add(document["id"])
    return document


def _add(run: _Run, new: Sequence[tuple[dict[str, Any], str, bytes]]) -> None:
    writing.add(run.to, new)
    run.report.added += sum(state == PUBLISHED for _, state, _ in new)


def _change(run: _Run, changed: Sequence[tuple[uuid.UUID, dict[str, Any], str, bytes]]) -> None:
    before = writing.read_rows(run.to.session, [program for program, *_ in changed])
    _write(run, [Change(before[program], document, state, digest) for program, document, state, digest in changed])


def _write(run: _Run, changes: Sequence[Change]) -> None:
    writing.change(run.to, changes)
    run.report.changed += sum(PUBLISHED in (one.before["state"], one.state) for one in changes)


def _change_beside_people(run: _Run, kept: Mapping[uuid.UUID, tuple[dict[str, Any], str]]) -> None:
    """Listings that a person has edited: their fields stay, and what the source says is noted beside them."""
    before = writing.read_rows(run.to.session, list(kept))
    texts = dict(zip(before, queries.documents(run.to.session, list(before.values())), strict=True))
    changes = []
    for program, row in before.items():
        document, state = kept[program]
        merged = merge(document, texts[program], row["kept_fields"])
        if row["state"] == WITHHELD:
            state = WITHHELD
        digest, feed = rows.content_hash(merged), _differing(document, merged)
        if digest != row["content_hash"] or state != row["state"]:
            changes.append(Change(row, merged, state, digest, {"feed": feed}))
            continue
        run.report.unchanged += state == PUBLISHED
        if not _same_feed(feed, row):
            run.to.session.execute(update(Program).where(Program.id == program).values(feed=feed))
    _write(run, changes)


def merge(document: Mapping[str, Any], held: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """What a source says, with the fields of `held` in place of its own."""
    merged = {key: one for key, one in document.items() if key not in fields}
    merged |= {key: held[key] for key in fields if key in held}
    return {key: merged[key] for key in rows.ORDER if key in merged}


def _differing(document: Mapping[str, Any], merged: Mapping[str, Any]) -> str | None:
    return rows.written(document) if rows.content_hash(document) != rows.content_hash(merged) else None


def _same_feed(feed: str | None, row: RowMapping) -> bool:
    if feed is None or row["feed"] is None:
        return feed is row["feed"]
    return rows.content_hash(orjson.loads(feed)) == rows.content_hash(orjson.loads(row["feed"]))


# -- listings that their source no longer has ------------------------------------------------------------------------


def _take_down_missing(run: _Run) -> None:
    there = run.to.session.execute(select(Program.id, Program.source_key).where(
        Program.source_id == run.to.source.id, Program.state == PUBLISHED)).all()
    missing = [row.id for row in there if row.source_key not in run.seen]
    if not missing:
        return
    if len(missing) > max(1, MOST_GONE * len(there)) and not run.take_down_all:
        run.report.held += len(missing)
        return
    _take_down(run, missing)


def _take_down_demonstration(run: _Run) -> None:
    """Made-up groups must not stand among real ones."""
    made_up = run.to.session.execute(select(Program.id).join(Source, Source.id == Program.source_id).where(
        Source.demonstration, Program.state == PUBLISHED)).scalars().all()
    _take_down(run, made_up)


def _has_real_listings(session: Session) -> bool:
    found = select(exists().where(Program.source_id == Source.id, ~Source.demonstration, Program.state == PUBLISHED))
    return bool(session.execute(found).scalar())


def _take_down(run: _Run, programs: Sequence[uuid.UUID]) -> None:
    writing.move(run.to, programs, GONE)
    run.report.gone += len(programs)
