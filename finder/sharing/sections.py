"""A file of named arrays that all workers of a machine map into memory: written whole or not at all, and
proved when mapped.

Layout: 64 bytes (mark, where the list of contents stands, its length, its BLAKE2b), then one long run of bytes (the
listings' texts), then the arrays at multiples of 64 bytes, then the list of contents as JSON. The first 64 bytes are
written last and the file gets its name after that, in one rename; so a file with that name is complete, whoever was
killed, and a worker that has mapped the one before keeps it until it lets go (the disk's blocks go with the last).

What is proved when. Mapping reads every array once against its BLAKE2b (some 150 MB for a million listings, a tenth of
a second on two threads; it also brings them into memory), so that no search ever runs over a damaged number. The
listings' texts are most of the file and are not read through: each carries a CRC-32 of its own, compared when it is
shown. Checksums are against disks and not against people: whoever can write the file can write the database beside it.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import struct
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from finder.matching.traits import Array

MARK = b"finder-snapshot\n"
_HEAD = struct.Struct("<16sQQ16s16x")
ALIGN = 64
RUN = _HEAD.size  # where the run begins
_MOST_CONTENTS = 64 * 1024 * 1024


class Damaged(Exception):
    """The file is not whole, not ours, or not what its checksums say."""


@dataclass(slots=True)
class Mapped:
    """An open file: `facts` and arrays by name, which stay good as long as they are held. The arrays are private to
    the process (what would be written to them reaches no file), and shared in memory until then."""

    facts: dict[str, Any]
    arrays: dict[str, Array]
    run: memoryview
    bytes: int


class Writer:
    """Writes one such file under another name. First the run, by `run`, then arrays, then `finish`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self.file: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b")
        self.file.write(b"\0" * _HEAD.size)
        self._listed: dict[str, Any] = {}
        self._run = 0

    def ended(self, length: int) -> None:
        """Whoever wrote the run has written so many bytes of it."""
        self._run = length
        self.file.seek(_HEAD.size + length)

    def array(self, name: str, array: Array) -> None:
        """Adds one array."""
        plain = np.ascontiguousarray(array)
        self.file.write(b"\0" * (-self.file.tell() % ALIGN))
        self._listed[name] = [plain.dtype.str, plain.shape, self.file.tell(), _digest(plain)]
        self.file.write(plain.data if plain.size else b"")

    def finish(self, facts: Mapping[str, Any], to: Path) -> None:
        """Gives the file its name; the one that had it goes when nobody maps it any longer."""
        contents = orjson.dumps({"facts": facts, "arrays": self._listed, "run": self._run})
        at = self.file.tell()
        self.file.write(contents)
        self.file.seek(0)
        self.file.write(_HEAD.pack(MARK, at, len(contents), hashlib.blake2b(contents, digest_size=16).digest()))
        self.file.flush()
        os.fdatasync(self.file.fileno())
        self.file.close()
        os.replace(self.path, to)

    def drop(self) -> None:
        """Leaves no file."""
        self.file.close()
        self.path.unlink(missing_ok=True)


def facts(path: Path) -> dict[str, Any]:
    """What a file says of itself, without proving its arrays. Raises Damaged, and OSError where there is none."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        found: dict[str, Any] = _contents(file)["facts"]
        return found
    finally:
        os.close(file)


def mapped(path: Path) -> Mapped:
    """The file, proved as the top of this module says. Raises Damaged, and OSError where there is none."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        contents, size = _contents(file), os.fstat(file).st_size
        private = mmap.mmap(file, size, access=mmap.ACCESS_COPY)
        shared = mmap.mmap(file, size, access=mmap.ACCESS_READ)
    finally:
        os.close(file)
    if not 0 <= contents["run"] <= size - _HEAD.size:
        raise Damaged("the run is longer than the file")
    arrays = {name: _array(private, one) for name, one in contents["arrays"].items()}
    with ThreadPoolExecutor(2) as hands:
        proved = hands.map(_digest, arrays.values())
        if any(found != one[3] for found, one in zip(proved, contents["arrays"].values(), strict=True)):
            raise Damaged("an array is not what it was")
    run = memoryview(shared)[_HEAD.size : _HEAD.size + contents["run"]]
    return Mapped(contents["facts"], arrays, run, size)


def _contents(file: int) -> dict[str, Any]:
    state = os.fstat(file)
    if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise Damaged("not a file of this user alone")
    head = os.pread(file, _HEAD.size, 0)
    if len(head) < _HEAD.size:
        raise Damaged("too short")
    mark, at, length, digest = _HEAD.unpack(head)
    if mark != MARK or length > _MOST_CONTENTS or at + length != state.st_size:
        raise Damaged("not a whole file of this kind")
    text = os.pread(file, length, at)
    if hashlib.blake2b(text, digest_size=16).digest() != digest:
        raise Damaged("the list of contents is not what it was")
    found: dict[str, Any] = orjson.loads(text)
    return found


def _array(held: mmap.mmap, listed: list[Any]) -> Array:
    kind, shape, at, _ = listed
    count = int(np.prod(shape))
    if at < 0 or at + count * np.dtype(kind).itemsize > len(held):
        raise Damaged("an array reaches beyond the file")
    return np.frombuffer(held, kind, count, at).reshape(shape)


def _digest(array: Array) -> str:
    found = hashlib.blake2b(digest_size=16)
    if array.size:
        found.update(array.reshape(-1).view(np.uint8).data)
    return found.hexdigest()
