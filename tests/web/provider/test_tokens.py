from __future__ import annotations

import re
from pathlib import Path

import pytest

from finder.accounts import api_tokens
from finder.accounts.permissions import Role, Scope
from tests.pages import Page
from tests.referrals.samples import make_team
from tests.web.account.letters import told
from tests.web.people import Person
from tests.web.site import Site

PATH = "/provider/tokens"
FORM = {"name": "Records", "scopes": ["referrals.read", "referrals.write"], "days": "365"}
SECRET = re.compile(r"fndr_[0-9A-Za-z]{49}")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [])


def provider(site: Site, email: str = "ann@example.org") -> Person:
    with site.database.transaction() as session:
        team, _ = make_team(session, email)
    return Person(site, email, (Role.PROVIDER, Scope.TEAM, str(team.id)), second_step=False)


@pytest.fixture
def ann(site: Site) -> Person:
    return provider(site)


def make(person: Person, **form: object) -> Page:
    return person.send(person.get(PATH), PATH, {**FORM, **form})


def secret_of(page: Page) -> str:
    (found,) = set(SECRET.findall(page.source))
    return str(found)


def test_A12_a_token_is_shown_once_on_a_page_that_is_never_stored(site: Site, ann: Person) -> None:
    page = make(ann)
    secret = secret_of(page)
    assert (page.status, page.path) == (200, PATH)
    assert "no-store" in page.response.headers["Cache-Control"]
    assert not any(secret in value for _, value in page.response.headers)
    assert told(site, "ann@example.org") == ["token_made"]
    again = ann.get(PATH)
    assert "A new password for your account ends all keys." in again.main.text
    assert not SECRET.search(again.source)
    for words in ("Records", f"ends in {secret[-4:]}", "See your team’s referrals", "November 24, 2027", "Never used."):
        assert words in again.main.text
    with site.database.reading() as session:
        found = api_tokens.find(session, secret, now=site.clock())
    assert found is not None
    assert (found.actor.account_id, found.scopes) == (ann.id, {"referrals.read", "referrals.write"})


def test_A12_a_token_is_ended_by_its_owner(site: Site, ann: Person) -> None:
    page = make(ann)
    secret, key = secret_of(page), page.all("input", name="end")[0]["value"]
    stranger = provider(site, "eve@example.org")
    assert stranger.pages.post(PATH, {**stranger.get(PATH).form("/account/sign-out"), "end": key}).status == 404
    page = ann.pages.post(PATH, {**page.form("/account/sign-out"), "end": key})
    assert "You have no keys." in page.main.text
    with site.database.reading() as session:
        assert api_tokens.find(session, secret, now=site.clock()) is None


def test_A10_a_token_is_made_by_somebody_who_has_just_proved_who_they_are(site: Site, ann: Person) -> None:
    page = ann.get(PATH)
    site.wait(301)
    answer = ann.client.post(PATH, data={**page.form(PATH), **FORM}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Location"].startswith("/account/confirm")


@pytest.mark.parametrize(("form", "field"), [
    ({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"), ({"days": "0"}, "days"),
    ({"days": "366"}, "days"), ({"days": "9999"}, "days"), ({"days": "٣"}, "days")])
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(ann: Person, form: dict[str, object],
                                                                       field: str) -> None:
    page = make(ann, **form)
    assert page.status == 422
    assert page.one(id=f"{field}-error").text
    assert page.one("input", id="name")["value"] == form.get("name", "Records")
    assert "You have no keys." in page.main.text


def test_there_is_an_end_to_how_many(ann: Person) -> None:
    for number in range(10):
        make(ann, name=f"Records {number}")
    page = make(ann)
    assert page.status == 409
    assert "You have ten keys." in page.main.text
