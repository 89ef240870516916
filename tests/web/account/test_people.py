from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from finder.accounts import api_tokens, people, roles, setup
from finder.accounts.models import Account
from finder.accounts.permissions import Granted, Role, Scope
from finder.teams import membership
from finder.teams.models import Member
from finder.teams.numbers import Numbers
from tests.pages import Pages
from tests.referrals.samples import make_team
from tests.web.account.letters import last_link, letters, told
from tests.web.people import Person
from tests.web.site import Site, group

ANN, JOY = "ann@example.org", "joy@example.org"
ORGANIZATION = {"name": "Lantern Center"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, organization=ORGANIZATION), group(2)])


@pytest.fixture
def admin(site: Site) -> Person:
    return Person(site, "root@example.org", Role.ADMINISTRATOR)


def grants(site: Site, email: str) -> tuple[Granted, ...]:
    with site.database.reading() as session:
        account = people.find(session, email)
        return people.grants_of(session, account.id) if account is not None else ()


def is_in(person: Person) -> bool:
    return person.client.get("/account/").status_code == 200


# -- looking and inviting --------------------------------------------------------------------------------------------


def test_people_are_listed_and_found_without_their_names_in_an_address(site: Site, admin: Person) -> None:
    Person(site, ANN, (Role.STEWARD, Scope.STATE, "US:PA"))
    Person(site, JOY)
    page = admin.get("/account/people")
    assert {ANN, JOY} <= set(page.main.text.split())
    assert "Steward of the listings (Pennsylvania)" in page.main.text
    page = admin.send(page, "/account/people", {"words": "ANN@"})
    assert JOY not in page.main.text
    assert ANN in page.main.text
    page = admin.send(page, "/account/people", {"words": "%", "role": ""})
    assert "Nobody found." in page.main.text
    page = admin.get("/account/people?role=steward")
    assert JOY not in page.main.text


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=99999999999999999999", "role=king", "after=%C3%BC"])
def test_odd_addresses_of_the_list_break_nothing(admin: Person, query: str) -> None:
    assert admin.get(f"/account/people?{query}").status == 200


def test_an_invitation_gives_its_role_to_who_uses_the_link(site: Site, admin: Person) -> None:
    page = admin.get("/account/people/invite")
    admin.send(page, "/account/people/invite", {"email": ANN, "role": "steward", "scope": "state",
                                                "state": ["PA", "NJ"]})
    sent = letters(site, ANN, "invite")
    assert len(sent) == 2
    assert grants(site, ANN) == ()
    assert ANN in admin.get("/account/people").main.text
    client = site.app.test_client()
    for one in sent:
        address = f"/account/link/{one['link']}"
        assert "You were asked to help" in Pages(client).get(address).main.text
        Pages(client).post(address)
    assert set(grants(site, ANN)) == {Granted(Role.STEWARD, Scope.STATE, "US:NJ"),
                                      Granted(Role.STEWARD, Scope.STATE, "US:PA")}


def test_who_has_an_account_is_given_the_role_at_once_and_told(site: Site, admin: Person) -> None:
    ann = Person(site, ANN)
    listing = f"http://localhost/es/programs/{site.slugs[1]}?from=x"
    admin.send(admin.get("/account/people/invite"), "/account/people/invite", {
        "email": ANN, "role": "operator", "scope": "program", "listing": listing})
    assert grants(site, ANN) == (Granted(Role.OPERATOR, Scope.PROGRAM, site.ids[1]),)
    assert told(site, ANN) == ["role_given"]
    assert not is_in(ann)


def test_a_role_for_an_organization_is_given_by_any_of_its_listings(site: Site, admin: Person) -> None:
    page = admin.get("/account/people/invite")
    form = {"email": ANN, "role": "operator", "scope": "organization", "listing": site.slugs[1]}
    refused = admin.send(page, "/account/people/invite", form)
    assert refused.status == 422
    assert "names no organization" in refused.main.text
    admin.send(page, "/account/people/invite", {**form, "listing": site.slugs[0]})
    Pages(site.app.test_client()).post(f"/account/link/{last_link(site, ANN, 'invite')}")
    assert grants(site, ANN)[0].scope is Scope.ORGANIZATION
    page = admin.get("/account/people")
    assert "Editor of groups (Lantern Center)" in page.main.text


@pytest.mark.parametrize(("form", "field"), [
    ({"email": "x"}, "email"), ({"role": ""}, "role"), ({"role": "king"}, "role"), ({"scope": "state"}, "state"),
    ({"scope": "state", "state": ["XX"]}, "state"), ({"scope": "program", "listing": ""}, "listing"),
    ({"scope": "program", "listing": "/programs/none"}, "listing")])
def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(site: Site, admin: Person, form: dict[str, object],
                                                                    field: str) -> None:
    page = admin.get("/account/people/invite")
    page = admin.send(page, "/account/people/invite", {"email": ANN, "role": "operator", "scope": "all", **form})
    assert page.status == 422
    assert page.one(id=f"{field}-error").text
    assert page.one("input", id="email")["value"] == form.get("email", ANN)


# -- changing --------------------------------------------------------------------------------------------------------


def test_A5_a_change_of_roles_ends_the_persons_browsers_and_is_told(site: Site, admin: Person) -> None:
    ann = Person(site, ANN)
    page = admin.get(f"/account/people/{ann.public_id}")
    admin.pages.post(page.path, {**page.form("/account/sign-out"), "way": "give", "role": "steward", "scope": "all"})
    assert not is_in(ann)
    ann = Person(site, ANN)
    page = admin.get(page.path)
    admin.pages.post(page.path, {**page.form("/account/sign-out"), "way": "take", "role": "steward", "scope": "all",
                                 "value": ""})
    assert not is_in(ann)
    assert grants(site, ANN) == ()
    assert told(site, ANN) == ["role_given", "role_taken"]


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(site: Site, admin: Person) -> None:
    ann = Person(site, ANN)
    with site.database.transaction() as session:
        api_tokens.make(session, ann.id, "Records", ["referrals.read"], days=9, now=site.clock())
    page = admin.get(f"/account/people/{ann.public_id}")
    admin.send(page, page.path, {"way": "disable"})
    assert not is_in(ann)
    page = admin.send(admin.get(page.path), page.path, {"way": "enable"})
    assert is_in(Person(site, ANN))
    with site.database.reading() as session:
        assert api_tokens.open_ones(session, ann.id, now=site.clock()) == []
    assert told(site, ANN) == ["token_made", "disabled", "enabled"]


def test_who_is_taken_out_of_a_team_leaves_nothing_behind(site: Site, admin: Person) -> None:
    with site.database.transaction() as session:
        team, (number, _) = make_team(session, "Eastside", ANN, "sam@example.org")
        membership.set_numbers(session, number, Numbers(None, "State board", "4711"), now=site.clock())
        membership.invite(session, "lou@example.org", team.id, by=f"provider:{number}", account_id=number,
                          now=site.clock())
        api_tokens.make(session, number, "Records", ["referrals.read"], days=9, now=site.clock())
        public_id = str(session.get_one(Account, number).public_id)
    page = admin.get(f"/account/people/{public_id}")
    form = page.form("/account/sign-out")
    admin.pages.post(page.path, {**form, "way": "take", "role": "provider", "scope": "team", "value": str(team.id)})
    with site.database.reading() as session:
        assert people.grants_of(session, number) == ()
        assert [one.account_id for one in session.scalars(select(Member)) if one.account_id == number] == []
        assert roles.invitations(session, now=site.clock()) == []
        assert api_tokens.all_of(session, number) == []


@pytest.mark.parametrize("way", [
    {"way": "disable"}, {"way": "take", "role": "administrator", "scope": "all", "value": ""}],
                         ids=["closing", "taking the role"])
def test_the_last_administrator_keeps_the_keys(site: Site, admin: Person, way: dict[str, str]) -> None:
    page = admin.get(f"/account/people/{admin.public_id}")
    page = admin.pages.post(page.path, {**page.form("/account/sign-out"), **way})
    assert page.status == 409
    assert "make somebody else an administrator" in page.main.text
    assert grants(site, "root@example.org")


def test_a_role_that_is_none_is_not_found(site: Site, admin: Person) -> None:
    page = admin.get(f"/account/people/{admin.public_id}")
    token = page.form("/account/sign-out")
    for form in ({"role": "king", "scope": "all", "value": ""}, {"role": "steward"}, {}):
        assert admin.pages.post(page.path, {**token, "way": "take", **form}).status == 404


def test_stewards_and_editors_do_not_see_people(site: Site) -> None:
    for person in (Person(site, ANN, Role.STEWARD), Person(site, JOY)):
        assert person.get("/account/people").status == 404
        assert person.get(f"/account/people/{person.public_id}").status == 404


# -- the first administrator -----------------------------------------------------------------------------------------


def test_A11_the_setup_link_makes_the_first_administrator_and_goes_on_to_the_second_step(site: Site) -> None:
    with site.database.transaction() as session:
        secret = setup.make_link(session, now=site.clock())
    address = f"/account/setup/{secret}"
    page = site.pages.get(address)
    assert page.heading == "Who looks after this site?"
    assert site.pages.post(address, {"email": "no address"}).status == 422
    page = site.pages.post(address, {"email": JOY, "name": ""})
    assert page.heading == "Set up a second step"
    assert grants(site, JOY) == (Granted(Role.ADMINISTRATOR),)
    other = Pages(site.app.test_client())
    assert other.get(address).heading == "This link was used"
    other.post(address, {"email": ANN})
    assert grants(site, ANN) == ()


def test_invitations_of_a_closed_account_are_void(site: Site) -> None:
    boss, other = (Person(site, f"{name}@example.org", Role.ADMINISTRATOR) for name in ("boss", "other"))
    with site.database.transaction() as session:
        secrets = {one: roles.invite(session, f"p{one}@example.org", Granted(Role.STEWARD), by=f"administrator:{one}",
                                     now=site.clock()) for one in (boss.id, other.id)}
        roles.disable(session, session.get_one(Account, other.id), now=site.clock())
    assert site.pages.get(f"/account/link/{secrets[other.id]}").status == 404
    assert site.pages.get(f"/account/link/{secrets[boss.id]}").status == 200
