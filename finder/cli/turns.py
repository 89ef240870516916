"""Who is next: a queue of whole requests for the threads of one process, in three lanes.

Pages of help and probes go before all others. Those that may write take some of the threads only: while somebody else
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

    def __init__(self, most_writing: int) -> None:
        self._waiting: dict[Lane, deque[Turn]] = {lane: deque() for lane in Lane}
        self._writing, self._most_writing = 0, most_writing

    def append(self, turn: Turn) -> None:
        self._waiting[turn.lane].append(turn)

    def popleft(self) -> Turn:
        lane = min((lane for lane in Lane if self._open(lane)), key=self._since)
        self._writing += lane is Lane.WRITE
        return self._waiting[lane].popleft()

    def ended(self, lane: Lane) -> None:
        self._writing -= lane is Lane.WRITE

    def __len__(self) -> int:
        return sum(self._open(lane) for lane in Lane)

    def _since(self, lane: Lane) -> tuple[bool, float]:
        return lane is not Lane.HELP, self._waiting[lane][0].since

    def _open(self, lane: Lane) -> int:
        """How many of a lane could begin."""
        waiting = len(self._waiting[lane])
        return min(waiting, self._most_writing - self._writing) if lane is Lane.WRITE else waiting


class Queue(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Waitress's threads, over lanes."""

    def __init__(self, threads: int, judge: Judge) -> None:
        super().__init__()
        self.queue, self._judge = Lanes(max(1, threads // 2)), judge
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        first = task.requests[0]
        super().add_task(Turn(self, task, Lane.HELP if first.error else Lane(self._judge(first.command, first.path))))

    def end(self, lane: Lane) -> None:
        """Says that a thread is done with one of a lane."""
        with self.lock:
            self.queue.ended(lane)
            self.queue_cv.notify()
