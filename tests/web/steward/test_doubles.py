from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import changes, doubles
from tests.listings.database import NOW, take
from tests.listings.test_doubles import circle
from tests.web.people import Person
from tests.web.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path, [circle("a")])
    take(site.database, [circle("b", name="Bell Rd. Lantern Circle", description="Tea and talk.")], source="A county")
    with site.database.transaction() as session:
        assert doubles.keep(session, doubles.look(session), now=NOW) == 1
    return site


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def test_a_pair_is_shown_fact_by_fact_with_what_they_share(steward: Person) -> None:
    page = steward.get("/steward/doubles")
    assert "The same phone" in page.main.text
    assert "Tea and talk." in page.main.text
    assert [row.all("th")[0].text for row in page.all("tr") if row.has_class("differs")] == ["Name", "Description"]


def test_a_merge_leads_visitors_on_and_shows_in_the_next_search(site: Site, steward: Person) -> None:
    page = steward.get("/steward/doubles")
    choices = {"do": "one", "keep-description": "two", "keep-name": "one"} if "A. Bell Road" in page.main.text else {
        "do": "two", "keep-description": "one", "keep-name": "two"}
    done = steward.send(page, "/steward/doubles", choices)
    assert "Merged." in done.main.text
    with site.database.reading() as session:
        slugs = {changes.find(session, site.ids[0]).document["name"]: site.slugs[0]}
        (gone,) = doubles.merged_from(session, changes.find(session, site.ids[0]).id)
    assert site.app.test_client().get(f"/programs/{gone}").headers["Location"].endswith(
        slugs["Bell Road Lantern Circle"])
    assert "Tea and talk." in site.pages.get(f"/programs/{gone}").main.text


def test_two_that_are_told_apart_are_not_asked_about_again(steward: Person) -> None:
    page = steward.send(steward.get("/steward/doubles"), "/steward/doubles", {"do": "apart"})
    assert "No more pairs" in page.main.text


def test_a_pair_that_changed_meanwhile_is_shown_again(site: Site, steward: Person) -> None:
    page = steward.get("/steward/doubles")
    take(site.database, [circle("a", description="New words.")])
    after = steward.send(page, "/steward/doubles", {"do": "one"})
    assert "changed meanwhile" in after.main.text
    assert "New words." in after.main.text


def test_a_steward_of_another_state_sees_no_pair_and_cannot_merge_one(site: Site, steward: Person) -> None:
    page = steward.get("/steward/doubles")
    far = Person(site, "far@example.org", (Role.STEWARD, Scope.STATE, "US:NV"))
    assert "No more pairs" in far.get("/steward/doubles").main.text
    token = far.get("/account/").one("form", action="/account/sign-out").all("input", name="form_token")[0]["value"]
    sent = far.pages.post("/steward/doubles", {**page.form("/steward/doubles"), "form_token": token, "do": "one"})
    assert sent.status == 404


@pytest.mark.parametrize("fields", [{"pair": "99"}, {"pair": "x"}, {"pair": ""}])
def test_a_pair_that_is_not_there_is_not_found(steward: Person, fields: dict[str, str]) -> None:
    page = steward.get("/steward/doubles")
    assert steward.send(page, "/steward/doubles", fields).status == 404
