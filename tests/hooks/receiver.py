"""A program elsewhere that is told of changes: an HTTP server of the test, and one that is only a function."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from finder.exchange.posting import Posted
from finder.exchange.public_addresses import Unfetchable


@dataclass
class Call:
    """One message as it came."""

    body: bytes
    headers: Mapping[str, str]
    path: str = "/"

    @property
    def name(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """Stands in for the network: keeps what is posted and answers as it is told. `before` is called first."""

    answer: Posted | str = field(default_factory=lambda: Posted(204))
    calls: list[Call] = field(default_factory=list)
    urls: list[tuple[str, bool]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], *, anywhere: bool = False) -> Posted:
        self.before()
        self.calls.append(Call(body, dict(headers)))
        self.urls.append((url, anywhere))
        if isinstance(self.answer, str):
            raise Unfetchable(self.answer)
        return self.answer


@contextmanager
def served(status: int = 204) -> Iterator[tuple[str, list[Call]]]:
    """A server on this machine: its address, and what came to it."""
    calls: list[Call] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append(Call(body, {name.lower(): value for name, value in self.headers.items()}, self.path))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in", calls
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
