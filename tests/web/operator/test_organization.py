from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from finder.accounts import entering, people
from finder.accounts.permissions import Role, Scope
from finder.outbox import Message
from tests.pages import Page
from tests.web.operator.desk import OperatorDesk
from tests.web.people import Person


@pytest.fixture
def site(tmp_path: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path)


@pytest.fixture
def kim(site: OperatorDesk) -> Person:
    return Person(site, "kim@example.org", (Role.OPERATOR, Scope.ORGANIZATION, str(site.listing().organization_id)))


def path(site: OperatorDesk) -> str:
    return f"/operator/organizations/{site.listing().organization_id}"


def letters(site: OperatorDesk, kind: str) -> list[Message]:
    with site.database.reading() as session:
        return list(session.scalars(select(Message).where(Message.kind == kind)))


def test_an_organization_is_edited_once_for_all_its_groups(site: OperatorDesk, kim: Person) -> None:
    at = path(site)
    page = kim.get(at)
    assert "2 groups" in page.main.text
    done = kim.send(page, at, {"organization.name": "Lantern House"})
    assert done.heading == "Lantern House"
    assert [site.listing(number).document["organization"]["name"] for number in (0, 1)] == ["Lantern House"] * 2
    assert path(site) == at, "it is the same organization"


def test_a_new_number_of_an_organization_waits(site: OperatorDesk, kim: Person) -> None:
    page = kim.send(kim.get(path(site)), path(site), {"organization.phone": "919-555-0188"})
    assert "A steward looks at this first" in page.main.text
    assert "phone" not in site.listing().document["organization"]


def test_errors_of_an_organization_stand_at_their_fields(site: OperatorDesk, kim: Person) -> None:
    page = kim.send(kim.get(path(site)), path(site), {"organization.url": "nowhere", "organization.name": "New"})
    assert page.status == 422
    assert page.form(path(site))["organization.name"] == ["New"]
    assert page.one("input", id="organization.url")["aria-invalid"] == "true"


def test_what_was_typed_beside_somebody_elses_change_stays_and_theirs_is_shown(site: OperatorDesk, kim: Person) -> None:
    at, slow = path(site), kim.get(path(site))
    kim.send(kim.get(at), at, {"organization.name": "Lantern House"})
    page = kim.send(slow, at, {"organization.name": "Lantern Hall", "organization.kind": "nonprofit"})
    assert page.status == 409
    assert "Name of the organization: Lantern House" in page.main.text
    assert page.form(at)["organization.name"] == ["Lantern Hall"]
    kim.send(page, at)
    assert site.listing().document["organization"]["name"] == "Lantern Hall"


def test_an_editor_of_one_group_does_not_edit_the_organization(site: OperatorDesk) -> None:
    assert site.joy.get(path(site)).status == 404
    assert site.joy.get(f"{path(site)}/editors").status == 404


# -- who may edit ----------------------------------------------------------------------------------------------------


def invite(site: OperatorDesk, person: Person, email: str) -> Page:
    at = f"/operator/listings/{site.slug}/editors"
    return person.send(person.get(at), at, {"email": email})


def test_an_invited_person_may_edit_once_they_said_yes(site: OperatorDesk) -> None:
    page = invite(site, site.joy, "Lee@Example.org")
    assert "Invited, no answer yet" in page.main.text
    (letter,) = letters(site, "invite")
    assert letter.address == "lee@example.org"
    with site.database.reading() as session:
        assert people.find(session, "lee@example.org") is None
    with site.database.transaction() as session:
        account, _ = entering.use(session, letter.facts["link"], now=site.clock())
        (grant,) = people.grants_of(session, account.id)
    assert (grant.role, grant.scope, grant.value) == (Role.OPERATOR, Scope.PROGRAM, str(site.ids[0]))
    assert "lee@example.org" in site.joy.get(f"/operator/listings/{site.slug}/editors").main.text


@pytest.mark.parametrize("email", ["", "nobody", "joy@example.org"])
def test_an_address_that_does_not_fit_is_asked_for_again(site: OperatorDesk, email: str) -> None:
    page = invite(site, site.joy, email)
    assert page.status == 422
    assert page.one("input", id="email")["value"] == email
    assert letters(site, "invite") == []


def test_nobody_floods_strangers_with_letters(site: OperatorDesk) -> None:
    for number in range(10):
        invite(site, site.joy, f"p{number}@example.org")
    assert invite(site, site.joy, "more@example.org").status == 422
    assert len(letters(site, "invite")) == 10


def test_another_editor_is_removed_and_told(site: OperatorDesk) -> None:
    lee = Person(site, "lee@example.org", (Role.OPERATOR, Scope.PROGRAM, str(site.ids[0])))
    at = f"/operator/listings/{site.slug}/editors"
    page = site.joy.send(site.joy.get(at), at, {"remove": lee.public_id})
    assert "may not edit it any more" in page.main.text
    assert lee.client.get(site.edit).status_code == 303
    assert [one.address for one in letters(site, "security_notice")] == ["lee@example.org"]


def test_the_last_editor_is_asked_once_more(site: OperatorDesk) -> None:
    at = f"/operator/listings/{site.slug}/editors"
    page = site.joy.send(site.joy.get(at), at, {"remove": site.joy.public_id})
    assert "nobody is left" in page.main.text
    assert site.joy.get(site.edit).status == 200
    site.joy.pages.client.post(at, data={**page.form(at), "remove": site.joy.public_id, "sure": "yes"},
                               headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert site.joy.client.get(site.edit).status_code == 303


def test_somebody_who_is_no_editor_cannot_be_removed(site: OperatorDesk) -> None:
    at = f"/operator/listings/{site.slug}/editors"
    assert site.joy.send(site.joy.get(at), at, {"remove": "nonsense"}).status == 404
