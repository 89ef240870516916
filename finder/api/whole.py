"""Files that hold all published listings in one format: written once for each state of the catalog, kept squeezed in
the instance's folder, and served from there to everybody who asks until something changes.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson
from flask import Response, request

from finder.api.blueprint import services
from finder.api.open_door import is_known, kept, tag, unchanged
from finder.exchange import shelf as shelves
from finder.exchange.entries import Entry
from finder.exchange.shelf import Shelf

FOLDER = "public"
_PIECE = 1 << 16
_LEVEL = 6  # of gzip
_KEPT_SECONDS = 600  # that a state stays after there is a newer one
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_TURN = threading.Lock()  # one file at a time in a worker: each reads all listings

# Writes the listings to a file and gives what there is to say about it, JSON values by name ("left_out", say).
Write = Callable[[Iterable[Entry], IO[bytes]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Whole:
    """One kept file, squeezed; `facts` are what its writer said. `path` None: the disk did not take it, and `body`
    holds it."""

    name: str
    path: Path | None
    body: bytes
    facts: Mapping[str, Any]
    shelf: Shelf


def file(name: str, write: Write) -> Whole:
    """The file of a name for the present state and day, written if it is not there yet.

    `name` is a short word with its ending ("meetings.json") and tells all that the file depends on besides the
    listings and the day.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    held, shelf = services(), services().shelf()
    full = f"{name}.{tag(shelf, day=held.now().date())}"
    folder = held.settings.instance / FOLDER
    found = _there(folder, full, shelf)
    if found is None:
        with _TURN:
            found = _there(folder, full, shelf) or _made(folder, name, full, shelf, write)
    return found


def served(found: Whole, mimetype: str, *, download: str = "") -> Response:
    """A file as the answer; 304 to who has it. `download`: the name under which a browser keeps it."""
    if is_known(found.name):
        return unchanged(found.name)
    if request.accept_encodings["gzip"]:
        response = Response(_squeezed(found), mimetype=mimetype)
        response.headers["Content-Encoding"] = "gzip"
        response.content_length = found.path.stat().st_size if found.path else len(found.body)
    else:
        response = Response(_plain(found), mimetype=mimetype)
    response.vary.add("Accept-Encoding")
    if download:
        response.headers["Content-Disposition"] = f"attachment; filename={download}"
    return kept(response, found.name, found.shelf)


def _squeezed(found: Whole) -> Iterator[bytes]:
    """As it is kept. Piece by piece: it may be longer than a worker's memory."""
    with found.path.open("rb") if found.path else io.BytesIO(found.body) as inside:
        while piece := inside.read(_PIECE):
            yield piece


def _plain(found: Whole) -> Iterator[bytes]:
    with gzip.open(found.path or io.BytesIO(found.body)) as inside:
        while piece := inside.read(_PIECE):
            yield piece


def _there(folder: Path, full: str, shelf: Shelf) -> Whole | None:
    path = folder / f"{full}.gz"
    try:
        facts = orjson.loads((folder / f"{full}.facts").read_bytes())
    except (OSError, ValueError):
        return None
    return Whole(full, path, b"", facts, shelf) if path.is_file() else None


def _made(folder: Path, name: str, full: str, shelf: Shelf, write: Write) -> Whole:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".writing-", delete=False) as temporary:
            try:
                facts = _write(temporary, shelf, write)
                temporary.flush()
                _old_ones_away(folder, name, os.fstat(temporary.fileno()).st_mtime)
                (folder / f"{full}.facts").write_bytes(orjson.dumps(facts))
                os.replace(temporary.name, folder / f"{full}.gz")
            except BaseException:
                Path(temporary.name).unlink(missing_ok=True)
                raise
        return Whole(full, folder / f"{full}.gz", b"", facts, shelf)
    except OSError:  # a full disk, or one that may only be read
        memory = io.BytesIO()
        facts = _write(memory, shelf, write)
        return Whole(full, None, memory.getvalue(), facts, shelf)


def _write(out: IO[bytes], shelf: Shelf, write: Write) -> Mapping[str, Any]:
    with services().database.reading(long=True) as session, gzip.GzipFile(
            fileobj=out, mode="wb", compresslevel=_LEVEL, filename="", mtime=0) as squeezed:
        return dict(write(shelves.listings(session, shelf.cards), cast(IO[bytes], squeezed)))


def _old_ones_away(folder: Path, name: str, now: float) -> None:
    """Removes earlier states of the same file, but those of a moment ago, which somebody may be about to read."""
    for one in folder.glob(f"{name}.*"):
        try:
            if now - one.stat().st_mtime > _KEPT_SECONDS:
                one.unlink()
        except FileNotFoundError:  # another worker was faster
            continue
