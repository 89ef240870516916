"""`finder bench visible`: how soon a change that is committed is what every worker answers with.

Eight servers of one worker each, half of them in the folder of one host and half in that of another, over one
database. After each commit all of them are asked for the changed listing, one after the other; each of those requests
finds the catalog's version moved, reads the change and answers with it. A request that begins after the commit and
answers with what was before is stale, and there must be none.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from finder.catalog import queries, rows
from finder.cli import probing
from finder.cli.bench import NOW, cpu, share
from finder.cli.script import Failure, Instance, note
from finder.cli.server import address, free_port
from finder.db import Database
from finder.listings import edits
from finder.listings.edits import Incoming
from finder.search import synthetic

HOST = "127.0.0.1"
HOSTS, WORKERS = 2, 8
CHANGES, WARM_UP = 150, 10
SOURCE = "bench"
_SECRET = "a secret of one run of a benchmark, told to nobody"  # noqa: S105 - both hosts need the same one


@dataclass
class _Seen:
    """What the workers answered: milliseconds of each first answer after a commit, and stale answers."""

    took: list[float] = field(default_factory=list)
    all_took: list[float] = field(default_factory=list)
    still: list[float] = field(default_factory=list)
    stale: int = 0


def time_visible(instance: Instance, size: int, url: str | None = None) -> dict[str, Any]:
    """Milliseconds from a commit until a worker that is asked then has answered with the change (`first`), until the
    last of all has, asked one after the other (`all`), and of the same request where nothing changed (`idle`)."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        where = url or f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(where)
        stack.callback(database.close)
        _fill(database, size)
        ports = [stack.enter_context(_server(instance, where, Path(folder) / f"host{number % HOSTS}"))
                 for number in range(WORKERS)]
        lines = [http.client.HTTPConnection(HOST, port) for port in ports]
        note(f"{CHANGES} changes, each asked of {WORKERS} workers …")
        seen = _Seen()
        for turn in range(WARM_UP + CHANGES):
            _change(database, lines, turn, seen if turn >= WARM_UP else _Seen())
        for line in lines:
            line.close()
    return {"size": size, "workers": WORKERS, "hosts": HOSTS, "changes": CHANGES, "stale": seen.stale,
            **{f"{name}_{label}_ms": share(took, part) for name, took in
               (("first", seen.took), ("all", seen.all_took), ("idle", seen.still))
               for label, part in (("p50", 0.5), ("p99", 0.99))},
            "database": database.engine.dialect.name, "cpu": cpu()}


def _fill(database: Database, size: int) -> None:
    database.upgrade()
    with database.reading() as session:
        if queries.count(session):
            raise Failure("There are listings in that database. Name an empty one, made for this.")
    note(f"Importing {size:,} listings …")
    with database.transaction() as session:
        edits.import_listings(session, (Incoming(one, number) for number, one in
                                        enumerate(synthetic.documents(size), 1)), source=SOURCE, now=NOW)


@contextmanager
def _server(instance: Instance, database: str, folder: Path) -> Iterator[int]:
    """One worker of a host; gives its port."""
    port = free_port(HOST)
    child = subprocess.Popen(
        [sys.executable, "-m", "finder", "run", "--port", str(port), "--workers", "1"],
        env={**instance.environ, "FINDER_INSTANCE": str(folder), "FINDER_DATABASE_URL": database,
             "FINDER_SECRET_KEY": _SECRET, "FINDER_RATE_LIMITS": "off"},
        cwd=Path(__file__).resolve().parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        probing.wait_until_alive(address(HOST, port), child)
        yield port
    finally:
        probing.stop(child)


def _change(database: Database, lines: list[http.client.HTTPConnection], turn: int, seen: _Seen) -> None:
    one = next(iter(synthetic.documents(1)))
    key, name = rows.program_id(SOURCE, one["id"]), f"Group changed {turn} times"
    with database.transaction() as session:
        edits.import_listings(session, [Incoming({**one, "name": name}, 1)], source=SOURCE, now=NOW, complete=False)
    committed = time.perf_counter()
    for line in lines:
        begun = time.perf_counter()
        seen.stale += _name_of(line, key) != name
        seen.took.append((time.perf_counter() - begun) * 1000)
    seen.all_took.append((time.perf_counter() - committed) * 1000)
    for line in lines:
        begun = time.perf_counter()
        _name_of(line, key)
        seen.still.append((time.perf_counter() - begun) * 1000)


def _name_of(line: http.client.HTTPConnection, key: object) -> str:
    line.request("GET", f"/api/v1/programs/{key}")
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise probing.Unanswered(f"A listing answers {answer.status}.")
    return str(orjson.loads(said)["listing"]["name"])
