"""Addresses of public pages for search engines (sitemaps.org 0.9), each with its twins in the other languages.

A program's page names what a group is about, as the page itself does; nothing beyond addresses and days is said here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from finder.exchange.xml_text import add, held, written

MOST_URLS = 50_000  # sitemaps.org: of one file; and of one index
MOST_BYTES = 50 * 1024 * 1024  # sitemaps.org: of one file before it is packed
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OPEN = (f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{_SPACE}" '
         'xmlns:xhtml="http://www.w3.org/1999/xhtml">').encode()
_CLOSE = b"</urlset>"
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
    parts, count, size, any_file = [_OPEN], 0, len(_OPEN) + len(_CLOSE), False
    for page in pages:
        text = _page(page).encode()
        if count and (count + len(page.urls) > most or size + len(text) > MOST_BYTES):
            yield b"".join((*parts, _CLOSE))
            parts, count, size, any_file = [_OPEN], 0, len(_OPEN) + len(_CLOSE), True
        parts.append(text)
        count, size = count + len(page.urls), size + len(text)
    if count or not any_file:
        yield b"".join((*parts, _CLOSE))


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


def _page(page: Page) -> str:
    """The elements of one page: an address for each language, each with all its twins."""
    urls = [(lang, held(url)) for lang, url in page.urls.items()]
    changed = f"<lastmod>{_instant(page.changed_at)}</lastmod>" if page.changed_at is not None else ""
    twins = "".join(f'<xhtml:link rel="alternate" hreflang={quoteattr(lang)} href={quoteattr(url)}/>'
                    for lang, url in (*urls, ("x-default", urls[0][1]))) if len(urls) > 1 else ""
    return "".join(f"<url><loc>{escape(url)}</loc>{changed}{twins}</url>" for _, url in urls)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
