"""A source by its address, brought to a file: public addresses only, few redirects, limits of time and size.

The name is looked up once, every address it has must be a public one, and the connection goes to that very address, so
that a name which points elsewhere a moment later gains nothing (TRUST M4). Nothing of the address is logged.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from finder.errors import FinderError

MOST_BYTES = 20 * 1024 * 1024
MOST_REDIRECTS = 3
MOST_SECONDS = 10.0
LONGEST_URL = 2000
PORTS = {"http": 80, "https": 443}
_PIECE = 1 << 16
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?")
# A last part of digits, or of 0x and digits, makes a name a number (WHATWG URL, "ends in a number"): 127.1, 0x7f000001.
_NUMBER = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\.?$")
# IPv6 addresses that carry an IPv4 one: NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380), and the compatible form.
_CARRIERS = tuple(ipaddress.IPv6Network(one) for one in (
    "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))
# Set aside for protocols and relays (RFC 6890, RFC 7526); versions of Python differ about them.
_SET_ASIDE = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


class Unfetchable(FinderError):
    """An address that cannot or must not be fetched.

    `code`: not_http, bad_address, port, private_address, unknown_host, unreachable, not_safe (TLS), redirects,
    downgrade, status (with `status`), too_large (with `max`, MB), too_slow.
    """

    code = "unreachable"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: a file, or nothing new (`path` None) since the answer with the tag that was handed in."""

    path: Path | None
    url: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long; `anywhere` also allows this machine, local networks and any port (command line only)."""

    bytes: int = MOST_BYTES
    seconds: float = MOST_SECONDS
    redirects: int = MOST_REDIRECTS
    anywhere: bool = False


LIMITS = Limits()


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the system knows them. Raises OSError."""
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect(where: tuple[str, int], seconds: float) -> socket.socket:
    """A connection to an address (never a name). Raises OSError."""
    return socket.create_connection(where, timeout=seconds)


def fetch(url: str, folder: Path, *, etag: str | None = None, limits: Limits = LIMITS, resolve: Resolve = resolve,
          connect: Connect = connect) -> Fetched:
    """Brings what an address holds into a folder. Raises Unfetchable.

    `etag` is the tag of an earlier answer: Fetched.path is None when nothing has changed since.
    """
    ends = time.monotonic() + limits.seconds
    for _ in range(limits.redirects + 1):
        parts = target(url, anywhere=limits.anywhere)
        where = place(parts, resolve, anywhere=limits.anywhere, seconds=ends - time.monotonic())
        found = _Visit(parts, where, ends, limits).go(etag, folder, connect)
        if isinstance(found, Fetched):
            return found
        if parts.scheme == "https" and urlsplit(urljoin(url, found)).scheme == "http":
            raise Unfetchable("downgrade")
        url = urljoin(url, found)
    raise Unfetchable("redirects")


def target(url: str, *, anywhere: bool = False) -> SplitResult:
    """An address in its parts. Raises Unfetchable for one that is not plain http(s) to a public name and port."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Unfetchable("bad_address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unfetchable("bad_address") from None
    if parts.scheme not in PORTS:
        raise Unfetchable("not_http")
    if "@" in parts.netloc or not host or "%" in host:
        raise Unfetchable("bad_address")
    if port is not None and port != PORTS[parts.scheme] and not anywhere:
        raise Unfetchable("port")
    if ":" not in host and not _NAME.fullmatch(host):
        raise Unfetchable("bad_address")
    if _NUMBER.search(host) and _plain_address(host) is None:
        raise Unfetchable("bad_address")  # a number in disguise
    return parts


def _plain_address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def place(parts: SplitResult, resolve: Resolve, *, anywhere: bool, seconds: float) -> tuple[str, int]:
    """Where to connect: one address, looked up once. Raises Unfetchable when any address of the name is not public."""
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    literal = _plain_address(host)
    found = [str(literal)] if literal is not None else _looked_up(host, port, resolve, seconds)
    addresses = [_plain_address(one.partition("%")[0]) for one in found]
    if not addresses:
        raise Unfetchable("unknown_host")
    if not anywhere and not all(one is not None and is_public(one) for one in addresses):
        raise Unfetchable("private_address")
    return found[0], port


def _looked_up(host: str, port: int, resolve: Resolve, seconds: float) -> list[str]:
    """Addresses of a name, in no more than so many seconds: the system's resolver has no limit of its own."""
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(resolve(host, port))
        except (OSError, UnicodeError):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(max(0.0, seconds))
    if asking.is_alive():
        raise Unfetchable("too_slow")
    if not found:
        raise Unfetchable("unknown_host")
    return found


def is_public(address: Address) -> bool:
    """Whether an address lies in the public network, and carries none that does not."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in one for one in _CARRIERS) or address.is_site_local:
            return False
    elif any(address in one for one in _SET_ASIDE):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified
                                      or address.is_loopback or address.is_link_local or address.is_private)


class _Visit:
    """One request to one address."""

    def __init__(self, parts: SplitResult, where: tuple[str, int], ends: float, limits: Limits) -> None:
        self.parts, self.where, self.ends, self.limits = parts, where, ends, limits

    def go(self, etag: str | None, folder: Path, connect: Connect) -> Fetched | str:
        """What came, or the address that the answer leads to."""
        try:
            line = self._line(connect)
        except ssl.SSLError:
            raise Unfetchable("not_safe") from None
        except TimeoutError:
            raise Unfetchable("too_slow") from None
        except OSError:
            raise Unfetchable("unreachable") from None
        # A server that sends a letter a second never lets a single read time out; the line is cut for it.
        cut = threading.Timer(max(0.0, self._left()), _cut, (line,))
        cut.daemon = True
        cut.start()
        try:
            return self._ask(line, etag, folder)
        except (OSError, ValueError, http.client.HTTPException):
            raise Unfetchable("too_slow" if self._left() <= 0 else "unreachable") from None
        finally:
            cut.cancel()
            line.close()

    def _left(self) -> float:
        return self.ends - time.monotonic()

    def _line(self, connect: Connect) -> socket.socket:
        if self._left() <= 0:
            raise TimeoutError
        line = connect(self.where, self._left())
        if self.parts.scheme == "https":
            try:
                line = ssl.create_default_context().wrap_socket(line, server_hostname=self.parts.hostname)
            except BaseException:
                line.close()
                raise
        return line

    def _ask(self, line: socket.socket, etag: str | None, folder: Path) -> Fetched | str:
        talk = http.client.HTTPConnection(self.parts.hostname or "", self.where[1])
        talk.sock = line
        path = self.parts.path or "/"
        talk.putrequest("GET", f"{path}?{self.parts.query}" if self.parts.query else path, skip_host=True,
                        skip_accept_encoding=True)
        for name, value in (("Host", self.parts.netloc), ("User-Agent", "finder-import/1"), ("Accept", "*/*"),
                            ("Accept-Encoding", "identity"), ("Connection", "close")):
            talk.putheader(name, value)
        if etag:
            talk.putheader("If-None-Match", etag)
        talk.endheaders()
        with talk.getresponse() as answer:
            return self._answer(answer, folder)

    def _answer(self, answer: http.client.HTTPResponse, folder: Path) -> Fetched | str:
        url, tag = self.parts.geturl(), answer.getheader("ETag")
        tag = tag if tag and len(tag) <= 200 and tag.isascii() and tag.isprintable() else None
        if answer.status in _REDIRECTS and (to := answer.getheader("Location")):
            return to
        if answer.status == http.client.NOT_MODIFIED:
            return Fetched(None, url, tag)
        if answer.status != http.client.OK:
            raise Unfetchable("status", status=answer.status)
        path = folder / name_of(url)
        size = 0
        with path.open("wb") as file:
            while piece := answer.read1(_PIECE):
                size += len(piece)
                if size > self.limits.bytes:
                    raise Unfetchable("too_large", max=self.limits.bytes // (1024 * 1024))
                file.write(piece)
        if self._left() <= 0:
            raise Unfetchable("too_slow")
        if answer.length:
            raise Unfetchable("unreachable")  # the line broke before all had come
        return Fetched(path, url, tag)


def _cut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def name_of(url: str) -> str:
    """A safe file name that keeps the endings, because they tell compression and format."""
    last = urlsplit(url).path.rsplit("/", 1)[-1]
    endings = [part for part in last.split(".")[1:] if part.isalnum() and len(part) <= 8][-2:]
    return ".".join(["source", *endings])
