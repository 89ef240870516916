"""Files that wait at the import desk: kept in the instance's folder, looked at, applied exactly as shown, or discarded.

An upload goes from new (nobody has looked yet) to waiting (looked at), perhaps queued (to be applied by `finder work`),
and ends applied or discarded. Nothing is committed here; files of one that has ended are removed by `tidy`.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.catalog.models import Source
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.exchange import feeds, peers, subscriptions, taking
from finder.exchange import mapping as mappings
from finder.exchange.spool import Spool
from finder.exchange.taking import Ground, Origin, Unreadable
from finder.listings import undo
from finder.listings.edits import ImportReport, Outcome
from finder.listings.models import Upload
from finder.listings.outcomes import Kind
from finder.listings.preparing import Prepared
from finder.listings.undo import Past, UndoReport
from finder.listings.writing import Author, naive

NEW, WAITING, QUEUED, APPLIED, DISCARDED = "new", "waiting", "queued", "applied", "discarded"
OPEN = (NEW, WAITING, QUEUED)
MOST_BYTES = 20 * 1024 * 1024
AT_ONCE_BYTES = 1024 * 1024  # larger files are looked at by `finder work`, so that no page makes anybody wait
AT_ONCE_ROWS = 2000  # imports of more rows are applied there too
UNDO = "undo"  # the format of a row that only says: take that import back
KEPT_DAYS = 30  # an upload that nobody applies goes after that
_PIECE = 1 << 16
Alike = Callable[[Mapping[str, Any]], tuple[str, str | None, float, str] | None]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a dry run found: the report as JSON values, or why the file cannot be read.

    `found` holds counts, held_why, fingerprint, lists (how long each list of the spool is) and deeds (how much there is
    to write).
    """

    found: Mapping[str, Any]
    unreadable: str | None = None

    @property
    def loses_many(self) -> bool:
        """Whether so much is missing that a person should look first."""
        return "many_gone" in self.found.get("held_why", {})


def folder_of(instance: Path, upload: uuid.UUID) -> Path:
    """Where the files of an upload lie."""
    return instance / "uploads" / str(upload)


def make_room(instance: Path) -> tuple[uuid.UUID, Path]:
    """A name for a new upload and its own folder, which only the owner of the process may open."""
    key = uuid.uuid4()
    (instance / "uploads").mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = folder_of(instance, key)
    folder.mkdir(mode=0o700)
    return key, folder


def save(stream: BinaryIO, path: Path) -> None:
    """Writes what was sent. Raises Invalid for more than MOST_BYTES, or nothing."""
    path.touch(mode=0o600)
    size = 0
    with path.open("wb") as file:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > MOST_BYTES:
                raise Invalid({"file": [Problem("file_too_large", max=MOST_BYTES // (1024 * 1024))]})
            file.write(piece)
    if not size:
        raise Invalid({"file": [Problem("required")]})


def keep(session: Session, key: uuid.UUID, path: Path, *, name: str, fmt: str, now: datetime,
         mapping: str | None = None, account_id: int | None = None, feed_id: int | None = None,
         trusted: bool | None = None, url: str | None = None) -> Upload:
    """Notes a saved file as one that waits. `trusted` None: as the source was before, a new one not."""
    if trusted is None and session.execute(select(Source.id).where(Source.name == name)).first() is None:
        trusted = False
    upload = Upload(id=key, account_id=account_id, feed_id=feed_id, name=name, format=fmt, mapping=mapping,
                    path=path.name, report={"trusted": trusted, "url": url}, state=NEW, made_at=naive(now))
    session.add(upload)
    session.flush()
    return upload


def find(session: Session, key: uuid.UUID) -> Upload:
    """An upload, whatever its state. Raises NotFound."""
    found = session.get(Upload, key)
    if found is None:
        raise NotFound("upload")
    return found


def size_of(upload: Upload, instance: Path) -> int:
    """How many bytes its file has, or all files of its folder."""
    path = folder_of(instance, upload.id) / upload.path
    return sum(one.stat().st_size for one in path.iterdir()) if path.is_dir() else path.stat().st_size


def key_of(text: str) -> uuid.UUID:
    """The id of an upload as addresses write it. Raises NotFound."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("upload") from None


def open_ones(session: Session, *states: str) -> Sequence[Upload]:
    """Uploads that have not ended, the oldest first."""
    return session.scalars(select(Upload).where(Upload.state.in_(states or OPEN)).order_by(Upload.made_at)).all()


def needs_mapping(upload: Upload) -> bool:
    """Whether nobody has said yet what the columns mean."""
    return upload.format == "csv" and not upload.mapping


def origin_of(upload: Upload, instance: Path) -> Origin:
    """The upload as a source to read."""
    how = upload.report or {}
    return Origin(folder_of(instance, upload.id) / upload.path, upload.format, upload.name,
                  mappings.typed(upload.mapping), take_down_all=bool(how.get("take_down_all")),
                  trusted=how.get("trusted"), complete=upload.format != peers.FORMAT, base=how.get("url") or "")


def look(session: Session, upload: Upload, instance: Path, ground: Ground, *, now: datetime,
         alike: Alike | None = None) -> Looked:
    """Makes the dry run of an upload; only reads, and keeps what becomes of each row beside the file.

    `alike` finds the listing of another source that a new one may be: its name, slug, score and verdict.
    """
    origin, report = origin_of(upload, instance), ImportReport()
    deeds = 0
    try:
        with Spool(folder_of(instance, upload.id)) as spool:
            for outcome in taking.look(session, origin, ground, now=now, report=report):
                spool.keep(outcome)
                deeds += bool(outcome.deed)
                if alike is not None and outcome.kind is Kind.ADDED:
                    _note_alike(spool, outcome, alike)
            for refusal in sorted(report.refused, key=lambda one: one.row):
                spool.refuse(refusal)
    except FileNotFoundError:  # its folder is gone
        return Looked({}, "unreadable_file")
    except Unreadable as broken:
        return Looked({}, broken.code if broken.code != "no_listing" else str(broken.values.get("why", broken.code)))
    counts = report.counts()
    counts["refused"] = len({one.row for one in report.refused})
    return Looked({"counts": counts, "held_why": report.held_why, "fingerprint": report.fingerprint, "deeds": deeds,
                   "lists": spool.counts})


def _note_alike(spool: Spool, outcome: Outcome, alike: Alike) -> None:
    found = alike(outcome.document or {})
    if found is not None:
        name, slug, score, verdict = found
        spool.alike(outcome, name=name, slug=slug, score=score, verdict=verdict)


def note_looked(session: Session, key: uuid.UUID, looked: Looked, *, again: bool = False) -> Upload:
    """Notes what a dry run found; one that cannot be read is discarded. `again`: because listings had changed.

    One that somebody ended meanwhile stays as it is.
    """
    upload = find(session, key)
    if upload.state not in OPEN:
        return upload
    how = {name: one for name, one in (upload.report or {}).items() if name in ("trusted", "url", "take_down_all")}
    upload.report = {**how, **looked.found, "again": again, "unreadable": looked.unreadable}
    upload.state = DISCARDED if looked.unreadable else WAITING
    session.flush()
    return upload


def change(session: Session, key: uuid.UUID, *, mapping: str | None = None, take_down_all: bool | None = None) \
        -> Upload:
    """Another mapping, or a steward's word about listings the source lacks: the upload is new again.

    Raises Conflict("ended").
    """
    upload = find(session, key)
    if upload.state not in (NEW, WAITING):
        raise Conflict("ended")
    if mapping is not None:
        mappings.typed(mapping)
        upload.mapping = mapping
    if take_down_all is not None:
        upload.report = {**(upload.report or {}), "take_down_all": take_down_all}
    upload.state = NEW
    session.flush()
    return upload


def queue(session: Session, key: uuid.UUID) -> None:
    """Leaves the applying to `finder work`. Raises Conflict("ended") for one that is not waiting."""
    _move(session, key, (WAITING,), QUEUED)


def is_large(counts: Mapping[str, Any]) -> bool:
    """Whether an import does so much that it is left to `finder work`."""
    return sum(int(counts.get(name, 0)) for name in ("added", "changed", "gone")) > AT_ONCE_ROWS


def queue_undo(session: Session, past: Past, *, author: Author, now: datetime) -> None:
    """Leaves taking an import back to `finder work`. Raises Conflict("already_undone")."""
    if past.undone_at is not None or is_being_undone(session, past.id):
        raise Conflict("already_undone")
    session.add(Upload(account_id=author.account_id, name=past.source, format=UNDO, path="", state=QUEUED,
                       made_at=naive(now), import_id=past.id))
    session.flush()


def is_being_undone(session: Session, import_id: uuid.UUID) -> bool:
    """Whether an import waits to be taken back."""
    wanted = select(Upload.id).where(Upload.import_id == import_id, Upload.format == UNDO, Upload.state == QUEUED)
    return session.execute(wanted).first() is not None


def take_back(session: Session, key: uuid.UUID, *, author: Author, now: datetime) -> UndoReport:
    """Takes back the import that a queued row names. Raises Conflict("already_undone"), Conflict("ended")."""
    _move(session, key, (QUEUED,), APPLIED)
    import_id = find(session, key).import_id
    if import_id is None:
        raise NotFound("import")
    return undo.undo_import(session, import_id, author=author, now=now)


def discard(session: Session, key: uuid.UUID) -> None:
    """Ends an upload without applying it. Raises Conflict("ended")."""
    find(session, key)
    _move(session, key, OPEN, DISCARDED)


def apply(session: Session, key: uuid.UUID, instance: Path, ground: Ground, *, author: Author, now: datetime,
          prepared: Prepared | None = None, report: ImportReport | None = None) -> ImportReport:
    """Applies an upload exactly as it was shown, once; `prepared` and `report` as in `taking.take`.

    Raises Conflict("ended") when it was applied or discarded before, Conflict("not_as_shown") when something else would
    be done now; then the transaction must be rolled back, and the upload looked at again.
    """
    _move(session, key, (WAITING, QUEUED), APPLIED)
    upload = find(session, key)
    shown = (upload.report or {}).get("fingerprint")
    origin = origin_of(upload, instance)
    report = taking.take(session, origin, ground, now=now, author=author, expected=shown or "-", prepared=prepared,
                         report=report)
    upload.import_id = uuid.UUID(report.import_id)
    if upload.feed_id is not None:
        if upload.format == peers.FORMAT:
            subscriptions.note_applied(session, feeds.find(session, upload.feed_id), origin.path, report)
        feeds.note_good(session, upload.feed_id, now=now)
    session.flush()
    return report


def _move(session: Session, key: uuid.UUID, states: Sequence[str], to: str) -> None:
    moved = session.execute(update(Upload).where(Upload.id == key, Upload.state.in_(states)).values(state=to))
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise Conflict("ended")


def expire(session: Session, now: datetime) -> int:
    """Discards uploads that nobody has applied for KEPT_DAYS; gives how many."""
    done = session.execute(update(Upload).where(
        Upload.state.in_((NEW, WAITING)), Upload.made_at < naive(now) - timedelta(days=KEPT_DAYS)).values(
        state=DISCARDED))
    return int(done.rowcount)  # type: ignore[attr-defined]


def tidy(session: Session, instance: Path, now: datetime) -> int:
    """Removes the files of uploads that have ended, and those that belong to none; gives how many."""
    folder = instance / "uploads"
    if not folder.is_dir():
        return 0
    held = {str(one) for one in session.scalars(select(Upload.id).where(Upload.state.in_(OPEN)))}
    # A file that is being sent has its folder before it has its row.
    settled = (now - timedelta(hours=1)).timestamp()
    old = [one for one in folder.iterdir() if one.name not in held and one.stat().st_mtime < settled]
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
    return len(old)
