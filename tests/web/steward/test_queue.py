from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role
from tests.pages import Page
from tests.web.people import Person
from tests.web.steward.desk import NEW_PHONE, StewardSite, meets


@pytest.fixture
def site(tmp_path: Path) -> StewardSite:
    return StewardSite(tmp_path)


def items(page: Page) -> list[str]:
    return [tag.one_heading for tag in page.all("article")]


def tally(page: Page) -> dict[str, str]:
    (found,) = page.of_class("tally")
    return {one.all("dt")[0].text: one.all("dd")[0].text for one in found.all("div")}


def test_an_empty_desk_says_so(site: StewardSite) -> None:
    page = site.sam.get("/steward/")
    assert page.heading == "Nothing waits for you"
    assert items(page) == []


def test_everything_waits_in_one_list_the_oldest_first_and_unsafe_before_all(site: StewardSite) -> None:
    site.propose(name="Creek")
    site.wait(60)
    site.propose_new()
    site.wait(60)
    site.report(1, "unsafe", "A man shouted.")
    page = site.sam.get("/steward/")
    assert items(page) == ["River Circle 2", "River Circle 1", "Creek Circle"]
    assert page.heading == "3 changes to look at"
    assert "A man shouted." in page.main.text


def test_the_tally_counts_what_waits_what_is_late_and_reports(site: StewardSite) -> None:
    site.propose(name="Creek")
    site.wait(49 * 3600)
    site.report()
    page = Person(site, "new@example.org", Role.STEWARD).get("/steward/")
    assert tally(page) == {"Waiting": "2", "Over two days": "1", "Reports from visitors": "1"}


def test_a_steward_of_a_region_sees_only_what_meets_there(site: StewardSite) -> None:
    site.propose(0, name="Creek")
    site.propose(1, name="Brook")
    site.wait(60)
    site.propose_new(sessions=[meets("Dayton", "OH")])
    site.propose_new()
    site.report(0)
    page = site.of_ohio.get("/steward/")
    assert items(page) == ["River Circle 2", "Creek Circle"]
    assert tally(page)["Waiting"] == "2"


@pytest.mark.parametrize(("query", "names"), [
    ("kind=suggestion", ["River Circle 1"]), ("kind=report", ["River Circle 2"]), ("kind=new", ["Creek Circle"]),
    ("state=US:OH", ["River Circle 2"]), ("mine=1", []), ("kind=nothing", None), ("state=x&page=x&mine=x", []),
    ("kind=report&page=99999", ["River Circle 2"]),
])
def test_the_list_can_be_narrowed_and_odd_words_break_nothing(site: StewardSite, query: str,
                                                             names: list[str] | None) -> None:
    site.propose(name="Creek")
    site.report(1)
    site.propose_new()
    page = site.sam.get(f"/steward/?{query}")
    assert page.status == 200
    assert sorted(items(page)) == sorted(names if names is not None else
                                         ["River Circle 1", "River Circle 2", "Creek Circle"])


def test_what_somebody_took_is_theirs_until_they_give_it_back(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    page = site.sam.send(site.sam.get("/steward/"), f"/steward/proposals/{key}/assign")
    assert "It is yours now." in page.main.text
    assert items(site.sam.get("/steward/?mine=1")) == ["River Circle 1"]
    page = site.sam.send(page, f"/steward/proposals/{key}/assign")
    assert items(site.sam.get("/steward/?mine=1")) == []


def test_a_change_can_be_decided_right_in_the_list(site: StewardSite) -> None:
    key = site.propose(name="Creek Circle", contact=NEW_PHONE)
    page = site.sam.get("/steward/")
    assert page.form(f"/steward/proposals/{key}")["choice-name"] == ["accept"]
    assert page.form(f"/steward/proposals/{key}")["choice-contact.phone"] == ["later"]
    page = site.sam.send(page, f"/steward/proposals/{key}")
    assert "Saved." in page.main.text
    assert site.see(0).document["name"] == "Creek Circle"
    assert site.see(0).document["contact"]["phone"] == "919-555-0190"


def test_a_long_list_comes_in_pages(site: StewardSite) -> None:
    for number in range(23):
        site.propose_new(description=f"Group {number}.")
    first, second = site.sam.get("/steward/"), site.sam.get("/steward/?page=1")
    assert (len(items(first)), len(items(second))) == (20, 3)
    assert "/steward/?page=1" in first.links


def test_people_without_the_right_do_not_get_in(site: StewardSite) -> None:
    key = site.propose(0, name="Creek")
    assert site.joy.client.get("/steward/").status_code == 404
    assert site.joy.client.get(f"/steward/proposals/{key}").status_code == 404
    assert site.of_ohio.client.get(f"/steward/proposals/{key}").status_code == 404
