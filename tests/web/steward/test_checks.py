from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finder import instance
from finder.accounts.permissions import Role, Scope
from finder.catalog import queries
from finder.listings import changes
from tests.listings.database import NOW
from tests.listings.test_checks import ago, group
from tests.pages import Page
from tests.web.people import Person
from tests.web.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group("new", 10), group("old", 400), group("never", None),
                           group("far", 500, city="Reno", state="NV")])


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def names(page: Page) -> list[str]:
    return [tag.one_heading.removeprefix("Group ") for tag in page.of_class("item")]


def slug(site: Site, name: str) -> str:
    with site.database.reading() as session:
        return next(found.slug for one in site.ids
                    if (found := changes.find(session, one)).document["name"] == f"Group {name}")


def test_the_list_starts_with_what_nobody_ever_checked(steward: Person) -> None:
    assert names(steward.get("/steward/checks")) == ["never", "far", "old"]
    assert names(steward.get("/steward/checks?age=0&state=NV")) == ["far"]
    assert names(steward.get("/steward/checks?age=nonsense&state=XX&focus=zz&page=zz")) == ["never", "far", "old"]


def test_a_steward_of_a_state_has_the_list_of_that_state(site: Site) -> None:
    person = Person(site, "far@example.org", (Role.STEWARD, Scope.STATE, "US:NV"))
    assert names(person.get("/steward/checks")) == ["far"]
    assert person.get(f"/steward/checks/{slug(site, 'old')}").status == 404


def test_a_call_dates_what_it_confirmed_and_visitors_see_it_at_once(site: Site, steward: Person) -> None:
    path = f"/steward/checks/{slug(site, 'old')}"
    done = steward.send(steward.get(path), path, {"method": "phone", "fields": ["status", "sessions", "contact"]})
    assert "Saved." in done.main.text
    assert "old" not in names(done)
    with site.database.reading() as session:
        assert changes.find(session, slug(site, "old")).document["verified"]["on"] == ago(0)
    assert "Checked" in site.pages.get(f"/programs/{slug(site, 'old')}").of_class("fresh")[0].text


def test_one_button_says_that_all_of_it_is_right(site: Site, steward: Person) -> None:
    path = f"/steward/checks/{slug(site, 'old')}"
    assert steward.send(steward.get(path), path, {"method": "visit", "all": "1"}).status == 200
    with site.database.reading() as session:
        assert changes.find(session, slug(site, "old")).document["verified"] == {"on": ago(0), "method": "visit"}


@pytest.mark.parametrize(("fields", "words"), [
    ({"method": "phone"}, "Mark at least one fact"), ({"fields": ["contact"], "method": ""}, "Say how you checked"),
    ({"fields": ["contact"], "method": "phone"}, "Nobody has checked this listing before"),
], ids=["nothing marked", "no method", "a first check that leaves out when and where"])
def test_a_check_that_says_too_little_comes_back(site: Site, steward: Person, fields: dict[str, Any],
                                                 words: str) -> None:
    path = f"/steward/checks/{slug(site, 'never')}"
    page = steward.send(steward.get(path), path, fields)
    assert page.status == 422
    assert words in page.of_class("errors")[0].text
    assert [tag["value"] for tag in page.all("input", name="fields") if "checked" in tag.attributes] == fields.get(
        "fields", [])


def test_a_check_of_an_older_text_is_asked_for_again(site: Site, steward: Person) -> None:
    path = f"/steward/checks/{slug(site, 'old')}"
    page = steward.get(path)
    fields = {"method": "phone", "fields": ["status", "sessions", "contact"]}
    steward.send(page, path, fields)
    assert steward.send(page, path, fields).status == 409
    assert steward.send(page, path, {**fields, "version": ""}).status == 428


def test_listings_are_taken_laid_back_and_put_off(site: Site, steward: Person) -> None:
    path = f"/steward/checks/{slug(site, 'old')}/task"
    page = steward.send(steward.get("/steward/checks"), path, {"do": "take"})
    assert "It is yours now." in page.main.text
    assert names(steward.get("/steward/checks?who=mine")) == ["old"]
    steward.send(page, path, {"do": "back"})
    assert names(steward.get("/steward/checks?who=mine")) == []
    assert "old" not in names(steward.send(page, path, {"do": "no-answer"}))


def test_nothing_is_taken_off_unless_this_site_has_set_a_limit(site: Site, steward: Person) -> None:
    page = steward.get("/steward/checks")
    assert "Take very old ones off" not in page.main.text
    old = next(one for one, name in zip(site.ids, ("far", "never", "new", "old"), strict=True) if name == "old")
    steward.send(page, f"/steward/checks/{slug(site, 'old')}/task", {"do": "back"})
    token = page.all("input", name="form_token")[0]["value"]
    steward.pages.post("/steward/checks-off", {"form_token": token, "off": [old]})
    assert site.pages.get(f"/programs/{slug(site, 'old')}").status == 200
    with site.database.transaction() as session:
        instance.save(session, {"name": "Open Seat", "unpublish_after_days": 365}, base=0, account_id=None, now=NOW,
                      known_languages=("en", "es"))
        queries.raise_version(session)
    done = steward.pages.post("/steward/checks-off", {"form_token": token, "off": [*site.ids, "nonsense"]})
    assert "They are off the pages now." in done.main.text
    assert names(steward.get("/steward/checks?age=0")) == ["never", "new"]
