from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from finder.catalog.models import Program
from finder.listings import review, visitors
from finder.listings.models import Proposal
from finder.listings.writing import Author
from tests.listings.database import NOW
from tests.pages import Page
from tests.web.sample import DURHAM
from tests.web.site import Site, group

BOXES = {"name": "Harbor Evening Circle", "group_type": "peer_support", "focus": "grief", "way": "in_person",
         "when": "2nd and 4th Tuesday, 6 to 7:30 pm", "city": "Durham", "state": "North Carolina", "zip": "27701",
         "street": "1 Main Street", "phone": "919-555-0142", "cost": "free", "language": "en", "relation": "runs",
         "reply_to": "joy@example.org"}


class Adding(Site):
    """A site, and a stranger who tells of a group."""

    def send(self, changed: dict[str, str] | None = None, after: int = 20, **how: Any) -> Page:
        stamp = self.pages.get("/add").one("input", name="stamp")["value"]
        self.wait(after)
        return self.pages.post("/add", {**BOXES, "stamp": stamp, **(changed or {})}, **how)

    def proposals(self) -> list[Proposal]:
        with self.database.reading() as session:
            return list(session.scalars(select(Proposal)))

    def document(self) -> dict[str, Any]:
        with self.database.reading() as session:
            return review.as_proposed(session.scalars(select(Proposal)).one(), None)[1]

    def published(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Program)) or 0


@pytest.fixture
def site(tmp_path: Path) -> Adding:
    return Adding(tmp_path, [group(1, name="Lantern Street Grief Circle", contact={"phone": "919-555-0199"},
                                   sessions=[{"format": "in_person", "location": DURHAM}])])


def test_a_group_waits_and_is_shown_only_after_a_stewards_yes(site: Adding) -> None:
    assert site.send().heading == "Thank you. We have the group"
    assert site.published() == 1
    proposal = site.proposals()[0]
    assert (proposal.kind, proposal.state, proposal.reply_to) == ("new", "waiting", "joy@example.org")
    assert proposal.note == "I run this group, or help to run it"
    assert "Harbor" not in site.pages.get("/programs").main.text
    with site.database.transaction() as session:
        review.decide(session, proposal.id, {"": review.ACCEPT}, author=Author("steward:1"), now=NOW)
    assert "Harbor Evening Circle" in site.pages.get("/programs").main.text


def test_what_was_typed_becomes_a_listing_document(site: Adding) -> None:
    site.send()
    document = site.document()
    assert document["focus"] == ["grief"]
    assert document["cost"] == {"free": True}
    session = document["sessions"][0]
    assert (session["repeats"], session["start_time"]) == ("FREQ=MONTHLY;BYDAY=2TU,4TU", "18:00")
    assert session["timezone"] == "America/New_York"
    assert session["location"]["state"] == "NC"
    assert session["location"]["precision"] == "postal_code"


def test_what_no_box_can_hold_goes_along_as_a_note(site: Adding) -> None:
    site.send({"when": "when the tide is low", "way": "online_video", "join_url": "https://zoom.example/j/1"})
    document = site.document()
    assert document["sessions"] == [{"format": "online_video", "join_url": "https://zoom.example/j/1"}]
    assert site.proposals()[0].note.splitlines()[1:] == [
        "Where: 1 Main Street, Durham, North Carolina, 27701", "When: when the tide is low"]


@pytest.mark.parametrize(("changed", "box"), [
    ({"name": " "}, "name"), ({"group_type": ""}, "group_type"), ({"group_type": "made_up"}, "group_type"),
    ({"way": ""}, "way"), ({"phone": ""}, "phone"), ({"phone": "1-900-555-0142"}, "phone"),
    ({"email": "nobody"}, "email"), ({"url": "javascript:alert(1)"}, "url"), ({"amount": "five"}, "amount"),
    ({"reply_to": "nobody"}, "reply_to"), ({"join_url": "ftp://x"}, "join_url"), ({"focus": "nothing"}, "focus"),
], ids=str)
def test_what_is_missing_or_wrong_is_said_at_its_box_and_nothing_typed_is_lost(
        site: Adding, changed: dict[str, str], box: str) -> None:
    page = site.send(changed)
    assert page.status == 422
    assert page.title.startswith("Error:")
    field = next(tag for tag in page.main.all("input", "select", "textarea") if tag["name"] == box)
    assert field["aria-invalid"] == "true"
    assert page.one("input", name="street")["value"] == "1 Main Street"
    assert site.proposals() == []


def test_how_one_knows_the_group_must_be_said(site: Adding) -> None:
    page = site.send({"relation": ""})
    assert page.status == 422
    assert "Say how you know the group." in page.of_class("errors")[0].text


def test_groups_that_look_alike_are_shown_before_anything_is_sent(site: Adding) -> None:
    twin = {"name": "Lantern Street Grief Circle", "phone": "919-555-0199"}
    page = site.send(twin)
    assert page.status == 200
    assert f"/programs/{site.slugs[0]}/correct" in page.links
    assert site.proposals() == []
    assert page.one("input", name="city")["value"] == "Durham"
    assert site.send({**twin, "sure": "yes"}).heading == "Thank you. We have the group"
    assert len(site.proposals()) == 1


def test_the_same_group_sent_twice_is_kept_once(site: Adding) -> None:
    for _ in range(2):
        assert site.send().status == 200
    assert len(site.proposals()) == 1


def test_a_machine_is_thanked_and_not_heard(site: Adding) -> None:
    assert site.send({"website": "https://example.org"}).status == 200
    assert site.send(after=1).status == 422
    assert site.proposals() == []


def flood(site: Adding, posts: int) -> None:
    """Machines that found out how the form works: from many networks, each post another group, three to four seconds
    after the form was shown."""
    stamp = site.pages.get("/add").one("input", name="stamp")["value"]
    site.wait(4)
    statuses = set()
    for number in range(posts):
        network = f"10.{number // 3 // 256 % 256}.{number // 3 % 256}.{number % 3}"
        response = site.pages.client.post(
            "/add", data={**BOXES, "name": f"Cheap Pills {number}", "stamp": stamp, "reply_to": "", "sure": "yes"},
            headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"}, environ_base={"REMOTE_ADDR": network})
        statuses.add(response.status_code)
    assert statuses == {303, 429}


def test_of_300_posts_of_machines_at_most_200_are_kept_and_none_is_shown(site: Adding) -> None:
    flood(site, 300)
    assert len(site.proposals()) == visitors.MOST_A_DAY
    assert site.published() == 1


@pytest.mark.soak
def test_l3_of_10000_posts_of_machines_at_most_200_are_kept_and_none_is_shown(site: Adding) -> None:
    flood(site, 10_000)
    assert len(site.proposals()) == visitors.MOST_A_DAY
    assert site.published() == 1


def test_the_page_says_what_belongs_here_in_both_languages(site: Adding) -> None:
    assert "/about/inclusion" in site.pages.get("/add").links
    assert "/es/about/inclusion" in site.pages.get("/es/add").links
    assert site.pages.get("/add/sent").heading == "Thank you. We have the group"


ODD = st.dictionaries(st.sampled_from([*BOXES, "place", "description", "url", "email", "join_url", "note", "amount",
                                       "led_by", "gender_mix", "attendees", "sure", "website"]), st.text(max_size=30),
                      max_size=6)


@given(changed=ODD)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_form_is_too_odd(site: Adding, changed: dict[str, str]) -> None:
    site.wait(3600)
    assert site.send(changed).status in (200, 422, 429)
