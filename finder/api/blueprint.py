"""The two sets of machine routes, and hanging them on an app."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, current_app, request
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from finder import strict_json
from finder.api import problems

if TYPE_CHECKING:
    from finder.services import Services

api = problems.equip(Blueprint("api", __name__, url_prefix="/api/v1", description="Finding and matching"))
probes = problems.equip(Blueprint("probes", __name__, description="Is it alive, is it ready, what does it offer"))


class _Described(Api):  # type: ignore[misc]
    """flask-smorest for the description alone: errors are ours, and it serves no pages."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Its handlers would take the web door's errors too."""

    def register_blueprint(self, blp: Any, **_: Any) -> None:
        """The routes are there already; they are described."""
        blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
        self.spec.tag({"name": blp.name, "description": blp.description})


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


def register(app: Flask) -> None:
    """Hangs the machine routes on an app."""
    from finder.api import (  # noqa: F401 - they fill the blueprints
        health,
        match,
        metrics,
        openapi,
        places,
        programs,
        referrals,
        vocabulary,
    )
    from finder.api.feeds import atom, meetings, robots, sitemap, tables  # noqa: F401
    from finder.api.feeds.blueprint import feeds
    from finder.api.feeds.bmlt import bmlt
    from finder.api.fhir import routes  # noqa: F401
    from finder.api.fhir.blueprint import fhir
    from finder.api.hsds import about, organizations, service_list, service_places, taxonomies  # noqa: F401
    from finder.api.hsds.blueprint import hsds
    from finder.api.listings import deeds, reading, sending, texts  # noqa: F401
    from finder.api.shortcut import Shortcut
    from finder.api.sync import changes  # noqa: F401
    from finder.api.sync.blueprint import sync

    health.install(app)
    app.before_request(problems.answer_unrouted)
    blueprints = (api, probes, sync, hsds, fhir, feeds, bmlt)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)

    @cache  # asked for by few, and it takes a third of all that making an app takes
    def description() -> bytes:
        described = _Described(app, spec_kwargs=openapi.SPEC)
        openapi.add_components(described.spec)
        for blueprint in blueprints:
            described.register_blueprint(blueprint)
        return openapi.finish(described.spec, app.config["FINDER_LANGUAGE_CODES"])

    app.extensions["finder_openapi"] = description
    app.wsgi_app = Shortcut(app)  # type: ignore[method-assign]
