"""Long work beside a site: in a thread that the system lets run when nobody else needs the processor.

It is for work that holds nothing others wait for. What takes the writers' turn is done at the usual pace, since whoever
waits for it would wait longer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

NICENESS = 10  # of nice(2): a tenth of what others get where all want more than there is; the disk is asked likewise
LEAST = 19
Found = TypeVar("Found")


def gently(deed: Callable[[], Found]) -> Found:
    """What a deed gives, or raises, done while others go first."""
    done: Future[Found] = Future()

    def do() -> None:
        with suppress(OSError, AttributeError):  # a system on which threads have no such number of their own
            usual = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(usual + NICENESS, LEAST))
        try:
            done.set_result(deed())
        except BaseException as wrong:  # noqa: BLE001 - whoever waits for it is told
            done.set_exception(wrong)

    threading.Thread(target=do, name="gentle", daemon=True).start()
    return done.result()
