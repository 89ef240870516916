"""Names and texts of many listings in a few arrays, so that all workers of a machine share them.

They are asked like the list and the tables of a small set: by row, by id, by readable address.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

import numpy as np

from finder.errors import Unavailable
from finder.matching.columns import Columns
from finder.matching.traits import Array


class Name(NamedTuple):
    """What a row of columns is called outside: the instance's id and the readable address."""

    id: str
    slug: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Names(Sequence[Name]):
    """The name of each row. `ids`: row x 16 bytes; the slugs stand one after the other in `text`, as UTF-8."""

    ids: Array
    text: Array
    start: Array  # one more than rows

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, row: int) -> Name: ...
    @overload
    def __getitem__(self, row: slice) -> list[Name]: ...
    def __getitem__(self, row: int | slice) -> Name | list[Name]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        return Name(str(uuid.UUID(bytes=self.ids[row].tobytes())), self.slug(row))

    def slug(self, row: int) -> str:
        """The readable address of a row."""
        return self.text[self.start[row] : self.start[row + 1]].tobytes().decode()


def _rows_of(held: Array, order: Array, wanted: Any) -> list[int]:
    """The rows whose numbers, which stand sorted in `held`, are the one wanted."""
    first, last = held.searchsorted(wanted), held.searchsorted(wanted, "right")
    found: list[int] = order[first:last].tolist()
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Rows(Mapping[str, int]):
    """Id -> row. `order`: the rows by the first eight bytes of their ids, which stand in `sorted`."""

    names: Names
    sorted: Array
    order: Array

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[str]:
        return (one.id for one in self.names)

    def __getitem__(self, key: str) -> int:
        try:
            wanted = uuid.UUID(key)
        except ValueError:
            raise KeyError(key) from None
        if str(wanted) == key:
            for row in _rows_of(self.sorted, self.order, np.uint64(wanted.int >> 64)):
                if self.names.ids[row].tobytes() == wanted.bytes:
                    return row
        raise KeyError(key)


@dataclass(frozen=True, slots=True, eq=False)
class Slugs(Mapping[str, str]):
    """Readable address -> id. `order`: the rows by the CRC-32 of their slugs, which stand in `sorted`."""

    names: Names
    sorted: Array
    order: Array

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[str]:
        return (self.names.slug(row) for row in range(len(self.names)))

    def __getitem__(self, key: str) -> str:
        for row in _rows_of(self.sorted, self.order, np.uint32(zlib.crc32(key.encode(errors="replace")))):
            if self.names.slug(row) == key:
                return self.names[row].id
        raise KeyError(key)


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Sequence[bytes]):
    """The listing document of each row as JSON. Raises Unavailable where one is not what was written; the
    snapshot is then made anew (`damaged` is told)."""

    run: memoryview
    start: Array
    length: Array
    check: Array
    damaged: list[int]

    def __len__(self) -> int:
        return len(self.start)

    @overload
    def __getitem__(self, row: int) -> bytes: ...
    @overload
    def __getitem__(self, row: slice) -> list[bytes]: ...
    def __getitem__(self, row: int | slice) -> bytes | list[bytes]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        begin = int(self.start[row])
        text = bytes(self.run[begin : begin + int(self.length[row])])
        if zlib.crc32(text) != int(self.check[row]):
            self.damaged.append(row)
            raise Unavailable("database")
        return text


def laid(ids: bytes, slugs: Sequence[str], order: Array) -> dict[str, Array]:
    """The arrays of names and of how they are found. `ids`: 16 bytes each, by listing; `order`: listing of each row."""
    of_row = np.frombuffer(ids, np.uint8).reshape(-1, 16)[order]
    first = np.ascontiguousarray(of_row[:, :8]).view(">u8").ravel().astype(np.uint64)
    by_id = np.argsort(first, kind="stable")
    written = [slugs[one].encode() for one in order.tolist()]
    checks = np.fromiter(map(zlib.crc32, written), np.uint32, len(written))
    by_check = np.argsort(checks, kind="stable")
    lengths = np.fromiter(map(len, written), np.int64, len(written))
    return {"name/id": of_row, "name/slug": np.frombuffer(b"".join(written), np.uint8),
            "name/slug_start": np.concatenate([[0], np.cumsum(lengths)]),
            "name/by_id": first[by_id], "name/by_id_row": by_id.astype(np.uint32),
            "name/by_slug": checks[by_check], "name/by_slug_row": by_check.astype(np.uint32)}


def named(arrays: Mapping[str, Array]) -> tuple[Names, Rows, Slugs]:
    """What `laid` has laid."""
    names = Names(arrays["name/id"], arrays["name/slug"], arrays["name/slug_start"])
    return (names, Rows(names, arrays["name/by_id"], arrays["name/by_id_row"]),
            Slugs(names, arrays["name/by_slug"], arrays["name/by_slug_row"]))


class Picture(NamedTuple):
    """What is shared: columns at one version of the catalog, and how their rows are found."""

    version: int
    columns: Columns
    rows: Rows
    slugs: Slugs
