"""Makes a backup while people go on working: one consistent copy, looked through, packed, read again, then named.

Until it has its name there is no backup, and whatever stops it leaves the older ones as they were.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from finder.backup import archive, contents, keeping
from finder.backup.archive import Manifest
from finder.errors import Unavailable
from finder.sqlite import READ_ONLY, meaning

_LOCK = ".finder-backups"  # held by whoever makes one; what else begins with a dot and "finder-" is a draft
_DRAFT = ".finder-draft-"
_NO_ROOM = frozenset((errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EIO))


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written and read again. `size` is of its file, in bytes."""

    path: Path
    size: int
    encrypted: bool
    manifest: Manifest


def make(database: Path, folder: Path, *, now: datetime, software: str, recipient: str = "") -> Made:
    """A backup of a SQLite database in a folder, named by the time; encrypted when `recipient` is a public key of age.

    Everything that was committed before the start is in it, and nothing of a transaction that was not. Raises
    Unavailable: "damaged" when the database itself is not whole (nothing is kept, so that bad ones never push good
    ones out), "busy" when another backup is being made, "no_room" when it cannot be written. Raises Invalid for a key
    that is none.
    """
    if recipient:
        archive.reader_of(recipient)  # before anything is written
    with room():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(folder):
            return _made(database, folder, now, software, recipient)


@contextmanager
def room() -> Iterator[None]:
    """Tells a disk that takes no more as Unavailable("no_room"), whoever notices it."""
    try:
        yield
    except OSError as wrong:
        if wrong.errno in _NO_ROOM:
            raise Unavailable("no_room") from wrong
        raise
    except sqlite3.Error as wrong:
        told = meaning(wrong)
        if told is None:
            raise
        raise (Unavailable("no_room") if told.code == READ_ONLY else told) from wrong


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder; what an earlier one left when it was killed is cleared away."""
    file = os.open(folder / _LOCK, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("busy") from None
        _clear(folder)
        try:
            yield
        finally:
            _clear(folder)
    finally:
        os.close(file)


def _clear(folder: Path) -> None:
    for one in folder.glob(f"{_DRAFT}*"):
        one.unlink(missing_ok=True)


def _made(database: Path, folder: Path, now: datetime, software: str, recipient: str) -> Made:
    image, draft = folder / f"{_DRAFT}database", folder / f"{_DRAFT}packed"
    for one in (image, draft):
        os.close(os.open(one, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy(database, image)
    with contents.opened(image) as connection:
        found = contents.read(connection)
    if not found.is_whole:
        raise Unavailable("database_damaged")
    with image.open("rb") as unpacked, draft.open("r+b") as file:
        digest = archive.sha256(unpacked)
        manifest = Manifest(now.astimezone(UTC).isoformat(timespec="seconds"), software, unpacked.tell(), digest, found)
        unpacked.seek(0)
        archive.write(file, unpacked, manifest, recipient)
    _read_again(draft, image, recipient)
    path = _named(folder, draft, now)
    return Made(path, path.stat().st_size, bool(recipient), manifest)


def copy(database: Path, image: Path) -> None:
    """Copies a database that others write to into an empty file, as it is at one moment, in a form that needs no log
    beside it. Raises sqlite3.Error."""
    with contents.opened(database) as source, contents.opened(image) as target:
        target.execute("PRAGMA journal_mode = OFF")  # a copy that is cut short is thrown away
        target.execute("PRAGMA synchronous = OFF")
        source.execute("PRAGMA busy_timeout = 15000")
        source.backup(target, pages=-1)  # in one step: in several, every write of others would begin it anew
        target.execute("PRAGMA journal_mode = DELETE")


def _read_again(draft: Path, image: Path, recipient: str) -> None:
    """What was written is read back from the file. Raises Invalid when the disk gives back something else."""
    with draft.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, as far as the system lets us
        archive.check(file)
        if not recipient:
            with image.open("r+b") as again:
                again.truncate()
                archive.unpack(file, again)


def _named(folder: Path, draft: Path, now: datetime) -> Path:
    number = 1
    while (path := folder / keeping.name(now, number)).exists():
        number += 1
    os.replace(draft, path)
    settle(folder)
    return path


def settle(folder: Path) -> None:
    """Makes names that were given or taken in a folder outlive a power cut."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
