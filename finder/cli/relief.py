"""A change of guard: on SIGHUP the server starts itself anew with the code that is there now; nobody is turned away.

The process that looks after the others becomes the new program and keeps its number and the socket; its workers answer
until the new ones do. gunicorn's own reload would fork workers of the old code, and stop the old ones before the new
ones answer.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # it ships no types
from gunicorn.systemd import SD_LISTEN_FDS_START  # type: ignore[import-untyped]

from finder.cli.patient import RELIEVED

RELIEVES = "FINDER_SERVER_RELIEVES"  # numbers of processes, from the old program to the new one
READ_SECONDS = 60  # that reading the new code may take
READING = "import finder.__main__, finder.app, finder.cli.setup, finder.cli.server"


def handed(environ: Mapping[str, str]) -> bool:
    """Whether the socket is handed to this process, as systemd does it (sd_listen_fds(3)), and as the old program."""
    return environ.get("LISTEN_PID") == str(os.getpid())


def relieved(environ: Mapping[str, str]) -> tuple[int, ...]:
    """The workers of the old program."""
    return tuple(int(one) for one in environ.get(RELIEVES, "").split(",") if one) if handed(environ) else ()


class Master(Arbiter):  # type: ignore[misc]
    """gunicorn's process that looks after the workers."""

    def __init__(self, app: Any, relieves: Sequence[int]) -> None:
        self._old, self._mark = list(relieves), app.mark()
        super().__init__(app)

    def reload(self) -> None:
        """Becomes the new program. Where its code cannot even be read, the old one goes on."""
        if subprocess.run([sys.executable, "-c", READING], stderr=subprocess.DEVNULL, timeout=READ_SECONDS,
                          check=False).returncode:
            self.log.error("The new code cannot be read, so the old one goes on.")
            return
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the new program listens to it
        os.dup2(self.LISTENERS[0].fileno(), SD_LISTEN_FDS_START)
        os.set_inheritable(SD_LISTEN_FDS_START, True)
        environ = {**self.cfg.env_orig, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1",
                   RELIEVES: ",".join(map(str, [*self.WORKERS, *self._old]))}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environ)

    def murder_workers(self) -> None:
        """Looks after them once a second; when all new ones answer, the old ones may go. A new secret of the instance
        is a reason to begin anew, as new code is."""
        super().murder_workers()
        now = self.app.mark()
        if now != self._mark and not self._old:
            self._mark = now
            self.reload()
        if self._old and len(self.WORKERS) >= self.num_workers and all(map(_answers, self.WORKERS.values())):
            for one in self._old:
                with suppress(ProcessLookupError):
                    os.kill(one, RELIEVED)
            self._old = []


def _answers(worker: Any) -> bool:
    """Whether a worker has begun to give signs of life: before, its file still has the time of the clock on the wall,
    which is much later than the one since the machine was started."""
    return bool(worker.tmp.last_update() <= time.monotonic())
