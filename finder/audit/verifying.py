"""Whether the chain is whole: every entry follows the one before it, and the end is where it was said to be.

What a change of the database alone cannot hide: an entry that was changed, removed, moved, put in between or cut off
the end, and a chain written anew, for its end is sealed with a key outside the database. A database put back to an
earlier day is told by the end that was seen last, which a file beside the database keeps (`Witness`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from finder.audit.chain import ENTRY, End, Head, digest, found_head

AT_A_TIME = 1000  # entries
CHANGED, GAP, CUT, SEAL, BACK, OTHER = "changed", "gap", "cut", "seal", "back", "other"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `broken`: the number at which the chain breaks first, with `why`; None when it is whole.

    `why`: "changed" the entry is not what its hash says, or does not follow from the one before it; "gap" it is not the
    next number; "cut" the last entries are missing, or there are some behind the end; "seal" the end was not sealed by
    this instance; "back" the chain ends before an end that was seen; "other" that end is another entry now.
    """

    entries: int
    end: End
    broken: int | None = None
    why: str = ""


class Witness:
    """The end that was seen last, in a file of the instance, outside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def seen(self) -> End | None:
        """None where nothing was seen yet, or the file says nothing of use."""
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            return End(int(said["number"]), str(said["hash"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, end: End) -> None:
        """Keeps an end; readers find the old one or the new one whole. Raises OSError."""
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"number": end.number, "hash": end.hash}), encoding="utf-8")
        draft.replace(self.path)


@contextmanager
def view(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is at one moment, whoever adds to it meanwhile."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def verify(connection: Connection, *, key: bytes, before: Sequence[bytes] = (), seen: End | None = None) -> Verdict:
    """Reads the whole chain, oldest first, and says where it breaks first. `seen` is an end known from before; `before`
    are keys whose seal is good as well, because the instance's secret was replaced just now."""
    try:
        head = found_head(connection)
    except SQLAlchemyError:  # the row of the head is gone, or there are two
        return Verdict(0, End(0, ""), 0, SEAL)
    end, entries = End(head.start_number, head.start_hash), 0
    found_seen = seen is None or seen.number <= head.start_number
    rows = connection.execute(select(ENTRY).order_by(ENTRY.c.number).execution_options(yield_per=AT_A_TIME))
    with rows:
        for row in rows.mappings():
            why = _wrong(dict(row), end)
            if why:
                return Verdict(entries, end, end.number + 1, why)
            end, entries = End(row["number"], row["hash"]), entries + 1
            if seen is not None and seen.number == end.number:
                if seen.hash != end.hash:
                    return Verdict(entries, end, end.number, OTHER)
                found_seen = True
    return _at_the_end(head, end, entries, (key, *before), found_seen)


def _wrong(row: Mapping[str, Any], before: End) -> str:
    if row["number"] != before.number + 1:
        return GAP
    try:
        is_true = row["previous"] == before.hash and row["hash"] == digest(row)
    except (TypeError, ValueError, AttributeError):  # somebody put in what is no value of this column
        is_true = False
    return "" if is_true else CHANGED


def _at_the_end(head: Head, end: End, entries: int, keys: Sequence[bytes], found_seen: bool) -> Verdict:
    if (head.number, head.hash) != (end.number, end.hash):
        return Verdict(entries, end, min(head.number, end.number) + 1, CUT)
    if not any(head.is_sealed(key) for key in keys):
        return Verdict(entries, end, end.number, SEAL)
    if not found_seen:
        return Verdict(entries, end, end.number + 1, BACK)
    return Verdict(entries, end)
