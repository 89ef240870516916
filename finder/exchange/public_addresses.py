"""Which addresses on the web may be asked at all: plain http(s), public names and networks, the usual ports.

A name is looked up once, every address it has must be a public one, and whoever asks connects to that very address, so
that a name which points elsewhere a moment later gains nothing (TRUST M4).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, urlsplit

from finder.errors import FinderError

LONGEST_URL = 2000
PORTS = {"http": 80, "https": 443}
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


class Unfetchable(FinderError):
    """An address that cannot or must not be asked.

    `code`: not_http, not_https, bad_address, port, private_address, unknown_host, unreachable, not_safe (TLS),
    redirects, downgrade, status (with `status`), too_large (with `max`, MB), too_slow.
    """

    code = "unreachable"


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the system knows them. Raises OSError."""
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


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
    if _NUMBER.search(host) and plain_address(host) is None:
        raise Unfetchable("bad_address")  # a number in disguise
    return parts


def plain_address(text: str) -> Address | None:
    """A number of a machine as it is usually written; None for anything else."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def place(parts: SplitResult, resolve: Resolve, *, anywhere: bool, seconds: float) -> tuple[str, int]:
    """Where to connect: one address, looked up once. Raises Unfetchable when any address of the name is not public."""
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    literal = plain_address(host)
    found = [str(literal)] if literal is not None else _looked_up(host, port, resolve, seconds)
    addresses = [plain_address(one.partition("%")[0]) for one in found]
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
