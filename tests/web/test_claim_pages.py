from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.listings import claims
from finder.listings.models import Claim
from finder.outbox import Message
from tests.pages import Page, Pages
from tests.web.people import Person
from tests.web.site import Site, group

CONTACT = "hello@lantern.example"


class Claiming(Site):
    """A site with a listing that has an address and one that has none, and the letters that wait."""

    def path(self, number: int = 0) -> str:
        return f"/programs/{self.slugs[number]}/claim"

    def link(self, kind: str) -> str:
        """The address in the newest letter of a kind."""
        with self.database.reading() as session:
            facts = session.scalars(select(Message.facts).where(Message.kind == kind).order_by(Message.id)).all()[-1]
        return f"/claims/{facts['link']}" + ("/objection" if kind == "claim_told" else "")

    def editors(self) -> list[str]:
        with self.database.reading() as session:
            return [one.email for one in people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, self.ids[0])]

    def state(self) -> str:
        with self.database.reading() as session:
            return session.scalars(select(Claim.state)).one()


@pytest.fixture
def site(tmp_path: Path) -> Claiming:
    return Claiming(tmp_path, [group(1, contact={"email": CONTACT}), group(2)])


@pytest.fixture
def joy(site: Claiming) -> Person:
    return Person(site, "joy@example.org")


def start(site: Claiming, person: Person, method: str, note: str = "", number: int = 0) -> Page:
    page = person.get(site.path(number))
    return person.send(page, site.path(number), {"method": method, "note": note})


def test_whoever_is_not_signed_in_does_that_first_and_comes_back(site: Claiming) -> None:
    assert site.path() in site.pages.get(f"/programs/{site.slugs[0]}").links
    response = site.app.test_client().get(site.path())
    assert response.status_code == 303
    assert response.headers["Location"] == f"/account/sign-in?to={site.path()}"


def test_A9_the_letter_is_opened_by_whoever_reads_that_mail_and_its_button_lets_the_claimant_edit(
        site: Claiming, joy: Person) -> None:
    page = start(site, joy, "contact")
    assert "We have written to the address in the listing." in page.main.text
    letter = site.link("claim")
    shown = site.pages.get(letter)
    assert "joy@example.org" in shown.main.text
    assert shown.response.headers["Cache-Control"] == "no-store"
    assert site.editors() == []
    assert "You said yes." in site.pages.post(letter, {"answer": "yes"}).main.text
    assert site.editors() == ["joy@example.org"]
    assert "You said yes." in site.pages.get(letter).main.text
    assert joy.client.get("/account/").status_code == 303  # signed out, as at every change of rights
    again = Person(site, "joy@example.org")
    assert "You can edit this group." in again.get(site.path()).main.text


def test_A9_opening_a_letter_changes_nothing_and_neither_does_another_answer(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    for answer in ("", "maybe"):
        site.pages.get(site.link("claim"))
        site.pages.post(site.link("claim"), {"answer": answer})
    assert (site.state(), site.editors()) == ("mail_sent", [])


def test_A9_no_in_a_letter_freezes_the_claim(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    assert "You objected." in site.pages.post(site.link("claim"), {"answer": "no"}).main.text
    assert "has objected" in joy.get(site.path()).main.text
    assert site.state() == "disputed"


def test_A9_an_objection_after_a_yes_takes_the_right_away(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    site.pages.post(site.link("claim"), {"answer": "yes"})
    told = site.link("claim_told")
    assert "can edit the listing" in site.pages.get(told).main.text
    assert "You objected." in site.pages.post(told, {"answer": "no"}).main.text
    assert (site.state(), site.editors()) == ("disputed", [])


def test_an_old_link_and_one_that_never_was_do_nothing(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    site.wait(24 * 3600)
    assert "too old" in site.pages.get(site.link("claim")).main.text
    assert site.pages.post(site.link("claim"), {"answer": "yes"}).status == 409
    assert site.editors() == []
    for path in ("/claims/made-up", "/claims/made-up/objection", site.link("claim") + "/objection"):
        assert site.pages.get(path).status == site.pages.post(path, {"answer": "no"}).status == 404


def test_a_steward_is_asked_with_words_and_the_claim_can_be_taken_back(site: Claiming, joy: Person) -> None:
    page = start(site, joy, "steward")
    assert page.status == 422
    assert page.one("textarea")["aria-invalid"] == "true"
    assert "A person looks at it." in start(site, joy, "steward", "Call and ask for me.").main.text
    joy.send(joy.get(site.path()), site.path(), {"deed": "withdraw"})
    assert site.state() == "withdrawn"


def test_a_claim_whose_letter_nobody_reads_goes_to_a_steward(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    assert joy.send(joy.get(site.path()), site.path(), {"note": ""}).status == 422
    joy.send(joy.get(site.path()), site.path(), {"note": "Call me."})
    assert site.state() == "waiting"


def test_only_ways_that_are_open_are_offered(site: Claiming, joy: Person) -> None:
    methods = [tag["value"] for tag in joy.get(site.path(1)).all("input", name="method")]
    assert methods == ["steward"]
    assert start(site, joy, "contact", number=1).status == 422
    lee = Person(site, "lee@lantern.example")
    assert [tag["value"] for tag in lee.get(site.path()).all("input", name="method")] == [
        "contact", "domain", "steward"]


def test_a_listing_that_is_not_there_and_a_claim_without_a_form_token_are_refused(site: Claiming, joy: Person) -> None:
    assert joy.get("/programs/none/claim").status == 404
    assert joy.pages.post(site.path(), {"method": "contact"}).status == 403
    assert joy.send(joy.get(site.path()), site.path(), {"deed": "withdraw"}).status == 404


def test_a_claim_tells_nobody_who_is_signed_in_elsewhere(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    letter = Pages(site.app.test_client()).get(site.link("claim"))
    assert not re.search("sign[- ]?out", letter.source, re.IGNORECASE)
    kim = Person(site, "kim@example.org")
    assert "We have written" not in kim.get(site.path()).main.text


@given(form=st.dictionaries(st.sampled_from(["deed", "method", "note", "answer"]), st.text(max_size=30)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_form_is_too_odd(site: Claiming, form: dict[str, str]) -> None:
    joy = Person(site, "joy@example.org")
    page = joy.get(site.path())
    if "/claim" in page.source and page.all("form"):
        assert joy.send(page, site.path(), form).status < 500
    assert site.pages.post("/claims/x", form).status == 404
    assert site.pages.post(f"/claims/{form.get('note', 'y').replace('/', '') or 'z'}/objection").status < 500


def test_states_of_a_claim_all_have_a_page(site: Claiming, joy: Person) -> None:
    start(site, joy, "contact")
    for state in claims.State:
        with site.database.transaction() as session:
            session.scalars(select(Claim)).one().state = state
        assert joy.get(site.path()).status == 200
        assert site.pages.get(site.link("claim")).status == 200


@pytest.mark.parametrize("path", ["/claims/a%0D%0AX: y", "/claims/a%0Db/objection", "/claims/%00/objection"])
def test_a_made_up_link_with_line_breaks_is_not_found(site: Claiming, path: str) -> None:
    for answer in ("yes", "no", "other"):
        assert site.pages.post(path, {"answer": answer}).status == 404
