from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from finder.accounts import api_tokens, people
from finder.accounts.models import Account, SignIn
from finder.accounts.passwords import Passwords
from finder.accounts.permissions import Role, Scope
from finder.audit import chain, verifying
from finder.audit.chain import ENTRY
from finder.web import audited
from tests.web.people import Person
from tests.web.provider.clinic import Clinic
from tests.web.site import Site, group

CANARY = "zqcanary"
OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


class Told:
    """What the audit was told since the last look."""

    def __init__(self, site: Site) -> None:
        self.site, self.last = site, 0
        self()

    def __call__(self) -> list[dict[str, Any]]:
        with self.site.database.reading() as session:
            rows = session.execute(select(ENTRY).where(ENTRY.c.number > self.last).order_by(ENTRY.c.number))
            found = [dict(row) for row in rows.mappings()]
        self.last += len(found)
        return found


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    made = Clinic(tmp_path)
    yield made
    with verifying.view(made.site.database.engine) as connection:
        assert verifying.verify(connection, key=made.site.app.extensions["finder"].audit.key).broken is None


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1), group(2)])


def sign_in(site: Site, email: str, password: str) -> Any:
    return site.app.test_client().post("/account/sign-in", data={"email": email, "password": password}, headers=OWN)


def named(clinic: Clinic, key: str) -> str:
    """What the audit calls a referral: nothing that its address could be read from."""
    found = chain.name_of("referral", key, clinic.site.app.extensions["finder"].audit.key)
    assert key not in found
    return found


def test_O3_reading_a_colleagues_referral_is_told_each_time_and_ones_own_never(clinic: Clinic) -> None:
    clinic.refer(0)
    key, told = clinic.the_one().key, Told(clinic.site)
    clinic.joy.get(f"/provider/referrals/{key}")
    assert told() == []
    for _ in range(2):
        clinic.sam.get(f"/provider/referrals/{key}")
        (read,) = told()
        assert (read["what"], read["account_id"], read["kind"], read["about"]) == (
            "referral.read", clinic.sam.id, "referral", named(clinic, key))
        assert {**read["facts"], "history": ""} == {"page": "provider.referral", "rows": {"referral_event": 1},
                                                    "history": ""}


def test_O3_a_program_that_reads_a_colleagues_referral_is_told(clinic: Clinic) -> None:
    clinic.refer(0)
    key, told = clinic.the_one().key, Told(clinic.site)
    with clinic.site.database.transaction() as session:
        tokens = {who.id: api_tokens.make(session, who.id, "A program", ["referrals.read"], days=30,
                                          now=clinic.site.clock()) for who in (clinic.joy, clinic.sam)}
    client = clinic.site.app.test_client()
    for number, secret in tokens.items():
        answer = client.get(f"/api/v1/referrals/{key}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200
        assert [(one["what"], one["channel"], one["account_id"], one["about"]) for one in told()] == (
            [] if number == clinic.joy.id else [("referral.read", "program", number, named(clinic, key))])


def test_O3_another_teams_referral_is_told_as_refused(clinic: Clinic) -> None:
    clinic.refer(0)
    key, told = clinic.the_one().key, Told(clinic.site)
    assert clinic.stranger.client.get(f"/provider/referrals/{key}").status_code == 404
    (one,) = told()
    assert (one["what"], one["account_id"], one["kind"], one["about"]) == (
        "refused", clinic.stranger.id, "referral", named(clinic, key))
    assert one["facts"] == {"page": "provider.referral", "status": 404}


def test_O3_a_referral_that_is_made_is_one_entry_that_names_it(clinic: Clinic) -> None:
    told = Told(clinic.site)
    clinic.refer(0)
    made = [one for one in told() if one["what"] == "provider.refer"]
    assert [(one["kind"], one["about"]) for one in made] == [("referral", named(clinic, clinic.the_one().key))]


def test_O3_no_word_of_anybody_is_in_the_audit(clinic: Clinic) -> None:
    clinic.refer(0, code="ZQ-41")
    clinic.joy.pages.get(f"/results?q={CANARY}")
    sign_in(clinic.site, f"{CANARY}@example.org", CANARY)
    with clinic.site.database.transaction() as session:
        people.find_or_make(session, f"{CANARY}@example.org", now=clinic.site.clock())
    sign_in(clinic.site, f"{CANARY}@example.org", CANARY)
    clinic.joy.client.get(f"/provider/referrals/{CANARY}")
    clinic.site.app.test_client().get("/api/v1/referrals", headers={"Authorization": f"Bearer {CANARY}"})
    with clinic.site.database.reading() as session:
        said = json.dumps([dict(row) for row in session.execute(select(ENTRY)).mappings()], default=str)
    assert "sign_in.failed" in said
    assert CANARY not in said
    assert "ZQ-41" not in said
    assert "example.org" not in said


def test_O3_signing_in_and_failing_to_are_told_without_what_was_typed(site: Site) -> None:
    joy = Person(site, "joy@example.org")
    with site.database.transaction() as session:
        session.get_one(Account, joy.id).password_hash = Passwords().keep("a good long password")
    told = Told(site)
    assert sign_in(site, "joy@example.org", "a good long password").status_code == 303
    (one,) = told()
    assert (one["what"], one["account_id"]) == ("sign_in.done", joy.id)
    assert one["facts"]["page"] == "account.sign_in"
    for email, number in (("joy@example.org", joy.id), ("nobody@example.org", None)):
        assert sign_in(site, email, "a wrong password").status_code == 422
        (one,) = told()
        assert (one["what"], one["channel"], one["account_id"]) == ("sign_in.failed", "visitor", None)
        assert one["facts"]["tried"] == number


def test_O3_signing_out_is_told(site: Site) -> None:
    joy, told = Person(site, "joy@example.org"), Told(site)
    joy.send(joy.get("/account/"), "/account/sign-out")
    assert [(one["what"], one["account_id"]) for one in told()] == [("account.sign_out", joy.id)]


def test_O3_who_is_refused_is_told_but_cannot_fill_the_disk(site: Site) -> None:
    joy, told = Person(site, "joy@example.org"), Told(site)
    most = audited.LIMITS[0].most
    for _ in range(most + 5):
        assert joy.client.get("/steward/").status_code == 404
    found = told()
    assert len(found) == most
    assert {(one["what"], one["account_id"]) for one in found} == {("refused", joy.id)}
    client = site.app.test_client()
    for _ in range(most + 5):
        assert client.get("/api/v1/referrals").status_code == 401
    assert {(one["channel"], one["facts"]["status"]) for one in told()} == {("visitor", 401)}


def test_asking_for_a_page_and_for_a_link_by_mail_are_no_deeds(site: Site) -> None:
    told = Told(site)
    for path in ("/", "/programs", "/crisis", "/account/sign-in", "/healthz"):
        site.pages.get(path) if path != "/healthz" else site.app.test_client().get(path)
    site.app.test_client().post("/account/sign-in", data={"email": "joy@example.org", "way": "link"}, headers=OWN)
    assert told() == []


def test_O3_a_deed_that_fails_leaves_no_entry_and_an_entry_that_fails_no_deed(site: Site) -> None:
    joy = Person(site, "joy@example.org")
    page = joy.get("/account/")
    site.app.extensions["finder"].audit.hang("request", lambda rows: 1 / 0, lambda: b"")
    assert joy.client.post("/account/sign-out", data=page.form("/account/sign-out"), headers=OWN).status_code == 500
    with site.database.reading() as session:
        assert session.execute(select(SignIn)).first() is not None
    with pytest.raises(ZeroDivisionError), site.database.transaction() as session:
        session.execute(delete(SignIn))


def test_O3_a_steward_who_gives_a_role_is_told_with_whose(site: Site) -> None:
    boss = Person(site, "boss@example.org", (Role.ADMINISTRATOR, Scope.ALL, ""))
    joy, told = Person(site, "joy@example.org"), Told(site)
    path = f"/account/people/{joy.public_id}"
    page = boss.get(path)
    forms = [one for one in page.all("form") if one["action"].startswith(path)]
    assert forms
    boss.send(page, forms[0]["action"], {"role": "steward", "scope": "all"})
    found = told()
    assert len(found) <= 1
    assert all((one["account_id"], one["kind"], one["about"]) == (boss.id, "person", joy.public_id) for one in found)


@pytest.mark.parametrize("path", [
    "/provider/export.csv", "/provider/export.fhir.json", "/provider/referrals/{}/fhir.json"])
def test_O3_a_file_of_referrals_is_told_also_to_those_who_made_them(clinic: Clinic, path: str) -> None:
    clinic.refer(0)
    told = Told(clinic.site)
    path = path.format(clinic.the_one().key)
    told()
    assert clinic.joy.client.get(path).status_code == 200
    found = told()
    assert [(one["what"], one["account_id"]) for one in found] == [("export.done", clinic.joy.id)]
