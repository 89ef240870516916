from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from finder.accounts import api_tokens
from finder.accounts.permissions import Role, Scope
from tests.api.listings.conftest import HERE, PATH, add_second_step, editor
from tests.listings.database import NOW
from tests.make import make_session
from tests.pages import Page
from tests.referrals.samples import make_team
from tests.web.account.letters import told
from tests.web.people import Person
from tests.web.site import Site, group

PAGE = "/account/programs"
FORM = {"name": "Our list", "scopes": ["listings.read", "listings.write"], "days": "90"}
SECRET = re.compile(r"fndr_[0-9A-Za-z]{49}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("keys")
    return Site(folder, [group(1, sessions=[make_session(location=HERE)])], instance=folder)


@pytest.fixture(autouse=True)
def turned_back(site: Site) -> None:
    """A test may have moved the clock that all here share."""
    site.clock.at = NOW


def somebody() -> str:
    return f"{uuid.uuid4().hex[:8]}@example.org"


@pytest.fixture
def mail() -> str:
    return somebody()


@pytest.fixture
def ann(site: Site, mail: str) -> Person:
    return Person(site, mail, (Role.OPERATOR, Scope.PROGRAM, site.ids[0]), second_step=False)


@pytest.fixture
def sam(site: Site) -> Person:
    """A steward who has taken the second step."""
    person = Person(site, somebody(), (Role.STEWARD, Scope.STATE, "US:NC"))
    with site.database.transaction() as session:
        add_second_step(session, person.id, site.clock())
    return person


def make(person: Person, **form: object) -> Page:
    return person.send(person.get(PAGE), PAGE, {**FORM, **form})


def opens(person: Person, page: Page) -> bool:
    (secret,) = set(SECRET.findall(page.source))
    answer = person.site.app.test_client().get(PATH, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code == 200


def test_A12_a_key_is_shown_once_told_by_letter_and_opens_the_door(site: Site, mail: str, ann: Person) -> None:
    page = make(ann)
    assert (page.status, page.path) == (200, PAGE)
    assert opens(ann, page)
    assert "no-store" in page.response.headers["Cache-Control"]
    assert told(site, mail) == ["token_made"]
    again = ann.get(PAGE)
    assert not SECRET.search(again.source)
    for words in ("Our list", "See the groups you look after", "Change your groups and send in new ones",
                  "February 22, 2027"):
        assert words in again.main.text


def test_a_key_is_ended_by_its_owner(ann: Person) -> None:
    page = make(ann)
    key = page.all("input", name="end")[0]["value"]
    after = ann.pages.post(PAGE, {**page.form("/account/sign-out"), "end": key})
    assert "You have no keys." in after.main.text
    assert after.main.of_class("notice--good")[0].text == "The key is ended. It opens nothing any more."
    assert not opens(ann, page)


def test_a_form_sent_twice_makes_one_key(site: Site, ann: Person) -> None:
    first = make(ann)
    again = make(ann, name=" our LIST ")
    assert again.status == 422
    assert "You have a key of this name." in again.one(id="name-error").text
    assert len(again.all("input", name="end")) == 1
    ann.pages.post(PAGE, {**again.form("/account/sign-out"), "end": again.all("input", name="end")[0]["value"]})
    assert not opens(ann, first)
    assert opens(ann, make(ann)), "the name of one that was ended is free"


def test_the_new_key_stands_before_all_else_on_the_page_and_can_be_copied(ann: Person) -> None:
    page = make(ann)
    secret = page.one("code", id="key").text
    assert SECRET.fullmatch(secret)
    assert page.source.index(secret) < page.source.index("With a key, a program can")
    assert page.one("button", **{"data-copy": "key"}).text == "Copy : Your new key"


def test_only_who_keeps_listings_is_led_here(site: Site, ann: Person, sam: Person) -> None:
    nobody = Person(site, somebody())
    with site.database.transaction() as session:
        team, _ = make_team(session)
    clinic = Person(site, somebody(), (Role.PROVIDER, Scope.TEAM, str(team.id)), second_step=False)
    office = Person(site, somebody(), Role.ADMINISTRATOR)
    for person, leads in ((ann, True), (sam, True), (nobody, False), (clinic, False), (office, False)):
        assert bool(person.get("/account/").all("a", href=PAGE)) is leads
        assert (person.get(PAGE).status == 200) is leads


def test_A10_a_key_is_made_by_somebody_who_has_just_proved_who_they_are(site: Site, ann: Person) -> None:
    page = ann.get(PAGE)
    site.wait(301)
    answer = ann.client.post(PAGE, data={**page.form(PAGE), **FORM}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Location"].startswith("/account/confirm")
    with site.database.reading() as session:
        assert api_tokens.all_of(session, ann.id) == []


def test_A10_a_steward_gets_three_months_and_only_behind_a_second_step(site: Site, sam: Person) -> None:
    assert {one["value"] for one in sam.get(PAGE).all("option")} == {"30", "90"}
    assert make(sam, days="180").status == 422
    assert opens(sam, make(sam))
    bare = Person(site, somebody(), (Role.STEWARD, Scope.ALL, ""), second_step=False)
    answer = bare.client.get(PAGE)
    assert answer.headers["Location"].startswith("/account/second-step")


@pytest.mark.parametrize("scopes", [[], ["referrals.read"], ["listings.read", "referrals.write"], ["all"]])
def test_no_key_is_made_here_for_anything_else(site: Site, ann: Person, scopes: list[str]) -> None:
    page = make(ann, scopes=scopes)
    assert page.status == 422
    assert page.one(id="scopes-error").text
    with site.database.reading() as session:
        assert api_tokens.all_of(session, ann.id) == []


def test_no_key_for_listings_is_made_at_a_providers_desk(site: Site) -> None:
    with site.database.transaction() as session:
        team, _ = make_team(session)
    both = Person(site, somebody(), (Role.PROVIDER, Scope.TEAM, str(team.id)),
                  (Role.OPERATOR, Scope.PROGRAM, site.ids[0]), second_step=False)
    page = both.get("/provider/tokens")
    assert {one["value"] for one in page.all("input", name="scopes")} == {"referrals.read", "referrals.write"}
    assert both.send(page, "/provider/tokens", FORM).status == 422
    make(both, name="Our list")
    assert "Our list" in both.get("/provider/tokens").main.text  # a key to one's account is never out of sight


@pytest.mark.parametrize(("form", "field"), [
    ({"name": " "}, "name"), ({"days": "0"}, "days"), ({"days": "366"}, "days"), ({"days": "x"}, "days")])
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(ann: Person, form: dict[str, object],
                                                                     field: str) -> None:
    page = make(ann, **form)
    assert page.status == 422
    assert page.one(id=f"{field}-error").text
    assert page.one("input", id="name")["value"] == form.get("name", "Our list")


def test_a_name_is_shown_as_it_is_and_never_run(site: Site, ann: Person) -> None:
    assert "<script>x</script>" in make(ann, name="<script>x</script>").main.text
    assert "<script>x" not in ann.get(PAGE).source


def test_history_names_the_program_to_stewards_and_editors(site: Site, mail: str, ann: Person, sam: Person) -> None:
    program = editor(site, site.ids[0], email=mail, second_step=False, name="Our list")
    program.patch(site.ids[0], {"description": "Tea."})
    slug = site.slugs[0]
    for page, words in ((sam.get(f"/steward/listing/{slug}"), "by the program “Our list”"),
                        (ann.get(f"/operator/listings/{slug}/history"), "you, by the program “Our list”")):
        assert words in page.main.text


def test_the_page_is_spanish_in_spanish(ann: Person) -> None:
    page = ann.get(f"/es{PAGE}")
    assert page.status == 200
    assert page.one("html")["lang"] == "es"


def test_a_key_that_was_not_used_for_a_day_is_noted_when_it_is(site: Site, ann: Person) -> None:
    page = make(ann)
    site.clock.at += timedelta(days=1)
    assert opens(ann, page)
    with site.database.reading() as session:
        (kept,) = api_tokens.all_of(session, ann.id)
    assert kept.used_on == site.clock().date()
