"""`finder bench`: how long a match, an import and a request take on this machine, over made-up listings."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from finder.catalog import queries
from finder.cli.intakes import intakes
from finder.cli.script import Instance, note, show
from finder.db import Database
from finder.listings import edits
from finder.listings.edits import Incoming
from finder.matching import ways
from finder.matching.compiled import Loops
from finder.places import gazetteer
from finder.search import find, snapshot, synthetic
from finder.search.snapshot import READY_ZONES, Keeper, Snapshot
from finder.strict_json import written
from finder.vocabulary import vocabulary

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # the made-up listings are dated for it
INTAKES, WARM_UP, SEARCHES, REFRESHES = 200, 40, 400, 15
IMPORT_SIZE, MATCH_SIZE, MOST = 100_000, 20_000, 5_000_000
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
_DATABASE = click.option("--database", "address", metavar="ADDRESS",
                         help="An empty PostgreSQL database, made for this, in place of a new file of SQLite.")


def _size(default: int) -> Callable[[Any], Any]:
    return click.option("--size", type=click.IntRange(1, MOST), default=default, show_default=True,
                        help="How many made-up listings.")


@click.group(subcommand_metavar="match|scale|import|http|all")
def bench() -> None:
    """Time the main jobs on this machine.

    \b
    Example:
      finder bench match --size 250000 --json
    """


@bench.command("match")
@_size(MATCH_SIZE)
@click.option("--against", help="By what other means too, with commas: naive, postgis, bandwidth.")
@_DATABASE
@_JSON
def match_command(size: int, against: str | None, address: str | None, as_json: bool) -> None:
    """Time whole searches: every rule, the first 20 with reasons, facets and hidden counts.

    \b
    Example:
      finder bench match --size 250000 --against bandwidth
    """
    figures = time_match(size)
    if against:
        figures["against"] = _against(size, against, address)
    tell(figures, as_json)


def _against(size: int, names: str, address: str | None) -> dict[str, Any]:
    from finder.cli.bench_against import AGAINST, time_against

    chosen = [one.strip() for one in names.split(",")]
    unknown = [one for one in chosen if one not in AGAINST]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)} is none of {', '.join(AGAINST)}", param_hint="--against")
    found = time_against(size, chosen, address)
    return {**found["against"], "p50_ms": found["p50_ms"], "p95_ms": found["p95_ms"]}


@bench.command("import")
@_size(IMPORT_SIZE)
@_DATABASE
@_JSON
def import_command(size: int, address: str | None, as_json: bool) -> None:
    """Time an import of listings into a new database, the same import again, and writing what is checked already.

    \b
    Example:
      finder bench import --json
    """
    from finder.cli.bench_import import time_import

    tell(time_import(size, address), as_json)


@bench.command("http")
@_size(MATCH_SIZE)
@_JSON
@click.pass_obj
def http_command(instance: Instance, size: int, as_json: bool) -> None:
    """Time POST /api/v1/match against a Flask page that says hello, on the same server.

    \b
    Example:
      finder bench http
    """
    from finder.cli.bench_http import time_http

    tell(time_http(instance, size), as_json)


@bench.command("visible")
@_size(MATCH_SIZE)
@_DATABASE
@_JSON
@click.pass_obj
def visible_command(instance: Instance, size: int, address: str | None, as_json: bool) -> None:
    """Time how soon eight workers of two hosts answer with a listing that was changed.

    \b
    Example:
      finder bench visible --size 2000
    """
    from finder.cli.bench_visible import time_visible

    tell(time_visible(instance, size, address), as_json)


@bench.command("scale")
@_size(1_000_000)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path),
              help="Keeps the made-up database there, and uses one that is there already.")
@_JSON
def scale_command(size: int, folder: Path | None, as_json: bool) -> None:
    """Time the snapshot of a whole country: making it, sharing it, searching it, changing it.

    \b
    Example:
      finder bench scale --size 1000000 --folder /var/tmp/finder-bench
    """
    from finder.cli.bench_scale import time_scale

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        tell(time_scale(size, folder), as_json)
        return
    with tempfile.TemporaryDirectory() as made:
        tell(time_scale(size, Path(made)), as_json)


@bench.command("all")
@click.option("--sizes", default="20000,250000,1000000", show_default=True, help="How many listings, with commas.")
@click.option("--server", metavar="ADDRESS", help="A PostgreSQL server whose user may make databases, for the rest.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write the JSON there.")
@_JSON
@click.pass_obj
def all_command(instance: Instance, sizes: str, server: str | None, out: Path | None, as_json: bool) -> None:
    """Run every benchmark.

    \b
    Example:
      finder bench all --sizes 20000 --out bench.json
    """
    from finder.cli.bench_all import run

    chosen = [one.strip() for one in sizes.split(",")]
    if not all(one.isdecimal() and 0 < int(one) <= MOST for one in chosen):
        raise click.BadParameter(f"Name numbers from 1 to {MOST}, with commas.", param_hint="--sizes")
    figures = run(instance, [int(one) for one in chosen], server)
    if out is not None:
        out.write_bytes(written(figures) + b"\n")
    tell(figures, as_json)


@bench.command("serve", hidden=True)
@_size(MATCH_SIZE)
@click.option("--port", type=int, required=True)
@click.pass_obj
def serve_command(instance: Instance, size: int, port: int) -> None:
    """Serve the site over made-up listings, beside a page that says hello."""
    from finder.cli.bench_http import serve

    serve(instance, size, port)


def tell(figures: Mapping[str, Any], as_json: bool) -> None:
    """Prints figures: JSON for machines, lines for people."""
    if as_json:
        show(figures)
        return
    for name, value in figures.items():
        if isinstance(value, Mapping):
            click.echo(f"{name}")
            tell({f"  {inner}": one for inner, one in value.items()}, False)
        else:
            click.echo(f"{name:<28} {value}")


def time_match(size: int) -> dict[str, Any]:
    """Figures of searches over `size` listings; times in milliseconds, building in seconds."""
    loops = Loops()
    compiled = loops.load()
    held, build_seconds = build(size, loops)
    known, words = gazetteer.load(), vocabulary()
    asked = intakes(INTAKES)
    note(f"{SEARCHES} searches over {size:,} listings …")
    gc.collect()
    gc.freeze()
    took, found = [], 0
    for turn in range(WARM_UP + SEARCHES):
        begun = time.perf_counter()
        answer = find.match(asked[turn % INTAKES], snapshot=held, gazetteer=known, vocabulary=words, now=NOW)
        if turn >= WARM_UP:
            took.append((time.perf_counter() - begun) * 1000)
            found += answer["total"]
    hot = sum(part.columns.hot_bytes for part in held.parts)
    gc.unfreeze()
    return {"size": size, "p50_ms": share(took, 0.5), "p95_ms": share(took, 0.95), "mean_found": found // SEARCHES,
            "bytes_per_program": round(hot / size, 1), "build_s": round(build_seconds, 2),
            "refresh_ms": time_refresh(held), "compiled": compiled, "cpu": cpu()}


def build(size: int, loops: Loops | None = None) -> tuple[Snapshot, float]:
    """A snapshot of made-up listings, and the seconds it took without making them up."""
    note(f"Building {size:,} listings …")
    waited = 0.0

    def fed(documents: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        nonlocal waited
        source = iter(documents)
        while True:
            begun = time.perf_counter()
            one = next(source, None)
            waited += time.perf_counter() - begun
            if one is None:
                return
            yield one

    begun = time.perf_counter()
    held = snapshot.from_documents(fed(synthetic.documents(size)), NOW.date(), loops)
    for part in held.parts:
        for zone in READY_ZONES:
            ways.pack(part.columns, zone)
    return held, time.perf_counter() - begun - waited


def time_refresh(base: Snapshot) -> float:
    """Milliseconds until one changed listing is in the snapshot, median: version check, one read, a small part."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        database.upgrade()
        keeper = Keeper(database, lambda: NOW)
        with database.reading() as session:
            version = queries.version(session)
        keeper.begin(Snapshot(version, NOW.date(), False, base.parts))
        changing = next(iter(synthetic.documents(1)))
        took = []
        for turn in range(REFRESHES):
            one = {**changing, "name": f"Group changed {turn} times"}
            with database.transaction() as session:
                edits.import_listings(session, [Incoming(one, 1)], source="bench", now=NOW, complete=False)
            begun = time.perf_counter()
            held = keeper.current()
            took.append((time.perf_counter() - begun) * 1000)
            assert held.size == base.size + 1
        database.close()
    return share(took, 0.5)


def share(took: list[float], part: float) -> float:
    """The value below which that part of the measurements lies."""
    return round(sorted(took)[min(len(took) - 1, int(len(took) * part))], 3)


def cpu() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
