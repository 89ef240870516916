from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from finder.listings import changes, review, visitors
from finder.listings.models import Proposal, Report
from finder.listings.writing import Author
from finder.outbox import Message
from tests.listings.database import NOW
from tests.pages import Page
from tests.web.sample import DURHAM, EASTERN
from tests.web.site import Site, group

FULL: dict[str, Any] = {
    "contact": {"phone": "919-555-0142", "email": "hello@lantern.example"}, "cost": {"free": True},
    "attendees": "person", "age": {"min": 18},
    "sessions": [{"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
                  "duration_minutes": 90, "timezone": EASTERN,
                  "location": {**DURHAM, "name": "Lantern Hall", "address_1": "1180 Lantern Street"}},
                 {"format": "online_video", "repeats": "FREQ=WEEKLY;BYDAY=SA", "start_time": "10:00",
                  "duration_minutes": 60, "timezone": EASTERN, "join_url": "https://zoom.example/j/1"}]}
HIDDEN = {"sessions": [{"format": "in_person", "location": {**DURHAM, "address_1": "4 Secret Lane", "hidden": True}}]}


class Correcting(Site):
    """A site with a listing that says much and one whose address is hidden, and a stranger with the form."""

    def form(self, number: int = 0, language: str = "") -> tuple[Page, dict[str, str]]:
        page = self.pages.get(f"{language}/programs/{self.slugs[number]}/correct")
        boxes = {tag["name"]: tag["value"] for tag in page.main.all("input")}
        boxes |= {tag["name"]: "".join(map(str, tag.parts)).strip("\n") for tag in page.main.all("textarea")}
        boxes |= {tag["name"]: next((one["value"] for one in tag.all("option") if "selected" in one.attributes), "")
                  for tag in page.main.all("select")}
        return page, boxes

    def send(self, changed: dict[str, str], number: int = 0, after: int = 20, language: str = "", **how: Any) -> Page:
        _, boxes = self.form(number, language)
        self.wait(after)
        return self.pages.post(f"{language}/programs/{self.slugs[number]}/correct", boxes | changed, **how)

    def proposals(self) -> list[Proposal]:
        with self.database.reading() as session:
            return list(session.scalars(select(Proposal).order_by(Proposal.made_at)))

    def would_be(self) -> dict[str, Any]:
        with self.database.reading() as session:
            proposal = session.scalars(select(Proposal)).one()
            return review.as_proposed(proposal, changes.find(session, proposal.program_id))[1]

    def change(self, **fields: Any) -> None:
        """Somebody of the desk changes the listing meanwhile."""
        with self.database.transaction() as session:
            there = changes.find(session, self.slugs[0])
            changes.change(session, there.id, base=there.version, author=Author("steward:1"), now=NOW,
                           document=there.document | fields)


@pytest.fixture
def site(tmp_path: Path) -> Correcting:
    return Correcting(tmp_path, [group(1, **FULL), group(2, **HIDDEN)])


def test_a_listing_leads_to_the_form_which_holds_its_main_facts(site: Correcting) -> None:
    path = f"/programs/{site.slugs[0]}/correct"
    assert path in site.pages.get(f"/programs/{site.slugs[0]}").links
    _, boxes = site.form()
    assert boxes["name"] == "River Circle 1"
    assert boxes["when"].splitlines() == ["Tuesdays, 6:00 pm to 7:30 pm", "Saturdays, 10:00 am to 11:00 am"]
    assert (boxes["place"], boxes["street"], boxes["zip"]) == ("Lantern Hall", "1180 Lantern Street", "27701")
    assert (boxes["cost"], boxes["attendees"], boxes["age_min"]) == ("free", "person", "18")


def test_Y5_Y4_a_suggestion_waits_and_changes_nothing_that_visitors_see(site: Correcting) -> None:
    before = site.pages.get(f"/programs/{site.slugs[0]}").main.text
    assert site.send({"phone": "919-555-0177", "name": "River Circle"}).heading == "Thank you. We have your correction"
    assert site.pages.get(f"/programs/{site.slugs[0]}").main.text == before
    proposal = site.proposals()[0]
    assert (proposal.kind, proposal.state, proposal.fields) == ("suggestion", "waiting", ["name", "contact.phone"])
    assert proposal.reply_to is None


@pytest.mark.parametrize(("changed", "field", "value"), [
    ({"email": ""}, "contact", {"phone": "919-555-0142"}),
    ({"url": "https://lantern.example/"}, "contact", {**FULL["contact"], "url": "https://lantern.example/"}),
    ({"cost": "paid", "amount": "$12.50"}, "cost", {"free": False, "amount": 12.5}),
    ({"cost": ""}, "cost", None), ({"age_max": "64"}, "age", {"min": 18, "max": 64}), ({"age_min": ""}, "age", None),
    ({"gender_mix": "women"}, "gender_mix", "women"),
], ids=["no email", "web page", "cost", "no cost", "age", "no age", "women"])
def test_each_box_changes_its_own_fact(site: Correcting, changed: dict[str, str], field: str, value: Any) -> None:
    assert site.send(changed).status == 200
    would_be = site.would_be()
    assert would_be.get(field) == value
    assert {name for name in would_be if would_be[name] != {**group(1, **FULL), **would_be}[name]} == set()


def test_days_and_hours_in_words_move_their_own_session_only(site: Correcting) -> None:
    site.send({"when": "every Wednesday, 7 to 8 pm\nSaturdays, 10:00 am to 11:00 am"})
    first, second = site.would_be()["sessions"]
    assert (first["repeats"], first["start_time"], first["duration_minutes"]) == ("FREQ=WEEKLY;BYDAY=WE", "19:00", 60)
    assert first["location"]["name"] == "Lantern Hall"
    assert second == FULL["sessions"][1]


@pytest.mark.parametrize("words", ["whenever the moon is full", "Tuesdays at 6 pm"], ids=["no rule", "one line less"])
def test_words_that_cannot_be_read_as_times_go_along_as_a_note(site: Correcting, words: str) -> None:
    assert site.send({"when": words, "phone": "919-555-0177"}).status == 200
    proposal = site.proposals()[0]
    assert proposal.fields == ["contact.phone"]
    assert proposal.note == f"When: {words}"


def test_another_place_moves_the_sessions_that_met_there_and_its_point(site: Correcting) -> None:
    site.send({"street": "9 Bell Court", "city": "Raleigh", "zip": "27601"})
    first, second = site.would_be()["sessions"]
    assert first["location"]["address_1"] == "9 Bell Court"
    assert first["location"]["precision"] == "postal_code"
    assert abs(first["location"]["latitude"] - 35.78) < 0.05
    assert "location" not in second


def test_P9_a_hidden_address_is_neither_shown_nor_asked_for_nor_lost(site: Correcting) -> None:
    page, boxes = site.form(1)
    assert "Secret" not in page.source
    assert "street" not in boxes
    site.send({"name": "River", "street": "4 Secret Lane"}, number=1)
    assert site.would_be()["sessions"][0]["location"]["address_1"] == "4 Secret Lane"
    assert site.proposals()[0].fields == ["name"]


def test_a_form_that_changes_nothing_is_asked_for_again(site: Correcting) -> None:
    page = site.send({})
    assert page.status == 422
    assert "Nothing is different yet." in page.of_class("errors")[0].text
    assert site.proposals() == []


def test_nothing_typed_is_lost_when_something_is_wrong(site: Correcting) -> None:
    page = site.send({"email": "nonsense", "age_min": "old", "note": "Six now"})
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert page.one("input", name="age_min")["value"] == "old"
    page = site.send({"email": "nonsense", "note": "Six now"})
    assert page.one("input", name="email")["aria-invalid"] == "true"
    assert page.one("textarea", name="note").text == "Six now"


def test_a_note_alone_is_kept_as_a_report(site: Correcting) -> None:
    site.send({"note": "There is a dog.", "reply_to": "joy@example.org"})
    with site.database.reading() as session:
        kept = session.scalars(select(Report)).one()
        assert (kept.kind, kept.note, kept.reply_to) == ("other", "There is a dog.", "joy@example.org")
    assert site.proposals() == []


def test_what_changed_meanwhile_goes_along_as_a_note_and_the_rest_fits_the_present_listing(site: Correcting) -> None:
    _, boxes = site.form()
    site.change(name="River Circle of Durham", description="New words")
    site.wait(20)
    boxes |= {"name": "The River Circle", "phone": "919-555-0177"}
    assert site.pages.post(f"/programs/{site.slugs[0]}/correct", boxes).status == 200
    proposal = site.proposals()[0]
    assert proposal.fields == ["contact.phone"]
    assert proposal.note == "name: The River Circle"
    assert site.would_be()["description"] == "New words"


@pytest.mark.parametrize("version", ["", "999999", "x", "²", "-1"])
def test_a_form_without_a_version_that_is_known_is_taken_as_of_now(site: Correcting, version: str) -> None:
    assert site.send({"phone": "919-555-0177", "version": version}).status == 200
    assert site.proposals()[0].fields == ["contact.phone"]


def test_the_sender_is_thanked_once_it_is_decided_and_then_forgotten(site: Correcting) -> None:
    site.send({"phone": "919-555-0177", "reply_to": "joy@example.org"}, language="/es")
    with site.database.transaction() as session:
        proposal = session.scalars(select(Proposal)).one()
        review.decide(session, proposal.id, {"": review.ACCEPT}, author=Author("steward:1"), now=NOW)
        assert proposal.reply_to is None
        letter = session.scalars(select(Message).where(Message.kind == "decision")).one()
        assert (letter.address, letter.locale) == ("joy@example.org", "es")
    assert "919-555-0177" in site.pages.get(f"/programs/{site.slugs[0]}").main.text


def test_Y4_numbers_that_cost_the_caller_are_refused_at_their_box(site: Correcting) -> None:
    page = site.send({"phone": "900-555-0177"})
    assert page.status == 422
    assert page.one("input", name="phone")["aria-invalid"] == "true"


def test_L3_the_same_suggestion_is_kept_once_and_machines_and_floods_are_kept_out(site: Correcting) -> None:
    for _ in range(3):
        assert site.send({"phone": "919-555-0177"}).status == 200
    assert site.send({"phone": "919-555-0178", "website": "x"}).status == 200
    assert site.send({"phone": "919-555-0178"}, after=1).status == 422
    assert len(site.proposals()) == 1
    for number in range(visitors.MOST_AN_HOUR - 1):
        site.send({"phone": f"919-555-020{number}"})
    page = site.send({"phone": "919-555-0300"})
    assert page.status == 429
    assert page.one("input", name="phone")["value"] == "919-555-0300"


def test_no_correction_of_a_listing_that_is_not_there(site: Correcting) -> None:
    for path in ("/programs/none/correct", "/programs/none/correct/sent"):
        assert site.pages.get(path).status == 404
    assert site.pages.post("/programs/none/correct", {"name": "x"}).status == 404


BOXES = ["name", "when", "place", "street", "city", "state", "zip", "phone", "email", "url", "cost", "amount",
         "attendees", "gender_mix", "age_min", "age_max", "note", "reply_to", "version", "website"]


@given(changed=st.dictionaries(st.sampled_from(BOXES), st.text(max_size=30), max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_form_is_too_odd(site: Correcting, changed: dict[str, str]) -> None:
    site.wait(3600)
    assert site.send(changed).status in (200, 422, 429)
