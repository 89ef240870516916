"""The blueprint of this door. It answers whatever begins with its path, and every error as an OperationOutcome."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from finder.api import open_door, problems
from finder.api.fhir import outcomes
from finder.api.fhir.holding import Holding
from finder.errors import FinderError

PREFIX = "/fhir"
EXTENSION = "finder_fhir"
_ELSEWHERE = "elsewhere"
_METHODS = ("GET", "POST")


def _opened(response: Response) -> Response:
    """The answer, readable for pages of other sites, which may say how parameters are to be handled."""
    open_door.opened(response)
    response.headers["Access-Control-Allow-Headers"] += ", Prefer"
    response.vary.update(("Accept", "Prefer"))
    return problems.named(response)


def _elsewhere(rest: str = "") -> Response:
    """What no route takes: a method that is not allowed there, or nothing at all."""
    adapter = current_app.create_url_adapter(request)
    allowed = [method for method in _METHODS if adapter is not None and _leads_somewhere(adapter, method)]
    if allowed:
        raise MethodNotAllowed(valid_methods=[*allowed, *(("HEAD",) if "GET" in allowed else ()), "OPTIONS"])
    raise NotFound


def _leads_somewhere(adapter: Any, method: str) -> bool:
    try:
        endpoint, _ = adapter.match(method=method)
    except HTTPException:
        return False
    return bool(endpoint != f"{fhir.name}.{_ELSEWHERE}")


def _hang(state: BlueprintSetupState) -> None:
    """Takes every path and method that is left. It is no operation of this door and stands in no description."""
    for rule in (PREFIX, f"{PREFIX}/", f"{PREFIX}/<path:rest>"):
        state.app.url_map.add(state.app.url_rule_class(rule, endpoint=f"{fhir.name}.{_ELSEWHERE}", methods=None))
    state.app.view_functions[f"{fhir.name}.{_ELSEWHERE}"] = _elsewhere
    state.app.extensions[EXTENSION] = Holding()


def holding() -> Holding:
    """What this door holds in this app."""
    found: Holding = current_app.extensions[EXTENSION]
    return found


fhir: Any = Blueprint("fhir", __name__, url_prefix=PREFIX, description="The directory as FHIR R4, for reading")
for _kind in (FinderError, HTTPException, Exception):
    fhir.register_error_handler(_kind, outcomes.of_error)
fhir.after_request(_opened)
fhir.record_once(_hang)
