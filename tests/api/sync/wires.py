"""Instances that answer over real lines: each has a server of its own, and all public names lead to them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from flask import Flask
from werkzeug.serving import make_server

from finder.exchange import fetching
from finder.exchange.fetching import Fetched
from tests.api.sync.instances import Instance

PUBLIC = "93.184.216.{}"


@contextmanager
def serving(app: Flask | Callable[..., object]) -> Iterator[tuple[str, int]]:
    """A server for an app on this machine; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)  # type: ignore[arg-type]
    thread = threading.Thread(target=partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Wires:
    """Names and lines: each name has a public address, and the line to that leads to the server of its instance.

    An instance can be taken off the net, and `cut` breaks the lines after so many more connections.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.places: dict[str, tuple[str, int]] = {}
        self.off: set[str] = set()
        self.connected = 0
        self.cut: int | None = None

    def lead(self, name: str, place: tuple[str, int]) -> None:
        address = self.names.setdefault(name, PUBLIC.format(len(self.names) + 1))
        self.places[address] = place

    def resolve(self, host: str, port: int) -> Sequence[str]:
        return [self.names[host]] if host in self.names else []

    def connect(self, where: tuple[str, int], seconds: float) -> socket.socket:
        name = next(name for name, address in self.names.items() if address == where[0])
        self.connected += 1
        if name in self.off or (self.cut is not None and self.connected > self.cut):
            raise ConnectionRefusedError
        return socket.create_connection(self.places[where[0]], timeout=seconds)

    @property
    def fetch(self) -> Callable[..., Fetched]:
        """Fetching as it is, but for who knows the names and who draws the lines."""
        return partial(fetching.fetch, resolve=self.resolve, connect=self.connect)


@contextmanager
def wired(*instances: Instance) -> Iterator[Wires]:
    """All of these on one net."""
    wires, servers = Wires(), []
    try:
        for one in instances:
            server = serving(one.app)
            wires.lead(one.host, server.__enter__())
            servers.append(server)
        yield wires
    finally:
        for server in servers:
            server.__exit__(None, None, None)
