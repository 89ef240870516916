from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import select

from finder.listings import reports
from finder.listings.models import Report
from tests.pages import Page
from tests.web.site import Site, group


class Reporting(Site):
    """A site with one group, and a form that is opened, filled in and sent."""

    def send(self, kind: str, note: str = "", after: int = 20, **more: str) -> Page:
        """Opens the form, waits, fills it in and sends it."""
        form = self.pages.get(f"/programs/{self.slugs[0]}/report")
        stamp = form.one("input", name="stamp").attributes["value"]
        self.wait(after)
        form_sent = {"kind": kind, "note": note, "stamp": stamp, **more}
        return self.pages.post(f"/programs/{self.slugs[0]}/report", form_sent)

    def kept(self) -> list[tuple[str, str | None]]:
        with self.database.reading() as session:
            return [(one.kind, one.note) for one in session.scalars(select(Report))]


@pytest.fixture
def site(tmp_path: Path) -> Reporting:
    return Reporting(tmp_path, [group(1)])


def test_a_listing_leads_to_the_form_and_the_report_is_kept(site: Reporting) -> None:
    listing = site.pages.get(f"/programs/{site.slugs[0]}")
    assert f"/programs/{site.slugs[0]}/report" in listing.links
    sent = site.send("time", "It starts at six.")
    assert sent.heading == "Thank you. We have it"
    assert site.kept() == [("time", "It starts at six.")]


def test_nothing_is_lost_when_something_is_missing(site: Reporting) -> None:
    page = site.send("", "It starts at six.")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert page.one("textarea").text == "It starts at six."
    assert "Choose what is wrong." in page.of_class("errors")[0].text
    assert site.kept() == []


def test_a_form_sent_at_once_is_asked_for_again(site: Reporting) -> None:
    assert site.send("time", after=1).status == 422
    assert site.pages.post(f"/programs/{site.slugs[0]}/report", {"kind": "time", "stamp": "made up"}).status == 422
    assert site.kept() == []


def test_a_machine_that_fills_in_everything_is_thanked_and_not_heard(site: Reporting) -> None:
    assert site.send("time", "buy", website="https://example.org").status == 200
    assert site.kept() == []


def test_a_flood_is_refused_with_words(site: Reporting) -> None:
    for number in range(reports.MOST_AN_HOUR):
        assert site.send("other", f"number {number}").status == 200
    page = site.send("other", "one more")
    assert page.status == 429
    assert "Please try again in an hour." in page.main.text
    assert page.one("textarea").text == "one more"


def test_neither_words_nor_address_reach_a_log_or_the_database(site: Reporting, tmp_path: Path,
                                                              caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        site.send("unsafe", "zqcanary")
    assert "zqcanary" not in caplog.text
    assert b"127.0.0.1" not in b"".join(path.read_bytes() for path in tmp_path.glob("finder.db*"))


@pytest.mark.parametrize("note", ["a\x00b", "x" * 600, "\u202eabc"], ids=["NUL", "too long", "turned direction"])
def test_words_that_cannot_be_kept_come_back_with_a_reason(site: Reporting, note: str) -> None:
    assert site.send("time", note).status == 422
    assert site.kept() == []


def test_no_report_about_a_listing_that_is_not_there(site: Reporting) -> None:
    for path in ("/programs/none/report", "/programs/none/report/sent"):
        assert site.pages.get(path).status == 404


def test_the_form_is_there_in_spanish(site: Reporting) -> None:
    page = site.pages.get(f"/es/programs/{site.slugs[0]}/report")
    assert page.one("html").attributes["lang"] == "es"
    assert "What is wrong" not in page.source
