"""Puts a backup back: proved first, in place of a database that is set aside and never deleted.

It takes the database's place by one rename, so whatever stops it leaves the old one or the new one. Afterwards nothing
is sent and no job runs until a steward has confirmed (`finder/backup/quiet.py`).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from finder.backup import archive, contents, quiet
from finder.backup.archive import Manifest
from finder.backup.making import room, settle
from finder.db import Database
from finder.errors import Conflict, Unavailable
from finder.sqlite import Presence

# Added to the catalog's version: more than the old database can have gone on by, so that no browser and no program
# takes what it was given then for what is here now.
LEAP = 1_000_000
_DRAFT = ".finder-restoring-"
# What must not come back to life: browsers that have signed out since, and links to sign in that were used since.
_DEAD = ("DELETE FROM sign_in", "DELETE FROM token WHERE purpose IN ('sign_in', 'reset', 'setup', 'passkey')")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where the database that was there has gone (None: there was none)."""

    manifest: Manifest
    aside: Path | None


def verify(backup: Path, *, identity: str = "") -> Manifest:
    """Proves a backup without touching any database: every byte as it was written, every table as its manifest says,
    SQLite's own checks. Raises Invalid when it is not good."""
    with room(), _folder(Path(tempfile.gettempdir())) as folder:
        return _proved(backup, folder / "finder.db", identity)


def restore(backup: Path, database: Path, *, instance: Path, identity: str = "", now: datetime) -> Restored:
    """Puts a backup in the place of a database. `instance` is the folder of the note that keeps things quiet.

    Raises Invalid when the backup is not good, Conflict("running") while anything else has the database open,
    Conflict("newer_schema") for a backup of a newer program, Unavailable("no_room"); then nothing was changed.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    presence = Presence(database)
    if not presence.take_alone():
        raise Conflict("running")
    try:
        clear(database)
        with room(), _folder(database.parent) as folder:
            fresh = folder / "finder.db"
            manifest = _proved(backup, fresh, identity)
            _bring_up(fresh, manifest)
            if database.exists():
                _close_up(database)
            with _quiet(instance, manifest, now):
                return Restored(manifest, _swap(fresh, database, now))
    finally:
        presence.release()


@contextmanager
def _quiet(instance: Path, manifest: Manifest, now: datetime) -> Iterator[None]:
    """Quiet before the new database is there, so that it is never seen without; and not when it could not be put."""
    was = quiet.found(instance) is not None
    quiet.begin(instance, manifest.made_at, now=now)
    try:
        yield
    except BaseException:
        if not was:
            quiet.end(instance)
        raise


def clear(database: Path) -> None:
    """Clears away what a restore left that was killed. Only for whoever has the database for themselves, or open."""
    for one in database.parent.glob(f"{_DRAFT}*"):
        shutil.rmtree(one, ignore_errors=True)


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=beside) as folder:  # which only its owner can open
        yield Path(folder)


def _proved(backup: Path, image: Path, identity: str) -> Manifest:
    with backup.open("rb") as file, image.open("w+b") as into:
        image.chmod(0o600)
        archive.check(file)
        manifest = archive.unpack(file, into, identity)
    try:
        with contents.opened(image) as connection:
            found = contents.read(connection)
    except sqlite3.DatabaseError:
        raise archive.damaged("changed") from None
    if found != manifest.contents or not found.is_whole:
        raise archive.damaged("changed")
    return manifest


def _bring_up(fresh: Path, manifest: Manifest) -> None:
    """Makes the copy a database of this program, in one file without a log."""
    database = Database(f"sqlite:///{fresh}")
    try:
        if not database.knows(manifest.contents.revision):
            raise Conflict("newer_schema")
        database.upgrade()
    finally:
        database.close()
    with contents.opened(fresh) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _DEAD:
            connection.execute(statement)
        connection.execute("UPDATE catalog_state SET version = version + ?", (LEAP,))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = DELETE")
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())


def _swap(fresh: Path, database: Path, now: datetime) -> Path | None:
    aside = None
    _give_to_owner(fresh, database if database.exists() else database.parent)
    if database.exists():
        aside = _free(database, now)
        os.link(database, aside)  # the old one keeps its place until the new one takes it
        for log in _logs(database):  # only beside a database that is too damaged to be opened
            os.replace(log, aside.with_name(aside.name + log.name.removeprefix(database.name)))
        settle(database.parent)
    os.replace(fresh, database)
    settle(database.parent)
    return aside


def _give_to_owner(fresh: Path, of: Path) -> None:
    """When an administrator restores, the database stays the service's own."""
    if os.geteuid() == 0:
        found = of.stat()
        os.chown(fresh, found.st_uid, found.st_gid)


def _close_up(database: Path) -> None:
    """Brings the old database's log into it, which nobody else may have open. Raises Conflict("running")."""
    try:
        with contents.opened(database) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as wrong:
        if wrong.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Conflict("running") from wrong
        if wrong.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
            raise Unavailable("no_room") from wrong
    except sqlite3.DatabaseError:
        pass  # damaged, which may be why somebody restores; it is set aside with its log as it is


def _logs(database: Path) -> list[Path]:
    found = [database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal")]
    return [one for one in found if one.exists()]


def _free(database: Path, now: datetime) -> Path:
    stamp, number = now.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ"), 1
    while True:
        found = database.with_name(f"{database.name}.before-{stamp}{f'-{number}' if number > 1 else ''}")
        if not found.exists():
            return found
        number += 1
