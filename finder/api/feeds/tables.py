"""Everything public as a table and as lines of JSON, with the license and the date in each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

from flask import Response

from finder.api import whole
from finder.api.blueprint import arguments, services
from finder.api.feeds import around, described
from finder.api.feeds.blueprint import feeds
from finder.api.open_door import site
from finder.exchange import public_tables
from finder.exchange.entries import Entry
from finder.exchange.public_tables import Terms
from finder.exchange.weekly import Site
from finder.search.query_schema import load_nothing

Texts = Callable[..., Iterator[str]]
_CSV = ('\ufeffid,slug,url,changed_at,session_id,location_id,name,...,license,as_of\r\n'
        '6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001,durham-1a2b3c4d,https://finder.example/programs/durham-1a2b3c4d,'
        '2026-11-20T09:30:15Z,...,CC-BY-4.0,2026-11-24T12:00:00Z\r\n')
_LINE = ('{"format":"finder-listing/1","id":"lantern-street","name":"Lantern Street Circle",'
         '"group_type":"peer_support","x":{"published":{"id":"6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001",'
         '"license":"CC-BY-4.0","as_of":"2026-11-24T12:00:00Z"}}}\n')


@feeds.route("/data/listings.csv", tags=["data"])
@feeds.doc(operationId="readTable", responses=described.text(
    "A row for each session, and one for a listing without any. No links to join.", "text/csv", _CSV, 422, 503))
def table() -> Response:
    """Read everything public as a table"""
    return _served("listings.csv", "text/csv", public_tables.csv_text, left_out=_links)


@feeds.route("/data/listings.jsonl", tags=["data"])
@feeds.doc(operationId="readLines", responses=described.text(
    "One whole listing document a line, which other instances can import.", "application/jsonl", _LINE, 422, 503))
def lines() -> Response:
    """Read everything public as lines of JSON"""
    return _served("listings.jsonl", "application/jsonl", public_tables.json_lines, left_out=lambda entry: 0)


def _links(entry: Entry) -> int:
    return sum(1 for one in entry.document.get("sessions") or () if one.get("join_url"))


def _served(name: str, mimetype: str, texts: Texts, *, left_out: Callable[[Entry], int]) -> Response:
    load_nothing(arguments())
    given, terms = site(), Terms(around.license_name(), services().now())

    def write(entries: Iterable[Entry], out: IO[bytes]) -> Mapping[str, Any]:
        return _written(entries, out, texts, left_out, given, terms)

    stem, _, ending = name.partition(".")
    return whole.served(whole.file(f"{stem}-{around.mark()}.{ending}", write), mimetype, download=name)


def _written(entries: Iterable[Entry], out: IO[bytes], texts: Texts, left_out: Callable[[Entry], int], given: Site,
             terms: Terms) -> Mapping[str, Any]:
    counts: Counter[str] = Counter()

    def counted() -> Iterator[Entry]:
        for one in entries:
            counts["listings"] += 1
            counts["join_url"] += left_out(one)
            yield one

    for piece in texts(counted(), site=given, terms=terms):
        out.write(piece.encode())
    return {"listings": counts["listings"],
            "left_out": {"join_url": counts["join_url"]} if counts["join_url"] else {}}
