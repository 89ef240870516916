"""The probes: /healthz says that the process answers, /readyz that it can do its work.

/readyz is 503 only where nobody can be served. With a full disk people still read, search and find help, so nobody may
take this instance out of service for that: it is 200 then, "limited", and says what is wrong.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic

from flask import Flask, Response, current_app

from finder import crisis, disk
from finder.api import openapi
from finder.api.blueprint import arguments, json_answer, probes, services
from finder.db import file_of
from finder.errors import Unavailable
from finder.search.query_schema import load_nothing
from finder.services import Services

AGAIN_SECONDS = 1.0  # how long an answer about the disk holds: anybody may ask, and a probe takes the turn to write
_HELD = "finder_readiness"


@dataclass(slots=True)
class Readiness:
    """What was found last about the database and the disk."""

    until: float = 0.0
    current: bool = False
    writes: bool = False
    room: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)

    def look(self, held: Services) -> None:
        """Looks, unless that was done a moment ago. Raises Unavailable where the database does not answer."""
        with self.turn:
            if monotonic() < self.until:
                return
            self.current = self.current or held.database.is_current()  # tables of today do not grow old by themselves
            self.writes = held.database.can_write()
            database = file_of(held.database.url)
            paths = [held.settings.instance, *([database.parent] if database is not None else [])]
            self.room = disk.room(paths) > disk.LEAST_ROOM
            self.until = monotonic() + AGAIN_SECONDS


def install(app: Flask) -> None:
    """Gives an app its own memory of what was found."""
    app.extensions[_HELD] = Readiness()


@probes.route("/healthz")
@probes.doc(operationId="isAlive", responses=openapi.answers("Alive", "The process answers.", 422))
def alive() -> Response:
    """Whether the process is alive; asks no database"""
    load_nothing(arguments())
    return json_answer({"status": "ok"})


@probes.route("/readyz")
@probes.doc(operationId="isReady", responses=openapi.answers("Ready", "It can answer people.", 422, 503))
def ready() -> Response:
    """Whether database and listings are there, and changes are taken"""
    load_nothing(arguments())
    held, found = services(), current_app.extensions[_HELD]
    version = held.database.catalog_version()
    snapshot = held.snapshot()
    found.look(held)
    if not found.current:
        raise Unavailable("database")
    said = {"writes": found.writes, "room": found.room, "crisis_lines_reviewed": crisis.is_reviewed()}
    return json_answer({"status": "ready" if all(said.values()) else "limited", "programs": snapshot.size,
                        "catalog_version": version, "crisis_lines_sha256": crisis.sha256(), **said})
