"""`finder bench all`: every benchmark one after the other, as one table or one JSON document."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from finder.cli import (
    bench_against,
    bench_duplicates,
    bench_http,
    bench_import,
    bench_pages,
    bench_referrals,
    bench_standards,
    bench_visible,
)
from finder.cli.bench import IMPORT_SIZE, MATCH_SIZE, time_match
from finder.cli.script import Failure, Instance, note
from finder.db import Database

SIZES = (20_000, 250_000, 1_000_000)  # five million are asked for by name: they take an hour and 20 GB
SMALL = 2_000
_numbers = itertools.count(1)


def run(instance: Instance, sizes: Sequence[int], server: str | None) -> dict[str, Any]:
    """The figures of each benchmark by its name. A part that cannot be run says why (`skipped`) and stops no other.

    `sizes`: of the curve of cost, of which the largest is compared with other means. `server`: an address of PostgreSQL
    whose user may make databases; imports and changes are timed there as well, and PostGIS is asked.
    """
    most = max(sizes)
    parts: dict[str, Callable[[], Mapping[str, Any]]] = {
        **{f"match_{size}": lambda size=size: time_match(size) for size in sizes},  # type: ignore[misc]
        "against": lambda: _on(server, lambda where: bench_against.time_against(most, bench_against.AGAINST, where)),
        "import": lambda: bench_import.time_import(IMPORT_SIZE),
        "http": lambda: bench_http.time_http(instance, MATCH_SIZE),
        "pages": lambda: bench_pages.time_pages(instance, MATCH_SIZE),
        "referrals": lambda: bench_referrals.time_answers(instance),
        "standards": lambda: bench_standards.time_standards(instance, SMALL),
        "visible": lambda: bench_visible.time_visible(instance, SMALL),
        "start": lambda: _start(instance),
        "duplicates": lambda: bench_duplicates.measure_here(instance),
    }
    if server is not None:
        parts["import_postgresql"] = lambda: _on(server, lambda at: bench_import.time_import(IMPORT_SIZE, at))
        parts["visible_postgresql"] = lambda: _on(server, lambda at: bench_visible.time_visible(instance, SMALL, at))
    return {name: _tried(name, part) for name, part in parts.items()}


def _tried(name: str, part: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    note(f"-- {name}")
    try:
        return part()
    except Failure as why:
        return {"skipped": str(why)}


def _start(instance: Instance) -> dict[str, Any]:
    """Seconds until a server over made-up listings answers, and the memory of its processes in MB."""
    begun = time.perf_counter()
    with bench_http.served(instance, SMALL) as (_, process):
        return {"size": SMALL, "start_s": round(time.perf_counter() - begun, 2), "memory_mb": round(_memory(process))}


def _memory(process: int) -> float:
    """MB that a process and its children have for themselves, shared pages by halves; 0 where nobody tells."""
    found = 0.0
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
        for task in Path(f"/proc/{process}/task").iterdir():
            found += sum(_memory(int(child)) for child in (task / "children").read_text().split())
    except OSError:
        return 0.0
    return found


def _on(server: str | None, part: Callable[[str | None], Mapping[str, Any]]) -> Mapping[str, Any]:
    if server is None:
        return part(None)
    with _scratch(server) as address:
        return part(address)


@contextmanager
def _scratch(server: str) -> Iterator[str]:
    """A database of a server for one benchmark, gone afterwards."""
    name, database = f"finder_bench_{os.getpid()}_{next(_numbers)}", Database(server)
    plain = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        with plain.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
        yield database.engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with plain.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        database.close()
