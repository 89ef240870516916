"""GET /programs and /programs/{id}: the published listings, searched, filtered or one by one."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for

from finder.api import openapi
from finder.api.blueprint import api, arguments, json_answer, kept_answer, languages, services
from finder.exchange import change_log
from finder.search import find
from finder.search.query_schema import load_browse, load_nothing

_PATH = [{"name": "key", "in": "path", "required": True, "description": "The id (a UUID) or the slug.",
          "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Za-z0-9-]+$"}}]


@api.route("/programs", tags=["programs"])
@api.doc(operationId="browsePrograms", parameters=openapi.browse_parameters(),
         responses=openapi.answers("ProgramList", "One page of programs.", 422, 503))
def browse() -> Response:
    """Search and filter the published programs"""
    query = load_browse(arguments(), languages())
    query.pop("lang")
    held = services()
    found = find.browse(query, snapshot=held.snapshot(), gazetteer=held.gazetteer, vocabulary=held.vocabulary,
                        now=held.now())
    return json_answer({**found, "programs": [_in_list(one) for one in found["programs"]]})


def _in_list(program: dict[str, Any]) -> dict[str, Any]:
    return {"id": program["id"], "slug": program["listing"]["slug"], "distance_miles": program["distance_miles"],
            "next_session": program["next_session"], "listing": program["document"]}


@api.route("/programs/<key>", tags=["programs"], parameters=_PATH)
@api.doc(operationId="readProgram",
         responses=openapi.answers("Program", "The program.", 404, 410, 422, 503, kept=True) | {
             "308": {"description": "It was made one with another program, which Location names.",
                     "headers": {"Location": {"schema": {"type": "string"}}}}})
def program(key: str) -> Response:
    """Read one program, also one that is paused"""
    load_nothing(arguments())
    held = services()
    found = find.program(key, snapshot=held.snapshot(), now=held.now())
    if found is None:
        return _elsewhere(key)
    return kept_answer({"id": found["id"], "slug": found["slug"], "status": found["status"],
                        "listing": found["document"], "next_sessions": found["next_sessions"]})


def _elsewhere(key: str) -> Response:
    """The way to the program that stands in the place of one that is gone. Raises Gone, NotFound."""
    with services().database.reading() as session:
        stands = change_log.successor(session, key)
    response = Response(status=308)
    response.headers["Location"] = url_for("api.program", key=stands)
    response.headers["Cache-Control"] = "no-cache"  # it may be told apart again
    return response
