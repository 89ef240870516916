from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import changes, looked_after, removals
from finder.listings.models import Tally
from finder.listings.writing import Author
from tests.pages import Page
from tests.web.operator.desk import OperatorDesk
from tests.web.people import Person

TODAY = "2026-11-24"


@pytest.fixture
def site(tmp_path: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path)


def tap(site: OperatorDesk, **form: str) -> Page:
    return site.joy.send(site.joy.get("/operator/"), f"/operator/listings/{site.slug}/said", form)


def at(site: OperatorDesk, page: str) -> str:
    return f"/operator/listings/{site.slug}/{page}"


def test_the_desk_shows_ones_own_groups_with_their_age_and_places(site: OperatorDesk) -> None:
    page = site.joy.get("/operator/")
    (item,) = [tag for tag in page.all("article")]
    assert item.one_heading == "River Circle 1"
    assert "Not checked for 7 months" in item.text
    assert "Lantern Street" in item.text
    assert "1 group needs a look" in page.main.text
    assert "River Circle 2" not in page.main.text


def test_one_tap_says_whether_there_is_room(site: OperatorDesk) -> None:
    page = tap(site, room="full")
    assert site.listing().document["capacity"] == {"status": "full", "as_of": TODAY}
    assert "Saved. People see it now." in page.main.text
    assert "Full, no waiting list" in site.pages.get(f"/programs/{site.slug}").main.text


def test_ask_us_takes_the_word_on_places_away(site: OperatorDesk) -> None:
    tap(site, room="ask")
    assert "capacity" not in site.listing().document


def test_all_of_this_is_still_right(site: OperatorDesk) -> None:
    tap(site, right="1")
    document = site.listing().document
    assert document["verified"] == {"on": TODAY, "method": "operator"}
    assert document["capacity"]["as_of"] == TODAY


@pytest.mark.parametrize(("form", "status"), [
    ({"room": "maybe"}, 422), ({"room": "open", "version": ""}, 428), ({"room": "full", "version": "9"}, 409)],
    ids=["no such word", "no version", "stale"])
def test_a_tap_that_does_not_fit_changes_nothing(site: OperatorDesk, form: dict[str, str], status: int) -> None:
    before = site.listing()
    assert tap(site, **form).status == status
    assert site.listing() == before


def test_a_pause_has_a_day_of_return_and_can_end_before(site: OperatorDesk) -> None:
    page = site.joy.send(site.joy.get(at(site, "pause")), at(site, "pause"), {"back_on": "2027-01-14"})
    assert site.listing().document["status"] == "paused"
    assert "Back on January 14, 2027" in page.main.text
    assert "not meeting for now" in site.pages.get(f"/programs/{site.slug}").main.text
    site.joy.send(page, at(site, "meets"))
    assert "status" not in site.listing().document


@pytest.mark.parametrize("day", ["", "soon", "2026-02-31", "2020-01-01", "2099-01-01"])
def test_a_day_that_is_no_day_to_come_is_asked_for_again(site: OperatorDesk, day: str) -> None:
    page = site.joy.send(site.joy.get(at(site, "pause")), at(site, "pause"), {"back_on": day})
    assert page.status == 422
    assert page.one("input", id="back_on")["aria-invalid"] == "true"
    assert "status" not in site.listing().document


def test_a_pause_that_the_form_ended_takes_no_later_one_along(site: OperatorDesk) -> None:
    site.joy.send(site.joy.get(at(site, "pause")), at(site, "pause"), {"back_on": "2027-01-14"})
    site.send(site.joy, {"status": "active"})
    site.send(site.joy, {"status": "paused"})
    assert "Back on" not in site.joy.get("/operator/").main.text


@pytest.mark.parametrize(("deed", "typed", "done"), [
    ("pause", {"back_on": "2027-01-14"}, ("paused", "published")),
    ("delete", {"how": "never", "reason": "We closed"}, (None, "deleted"))], ids=["pause", "delete"])
def test_what_was_typed_beside_somebody_elses_change_can_be_sent_again(
        site: OperatorDesk, deed: str, typed: dict[str, str], done: tuple[str | None, str]) -> None:
    slow = site.joy.get(at(site, deed))
    tap(site, room="full")
    page = site.joy.send(slow, at(site, deed), typed)
    assert page.status == 409
    assert site.listing().document["capacity"]["status"] == "full"
    assert {name: page.form(at(site, deed))[name] for name in typed} == {name: [one] for name, one in typed.items()}
    site.joy.send(page, at(site, deed))
    after = site.listing()
    assert (after.document.get("status"), after.state) == done


def test_a_deleted_group_is_gone_for_people_and_comes_back(site: OperatorDesk) -> None:
    before = site.listing().document
    page = site.joy.send(site.joy.get(at(site, "delete")), at(site, "delete"), {"how": "delete"})
    assert site.pages.get(f"/programs/{site.slug}").status == 404
    site.joy.send(page, at(site, "undelete"))
    assert site.pages.get(f"/programs/{site.slug}").status == 200
    assert site.listing().document == before


def test_do_not_list_us_is_remembered_until_they_come_back(site: OperatorDesk) -> None:
    page = site.joy.send(site.joy.get(at(site, "delete")), at(site, "delete"), {"how": "never", "reason": "We closed"})
    with site.database.reading() as session:
        (standing,) = removals.all_standing(session)
    assert (standing.name, standing.reason) == ("River Circle 1", "We closed")
    site.joy.send(page, at(site, "undelete"))
    with site.database.reading() as session:
        assert removals.all_standing(session) == []


def test_taking_down_asks_how(site: OperatorDesk) -> None:
    page = site.joy.send(site.joy.get(at(site, "delete")), at(site, "delete"), {"reason": "We moved"})
    assert page.status == 422
    assert page.form(at(site, "delete"))["reason"] == ["We moved"]
    assert site.listing().state == "published"


def test_a_copy_is_a_draft_without_what_is_not_known_of_it(site: OperatorDesk) -> None:
    page = site.joy.send(site.joy.get(at(site, "copy")), at(site, "copy"))
    assert page.heading == "Add a group"
    action = page.path
    form = page.form(action)
    assert form["name"] == ["River Circle 1"]
    assert form["capacity.status"] == [""]
    assert form["sessions.0.location.address_1"] == ["1 Elm Street"]
    preview = site.joy.send(page, action, {"name": "River Circle, mornings", "do": "preview"})
    assert preview.heading == "Preview: River Circle, mornings"


def test_history_says_what_changed_and_who_did_it(site: OperatorDesk) -> None:
    site.send(site.joy, {"name": "Lantern Circle"})
    page = site.joy.get(at(site, "history"))
    newest = page.of_class("line")[0].all("li")[0].text
    assert "Changed" in newest
    assert "you" in newest
    assert "Lantern" in newest


@pytest.mark.parametrize("kind", ["hidden", "shown", "reviewed", "feed", "unpublished", "restored"])
def test_history_has_words_for_every_kind_of_change(site: OperatorDesk, kind: str) -> None:
    there = site.listing()
    with site.database.transaction() as session:
        changes.change(session, there.id, base=there.version, author=Author("steward:9"), now=site.clock(), kind=kind,
                       document={**there.document, "name": "Lantern Circle"})
    newest = site.joy.get(at(site, "history")).of_class("line")[0].all("li")[0]
    assert newest.one_heading != kind
    assert newest.one_heading[0].isupper()


def test_why_a_group_was_taken_down_is_for_stewards_alone(site: OperatorDesk) -> None:
    page = site.joy.send(site.joy.get(at(site, "delete")), at(site, "delete"), {"how": "delete", "reason": "A secret"})
    site.joy.send(page, at(site, "undelete"))
    shown = site.joy.get(at(site, "history")).main.text
    assert "Deleted" in shown
    assert "secret" not in shown


def test_counts_of_views_are_shown_only_when_they_tell_nobody(site: OperatorDesk) -> None:
    with site.database.transaction() as session:
        session.add(Tally(day=date(2026, 10, 1), kind="view", state="", key=str(site.ids[0]), count=10))
        session.add(Tally(day=date(2026, 11, 1), kind="view", state="", key=str(site.ids[0]), count=50))
    assert "Opened" not in site.joy.get("/operator/").main.text
    with site.database.transaction() as session:
        session.get_one(Tally, (date(2026, 10, 1), "view", "", str(site.ids[0]))).count = 12
    assert "Opened 12 times last month" in site.joy.get("/operator/").main.text


def test_a_steward_finds_the_listings_of_their_region_by_name(site: OperatorDesk) -> None:
    steward = site.steward(state="US:NC")
    page = steward.get("/operator/?name=river")
    assert [tag.one_heading for tag in page.all("article")] == ["River Circle 1", "River Circle 2"]
    assert "No listing of your region" in steward.get("/operator/?name=100%25_").main.text


def test_many_listings_elsewhere_do_not_hide_those_of_a_region(site: OperatorDesk,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked_after, "MOST_FOUND", 1)
    page = site.steward(state="US:NV").get("/operator/?name=river")
    assert [tag.one_heading for tag in page.all("article")] == ["River Circle 3"]


def test_a_grant_for_an_organization_covers_all_its_groups(site: OperatorDesk) -> None:
    kim = Person(site, "kim@example.org", (Role.OPERATOR, Scope.ORGANIZATION, str(site.listing().organization_id)))
    page = kim.get("/operator/")
    assert len(page.all("article")) == 2
    assert f"/operator/organizations/{site.listing().organization_id}" in page.links


def test_what_waits_can_be_taken_back(site: OperatorDesk) -> None:
    site.send(site.joy, {"contact.phone": "919-555-0199"})
    page = site.joy.get("/operator/")
    action = next(tag["action"] for tag in page.all("form") if tag["action"].endswith("/take-back"))
    assert "Taken back" in site.joy.send(page, action).main.text
    other = Person(site, "kim@example.org")
    assert other.client.post(action, data={"form_token": "x"}).status_code in (403, 404)
