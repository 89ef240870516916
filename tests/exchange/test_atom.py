from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.exchange import atom
from finder.exchange.atom import Words
from finder.exchange.entries import Entry, Gone
from finder.exchange.weekly import Site
from tests.exchange.published import CHANGED, FULL, SITE, entry, judge_losses, seed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = Words("Changes", lambda town: f"Group in {town}" if town else "Group")
ADDRESS = "https://finder.example/changes.atom"
STONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
KEY, INTO = uuid.UUID(int=7), uuid.UUID(int=8)


def written(entries: list[Entry], gone: list[Gone], words: Words = WORDS, site: Site = SITE, **how: Any) -> bytes:
    return atom.write(entries, gone, site=site, words=words, address=ADDRESS, lang="en", now=NOW, **how)


def test_a_reader_from_outside_finds_every_listing_of_the_seed() -> None:
    listings = seed()
    found = feedparser.parse(written(listings, []))
    assert not found.bozo
    assert (found.version, found.feed.id, found.feed.title, found.feed.author) == (
        "atom10", ADDRESS, "Changes", "Example Directory")
    assert {one.id for one in found.entries} == {one.id.urn for one in listings}
    assert {one.link for one in found.entries} == {SITE.page(one.slug) for one in listings}
    assert {one.updated for one in found.entries} == {"2026-11-20T09:30:15Z"}


def test_no_title_says_what_a_group_is_about() -> None:
    text = written([entry(load(FULL))], []).decode()
    assert "<title>Group in Salem</title>" in text
    for word in ("Evening", "River", "cooccurring", "depression", "Elm"):
        assert word not in text


def test_a_listing_that_is_gone_leaves_a_tombstone() -> None:
    root = ET.fromstring(written([], [Gone(KEY, "old", CHANGED, INTO), Gone(INTO, "other", NOW, None)]))
    stones = root.findall(STONE)
    assert [(one.get("ref"), one.get("when")) for one in stones] == [
        (INTO.urn, "2026-11-24T12:00:00Z"), (KEY.urn, "2026-11-20T09:30:15Z")]
    assert [[link.get("href") for link in one] for one in stones] == [[], [INTO.urn]]


def test_the_newest_changes_come_first_and_the_oldest_are_cut() -> None:
    entries = [entry(load({**FULL, "id": str(number)}), changed_at=CHANGED + timedelta(hours=number))
               for number in range(5)]
    found = feedparser.parse(written(entries, [Gone(KEY, "old", CHANGED + timedelta(hours=9), None)], most=3))
    assert [one.id for one in found.entries] == [entries[4].id.urn, entries[3].id.urn]
    assert found.feed.updated == "2026-11-20T18:30:15Z"


def test_an_empty_feed_is_a_feed() -> None:
    found = feedparser.parse(written([], []))
    assert (found.bozo, found.entries, found.feed.updated) == (False, [], "2026-11-24T12:00:00Z")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_makes_a_document_that_can_be_read(text: str) -> None:
    site = Site(text, "https://finder.example", lambda slug: f"https://finder.example/{slug}?a=1&b={text}", str)
    root = ET.fromstring(written([entry(load(FULL))], [], Words(text, lambda town: text), site))
    title = root.findtext("{http://www.w3.org/2005/Atom}title") or ""
    assert title.replace("\n", "") == "".join(one for one in text if one.isprintable() or one in title).replace(
        "\r", "").replace("\n", "")


def test_the_table_of_losses_is_true() -> None:
    neutral = Site("A", "https://finder.example", lambda slug: "https://finder.example/one", str)

    def said(one: Entry) -> object:
        root = ET.fromstring(written([one], [], site=neutral))
        return [child.text for child in root.iter("{http://www.w3.org/2005/Atom}title")]
    judge_losses(atom.LOST, said)
