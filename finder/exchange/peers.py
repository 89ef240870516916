"""Another instance of this software as a source: its changes brought page by page, and read as listings of a source.

A listing keeps the source it states; one that states none has that instance's page for it as its source. `origin` says
which instance keeps it, and its id there is its id in the source here. Nothing is written to the database here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from finder.exchange import asking, changes, fetching, files
from finder.exchange.changes import MOST_IN_PAGE, Change, Keeper, Page
from finder.exchange.fetching import Fetched, Limits, Unfetchable
from finder.exchange.files import Broken
from finder.exchange.rows import Listing, OutOfScope, Refused, Row
from finder.listings.outcomes import Departure

FORMAT = "finder"
PATH = "/api/v1/changes"
GONE = 410  # the answer to a place in the changes that the other instance does not know (any more)
LEAST_IN_PAGE = 10
_STATED = ("name", "url", "license")
Fetch = Callable[..., Fetched]
Numbered = tuple[int, Page, Change | Refused]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is brought at once: pages, bytes of all and of one, seconds for all and for one. `anywhere` as in
    fetching."""

    pages: int = 20
    bytes: int = 64 * 1024 * 1024
    page_bytes: int = fetching.MOST_BYTES
    seconds: float = 120.0
    page_seconds: float = 30.0
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """The pages that came, in their order, and what the instance says of itself in each; none: nothing changed. `more`:
    there are others. `etag` names the answer that there is nothing new, where that is what came. `wrong`: why no more
    came than this."""

    pages: tuple[Path, ...] = ()
    keepers: tuple[Keeper, ...] = ()
    more: bool = False
    etag: str | None = None
    wrong: Unfetchable | None = None


def address(url: str) -> str:
    """Where an instance gives out its changes, from the address of any of the two."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(PATH) else path + PATH, query="", fragment="").geturl()


def page_address(url: str, cursor: str | None, limit: int = 0) -> str:
    """The address of the page after a place, of the first one without; `limit` 0: as long as a page may be."""
    asked = {"limit": str(limit or MOST_IN_PAGE)} | ({"after": cursor} if cursor else {})
    return f"{address(url)}?{urlencode(asked)}"


def bring(url: str, cursor: str | None, folder: Path, fetch: Fetch, *, etag: str | None = None,
          bounds: Bounds | None = None) -> Brought:
    """Brings the changes after a place into a folder, as many pages as the bounds allow.

    What came is whole pages. Raises Unfetchable when not even one came, Broken when one is no page of changes.
    """
    held = bounds or Bounds()
    ends, left, limit = asking.deadline(held.seconds), held.bytes, MOST_IN_PAGE
    pages: list[Path] = []
    keepers: list[Keeper] = []
    while True:
        limits = Limits(min(left, held.page_bytes), max(0.1, min(held.page_seconds, ends - asking.deadline(0))),
                        anywhere=held.anywhere)
        try:
            found = fetch(page_address(url, cursor, limit), folder, etag=None if pages else etag, limits=limits)
        except Unfetchable as wrong:
            if wrong.code == "too_large" and limits.bytes == held.page_bytes and limit > LEAST_IN_PAGE:
                limit = max(LEAST_IN_PAGE, limit // 8)  # listings may be long; a shorter page holds fewer
                continue
            if not pages:
                raise
            spent = wrong.code == "too_large" and limits.bytes < held.page_bytes
            return Brought(tuple(pages), tuple(keepers), True, wrong=None if spent else wrong)
        if found.path is None:
            return Brought(tuple(pages), tuple(keepers))
        path = found.path.rename(folder / f"page-{len(pages) + 1:05}.json")
        page = read_page(path)
        if page.more and (not page.changes or page.next == cursor):
            raise Broken("not_changes")  # it would lead on and on
        pages.append(path)
        keepers.append(page.keeper)
        left -= path.stat().st_size
        if not page.more:
            nothing = len(pages) == 1 and not page.changes and page.next == cursor
            return Brought(tuple(pages), tuple(keepers), etag=found.etag if nothing else None)
        if len(pages) >= held.pages or left <= 0 or ends <= asking.deadline(0):
            return Brought(tuple(pages), tuple(keepers), True)
        cursor = page.next


# -- read ------------------------------------------------------------------------------------------------------------


def read_page(path: Path) -> Page:
    """One page from its file. Raises Broken."""
    return changes.read(files.read_json(path))


def pages(path: Path) -> Iterator[Page]:
    """The pages of a file or folder, by name. Raises Broken."""
    for one in files.paths(path, ".json"):
        yield read_page(one)


def is_whole(path: Path) -> bool:
    """Whether the pages are all there is, from the beginning to the end. Raises Broken."""
    found = [(page.complete, page.more) for page in pages(path)]
    return all(complete for complete, _ in found) and not found[-1][1]


def read(path: Path, *, today: date, base: str = "") -> Iterator[Row]:
    """What becomes of each published listing of a file or folder of pages; of one that changed meanwhile, the last word
    counts. `base` is the address it was fetched from. Raises Broken."""
    told, last, own = _told(path)
    for number, page, change in told:
        if isinstance(change, Refused):
            yield Refused(number, change.field, change.code)
        elif last[_name(change)] != number or change.listing is None:
            continue
        elif not _is_direct(page, change) and change.origin.id in own:
            yield OutOfScope(number, "elsewhere")  # the one of this id that it keeps itself is among them
        else:
            yield Listing(document(change, page.keeper, today=today, base=base), (number,), change.origin.id,
                          origin=change.origin.instance, direct=_is_direct(page, change))


def departed(path: Path) -> list[Departure]:
    """The listings of which the pages say that they are gone, and nothing else afterwards. Raises Broken."""
    told, last, _ = _told(path)
    return [departure(page, change, number) for number, page, change in told
            if isinstance(change, Change) and change.listing is None and last[_name(change)] == number]


def departure(page: Page, change: Change, row: int) -> Departure:
    """The word that a listing is gone."""
    into = change.into.origin if change.into is not None else None
    return Departure(change.origin.id, change.origin.instance, _is_direct(page, change),
                     (into.instance, into.id) if into is not None else None, row)


def _numbered(path: Path) -> Iterator[Numbered]:
    number = 0
    for page in pages(path):
        for change in page.changes:
            number += 1
            yield number, page, change


def _told(path: Path) -> tuple[Iterable[Numbered], dict[tuple[uuid.UUID, str], int], set[str]]:
    """All changes, where each listing is told of last, and the ids of those that the other instance keeps itself.

    A folder of pages is read twice, so that only one of them is held at a time.
    """
    told: Iterable[Numbered] = list(_numbered(path)) if path.is_file() else ()
    last: dict[tuple[uuid.UUID, str], int] = {}
    own: set[str] = set()
    for number, page, change in told or _numbered(path):
        if isinstance(change, Change):
            last[_name(change)] = number
            if _is_direct(page, change) and change.listing is not None:
                own.add(change.origin.id)
    return told or _numbered(path), last, own


def _name(change: Change) -> tuple[uuid.UUID, str]:
    return change.origin.instance, change.origin.id


def _is_direct(page: Page, change: Change) -> bool:
    return change.origin.instance == page.keeper.id


def document(change: Change, keeper: Keeper, *, today: date, base: str = "") -> dict[str, Any]:
    """The listing as it is to be here, not yet validated."""
    listing: Mapping[str, Any] = change.listing or {}
    source = listing.get("source")
    if source is None or (isinstance(source, dict) and not any(source.get(name) for name in _STATED)):
        site = keeper.address or base.partition(PATH)[0].rstrip("/")
        page = f"{site}/programs/{quote(change.slug)}" if site and change.slug else None
        source = {"name": keeper.name or urlsplit(site).hostname, "url": change.origin.address or page,
                  "license": keeper.license}
    if isinstance(source, dict):
        source = {name: one for name, one in source.items() if one} | {"retrieved": today.isoformat()}
    return {**listing, "id": change.origin.id, "source": source}
