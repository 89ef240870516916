"""Hanging the machine routes on an app. All of them are read with this module: a server reads it once, before its
processes part, and not in each."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from flask_smorest import Api

from finder.api import (  # noqa: F401 - they fill the blueprints
    health,
    match,
    metrics,
    openapi,
    places,
    problems,
    programs,
    referrals,
    vocabulary,
)
from finder.api.blueprint import api, probes
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


class _Described(Api):  # type: ignore[misc]
    """flask-smorest for the description alone: errors are ours, and it serves no pages."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Its handlers would take the web door's errors too."""

    def register_blueprint(self, blp: Any, **_: Any) -> None:
        """The routes are there already; they are described."""
        blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
        self.spec.tag({"name": blp.name, "description": blp.description})


def register(app: Flask) -> None:
    """Hangs the machine routes on an app."""
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
