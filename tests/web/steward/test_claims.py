from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from finder.accounts import people
from finder.accounts.models import Grant
from finder.accounts.permissions import Role, Scope
from finder.listings.models import Claim
from finder.outbox import Message
from tests.make import make_session
from tests.web.people import Person
from tests.web.site import Site, group

ORGANIZATION = {"name": "Lantern", "url": "https://lantern.example/"}


class Deciding(Site):
    """Two listings of one organization in one state, and somebody who claims the first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [group(number, organization=ORGANIZATION, sessions=[
            make_session(location={"city": "Durham", "state": "NC"})]) for number in (1, 2)])
        self.joy = Person(self, "joy@lantern.example")
        path = f"/programs/{self.slugs[0]}/claim"
        self.joy.send(self.joy.get(path), path, {"method": "steward", "note": "Call and ask for Joy."})
        with self.database.reading() as session:
            self.claim = str(session.scalars(select(Claim.id)).one())

    @property
    def path(self) -> str:
        return f"/steward/claims/{self.claim}"

    def editors(self) -> list[str]:
        with self.database.reading() as session:
            return [one.email for one in people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, self.ids[0])]


@pytest.fixture
def site(tmp_path: Path) -> Deciding:
    return Deciding(tmp_path)


@pytest.fixture
def sam(site: Deciding) -> Person:
    return Person(site, "sam@example.org", Role.STEWARD)


def test_a_steward_sees_who_waits_and_what_helps_to_decide(site: Deciding, sam: Person) -> None:
    queue = sam.get("/steward/claims")
    assert site.path in queue.links
    page = sam.get(site.path)
    assert "Call and ask for Joy." in page.main.text
    assert "lantern.example, as in the listing" in page.main.text


def test_a_yes_lets_them_edit_and_is_told(site: Deciding, sam: Person) -> None:
    assert "Nobody waits" in sam.send(sam.get(site.path), site.path, {"answer": "yes"}).main.text
    assert site.editors() == ["joy@lantern.example"]
    with site.database.reading() as session:
        letter = session.scalars(select(Message).where(Message.kind == "claim_decided")).one()
        assert letter.address == "joy@lantern.example"
    assert "This is decided." in sam.get(site.path).main.text


def test_a_yes_can_count_for_the_whole_organization(site: Deciding, sam: Person) -> None:
    sam.send(sam.get(site.path), site.path, {"answer": "yes", "scope": "organization"})
    with site.database.reading() as session:
        assert session.scalars(select(Grant.scope).where(Grant.role == Role.OPERATOR)).all() == ["organization"]


def test_a_no_needs_a_reason_and_an_answer_must_be_chosen(site: Deciding, sam: Person) -> None:
    page = sam.send(sam.get(site.path), site.path, {"answer": "no", "reason": ""})
    assert page.status == 422
    assert "Say why, so that they know." in page.main.text
    assert sam.send(sam.get(site.path), site.path, {"reason": "x"}).status == 422
    sam.send(sam.get(site.path), site.path, {"answer": "no", "reason": "Nobody knows you there."})
    assert site.editors() == []
    with site.database.reading() as session:
        assert session.scalars(select(Claim.reason)).one() == "Nobody knows you there."


def test_a_second_decision_is_too_late(site: Deciding, sam: Person) -> None:
    first, second = sam.get(site.path), sam.get(site.path)
    sam.send(first, site.path, {"answer": "yes"})
    assert sam.send(second, site.path, {"answer": "no", "reason": "No"}).status == 409
    assert site.editors() == ["joy@lantern.example"]


def test_a_steward_of_another_state_sees_nothing_of_it(site: Deciding) -> None:
    other = Person(site, "pat@example.org", (Role.STEWARD, Scope.STATE, "US:PA"))
    assert "Nobody waits" in other.get("/steward/claims").main.text
    assert other.get(site.path).status == other.get("/steward/claims/none").status == 404
    near = Person(site, "ned@example.org", (Role.STEWARD, Scope.STATE, "US:NC"))
    assert near.get(site.path).status == 200


def test_nobody_decides_their_own_claim(site: Deciding) -> None:
    with site.database.transaction() as session:
        people.give(session, site.joy.id, Role.STEWARD, by="a test", now=site.clock())
    page = site.joy.get(site.path)
    assert "Another steward decides." in page.main.text
    token = site.joy.get("/account/").form("/account/sign-out")
    assert site.joy.pages.post(site.path, {**token, "answer": "yes"}).status == 403
    assert site.editors() == []
