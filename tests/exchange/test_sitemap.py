from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.exchange import sitemap
from finder.exchange.sitemap import Page

HOME = "https://finder.example"
WHEN = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def pages(count: int, changed_at: datetime | None = WHEN) -> list[Page]:
    return [Page({"en": f"{HOME}/programs/{number}", "es": f"{HOME}/es/programs/{number}"}, changed_at)
            for number in range(count)]


@pytest.mark.parametrize(("count", "most", "sizes"), [
    (0, 10, [0]), (5, 10, [10]), (6, 10, [10, 2]), (6, 3, [2, 2, 2, 2, 2, 2])], ids=str)
def test_a_file_keeps_within_its_bound_and_versions_of_a_page_stay_together(count: int, most: int,
                                                                          sizes: list[int]) -> None:
    found = [len(ET.fromstring(one).findall(f"{SPACE}url")) for one in sitemap.files(pages(count), most=most)]
    assert found == sizes


def test_a_full_file_is_within_the_bounds_of_the_protocol() -> None:
    first, second = sitemap.files(pages(25_001))
    assert (first.count(b"<url>"), second.count(b"<url>")) == (50_000, 2)
    assert len(first) <= sitemap.MOST_BYTES


def test_long_addresses_make_more_files_rather_than_a_large_one() -> None:
    long = [Page({"en": f"{HOME}/{'x' * 1900}/{number}", "es": f"{HOME}/es/{'x' * 1900}/{number}"})
            for number in range(5000)]
    sizes = [len(one) for one in sitemap.files(long)]
    assert len(sizes) > 1
    assert max(sizes) <= sitemap.MOST_BYTES


def test_a_page_whose_change_is_not_known_has_no_day_and_one_without_twins_no_alternates() -> None:
    (body,) = sitemap.files([Page({"en": f"{HOME}/"})])
    assert [child.tag for child in ET.fromstring(body)[0]] == [f"{SPACE}loc"]


def test_every_version_of_a_page_names_all_versions_and_the_default_one() -> None:
    (body,) = sitemap.files(pages(1))
    both = [("en", f"{HOME}/programs/0"), ("es", f"{HOME}/es/programs/0"), ("x-default", f"{HOME}/programs/0")]
    for one in ET.fromstring(body):
        assert [(link.get("hreflang"), link.get("href")) for link in one.iter(f"{XHTML}link")] == both
        assert {link.get("rel") for link in one.iter(f"{XHTML}link")} == {"alternate"}
        assert one.findtext(f"{SPACE}lastmod") == "2026-11-20T09:30:15Z"
    assert [one.findtext(f"{SPACE}loc") for one in ET.fromstring(body)] == [url for _, url in both[:2]]


def test_an_index_names_each_file_and_its_last_change() -> None:
    root = ET.fromstring(sitemap.index([(f"{HOME}/sitemap-1.xml", WHEN), (f"{HOME}/sitemap-2.xml?a&b", None)]))
    assert root.tag == f"{SPACE}sitemapindex"
    assert [[child.text for child in one] for one in root] == [
        [f"{HOME}/sitemap-1.xml", "2026-11-20T09:30:15Z"], [f"{HOME}/sitemap-2.xml?a&b"]]


def test_an_index_has_a_bound_too() -> None:
    with pytest.raises(ValueError, match="too many"):
        sitemap.index((f"{HOME}/{number}", None) for number in range(sitemap.MOST_URLS + 1))


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_address_makes_a_document_that_can_be_read(text: str) -> None:
    (body,) = sitemap.files([Page({"en": f"{HOME}/?a=1&b=<{text}", "es": HOME})])
    links = [link.get("hreflang") for link in ET.fromstring(body).iter(f"{XHTML}link")]
    assert links == ["en", "es", "x-default"] * 2
