from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from finder.accounts import entering, people
from finder.accounts.models import Account, SignIn
from finder.accounts.passwords import Passwords
from finder.accounts.permissions import Role
from finder.limits import used
from tests.pages import Page, Pages
from tests.web.account.letters import last_link, letters
from tests.web.people import Person
from tests.web.site import Site, group

JOY = "joy@example.org"
PASSWORD = "seven quiet herons cross the ford"
OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


class Counting(PasswordHasher):
    """A quick hasher that counts what it checks."""

    def __init__(self) -> None:
        super().__init__(1, 8, 1)
        self.checked = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.checked += 1
        return super().verify(hash, password)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


@pytest.fixture
def hasher(site: Site) -> Counting:
    hasher = Counting()
    site.app.extensions["finder_accounts"] = replace(site.app.extensions["finder_accounts"],
                                                     passwords=Passwords(hasher))
    return hasher


def with_password(site: Site, hasher: Counting, email: str = JOY) -> int:
    with site.database.transaction() as session:
        account = people.find_or_make(session, email, now=site.clock())
        account.password_hash = hasher.hash(PASSWORD)
        return account.id


def ask(client: FlaskClient, email: str, **form: str) -> int:
    return client.post("/account/sign-in", data={"email": email, "way": "link", **form}, headers=OWN).status_code


def enter(client: FlaskClient, email: str, password: str, to: str = "") -> Page:
    return Pages(client).post("/account/sign-in", {"email": email, "password": password, "way": "password", "to": to})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


# -- links -----------------------------------------------------------------------------------------------------------


def test_a_mailed_link_shows_a_page_and_only_its_button_signs_in(site: Site) -> None:
    Person(site, JOY)
    assert ask(site.app.test_client(), JOY) == 303
    address = f"/account/link/{last_link(site, JOY)}"
    client = site.app.test_client()
    page = Pages(client).get(address)
    assert page.heading == "Sign in as j…@example.org"
    assert JOY not in page.source
    assert not is_in(client)
    Pages(client).post(address)
    assert is_in(client)
    assert Pages(client).get(address).heading == "This link was used"


def test_a_link_is_good_once_and_for_a_quarter_of_an_hour(site: Site) -> None:
    ask(site.app.test_client(), JOY)
    used = f"/account/link/{last_link(site, JOY)}"
    site.pages.post(used)
    other = site.app.test_client()
    assert Pages(other).post(used).heading == "This link was used"
    assert not is_in(other)
    ask(other, JOY)
    late = f"/account/link/{last_link(site, JOY)}"
    site.wait(15 * 60)
    assert Pages(other).post(late).heading == "This link is too old"
    assert not is_in(other)


def test_an_address_without_an_account_gets_one_by_using_the_link(site: Site) -> None:
    ask(site.app.test_client(), "new@example.org")
    with site.database.reading() as session:
        assert people.find(session, "new@example.org") is None
    page = site.pages.get(f"/account/link/{last_link(site, 'new@example.org')}")
    assert "You have no account here yet" in page.main.text
    site.pages.post(page.path)
    with site.database.reading() as session:
        assert people.find(session, "new@example.org") is not None
    assert "new@example.org" in site.pages.get("/account/").main.text


def test_where_somebody_was_going_goes_along(site: Site) -> None:
    ask(site.app.test_client(), JOY, to="/account/steps")
    response = site.app.test_client().post(f"/account/link/{last_link(site, JOY)}", headers=OWN)
    assert response.headers["Location"] == "/account/steps"


def test_the_letter_speaks_the_language_of_the_page(site: Site) -> None:
    site.app.test_client().post("/es/account/sign-in", data={"email": JOY, "way": "link"}, headers=OWN)
    assert letters(site, JOY)[0]["locale"] == "es"


def test_a_link_that_never_was_is_not_found(site: Site) -> None:
    assert site.pages.get("/account/link/never").status == 404
    assert site.pages.post("/account/link/never").status == 404


def test_A6_another_sites_form_signs_nobody_in(site: Site) -> None:
    ask(site.app.test_client(), JOY)
    client = site.app.test_client()
    response = client.post(f"/account/link/{last_link(site, JOY)}", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert not is_in(client)


def test_a_closed_account_is_let_in_by_nothing(site: Site, hasher: Counting) -> None:
    number = with_password(site, hasher)
    ask(site.app.test_client(), JOY)
    with site.database.transaction() as session:
        account = people.find(session, JOY)
        assert account is not None
        assert account.id == number
        account.state = "disabled"
    client = site.app.test_client()
    assert Pages(client).get(f"/account/link/{last_link(site, JOY)}").heading == "This account is closed"
    Pages(client).post(f"/account/link/{last_link(site, JOY)}")
    assert enter(client, JOY, PASSWORD).status == 422
    assert not is_in(client)


# -- passwords -------------------------------------------------------------------------------------------------------


def test_a_password_signs_in_and_enter_takes_it_where_one_was_typed(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    client = site.app.test_client()
    client.post("/account/sign-in", headers=OWN,
                data={"email": f" {JOY.upper()} ", "password": PASSWORD, "way": "auto"})
    assert is_in(client)


def test_a_password_that_a_browser_filled_in_does_not_keep_a_link_away(site: Site) -> None:
    assert ask(site.app.test_client(), JOY, password="stale") == 303
    assert len(letters(site, JOY, "sign_in")) == 1


def test_a_wrong_password_is_said_at_the_field_and_the_email_is_kept(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    page = enter(site.app.test_client(), JOY, "seven quiet herons cross the moor")
    assert page.status == 422
    assert page.one("input", id="email")["value"] == JOY
    assert page.one("input", id="password")["aria-invalid"] == "true"
    assert "herons" not in page.source


def test_A4_a_password_is_hashed_anew_at_sign_in_when_the_parameters_have_grown(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    stronger = PasswordHasher(2, 16, 1)
    site.app.extensions["finder_accounts"] = replace(site.app.extensions["finder_accounts"],
                                                     passwords=Passwords(stronger))
    client = site.app.test_client()
    enter(client, JOY, PASSWORD)
    assert is_in(client)
    with site.database.reading() as session:
        account = people.find(session, JOY)
        assert account is not None
        assert not stronger.check_needs_rehash(account.password_hash or "")


# -- nobody learns who has an account --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [{"way": "link"}, {"way": "password", "password": "some words that are wrong"}],
                         ids=["link", "password"])
def test_A7_known_and_unknown_addresses_get_the_same_answer(site: Site, hasher: Counting, form: dict[str, str]) -> None:
    with_password(site, hasher)
    Person(site, "ann@example.org")  # without a password
    answers = []
    for email in (JOY, "ann@example.org", "nyx@example.org"):
        hasher.checked = 0
        response = site.app.test_client().post("/account/sign-in", data={"email": email, **form}, headers=OWN)
        body = response.get_data(as_text=True).replace(email, "")
        same = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
        answers.append((response.status_code, body, same, len(letters(site, email)), hasher.checked))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][-1] == (1 if form["way"] == "password" else 0)


def test_A7_asking_for_a_new_password_is_the_same_for_all(site: Site) -> None:
    Person(site, JOY)
    answers = []
    for email in (JOY, "nyx@example.org"):
        response = site.app.test_client().post("/account/forgotten", data={"email": email}, headers=OWN)
        answers.append((response.status_code, response.headers["Location"], len(letters(site, email, "reset"))))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("email", [JOY, "nyx@example.org"], ids=["somebody", "nobody"])
def test_A7_a_wrong_password_is_written_to_disk_whoever_it_was_for(site: Site, email: str) -> None:
    with_password(site, Counting())
    keys = entering.Keys(b"a", b"n")
    with site.database.transaction() as session:
        tried = entering.try_password(session, email, keys, now=site.clock())
    with site.database.transaction() as session:
        entering.finish(session, tried, keys, right=False, now=site.clock())
    with site.database.reading() as session:
        assert used(session, entering.WRONG, keys.address, site.clock()) == 1


@pytest.mark.parametrize("email", ["(1)joy@example.org", "joy(1)@example.org", "x,joy@example.org",
                                   "joy@evil.example,lantern.example", "a:joy@example.org", "joy@example.org;"])
def test_an_address_that_mail_programs_read_as_another_one_gets_no_letter(site: Site, email: str) -> None:
    assert ask(site.app.test_client(), email) == 422
    assert letters(site, email) == []


def test_an_old_link_does_not_show_the_address_that_came_after_it(site: Site) -> None:
    number = Person(site, JOY).id
    ask(site.app.test_client(), JOY)
    used_up = f"/account/link/{last_link(site, JOY)}"
    site.pages.post(used_up)
    with site.database.transaction() as session:
        session.get_one(Account, number).email = "j@elsewhere.example"
    assert "elsewhere" not in site.pages.get(used_up).source


# -- limits ----------------------------------------------------------------------------------------------------------


def fail(site: Site, email: str = JOY, address: str = "203.0.113.9", password: str = "wrong words all along") -> int:
    form = {"email": email, "password": password, "way": "password"}
    return site.app.test_client().post("/account/sign-in", data=form, headers=OWN,
                                       environ_overrides={"REMOTE_ADDR": address}).status_code


def test_A8_ten_wrong_passwords_for_one_account_in_five_minutes(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    known = Person(site, JOY)
    got = [fail(site, address=f"203.0.{number}.9") for number in range(11)]
    assert got == [422] * 10 + [429]
    assert fail(site, address="198.51.100.1", password=PASSWORD) == 429
    assert known.get("/account/").status == 200
    site.wait(300)
    assert fail(site, address="198.51.100.1", password=PASSWORD) == 303


def test_A8_ten_wrong_passwords_from_one_network_in_five_minutes(site: Site, hasher: Counting) -> None:
    got = [fail(site, email=f"p{number}@example.org", address=f"203.0.113.{number}") for number in range(11)]
    assert got == [422] * 10 + [429]
    assert fail(site, email="p99@example.org", address="198.51.100.1") == 422


def test_A8_the_right_password_does_not_count_and_forgives_no_others(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    assert [fail(site, password=PASSWORD) for _ in range(12)] == [303] * 12
    assert [fail(site, email=f"p{number}@example.org") for number in range(9)] == [422] * 9
    assert fail(site, password=PASSWORD) == 303
    assert [fail(site, email="x@example.org"), fail(site, email="y@example.org")] == [422, 429]


def test_A8_a_thousand_wrong_passwords_from_everywhere_in_five_minutes(site: Site, hasher: Counting) -> None:
    from finder.accounts.entering import FAILURES
    from finder.limits import EVERYBODY, spend
    with site.database.transaction() as session:
        spend(session, FAILURES[2], EVERYBODY, site.clock(), amount=999)
    assert fail(site, email="a@example.org", address="203.0.113.1") == 422
    assert fail(site, email="b@example.org", address="198.51.100.1") == 429


def test_A8_after_a_hundred_failures_in_a_row_only_a_link_lets_in_until_a_new_password_is_set(
        site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    for number in range(100):
        if number % 10 == 0:
            site.wait(300)
        assert fail(site, address=f"203.0.{number}.9") == 422
    site.wait(300)
    assert fail(site, address="198.51.100.1", password=PASSWORD) == 422
    Pages(site.app.test_client()).post("/account/forgotten", {"email": JOY})
    client = site.app.test_client()
    page = Pages(client).post(f"/account/link/{last_link(site, JOY, 'reset')}")
    assert page.heading == "Your password"
    new = "eight loud herons leave the ford"
    Pages(client).post("/account/password", {**page.form("/account/password"), "password": new, "way": ""})
    assert fail(site, address="198.51.100.1", password=new) == 303


def test_A8_five_letters_a_day_for_one_address(site: Site) -> None:
    got = []
    for number in range(6):
        site.wait(301)
        response = site.app.test_client().post("/account/sign-in", data={"email": JOY, "way": "link"}, headers=OWN,
                                               environ_overrides={"REMOTE_ADDR": f"203.0.{number}.9"})
        got.append(response.status_code)
    assert got == [303] * 5 + [429]
    assert len(letters(site, JOY)) == 5


def test_A8_who_uses_the_links_gets_as_many_as_they_need(site: Site) -> None:
    for _ in range(7):
        site.wait(301)
        assert ask(site.app.test_client(), JOY) == 303
        assert ask(site.app.test_client(), JOY) == 303
        assert site.app.test_client().post(f"/account/link/{last_link(site, JOY)}", headers=OWN).status_code == 303


def test_A8_ten_letters_in_five_minutes_for_one_network(site: Site) -> None:
    client = site.app.test_client()
    assert [ask(client, f"p{number}@example.org") for number in range(11)] == [303] * 10 + [429]
    assert Pages(client).post("/account/sign-in", {"email": "q@example.org", "way": "link"}).heading == "Too many tries"


def test_whoever_tries_too_often_is_told_how_long_to_wait(site: Site) -> None:
    client = site.app.test_client()
    for number in range(10):
        ask(client, f"p{number}@example.org")
    response = client.post("/account/sign-in", data={"email": JOY, "way": "link"}, headers=OWN)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 300


# -- sessions --------------------------------------------------------------------------------------------------------


def browsers(site: Site) -> int:
    with site.database.reading() as session:
        return session.query(SignIn).count()


def test_A5_signing_in_gives_a_new_id_and_ends_the_one_before(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    other = Person(site, "other@example.org")
    old = other.client.get_cookie("sid")
    assert old is not None
    ask(other.client, JOY)
    other.client.post(f"/account/link/{last_link(site, JOY)}", headers=OWN)
    new = other.client.get_cookie("sid")
    assert new is not None
    assert new.value != old.value
    replay = site.app.test_client()
    replay.set_cookie("sid", old.value)
    assert not is_in(replay)
    assert browsers(site) == 1


def test_A5_a_cookie_that_somebody_planted_is_never_taken_over(site: Site, hasher: Counting) -> None:
    with_password(site, hasher)
    client = site.app.test_client()
    client.set_cookie("sid", "planted")
    enter(client, JOY, PASSWORD)
    cookie = client.get_cookie("sid")
    assert cookie is not None
    assert cookie.value != "planted"


def test_A5_signing_out_ends_the_row(site: Site) -> None:
    person = Person(site, JOY)
    old = person.client.get_cookie("sid")
    assert old is not None
    person.send(person.get("/account/"), "/account/sign-out")
    replay = site.app.test_client()
    replay.set_cookie("sid", old.value)
    assert not is_in(replay)
    assert browsers(site) == 0


def test_A5_an_idle_hour_or_half_a_day_ends_it(site: Site) -> None:
    person = Person(site, JOY)
    site.wait(3599)
    assert is_in(person.client)
    site.wait(3600)
    assert not is_in(person.client)
    busy = Person(site, JOY)
    for _ in range(12):
        assert is_in(busy.client)
        site.wait(3590)
    site.clock.at += timedelta(seconds=200)
    assert not is_in(busy.client)


def test_whoever_is_signed_in_reads_while_somebody_else_writes_for_long(site: Site) -> None:
    person = Person(site, JOY)
    site.wait(120)
    with site.database.transaction() as session:
        people.find_or_make(session, "other@example.org", now=site.clock())
        assert is_in(person.client)
    site.wait(3400)
    assert is_in(person.client)  # and is marked as seen now
    site.wait(3400)
    assert is_in(person.client)


def test_W3_visitors_get_no_cookie_from_the_pages_of_signing_in(site: Site) -> None:
    for path in ("/account/sign-in", "/account/sign-in/sent", "/account/forgotten"):
        assert "Set-Cookie" not in site.app.test_client().get(path).headers


# -- addresses of other sites ----------------------------------------------------------------------------------------

ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
    "http://evil.example", "https://evil.example", "HTTPS://evil.example", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "http:\\\\evil.example", "evil.example", "www.evil.example/account", "@evil.example",
    "javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc",
    "mailto:a@evil.example", "tel:911", " //evil.example", "\t//evil.example", "\n//evil.example", "/\t/evil.example",
    "/\n/evil.example", "/\r/evil.example", "/\x00/evil.example", "/\u2028/evil.example", "/ok\\evil.example",
    "/ok\r\nLocation: https://evil.example", "/\x0b/evil.example", "/\x7f/evil.example", "?to=//evil.example",
    "#//evil.example", ".//evil.example", "..//evil.example", "localhost", "//localhost@evil.example",
    "http://localhost@evil.example", "http://localhost.evil.example", "//evil.example/%2f..", "/" + "x" * 301,
    "\u200b//evil.example", "/\u202e/evil.example", "；//evil.example", "／／evil.example",
]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_W6_nobody_is_led_to_another_site(site: Site, hasher: Counting, to: str) -> None:
    with_password(site, hasher)
    sent = [site.app.test_client().post("/account/sign-in", headers=OWN, data={
        "email": JOY, "password": PASSWORD, "way": "password", "to": to})]
    signed_in = Person(site, "other@example.org").client
    sent.append(signed_in.get("/account/sign-in", query_string={"to": to}))
    sent.append(signed_in.get("/account/confirm", query_string={"to": to}))
    sent.append(signed_in.get("/account/second-step", query_string={"to": to}))
    ask(site.app.test_client(), JOY, to=to)
    sent.append(site.app.test_client().post(f"/account/link/{last_link(site, JOY)}", headers=OWN))
    for response in sent:
        assert response.status_code == 303
        assert response.headers["Location"] == "/account/"


@pytest.mark.parametrize("to", ["/account/steps", "/es/account/", "/operator/", "/.//evil.example", "/%2f/evil.example",
                                "/@evil.example", "/;//evil.example"])
def test_W6_what_looks_odd_but_is_this_site_stays_here(site: Site, hasher: Counting, to: str) -> None:
    with_password(site, hasher)
    response = site.app.test_client().post("/account/sign-in", headers=OWN, data={
        "email": JOY, "password": PASSWORD, "way": "password", "to": to})
    led = urlsplit(urljoin("http://localhost/account/sign-in", response.headers["Location"]))
    assert led.netloc == "localhost"


def test_A11_there_is_no_account_to_begin_with_and_setting_up_needs_a_link(site: Site) -> None:
    assert browsers(site) == 0
    with site.database.reading() as session:
        assert people.with_role(session, Role.ADMINISTRATOR) == []
    for path in ("/account/setup", "/account/setup/", "/account/setup/guess"):
        assert site.app.test_client().get(path).status_code == 404
        assert site.app.test_client().post(path, headers=OWN, data={"email": JOY}).status_code == 404
