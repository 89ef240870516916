"""Addresses of the pages that are the same for everybody, for search engines: one file, or many with an index.

Each file is a slice of one list of pages, so that any of them is written without the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from flask import Response

from finder.api import whole
from finder.api.blueprint import arguments, services
from finder.api.feeds import around, described
from finder.api.feeds.blueprint import feeds
from finder.errors import NotFound
from finder.exchange import sitemap
from finder.exchange.entries import Entry
from finder.exchange.shelf import Shelf
from finder.exchange.sitemap import Page
from finder.search import indexes, towns
from finder.search.query_schema import load_nothing
from finder.wordings.learning import LESSONS

MIMETYPE = "application/xml"
# Pages that change when a listing does, and pages that change with the program only.
WITH_LISTINGS = ("/", "/programs", "/topics", "/kinds", "/places")
LASTING = ("/crisis", "/learn/", *(f"/learn/{subject}" for subject in LESSONS), "/about", "/about/inclusion",
           "/how-matching-works", "/privacy", "/accessibility", "/offline", "/calendar", "/data")
_HEAD = "<?xml version='1.0' encoding='utf-8'?>\n"
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_FILE = (f'{_HEAD}<urlset {_SPACE} xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://finder.example/programs/'
         'durham-1a2b3c4d</loc><lastmod>2026-11-20T09:30:15Z</lastmod><xhtml:link rel="alternate" hreflang="es" '
         'href="https://finder.example/es/programs/durham-1a2b3c4d"/></url></urlset>')
_INDEX = (f"{_HEAD}<sitemapindex {_SPACE}><sitemap><loc>https://finder.example/sitemap-1.xml</loc>"
          "<lastmod>2026-11-20T09:30:15Z</lastmod></sitemap></sitemapindex>")
_ORDINAL = re.compile("[1-9][0-9]{0,4}")
_NUMBER = [{"name": "number", "in": "path", "required": True, "description": "Of the file, from 1 on.",
            "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,4}$"}, "example": "2"}]


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands in which file: `others` are the pages that are no listing's, which come first."""

    shelf: Shelf
    others: tuple[tuple[str, datetime | None], ...]
    in_a_file: int

    @property
    def files(self) -> int:
        return max(1, -(-(len(self.others) + len(self.shelf.cards)) // self.in_a_file))

    def paths(self, number: int) -> Iterator[tuple[str, datetime | None]]:
        """Path and last change of each page in a file, by its number from 1 on."""
        start, stop = (number - 1) * self.in_a_file, number * self.in_a_file
        yield from self.others[start:stop]
        for card in self.shelf.cards[max(0, start - len(self.others)):max(0, stop - len(self.others))]:
            yield f"/programs/{card.slug}", card.changed_at

    def changed_at(self, number: int) -> datetime | None:
        """The last change of what a file holds."""
        return max((changed_at for _, changed_at in self.paths(number) if changed_at), default=None)


@feeds.route("/sitemap.xml", tags=["data"])
@feeds.doc(operationId="readSitemap", responses=described.text(
    "All public pages (sitemaps.org 0.9) with their twins in other languages; where one file does not hold them, an "
    "index of several.", MIMETYPE, _FILE, 422, 503))
def first() -> Response:
    """Read the sitemap, or the index of its files"""
    load_nothing(arguments())
    return _served("sitemap.xml", 0)


@feeds.route("/sitemap-<number>.xml", tags=["data"], parameters=_NUMBER)
@feeds.doc(operationId="readSitemapFile", responses=described.text(
    "One of the files that the index names.", MIMETYPE, _FILE, 404, 422, 503))
def file(number: str) -> Response:
    """Read one file of a large sitemap"""
    load_nothing(arguments())
    files = plan().files
    if files == 1 or not _ORDINAL.fullmatch(number) or int(number) > files:
        raise NotFound("sitemap")
    return _served(f"sitemap-{number}.xml", int(number))


def plan() -> Plan:
    """The plan of the present state, worked out once for it."""
    shelf = services().shelf()

    def make() -> Plan:
        others = _others(shelf)
        before = len(services().settings.address) + max(len(one) for _, one in around.prefixes())
        paths = [len(path) for path, _ in others] + [len("/programs/") + len(card.slug) for card in shelf.cards]
        count = sum(1 for _ in around.prefixes())
        return Plan(shelf, others, sitemap.pages_in_a_file(before + max(paths), count))
    return shelf.left("sitemap", make)


def _others(shelf: Shelf) -> tuple[tuple[str, datetime | None], ...]:
    parts = services().snapshot().parts
    states = sorted(towns.counts((indexes.of_towns(part), part.dead) for part in parts))
    changing = (*WITH_LISTINGS, *(f"/places/{state.lower()}" for state in states))
    return (*((path, shelf.changed_at) for path in changing), *((path, None) for path in LASTING))


def _page(path: str, changed_at: datetime | None) -> Page:
    address = services().settings.address
    return Page({code: f"{address}{before}{path}" for code, before in around.prefixes()}, changed_at)


def _served(name: str, number: int) -> Response:
    def write(_: Iterable[Entry], out: IO[bytes]) -> Mapping[str, Any]:
        out.write(_body(plan(), number))  # of now: newer than the name at most, never older
        return {}

    stem, _, ending = name.partition(".")
    return whole.served(whole.file(f"{stem}-{around.mark()}.{ending}", write), MIMETYPE)


def _body(now: Plan, number: int) -> bytes:
    if number or now.files == 1:
        return next(sitemap.files(_page(path, changed_at) for path, changed_at in now.paths(number or 1)))
    address = services().settings.address
    return sitemap.index((f"{address}/sitemap-{one}.xml", now.changed_at(one)) for one in range(1, now.files + 1))
