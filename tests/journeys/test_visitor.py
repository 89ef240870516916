"""What anybody can do without an account, and how somebody shows that a group is theirs, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from finder.accounts.permissions import Role
from finder.listings import reports, review
from finder.listings.models import Proposal
from finder.listings.writing import Author
from finder.outbox import Message
from tests.journeys.conftest import Start, Visit, served
from tests.web.people import Person
from tests.web.sample import DURHAM, EASTERN
from tests.web.site import Site, group

pytestmark = pytest.mark.browser

FULL = {"contact": {"phone": "919-555-0142", "email": "hello@lantern.example"},
        "sessions": [{"format": "hybrid", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
                      "duration_minutes": 90, "timezone": EASTERN, "join_url": "https://zoom.example/j/1",
                      "location": {**DURHAM, "name": "Lantern Hall", "address_1": "1180 Lantern Street"}}]}


class Served(Site):
    """A served site with one group, and the letters that wait."""

    address = ""

    @property
    def listing(self) -> str:
        return f"/programs/{self.slugs[0]}"

    def letter(self, kind: str) -> Message:
        with self.database.reading() as session:
            found = session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id.desc())).first()
            assert found is not None
            session.expunge(found)
            return found

    def visit(self, start: Start, person: Person | None = None, *, scripts: bool = True, width: int = 390) -> Visit:
        visit = start(width=width, height=740, scripts=scripts)
        visit.site = self.address
        if person is not None:
            cookie = person.client.get_cookie("sid")
            assert cookie is not None
            visit.context.add_cookies([{"name": "sid", "value": cookie.value, "url": self.address}])
        return visit


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path, [group(1, **FULL)])
    running = served(made.app)
    made.address = next(running)
    yield made
    next(running, None)


@pytest.mark.parametrize("scripts", [False, True], ids=["no scripts", "scripts"])
def test_a_stranger_corrects_a_listing_a_steward_accepts_and_the_stranger_is_thanked(
        start: Start, kept: Served, scripts: bool) -> None:
    visit = kept.visit(start, scripts=scripts, width=320)
    visit.go(kept.listing)
    visit.check()
    visit.press("Suggest a correction", "link")
    page = visit.page
    page.get_by_label("Phone").fill("919-555-0177")
    page.get_by_label("When it meets").fill("every Wednesday, 7 to 8 pm")
    page.get_by_label("Your email, if you want an answer").fill("joy@example.org")
    visit.check()
    kept.wait(20)
    visit.press("Send")
    expect(page.locator("h1")).to_have_text("Thank you. We have your correction")
    visit.check()
    visit.go(kept.listing)
    expect(page.locator("main")).to_contain_text("919-555-0142")
    with kept.database.transaction() as session:
        proposal = session.scalars(select(Proposal)).one()
        assert proposal.fields == ["sessions", "contact.phone"]
        review.decide(session, proposal.id, {"": review.ACCEPT}, author=Author("steward:1"), now=kept.clock())
    visit.go(kept.listing)
    expect(page.locator("main")).to_contain_text("919-555-0177")
    expect(page.locator("main")).to_contain_text("Every Wednesday")
    assert kept.letter("decision").address == "joy@example.org"
    assert visit.context.cookies() == []


def test_a_report_is_sent_from_a_phone_and_waits_for_the_steward(start: Start, kept: Served) -> None:
    visit = kept.visit(start)
    visit.go(kept.listing)
    visit.press("Tell us what is wrong with this listing", "link")
    visit.page.get_by_text("It was not running when we came or called").click()
    visit.page.get_by_label("Anything that helps us to put it right").fill("The door was locked.")
    visit.check()
    kept.wait(20)
    visit.press("Send")
    expect(visit.page.locator("h1")).to_have_text("Thank you. We have it")
    visit.check()
    with kept.database.reading() as session:
        assert [(one.kind, one.note) for one in reports.waiting(session)] == [("not_running", "The door was locked.")]
    assert visit.context.cookies() == []


def test_the_link_to_join_is_shown_by_its_button_only(start: Start, kept: Served) -> None:
    visit = kept.visit(start, scripts=False)
    visit.go(kept.listing)
    assert "zoom.example" not in visit.page.content()
    visit.press("Show the link to join")
    expect(visit.page.get_by_role("link", name="https://zoom.example/j/1")).to_be_visible()
    visit.check()


def test_whoever_runs_a_group_shows_it_by_the_letter_to_its_address(start: Start, kept: Served) -> None:
    joy = kept.visit(start, Person(kept, "joy@example.org"))
    joy.go(kept.listing)
    joy.press("I run this group", "link")
    joy.page.get_by_text("Send a link to hello@lantern.example").click()
    joy.check()
    joy.press("Send")
    expect(joy.page.locator("main")).to_contain_text("We have written to the address in the listing.")
    joy.check()
    letter = kept.letter("claim")
    assert letter.address == "hello@lantern.example"
    lee = kept.visit(start, scripts=False, width=320)
    lee.go(f"/claims/{letter.facts['link']}")
    lee.check()
    lee.press("Yes, they may edit it")
    expect(lee.page.locator("main")).to_contain_text("You said yes.")
    assert lee.context.cookies() == []
    joy = kept.visit(start, Person(kept, "joy@example.org"))  # every change of rights signs people out
    joy.go(f"{kept.listing}/claim")
    expect(joy.page.locator("main")).to_contain_text("You can edit this group.")
    joy.check()
    told = kept.letter("claim_told")
    lee.go(f"/claims/{told.facts['link']}/objection")
    lee.press("I object: this was not me")
    sam = kept.visit(start, Person(kept, "sam@example.org", Role.STEWARD), width=1280)
    sam.go("/steward/claims")
    sam.check()
    sam.page.locator("article a").click()
    sam.page.get_by_label("No", exact=True).check()
    sam.page.get_by_label("Why").fill("We called. Nobody there knows you.")
    sam.check()
    sam.press("Decide and tell them")
    assert kept.letter("claim_decided").facts["state"] == "rejected"


def test_a_group_is_added_and_waits(start: Start, kept: Served) -> None:
    visit = kept.visit(start)
    visit.go("/add")
    page = visit.page
    page.get_by_label("Name", exact=True).fill("Harbor Evening Circle")
    page.get_by_label("Kind of group").select_option("peer_support")
    page.get_by_label("How people take part").select_option("in_person")
    page.get_by_label("When it meets").fill("2nd and 4th Tuesday, 6 to 7:30 pm, not in July")
    page.get_by_label("ZIP code").fill("27701")
    page.get_by_label("Phone").fill("919-555-0188")
    kept.wait(20)
    visit.press("Send")
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator(".errors")).to_contain_text("Say how you know the group.")
    visit.complaints.clear()  # the browser notes the status 422
    visit.check()
    page.get_by_text("I run this group, or help to run it").click()
    kept.wait(20)
    visit.press("Send")
    expect(page.locator("h1")).to_have_text("Thank you. We have the group")
    visit.go("/programs")
    expect(page.locator("main")).not_to_contain_text("Harbor Evening Circle")
