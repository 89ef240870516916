from __future__ import annotations

from pathlib import Path
from typing import Any

import extruct
import pytest

from finder.exchange import weekly
from finder.web import data_page
from finder.wordings.data_formats import FORMATS, LEFT_OUT
from tests.pages import Page, Pages
from tests.web.sample import LISTINGS
from tests.web.site import Site, group

MONTHLY = {"format": "in_person", "repeats": "FREQ=MONTHLY;BYDAY=2WE", "start_time": "18:00",
           "timezone": "America/New_York", "location": {"city": "Durham", "state": "NC"}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    return Site(folder, [dict(one) for one in LISTINGS], instance=folder)


def card(page: Page, title: str) -> Any:
    (found,) = [one for one in page.of_class("card") if one.one_heading == title]
    return found


def addresses(page: Page) -> dict[str, str]:
    """What the page says where something is -> where that leads."""
    return {tag.text.replace(" ", ""): tag["href"] for one in page.of_class("addresses") for tag in one.all("a")}


@pytest.mark.parametrize("language", ["", "/es"])
def test_every_address_on_the_page_is_of_this_instance_and_answers(site: Site, language: str) -> None:
    page, client = site.pages.get(f"{language}/data"), site.app.test_client()
    found = addresses(page)
    assert len(found) >= 14
    for said, leads in found.items():
        assert said == f"http://127.0.0.1:8000{leads}"
        assert client.get(leads).status_code == 200, leads
    feed = "/feeds/changes.atom?lang=es" if language else "/feeds/changes.atom"
    assert {f"{language}/calendar", f"{language}/embed/about", feed} <= set(found.values())


def test_addresses_are_those_of_the_settings_and_not_of_who_asks(tmp_path: Path) -> None:
    made = Site(tmp_path, [group(1)], instance=tmp_path, base_url="https://finder.example")
    page = Page(made.app.test_client().get("/data", headers={"Host": "127.0.0.1"}), "/data")
    assert all(one.startswith("https://finder.example/") for one in addresses(page))


def test_the_page_counts_what_is_published_and_says_when_it_changed_last(site: Site) -> None:
    text = site.pages.get("/data").main.text
    assert f"Groups in it now {len(LISTINGS)}" in text
    assert "Last change November 24, 2026" in text


def test_a_license_that_nobody_stated_is_not_stated_and_one_that_is_shown(site: Site, tmp_path: Path) -> None:
    assert "License Not stated." in site.pages.get("/data").main.text
    other = Site(tmp_path, [group(1)], instance=tmp_path, data_license="CC-BY-4.0")
    assert "License CC-BY-4.0" in other.pages.get("/data").main.text


def test_what_the_weekly_formats_leave_out_is_counted_by_reason(site: Site) -> None:
    page = site.pages.get("/data")
    text = card(page, "Meeting Guide").text
    assert "groups that are not meeting for now" in text
    assert "open at any time" in text
    assert card(page, "BMLT").all("li")[1:] != []


def test_the_numbers_are_those_of_the_files_that_are_served(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1, sessions=[MONTHLY]), group(2, status="paused", sessions=[MONTHLY]), group(3),
                           group(4, sessions=[{"format": "online_video", "repeats": "FREQ=WEEKLY;BYDAY=MO",
                                               "start_time": "19:00", "timezone": "America/New_York",
                                               "join_url": "https://zoom.us/j/1"}])], instance=tmp_path)
    before = site.pages.get("/data").main.text
    for path in ("/data/listings.csv", "/meetings.json"):
        site.app.test_client().get(path)
    kept = list((tmp_path / "public").glob("*.facts"))
    assert len(kept) == 2
    assert site.pages.get("/data").main.text == before
    assert "3: " not in before
    for words in ("1: meet by the month", "1: groups that are not meeting for now", "1: groups that state no time",
                  "1: links to join"):
        assert words in before, words


def test_a_long_list_is_not_counted_for_the_page_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_page, "COUNTED_HERE", 1)
    site = Site(tmp_path, [group(1, sessions=[MONTHLY]), group(2)], instance=tmp_path)
    words = "How many is counted when somebody first asks for the file."
    assert site.pages.get("/data").main.text.count(words) == 3
    assert not (tmp_path / "public").exists()
    site.app.test_client().get("/data/listings.csv")
    assert site.pages.get("/data").main.text.count(words) == 2


def test_facts_that_cannot_be_read_are_counted_anew(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1, sessions=[MONTHLY])], instance=tmp_path)
    site.app.test_client().get("/data/listings.csv")
    for one in (tmp_path / "public").glob("*.facts"):
        one.write_bytes(b"{")
    assert site.pages.get("/data").status == 200


def test_a_format_that_is_switched_off_is_not_named(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)], instance=tmp_path, bmlt="off")
    assert not [one for one in addresses(site.pages.get("/data")) if "bmlt" in one]


def test_every_reason_has_words() -> None:
    assert set(weekly.REASONS) == set(LEFT_OUT)
    assert all(one.about and one.leaves_out for formats in FORMATS.values() for one in formats)


def test_a_reader_from_outside_finds_the_list_as_a_dataset(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)], instance=tmp_path, data_license="CC-BY-4.0")
    found = [extruct.extract(site.pages.get(path).source, syntaxes=["json-ld"])["json-ld"][0]
             for path in ("/data", "/es/data")]
    assert {one["@type"] for one in found} == {"Dataset"}
    assert found[0]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found[0]["dateModified"] == "2026-11-24"
    assert {one["contentUrl"] for one in found[0]["distribution"]} >= {"http://127.0.0.1:8000/data/listings.csv"}
    assert found[0]["@id"] == found[1]["@id"]


def test_every_page_leads_to_the_data_and_names_the_feed_of_changes(pages: Pages) -> None:
    for language, query in (("", ""), ("/es", "?lang=es")):
        for path in (f"{language}/", f"{language}/about"):
            page = pages.get(path)
            assert f"{language}/data" in page.links
            (feed,) = page.all("link", type="application/atom+xml")
            assert feed["href"] == f"/feeds/changes.atom{query}"


def test_an_empty_list_has_a_page(tmp_path: Path) -> None:
    assert "Last change None yet" in Site(tmp_path, [], instance=tmp_path).pages.get("/data").main.text
