"""The file of one backup: a line that names the format, the SHA-256 of all that follows, and a manifest with the packed
database, encrypted to a public key of age (https://age-encryption.org/v1) where one is given.

    finder-backup/1
    9f86d081…                 SHA-256 (hex) of every byte after this line
    plain                     or: age
    {"made_at": …}            the manifest, one line of JSON
    …                         the database, packed with gzip (RFC 1952)

With "age" the last two are inside one age file, so nothing is known of what it holds but that it arrived whole.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib
import io
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from finder.backup.contents import Contents, Table
from finder.errors import Invalid, Problem, Unavailable

FORMAT = b"finder-backup/1\n"
PLAIN, AGE = b"plain\n", b"age\n"
_DIGEST = 64  # hex digits, before the end of their line
_BODY_AT = len(FORMAT) + _DIGEST + 1
LONGEST_MANIFEST = 1024 * 1024  # bytes
_PIECE = 1024 * 1024  # bytes that are moved at once
_LEVEL = 6  # of gzip


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `made_at` is UTC in ISO 8601; `size` and `sha256` are of the unpacked database."""

    made_at: str
    software: str
    size: int
    sha256: str
    contents: Contents

    def line(self) -> bytes:
        found = {"made_at": self.made_at, "software": self.software, "size": self.size, "sha256": self.sha256,
                 "schema": self.contents.revision, "integrity_check": list(self.contents.integrity) or ["ok"],
                 "foreign_key_check": list(self.contents.foreign_keys),
                 "tables": {name: asdict(one) for name, one in self.contents.tables.items()}}
        return json.dumps(found, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def damaged(why: str) -> Invalid:
    """A backup that cannot be used, and why: a code."""
    return Invalid({"": [Problem(f"backup_{why}")]}, f"backup_{why}")


def write(file: BinaryIO, database: BinaryIO, manifest: Manifest, recipient: str = "") -> None:
    """Writes a backup into an empty file. Raises OSError when there is no room, Invalid for a key that is none and
    Unavailable where the library for keys is not installed."""
    file.write(FORMAT + b"0" * _DIGEST + b"\n" + (AGE if recipient else PLAIN))
    if recipient:
        _age().encrypt_io(_Packed(manifest, database), _Whole(file), [reader_of(recipient)])
    else:
        packed = _Packed(manifest, database)
        while piece := packed.read(_PIECE):
            file.write(piece)
    file.flush()
    found = _digest(file)
    file.seek(len(FORMAT))
    file.write(found.encode())
    file.flush()
    os.fsync(file.fileno())


def check(file: BinaryIO) -> None:
    """Looks whether every byte is as it was written. Raises Invalid."""
    file.seek(0)
    if file.read(len(FORMAT)) != FORMAT:
        raise damaged("not_one")
    said = file.read(_DIGEST + 1)
    if said != f"{_digest(file)}\n".encode():
        raise damaged("changed")


def unpack(file: BinaryIO, into: BinaryIO, identity: str = "") -> Manifest:
    """Writes the database of a backup into another file, once `check` has passed.

    `identity` is the secret key (a line that begins with AGE-SECRET-KEY-1), needed where the backup is encrypted.
    Raises Invalid for a backup that is damaged or that this key does not open, OSError when there is no room.
    """
    file.seek(_BODY_AT)
    kind = file.readline(len(PLAIN))
    if kind == PLAIN:
        return _unpacked(file, into)
    if kind != AGE:
        raise damaged("changed")
    if not identity:
        raise damaged("encrypted")
    with _scratch(into) as opened:
        age = _age()
        try:
            age.decrypt_io(_Whole(file), _Whole(opened), [age.x25519.Identity.from_str(identity.strip())])
        except (age.DecryptError, age.IdentityError):
            raise damaged("wrong_key") from None
        opened.seek(0)
        return _unpacked(opened, into)


def is_encrypted(file: BinaryIO) -> bool:
    file.seek(_BODY_AT)
    return file.readline(len(PLAIN)) == AGE


def reader_of(recipient: str) -> Any:
    """The public key that a text is. Raises Invalid when it is none, Unavailable without the library."""
    age = _age()
    try:
        return age.x25519.Recipient.from_str(recipient.strip())
    except age.RecipientError:
        raise Invalid({"": [Problem("not_a_key")]}, "not_a_key") from None


def sha256(file: BinaryIO) -> str:
    """The SHA-256 (hex) of the rest of a file."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _age() -> Any:
    try:
        return importlib.import_module("pyrage")
    except ImportError as missing:
        raise Unavailable("no_age") from missing


def _digest(file: BinaryIO) -> str:
    file.seek(_BODY_AT)
    return sha256(file)


def _unpacked(file: BinaryIO, into: BinaryIO) -> Manifest:
    line = file.readline(LONGEST_MANIFEST)
    try:
        manifest = _manifest(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged("changed") from None
    digest, left = hashlib.sha256(), manifest.size
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            while piece := packed.read(min(_PIECE, left + 1)):  # one more, so that a longer one is found and not read
                left -= len(piece)
                digest.update(piece)
                into.write(piece)
                if left < 0:
                    break
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise damaged("changed") from None
    if left != 0 or digest.hexdigest() != manifest.sha256:
        raise damaged("changed")
    into.flush()
    os.fsync(into.fileno())
    return manifest


def _manifest(found: Mapping[str, Any]) -> Manifest:
    tables = {name: Table(int(one["rows"]), str(one["sha256"])) for name, one in found["tables"].items()}
    integrity = tuple(map(str, found["integrity_check"]))
    contents = Contents(tables, str(found["schema"]), () if integrity == ("ok",) else integrity,
                        tuple(map(str, found["foreign_key_check"])))
    return Manifest(str(found["made_at"]), str(found["software"]), int(found["size"]), str(found["sha256"]), contents)


@contextmanager
def _scratch(beside: BinaryIO) -> Iterator[BinaryIO]:
    """A file for what was decrypted, in the folder of another one, that only this process can reach."""
    path = Path(beside.name).with_suffix(".opened")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        path.unlink()
        yield file


class _Whole:
    """A file as the library for keys wants one: what it asks for is moved until there is no more."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def write(self, piece: bytes) -> int:
        self._file.write(piece)
        return len(piece)

    def flush(self) -> None:
        self._file.flush()


class _Packed(io.RawIOBase):
    """Manifest and packed database as one stream that can be read, so that no copy of it is ever in memory whole."""

    def __init__(self, manifest: Manifest, database: BinaryIO) -> None:
        self._database = database
        self._packer = zlib.compressobj(_LEVEL, wbits=16 + zlib.MAX_WBITS)  # 16: with gzip's head and foot
        self._ready = bytearray(manifest.line())
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = size if size >= 0 else float("inf")
        while len(self._ready) < wanted and not self._ended:
            piece = self._database.read(_PIECE)
            self._ready += self._packer.compress(piece) if piece else self._packer.flush()
            self._ended = not piece
        given = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(given)]
        return given
