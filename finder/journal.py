"""What a site says of itself while it runs: one line an event, as JSON for machines, or in words on a terminal.

An event is one of EVENTS with a few fields of KEYS. What another library logs is told by kind and place only, for its
words may hold what people typed.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, TextIO

# Every event there is, and how it reads on a terminal.
EVENTS: Mapping[str, str] = {
    "request_failed": "{rid} {method} {route} failed: {error} at {at}",
    "settings_unread": "What this site calls itself cannot be read: {error}",
    "board_unread": "News and tags cannot be read: {error}",
    "codes_unread": "The table of 211 codes is left out, it cannot be read: {error}",
    "mail_unreachable": "The mail server cannot be reached: {error}",
    "letter_unwritten": "Letter {letter} of kind {kind} cannot be written: {error}",
    "bounce_unread": "A letter that came back cannot be read: {error}",
    "job_done": "{job}: {counts}",
    "job_failed": "{job} failed: {error} at {at}",
    "alarm": "{says}",
    "quiet": "{says}",
    "server": "{says}",
    "crashed": "Something broke: {error} at {at}",
    "other": "{source}: {error} at {at}",
}
# What a line may hold beside ts, level and event (TRUST section 4). None of them comes from a request but by its kind:
# `route` is a pattern, `rid` a random number, `at` places in the code.
KEYS = frozenset(("at", "counts", "error", "job", "kind", "letter", "method", "rid", "route", "says", "source",
                  "status"))
LONGEST, LONGEST_AT = 300, 1_500  # characters of a field
SERVICE = "finder"  # the logger whose notes are kept from INFO on; of others, from WARNING on


class Logged:
    """An event, to hand to a logger as its message."""

    def __init__(self, event: str, **fields: object) -> None:
        self.event = event
        self.fields = {name: _short(name, value) for name, value in fields.items() if name in KEYS}

    def __str__(self) -> str:
        said = EVENTS[self.event].format_map(_Lacking(self.fields)) or self.event
        return "".join(one if one.isprintable() else "?" for one in said)


class _Lacking(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "-"


def _short(name: str, value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return str(value)[:LONGEST_AT if name == "at" else LONGEST]


def steps(trace: TracebackType | None) -> str:
    """Where something broke: file, line and function, the innermost first; never a value or a line of the code."""
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}"
                      for frame in reversed(extract_tb(trace))) or "-"


class Lines(logging.Formatter):
    """One line for each record. `as_json` None: JSON but on a terminal."""

    def __init__(self, as_json: bool | None = None) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        told = record.msg if isinstance(record.msg, Logged) else _of_others(record)
        if not (self.as_json if self.as_json is not None else not sys.stderr.isatty()):
            return str(told)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"ts": at, "level": record.levelname.lower(), "event": told.event, **told.fields})


def _of_others(record: logging.LogRecord) -> Logged:
    error = record.exc_info[1] if record.exc_info else None
    return Logged("other", source=record.name, error=type(error).__name__ if error else "-",
                at=steps(error.__traceback__) if error else f"{record.filename}:{record.lineno}")


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever is stderr at the moment, each line in one piece."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(Lines())

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # as logging's own handler of last resort does
        return sys.stderr

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written stops nothing, and says nothing of the record."""


def begin() -> logging.Handler:
    """From now on this process logs by these lines, also what nobody caught. Gives the handler that does it."""
    handler = _Stderr()
    logging.getLogger().addHandler(handler)
    logging.getLogger(SERVICE).setLevel(logging.INFO)
    logging.captureWarnings(True)
    log = logging.getLogger(SERVICE)

    def caught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        log.critical(Logged("crashed", error=kind.__name__, at=steps(trace)))

    sys.excepthook = caught
    threading.excepthook = lambda args: caught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: caught(args.exc_type, args.exc_value, args.exc_traceback)
    return handler


@contextmanager
def kept() -> Iterator[None]:
    """Logs by these lines meanwhile."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLogger(SERVICE).level
    shown = warnings.showwarning
    handler = begin()
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        sys.excepthook, threading.excepthook, sys.unraisablehook = before[:3]
        logging.getLogger(SERVICE).setLevel(before[3])
        logging.captureWarnings(False)
        warnings.showwarning = shown
