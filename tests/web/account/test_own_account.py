from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select

from finder.accounts import api_tokens, own, people, tokens
from finder.accounts.models import Account, ApiToken, SignIn, Token
from finder.accounts.passwords import Passwords
from finder.accounts.permissions import Role, Scope
from finder.listings import changes
from finder.listings.models import Draft, Revision
from finder.listings.writing import Author
from finder.outbox import Message
from finder.referrals.models import Referral
from finder.teams import membership
from finder.teams.models import REFUSED, Member, Team
from finder.teams.numbers import Numbers
from tests.pages import Pages
from tests.referrals.samples import make_referral, make_team
from tests.web.account.letters import last_link, letters, told
from tests.web.people import Person
from tests.web.site import Site, group

JOY, NEW = "joy@example.org", "joy@new.example"
PASSWORD = "seven quiet herons cross the ford"
OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path, [group(1), group(2)])
    site.app.extensions["finder_accounts"] = replace(site.app.extensions["finder_accounts"],
                                                     passwords=Passwords(PasswordHasher(1, 8, 1)))
    return site


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def replay(site: Site, secret: str) -> bool:
    client = site.app.test_client()
    client.set_cookie("sid", secret)
    return is_in(client)


def cookie(person: Person) -> str:
    found = person.client.get_cookie("sid")
    assert found is not None
    return found.value


def editor(site: Site, email: str = JOY) -> Person:
    return Person(site, email, (Role.OPERATOR, Scope.PROGRAM, site.ids[0]))


# -- what it shows and keeps -----------------------------------------------------------------------------------------


def test_the_page_says_what_somebody_may_edit_by_name(site: Site) -> None:
    main = editor(site).get("/account/").main
    assert main.all("a", href=f"/programs/{site.slugs[0]}")[0].text == "River Circle 1"


def test_name_and_language_are_kept(site: Site) -> None:
    person = Person(site, JOY)
    person.send(person.get("/account/"), "/account/settings", {"name": "  Joy Harper ", "language": "es"})
    with site.database.reading() as session:
        account = session.get_one(Account, person.id)
        assert (account.name, account.locale) == ("Joy Harper", "es")
    person.send(person.get("/account/"), "/account/settings", {"name": " ", "language": "tlh"})
    with site.database.reading() as session:
        assert session.get_one(Account, person.id).name is None
    page = person.send(person.get("/account/"), "/account/settings", {"name": "Joy \u202e", "language": "es"})
    assert page.status == 422
    assert page.of_class("error")


def test_other_browsers_are_shown_and_signed_out_one_or_all(site: Site) -> None:
    here, there, elsewhere = Person(site, JOY), Person(site, JOY), Person(site, JOY)
    page = here.get("/account/")
    assert len([one for one in page.all("form") if one["action"] == "/account/signed-in"]) == 3
    key = page.all("input", name="browser")[0]["value"]
    here.pages.post("/account/signed-in", {**page.form("/account/sign-out"), "browser": key})
    assert sorted([is_in(there.client), is_in(elsewhere.client)]) == [False, True]
    here.pages.post("/account/signed-in", page.form("/account/sign-out"))
    assert [is_in(one.client) for one in (here, there, elsewhere)] == [True, False, False]


def test_nobody_ends_a_browser_of_somebody_else(site: Site) -> None:
    owner, stranger = Person(site, JOY), Person(site, "ann@example.org")
    with site.database.reading() as session:
        key = session.scalars(select(SignIn.id).where(SignIn.account_id == owner.id)).one().hex()
    token = stranger.get("/account/").form("/account/sign-out")
    for wrong in (key, "zz", ""):
        stranger.pages.post("/account/signed-in", {**token, "browser": wrong})
    assert is_in(owner.client)


# -- password --------------------------------------------------------------------------------------------------------


def test_A5_a_new_password_gives_a_new_id_and_ends_all_other_browsers(site: Site) -> None:
    here, there = Person(site, JOY), Person(site, JOY)
    old = cookie(here)
    with site.database.transaction() as session:
        api_tokens.make(session, here.id, "Records", ["referrals.read"], days=9, now=site.clock())
    page = here.get("/account/password")
    assert here.send(page, "/account/password", {"password": PASSWORD, "way": ""}).heading == "Your account"
    assert is_in(here.client)
    assert not is_in(there.client)
    assert not replay(site, old)
    assert told(site, JOY) == ["token_made", "password_set"]
    with site.database.reading() as session:
        assert api_tokens.open_ones(session, here.id, now=site.clock()) == []
    page = here.get("/account/password")
    here.send(page, "/account/password", {"way": "remove", "password": ""})
    with site.database.reading() as session:
        assert session.get_one(Account, here.id).password_hash is None


@pytest.mark.parametrize(("password", "words"), [
    ("", "Please fill this in."), ("short", "at least 15"), ("passwordpassword", "Many people use this one"),
    ("joy joy joy joy joy", "Many people use this one"), ("Open Seat Open Seat", "Many people use this one")])
def test_A4_a_password_that_will_not_do_is_said_at_the_field(site: Site, password: str, words: str) -> None:
    person = Person(site, JOY)
    page = person.send(person.get("/account/password"), "/account/password", {"password": password, "way": ""})
    assert page.status == 422
    assert words in page.of_class("error")[0].text
    assert not told(site, JOY)


# -- address ---------------------------------------------------------------------------------------------------------


def test_an_address_is_changed_by_a_link_at_the_new_one_and_the_old_one_is_told(site: Site) -> None:
    here, there = Person(site, JOY), Person(site, JOY)
    here.client.post("/account/sign-in", data={"email": JOY, "way": "link"}, headers=OWN)
    site.app.test_client().post("/account/sign-in", data={"email": JOY, "way": "link"}, headers=OWN)
    stale = last_link(site, JOY)
    here.send(here.get("/account/email"), "/account/email", {"email": NEW})
    assert told(site, JOY) == ["email_asked"]
    page = here.get(f"/account/email/{last_link(site, NEW, 'email')}")
    assert page.heading == "Use j…@new.example from now on"
    assert JOY in here.get("/account/").main.text
    old = cookie(here)
    here.pages.post(page.path)
    assert NEW in here.get("/account/").main.text
    assert here.get(page.path).heading == "Your email is changed"
    assert told(site, JOY) == ["email_asked", "email_changed"]
    assert not is_in(there.client)
    assert not replay(site, old)
    assert site.pages.get(f"/account/link/{stale}").status == 404


def test_whether_a_new_address_is_taken_is_seen_by_its_owner_only(site: Site) -> None:
    person = Person(site, JOY)
    Person(site, NEW)
    page = person.send(person.get("/account/email"), "/account/email", {"email": NEW})
    assert page.heading == "Look at your mail"
    link = f"/account/email/{last_link(site, NEW, 'email')}"
    assert person.pages.post(link).status == 409
    with site.database.reading() as session:
        assert session.get_one(Account, person.id).email == JOY


def test_whoever_gets_the_letter_by_a_mistyped_address_does_not_get_the_account(site: Site) -> None:
    person, stranger = Person(site, JOY), Person(site, "kim@example.org")
    person.send(person.get("/account/email"), "/account/email", {"email": NEW})
    link = f"/account/email/{last_link(site, NEW, 'email')}"
    for browser in (site.app.test_client(), stranger.client):
        assert browser.post(link, headers=OWN).headers["Location"].startswith("/account/sign-in?to=")
    with site.database.reading() as session:
        assert session.get_one(Account, person.id).email == JOY
    person.pages.post(link)
    with site.database.reading() as session:
        assert session.get_one(Account, person.id).email == NEW


def test_an_address_that_is_none_is_refused_and_kept_in_the_field(site: Site) -> None:
    person = Person(site, JOY)
    page = person.send(person.get("/account/email"), "/account/email", {"email": "not an address"})
    assert page.status == 422
    assert page.one("input", id="email")["value"] == "not an address"


# -- a copy, and the end ---------------------------------------------------------------------------------------------


def edit(site: Site, person: Person) -> None:
    with site.database.transaction() as session:
        there = changes.find(session, site.slugs[0])
        changes.change(session, there.id, base=there.version, author=Author(f"operator:{person.id}", person.id),
                       now=site.clock(), document={**there.document, "description": "A circle by the river."})
        session.add(Draft(account_id=person.id, program_id=there.id, base_version=2, form={"name": "Half"},
                          saved_at=site.clock().replace(tzinfo=None)))


def test_a_copy_holds_all_that_is_kept_and_no_secret(site: Site) -> None:
    person = editor(site)
    edit(site, person)
    person.send(person.get("/account/password"), "/account/password", {"password": PASSWORD, "way": ""})
    response = person.client.get("/account/copy")
    assert response.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert response.headers["Cache-Control"] == "no-store"
    found = json.loads(response.get_data())
    assert found["account"]["email"] == JOY
    assert found["account"]["has_password"] is True
    assert found["roles"][0]["value"] == site.ids[0]
    assert found["changes"][0]["listing"] == site.slugs[0]
    assert found["drafts"][0]["form"] == {"name": "Half"}
    assert found["letters"][0]["kind"] == "security_notice"
    assert "argon2" not in response.get_data(as_text=True)
    assert cookie(person) not in response.get_data(as_text=True)


def test_a_deleted_account_leaves_a_number_in_history_and_nothing_that_tells_who(site: Site, tmp_path: Path) -> None:
    person, colleague = editor(site), editor(site, "ann@example.org")
    edit(site, person)
    old = cookie(person)
    page = person.get("/account/delete")
    assert f"editor:{person.id}" in page.main.text
    assert person.send(page, "/account/delete").heading == "Your account is deleted"
    assert not replay(site, old)
    with site.database.reading() as session:
        assert people.find(session, JOY) is None
        assert [one.email for one in people.listed(session)] == ["ann@example.org"]
        actors = session.scalars(select(Revision.actor).where(Revision.account_id == person.id)).all()
        assert actors == [f"editor:{person.id}"]
        assert session.scalars(select(Draft)).all() == []
    assert "River Circle 1" in colleague.get("/account/").main.text
    assert [one["what"] for one in letters(site, JOY)] == ["deleted"]
    again = Person(site, JOY)
    assert again.id != person.id


def provider(site: Site) -> tuple[Person, str]:
    """A person in a team, with numbers, a token, a referral and an earlier request for a team; and the token."""
    with site.database.transaction() as session:
        team, (number,) = make_team(session, "Eastside", JOY)
        membership.set_numbers(session, number, Numbers("1234567893", "NC Board", "C-1"), now=site.clock())
        membership.invite(session, NEW, team.id, by=f"provider:{number}", account_id=number, now=site.clock())
        secret = api_tokens.make(session, number, "Records", ["referrals.read"], days=30, now=site.clock())
        make_referral(session, team, number, [site.ids[0]], keys=site.app.extensions["finder_referrals"])
        session.add(Team(name="Joy alone", note="I am Joy.", state=REFUSED, reason="No.", asked_by=number,
                         made_at=site.clock().replace(tzinfo=None)))
    return Person(site, JOY, second_step=False), secret


def test_a_copy_holds_team_numbers_and_tokens_without_their_secrets(site: Site) -> None:
    person, secret = provider(site)
    said = person.client.get("/account/copy").get_data(as_text=True)
    found = json.loads(said)
    assert found["team"] == {"name": "Eastside", "joined_at": "2026-11-24T12:00:00Z", "npi": "1234567893",
                             "register": "NC Board", "number": "C-1"}
    assert found["teams_asked_for"][0]["note"] == "I am Joy."
    assert found["api_tokens"][0]["may"] == ["referrals.read"]
    assert secret[5:-6] not in said
    assert hashlib.sha256(secret.encode()).hexdigest() not in said
    assert "Eastside" in person.get("/account/").main.text


def test_a_deleted_account_leaves_the_team_its_referrals_and_takes_all_else(site: Site) -> None:
    person, secret = provider(site)
    person.send(person.get("/account/delete"), "/account/delete")
    with site.database.reading() as session:
        assert session.scalars(select(Member)).all() == []
        assert session.scalars(select(ApiToken)).all() == []
        assert session.scalars(select(Token).where(Token.purpose == "invite")).all() == []
        assert session.scalars(select(Team.name)).all() == ["Eastside"]
        assert session.scalars(select(Referral.owner_id)).all() == [None]
        assert api_tokens.find(session, secret, now=site.clock()) is None


def test_links_asked_for_before_there_was_an_account_go_with_it(site: Site) -> None:
    client = site.app.test_client()
    for _ in range(2):
        client.post("/account/sign-in", data={"email": JOY, "way": "link"}, headers=OWN)
    client.post(f"/account/link/{last_link(site, JOY)}", headers=OWN)
    pages = Pages(client)
    pages.post("/account/delete", pages.get("/account/delete").form("/account/delete"))
    with site.database.reading() as session:
        assert [one for one in session.scalars(select(Token)) if one.facts.get("email") == JOY] == []


def test_an_account_is_deleted_once_and_one_letter_says_so(site: Site) -> None:
    number = Person(site, JOY).id
    for _ in range(2):
        with site.database.transaction() as session:
            own.delete_account(session, number, now=site.clock())
    with site.database.reading() as session:
        assert [one.address for one in session.scalars(select(Message))] == [JOY]


def test_a_new_address_ends_the_way_back_that_was_mailed_to_the_old_one(site: Site) -> None:
    number = Person(site, JOY).id
    with site.database.transaction() as session:
        for purpose in ("way_back", "sign_in"):
            tokens.make(session, purpose, now=site.clock(), account_id=number, facts={"email": JOY})
        own.ask_email(session, number, NEW, now=site.clock())
    with site.database.transaction() as session:
        own.prove_email(session, last_link(site, NEW, "email"), now=site.clock())
    with site.database.reading() as session:
        assert [one.purpose for one in session.scalars(select(Token))] == ["email"]


def test_the_last_administrator_stays(site: Site) -> None:
    person = Person(site, JOY, Role.ADMINISTRATOR)
    page = person.send(person.get("/account/delete"), "/account/delete")
    assert page.status == 422
    assert "make somebody else an administrator" in page.main.text
    Person(site, "ann@example.org", Role.ADMINISTRATOR)
    assert person.send(person.get("/account/delete"), "/account/delete").heading == "Your account is deleted"


def test_the_pages_speak_both_languages(site: Site) -> None:
    person = Person(site, JOY)
    for path in ("", "steps", "password", "email", "delete", "code-app", "passkey/new", "second-step/lost"):
        assert person.get(f"/es/account/{path}").one("html")["lang"] == "es"
    assert Pages(site.app.test_client()).get("/es/account/sign-in").status == 200
