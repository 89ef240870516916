"""What went wrong, said one way: `application/problem+json` (RFC 9457) for every error of the machine routes.

The only translator from errors.py to HTTP on this side. Nothing of a request is ever logged or echoed beyond the name
of a field and a short wrong code: an answer of a seeker must not end up in a log.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, current_app, g, request
from flask_babel import force_locale
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from finder.errors import (
    Conflict,
    FinderError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Problem,
    TooOften,
    Unavailable,
    Unversioned,
)
from finder.journal import Logged, steps
from finder.sqlite import READ_ONLY
from finder.wording import problem_text
from finder.wordings.language import locale_name

MIMETYPE = "application/problem+json"
TYPE = "tag:finder.example,2026:problem/"  # RFC 4151; names a kind of problem, there is nothing to fetch
MACHINE_PATHS = ("/api/", "/openapi.json", "/healthz", "/readyz", "/metrics", "/hsds", "/fhir", "/bmlt/",
                 "/meetings.json", "/feeds/", "/data/", "/sitemap", "/robots.txt")
RETRY_SECONDS = 5
READ_ONLY_SECONDS = 120

_LOG = logging.getLogger("finder.api")
_STATUS: Sequence[tuple[type[FinderError], int]] = (
    (Invalid, 422), (NotFound, 404), (Gone, 410), (Conflict, 409), (Forbidden, 403), (Unavailable, 503),
    (Unversioned, 428), (TooOften, 429),
)
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable",
          413: "body_too_large", 415: "wrong_content_type", 500: "internal_error"}
_FIELDS = {413: ("body", "too_long"), 415: ("Content-Type", "wrong_content_type")}


def request_id() -> str:
    """The name of this request, for its answer and the log."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def lang() -> str:
    """The language of texts in an error: `lang` of the query when it is one of ours."""
    asked = request.args.get("lang", "")
    return asked if asked in current_app.config["FINDER_LANGUAGE_CODES"] else default_lang()


def default_lang() -> str:
    return str(current_app.extensions["finder"].settings.default_locale)


def answer(status: int, code: str, errors: Mapping[str, Sequence[Problem]] | None = None,
           headers: Mapping[str, str] | None = None) -> Response:
    """A problem document. `errors` maps dotted fields to Problems; "" stands for the whole body."""
    texts: dict[str, list[str]] = {}
    if errors:
        with force_locale(locale_name(lang())):
            texts = {field or "body": [str(problem_text(one)) for one in many] for field, many in errors.items()}
    document = {"type": TYPE + code.replace("_", "-"), "title": HTTPStatus(status).phrase, "status": status,
                "code": code, "errors": texts, "request_id": request_id()}
    response = Response(orjson.dumps(document), status, mimetype=MIMETYPE)
    response.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def of_finder_error(error: FinderError) -> Response:
    """A broken promise of a room below as a problem document."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, Invalid):
        if error.code == "bad_json":
            return answer(400, "bad_json", error.errors)
        return answer(status, "invalid", error.errors)
    code = type(error).code if status < 500 else ("unavailable" if status == 503 else "internal_error")
    wait = error.values.get("seconds", RETRY_SECONDS) if status in (429, 503) else None
    if error.code == READ_ONLY and status == 503:  # a full disk is not made room on in seconds
        code, wait = READ_ONLY, READ_ONLY_SECONDS
    return answer(status, code, headers={"Retry-After": str(wait)} if wait is not None else None)


def of_http_error(error: HTTPException) -> Response:
    """An error of the web layer itself: no such route, wrong method, too much, wrong type."""
    status = error.code or 500
    field = _FIELDS.get(status)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return answer(status, _CODES.get(status, "http_error"), {field[0]: [Problem(field[1])]} if field else None, headers)


def of_exception(error: Exception) -> Response:
    """Anything nobody foresaw. Logged by kind and place only: its message may hold what a person wrote."""
    rule = request.url_rule.rule if request.url_rule else ""
    _LOG.error(Logged("request_failed", rid=request_id(), method=request.method, route=rule, status=500,
                    error=type(error).__name__, at=steps(error.__traceback__)))
    return answer(500, "internal_error")


def is_machine(path: str) -> bool:
    """Whether a path belongs to programs and not to people."""
    return path.startswith(MACHINE_PATHS)


def answer_unrouted() -> Response | None:
    """Before each request: a machine path that leads nowhere gets a problem document, never a page."""
    error: Any = request.routing_exception
    if error is None or isinstance(error, RequestRedirect) or not is_machine(request.path):
        return None
    return named(of_http_error(error))


def named(response: Response) -> Response:
    """The answer with the request's name on it."""
    response.headers["X-Request-ID"] = request_id()
    return response


def equip(blueprint: Any) -> Any:
    """Makes every error inside a blueprint a problem document, and names every answer."""
    blueprint.register_error_handler(FinderError, of_finder_error)
    blueprint.register_error_handler(HTTPException, of_http_error)
    blueprint.register_error_handler(Exception, of_exception)
    blueprint.after_request(named)
    return blueprint
