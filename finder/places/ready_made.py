"""Tables that take long to put together, kept in a file so that the next process need not do it again.

A file is believed only if it was made of the same things in the same way, and no byte of it has changed; otherwise it
is made anew. Nothing in it is anybody's: it can be deleted at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

_BETWEEN_COLUMNS, _BETWEEN_VALUES = "\x1e", "\n"
_NAME = "gazetteer"


def read(folder: Path, key: str) -> list[list[str]] | None:
    """The columns of text that were kept under a key; None where there are none, or they are not as they were."""
    try:
        first, checksum, body = (folder / _NAME).read_bytes().split(b"\n", 2)
        if first != key.encode() or checksum != hashlib.sha256(body).hexdigest().encode():
            return None
        return [column.split(_BETWEEN_VALUES) for column in body.decode().split(_BETWEEN_COLUMNS)]
    except (OSError, ValueError):
        return None


def write(folder: Path, key: str, columns: Sequence[Sequence[str]]) -> None:
    """Keeps columns of text, whole or not at all; where nothing can be written, as on a full disk, not at all."""
    body = _BETWEEN_COLUMNS.join(map(_BETWEEN_VALUES.join, columns)).encode()
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        with NamedTemporaryFile(dir=folder, delete=False) as file:
            fresh = Path(file.name)
            try:
                file.write(b"\n".join((key.encode(), hashlib.sha256(body).hexdigest().encode(), body)))
                file.flush()
                fresh.replace(folder / _NAME)
            finally:
                fresh.unlink(missing_ok=True)
