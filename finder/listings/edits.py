"""The one way in for listings: checked, compared with what is there, written with its history, the version raised.

Imports, the seed and later forms all come through here. Nothing is committed here; the door does.
"""

from __future__ import annotations

import re
import time
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, queries, rows
from finder.catalog.models import (
    GONE,
    PUBLISHED,
    WITHHELD,
    Location,
    MeetingSession,
    Organization,
    Program,
    Source,
)
from finder.errors import Invalid
from finder.listings.models import ImportRun, Revision
from finder.listings.sessions import keep_ids

CHUNK = 1000
# A source that suddenly lacks more than this part of its listings is more likely broken than true (a truncated feed),
# so nothing is taken down and a steward decides. Small sources may change freely, but not vanish.
MOST_GONE = 0.4
SMALL_SOURCE = 20
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

    def counts(self) -> dict[str, Any]:
        """The report as JSON values, refusals by row, field and code."""
        return asdict(self)


@dataclass(slots=True)
class _Run:
    """One import in progress. `touched`: something that readers see has changed."""

    session: Session
    source: Source
    run_id: uuid.UUID
    version: int
    now: datetime
    actor: str
    report: ImportReport
    touched: bool = False
    seen: set[str] = field(default_factory=set)
    locations: dict[bytes, uuid.UUID] = field(default_factory=dict)
    organizations: dict[bytes, uuid.UUID] = field(default_factory=dict)


def import_listings(session: Session, listings: Iterable[Incoming], *, source: str, now: datetime,
                    demonstration: bool = False, complete: bool = True,
                    report: ImportReport | None = None) -> ImportReport:
    """Takes listings of one source in; the same ones twice change nothing.

    `demonstration` listings are published only where no real ones are, and go when the first real ones come.

    `complete`: the listings are all the source has, so those missing are taken down (see MOST_GONE). `report` may be
    handed in when the reader of the source adds its own counts to it while the listings are read; a caller that
    wants a dry run rolls the transaction back. Rows that break a rule are named in the report and stop nothing.
    """
    begun = time.perf_counter()
    found = _source(session, source, now, demonstration)
    version = queries.next_version(session)
    run = _Run(session, found, uuid.uuid4(), version, now, f"import:{source}",
               report if report is not None else ImportReport())
    if demonstration and _has_real_listings(session):
        listings = (replace(one, publish=False) for one in listings)
    session.add(ImportRun(id=run.run_id, source_id=found.id, at=_naive(now), counts={}))
    session.flush()
    for chunk in _chunks(listings):
        _take(run, chunk)
    if complete:
        _take_down_missing(run)
    if run.report.added and not demonstration:
        _take_down_demonstration(run)
    if run.touched:
        queries.raise_version(session)
    run.report.seconds = round(time.perf_counter() - begun, 3)
    session.execute(update(ImportRun).where(ImportRun.id == run.run_id).values(counts=_kept(run.report)))
    return run.report


def _kept(report: ImportReport) -> dict[str, Any]:
    counts = report.counts()
    counts["refused"] = counts["refused"][:MOST_REFUSALS_KEPT]
    return counts


def _source(session: Session, name: str, now: datetime, demonstration: bool) -> Source:
    found = session.execute(select(Source).where(Source.name == name)).scalar_one_or_none()
    if found is None:
        found = Source(name=name, demonstration=demonstration, created_at=_naive(now))
        session.add(found)
        session.flush()
    return found


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
    known = {row.source_key: row for row in run.session.execute(
        select(Program.id, Program.source_key, Program.content_hash, Program.state)
        .where(Program.source_id == run.source.id, Program.source_key.in_(list(checked))))}
    new, changed = [], []
    for key, (document, state) in checked.items():
        digest = rows.content_hash(document)
        there = known.get(key)
        if there is None:
            new.append((document, state, digest))
        elif there.content_hash != digest or there.state != state:
            changed.append((there.id, there.state, document, state, digest))
        else:
            run.report.unchanged += state == PUBLISHED
    _link(run, [document for document, *_ in new] + [document for _, _, document, *_ in changed])
    _add(run, new)
    _change(run, changed)


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
    programs, sessions, revisions = [], [], []
    for document, state, digest in new:
        program = rows.program_id(run.source.name, document["id"])
        programs.append({"id": program, "slug": slug(document, program), "created_at": _naive(run.now),
                         "source_id": run.source.id, "source_key": document["id"],
                         **_program(run, document, state, digest)})
        sessions += _sessions(run, program, document, {})
        revisions.append(_revision(run, program, None, state, None, document))
    shown = sum(state == PUBLISHED for _, state, _ in new)
    run.report.added += shown
    run.touched |= shown > 0
    for model, values in ((Program, programs), (MeetingSession, sessions), (Revision, revisions)):
        if values:
            run.session.execute(insert(model.__table__), values)  # type: ignore[arg-type]


def _change(run: _Run, changed: Sequence[tuple[uuid.UUID, str, dict[str, Any], str, bytes]]) -> None:
    if not changed:
        return
    ids = [program for program, *_ in changed]
    table = Program.__table__
    before = run.session.execute(select(table).where(table.c.id.in_(ids))).mappings().all()
    texts = {row["id"]: document for row, document in zip(before, queries.documents(run.session, before), strict=True)}
    old = _old_sessions(run.session, ids)
    sessions: list[dict[str, Any]] = []
    revisions = []
    for program, was, document, state, digest in changed:
        values = _program(run, document, state, digest)
        run.session.execute(update(Program).where(Program.id == program).values(**values))
        sessions += _sessions(run, program, document, old.get(program, {}))
        revisions.append(_revision(run, program, was, state, texts[program], document))
    run.session.execute(delete(MeetingSession).where(MeetingSession.program_id.in_(ids)))
    if sessions:
        run.session.execute(insert(MeetingSession.__table__), sessions)  # type: ignore[arg-type]
    run.session.execute(insert(Revision.__table__), revisions)  # type: ignore[arg-type]
    shown = sum(PUBLISHED in (was, state) for _, was, _, state, _ in changed)
    run.report.changed += shown
    run.touched |= shown > 0


def _program(run: _Run, document: Mapping[str, Any], state: str, digest: bytes) -> dict[str, Any]:
    organization = document.get("organization")
    return {
        **rows.program_values(document), "state": state, "content_hash": digest, "changed_version": run.version,
        "updated_at": _naive(run.now),
        "organization_id": run.organizations[rows.digest(organization)] if organization else None,
    }


def _sessions(run: _Run, program: uuid.UUID, document: Mapping[str, Any],
              old: Mapping[uuid.UUID, Mapping[str, Any]]) -> list[dict[str, Any]]:
    stated = document.get("sessions") or ()
    ids = keep_ids(stated, old)
    found = []
    for position, (one, kept) in enumerate(zip(stated, ids, strict=True)):
        location = one.get("location")
        found.append({"id": kept or uuid.uuid4(), "program_id": program, "position": position,
                      "location_id": run.locations[rows.digest(location)] if location else None,
                      **rows.session_values(one)})
    return found


def _old_sessions(session: Session, programs: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, Any]]:
    table = MeetingSession.__table__
    wanted = select(table).where(table.c.program_id.in_(programs)).order_by(table.c.position)
    found: dict[uuid.UUID, dict[uuid.UUID, Any]] = {}
    for row in session.execute(wanted).mappings():
        found.setdefault(row["program_id"], {})[row["id"]] = row
    return found


def _revision(run: _Run, program: uuid.UUID, was: str | None, state: str, before: Mapping[str, Any] | None,
              after: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"program_id": program, "import_id": run.run_id, "at": _naive(run.now), "actor": run.actor,
            "state_before": was, "state_after": state,
            "before": rows.written(before) if before is not None else None,
            "after": rows.written(after) if after is not None else None}


# -- rows that programs point to -------------------------------------------------------------------------------------


def _link(run: _Run, documents: Sequence[Mapping[str, Any]]) -> None:
    """Makes sure that every organization and location these documents name has a row."""
    organizations = {rows.digest(one): one for document in documents if (one := document.get("organization"))}
    locations = {rows.digest(one): one for document in documents for session in document.get("sessions") or ()
                 if (one := session.get("location"))}
    _ensure(run, Organization, organizations, run.organizations, rows.ORGANIZATION_FIELDS)
    _ensure(run, Location, locations, run.locations, rows.LOCATION_FIELDS)


def _ensure(run: _Run, model: type[Organization] | type[Location], wanted: Mapping[bytes, Mapping[str, Any]],
            known: dict[bytes, uuid.UUID], names: Sequence[str]) -> None:
    missing = [key for key in wanted if key not in known]
    if not missing:
        return
    there = run.session.execute(
        select(model.key, model.id).where(model.source_id == run.source.id, model.key.in_(missing)))
    known.update((bytes(row.key), row.id) for row in there)
    new = [key for key in missing if key not in known]
    known.update((key, uuid.uuid4()) for key in new)
    if new:
        run.session.execute(insert(model.__table__), [  # type: ignore[arg-type]
            {"id": known[key], "source_id": run.source.id, "key": key,
             **{name: wanted[key].get(name) for name in names}} for key in new])


# -- listings that their source no longer has ------------------------------------------------------------------------


def _take_down_missing(run: _Run) -> None:
    there = run.session.execute(select(Program.id, Program.source_key).where(
        Program.source_id == run.source.id, Program.state == PUBLISHED)).all()
    missing = [row.id for row in there if row.source_key not in run.seen]
    if not missing:
        return
    small = len(there) <= SMALL_SOURCE and run.seen
    if not small and len(missing) > MOST_GONE * len(there):
        run.report.held += len(missing)
        return
    _take_down(run, missing)


def _take_down_demonstration(run: _Run) -> None:
    """Made-up groups must not stand among real ones."""
    made_up = run.session.execute(select(Program.id).join(Source, Source.id == Program.source_id).where(
        Source.demonstration, Program.state == PUBLISHED)).scalars().all()
    _take_down(run, made_up)


def _has_real_listings(session: Session) -> bool:
    found = select(exists().where(Program.source_id == Source.id, ~Source.demonstration, Program.state == PUBLISHED))
    return bool(session.execute(found).scalar())


def _take_down(run: _Run, programs: Sequence[uuid.UUID]) -> None:
    for start in range(0, len(programs), CHUNK):
        ids = programs[start : start + CHUNK]
        before = run.session.execute(select(Program.__table__).where(Program.id.in_(ids))).mappings().all()
        texts = queries.documents(run.session, before)
        run.session.execute(update(Program).where(Program.id.in_(ids)).values(
            state=GONE, changed_version=run.version, updated_at=_naive(run.now)))
        run.session.execute(insert(Revision.__table__), [  # type: ignore[arg-type]
            _revision(run, row["id"], PUBLISHED, GONE, document, None)
            for row, document in zip(before, texts, strict=True)])
    run.report.gone += len(programs)
    run.touched |= len(programs) > 0


# -- names -----------------------------------------------------------------------------------------------------------


def slug(document: Mapping[str, Any], program: uuid.UUID) -> str:
    """The address of a listing: its town and state, or "online", and the start of its UUID so that no two are alike.

    The name stays out: names often say a condition, and an address stands in histories, links and shared screens.
    """
    places = [session.get("location") for session in document.get("sessions") or ()]
    location: Mapping[str, Any] = next((one for one in places if one), {})
    words = " ".join(location[key] for key in ("city", "state") if location.get(key))
    if not words:
        words = "group" if location or not places else "online"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-") or "group"
    return f"{readable}-{program.hex[:12]}"


def _naive(instant: datetime) -> datetime:
    """UTC without its zone, as the tables keep it."""
    return instant.replace(tzinfo=None)
