"""The web server of `finder demo` and `finder run`: gunicorn, a few processes with a few threads each."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it ships no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # it ships no types

from finder import journal
from finder.cli.patient import PatientWorker
from finder.cli.relief import Master
from finder.cli.script import Failure
from finder.journal import Logged

THREADS = 8
STOP_SECONDS = 10  # how long requests may finish after a stop


class Discreet(Logger):  # type: ignore[misc]
    """gunicorn's log without visitors: it names IP and address of a request that it cannot read or that breaks.

    What concerns one request comes with arguments or as a warning, and only its kind is kept.
    """

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Dropped: warnings of a worker are about requests."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(journal.Lines())

    def error(self, msg: str, *args: Any, **kwargs: Any) -> None:
        self._say(logging.ERROR, msg, args)

    def critical(self, msg: str, *args: Any, **kwargs: Any) -> None:
        self._say(logging.CRITICAL, msg, args)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        kind, _, trace = sys.exc_info()
        self.broke(kind, trace)

    def broke(self, kind: type[BaseException] | None, trace: TracebackType | None) -> None:
        """Tells that a request or a start failed, by kind and place."""
        self.error_log.error(Logged("crashed", error=kind.__name__ if kind else "unknown", at=journal.steps(trace)))

    def _say(self, level: int, msg: str, args: tuple[Any, ...]) -> None:
        self.error_log.log(level, Logged("server", says=msg % args if args else msg))

    def debug(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Dropped: it holds whole requests."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn over one app. The app is made in each worker, so nothing open is shared between processes."""

    def __init__(self, make_app: Callable[[], Any], host: str, port: int, workers: int, threads: int = THREADS, *,
                 relieves: Sequence[int] = (), mark: Callable[[], object] = lambda: None) -> None:
        """`mark` is a value that changes when workers have to be made anew, as after a new secret."""
        self.make_app, self.relieves, self.mark = make_app, relieves, mark
        bracketed = f"[{host}]" if ":" in host else host
        self.options: dict[str, Any] = {
            "bind": [f"{bracketed}:{port}"], "workers": workers, "threads": threads, "worker_class": PatientWorker,
            "graceful_timeout": STOP_SECONDS, "loglevel": "error", "accesslog": None, "errorlog": "-",
            "logger_class": Discreet, "control_socket_disable": True, "proc_name": "finder", "keepalive": 5,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self.make_app()

    def run(self) -> None:
        Master(self, self.relieves).run()


def free_port(host: str) -> int:
    """A port nobody listens on just now."""
    with _socket(host) as held:
        held.bind((host, 0))
        return int(held.getsockname()[1])


def check_port(host: str, port: int) -> None:
    """Says so plainly when the address cannot be had. Raises Failure."""
    try:
        with _socket(host) as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind((host, port))
    except OSError as taken:
        raise Failure(f"Port {port} on {host} cannot be used ({taken.strerror or taken}). "
                      "Choose another one with --port.") from None


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the site."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
