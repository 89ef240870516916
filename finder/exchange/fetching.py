"""A source by its address, brought to a file: public addresses only, few redirects, limits of time and size. Each
step of a redirect is looked up and checked anew.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from finder.exchange import asking, public_addresses
from finder.exchange.asking import Connect, Request, Way
from finder.exchange.public_addresses import Resolve, Unfetchable, target

__all__ = ["LIMITS", "Fetched", "Limits", "Unfetchable", "fetch", "name_of", "target"]

MOST_BYTES = 20 * 1024 * 1024
MOST_REDIRECTS = 3
MOST_SECONDS = 10.0
_PIECE = 1 << 16
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_HEADERS = {"User-Agent": "finder-import/1", "Accept": "*/*", "Accept-Encoding": "identity"}


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


def fetch(url: str, folder: Path, *, etag: str | None = None, limits: Limits = LIMITS,
          resolve: Resolve = public_addresses.resolve, connect: Connect = asking.connect) -> Fetched:
    """Brings what an address holds into a folder. Raises Unfetchable.

    `etag` is the tag of an earlier answer: Fetched.path is None when nothing has changed since.
    """
    ends = asking.deadline(limits.seconds)
    request = Request("GET", _HEADERS | ({"If-None-Match": etag} if etag else {}))
    for _ in range(limits.redirects + 1):
        visit = _Visit(asking.find_way(url, ends=ends, anywhere=limits.anywhere, resolve=resolve), folder, limits)
        found = asking.ask(visit.way, request, visit.take, connect)
        if isinstance(found, Fetched):
            return found
        if visit.way.parts.scheme == "https" and urlsplit(urljoin(url, found)).scheme == "http":
            raise Unfetchable("downgrade")
        url = urljoin(url, found)
    raise Unfetchable("redirects")


@dataclass(frozen=True, slots=True)
class _Visit:
    """What is made of one answer."""

    way: Way
    folder: Path
    limits: Limits

    def take(self, answer: http.client.HTTPResponse) -> Fetched | str:
        """What came, or the address that the answer leads to."""
        url, tag = self.way.parts.geturl(), answer.getheader("ETag")
        tag = tag if tag and len(tag) <= 200 and tag.isascii() and tag.isprintable() else None
        if answer.status in _REDIRECTS and (to := answer.getheader("Location")):
            return to
        if answer.status == http.client.NOT_MODIFIED:
            return Fetched(None, url, tag)
        if answer.status != http.client.OK:
            raise Unfetchable("status", status=answer.status)
        path = self.folder / name_of(url)
        size = 0
        with path.open("wb") as file:
            while piece := answer.read1(_PIECE):
                size += len(piece)
                if size > self.limits.bytes:
                    raise Unfetchable("too_large", max=self.limits.bytes // (1024 * 1024))
                file.write(piece)
        if self.way.left() <= 0:
            raise Unfetchable("too_slow")
        if answer.length:
            raise Unfetchable("unreachable")  # the line broke before all had come
        return Fetched(path, url, tag)


def name_of(url: str) -> str:
    """A safe file name that keeps the endings, because they tell compression and format."""
    last = urlsplit(url).path.rsplit("/", 1)[-1]
    endings = [part for part in last.split(".")[1:] if part.isalnum() and len(part) <= 8][-2:]
    return ".".join(["source", *endings])
