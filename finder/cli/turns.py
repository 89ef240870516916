"""Who is next: a queue of whole requests for the threads of one process, in three lanes.

Pages of help and probes go before all others, and one thread is theirs alone: when all others wait, as for the listings
of a site that has just begun, help is there. Those that may write take some of the threads only: while somebody else
writes, as a large import does, they wait, and whoever only reads must not wait with them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # it ships no types
from waitress.task import ThreadedTaskDispatcher, WSGITask  # type: ignore[import-untyped]

WAITED = "finder.waited_seconds"  # in a request's environment: how long it waited for a thread


class Lane(StrEnum):
    """What a request is to the queue."""

    HELP = "help"
    READ = "read"
    WRITE = "write"


Judge = Callable[[str, str], str]  # the lane of a method and a path


class Asked(WSGITask):  # type: ignore[misc]
    """One request on its way into the app."""

    def get_environment(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_environment()
        found[WAITED] = self.channel.waited_seconds
        return found


class Line(HTTPChannel):  # type: ignore[misc]
    """A line to one client."""

    task_class = Asked
    waited_seconds = 0.0

    def service(self) -> None:
        if self.server.is_leaving and not self.requests[0].error:
            self.requests[0].headers["CONNECTION"] = "close"  # so that the client knows where not to ask next
        super().service()


class Turn:
    """A line whose next request waits for a thread."""

    def __init__(self, queue: Queue, line: Any, lane: Lane) -> None:
        self.queue, self.line, self.lane, self.since = queue, line, lane, time.monotonic()

    def service(self) -> None:
        self.line.waited_seconds = time.monotonic() - self.since
        try:
            self.line.service()
        finally:
            self.queue.end(self.lane)

    def cancel(self) -> None:
        self.line.cancel()


class Lanes:
    """What waits, as the dispatcher knows it: a deque whose length is how many could begin now."""

    def __init__(self, threads: int) -> None:
        self._waiting: dict[Lane, deque[Turn]] = {lane: deque() for lane in Lane}
        self._begun = dict.fromkeys(Lane, 0)
        self._most, self._most_writing = max(1, threads - 1), max(1, threads // 2)

    def append(self, turn: Turn) -> None:
        self._waiting[turn.lane].append(turn)

    def popleft(self) -> Turn:
        lane = min((lane for lane in Lane if self._open(lane)), key=self._since)
        self._begun[lane] += 1
        return self._waiting[lane].popleft()

    def ended(self, lane: Lane) -> None:
        self._begun[lane] -= 1

    def __len__(self) -> int:
        return sum(self._open(lane) for lane in Lane)

    def _since(self, lane: Lane) -> tuple[bool, float]:
        return lane is not Lane.HELP, self._waiting[lane][0].since

    def _open(self, lane: Lane) -> int:
        """How many of a lane could begin."""
        waiting, free = len(self._waiting[lane]), self._most - self._begun[Lane.READ] - self._begun[Lane.WRITE]
        if lane is Lane.HELP:
            return waiting
        if lane is Lane.WRITE:
            free = min(free, self._most_writing - self._begun[Lane.WRITE])
        return min(waiting, max(0, free))


class Queue(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Waitress's threads, over lanes."""

    def __init__(self, threads: int, judge: Judge) -> None:
        super().__init__()
        self.queue, self._judge = Lanes(threads), judge
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        first = task.requests[0]
        super().add_task(Turn(self, task, Lane.HELP if first.error else Lane(self._judge(first.command, first.path))))

    def end(self, lane: Lane) -> None:
        """Says that a thread is done with one of a lane."""
        with self.lock:
            self.queue.ended(lane)
            self.queue_cv.notify()
