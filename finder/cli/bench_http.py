"""`finder bench http`: what a match costs over HTTP, in units of the least a Flask page can cost on the same server.

Twice: by the clock, as one client on one line waits, and by the time the server's processes were at work. On a machine
that others use as well the clock says little: who works for longer is sent to the back of the queue more often, so that
a match of three milliseconds waits out of proportion to a hello.
"""

from __future__ import annotations

import dataclasses
import gc
import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, jsonify
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from finder.cli import probing
from finder.cli.bench import NOW, build, cpu, share
from finder.cli.intakes import intakes
from finder.cli.script import Instance, note
from finder.cli.server import Server, address, free_port
from finder.matching.compiled import Loops

HOST = "127.0.0.1"
ROUNDS, WARM_UP = 300, 1_500  # as of a worker that has been answering for a while; every intake is a new one
SETTLE_SECONDS = 0.002  # until the server's threads are at rest again
HELLO, MATCH = "/hello/", "/api/v1/match"


@contextmanager
def served(instance: Instance, size: int) -> Iterator[tuple[int, int]]:
    """A server of its own over made-up listings; gives its port and process, and ends with the block."""
    port = free_port(HOST)
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-m", "finder", "bench", "serve", "--size", str(size), "--port", str(port)],
            env={**instance.environ, "FINDER_INSTANCE": folder, "FINDER_DATABASE_URL": ""},
            cwd=Path(__file__).resolve().parents[2], stdout=subprocess.DEVNULL)
        try:
            probing.wait_until_alive(address(HOST, port), child)
            yield port, child.pid
        finally:
            probing.stop(child)


def time_http(instance: Instance, size: int) -> dict[str, Any]:
    """Median milliseconds of a hello and of a match without and with sentences, and their ratios: by the clock, and
    (`worked`) of the server's processes at work, where the system tells."""
    with served(instance, size) as (port, server):
        note(f"{ROUNDS} requests of each kind over {size:,} listings …")
        took, worked = _ask(port, server)
    return {"size": size, **_figures(took, ""), **(_figures(worked, "worked_") if all(worked["hello"]) else {}),
            "p95_ms": share(took["plain"], 0.95), "p95_with_text_ms": share(took["worded"], 0.95), "cpu": cpu()}


def _figures(took: dict[str, list[float]], which: str) -> dict[str, float]:
    hello, plain, worded = (share(took[name], 0.5) for name in ("hello", "plain", "worded"))
    return {f"{which}hello_ms": hello, f"{which}match_ms": plain, f"{which}match_with_text_ms": worded,
            f"{which}ratio_to_hello": round(plain / hello, 2),
            f"{which}ratio_to_hello_with_text": round(worded / hello, 2)}


def worked_ms(process: int) -> float:
    """Milliseconds that the threads of a process and of its children have run; 0 where the system does not tell."""
    found = 0
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            found += int((task / "schedstat").read_text().split()[0])
            found += sum(round(worked_ms(int(child)) * 1e6) for child in (task / "children").read_text().split())
    except (OSError, ValueError):  # another system, or a thread that has just ended
        return 0.0
    return found / 1e6


def worked_since(process: int, before: float) -> float:
    """What it has run since it had run so many milliseconds, once its threads are at rest again."""
    time.sleep(SETTLE_SECONDS)
    return worked_ms(process) - before


def _ask(port: int, server: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Asks all three in turn on one connection, so that whatever else the machine does falls on each alike."""
    bodies = [orjson.dumps(one) for one in intakes(WARM_UP + ROUNDS)]
    connection = http.client.HTTPConnection(HOST, port)
    took: dict[str, list[float]] = {"hello": [], "plain": [], "worded": []}
    worked: dict[str, list[float]] = {name: [] for name in took}
    for turn, body in enumerate(bodies):
        for name, path, sent in (("hello", HELLO, None), ("plain", f"{MATCH}?text=0", body), ("worded", MATCH, body)):
            before, begun = worked_ms(server) if turn >= WARM_UP else 0.0, time.perf_counter()
            connection.request("POST" if sent else "GET", path, sent,
                               {"Content-Type": "application/json"} if sent else {})
            answer = connection.getresponse()
            answer.read()
            if turn >= WARM_UP:
                took[name].append((time.perf_counter() - begun) * 1000)
                worked[name].append(worked_since(server, before))
            if answer.status != 200:
                raise probing.Unanswered(f"{path} answers {answer.status}.")
    connection.close()
    return took, worked


def serve(instance: Instance, size: int, port: int) -> None:
    """Serves the site over made-up listings, and hello beside it, until it is stopped."""

    def make_app() -> Any:
        loops = Loops()
        loops.load()
        held, _ = build(size, loops)
        instance.services.database.upgrade()
        services = dataclasses.replace(instance.services, snapshot=lambda: _watched(instance, held), now=lambda: NOW)
        app = instance.create_app(instance.settings, services=services)
        gc.collect()
        gc.freeze()  # as the keeper of a server does
        return DispatcherMiddleware(app, {HELLO.rstrip("/"): hello_app()})

    Server(make_app, HOST, port, workers=1).run()


def _watched(instance: Instance, held: Any) -> Any:
    """The snapshot, after the version check that every real request makes."""
    instance.services.database.catalog_version()
    return held


def hello_app() -> Flask:
    """An app that says hello and nothing else."""
    app = Flask("hello")

    @app.get("/")
    def hello() -> Response:
        return jsonify(message="hello")

    return app
