"""Foreign files into listing documents, by the format that is asked for. The one door of the importers.

Formats are named, never detected: two of them differ only in which day has the number 1 (quirk 3).
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from finder.exchange import bmlt, files, listing_json, peers, samhsa, spreadsheet
from finder.exchange.cells.times import SUNDAY_IS_0, SUNDAY_IS_1
from finder.exchange.fellowships import BY_CODE, Fellowship, named
from finder.exchange.ground import Ground, Offline
from finder.exchange.grouping import Feed, programs
from finder.exchange.hsds import read as hsds
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.mapping import Mapping as Plan
from finder.exchange.meeting import Meeting
from finder.exchange.meeting_guide import Reader
from finder.exchange.rows import Listing, OutOfScope, Refused, Row
from finder.exchange.types import TypeReader
from finder.vocabulary import Vocabulary

__all__ = ["FORMATS", "Listing", "OutOfScope", "Refused", "Row", "read"]

FORMATS = ("listing", "csv", "meeting-guide", "bmlt", "bmlt-tables", "samhsa", "hsds", peers.FORMAT)
_MEETINGS = ("meeting-guide", "bmlt", "bmlt-tables")


def read(path: Path, fmt: str, *, vocabulary: Vocabulary, gazetteer: Any = None, today: date,
         mapping: Plan | None = None, source: str = "", ground: Ground | None = None,
         codes: Codes = NONE, base: str = "") -> Iterator[Row]:
    """What becomes of each row of a file (plain or .gz) or folder, in the formats of FORMATS.

    Documents are in the contract's format and not yet validated. Every row stands in the `rows` of one or more
    listings of one group, or in one OutOfScope, or in one Refused. A file that cannot be read at all gives one
    Refused of row 0, field `file`. `source`: the name given for the import, which may name a fellowship. `ground`
    stands in for the gazetteer in tests; `codes` are those of 211 that the operator supplied; `base` is the address
    that the file was fetched from. Raises ValueError for an unknown format.
    """
    if fmt not in FORMATS:
        raise ValueError(fmt)
    plan = mapping or Plan()
    places = ground or Offline(gazetteer)
    try:
        if fmt == "listing":
            yield from listing_json.read(path)
        elif fmt == peers.FORMAT:
            yield from peers.read(path, today=today, base=base)
        elif fmt == "csv":
            yield from spreadsheet.read(path, plan, ground=places, today=today)
        elif fmt == "samhsa":
            yield from samhsa.read(path, ground=places, fixed=plan.fixed)
        elif fmt == "hsds":
            yield from hsds.read(path, vocabulary=vocabulary, ground=places, today=today, plan=plan, codes=codes)
        else:
            yield from _meetings(path, fmt, plan, Reader(places, TypeReader(), today,
                                                         _fellowship(plan, source, fmt), plan.timezone))
    except files.Broken as broken:
        yield Refused(0, "file", broken.code)
    except OSError:  # a name no file can have, or one that may not be opened
        yield Refused(0, "file", "unreadable_file")


def _fellowship(plan: Plan, source: str, fmt: str) -> Fellowship | None:
    if plan.fellowship:
        return BY_CODE[plan.fellowship]
    return named(source) or (BY_CODE["na"] if fmt in ("bmlt", "bmlt-tables") else None)


def _meetings(path: Path, fmt: str, plan: Plan, reader: Reader) -> Iterator[Row]:
    if fmt == "meeting-guide":
        found: Iterable[Meeting | Refused | OutOfScope] = _guide(path, reader)
    else:
        found = bmlt.read(path, reader, SUNDAY_IS_1 if fmt == "bmlt" else SUNDAY_IS_0)
    with _no_collections():
        rows = list(found)
    yield from (one for one in rows if not isinstance(one, Meeting))
    yield from programs((one for one in rows if isinstance(one, Meeting)), Feed(reader.today, plan.fixed))


@contextmanager
def _no_collections() -> Iterator[None]:
    """Holds the garbage collector off while a large feed is built up: nothing in it is garbage, and looking through it
    again and again takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _guide(path: Path, reader: Reader) -> Iterator[Meeting | Refused]:
    first = 1
    for one in files.paths(path, ".json"):
        rows = files.records(files.read_json(one), "meetings", "data", "records")
        if rows is None:
            raise files.Broken("not_a_list")
        yield from reader.meetings(rows, first)
        first += len(rows)
