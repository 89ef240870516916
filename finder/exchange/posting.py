"""A small message brought to an address elsewhere: over TLS, to public addresses only, within seconds. Redirects are
not followed, and of the answer nothing but its first line and how long to wait is looked at.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from finder.exchange import asking, public_addresses
from finder.exchange.asking import Connect, Request
from finder.exchange.public_addresses import Resolve, Unfetchable

MOST_SECONDS = 15.0  # the least that Standard Webhooks asks senders to wait
MOST_WAIT = 24 * 3600
_HEADERS = {"User-Agent": "finder-hook/1", "Accept": "*/*", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Posted:
    """How an address answered. `wait`: for how many seconds it wants to be left alone."""

    status: int
    wait: int = 0

    @property
    def good(self) -> bool:
        """Whether it took the message."""
        return 200 <= self.status <= 299


def allowed(url: str, *, anywhere: bool = False) -> None:
    """Raises Unfetchable for an address that no message goes to, as far as can be told without looking it up.
    `anywhere` also allows this machine, local networks, any port and no TLS (command line only)."""
    parts = public_addresses.target(url, anywhere=anywhere)
    number = public_addresses.plain_address(parts.hostname or "")
    if anywhere:
        return
    if parts.scheme != "https":
        raise Unfetchable("not_https")
    if number is not None and not public_addresses.is_public(number):
        raise Unfetchable("private_address")


def post(url: str, body: bytes, headers: Mapping[str, str], *, anywhere: bool = False, seconds: float = MOST_SECONDS,
         resolve: Resolve = public_addresses.resolve, connect: Connect = asking.connect) -> Posted:
    """Sends JSON and gives the answer, whatever it is. Raises Unfetchable when none came."""
    allowed(url, anywhere=anywhere)
    way = asking.find_way(url, ends=asking.deadline(seconds), anywhere=anywhere, resolve=resolve)
    request = Request("POST", {**_HEADERS, "Content-Length": str(len(body)), **headers}, body)
    return asking.ask(way, request, _take, connect)


def without_query(url: str) -> str:
    """An address as it may be shown: what follows a question mark may be a password."""
    parts = urlsplit(url)
    return parts._replace(query="…" if parts.query else "", fragment="").geturl()


def _take(answer: http.client.HTTPResponse) -> Posted:
    return Posted(answer.status, _wait(answer.getheader("Retry-After") or ""))


def _wait(said: str) -> int:
    """Seconds that an answer asks to wait; a date, or anything else, counts for nothing."""
    return min(int(said), MOST_WAIT) if said.isascii() and said.isdigit() and len(said) <= 9 else 0
