from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

from finder.cli.turns import Lane, Lanes, Queue, Turn

LANES = {"/crisis": "help", "/save": "write"}


def judge(method: str, path: str) -> str:
    return LANES.get(path, "read")


class Line:
    """A line with one request, which takes until it is let go."""

    def __init__(self, path: str, begun: list[str]) -> None:
        self.requests = [SimpleNamespace(command="GET", path=path, error=None)]
        self.path, self.begun, self.go = path, begun, threading.Event()
        self.waited_seconds = -1.0

    def service(self) -> None:
        self.begun.append(self.path)
        self.go.wait(10)


def turn(lane: Lane, since: float) -> Turn:
    queue: Any = None
    found = Turn(queue, None, lane)
    found.since = since
    return found


def test_V2_help_goes_first_and_the_rest_in_the_order_they_came() -> None:
    lanes = Lanes(8)
    turns = [turn(Lane.WRITE, 1), turn(Lane.READ, 2), turn(Lane.WRITE, 3), turn(Lane.READ, 4), turn(Lane.HELP, 5)]
    for one in turns:
        lanes.append(one)
    assert [lanes.popleft().since for _ in range(len(lanes))] == [5, 1, 2, 3, 4]
    assert len(lanes) == 0


def test_V2_Y3_one_thread_is_for_help_alone() -> None:
    lanes = Lanes(3)
    for since in range(4):
        lanes.append(turn(Lane.READ, since))
    assert [lanes.popleft().since for _ in range(len(lanes))] == [0, 1]
    lanes.append(turn(Lane.HELP, 9))
    assert len(lanes) == 1
    assert lanes.popleft().since == 9
    lanes.ended(Lane.HELP)
    assert len(lanes) == 0
    lanes.ended(Lane.READ)
    assert lanes.popleft().since == 2


def test_V4_who_waits_to_write_leaves_threads_to_those_who_read() -> None:
    begun = list[str]()
    queue = Queue(4, judge)
    writers = [Line("/save", begun) for _ in range(6)]
    readers = [Line("/programs", begun), Line("/crisis", begun)]
    for one in (*writers, *readers):
        queue.add_task(one)
    for one in readers:
        one.go.set()
    ends = threading.Event()
    for _ in range(100):
        if sorted(begun) == ["/crisis", "/programs", "/save", "/save"]:
            break
        ends.wait(0.05)
    assert sorted(begun) == ["/crisis", "/programs", "/save", "/save"]
    for one in writers:
        one.go.set()
    for _ in range(100):
        if len(begun) == 8:
            break
        ends.wait(0.05)
    queue.shutdown()
    assert begun.count("/save") == 6
    assert all(one.waited_seconds >= 0 for one in (*writers, *readers))
