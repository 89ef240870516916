"""An empty database for one test, and shorthand for importing into it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from finder.db import Database
from finder.listings.edits import ImportReport, Incoming, import_listings

_KEPT = TemporaryDirectory()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@cache
def _empty() -> Path:
    """A database with all its tables and no rows, made once a run: migrating takes longer than most tests."""
    path = Path(_KEPT.name) / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()  # which leaves one file
    return path


def make_database(folder: Path) -> Database:
    shutil.copyfile(_empty(), folder / "finder.db")
    return Database(f"sqlite:///{folder / 'finder.db'}")


def take(database: Database, documents: Sequence[dict[str, Any]], *, source: str = "A feed", publish: bool = True,
         **how: Any) -> ImportReport:
    with database.transaction() as session:
        return import_listings(session, [Incoming(one, row, publish) for row, one in enumerate(documents, 1)],
                               source=source, now=NOW, **how)
