"""What this door answers with: resources, and what went wrong as an OperationOutcome.

`problems` alone decides which status and code an error has; here its answer is said in FHIR's words. A parameter that
cannot be used is 400 there: 422 is for resources that were sent, and none is taken here (FHIR R4 section 3.1.0.1.6).
"""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException

from finder.api import open_door, problems
from finder.errors import FinderError, Invalid
from finder.exchange.fhir.bundles import outcome
from finder.exchange.fhir.elements import MIMETYPE, Resource

_KEPT_HEADERS = ("Allow", "Retry-After", "Cache-Control")
_WORTH_SQUEEZING = 1000  # bytes
_LEVEL = 5  # of gzip: twice as fast as the usual 6, and hardly longer


def of_error(error: Exception) -> Response:
    """Any error as an OperationOutcome. What nobody foresaw is logged by kind and place."""
    if isinstance(error, FinderError):
        told = problems.of_finder_error(error)
    else:
        told = problems.of_http_error(error) if isinstance(error, HTTPException) else problems.of_exception(error)
    document = orjson.loads(told.get_data())
    errors = error.errors if isinstance(error, Invalid) else None
    response = _json(outcome(document["code"], document["title"], errors, document["errors"]), pretty=False)
    response.status_code = 400 if told.status_code == 422 else told.status_code
    for name in _KEPT_HEADERS:
        if name in told.headers:
            response.headers[name] = told.headers[name]
    return response


def resource(found: Resource, *, pretty: bool) -> Response:
    """One resource, with a name that changes when it does; 304 to who has it."""
    response = _json(found, pretty=pretty)
    name = hashlib.blake2b(response.get_data(), digest_size=12).hexdigest()
    if open_door.is_known(name):
        return open_door.unchanged(name)
    changed = found.get("meta", {}).get("lastUpdated")
    if changed:
        response.last_modified = datetime.fromisoformat(changed)
    return open_door.kept(_squeezed(response), name)


def page(found: Resource, *, pretty: bool) -> Response:
    """A page of a search, whose name is told before it is made."""
    return _squeezed(_json(found, pretty=pretty))


def _squeezed(response: Response) -> Response:
    """The answer as gzip, for who takes that and where it pays."""
    body = response.get_data()
    response.vary.add("Accept-Encoding")
    if len(body) >= _WORTH_SQUEEZING and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(body, _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _json(found: Resource, *, pretty: bool) -> Response:
    return Response(orjson.dumps(found, option=orjson.OPT_INDENT_2 if pretty else 0), mimetype=MIMETYPE)
