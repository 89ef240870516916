"""An empty database for one test, and shorthand for importing into it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finder.db import Database
from finder.listings.edits import ImportReport, Incoming, import_listings
from tests import databases

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def make_database(folder: Path) -> Database:
    return Database(databases.with_tables(folder / "finder.db"))


def take(database: Database, documents: Sequence[dict[str, Any]], *, source: str = "A feed", publish: bool = True,
         **how: Any) -> ImportReport:
    with database.transaction() as session:
        return import_listings(session, [Incoming(one, row, publish) for row, one in enumerate(documents, 1)],
                               source=source, now=NOW, **how)
