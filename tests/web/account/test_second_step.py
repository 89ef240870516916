from __future__ import annotations

import json
import struct
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from argon2 import PasswordHasher

from finder.accounts import people, recovery, second_steps, totp
from finder.accounts.models import Account
from finder.accounts.passwords import Passwords
from finder.accounts.permissions import Role, Scope
from tests.pages import Page, Pages
from tests.web.account.authenticator import WITH_KEY, Authenticator
from tests.web.account.letters import last_link, letters, told
from tests.web.people import Person
from tests.web.site import Site, group

JOY = "joy@example.org"
OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path, [group(1)])
    site.app.extensions["finder_accounts"] = replace(site.app.extensions["finder_accounts"],
                                                     passwords=Passwords(PasswordHasher(1, 8, 1)))
    return site


def code(site: Site, secret: bytes, later: int = 0) -> str:
    at = int(site.clock().timestamp()) + later
    return totp.TOTP(secret, 6, totp.SHA1(), 30).generate(at).decode()


def with_app(site: Site, person: Person) -> bytes:
    """Gives a person a code app; the secret it has."""
    secret = totp.new_secret()
    with site.database.transaction() as session:
        totp.add(session, person.id, secret, seal=site.app.extensions["finder_accounts"].seal, step=0, name=None,
                 now=site.clock())
    return secret


def by_link(site: Site, email: str = JOY) -> Person:
    """A browser of somebody's own that has taken the first step only."""
    person = Person.__new__(Person)
    person.site, person.client = site, site.app.test_client()
    person.pages = Pages(person.client)
    person.client.post("/account/sign-in", data={"email": email, "way": "link"}, headers=OWN)
    person.client.post(f"/account/link/{last_link(site, email)}", headers=OWN)
    return person


def asked(person: Person, page: str, options: str) -> dict[str, Any]:
    """What the server asks a passkey, as the script of a page has it sent."""
    token = person.get(page).all("input", name="form_token")
    response = person.client.post(options, headers=OWN, data={"form_token": token[0]["value"] if token else ""})
    assert response.status_code == 200, response.status_code
    assert response.headers["Cache-Control"] == "no-store"
    return json.loads(response.get_data())  # type: ignore[no-any-return]


def with_passkey(person: Person, device: Authenticator, name: str = "phone") -> Page:
    options = asked(person, "/account/passkey/new", "/account/passkey/new/options")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    return person.send(person.get("/account/passkey/new"), "/account/passkey/new",
                       {"passkey": device.make(options), "name": name})


# -- code app --------------------------------------------------------------------------------------------------------


def test_A10_a_steward_is_led_through_setting_up_a_second_step(site: Site) -> None:
    person = Person(site, JOY, Role.STEWARD, second_step=False)
    page = person.get("/steward/")
    assert page.heading == "Set up a second step"
    page = person.get("/account/code-app?to=/steward/")
    secret = site.app.extensions["finder_accounts"].seal.decrypt(page.form("/account/code-app")["sealed"][0])
    secret = secret.partition(b":")[2]
    assert totp.written(secret) in page.main.text
    wrong = person.send(page, "/account/code-app", {"code": "000000"})
    assert wrong.status == 422
    assert totp.written(secret) in wrong.main.text
    page = person.send(wrong, "/account/code-app", {"code": code(site, secret)})
    assert page.heading == "Recovery codes"
    shown = person.send(page, "/account/recovery-codes")
    assert len(shown.of_class("codes")[0].all("li")) == 10
    assert shown.main.all("a", href="/steward/")
    assert person.get("/steward/").status == 200
    assert told(site, JOY) == ["step_added", "codes_made"]


def test_A10_a_new_secret_is_for_the_account_that_was_shown_it(site: Site) -> None:
    one, other = Person(site, JOY), Person(site, "other@example.org")
    sealed = one.get("/account/code-app").form("/account/code-app")["sealed"][0]
    secret = site.app.extensions["finder_accounts"].seal.decrypt(sealed).partition(b":")[2]
    other.send(other.get("/account/code-app"), "/account/code-app", {"sealed": sealed, "code": code(site, secret)})
    with site.database.reading() as session:
        assert second_steps.of_account(session, other.id) == []


def test_A10_who_has_a_second_step_reaches_nothing_of_their_own_without_it(site: Site) -> None:
    owner = Person(site, JOY, (Role.OPERATOR, Scope.PROGRAM, site.ids[0]))
    with_app(site, owner)
    thief = by_link(site)
    for path in ("/account/", "/account/password", "/account/delete", "/account/code-app", "/account/steps",
                 "/account/email", "/account/copy", "/account/recovery-codes", "/account/confirm", "/operator/"):
        response = thief.client.get(path)
        assert response.headers["Location"].startswith("/account/second-step?to="), path


def test_A10_a_code_lets_in_once(site: Site) -> None:
    owner = Person(site, JOY, Role.STEWARD)
    secret = with_app(site, owner)
    first, second = by_link(site), by_link(site)
    old = first.client.get_cookie("sid")
    assert old is not None
    page = first.send(first.get("/steward/"), "/account/second-step", {"code": code(site, secret)})
    assert page.path == "/steward/"
    replay = site.app.test_client()
    replay.set_cookie("sid", old.value)
    assert replay.get("/account/second-step").status_code == 303
    page = second.send(second.get("/steward/"), "/account/second-step", {"code": code(site, secret)})
    assert page.status == 422
    assert "used before" in page.of_class("error")[0].text
    site.wait(30)
    assert second.send(page, "/account/second-step", {"code": code(site, secret)}).path == "/steward/"


def test_A10_guesses_of_codes_are_limited(site: Site) -> None:
    owner = Person(site, JOY)
    with_app(site, owner)
    thief = by_link(site)
    page = thief.get("/account/second-step")
    got = [thief.send(page, "/account/second-step", {"code": "123456"}).status for _ in range(11)]
    assert got == [422] * 10 + [429]


# -- recovery codes --------------------------------------------------------------------------------------------------


def test_A10_recovery_codes_are_good_once_however_they_are_typed(site: Site) -> None:
    owner = Person(site, JOY)
    with_app(site, owner)
    with site.database.transaction() as session:
        codes = recovery.make(session, owner.id, now=site.clock())
    assert len(set(codes)) == 10
    visit = by_link(site)
    typed = codes[3].upper().replace("-", " ")
    page = visit.send(visit.get("/account/second-step"), "/account/second-step", {"code": typed})
    assert page.heading == "Your account"
    assert "9 recovery codes left" in visit.get("/account/").main.text
    again = by_link(site)
    assert again.send(again.get("/account/second-step"), "/account/second-step", {"code": codes[3]}).status == 422


@pytest.mark.sqlite
def test_A10_recovery_codes_are_shown_once_kept_as_hashes_and_end_the_old_ones(site: Site, tmp_path: Path) -> None:
    owner = Person(site, JOY)
    with_app(site, owner)
    page = owner.get("/account/recovery-codes")
    first = [one.text for one in owner.send(page, "/account/recovery-codes").of_class("codes")[0].all("li")]
    assert not owner.get("/account/recovery-codes").of_class("codes")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("finder.db"))
    assert not [one for one in first if one.encode() in kept or one.replace("-", "").encode() in kept]
    owner.send(page, "/account/recovery-codes")
    visit = by_link(site)
    assert visit.send(visit.get("/account/second-step"), "/account/second-step", {"code": first[0]}).status == 422


# -- passkeys --------------------------------------------------------------------------------------------------------


def test_A10_a_passkey_is_made_and_signs_in_alone_as_both_steps(site: Site) -> None:
    owner, device = Person(site, JOY, Role.STEWARD, second_step=False), Authenticator()
    assert with_passkey(owner, device).heading == "Recovery codes"
    assert "phone" in owner.get("/account/steps").main.text
    visit = Person.__new__(Person)
    visit.client = site.app.test_client()
    visit.pages = Pages(visit.client)
    options = asked(visit, "/account/sign-in?to=/steward/", "/account/passkey/options")
    assert not options.get("allowCredentials")
    page = visit.send(visit.get("/account/sign-in?to=/steward/"), "/account/passkey", {"passkey": device.use(options)})
    assert page.path == "/steward/"


def test_A10_a_passkey_serves_as_second_step_and_as_proof(site: Site) -> None:
    owner, device = Person(site, JOY), Authenticator()
    with_passkey(owner, device)
    visit = by_link(site)
    options = asked(visit, "/account/second-step", "/account/passkey/options")
    assert len(options["allowCredentials"]) == 1
    page = visit.send(visit.get("/account/second-step"), "/account/second-step", {"passkey": device.use(options)})
    assert page.heading == "Your account"
    site.wait(301)
    page = visit.get("/account/password")
    assert page.heading == "Is it still you?"
    options = asked(visit, "/account/confirm", "/account/passkey/options")
    assert visit.send(page, "/account/confirm", {"passkey": device.use(options), "way": ""}).heading == "Your password"


def test_a_passkeys_answer_is_good_once(site: Site) -> None:
    owner, device = Person(site, JOY), Authenticator()
    with_passkey(owner, device)
    client = site.app.test_client()
    options = json.loads(client.post("/account/passkey/options", headers=OWN).get_data())
    answer = device.use(options)
    assert client.post("/account/passkey", data={"passkey": answer}, headers=OWN).status_code == 303
    other = site.app.test_client()
    assert other.post("/account/passkey", data={"passkey": answer}, headers=OWN).status_code == 422


def test_an_answer_to_a_question_asked_of_somebody_signed_in_signs_nobody_else_in(site: Site) -> None:
    owner, device = Person(site, JOY), Authenticator()
    with_passkey(owner, device)
    options = asked(owner, "/account/", "/account/passkey/options")
    stranger = site.app.test_client()
    assert stranger.post("/account/passkey", data={"passkey": device.use(options)}, headers=OWN).status_code == 422


@pytest.mark.parametrize("device", [
    Authenticator(verifies=False), Authenticator(origin="https://evil.example"), Authenticator(host="evil.example"),
], ids=["not verified", "another origin", "another host"])
def test_A10_a_passkey_of_another_site_or_without_verification_is_not_kept(site: Site, device: Authenticator) -> None:
    owner = Person(site, JOY)
    page = with_passkey(owner, device)
    assert page.status == 422
    with site.database.reading() as session:
        assert second_steps.of_account(session, owner.id) == []


def test_A10_a_passkey_that_does_not_verify_signs_nobody_in(site: Site) -> None:
    owner, device = Person(site, JOY), Authenticator()
    with_passkey(owner, device)
    client = site.app.test_client()
    for change in ({"verifies": False}, {"origin": "https://evil.example"}, {"id": b"x" * 32},
                   {"key": Authenticator().key}):
        options = json.loads(client.post("/account/passkey/options", headers=OWN).get_data())
        kept = {name: getattr(device, name) for name in change}
        for name, value in change.items():
            setattr(device, name, value)
        assert client.post("/account/passkey", data={"passkey": device.use(options)}, headers=OWN).status_code == 422
        for name, value in kept.items():
            setattr(device, name, value)


@pytest.mark.parametrize("answer", [
    "", "{", "[]", "null", "{}", '{"response": 1}', '{"response": {"clientDataJSON": "!"}}', "x" * 30_000, "[" * 5000,
    '{"response": {"clientDataJSON": "e30"}}',
    '{"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAiw7wifQ"}, "rawId": "é"}'], ids=lambda one: one[:20] or "none")
def test_any_other_answer_of_a_passkey_is_refused_and_breaks_nothing(site: Site, answer: str) -> None:
    client = site.app.test_client()
    assert client.post("/account/passkey", data={"passkey": answer}, headers=OWN).status_code == 422
    person = Person(site, JOY)
    page = person.get("/account/passkey/new")
    assert person.send(page, "/account/passkey/new", {"passkey": answer}).status == 422


def test_a_passkey_is_named_and_removed_and_a_stewards_last_step_stays(site: Site) -> None:
    owner = Person(site, JOY, Role.STEWARD)
    with_passkey(owner, Authenticator(), "<b>phone</b>")
    page = owner.get("/account/steps")
    assert "<b>phone</b>" in page.main.text
    refused = owner.send(page, "/account/steps")
    assert refused.status == 422
    assert "Add another one first" in refused.main.text
    with_app(site, owner)
    owner.send(owner.get("/account/steps"), "/account/steps")
    with site.database.reading() as session:
        assert len(second_steps.of_account(session, owner.id)) == 1
    assert told(site, JOY)[-1] == "step_removed"


# -- the way back ----------------------------------------------------------------------------------------------------


def test_A10_a_lost_second_step_comes_back_by_another_persons_yes_and_a_day(site: Site) -> None:
    owner = Person(site, JOY, Role.STEWARD)
    with_app(site, owner)
    helper = Person(site, "ann@example.org", Role.STEWARD)
    lost = by_link(site)
    page = lost.get("/account/second-step/lost")
    assert lost.send(page, "/account/second-step/lost").of_class("notice--wait")
    lost.send(page, "/account/second-step/lost")
    assert told(site, JOY) == ["way_back_asked"]
    page = helper.get("/account/people/ways-back")
    assert JOY in page.main.text
    helper.send(page, "/account/people/ways-back", {"decision": "yes"})
    assert told(site, JOY) == ["way_back_asked", "way_back_approved"]
    (letter,) = letters(site, JOY, "way_back")
    assert letter["due_at"] == (site.clock() + timedelta(hours=24)).replace(tzinfo=None)
    address = f"/account/way-back/{letter['link']}"
    assert site.pages.get(address).status == 404
    assert site.pages.post(address).status == 404
    site.wait(24 * 3600)
    assert site.pages.get(address).heading == "Remove your second step"
    assert site.pages.post(address).heading == "Your second step is removed"
    assert told(site, JOY)[-1] == "way_back_used"
    back = by_link(site)
    assert back.get("/steward/").heading == "Set up a second step"


def test_A10_nobody_agrees_to_their_own_way_back(site: Site) -> None:
    owner = Person(site, JOY, Role.ADMINISTRATOR)
    with_app(site, owner)
    lost = by_link(site)
    lost.send(lost.get("/account/second-step/lost"), "/account/second-step/lost")
    page = owner.send(owner.get("/account/people/ways-back"), "/account/people/ways-back", {"decision": "yes"})
    assert page.status == 422
    assert letters(site, JOY, "way_back") == []


def test_A10_a_second_step_taken_meanwhile_ends_the_way_back(site: Site) -> None:
    owner = Person(site, JOY, Role.STEWARD)
    secret = with_app(site, owner)
    helper = Person(site, "ann@example.org", Role.STEWARD)
    thief = by_link(site)
    thief.send(thief.get("/account/second-step/lost"), "/account/second-step/lost")
    helper.send(helper.get("/account/people/ways-back"), "/account/people/ways-back", {"decision": "yes"})
    mine = by_link(site)
    mine.send(mine.get("/account/second-step"), "/account/second-step", {"code": code(site, secret)})
    assert told(site, JOY)[-1] == "way_back_stopped"
    site.wait(24 * 3600)
    link = letters(site, JOY, "way_back")[0]["link"]
    assert site.pages.get(f"/account/way-back/{link}").status == 404


def test_A10_a_no_ends_the_way_back(site: Site) -> None:
    with_app(site, Person(site, JOY, Role.STEWARD))
    helper = Person(site, "ann@example.org", Role.ADMINISTRATOR)
    lost = by_link(site)
    lost.send(lost.get("/account/second-step/lost"), "/account/second-step/lost")
    page = helper.send(helper.get("/account/people/ways-back"), "/account/people/ways-back", {"decision": "no"})
    assert "Nobody is waiting" in page.main.text
    assert told(site, JOY)[-1] == "way_back_refused"


def test_A10_a_steward_of_one_state_decides_no_way_back(site: Site) -> None:
    helper = Person(site, "ann@example.org", (Role.STEWARD, Scope.STATE, "US:NC"))
    assert helper.get("/account/people/ways-back").status == 404


# -- a fresh proof ---------------------------------------------------------------------------------------------------


def test_A10_what_matters_most_asks_again_after_five_minutes(site: Site) -> None:
    person = Person(site, JOY, Role.ADMINISTRATOR)
    secret = with_app(site, person)
    assert person.get("/account/people/invite").heading == "Invite somebody"
    site.wait(301)
    for path in ("/account/people/invite", "/account/password", "/account/delete", "/account/steps", "/account/email",
                 "/account/copy", f"/account/people/{person.public_id}"):
        assert person.client.get(path).headers["Location"].startswith("/account/confirm?to="), path
    page = person.get("/account/people/invite")
    assert person.send(page, "/account/confirm", {"code": "000000", "way": ""}).status == 422
    page = person.send(page, "/account/confirm", {"code": code(site, secret), "way": ""})
    assert page.heading == "Invite somebody"


def test_A10_a_password_or_a_mailed_link_proves_it_too(site: Site) -> None:
    person = Person(site, JOY, Role.STEWARD)
    with site.database.transaction() as session:
        account = session.get_one(Account, person.id)
        account.password_hash = site.app.extensions["finder_accounts"].passwords.keep("seven quiet herons cross")
    site.wait(301)
    page = person.get("/account/email")
    assert person.send(page, "/account/confirm", {"password": "wrong", "way": ""}).status == 422
    page = person.send(page, "/account/confirm", {"password": "seven quiet herons cross", "way": ""})
    assert page.heading == "Change your email"
    site.wait(301)
    person.send(person.get("/account/email"), "/account/confirm", {"way": "link"})
    page = person.pages.post(f"/account/link/{last_link(site, JOY)}")
    assert page.heading == "Change your email"
    assert person.get("/steward/").status == 200  # the second step that was taken is kept


@pytest.mark.parametrize("sent", [{}, {"password": "words"}, {"code": "1"}, {"passkey": "{}"}])
def test_a_proof_by_a_way_that_an_account_has_not_is_answered_with_the_ways_it_has(site: Site, sent: Any) -> None:
    person = Person(site, JOY, Role.STEWARD)
    site.wait(301)
    page = person.send(person.get("/account/email"), "/account/confirm", {"way": "", **sent})
    assert page.heading == "Is it still you?"
    assert not page.of_class("errors")


def test_people_without_roles_need_no_second_step(site: Site) -> None:
    assert by_link(site).get("/account/").heading == "Your account"
    with site.database.reading() as session:
        assert people.find(session, JOY) is not None


@pytest.mark.parametrize("key", [b"", b"\x80", b"\xa0", b"\xa1\x01\x02"], ids=["none", "list", "empty", "half"])
def test_a_passkey_whose_key_cannot_be_read_is_refused(site: Site, key: bytes) -> None:
    class Odd(Authenticator):
        def _answer(self, response: dict[str, bytes]) -> str:
            data = self._data(WITH_KEY) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + key
            kept = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
            return super()._answer(response | {"attestationObject": kept})

    assert with_passkey(Person(site, JOY), Odd()).status == 422


@pytest.mark.parametrize("host", ["a b", "", "[::1"])
def test_I1_a_request_that_names_no_host_is_asked_for_no_passkey(tmp_path: Path, host: str) -> None:
    site = Site(tmp_path, [group(1)])
    response = site.app.test_client().post("/account/passkey/options", headers={**OWN, "Host": host})
    assert response.status_code == 400
