"""How often each kind of page or route was asked for, how that ended and how long it took: sums, of nobody.

Each process adds to a small file of its own, mapped into memory, so that counting one request costs a few additions and
no call of the system. Sums of all files are those of the instance. A file is taken over by the next process, so sums
grow through restarts; new routes, as after an upgrade, begin at nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
# Upper ends in seconds, as Prometheus' clients have them, without those that nothing here takes.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
MOST_PROCESSES = 96
_WORD, _HEAD = 8, 32
_PER_AREA = len(BUCKETS) + 2  # each bucket, beyond the last, and the microseconds together


@dataclass(frozen=True, slots=True)
class Times:
    """How long requests of one area took: how many ended within each bucket but no earlier one, the last beyond all of
    them, and the seconds together."""

    within: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Sums:
    """What was counted: requests by route and class of status, times by area. What never happened is left out."""

    requests: Mapping[tuple[str, str], int]
    times: Mapping[str, Times]


class Meter:
    """Counts for one instance. `folder` None: in this process alone. Names are fixed by the first `name`."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._turn = threading.Lock()
        self._words: memoryview | None = None
        self._file = -1
        self._routes: dict[str, int] = {}
        self._areas: dict[str, int] = {}
        self._mark = b""

    def name(self, routes: Sequence[str], areas: Sequence[str]) -> None:
        """Says which routes and areas there are."""
        if self._routes:
            return
        self._areas = {one: at for at, one in enumerate(areas)}
        self._mark = hashlib.sha256(json.dumps([list(routes), list(areas), CLASSES, BUCKETS]).encode()).digest()
        self._routes = {one: at for at, one in enumerate(routes)}

    def count(self, route: str, area: str, status: int, seconds: float) -> None:
        """Adds one request. What has no name is not counted."""
        row, block = self._routes.get(route), self._areas.get(area)
        if row is None or block is None or not 100 <= status < 600:
            return
        start = len(self._routes) * len(CLASSES) + block * _PER_AREA
        with self._turn:
            words = self._words if self._words is not None else self._opened()
            words[row * len(CLASSES) + status // 100 - 1] += 1
            words[start + bisect_left(BUCKETS, seconds)] += 1
            words[start + _PER_AREA - 1] += max(0, int(seconds * 1e6))

    def sums(self) -> Sums:
        """What all processes counted."""
        size = self._size()
        total = [0] * size
        with self._turn:
            parts = self._of_files() if self._file >= 0 or self._words is None else [bytes(self._words)]
        for part in parts:
            for at, value in enumerate(memoryview(part).cast("Q")):
                if value:
                    total[at] += value
        return self._told(total)

    def close(self) -> None:
        """Lets go of the file, for the next process."""
        with self._turn:
            self._words = None
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _size(self) -> int:
        return len(self._routes) * len(CLASSES) + len(self._areas) * _PER_AREA

    def _opened(self) -> memoryview:
        """A file that no other living process has, or memory where none can be had. Counting stops no request."""
        size = self._size() * _WORD
        try:
            self._file = self._taken()
            held = self._fresh(self._file, size)
            self._words = memoryview(held)[_HEAD:].cast("Q")
        except OSError:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
            self._words = memoryview(bytearray(size)).cast("Q")
        return self._words

    def _taken(self) -> int:
        if self.folder is None:
            raise FileNotFoundError
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(MOST_PROCESSES):
            file = os.open(self.folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                continue
            return file
        raise BlockingIOError

    def _fresh(self, file: int, size: int) -> mmap.mmap:
        whole = _HEAD + size
        if os.fstat(file).st_size != whole or os.pread(file, _HEAD, 0) != self._mark:
            os.ftruncate(file, 0)
            # Room is taken at once: a page that the disk has none for would end the process when it is written.
            os.posix_fallocate(file, 0, whole)
            os.pwrite(file, self._mark, 0)
        return mmap.mmap(file, whole)

    def _of_files(self) -> list[bytes]:
        found = []
        for path in self.folder.glob("*") if self.folder is not None and self.folder.is_dir() else ():
            try:
                said = path.read_bytes()
            except OSError:
                continue
            if said[:_HEAD] == self._mark and len(said) == _HEAD + self._size() * _WORD:
                found.append(said[_HEAD:])
        return found

    def _told(self, total: Sequence[int]) -> Sums:
        requests = {(route, kind): total[row * len(CLASSES) + at] for route, row in self._routes.items()
                    for at, kind in enumerate(CLASSES) if total[row * len(CLASSES) + at]}
        times = {}
        for area, block in self._areas.items():
            start = len(self._routes) * len(CLASSES) + block * _PER_AREA
            within = tuple(total[start:start + _PER_AREA - 1])
            if any(within):
                times[area] = Times(within, total[start + _PER_AREA - 1] / 1e6)
        return Sums(requests, times)
