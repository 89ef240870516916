"""Taking a whole import back: listings are again what they were, and what others changed since stays, field by field.

In bulk, so that an import of a hundred thousand rows is undone in about the time it took. Nothing is committed here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.orm import Session

from finder.catalog import queries, rows
from finder.catalog.models import GONE, PUBLISHED, Program, Source
from finder.errors import Conflict, NotFound
from finder.listings import standing, writing
from finder.listings.models import ImportRun, Revision
from finder.listings.writing import CHUNK, Author, Change, Writing, naive


@dataclass(frozen=True, slots=True)
class Past:
    """An import that was applied, as its desk lists it. `account_id` is who did it, None for the command line."""

    id: uuid.UUID
    source: str
    at: datetime
    account_id: int | None
    counts: Mapping[str, Any]
    undone_at: datetime | None


@dataclass(slots=True)
class UndoReport:
    """What an undo did, in listings: `restored` say again what they said, `taken_down` had been added, `brought_back`
    had been taken down; `kept` are some of these in which a person's later word stays. `untouched`: nothing of the
    import was left in them."""

    restored: int = 0
    taken_down: int = 0
    brought_back: int = 0
    kept: int = 0
    untouched: int = 0


@dataclass(slots=True)
class _Chunk:
    changes: list[Change] = field(default_factory=list)
    moves: dict[str, list[uuid.UUID]] = field(default_factory=dict)


def past(session: Session, *, most: int = 50, after: int = 0) -> list[Past]:
    """Imports that were applied, the newest first."""
    found = session.execute(select(ImportRun, Source.name).join(Source, Source.id == ImportRun.source_id)
                            .order_by(ImportRun.at.desc(), ImportRun.id).offset(after).limit(most))
    return [_past(run, name) for run, name in found]


def find(session: Session, import_id: uuid.UUID) -> Past:
    """One import. Raises NotFound."""
    found = session.execute(select(ImportRun, Source.name).join(Source, Source.id == ImportRun.source_id)
                            .where(ImportRun.id == import_id)).first()
    if found is None:
        raise NotFound("import")
    return _past(*found)


def _past(run: ImportRun, source: str) -> Past:
    return Past(run.id, source, run.at, run.account_id, run.counts, run.undone_at)


def undo_import(session: Session, import_id: uuid.UUID, *, author: Author, now: datetime) -> UndoReport:
    """Takes back everything that an import did.

    Where nobody came after, a listing is again exactly what it was: one that was added goes out of sight, one that was
    taken down comes back. Where somebody did, fields that still say what the import wrote go back and the others stay.
    Raises NotFound, Conflict("already_undone").
    """
    version = queries.next_version(session)
    run = session.get(ImportRun, import_id)
    if run is None:
        raise NotFound("import")
    if run.undone_at is not None:
        raise Conflict("already_undone")
    to = Writing(session, session.get_one(Source, run.source_id), version, now, author, standing.UNDONE,
                 reason=f"import:{import_id}")
    report = UndoReport()
    for wanted in (True, False):  # the source's own first: whether made-up listings may come back depends on them
        for steps in _steps(session, run, own=wanted):
            _take_back(to, steps, report)
    _forget_feed(session, run)
    run.undone_at = naive(now)
    session.flush()
    if to.touched:
        queries.raise_version(session)
    return report


def _steps(session: Session, run: ImportRun, *, own: bool) -> Iterator[Sequence[Any]]:
    """The changes of an import in pieces; of listings of its own source, or of all the others."""
    after = 0
    wanted = select(Revision.id, Revision.program_id, Revision.version, Revision.state_before, Revision.state_after,
                    Revision.before, Revision.after).join(Program, Program.id == Revision.program_id).where(
        Revision.import_id == run.id,
        Program.source_id == run.source_id if own else Program.source_id != run.source_id).order_by(Revision.id)
    if not own and standing.has_real_listings(session):
        return
    while found := session.execute(wanted.where(Revision.id > after).limit(CHUNK)).all():
        yield found
        after = found[-1].id


def _take_back(to: Writing, steps: Sequence[Any], report: UndoReport) -> None:
    before = writing.read_rows(to.session, [one.program_id for one in steps])
    later = [one.program_id for one in steps if before[one.program_id]["version"] != one.version]
    texts = dict(zip(before, queries.documents(to.session, list(before.values())), strict=True))
    done = _Chunk()
    for one in steps:
        row = before[one.program_id]
        document, state = _without(one, row, texts[one.program_id], nobody_after=one.program_id not in later)
        changed = document != texts[one.program_id]
        if not changed and state == row["state"]:
            report.untouched += 1
            continue
        report.kept += one.program_id in later and document != _alone(one)
        _tell(report, one, row, state)
        if changed:
            done.changes.append(Change(row, document, state, rows.content_hash(document), {}, texts[one.program_id]))
        else:
            done.moves.setdefault(state, []).append(one.program_id)
    writing.change(to, done.changes)
    for state, programs in done.moves.items():
        writing.move(to, programs, state)


def _without(step: Any, row: RowMapping, text: dict[str, Any], *, nobody_after: bool) \
        -> tuple[dict[str, Any], str]:
    """Text and state of a listing without one change."""
    old = orjson.loads(step.before) if step.before else None
    was = step.state_before or GONE
    if nobody_after:
        return (old if old is not None and step.after is not None else text), was
    state = was if row["state"] == step.state_after else row["state"]
    if old is None or step.after is None:
        return text, state
    new = orjson.loads(step.after)
    found = dict(text)
    for name in rows.ORDER:
        if old.get(name) != new.get(name) == text.get(name):
            found[name] = old.get(name)
    return {name: found[name] for name in rows.ORDER if found.get(name) is not None}, state


def _alone(step: Any) -> Any:
    """The text a listing would have without one change, had nobody come after."""
    return orjson.loads(step.before if step.before and step.after else step.after or step.before)


def _tell(report: UndoReport, step: Any, row: RowMapping, state: str) -> None:
    if PUBLISHED == row["state"] != state:
        report.taken_down += 1
    elif row["state"] != PUBLISHED == state:
        report.brought_back += 1
    else:
        report.restored += 1


def _forget_feed(session: Session, run: ImportRun) -> None:
    """What the source says beside people's words is the word of its last import; with that it goes too."""
    last = session.execute(select(func.max(ImportRun.at)).where(
        ImportRun.source_id == run.source_id, ImportRun.undone_at.is_(None))).scalar()
    if last is None or run.at >= last:
        session.execute(update(Program).where(Program.source_id == run.source_id, Program.feed.is_not(None))
                        .values(feed=None, feed_open=False))
