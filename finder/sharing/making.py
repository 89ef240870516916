"""Makes the file that the workers of one machine share: everything published, read from the database in one go.

A process of its own runs this (`python -m finder.sharing.making`, its task on standard input), so that no worker stands
still meanwhile and none keeps the memory it took. It reads with two hands where it can: one process gathers what
searches judge by, a second one writes the listings' texts; both look at the same version of the catalog. The file holds
what is published and nothing else; what is taken down leaves it with the next one, within a day at most.
"""

from __future__ import annotations

import gc
import mmap
import os
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import orjson
from sqlalchemy.orm import Session

from finder.catalog import bulk, queries
from finder.db import Database
from finder.matching import gathered, ways
from finder.matching.gathered import Gathering, Sessions
from finder.matching.traits import Array
from finder.search import packed, storing, text
from finder.sharing import sections
from finder.sharing.sections import Writer

NEW, NAME = "snapshot.new", "snapshot"
_TRIES = 5  # to begin both readings at one version, while others write
_SESSION = ("program_id", "position", "location_id", *gathered.SESSION)
_LOCATION = ("id", "latitude", "longitude", "hidden")
_NICE = 10  # whoever searches goes first; much lower, and it never ends on a machine that is always busy


class Texts(NamedTuple):
    """Of the texts written, in order: ids (16 bytes each), lengths and CRC-32."""

    ids: bytes
    length: Array
    check: Array


def make(url: str, folder: Path, today: date, zones: Sequence[str | None], tags: Mapping[str, Sequence[str]],
         hands: int = 2) -> None:
    """Makes the file anew in `folder`. Not for a process with threads where `hands` is 2, for it is forked."""
    writer = Writer(folder / NEW)
    try:
        database = Database(url)
        with _both(database, url, writer.file, hands) as (session, version, texts):
            facts = {"made_for": storing.made_for(), "version": version, "database": identity(database, session)}
            gathering, ids, slugs, keys = _gathered(session, today)
            columns, order = gathering.columns(keys)
            for zone in zones:
                ways.pack(columns, zone)
            arrays, of_columns = storing.stored(columns)
            said = texts()
        database.close()
        writer.ended(int(said.length.sum()))
        facts["tags"] = dict(tags)
        order_of_texts = _same_order(ids, said.ids)
        begins = np.cumsum(said.length) - said.length
        rows = order_of_texts[order]
        arrays |= packed.laid(ids, slugs, order)
        arrays |= {"text/start": begins[rows], "text/length": said.length[rows].astype(np.uint32),
                   "text/check": said.check[rows]}
        arrays |= text.index(_documents(writer.file, begins[rows], said.length[rows]), tags).arrays()
        for name, array in arrays.items():
            writer.array(name, array)
        writer.finish({**facts, **of_columns}, folder / NAME)
    except BaseException:
        writer.drop()
        raise


def _documents(file: BinaryIO, begins: Array, lengths: Array) -> Iterator[dict[str, Any]]:
    """The listings again, in the order of the rows."""
    file.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        for begin, length in zip((begins + sections.RUN).tolist(), lengths.tolist(), strict=True):
            yield orjson.loads(held[begin : begin + length])


def identity(database: Database, session: Session) -> list[Any]:
    """Which database this is: that of another instance, or one that was put back in its place, is another one."""
    file = Path(database.engine.url.database or "") if database.engine.dialect.name == "sqlite" else None
    of_file = [file.stat().st_dev, file.stat().st_ino] if file is not None else [0, 0]
    return [str(queries.instance_id(session)), *of_file]


def _gathered(session: Session, today: date) -> tuple[Gathering, bytes, list[str], list[str]]:
    """What searches judge by; and by listing its id (16 bytes), its slug and the publisher's id."""
    found = Gathering(today)
    ids: list[str] = []
    slugs: list[str] = []
    keys: list[str] = []
    for some, slug, key, *columns in bulk.programs(session, ("id", "slug", "source_key", *gathered.PROGRAM)):
        found.programs(columns)
        ids += some
        slugs += slug
        keys += key
    places: dict[str | None, tuple[Any, Any, Any]] = {None: (None, None, None)}
    for some, *columns in bulk.locations(session, _LOCATION):
        places.update(zip(some, zip(*columns, strict=True), strict=True))
    number = dict(zip(ids, range(len(ids)), strict=True))
    for programs, positions, where, *said in bulk.sessions(session, _SESSION):
        of = [number.get(one, -1) for one in programs]
        spots = map(places.__getitem__, where)
        chunk = Sessions(of, positions, list(zip(*said, strict=True)), *zip(*spots, strict=True))
        found.sessions(chunk if -1 not in of else _of_published(chunk))
    return found, _bytes(ids), slugs, keys


def _of_published(chunk: Sessions) -> Sessions:
    rows = [row for row, program in enumerate(chunk.program) if program >= 0]
    return Sessions._make([column[row] for row in rows] for column in chunk)


def _bytes(ids: Sequence[str]) -> bytes:
    """Ids as they stand in either kind of database, as 16 bytes each."""
    return bytes.fromhex("".join(ids).replace("-", ""))


def _same_order(ids: bytes, others: bytes) -> Array:
    """Where each id stands among the others, which are the same ones."""
    if ids == others:
        return np.arange(len(ids) // 16)
    here, there = (np.frombuffer(one, "S16") for one in (ids, others))
    by_there = np.argsort(there, kind="stable")
    found: Array = by_there[np.searchsorted(there[by_there], here)]
    if len(ids) != len(others) or not (there[found] == here).all():
        raise RuntimeError("the two readings did not see the same listings")
    return found


# -- texts -----------------------------------------------------------------------------------------------------------


def _write_texts(session: Session, file: BinaryIO) -> Texts:
    ids: list[Sequence[str]] = []
    lengths, checks = [], []
    for some, said in bulk.documents(session):
        written = [one.encode() for one in said]
        ids.append(some)
        lengths.append(np.fromiter(map(len, written), np.int64, len(written)))
        checks.append(np.fromiter(map(zlib.crc32, written), np.uint32, len(written)))
        file.write(b"".join(written))
    file.flush()
    none: list[Array] = [np.zeros(0, np.int64)]
    return Texts(_bytes(list(chain.from_iterable(ids))), np.concatenate(none + lengths),
                 np.concatenate(none + checks).astype(np.uint32))


@contextmanager
def _both(database: Database, url: str, file: BinaryIO, hands: int) -> Iterator[tuple[Session, int, Any]]:
    """A reading, the version it sees, and a function that gives the texts once they are written."""
    file.flush()
    for _ in range(_TRIES if hands > 1 else 0):
        helper = _Helper(url, file)
        with database.reading(long=True) as session:
            version = queries.version(session)
            if helper.version() == version:
                yield session, version, helper.texts
                return
        helper.stop()
    with database.reading(long=True) as session:
        yield session, queries.version(session), lambda: _write_texts(session, file)


class _Helper:
    """The second hand: a fork that writes the texts into the open file and tells of them through a pipe."""

    def __init__(self, url: str, file: BinaryIO) -> None:
        begin = file.tell()
        out, into = os.pipe()
        self.number = os.fork()
        if self.number == 0:
            os.close(out)
            _lend_a_hand(url, file, begin, into)
        os.close(into)
        self._told = os.fdopen(out, "rb")

    def version(self) -> int:
        """The version of the catalog that it sees; -1 where it sees none."""
        return int.from_bytes(self._told.read(8), "little", signed=True) if self._told else -1

    def texts(self) -> Texts:
        """Waits until all are written."""
        told = self._told.read()
        self._told.close()
        _, state = os.waitpid(self.number, 0)
        count = len(told) // 24
        if state or len(told) % 24:
            raise RuntimeError("the texts were not written")
        return Texts(told[: 16 * count], np.frombuffer(told, np.uint32, count, 16 * count).astype(np.int64),
                     np.frombuffer(told, np.uint32, count, 20 * count))

    def stop(self) -> None:
        """Ends it."""
        os.kill(self.number, 9)
        os.waitpid(self.number, 0)
        self._told.close()


def _lend_a_hand(url: str, file: BinaryIO, begin: int, into: int) -> None:
    """What the fork does; it never returns."""
    state = 1
    try:
        database = Database(url)
        with database.reading(long=True) as session, os.fdopen(into, "wb") as tell:
            tell.write(queries.version(session).to_bytes(8, "little", signed=True))
            tell.flush()
            file.seek(begin)
            texts = _write_texts(session, file)
            tell.write(texts.ids + texts.length.astype(np.uint32).tobytes() + texts.check.tobytes())
        state = 0
    finally:
        os._exit(state)


def main() -> None:
    """Does the task on standard input: {url, folder, today, zones, tags, aside, and hands where not two}."""
    task = orjson.loads(sys.stdin.buffer.read())
    if task["aside"]:
        os.nice(_NICE)
    gc.disable()  # nothing made here is garbage, and it ends soon
    make(task["url"], Path(task["folder"]), date.fromisoformat(task["today"]), task["zones"], task["tags"],
         task.get("hands", 2))


if __name__ == "__main__":
    main()
