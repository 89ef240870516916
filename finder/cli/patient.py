"""A worker of gunicorn that waits for slow clients without a thread.

gunicorn's own threads read a request and write its answer themselves, so a few clients that send or read a byte now and
then stop a whole site, help lines and all (measured: eight). Here waitress collects requests and answers in one loop
that never blocks, and a thread works only on requests that are there whole, in the order of `turns`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import Any

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # it ships no types
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]  # it ships no types
from waitress import wasyncore  # type: ignore[import-untyped]  # it ships no types
from waitress.server import BaseWSGIServer, create_server  # type: ignore[import-untyped]

from finder.cli.turns import Judge, Lane, Line, Queue

IDLE_SECONDS = 20  # after which a line that neither sends nor reads is cut
MOST_LINES = 2_000  # open at once; beyond them the next ones wait to be accepted
MOST_BODY = 32 * 1024 * 1024  # bytes; each page and door has a smaller limit of its own
MOST_HEADER = 32 * 1024
IN_MEMORY = 512 * 1024  # of what is on its way in or out; more goes to a file
MOST_WAITING = 256 * 1024 * 1024  # bytes of one answer that may wait to be read before its thread waits too
WAKE_SECONDS = 0.5  # between two looks at whether the server is to stop
LINGER_SECONDS = 5  # that a line stays open after others have taken over, so that who is about to ask hears of it
RELIEVED = signal.SIGUSR2  # tells a worker that others answer now


class Kinds(logging.Handler):
    """Hands waitress's log on without visitors: it names paths and requests; only the kind of an error is kept."""

    def __init__(self, log: Any) -> None:
        super().__init__(logging.ERROR)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        kind, _, trace = record.exc_info or (None, None, None)
        self._log.broke(kind, trace)


class PatientWorker(Worker):  # type: ignore[misc]
    """One process: a loop of waitress over the sockets that gunicorn opened, and `threads` threads."""

    relieved = False

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(RELIEVED, self._relieve)
        signal.siginterrupt(RELIEVED, False)

    def _relieve(self, *_: Any) -> None:
        self.relieved, self.alive = True, False

    def init_process(self) -> None:
        try:
            super().init_process()
        except Exception:  # noqa: BLE001 - gunicorn would print what it says, and that may be words of people
            self.log.exception("")
            sys.exit(-1 if self.booted else Arbiter.WORKER_BOOT_ERROR)

    def run(self) -> None:
        self._hush()
        lines: dict[int, Any] = {}
        queue = Queue(self.cfg.threads, _judge_of(self.wsgi))
        create_server(
            self.wsgi, map=lines, _dispatcher=queue, sockets=[one.sock for one in self.sockets], ident=None,
            clear_untrusted_proxy_headers=False,  # the app itself believes as many proxies as the operator says
            channel_timeout=IDLE_SECONDS, cleanup_interval=2, connection_limit=MOST_LINES, asyncore_use_poll=True,
            max_request_body_size=MOST_BODY, max_request_header_size=MOST_HEADER, inbuf_overflow=IN_MEMORY,
            outbuf_overflow=IN_MEMORY, outbuf_high_watermark=MOST_WAITING, log_socket_errors=False)
        doors = [one for one in lines.values() if isinstance(one, BaseWSGIServer)]
        for one in doors:
            one.channel_class, one.is_leaving = Line, False
        while self.alive:
            self._turn(lines)
        for one in doors:
            one.accepting, one.is_leaving = False, True
        self._finish(queue, lines)

    def _hush(self) -> None:
        for name in ("waitress", "waitress.queue"):
            log = logging.getLogger(name)
            log.handlers, log.propagate = [Kinds(self.log)], False

    def _turn(self, lines: dict[int, Any]) -> None:
        self.notify()
        if self.ppid != os.getppid():  # left behind by a server that was killed
            self.alive = False
        wasyncore.loop(WAKE_SECONDS, use_poll=True, map=lines, count=1)

    def _finish(self, queue: Queue, lines: dict[int, Any]) -> None:
        """Takes no more in, and lets what is under way come to its end. Where others have taken over, a line on which
        nothing was asked stays open for a moment longer: a client that asks just then would get no answer."""
        began = time.monotonic()
        lingers = began + (LINGER_SECONDS if self.relieved else 0)
        while time.monotonic() < began + self.cfg.graceful_timeout:
            late = time.monotonic() >= lingers
            if not any(_busy(one) if late else isinstance(one, Line) for one in list(lines.values())):
                break
            self._turn(lines)
        queue.shutdown(timeout=1)
        wasyncore.close_all(lines)


def _judge_of(app: Any) -> Judge:
    """How an app would have its requests queued; one that does not say has them read."""
    found: Judge = getattr(app, "extensions", {}).get("finder_lane", lambda method, path: Lane.READ)
    return found


def _busy(line: Any) -> bool:
    """Whether somebody still waits for an answer on a line."""
    return bool(getattr(line, "requests", None) or getattr(line, "total_outbufs_len", 0))
