"""When more people ask than can be answered: what goes first, what waits apart, and who is asked to come back.

Whoever has waited for long is told so at once, with the lines of help, and what is asked next is answered the sooner.
Help itself and the probes are never turned away (TRUST V2, Y3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, request

from finder.errors import Unavailable
from finder.sqlite import BUSY
from finder.web.headers import CHANGING

CROWDED = "crowded"
HELP, READ, WRITE = "help", "read", "write"  # as the queue of the server knows them (cli/turns.py)
WAITED = "finder.waited_seconds"  # what the server says of a request
# With what an answer itself takes, under the two seconds that nobody shall wait longer than (TRUST V2).
LONGEST_READ = 1.0
# A change waits longer, for words that somebody typed are worth it: as long as for its turn to write (finder.sqlite).
LONGEST_WRITE = 30.0
RETRY_SECONDS = 5
_HELP = ("/crisis", "/healthz", "/static/")
_ASKED = ("/find/", "/results", "/answers/", "/embed", "/api/v1/match", "/calendar/")  # sent, and nothing is written


def lane(method: str, path: str) -> str:
    """What a request is to the queue."""
    bare = path[3:] if path[3:4] == "/" else path  # pages in another language begin with its code
    if bare.startswith(_HELP):
        return HELP
    return WRITE if method in CHANGING and bare not in ("", "/") and not bare.startswith(_ASKED) else READ


def is_late(environ: Mapping[str, Any]) -> bool:
    """Whether a request waited for longer than one that only reads may."""
    waited: float = environ.get(WAITED, 0.0)
    return waited > LONGEST_READ


def install(app: Flask) -> None:
    """Tells the server about lanes, and turns away who waited for too long."""
    app.extensions["finder_lane"] = lane

    @app.before_request
    def turn_away() -> None:
        if not is_late(request.environ):
            return
        found = lane(request.method, request.path)
        if found == READ:
            raise Unavailable(CROWDED, seconds=RETRY_SECONDS)
        if found == WRITE and request.environ[WAITED] > LONGEST_WRITE:
            raise Unavailable(BUSY)
