from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from finder.app import create_app
from finder.config import Settings
from finder.listings import reports
from finder.listings.models import Report
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary
from tests.conftest import SECRET, Clock
from tests.listings.database import NOW, make_database, take
from tests.pages import Page, Pages


class Site:
    """A site over a database of its own that holds one group."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(NOW)
        self.database = make_database(folder)
        take(self.database, [{"format": "finder-listing/1", "id": "g1", "name": "River Circle",
                              "group_type": "peer_support"}])
        held = Settings(secret_key=SECRET)
        keeper = Keeper(self.database, self.clock)
        self.pages = Pages(create_app(held, services=Services(
            held, self.database, keeper.current, gazetteer.load(), vocabulary(), self.clock)).test_client())
        self.slug = keeper.current().parts[0].columns.names[0].slug

    def send(self, kind: str, note: str = "", after: int = 20, **more: str) -> Page:
        """Opens the form, waits, fills it in and sends it."""
        form = self.pages.get(f"/programs/{self.slug}/report")
        stamp = form.one("input", name="stamp").attributes["value"]
        self.clock.at += timedelta(seconds=after)
        return self.pages.post(f"/programs/{self.slug}/report", {"kind": kind, "note": note, "stamp": stamp, **more})

    def kept(self) -> list[tuple[str, str | None]]:
        with self.database.reading() as session:
            return [(one.kind, one.note) for one in session.scalars(select(Report))]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_listing_leads_to_the_form_and_the_report_is_kept(site: Site) -> None:
    listing = site.pages.get(f"/programs/{site.slug}")
    assert f"/programs/{site.slug}/report" in listing.links
    sent = site.send("time", "It starts at six.")
    assert sent.heading == "Thank you. We have it"
    assert site.kept() == [("time", "It starts at six.")]


def test_nothing_is_lost_when_something_is_missing(site: Site) -> None:
    page = site.send("", "It starts at six.")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert page.one("textarea").text == "It starts at six."
    assert "Choose what is wrong." in page.of_class("errors")[0].text
    assert site.kept() == []


def test_a_form_sent_at_once_is_asked_for_again(site: Site) -> None:
    assert site.send("time", after=1).status == 422
    assert site.pages.post(f"/programs/{site.slug}/report", {"kind": "time", "stamp": "made up"}).status == 422
    assert site.kept() == []


def test_a_machine_that_fills_in_everything_is_thanked_and_not_heard(site: Site) -> None:
    assert site.send("time", "buy", website="https://example.org").status == 200
    assert site.kept() == []


def test_a_flood_is_refused_with_words(site: Site) -> None:
    for number in range(reports.MOST_AN_HOUR):
        assert site.send("other", f"number {number}").status == 200
    page = site.send("other", "one more")
    assert page.status == 429
    assert "Please try again in an hour." in page.main.text
    assert page.one("textarea").text == "one more"


def test_neither_words_nor_address_reach_a_log_or_the_database(site: Site, tmp_path: Path,
                                                              caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        site.send("unsafe", "zqcanary")
    assert "zqcanary" not in caplog.text
    assert b"127.0.0.1" not in b"".join(path.read_bytes() for path in tmp_path.glob("finder.db*"))


@pytest.mark.parametrize("note", ["a\x00b", "x" * 600, "\u202eabc"], ids=["NUL", "too long", "turned direction"])
def test_words_that_cannot_be_kept_come_back_with_a_reason(site: Site, note: str) -> None:
    assert site.send("time", note).status == 422
    assert site.kept() == []


def test_no_report_about_a_listing_that_is_not_there(site: Site) -> None:
    for path in ("/programs/none/report", "/programs/none/report/sent"):
        assert site.pages.get(path).status == 404


def test_the_form_is_there_in_spanish(site: Site) -> None:
    page = site.pages.get(f"/es/programs/{site.slug}/report")
    assert page.one("html").attributes["lang"] == "es"
    assert "What is wrong" not in page.source
