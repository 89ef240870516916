from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import changes, notes
from finder.listings.review import Trust
from tests.pages import Page
from tests.web.people import Person
from tests.web.steward.desk import CONTACT, NEW_PHONE, StewardSite


@pytest.fixture
def site(tmp_path: Path) -> StewardSite:
    return StewardSite(tmp_path)


def path(site: StewardSite, more: str = "") -> str:
    return f"/steward/listing/{site.slugs[0]}{more}"


def edit(site: StewardSite, **fields: object) -> None:
    site.propose(trust=Trust.STEWARD, account=site.sam.id, **fields)


def test_O4_every_version_says_who_changed_what_and_why(site: StewardSite) -> None:
    edit(site, contact=NEW_PHONE, note="They called.")
    page = site.sam.get(path(site))
    first, second = page.of_class("item")[-2:]
    assert "They called." in first.text
    assert "sam@example.org" in first.text
    assert "919-555- 0146" in first.text
    assert "Taken from a source" in second.text
    assert "an import" in second.text


def test_O4_the_page_of_a_version_shows_it_and_puts_it_back(site: StewardSite) -> None:
    before = site.see(0).document
    edit(site, contact=NEW_PHONE)
    page = site.sam.get(path(site, "/versions/1"))
    assert "919-555-0190" in page.main.text
    page = site.sam.send(page, path(site, "/restore"), {"reason": "Wrong number."})
    assert "Done." in page.main.text
    assert "Wrong number." in page.main.text
    assert site.see(0).document == before
    assert site.see(0).version == 3


def test_the_present_version_cannot_be_put_back(site: StewardSite) -> None:
    page = site.sam.get(path(site, "/versions/1"))
    assert "This is how the listing stands now." in page.main.text
    assert not [form for form in page.all("form") if form["action"].endswith("/restore")]


def test_a_deleted_listing_is_brought_back(site: StewardSite) -> None:
    with site.database.transaction() as session:
        there = site.see(0)
        changes.delete(session, there.id, base=1, author=changes.Author("operator:1"), now=site.clock())
    assert site.pages.get(f"/programs/{site.slugs[0]}").status in (404, 410)
    site.sam.send(site.sam.get(path(site)), path(site, "/undelete"))
    assert site.see(0).state == "published"
    assert site.pages.get(f"/programs/{site.slugs[0]}").status == 200


@pytest.mark.parametrize(("form", "status"), [
    ({"version": ""}, 428), ({"version": "x"}, 428), ({"version": "7"}, 409), ({"version": "9" * 30}, 428),
    ({"to": "99"}, 404), ({"to": ""}, 404), ({"to": "9" * 30}, 404),
])
def test_a_version_that_is_missing_stale_or_never_was_changes_nothing(site: StewardSite, form: dict[str, str],
                                                                     status: int) -> None:
    edit(site, contact=NEW_PHONE)
    page = site.sam.send(site.sam.get(path(site, "/versions/1")), path(site, "/restore"), form)
    assert page.status == status
    assert site.see(0).document["contact"] == NEW_PHONE


def test_bringing_back_what_is_not_deleted_is_refused_in_words(site: StewardSite) -> None:
    page = site.sam.get(path(site))
    sent = {"form_token": page.form(path(site, "/notes"))["form_token"], "version": "1"}
    page = site.sam.pages.post(path(site, "/undelete"), sent)
    assert page.status == 409
    assert "This listing is not deleted." in page.main.text


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 30, "-1", "1.5"])
def test_versions_that_never_were_are_not_found(site: StewardSite, number: str) -> None:
    assert site.sam.get(path(site, f"/versions/{number}")).status == 404


def test_stewards_leave_notes_for_each_other(site: StewardSite) -> None:
    page = site.sam.send(site.sam.get(path(site)), path(site, "/notes"), {"note": "Call after 5.\nAsk for Ann."})
    assert "The note is kept." in page.main.text
    assert "Ask for Ann." in page.main.text
    with site.database.reading() as session:
        assert [one.text for one in notes.of_listing(session, site.see(0).id)] == ["Call after 5.\nAsk for Ann."]


@pytest.mark.parametrize("words", ["", "  ", "x" * 2001, "a\x00b"], ids=["empty", "blank", "too long", "nul"])
def test_a_note_that_cannot_be_kept_comes_back(site: StewardSite, words: str) -> None:
    page = site.sam.send(site.sam.get(path(site)), path(site, "/notes"), {"note": words})
    assert page.status == 422
    assert page.of_class("error")


def test_what_waits_about_a_listing_is_linked(site: StewardSite) -> None:
    key, number = site.propose(name="Creek"), site.report()
    links = site.sam.get(path(site)).links
    assert {f"/steward/proposals/{key}", f"/steward/reports/{number}"} <= set(links)


def test_a_long_history_comes_in_pages(site: StewardSite) -> None:
    for number in range(34):
        edit(site, name=f"River {number}")
    first = site.sam.get(path(site))
    assert path(site, "?after=30") in first.links
    assert "Version 5 " in site.sam.get(path(site, "?after=30")).main.text
    assert site.sam.get(path(site, "?after=x")).status == 200


def test_others_regions_are_not_there(site: StewardSite) -> None:
    for more in ("", "/versions/1"):
        assert site.of_ohio.get(path(site, more)).status == 404
    assert site.joy.get(path(site)).status == 404


# -- all that one account did ----------------------------------------------------------------------------------------


def revert(person: Person, account: Person, **form: str) -> Page:
    where = f"/steward/revert/{account.public_id}"
    return person.send(person.get(where), where, form)


@pytest.fixture
def defaced(site: StewardSite) -> StewardSite:
    for number in (0, 1):
        there = site.see(number)
        with site.database.transaction() as session:
            changes.change(session, there.id, base=there.version, now=site.clock(), document={
                **there.document, "name": "Buy pills"}, author=changes.Author(f"operator:{site.joy.id}", site.joy.id))
    return site


def test_O4_all_that_an_account_did_is_shown_and_taken_back_at_once(defaced: StewardSite) -> None:
    page = defaced.sam.get(f"/steward/revert/{defaced.joy.public_id}")
    assert "It changed 2 listings." in page.main.text
    page = revert(defaced.sam, defaced.joy, reason="Account was stolen.")
    assert "Done. 2 listings are as they were." in page.main.text
    assert [defaced.see(number).document["name"] for number in (0, 1)] == ["River Circle 1", "River Circle 2"]
    assert defaced.see(0).document["contact"] == CONTACT
    assert "Account was stolen." in defaced.sam.get(path(defaced)).main.text


@pytest.mark.parametrize(("form", "field"), [
    ({"reason": ""}, "reason"), ({"reason": "x", "since": "yesterday"}, "since")])
def test_it_takes_a_reason_and_a_real_day(defaced: StewardSite, form: dict[str, str], field: str) -> None:
    page = revert(defaced.sam, defaced.joy, **form)
    assert page.status == 422
    assert [link["href"] for link in page.of_class("errors")[0].all("a")] == [f"#{field}"]
    assert defaced.see(0).document["name"] == "Buy pills"


def test_only_what_came_since_a_day_is_taken_back(defaced: StewardSite) -> None:
    revert(defaced.sam, defaced.joy, reason="x", since="2026-11-25")
    assert defaced.see(0).document["name"] == "Buy pills"
    revert(defaced.sam, defaced.joy, reason="x", since="2026-11-24")
    assert defaced.see(0).document["name"] == "River Circle 1"


def test_only_stewards_of_everywhere_who_proved_themselves_lately_may(defaced: StewardSite) -> None:
    where = f"/steward/revert/{defaced.joy.public_id}"
    assert defaced.of_ohio.get(where).status == 404
    assert defaced.joy.get(where).status == 404
    pennsylvania = Person(defaced, "pa@example.org", (Role.STEWARD, Scope.STATE, "US:PA"))
    assert pennsylvania.get(where).status == 404
    defaced.wait(600)
    response = defaced.sam.client.get(where)
    assert (response.status_code, response.headers["Location"].partition("?")[0]) == (303, "/account/confirm")


@pytest.mark.parametrize("account", ["none", "00000000-0000-0000-0000-000000000000"])
def test_an_account_that_is_not_there_is_not_found(site: StewardSite, account: str) -> None:
    assert site.sam.get(f"/steward/revert/{account}").status == 404
