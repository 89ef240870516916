"""`finder init`, `finder demo` and `finder run`: an instance made, filled with demonstration listings, served."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from finder import journal, secret
from finder.catalog import queries
from finder.cli import garbage, probing
from finder.cli.people import offer_setup
from finder.cli.reading import take_listings
from finder.cli.relief import handed, relieved
from finder.cli.script import Failure, Instance, note
from finder.cli.server import Server, address, check_port, free_port
from finder.config import ROOT
from finder.db import is_ready

SEED = ROOT / "seed_data" / "listings.jsonl"
SEED_SOURCE = "demonstration"
PORT = click.IntRange(1, 65535)


@click.command()
@click.pass_obj
def init(instance: Instance) -> None:
    """Make an instance without demonstration listings.

    Doing it twice changes nothing.

    \b
    Example:
      FINDER_INSTANCE=/srv/finder finder init
    """
    instance.services.database.upgrade()
    note("The instance is ready. Take listings in with `finder import`, serve it with `finder run`.")
    offer_setup(instance, instance.settings.port)


@click.command()
@click.option("--port", type=PORT, help="Port to listen on (FINDER_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Server processes (FINDER_WORKERS).")
@click.pass_obj
def run(instance: Instance, port: int | None, workers: int | None) -> None:
    """Serve an instance.

    \b
    Example:
      finder run --port 8080 --workers 4
    """
    with garbage.untouched():  # until the processes part
        services = instance.services
        if not is_ready(services.database):
            raise Failure("There is no instance here yet. `finder init` makes one.")
        services.database.upgrade()
        server = _server(instance, port or instance.settings.port, workers or instance.settings.workers)
    _serve(server)


@click.command()
@click.option("--port", type=PORT, help="Port to listen on (FINDER_PORT).")
@click.option("--check", is_flag=True, help="Start on a free port, ask for health, a page and a match, then stop.")
@click.pass_obj
def demo(instance: Instance, port: int | None, check: bool) -> None:
    """Serve a demonstration with made-up listings.

    \b
    Example:
      finder demo --port 8080
    """
    if check:
        _check(instance, port)
        return
    _fill(instance)
    _serve(_server(instance, port or instance.settings.port, instance.settings.workers))


def _fill(instance: Instance) -> None:
    services = instance.services
    services.database.upgrade()
    with services.database.reading() as session:
        if queries.count(session) and not queries.is_demonstration(session):
            raise Failure("This instance holds real listings. `finder run` serves it; set FINDER_INSTANCE to another "
                          "folder for a demonstration.")
    take_listings(services, SEED, "listing", source=SEED_SOURCE, demonstration=True)


def _serve(server: Server) -> None:
    with journal.kept():
        server.run()


def _server(instance: Instance, port: int, workers: int) -> Server:
    settings = replace(instance.settings, port=port)  # the addresses in pages are those that people reach
    relieves = relieved(instance.environ)
    if not handed(instance.environ):
        check_port(settings.host, port)
    if not relieves:
        offer_setup(instance, port)
    instance.services.database.close()  # each worker opens its own
    secret.instance_secret(settings)  # made by now, so that making it is no reason to begin anew
    click.echo(f"Finder is at {address(settings.host, port)}  (Ctrl+C stops it)")

    def make_app() -> Any:
        app = instance.create_app(settings)
        garbage.stays()
        held = app.extensions["finder"]
        held.serve()
        if relieves:
            held.snapshot()  # others still answer, so the first visitor need not wait for it
        return app

    garbage.stays()
    return Server(make_app, settings.host, port, workers, relieves=relieves, mark=lambda: secret.state(settings))


def _check(instance: Instance, port: int | None) -> None:
    host = instance.settings.host
    chosen = port or free_port(host)
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen([sys.executable, "-m", "finder", "demo", "--port", str(chosen)],
                                 env=_environment(instance), stdout=subprocess.DEVNULL, stderr=said)
        try:
            probing.wait_until_alive(address(host, chosen), child)
            for done in probing.steps(address(host, chosen)):
                note(done)
        except probing.Unanswered as silent:
            said.seek(0)
            last = said.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise Failure(f"The demonstration does not work: {silent.message}. {' '.join(last)}") from None
        finally:
            probing.stop(child)
    note("The demonstration works.")


def _environment(instance: Instance) -> dict[str, str]:
    """The child finds this code also when it is started from elsewhere."""
    known = dict(instance.environ)
    known["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(ROOT)), known.get("PYTHONPATH", ""))))
    return known
