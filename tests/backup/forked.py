"""Work done in processes of its own, several at the same moment or one that is killed in the middle."""

from __future__ import annotations

import os
import select
import signal
import traceback
from collections.abc import Callable, Sequence


def _child(deed: Callable[[], object], before: Callable[[], object]) -> int:
    number = os.fork()
    if number:
        return number
    try:
        before()
        deed()
    except BaseException:  # noqa: BLE001 - whatever it is, the child must end here and not run the rest of the tests
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _ended(number: int) -> int:
    """0 when it went well, 1 when not, and the negative signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def at_once(deeds: Sequence[Callable[[], object]]) -> list[int]:
    """Runs all of them in processes that begin at one moment, and gives how each ended."""
    read, write = os.pipe()

    def wait() -> None:
        os.close(write)
        os.read(read, 1)  # until the parent has closed the other end

    children = [_child(deed, wait) for deed in deeds]
    os.close(write)
    ends = [_ended(one) for one in children]
    os.close(read)
    return ends


def alone(deed: Callable[[], object]) -> int:
    """Runs one in a process of its own, and gives how it ended."""
    return _ended(_child(deed, lambda: None))


def killed_after(seconds: float, deed: Callable[[], object]) -> int:
    """Runs one in a process of its own and kills it after so long; 0 when it was quicker."""
    read, write = os.pipe()
    number = _child(deed, lambda: os.close(read))
    os.close(write)
    select.select([read], [], [], seconds)  # readable when the child's end is closed, which is when it ends
    os.close(read)
    os.kill(number, signal.SIGKILL)  # of one that has ended and was not asked for yet, this does nothing
    return _ended(number)
