"""Addresses of public pages for search engines (sitemaps.org 0.9), each with its twins in the other languages.

A program's page names what a group is about, as the page itself does; nothing beyond addresses and days is said here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from finder.exchange.xml_text import add, written

MOST_URLS = 50_000  # sitemaps.org: of one file; and of one index
MOST_BYTES = 50 * 1024 * 1024  # sitemaps.org: of one file before it is packed
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_PREFIXES = {"": _SPACE, "xhtml": _XHTML}
_AROUND = 200  # bytes of the elements around one address, and of an alternate


@dataclass(frozen=True, slots=True)
class Page:
    """One public page: its whole address by language, the default one first; when it last changed (UTC), if known."""

    urls: Mapping[str, str]
    changed_at: datetime | None = None


def pages_in_a_file(longest: int, languages: int) -> int:
    """How many pages, each in so many languages under addresses of at most so many bytes, one file holds for sure: so
    that any file of many can be written without the others."""
    return max(1, min(MOST_URLS // languages, MOST_BYTES // _size([longest] * languages)))


def files(pages: Iterable[Page], *, most: int = MOST_URLS) -> Iterator[bytes]:
    """Sitemaps that hold all pages in their order, every language an address of its own; one, and empty, for none.

    Each keeps within `most` addresses and MOST_BYTES; the versions of one page stay together.
    """
    root, count, size, any_file = ET.Element(f"{{{_SPACE}}}urlset"), 0, 0, False
    for page in pages:
        length = _size([len(url.encode()) for url in page.urls.values()])
        if count and (count + len(page.urls) > most or size + length > MOST_BYTES):
            yield written(root, _PREFIXES)
            root, count, size, any_file = ET.Element(f"{{{_SPACE}}}urlset"), 0, 0, True
        _add(root, page)
        count, size = count + len(page.urls), size + length
    if count or not any_file:
        yield written(root, _PREFIXES)


def index(addresses: Iterable[tuple[str, datetime | None]]) -> bytes:
    """The list of sitemaps: the whole address of each and the last change of what it holds. Raises ValueError for
    more than MOST_URLS."""
    root = ET.Element(f"{{{_SPACE}}}sitemapindex")
    for number, (url, changed_at) in enumerate(addresses, 1):
        if number > MOST_URLS:
            raise ValueError("too many sitemaps for one index")
        one = add(root, f"{{{_SPACE}}}sitemap")
        add(one, f"{{{_SPACE}}}loc", url)
        if changed_at is not None:
            add(one, f"{{{_SPACE}}}lastmod", _instant(changed_at))
    return written(root, {"": _SPACE})


def _size(lengths: Sequence[int]) -> int:
    """More bytes than one page takes, from those of its addresses."""
    return sum(2 * one + _AROUND for one in lengths) * (len(lengths) + 1)


def _add(root: ET.Element, page: Page) -> None:
    for url in page.urls.values():
        one = add(root, f"{{{_SPACE}}}url")
        add(one, f"{{{_SPACE}}}loc", url)
        if page.changed_at is not None:
            add(one, f"{{{_SPACE}}}lastmod", _instant(page.changed_at))
        if len(page.urls) > 1:
            default = next(iter(page.urls.values()))
            for lang, other in (*page.urls.items(), ("x-default", default)):
                add(one, f"{{{_XHTML}}}link", attributes={"rel": "alternate", "hreflang": lang, "href": other})


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
