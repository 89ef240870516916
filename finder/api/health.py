"""The probes: /healthz says that the process answers, /readyz that it can do its work."""

from __future__ import annotations

from flask import Response

from finder import crisis
from finder.api import openapi
from finder.api.blueprint import arguments, json_answer, probes, services
from finder.search.query_schema import load_nothing


@probes.route("/healthz")
@probes.doc(operationId="isAlive", responses=openapi.answers("Alive", "The process answers.", 422))
def alive() -> Response:
    """Whether the process is alive; asks no database"""
    load_nothing(arguments())
    return json_answer({"status": "ok"})


@probes.route("/readyz")
@probes.doc(operationId="isReady", responses=openapi.answers("Ready", "It can answer people.", 422, 503))
def ready() -> Response:
    """Whether database and listings are there"""
    load_nothing(arguments())
    held = services()
    version = held.database.catalog_version()
    snapshot = held.snapshot()
    return json_answer({"status": "ready", "programs": snapshot.size, "catalog_version": version,
                        "crisis_lines_sha256": crisis.sha256()})
