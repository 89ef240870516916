from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.referrals import reading
from finder.teams import membership
from finder.teams.models import Team
from tests.pages import Page, Pages
from tests.referrals.samples import make_referral, make_team, sender
from tests.web.account.letters import last_link, letters
from tests.web.people import Person
from tests.web.site import Site, group

TEAM, LEAVE = "/provider/team", "/provider/team/leave"
LEE = "lee@example.org"


class Practice(Site):
    """A team of two, another team of one, and a group to refer to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [group(1)])
        with self.database.transaction() as session:
            self.team = make_team(session, "Eastside", "ann@example.org", "sam@example.org")[0].id
            self.other = make_team(session, "Westside", "eve@example.org")[0].id
        self.ann, self.sam = self.member("ann@example.org"), self.member("sam@example.org")
        self.eve = Person(self, "eve@example.org", second_step=False)

    def member(self, email: str) -> Person:
        return Person(self, email, (Role.PROVIDER, Scope.TEAM, str(self.team)), second_step=False)

    def people(self) -> list[str]:
        with self.database.reading() as session:
            return [one.email for one in membership.members(session, self.team)]

    def invite(self, email: str) -> Page:
        return self.ann.send(self.ann.get(TEAM), TEAM, {"email": email})

    def refer(self, who: Person) -> str:
        with self.database.transaction() as session:
            return make_referral(session, session.get_one(Team, self.team), who.id, self.ids[:1],
                                 keys=self.app.extensions["finder_referrals"]).referral.key

    def owner(self, key: str) -> int | None:
        with self.database.reading() as session:
            return reading.find(session, key).owner_id


@pytest.fixture
def site(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


def test_the_page_shows_the_team_and_who_is_in_it_and_nobody_elses(site: Practice) -> None:
    page = site.ann.get(TEAM)
    assert page.heading == "Eastside"
    for words in ("919-555-0100", "ann@example.org (you)", "sam@example.org"):
        assert words in page.main.text
    assert "eve@example.org" not in page.main.text


# -- what it is called -----------------------------------------------------------------------------------------------


def test_phone_and_numbers_are_changed_by_any_member_and_a_name_is_asked_for(site: Practice) -> None:
    path = f"{TEAM}/change"
    page = site.sam.get(path)
    assert page.one("input", id="name")["value"] == "Eastside"
    page = site.sam.send(page, path, {"name": "Eastside North", "phone": "", "npi": "1234567893"})
    assert page.heading == "Eastside", "a steward looks at a new name first"
    assert "Eastside North" in page.main.text
    assert "This is saved." in page.main.text
    assert "NPI 1234567893" in page.main.text
    page = site.sam.send(site.sam.get(path), path, {"name": " ", "phone": "x"})
    assert page.status == 422
    assert page.one(id="name-error").text
    assert page.one("input", id="phone")["value"] == "x"


def test_ones_own_numbers_are_ones_own(site: Practice) -> None:
    path = f"{TEAM}/numbers"
    page = site.ann.send(site.ann.get(path), path, {"npi": "123-456-7893", "register": "NC Board", "number": "C-1"})
    assert "NPI 1234567893, NC Board: C-1" in page.main.text
    assert site.ann.get(path).one("input", id="number")["value"] == "C-1"
    assert site.sam.get(path).one("input", id="npi")["value"] == ""
    page = site.ann.send(site.ann.get(path), path, {"npi": "12"})
    assert page.status == 422
    assert "ten digits" in page.one(id="npi-error").text


# -- inviting --------------------------------------------------------------------------------------------------------


def test_a_colleague_comes_in_by_the_button_of_a_letter(site: Practice) -> None:
    page = site.invite(LEE)
    assert "The invitation is on its way." in page.main.text
    assert "Invited, no answer yet" in page.main.text
    assert site.people() == ["ann@example.org", "sam@example.org"]
    pages = Pages(site.app.test_client())
    address = f"/account/link/{last_link(site, LEE, 'invite')}"
    pages.get(address)
    page = pages.post(address)
    assert page.path == "/provider/"
    assert LEE in site.people()


@pytest.mark.parametrize(("email", "words"), [
    ("sam@example.org", "in your team already"), ("EVE@example.org", "nobody can be in two"), ("lee", "email address")])
def test_who_cannot_be_invited_is_said_at_the_field(site: Practice, email: str, words: str) -> None:
    page = site.invite(email)
    assert page.status == 422
    assert words in page.one(id="email-error").text
    assert page.one("input", id="email")["value"] == email
    assert letters(site, email.lower()) == []


def test_an_invitation_can_be_made_void(site: Practice) -> None:
    page = site.invite(LEE)
    secret = last_link(site, LEE, "invite")
    assert "This person has an invitation" in site.invite(LEE).main.text
    page = site.ann.pages.post(TEAM, {**page.form("/account/sign-out"), "void": LEE})
    assert "Invited, no answer yet" not in page.main.text
    assert Pages(site.app.test_client()).get(f"/account/link/{secret}").status == 404


def test_who_joined_another_team_meanwhile_is_told_and_the_link_stays_good(site: Practice) -> None:
    site.invite(LEE)
    address = f"/account/link/{last_link(site, LEE, 'invite')}"
    lee = Person(site, LEE, (Role.PROVIDER, Scope.TEAM, str(site.other)))
    pages = Pages(site.app.test_client())
    pages.get(address)
    page = pages.post(address)
    assert page.status == 409
    assert "nobody can be in two" in page.main.text
    assert LEE not in site.people()
    with site.database.transaction() as session:
        membership.remove(session, site.other, lee.id, now=site.clock())
    assert pages.post(address).path == "/provider/"
    assert LEE in site.people()


def test_L1_addresses_cannot_be_tried_without_end(site: Practice) -> None:
    for _ in range(20):
        site.invite("eve@example.org")
    page = site.invite("eve@example.org")
    assert "enough letters for today" in page.one(id="email-error").text


# -- going -----------------------------------------------------------------------------------------------------------


def test_a_member_is_taken_out_after_a_second_page_and_their_referrals_stay(site: Practice) -> None:
    key, path = site.refer(site.sam), f"{TEAM}/people/{site.sam.public_id}"
    page = site.ann.get(path)
    assert "Their referrals stay with the team." in page.main.text
    page = site.ann.send(page, path)
    assert "out of the team" in page.main.text
    assert site.people() == ["ann@example.org"]
    assert site.owner(key) == site.ann.id
    with site.database.reading() as session:
        last = reading.history(session, key)[-1]
    assert (last.kind, last.who) == ("owner", sender(site.ann.id).name)
    assert site.sam.client.get(TEAM).status_code == 303  # signed out
    assert [one["what"] for one in letters(site, "sam@example.org", "security_notice")] == ["role_taken"]
    assert site.ann.client.get(path).status_code == 404


def test_nobody_takes_anybody_out_of_another_team(site: Practice) -> None:
    path = f"{TEAM}/people/{site.eve.public_id}"
    assert site.ann.get(path).status == 404
    token = site.ann.get(TEAM).form("/account/sign-out")
    assert site.ann.pages.post(path, token).status == 404


def test_who_leaves_says_who_looks_after_their_referrals(site: Practice) -> None:
    key = site.refer(site.ann)
    page = site.ann.send(site.ann.get(LEAVE), LEAVE)
    assert page.status == 422
    assert "Choose who looks after" in page.one(id="to-error").text
    page = site.ann.send(page, LEAVE, {"to": site.eve.public_id})
    assert page.status == 422
    page = site.ann.send(page, LEAVE, {"to": site.sam.public_id})
    assert page.path == "/account/sign-in"
    assert site.people() == ["sam@example.org"]
    assert site.owner(key) == site.sam.id


def test_the_last_one_cannot_leave_and_learns_what_to_do(site: Practice) -> None:
    token = site.sam.get(TEAM).form("/account/sign-out")
    site.ann.send(site.ann.get(LEAVE), LEAVE, {"to": site.sam.public_id})
    page = site.sam.get(LEAVE)
    assert "You are the only one here." in page.main.text
    assert site.sam.pages.post(LEAVE, token).status == 409
    assert site.people() == ["sam@example.org"]


def test_ones_own_line_leads_to_leaving(site: Practice) -> None:
    assert site.ann.get(f"{TEAM}/people/{site.ann.public_id}").path == LEAVE
