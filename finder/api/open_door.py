"""The frame of the routes that give published listings to everybody: other sites may read them, nobody signs in, no
cookie is looked at or set, and who has the newest state already is told so before anything is put together.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from finder import instance
from finder.api import problems
from finder.api.blueprint import services
from finder.exchange.shelf import Shelf
from finder.exchange.weekly import Site

# What a page of another site may send, and read of an answer (Fetch, 3.2.3); credentials are never among it.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, If-Modified-Since",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Retry-After, X-Request-ID",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def open_blueprint(name: str, about: str, *, url_prefix: str = "") -> Any:
    """A blueprint of described routes that are open to every site; its errors are problem documents."""
    made = problems.equip(Blueprint(name, __name__, url_prefix=url_prefix or None, description=about))
    made.after_request(opened)
    return made


def opened(response: Response) -> Response:
    """The answer, readable for pages of other sites."""
    for header, value in CORS.items():
        response.headers[header] = value
    return response


def tag(shelf: Shelf, *more: object, day: date | None = None) -> str:
    """The name of an answer that is made of published listings: it changes when they do. `day`: where it also depends
    on the day; `more`: whatever else it depends on beyond its address."""
    parts = (shelf.state, day.toordinal() if day else "", *more)
    return "-".join(str(part) for part in parts)


def is_known(name: str) -> bool:
    """Whether whoever asks has the answer of this name already, so that a 304 will do."""
    return request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(name)


def unchanged(name: str) -> Response:
    """304: nothing changed since the answer that the request names."""
    return kept(Response(status=304), name)


def kept(response: Response, name: str, shelf: Shelf | None = None) -> Response:
    """The answer with its name, so that it need not be fetched twice; it is asked about each time."""
    response.set_etag(name, weak=True)
    if shelf is not None and shelf.changed_at is not None:
        response.last_modified = shelf.changed_at
    response.headers["Cache-Control"] = "no-cache"
    return response


def site() -> Site:
    """This instance as writers of formats name it."""
    held = services()
    with held.database.reading() as session:
        saved = instance.newest(session)
    address = held.settings.address
    return Site(saved.name or held.settings.site_name, address, lambda slug: f"{address}/programs/{slug}",
                lambda slug: f"{address}/programs/{slug}/report", saved.country or held.settings.country)
