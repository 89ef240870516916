from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from finder.accounts.permissions import Role, Scope
from finder.referrals import moving, reading
from finder.referrals.exporting import PART_2
from finder.referrals.models import Referral
from tests.exchange.fhir_judges import faults
from tests.referrals.samples import join, make_referral, make_team, sender
from tests.web.people import Person
from tests.web.site import Site, group

NAME, CANARY = "Canary Kestrel", "heron at noon"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, focus=["grief"]), group(2, name="=Harbor", focus=["alcohol"])])


@pytest.fixture
def keys(site: Site) -> dict[str, str]:
    """Two referrals of the team, one of them closed and about alcohol, and one of another team."""
    everything = site.app.extensions["finder_referrals"]
    with site.database.transaction() as session:
        team, (owner,) = make_team(session, "Eastside Family Clinic", "owner@example.org")
        join(session, team, "joy@example.org")
        other, (stranger,) = make_team(session, "Westside", "stranger@example.org")
        first = make_referral(
            session, team, owner, [site.ids[1]], keys=everything, needs=["grief"], code="AB1",
            identity={"name": NAME}, hand_off={"way": "call", "note": CANARY},
            consent={"what": ["level", "reach", "needs", "identity"]}).referral
        second = make_referral(session, team, owner, [site.ids[0], site.ids[1]], keys=everything, needs=["alcohol"],
                               code="CD2").referral
        moving.close(session, second, "other", sender(owner), now=site.clock())
        away = make_referral(session, other, stranger, [site.ids[0]], keys=everything, code="EF3").referral
        return {"team": str(team.id), "open": first.key, "closed": second.key, "away": away.key}


def member(site: Site, keys: dict[str, str], email: str = "joy@example.org") -> Person:
    return Person(site, email, (Role.PROVIDER, Scope.TEAM, keys["team"]), second_step=False)


def table(person: Person, query: str = "") -> list[dict[str, str]]:
    response = person.client.get(f"/provider/export.csv{query}")
    assert response.status_code == 200
    text = response.get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fhir(person: Person, path: str) -> dict[str, Any]:
    response = person.client.get(path)
    assert response.status_code == 200
    assert response.mimetype == "application/fhir+json"
    found: dict[str, Any] = response.get_json()
    return found


def requests(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "ServiceRequest"]


def test_a_table_holds_the_teams_own_referrals_and_no_others(site: Site, keys: dict[str, str]) -> None:
    assert sorted((one["code"], one["position"]) for one in table(member(site, keys))) == [
        ("AB1", "1"), ("CD2", "1"), ("CD2", "2")]


@pytest.mark.parametrize(("query", "codes"), [("?state=open", {"AB1"}), ("?state=closed", {"CD2"}),
                                              ("?state=odd", {"AB1", "CD2"})])
def test_open_and_closed_ones_can_be_had_apart(site: Site, keys: dict[str, str], query: str, codes: set[str]) -> None:
    person = member(site, keys)
    assert {one["code"] for one in table(person, query)} == codes
    found = requests(fhir(person, f"/provider/export.fhir.json{query}"))
    assert {one["subject"]["identifier"]["value"] for one in found} == codes


def test_I4_no_cell_of_the_table_can_run(site: Site, keys: dict[str, str]) -> None:
    assert "'=Harbor" in {one["program"] for one in table(member(site, keys))}


def test_the_files_are_valid_fhir(site: Site, keys: dict[str, str]) -> None:
    person = member(site, keys)
    assert faults([fhir(person, "/provider/export.fhir.json"),
                   fhir(person, f"/provider/referrals/{keys['open']}/fhir.json")]) == []


def test_one_referral_can_be_had_alone(site: Site, keys: dict[str, str]) -> None:
    found = requests(fhir(member(site, keys), f"/provider/referrals/{keys['open']}/fhir.json"))
    assert [one["identifier"][0]["value"] for one in found] == [keys["open"]]
    assert found[0]["reasonCode"][0]["coding"][0]["code"] == "grief"


def test_P10_no_file_says_who_somebody_is_and_the_table_says_no_need(site: Site, keys: dict[str, str]) -> None:
    person = member(site, keys)
    bodies = [person.client.get(path).get_data(as_text=True) for path in (
        "/provider/export.csv", "/provider/export.fhir.json", f"/provider/referrals/{keys['open']}/fhir.json")]
    for body in bodies:
        assert "AB1" in body
        assert NAME not in body
        assert CANARY not in body
    assert "grief" not in bodies[0]


def test_part_2_goes_with_what_shows_care_for_substance_use(site: Site, keys: dict[str, str]) -> None:
    person = member(site, keys)
    assert {(one["code"], one["notice"]) for one in table(person)} == {("AB1", ""), ("CD2", PART_2)}
    notes = {one["subject"]["identifier"]["value"]: one.get("note")
             for one in requests(fhir(person, "/provider/export.fhir.json"))}
    assert notes == {"AB1": None, "CD2": [{"text": PART_2}]}


@pytest.mark.parametrize("path", ["/provider/export.csv", "/provider/export.fhir.json"])
def test_O3_a_colleague_is_noted_in_each_referral_and_the_owner_is_not(site: Site, keys: dict[str, str],
                                                                       path: str) -> None:
    def reads(key: str) -> list[dict[str, Any]]:
        with site.database.reading() as session:
            return [one.facts for one in reading.history(session, key) if one.kind == "read"]

    assert member(site, keys, "owner@example.org").client.get(path).status_code == 200
    assert reads(keys["open"]) == []
    assert member(site, keys).client.get(path).status_code == 200
    assert reads(keys["open"]) == reads(keys["closed"]) == [{"how": "export"}]
    assert reads(keys["away"]) == []


def test_O3_one_referral_is_noted_too(site: Site, keys: dict[str, str]) -> None:
    fhir(member(site, keys), f"/provider/referrals/{keys['open']}/fhir.json")
    with site.database.reading() as session:
        assert [one.facts for one in reading.history(session, keys["open"]) if one.kind == "read"] == [
            {"how": "export"}]


def test_a_file_is_kept_nowhere_and_its_name_says_nothing(site: Site, keys: dict[str, str]) -> None:
    for path, ending in (("export.csv", "csv"), ("export.fhir.json", "fhir.json"),
                         (f"referrals/{keys['open']}/fhir.json", "fhir.json")):
        response = member(site, keys).client.get(f"/provider/{path}")
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Disposition"] == f'attachment; filename="export-2026-11-24.{ending}"'


def test_A10_a_file_asks_for_a_recent_proof(site: Site, keys: dict[str, str]) -> None:
    person = member(site, keys)
    site.wait(600)
    for path in ("/provider/export", "/provider/export.csv", "/provider/export.fhir.json",
                 f"/provider/referrals/{keys['open']}/fhir.json"):
        response = person.client.get(path)
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/account/confirm")


def test_A1_anothers_referral_and_none_are_answered_alike(site: Site, keys: dict[str, str]) -> None:
    person = member(site, keys)
    for key in (keys["away"], "A" * 22, "short"):
        assert person.get(f"/provider/referrals/{key}/fhir.json").status == 404


def test_the_page_leads_to_every_file(site: Site, keys: dict[str, str]) -> None:
    person = member(site, keys)
    links = [tag["href"] for tag in person.get("/provider/export").main.all("a") if "/export." in tag["href"]]
    assert len(links) == 6
    for link in links:
        assert person.client.get(link).status_code == 200


def test_a_team_without_referrals_gets_empty_files(site: Site) -> None:
    with site.database.transaction() as session:
        team, _ = make_team(session, "New", "new@example.org")
        key = str(team.id)
    person = member(site, {"team": key}, "new@example.org")
    assert table(person) == []
    assert "entry" not in fhir(person, "/provider/export.fhir.json")


def test_a_long_list_is_whole(site: Site, keys: dict[str, str]) -> None:
    with site.database.transaction() as session:
        owner = session.get_one(Referral, keys["open"]).owner_id
        team = session.get_one(Referral, keys["open"]).team_id
        at = site.clock().replace(tzinfo=None)
        session.add_all(Referral(key=f"{number:022d}", team_id=team, owner_id=owner, code="A1", once=f"{number}",
                                 once_print=b"", made_at=at, changed_at=at) for number in range(250))
    assert len(requests(fhir(member(site, keys), "/provider/export.fhir.json"))) == 252
