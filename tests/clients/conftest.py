"""Clients of other people on a page of another origin, reading an instance that holds the listings that ship.

Those in a package registry are installed by `.ci/run`. Those that are only a repository are run from a checkout, built
as their authors say, in the folder that FINDER_TEST_CLIENTS names; nothing of them is kept here.
"""

from __future__ import annotations

import json
import mimetypes
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Route
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.api.feeds.publishing import Publisher, seed
from tests.journeys.conftest import _Quiet, chromium  # noqa: F401 - a fixture

MILLISECONDS = 30_000
Wsgi = Callable[..., Any]


def checkout(name: str, file: str) -> Path:
    """The folder of a client's checkout, in which a file is that its build makes or its authors commit."""
    base = os.environ.get("FINDER_TEST_CLIENTS")
    if not base:
        pytest.skip(f"set FINDER_TEST_CLIENTS to a folder with a checkout of {name}")
    path = Path(base) / name
    if not (path / file).is_file():
        pytest.skip(f"{path / file} is not here; check the client out and build it as its authors say")
    return path


def module(name: str, file: str) -> Path:
    """The folder of a client from the package registry of npm."""
    base = os.environ.get("FINDER_TEST_NODE_MODULES", "")
    path = Path(base) / name
    if not base or not (path / file).is_file():
        if os.environ.get("CI"):
            pytest.fail(f"{name} is needed in CI")
        pytest.skip(f"{name} is not here; set FINDER_TEST_NODE_MODULES")
    return path


class _Served:
    """A WSGI app on a port of its own, which is known before the app is."""

    def __init__(self) -> None:
        self.app: Wsgi = Response("", 503)
        self.server = make_server("127.0.0.1", 0, lambda environ, start: self.app(environ, start), threaded=True,
                                  request_handler=_Quiet)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


@dataclass
class Instance:
    """An instance on loopback with the listings that ship."""

    address: str
    listings: list[dict[str, Any]]

    def get(self, path: str) -> Any:
        with urlopen(self.address + path, timeout=60) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    served, listings = _Served(), seed()
    held = Publisher(tmp_path_factory.mktemp("clients"), listings, base_url=served.address)
    served.app = held.app
    yield Instance(served.address, listings)
    served.close()
    held.database.close()


@dataclass
class Elsewhere:
    """A page on an origin of its own, and what its browser said and asked for."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)


Open = Callable[..., Elsewhere]


@pytest.fixture
def elsewhere(chromium: Browser, instance: Instance) -> Iterator[Open]:  # noqa: F811
    """Opens a page with these words in its body; `files` are served beside it. Nothing but the two servers is reached:
    what else a client asks for (map pictures) gets no answer and is written down."""
    opened: list[Any] = []

    def open_(body: str, files: Path, *, path: str = "/", locale: str = "en-US") -> Elsewhere:
        served = _Served()
        served.app = _pages(body, files)
        context = chromium.new_context(locale=locale, timezone_id="America/New_York")
        opened.extend((served, context))
        context.set_default_timeout(MILLISECONDS)
        found = Elsewhere(context.new_page(), served.address)
        found.page.on("console", lambda message: found.complaints.append(message.text)
                      if message.type in ("error", "warning") else None)
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))

        def let_through(route: Route) -> None:
            if route.request.url.startswith((served.address + "/", instance.address + "/", "data:", "blob:")):
                route.continue_()
            else:
                found.foreign.add(urlsplit(route.request.url).hostname or "")
                route.abort()
        context.route("**/*", let_through)
        found.page.goto(served.address + path)
        return found
    yield open_
    for one in reversed(opened):
        one.close()


def _pages(body: str, files: Path) -> Wsgi:
    @Request.application
    def app(request: Request) -> Response:
        if request.path == "/":
            return Response(f"<!doctype html><html lang=en><meta charset=utf-8><title>Meetings</title><body>{body}",
                            mimetype="text/html")
        path = (files / request.path.lstrip("/")).resolve()
        if not path.is_file() or not path.is_relative_to(files.resolve()):
            return Response("", 404)
        return Response(path.read_bytes(), mimetype=mimetypes.guess_type(path.name)[0] or "application/octet-stream")
    return app
