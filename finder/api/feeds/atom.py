"""What changed lately in the list of groups, as a feed for feed readers. It names no group and no topic."""

from __future__ import annotations

import gzip
import heapq
from itertools import islice

from flask import Response, request
from flask_babel import force_locale

from finder.api import openapi
from finder.api.blueprint import arguments, languages, services
from finder.api.feeds import around, described
from finder.api.feeds.blueprint import feeds
from finder.api.open_door import is_known, kept, site, tag, unchanged
from finder.exchange import atom, entries, shelf
from finder.exchange.shelf import Shelf
from finder.exchange.weekly import Site
from finder.search.query_schema import load_lang
from finder.wordings.language import gettext, locale_name

PATH = "/feeds/changes.atom"
MIMETYPE = "application/atom+xml"
_EXAMPLE = """<?xml version='1.0' encoding='utf-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="en">
<id>https://finder.example/feeds/changes.atom</id><title>Changes in the list of groups</title>
<updated>2026-11-20T09:30:15Z</updated><author><name>Example Directory</name></author>
<entry><id>urn:uuid:6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001</id><title>Group in Durham</title>
<updated>2026-11-20T09:30:15Z</updated>
<link rel="alternate" type="text/html" href="https://finder.example/programs/durham-1a2b3c4d"/></entry>
<at:deleted-entry ref="urn:uuid:0e0f36b1-58e6-4d61-a7c7-52dbd1a93a17" when="2026-11-19T18:00:00Z"/></feed>"""


@feeds.route(PATH, tags=["data"])
@feeds.doc(operationId="readChangesFeed", parameters=[openapi.lang()], responses=described.text(
    f"The newest {atom.MOST} changes, with a tombstone (RFC 6721) for each listing that is gone.", MIMETYPE, _EXAMPLE,
    422, 503))
def changes() -> Response:
    """Read what changed lately as an Atom feed"""
    lang = load_lang(arguments(), languages())
    held = services().shelf()
    name = tag(held, lang or "", around.mark())
    if is_known(name):
        return unchanged(name)
    squeezed = held.left(f"changes.atom {lang or ''}", lambda: gzip.compress(_written(held, lang), mtime=0))
    if request.accept_encodings["gzip"]:
        response = Response(squeezed, mimetype=MIMETYPE)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(gzip.decompress(squeezed), mimetype=MIMETYPE)
    response.vary.add("Accept-Encoding")
    return kept(response, name, held)


def _written(held: Shelf, lang: str | None) -> bytes:
    newest = heapq.nlargest(atom.MOST, held.cards, key=lambda card: (card.changed_at, card.id))
    code = lang or services().settings.default_locale
    with services().database.reading() as session, force_locale(locale_name(code)):
        words = atom.Words(gettext("Changes in the list of groups"), _title)
        return atom.write(shelf.listings(session, newest), islice(entries.gone(session), atom.MOST),
                          site=_site(code), words=words, lang=code, now=services().now(),
                          address=f"{services().settings.address}{PATH}{f'?lang={lang}' if lang else ''}",
                          license=around.license_name())


def _site(lang: str) -> Site:
    """This instance with its pages in a language."""
    found, home = site(), f"{services().settings.address}{around.prefix(lang)}"
    return Site(found.name, f"{home}/", lambda slug: f"{home}/programs/{slug}", found.report, found.country)


def _title(town: str) -> str:
    return gettext("Group in %(place)s", place=town) if town else gettext("Group")
