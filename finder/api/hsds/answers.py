"""The answers of this door: pages in the standard's envelope, lines, one thing, or that there is none of this id."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
from flask import Response, request

from finder.api import problems
from finder.api.hsds.asked import Asked
from finder.api.hsds.held import Held
from finder.api.open_door import is_known, kept, unchanged
from finder.errors import Unavailable
from finder.exchange.hsds.paging import envelope

LINES = "application/x-ndjson"
JSON = "application/json"
# Answers of any length that a worker makes at a time; each may read all listings, and pages want their turn too.
MOST_AT_ONCE = 2
WORTH_SQUEEZING = 800  # bytes
LEVEL = 3  # of gzip: a page takes half the time of the usual 6, and is a tenth longer
_ROOM = threading.BoundedSemaphore(MOST_AT_ONCE)


def known(name: str) -> Response | None:
    """304 for who has the answer of this name."""
    return unchanged(name) if is_known(name) else None


def named(response: Response, name: str, held: Held) -> Response:
    """The answer with its name, squeezed for who takes that; one to a POST has no name, for it stands in no address."""
    _squeeze(response)
    if request.method in ("GET", "HEAD"):
        return kept(response, name, held.shelf)
    response.headers["Cache-Control"] = "no-store"
    return response


def _squeeze(response: Response) -> None:
    """All of this is public and the same for everybody, so that its length tells nothing."""
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return
    if response.is_streamed:
        response.response = _squeezed(response.iter_encoded())
    elif len(response.get_data()) >= WORTH_SQUEEZING:
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    else:
        return
    response.headers["Content-Encoding"] = "gzip"


def _squeezed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(LEVEL, wbits=zlib.MAX_WBITS | 16)  # with the head and end of a gzip file
    for one in pieces:
        if packed := packing.compress(one):
            yield packed
    yield packing.flush()


def page(rows: list[Any], total: int, asked: Asked) -> Response:
    """One page of `total` rows."""
    found = envelope(total, asked.page, rows)
    return Response(orjson.dumps(found | _ignored(asked)), mimetype=JSON)


def _ignored(asked: Asked) -> dict[str, Any]:
    return {"ignored": list(asked.ignored)} if asked.ignored else {}


def long_page(rows: Iterable[Iterable[bytes]], count: int, total: int, asked: Asked) -> Response:
    """The same of rows that are long: `count` objects, each in pieces, and sent as they come."""
    found = envelope(total, asked.page, range(count)) | _ignored(asked)
    del found["contents"]

    def body() -> Iterator[bytes]:
        yield orjson.dumps(found)[:-1] + b',"contents":['
        for number, row in enumerate(rows):
            yield b"," if number else b""
            yield from row
        yield b"]}"

    return _sent(body, JSON)


def lines(rows: Iterable[Any]) -> Response:
    """Every row on a line of its own, sent as they come."""
    def body() -> Iterator[bytes]:
        for row in rows:
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)

    return _sent(body, LINES)


def long_lines(rows: Iterable[Iterable[bytes]]) -> Response:
    """The same of rows that are long, each in pieces."""
    def body() -> Iterator[bytes]:
        for row in rows:
            yield from row
            yield b"\n"

    return _sent(body, LINES)


def long_one(row: Iterable[bytes]) -> Response:
    """One long object, sent as it comes."""
    return _sent(lambda: iter(row), JSON)


def _sent(body: Callable[[], Iterator[bytes]], mimetype: str) -> Response:
    """An answer of any length. Raises Unavailable when as many as there may be are on their way."""
    turn = _Turn()

    def sending() -> Iterator[bytes]:
        try:
            yield from body()
        finally:
            turn.end()

    response = Response(sending(), mimetype=mimetype)
    response.call_on_close(turn.end)  # of one that nobody begins to read, as the answer to HEAD
    return response


class _Turn:
    """The right to send one long answer."""

    def __init__(self) -> None:
        if not _ROOM.acquire(blocking=False):
            raise Unavailable("busy")
        self._over = False

    def end(self) -> None:
        """Gives it back, once."""
        if not self._over:
            self._over = True
            _ROOM.release()


def one(row: Any) -> Response:
    """One thing."""
    return Response(orjson.dumps(row), mimetype=JSON)


def whole(pieces: Iterable[bytes]) -> Response:
    """One thing that comes in pieces, all of them at once."""
    return Response(b"".join(pieces), mimetype=JSON)


def none() -> Response:
    """404: there is nothing of this id. The standard's own description calls its type plain JSON, so it is that here;
    what it says is the problem document that every error is."""
    found = problems.answer(404, "not_found")
    found.mimetype = JSON
    return found
