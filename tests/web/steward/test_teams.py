from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.teams import joining, membership
from finder.teams.models import APPROVED, ENDED, WAITING, Team
from tests.referrals.samples import make_referral, make_team
from tests.web.account.letters import letters
from tests.web.people import Person
from tests.web.site import Site, group

LIST = "/steward/teams"
ANN = "ann@example.org"


class Asked(Site):
    """Somebody asks for a team; another team is at work."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [group(1)])
        self.ann = Person(self, ANN, second_step=False)
        with self.database.transaction() as session:
            self.asked = joining.ask(session, self.ann.id, joining.read({
                "name": "Northgate", "npi": "1234567893", "register": "NC Board", "number": "C-1",
                "phone": "919-555-0123", "note": "I am a social worker."}), now=self.clock()).id
            team, (self.member,) = make_team(session, "Eastside", "sam@example.org")
            self.at_work = team.id
            make_referral(session, team, self.member, self.ids[:1], keys=self.app.extensions["finder_referrals"])

    def state(self, team: object) -> str:
        with self.database.reading() as session:
            return session.get_one(Team, team).state


@pytest.fixture
def site(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


@pytest.fixture
def steward(site: Asked) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def test_a_steward_sees_who_asks_and_what_they_say(site: Asked, steward: Person) -> None:
    page = steward.get(LIST)
    assert "1 request waits" in page.main.text
    path = f"{LIST}/{site.asked}"
    assert path in page.links
    said = steward.get(path).main.text
    for words in (ANN, "1234567893. Its form is right. Whose it is, we did not ask.", "NC Board: C-1", "919-555-0123",
                  "I am a social worker."):
        assert words in said


def test_a_yes_gives_the_desk_and_a_letter(site: Asked, steward: Person) -> None:
    path = f"{LIST}/{site.asked}"
    page = steward.send(steward.get(path), path, {"answer": "yes"})
    assert "No request waits" in page.main.text
    assert [one["state"] for one in letters(site, ANN, "team_decided")] == ["approved"]
    assert site.ann.client.get("/provider/team").status_code == 303  # a new right needs a new sign-in
    ann = Person(site, ANN, second_step=False)
    assert ann.get("/provider/team").heading == "Northgate"
    with site.database.reading() as session:
        assert membership.team_of(session, ann.id) == site.asked


def test_a_no_needs_a_reason_which_they_read(site: Asked, steward: Person) -> None:
    path = f"{LIST}/{site.asked}"
    page = steward.send(steward.get(path), path, {"answer": "no"})
    assert page.status == 422
    assert "Say why" in page.one(id="reason-error").text
    assert steward.send(steward.get(path), path, {"reason": "x"}).status == 422
    page = steward.send(page, path, {"answer": "no", "reason": "Nobody there knows you."})
    assert "Said no to, or ended" in page.main.text
    assert letters(site, ANN, "team_decided")[0]["reason"] == "Nobody there knows you."


def test_the_second_of_two_stewards_is_told(site: Asked, steward: Person) -> None:
    path = f"{LIST}/{site.asked}"
    page = steward.get(path)
    steward.send(page, path, {"answer": "yes"})
    page = steward.send(page, path, {"answer": "no", "reason": "No."})
    assert page.status == 409
    assert "Somebody else has decided this meanwhile." in page.main.text
    assert site.state(site.asked) == APPROVED


def test_nobody_decides_about_their_own_request(site: Asked) -> None:
    own = Person(site, ANN, Role.STEWARD)
    path = f"{LIST}/{site.asked}"
    page = own.get(path)
    assert "Another steward decides." in page.main.text
    assert own.pages.post(path, {**page.form("/account/sign-out"), "answer": "yes"}).status == 403
    assert site.state(site.asked) == WAITING


def test_a_team_is_ended_with_a_reason_and_what_it_sent_is_never_shown(site: Asked, steward: Person) -> None:
    path = f"{LIST}/{site.at_work}"
    page = steward.get(path)
    assert "K7-41" not in page.source
    page = steward.send(page, path, {"reason": " "})
    assert page.status == 422
    steward.send(page, path, {"reason": "The clinic has closed."})
    assert site.state(site.at_work) == ENDED
    assert [one["state"] for one in letters(site, "sam@example.org", "team_decided")] == ["ended"]
    with site.database.reading() as session:
        assert people.grants_of(session, site.member) == ()
    assert "The clinic has closed." in steward.get(path).main.text


def test_a_steward_of_one_region_does_not_decide_about_teams(site: Asked) -> None:
    regional = Person(site, "lee@example.org", (Role.STEWARD, Scope.STATE, "US:NC"))
    assert LIST not in regional.get("/steward/").links
    assert regional.get(LIST).status == 404


@pytest.mark.parametrize("form", [{"answer": "maybe"}, {}, {"answer": "end", "reason": "x"}])
def test_odd_answers_change_nothing(site: Asked, steward: Person, form: dict[str, str]) -> None:
    path = f"{LIST}/{site.asked}"
    assert steward.pages.post(path, {**steward.get(path).form("/account/sign-out"), **form}).status in (409, 422)
    assert site.state(site.asked) == WAITING


def test_a_steward_says_yes_to_another_name(site: Asked, steward: Person) -> None:
    with site.database.transaction() as session:
        joining.change(session, joining.find(session, site.at_work), joining.read({"name": "Westside"}))
    assert "Westside" in steward.get(LIST).main.text
    address = f"{LIST}/{site.at_work}"
    page = steward.get(address)
    done = steward.send(page, address, {"answer": "yes"})
    assert "Westside" in done.main.text
    with site.database.reading() as session:
        assert session.get_one(Team, site.at_work).name == "Westside"
