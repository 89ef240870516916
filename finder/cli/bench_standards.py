"""`finder bench standards`: what answers in the standards' formats cost, in units of the least a Flask page can cost on
the same server.

An instance of made-up listings is filled and served as one is in earnest, by one process. Answers are asked for as
programs do that take them squeezed. A door that answers 404 is left out, with a word.
"""

from __future__ import annotations

import dataclasses
import gzip
import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from finder.cli import (
    bench_referrals,  # noqa: F401 - hangs its own command on bench
    probing,
    sample_groups,
)
from finder.cli.bench import MATCH_SIZE, NOW, bench, cpu, share, tell
from finder.cli.bench_http import HELLO, HOST, hello_app
from finder.cli.script import Instance, note
from finder.cli.server import Server, address, free_port
from finder.db import Database
from finder.exchange.hsds.terms import term_id
from finder.listings import edits
from finder.listings.edits import Incoming

WARM_UP, ROUNDS = 10, 100  # requests of each kind before and while time is taken
WHOLE_ROUNDS = 5  # of answers that hold every listing
A_PAGE = 50
SAMPLE_SEED = 1
ANSWER_SECONDS = 1800  # that one answer may take
_TERM = term_id("focus_areas", "depression")
# Pages, each asked for in turn. `{}` stands for what is only known when the instance is there.
PAGES: Mapping[str, str] = {
    "hello": HELLO,
    "hsds_services": f"/hsds/services?per_page={A_PAGE}",
    "hsds_services_deep": f"/hsds/services?per_page={A_PAGE}&page={{deep}}",
    "hsds_services_by_term": f"/hsds/services?per_page={A_PAGE}&taxonomy_term_id={_TERM}",
    "hsds_services_full": f"/hsds/services?per_page={A_PAGE}&full=true",
    "hsds_services_search": f"/hsds/services?per_page={A_PAGE}&search=serenity",
    "hsds_places_near": f"/hsds/service_at_locations?per_page={A_PAGE}&postcode=60614&proximity=30000",
    "hsds_service": "/hsds/services/{one}",
    "fhir_page": "/fhir/HealthcareService?_count=20",
    "fhir_search": "/fhir/HealthcareService?_count=20&name=serenity",
    "changes": "/api/v1/changes",
}
# Answers that hold every listing: the first one is made, the others are there.
WHOLE: Mapping[str, str] = {
    "hsds_lines": "/hsds/services?format=ndjson",
    "hsds_lines_full": "/hsds/services?format=ndjson&full=true",
    "hsds_package": "/hsds/package.zip",
    "meetings": "/meetings.json",
}

bench.subcommand_metavar = str(bench.subcommand_metavar).replace("|all", "|standards|all")


@bench.command("standards")
@click.option("--size", type=click.IntRange(1, 5_000_000), default=MATCH_SIZE, show_default=True,
              help="How many made-up listings.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def standards_command(instance: Instance, size: int, as_json: bool) -> None:
    """Time pages, searches and whole lists as HSDS, FHIR, Meeting Guide and changes, against a page that says hello.

    \b
    Example:
      finder bench standards --size 20000
    """
    tell(time_standards(instance, size), as_json)


@bench.command("serve-standards", hidden=True)
@click.option("--port", type=int, required=True)
@click.pass_obj
def serve_command(instance: Instance, port: int) -> None:
    """Serve the instance as it is, beside a page that says hello."""
    def make_app() -> Any:
        services = dataclasses.replace(instance.services, now=lambda: NOW)
        app = instance.create_app(instance.settings, services=services)
        return DispatcherMiddleware(app, {HELLO.rstrip("/"): hello_app()})

    Server(make_app, HOST, port, workers=1).run()


def time_standards(instance: Instance, size: int) -> dict[str, Any]:
    """Milliseconds from sending a request to its last byte, on this machine and one connection, with how many times a
    hello that is (`ratio`), and bytes as sent."""
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), size)
        with _served(instance, folder) as port:
            asking = _Asking(port)
            figures = _pages(asking, size) | _wholes(asking)
            asking.close()
    hello = figures["hello"]["p50_ms"]
    for one in figures.values():
        if "p50_ms" in one:
            one["ratio"] = round(one["p50_ms"] / hello, 1)
    return {"size": size, **figures, "cpu": cpu()}


def _fill(folder: Path, size: int) -> None:
    note(f"Importing {size:,} listings …")
    database = Database(f"sqlite:///{folder / 'finder.db'}")
    database.upgrade()
    rows = (Incoming(one, number) for number, one in enumerate(sample_groups.listings(size, SAMPLE_SEED), 1))
    with database.transaction() as session:
        edits.import_listings(session, rows, source="bench", now=NOW)
    database.close()


@contextmanager
def _served(instance: Instance, folder: str) -> Iterator[int]:
    port = free_port(HOST)
    child = subprocess.Popen(
        [sys.executable, "-m", "finder", "bench", "serve-standards", "--port", str(port)],
        env={**instance.environ, "FINDER_INSTANCE": folder, "FINDER_DATABASE_URL": "", "FINDER_BASE_URL": ""},
        cwd=Path(__file__).resolve().parents[2], stdout=subprocess.DEVNULL)
    try:
        probing.wait_until_alive(address(HOST, port), child)
        yield port
    finally:
        probing.stop(child)


class _Asking:
    """One connection that takes answers squeezed."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def time(self, path: str, name: str = "") -> tuple[float, int, int, str]:
        """Milliseconds, bytes, status and name of an answer. `name`: of the one that is held already."""
        took, status, headers, body = self.ask(path, name)
        return took, len(body), status, headers.get("ETag", "")

    def ask(self, path: str, name: str = "") -> tuple[float, int, Any, bytes]:
        """Milliseconds, status, headers and body of an answer. Raises Unanswered for what is no answer."""
        begun = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"} | (
            {"If-None-Match": name} if name else {}))
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status not in (200, 304, 404):
            raise probing.Unanswered(f"{path} answers {answer.status}.")
        return took, answer.status, answer.headers, body


def _pages(asking: _Asking, size: int) -> dict[str, dict[str, Any]]:
    """Asks all in turn, so that whatever else the machine does falls on each alike. `first_ms`: of the very first,
    which may have to make an index."""
    paths = {name: path.format(deep=max(1, size // A_PAGE), one=_one(asking)) for name, path in PAGES.items()}
    first = {}
    for name in list(paths):
        took, _, status, _ = asking.time(paths[name])
        first[name] = took
        if status == 404:
            note(f"{paths.pop(name).partition('?')[0]} answers 404 and is left out.")
    note(f"{ROUNDS} requests of each kind over {size:,} listings …")
    took_all: dict[str, list[float]] = {name: [] for name in paths}
    sent: dict[str, int] = {}
    for turn in range(WARM_UP + ROUNDS):
        for name, path in paths.items():
            took, length, _, _ = asking.time(path)
            sent[name] = length
            if turn >= WARM_UP:
                took_all[name].append(took)
    return {name: {"first_ms": round(first[name], 1), **_shares(took), "bytes": sent[name]}
            for name, took in took_all.items()}


def _one(asking: _Asking) -> str:
    """The id of some service."""
    _, status, headers, body = asking.ask("/hsds/services?per_page=1")
    if status != 200:
        return "none"
    plain = gzip.decompress(body) if headers["Content-Encoding"] == "gzip" else body
    return str(orjson.loads(plain)["contents"][0]["id"])


def _wholes(asking: _Asking) -> dict[str, dict[str, Any]]:
    """`known_ms`: of telling who has it that nothing changed."""
    figures: dict[str, dict[str, Any]] = {}
    for name, path in WHOLE.items():
        note(f"{path.partition('?')[0]}, whole …")
        first, length, status, tag = asking.time(path)
        if status == 404:
            note(f"{path.partition('?')[0]} answers 404 and is left out.")
            continue
        took = [asking.time(path)[0] for _ in range(WHOLE_ROUNDS)]
        figures[name] = {"first_ms": round(first, 1), **_shares(took), "bytes": length}
        if tag:
            known = [asking.time(path, tag) for _ in range(WHOLE_ROUNDS)]
            assert {status for _, _, status, _ in known} == {304}
            figures[name]["known_ms"] = share([took for took, _, _, _ in known], 0.5)
    return figures


def _shares(took: list[float]) -> dict[str, float]:
    return {"p50_ms": share(took, 0.5), "p95_ms": share(took, 0.95)}
