"""Instances filled with made-up listings, and people who look after some of them by programs of theirs."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from finder.accounts import api_tokens, people
from finder.accounts.permissions import Role, Scope
from finder.db import Database
from finder.search import synthetic
from tests.listings.database import make_database, take

_KEPT = TemporaryDirectory()


@dataclass(frozen=True, slots=True)
class Keeper:
    """Somebody who looks after one listing: the token of their program, the listing's id and its slug."""

    token: str
    listing: str
    slug: str


@cache
def _filled(listings: int) -> Path:
    """A database of so many listings, made once a run: taking them in is longer than most tests."""
    folder = Path(_KEPT.name) / str(listings)
    folder.mkdir()
    database = make_database(folder)
    take(database, list(synthetic.documents(listings)))
    database.close()  # which leaves one file
    return folder / "finder.db"


def instance(folder: Path, listings: int) -> Path:
    """A new instance of so many listings."""
    folder.mkdir(parents=True)
    shutil.copyfile(_filled(listings), folder / "finder.db")
    return folder


def keepers(folder: Path, many: int) -> list[Keeper]:
    """So many accounts, each with a token for a listing of its own."""
    path = folder / "finder.db"
    with closing(sqlite3.connect(path)) as plain:
        rows = plain.execute("SELECT id, slug FROM program WHERE state = 'published' ORDER BY id LIMIT ?",
                             (many,)).fetchall()
    assert len(rows) == many
    database, now, found = Database(f"sqlite:///{path}"), datetime.now(UTC), []
    with database.transaction() as session:
        for number, (listing, slug) in enumerate(rows):
            key = str(uuid.UUID(listing))
            account = people.find_or_make(session, f"keeper{number}@example.org", now=now)
            people.give(session, account.id, Role.OPERATOR, by="a test", now=now, scope=Scope.PROGRAM, value=key)
            token = api_tokens.make(session, account.id, "A program", ["listings.read", "listings.write"], days=30,
                                    now=now)
            found.append(Keeper(token, key, slug))
    database.close()
    return found


def slugs(folder: Path, many: int) -> list[str]:
    """Addresses of some listings."""
    with closing(sqlite3.connect(folder / "finder.db")) as plain:
        return [row[0] for row in plain.execute(
            "SELECT slug FROM program WHERE state = 'published' ORDER BY content_hash LIMIT ?", (many,))]
