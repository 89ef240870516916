from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from finder.listings import visitors
from finder.listings.models import Report
from tests.pages import Page
from tests.web.site import Site, group


class Reporting(Site):
    """A site with one group, and a form that is opened, filled in and sent."""

    def send(self, kind: str, note: str = "", after: int = 20, environ_base: dict[str, str] | None = None,
             **more: str) -> Page:
        """Opens the form, waits, fills it in and sends it."""
        form = self.pages.get(f"/programs/{self.slugs[0]}/report")
        stamp = form.one("input", name="stamp").attributes["value"]
        self.wait(after)
        form_sent = {"kind": kind, "note": note, "stamp": stamp, **more}
        return self.pages.post(f"/programs/{self.slugs[0]}/report", form_sent, environ_base=environ_base or {})

    def kept(self) -> list[tuple[str, str | None]]:
        with self.database.reading() as session:
            return [(one.kind, one.note) for one in session.scalars(select(Report))]


@pytest.fixture
def site(tmp_path: Path) -> Reporting:
    return Reporting(tmp_path, [group(1)])


def test_Y8_a_listing_leads_to_the_form_and_the_report_is_kept(site: Reporting) -> None:
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


def test_L3_a_form_sent_at_once_is_asked_for_again(site: Reporting) -> None:
    assert site.send("time", after=1).status == 422
    assert site.pages.post(f"/programs/{site.slugs[0]}/report", {"kind": "time", "stamp": "made up"}).status == 422
    assert site.kept() == []


def test_L3_a_machine_that_fills_in_everything_is_thanked_and_not_heard(site: Reporting) -> None:
    assert site.send("time", "buy", website="https://example.org").status == 200
    assert site.kept() == []


def test_L3_a_flood_is_refused_with_words(site: Reporting) -> None:
    for number in range(visitors.MOST_AN_HOUR):
        assert site.send("other", f"number {number}").status == 200
    page = site.send("other", "one more")
    assert page.status == 429
    assert "Please try again in an hour." in page.main.text
    assert page.one("textarea").text == "one more"


@pytest.mark.sqlite
def test_P2_neither_words_nor_address_reach_a_log_or_the_database(site: Reporting, tmp_path: Path,
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
    assert site.pages.get("/programs/none/report").status == 404
    assert site.pages.post("/programs/none/report", {"kind": "time"}).status == 404


def test_thanks_are_said_also_when_the_report_took_the_listing_out_of_sight(site: Reporting) -> None:
    assert site.send("unsafe").status == 200
    second = site.send("unsafe", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert second.heading == "Thank you. We have it"
    assert site.pages.get(f"/programs/{site.slugs[0]}").status == 404
    assert f"/programs/{site.slugs[0]}" not in second.links


def test_Y8_two_reports_from_one_network_hide_nothing(site: Reporting) -> None:
    for number, address in enumerate(("203.0.113.9", "203.0.113.200", "203.0.113.9")):
        site.send("unsafe", f"note {number}", environ_base={"REMOTE_ADDR": address})
        site.wait(24 * 3600)
    assert site.pages.get(f"/programs/{site.slugs[0]}").status == 200
    assert len(site.kept()) == 3


def test_an_address_is_kept_only_when_it_is_left_and_can_be_one(site: Reporting) -> None:
    wrong = site.send("time", "Six", reply_to="joy")
    assert wrong.status == 422
    assert wrong.one("input", name="reply_to")["value"] == "joy"
    assert "Write an email address." in wrong.of_class("errors")[0].text
    assert site.send("time", "Six", reply_to="joy@example.org").status == 200
    with site.database.reading() as session:
        kept = session.scalars(select(Report)).one()
        assert (kept.reply_to, kept.locale) == ("joy@example.org", "en")


def test_the_form_says_who_to_call_in_danger_and_what_happens_after_a_complaint(site: Reporting) -> None:
    form = site.pages.get(f"/programs/{site.slugs[0]}/report")
    assert "tel:911" in [tag["href"] for tag in form.main.all("a")]
    assert "We read these first" in form.main.text
    assert "tel:911" in [tag["href"] for tag in site.send("unsafe").main.all("a")]


@pytest.mark.parametrize("address", ["", "not an address", "fe80::1%eth0", "2001:db8::1"])
def test_any_sender_address_is_taken(site: Reporting, address: str) -> None:
    assert site.send("unsafe", environ_base={"REMOTE_ADDR": address}).status == 200


@given(st.dictionaries(st.sampled_from(["kind", "note", "stamp", "reply_to", "website"]), st.text(max_size=40)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_form_is_too_odd(site: Reporting, form: dict[str, str]) -> None:
    assert site.pages.post(f"/programs/{site.slugs[0]}/report", form).status < 500


def test_the_form_is_there_in_spanish(site: Reporting) -> None:
    page = site.pages.get(f"/es/programs/{site.slugs[0]}/report")
    assert page.one("html").attributes["lang"] == "es"
    assert page.one("fieldset").all("h1")[0].text != "What is wrong with this listing?"
