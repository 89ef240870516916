"""The two sets of machine routes, and what every route of them needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, current_app, request
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from finder import strict_json
from finder.api import problems

if TYPE_CHECKING:
    from finder.services import Services

api = problems.equip(Blueprint("api", __name__, url_prefix="/api/v1", description="Finding and matching"))
probes = problems.equip(Blueprint("probes", __name__, description="Is it alive, is it ready, what does it offer"))


def services() -> Services:
    """What this app was handed."""
    held: Services = current_app.extensions["finder"]
    return held


def arguments() -> dict[str, list[str]]:
    """The query of this request: every value of every name."""
    return request.args.to_dict(flat=False)


def languages() -> tuple[str, ...]:
    """The languages of this instance, as `lang` names them."""
    codes: tuple[str, ...] = current_app.config["FINDER_LANGUAGE_CODES"]
    return codes


def json_body(most_bytes: int, *also: str) -> Any:
    """The JSON that was sent, in so many bytes at most; `also`: what its type may be called besides."""
    if request.mimetype not in ("application/json", *also):
        raise UnsupportedMediaType
    request.max_content_length = most_bytes
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= most_bytes:  # sent in chunks, and cut off at the limit
        raise RequestEntityTooLarge
    return strict_json.read(body)


def json_answer(value: Any) -> Response:
    """A 200 that nobody may keep: it may say where a person is or what they look for."""
    response = Response(orjson.dumps(value), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def kept_answer(value: Any, seconds: int = 0) -> Response:
    """A 200 the same for everybody: with an ETag, and to be asked again after `seconds`."""
    response = Response(orjson.dumps(value), mimetype="application/json")
    response.add_etag()
    response.headers["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-cache"
    response.make_conditional(request)
    return response
