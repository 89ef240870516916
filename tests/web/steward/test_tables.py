from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings.tables import TABLES
from finder.web.steward.tables import NAMES
from tests.web.people import Person
from tests.web.site import Site, group


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1) | {"name": "=HYPERLINK(1)"}, group(2) | {"name": "Río, \"quiet\""}])


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def rows(person: Person, path: str) -> list[dict[str, str]]:
    response = person.client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"), newline="")))


def test_I4_a_file_holds_every_listing_and_no_formula(steward: Person) -> None:
    assert [row["name"] for row in rows(steward, "/steward/tables/listings.csv")] in (
        ["'=HYPERLINK(1)", "Río, \"quiet\""], ["Río, \"quiet\"", "'=HYPERLINK(1)"])


def test_the_mark_at_the_start_can_be_left_away(steward: Person) -> None:
    with_mark, without = (steward.client.get(f"/steward/tables/listings.csv{more}").get_data()
                          for more in ("", "?mark=0"))
    assert with_mark == "\ufeff".encode() + without


def test_every_table_has_a_page_line_and_a_file(steward: Person) -> None:
    assert set(NAMES) == set(TABLES)
    links = [tag["href"] for tag in steward.get("/steward/tables").main.all("a") if tag["href"].endswith(".csv")]
    assert len(links) == len(TABLES) - 1
    for link in links:
        rows(steward, link)


def test_accounts_are_for_administrators_only(site: Site, steward: Person) -> None:
    assert steward.client.get("/steward/tables/people.csv").status_code == 404
    boss = Person(site, "sam@example.org", Role.ADMINISTRATOR)
    assert {row["email"] for row in rows(boss, "/steward/tables/people.csv")} == {"joy@example.org", "sam@example.org"}


def test_A10_a_file_asks_for_a_recent_proof(site: Site, steward: Person) -> None:
    site.wait(600)
    response = steward.client.get("/steward/tables/listings.csv")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/account/confirm")


def test_a_steward_of_a_region_gets_none(site: Site) -> None:
    kim = Person(site, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH"))
    assert kim.client.get("/steward/tables").status_code == 404
    assert kim.client.get("/steward/tables/listings.csv").status_code == 404
