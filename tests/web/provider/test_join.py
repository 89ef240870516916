from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.teams import joining
from finder.teams.models import WAITING, Team
from tests.referrals.samples import make_team
from tests.web.account.letters import letters
from tests.web.people import Person
from tests.web.site import Site

PATH = "/provider/join"
ASKED = {"name": "Northgate Counseling", "phone": "919-555-0123", "npi": "123 456-7893",
         "note": "I am a social worker.", "way": "ask"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [])


@pytest.fixture
def ann(site: Site) -> Person:
    return Person(site, "ann@example.org", second_step=False)


def waiting(site: Site) -> list[Team]:
    with site.database.reading() as session:
        return [one.team for one in joining.listed(session, WAITING)]


def test_every_public_page_leads_to_it_and_a_stranger_signs_in_first(site: Site) -> None:
    assert PATH in site.pages.get("/about").links
    answer = site.pages.client.get(PATH)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in?to=/provider/join")


def test_the_page_says_what_a_team_can_do_who_decides_and_how_long_it_takes(ann: Person) -> None:
    said = ann.get(PATH).main.text
    for words in ("Ask a group for a place", "stewards do not", "A steward of this site looks at it", "two days"):
        assert words in said


def test_a_request_is_kept_and_shown_until_it_is_decided(site: Site, ann: Person) -> None:
    page = ann.send(ann.get(PATH), PATH, ASKED)
    assert page.heading == "Your request waits for an answer"
    for words in ("Northgate Counseling", "NPI 1234567893", "919-555-0123", "I am a social worker.", "ann@example.org"):
        assert words in page.main.text
    (team,) = waiting(site)
    assert (team.npi, team.asked_by) == ("1234567893", ann.id)
    assert letters(site, "ann@example.org") == []


def test_a_request_can_be_taken_back(site: Site, ann: Person) -> None:
    page = ann.send(ann.get(PATH), PATH, ASKED)
    assert ann.send(page, PATH, {"way": "take_back"}).heading == "For providers"
    assert waiting(site) == []


def test_a_request_sent_twice_is_one(site: Site, ann: Person) -> None:
    page = ann.get(PATH)
    ann.send(page, PATH, ASKED)
    assert ann.send(page, PATH, ASKED).heading == "Your request waits for an answer"
    assert len(waiting(site)) == 1


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(site: Site, ann: Person) -> None:
    page = ann.send(ann.get(PATH), PATH, {**ASKED, "name": "", "npi": "1234567890", "register": "NC Board"})
    assert page.status == 422
    assert "Write what your team is called." in page.one(id="name-error").text
    assert "One digit of this NPI is wrong." in page.one(id="npi-error").text
    assert "Write the number" in page.one(id="number-error").text
    assert page.one("input", id="npi")["value"] == "1234567890"
    assert page.one("textarea", id="note").text == ASKED["note"]
    assert waiting(site) == []


def test_L1_the_fourth_request_of_a_day_is_refused_in_words(site: Site, ann: Person) -> None:
    for _ in range(3):
        ann.send(ann.send(ann.get(PATH), PATH, ASKED), PATH, {"way": "take_back"})
    page = ann.send(ann.get(PATH), PATH, ASKED)
    assert page.status == 429
    assert "You have asked three times today." in page.main.text
    assert page.one("input", id="name")["value"] == ASKED["name"]


def test_a_no_is_shown_with_its_reason_above_a_new_form(site: Site, ann: Person) -> None:
    ann.send(ann.get(PATH), PATH, ASKED)
    steward = Person(site, "steward@example.org", Role.STEWARD)
    path = f"/steward/teams/{waiting(site)[0].id}"
    steward.send(steward.get(path), path, {"answer": "no", "reason": "Nobody there knows you."})
    page = ann.get(PATH)
    assert "Nobody there knows you." in page.main.text
    assert ann.send(page, PATH, ASKED).heading == "Your request waits for an answer"


def test_who_has_a_team_is_led_to_its_desk(site: Site) -> None:
    with site.database.transaction() as session:
        team, _ = make_team(session)
    member = Person(site, "sam@example.org", (Role.PROVIDER, Scope.TEAM, str(team.id)), second_step=False)
    answer = member.client.get(PATH)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/provider/")


def test_referrals_are_in_the_menu_of_members_only(site: Site, ann: Person) -> None:
    assert "/provider/" not in ann.get(PATH).links
    with site.database.transaction() as session:
        team, _ = make_team(session)
    member = Person(site, "sam@example.org", (Role.PROVIDER, Scope.TEAM, str(team.id)), second_step=False)
    assert "/provider/" in member.get("/account/").links


@pytest.mark.parametrize("odd", [{"way": "dance"}, {"name": "\u202e"}, {"name": "x" * 10_000}, {"npi": "٠" * 10},
                                 {"phone": "call me"}])
def test_odd_forms_break_nothing(ann: Person, odd: dict[str, str]) -> None:
    assert ann.send(ann.get(PATH), PATH, {**ASKED, **odd}).status in (200, 422)
