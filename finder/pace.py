"""How fast one network may ask for public things: budgets that all processes of one machine share in a small file.

Reading the directory writes nothing into the database, so neither do its limits: a database that is busy or full keeps
nobody from asking. The file holds one time a slot and a salt of the day; which network a slot is of cannot be read from
it, and after a day not even be guessed at.
"""

from __future__ import annotations

import fcntl
import hashlib
import ipaddress
import mmap
import os
import secrets
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

SLOTS = 1 << 18  # 2 MB; networks that fall into one slot share a budget
SALT = 32
_DAY, _TIME = struct.Struct("<q"), struct.Struct("<d")
_HEAD = _DAY.size + SALT
_SIZE = _HEAD + SLOTS * _TIME.size
DAY = 86_400
SLACK = 1e-3  # of one request: seconds since 1970 are no more exact in a float


@dataclass(frozen=True, slots=True)
class Budget:
    """`most` in `seconds`, and as many at once as `burst`. One of a kind and a network."""

    kind: str
    most: int
    seconds: float
    burst: int


class Pace:
    """The budgets of one instance. The file at `path` is made when something is first counted, for its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Lock()
        self._file = -1
        self._held: mmap.mmap | None = None

    def close(self) -> None:
        """Lets go of the file."""
        with self._turn:
            if self._held is not None:
                self._held.close()
                os.close(self._file)
                self._held = None

    def _opened(self) -> mmap.mmap:
        if self._held is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                # Room is taken at once: a page that the disk has none for would end the process when it is written.
                os.posix_fallocate(self._file, 0, _SIZE)
                self._held = mmap.mmap(self._file, _SIZE)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
        return self._held

    def spend(self, budget: Budget, network: str, now: float) -> float:
        """Takes one from a network's budget. Gives 0 where it is allowed, else the seconds until it will be; what is
        refused costs nothing. `now` in seconds since 1970. Raises OSError where the file cannot be had.

        Each slot holds the time at which a budget will be whole again (the generic cell rate algorithm), so a clock
        that was set back gives more and never less.
        """
        each = budget.seconds / budget.most
        with self._turn:
            held = self._opened()
            at = self._slot(held, budget.kind, network, int(now // DAY))
            fcntl.lockf(self._file, fcntl.LOCK_EX, _TIME.size, at)
            try:
                kept: float = _TIME.unpack_from(held, at)[0]
                whole = min(max(kept, now), now + budget.burst * each)
                if whole - now > (budget.burst - 1 + SLACK) * each:
                    return whole - now - (budget.burst - 1) * each
                _TIME.pack_into(held, at, whole + each)
                return 0.0
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _TIME.size, at)

    def _slot(self, held: mmap.mmap, kind: str, network: str, day: int) -> int:
        salt = self._salt(held, day)
        name = hashlib.blake2b(f"{kind} {network}".encode(), key=salt, digest_size=8).digest()
        return _HEAD + int.from_bytes(name, "little") % SLOTS * _TIME.size

    def _salt(self, held: mmap.mmap, day: int) -> bytes:
        if _DAY.unpack_from(held)[0] != day:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _HEAD, 0)
            try:
                if _DAY.unpack_from(held)[0] != day:  # no other process was first
                    held[_DAY.size:_HEAD] = secrets.token_bytes(SALT)
                    _DAY.pack_into(held, 0, day)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _HEAD, 0)
        return bytes(held[_DAY.size:_HEAD])


def network(address: str | None) -> str:
    """The network of an address: /24 of IPv4, /56 of IPv6; "" for this machine itself and for what is no address.

    This machine is never limited: it is an operator's own tool, or a proxy of which nobody has said that it is one.
    """
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))
