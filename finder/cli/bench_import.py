"""`finder bench import`: listings through every check into a database, and the writing of what is checked already.

On PostgreSQL the same rows are then written once more by nothing but COPY, from text that lies ready, into the same
tables with the same rules: what a server can take at most.
"""

from __future__ import annotations

import gc
import resource
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from finder import bulk
from finder.catalog import listing_schema, queries, rows
from finder.catalog.models import PUBLISHED
from finder.cli.bench import NOW, cpu
from finder.cli.script import Failure, note
from finder.db import Database
from finder.listings import edits, ready, writing
from finder.listings.edits import Incoming
from finder.listings.models import ImportRun
from finder.search import synthetic

SOURCE = "bench"


def time_import(size: int, address: str | None = None) -> dict[str, Any]:
    """Seconds of a first and of an unchanged second import, through every check, provenance and history; and (`bulk`)
    of writing rows whose documents are checked and hashed, in listings and in rows of tables per second."""
    seconds, most = [], 0
    with _database(address) as database:
        with database.reading() as session:
            if queries.count(session):
                raise Failure("There are listings in that database. Name an empty one, made for this.")
        with database.transaction() as session:
            written = time_bulk(session, size)
            session.rollback()
        for expected in ("added", "unchanged"):
            note(f"Importing {size:,} listings …")
            before, made = _peak_mb(), _Made(size)
            begun = time.perf_counter()
            with database.transaction() as session:
                report = edits.import_listings(session, made, source=SOURCE, now=NOW)
            seconds.append(round(time.perf_counter() - begun - made.seconds, 2))
            most = max(most, _peak_mb() - before)
            assert getattr(report, expected) == size, report.counts()
    return {"rows": size, "seconds": seconds[0], "again_seconds": seconds[1],
            "rows_per_second": round(size / seconds[0]), "more_mb": most, "bulk": written,
            "database": "sqlite" if address is None else "postgresql", "cpu": cpu()}


class _Made:
    """Made-up listings one after the other, as a file's are read, and the seconds that making them took."""

    def __init__(self, size: int) -> None:
        self.size, self.seconds = size, 0.0

    def __iter__(self) -> Iterator[Incoming]:
        made = synthetic.documents(self.size)
        for number in range(1, self.size + 1):
            begun = time.perf_counter()
            one = next(made)
            self.seconds += time.perf_counter() - begun
            yield Incoming(one, number)


def time_bulk(session: Any, size: int) -> dict[str, Any]:
    """Figures of a first load of rows that are checked already; the caller takes it back."""
    note(f"Writing {size:,} listings that are checked …")
    to = _begun(session)
    made, took, work = synthetic.documents(size), 0.0, 0.0
    with bulk.roomy(session.connection()):
        for start in range(0, size, writing.CHUNK):
            checked = [listing_schema.load(next(made)) for _ in range(min(writing.CHUNK, size - start))]
            known = [(ready.of(one, rows.content_hash(one)), PUBLISHED) for one in checked]
            begun, worked = time.perf_counter(), time.process_time()
            writing.add(to, known)
            if start == 0:
                bulk.count_anew(session.connection(), writing.TABLES)  # as an import does
            took, work = took + time.perf_counter() - begun, work + time.process_time() - worked
    connection = session.connection()
    there = sum(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in writing.TABLES)
    found = {"listings_per_second": round(size / took), "rows_per_second": round(there / took),
             "process_rows_per_second": round(there / work)}
    if connection.dialect.name == "postgresql":
        copied = there / _copy_seconds(session)
        found |= {"copy_rows_per_second": round(copied), "part_of_copy": round(there / took / copied, 2)}
    return found


def fill(session: Any, size: int) -> None:
    """Writes made-up listings as an import writes what it has checked."""
    to, left = _begun(session), synthetic.documents(size)
    with bulk.roomy(session.connection()):
        while some := [listing_schema.load(one) for one in islice(left, writing.CHUNK)]:
            writing.add(to, [(ready.of(one, rows.content_hash(one)), PUBLISHED) for one in some])


def _begun(session: Any) -> writing.Writing:
    version, source = queries.next_version(session), writing.source_named(session, SOURCE, NOW)
    to = writing.Writing(session, source, version, NOW, writing.Author(f"import:{SOURCE}"), "import", uuid.uuid4())
    session.add(ImportRun(id=to.import_id, source_id=source.id, at=writing.naive(NOW), counts={}))
    session.flush()
    return to


def _copy_seconds(session: Any) -> float:
    """The same rows again, by COPY alone."""
    connection = session.connection()
    driver: Any = connection.connection.dbapi_connection
    texts = {}
    with driver.cursor() as cursor:
        for name in writing.TABLES:
            with cursor.copy(f"COPY {name} TO STDOUT") as rows_of:
                texts[name] = b"".join(rows_of)
    _empty(connection)
    begun = time.perf_counter()
    with driver.cursor() as cursor:
        for name, text in texts.items():
            with cursor.copy(f"COPY {name} FROM STDIN") as to:
                to.write(text)
    return time.perf_counter() - begun


def _empty(connection: Any) -> None:
    connection.exec_driver_sql(f"TRUNCATE {', '.join(writing.TABLES)} CASCADE")


@contextmanager
def _database(address: str | None) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(address or f"sqlite:///{Path(folder) / 'bench.db'}")
        database.upgrade()
        gc.collect()
        gc.freeze()  # as in a server; what is loaded already is not looked through again and again
        try:
            yield database
        finally:
            gc.unfreeze()
            database.close()


def _peak_mb() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
