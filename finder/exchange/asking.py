"""One request to one address of the web: over a line to the place that was looked up and allowed, within a limit of
time that holds from looking up to the last byte. Nothing of the address is logged.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import SplitResult

from finder.exchange.public_addresses import Resolve, Unfetchable, place, target

Connect = Callable[[tuple[str, int], float], socket.socket]
Taken = TypeVar("Taken")


def connect(where: tuple[str, int], seconds: float) -> socket.socket:
    """A connection to an address (never a name). Raises OSError."""
    return socket.create_connection(where, timeout=seconds)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a request goes: the address in its parts, the place to connect to, and when it must be over (on the
    monotonic clock)."""

    parts: SplitResult
    where: tuple[str, int]
    ends: float

    def left(self) -> float:
        """How many seconds are left."""
        return self.ends - time.monotonic()


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None = field(default=None, repr=False)


def deadline(seconds: float) -> float:
    """When something that begins now must be over, on the monotonic clock."""
    return time.monotonic() + seconds


def find_way(url: str, *, ends: float, anywhere: bool, resolve: Resolve) -> Way:
    """The way to an address. Raises Unfetchable for one that must not be asked."""
    parts = target(url, anywhere=anywhere)
    return Way(parts, place(parts, resolve, anywhere=anywhere, seconds=ends - time.monotonic()), ends)


def ask(way: Way, request: Request, take: Callable[[http.client.HTTPResponse], Taken], connect: Connect) -> Taken:
    """What `take` makes of the answer to a request. Raises Unfetchable."""
    try:
        if way.left() <= 0:
            raise TimeoutError
        line = connect(way.where, way.left())
    except TimeoutError:
        raise Unfetchable("too_slow") from None
    except OSError:
        raise Unfetchable("unreachable") from None
    try:
        with _cut_off(line, way.left()):
            line = _secured(line, way)
            return _talk(line, way, request, take)
    except (OSError, ValueError, http.client.HTTPException):
        raise Unfetchable("too_slow" if way.left() <= 0 else "unreachable") from None
    finally:
        line.close()


@contextmanager
def _cut_off(line: socket.socket, seconds: float) -> Iterator[None]:
    """A server that sends a letter a second never lets a single read time out; the line is cut for it."""
    with line.dup() as spare:  # securing a line takes it out of its first owner's hands
        cut = threading.Timer(max(0.0, seconds), _cut, (spare,))
        cut.daemon = True
        cut.start()
        try:
            yield
        finally:
            cut.cancel()


def _secured(line: socket.socket, way: Way) -> socket.socket:
    if way.parts.scheme != "https":
        return line
    try:
        return ssl.create_default_context().wrap_socket(line, server_hostname=way.parts.hostname)
    except ssl.SSLError:
        raise Unfetchable("too_slow" if way.left() <= 0 else "not_safe") from None


def _talk(line: socket.socket, way: Way, request: Request,
          take: Callable[[http.client.HTTPResponse], Taken]) -> Taken:
    talk = http.client.HTTPConnection(way.parts.hostname or "", way.where[1])
    talk.sock = line
    path = way.parts.path or "/"
    talk.putrequest(request.method, f"{path}?{way.parts.query}" if way.parts.query else path, skip_host=True,
                    skip_accept_encoding=True)
    for name, value in (("Host", way.parts.netloc), *request.headers.items(), ("Connection", "close")):
        talk.putheader(name, value)
    talk.endheaders(request.body)
    with talk.getresponse() as answer:
        return take(answer)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
