from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import drafts, review
from tests.pages import Page
from tests.web.operator.desk import OperatorDesk
from tests.web.people import Person

FIRST = {"name": "Harbor Mornings", "group_type": "peer_support", "contact.phone": "919-555-0177",
         "sessions.0.location.city": "Durham", "sessions.0.location.state": "NC"}


@pytest.fixture
def site(tmp_path: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path)


def begin(person: Person, **form: str) -> Page:
    return person.send(person.get("/operator/new"), "/operator/new", {**FIRST, **form})


def test_a_new_group_goes_from_a_few_questions_to_the_whole_form_to_a_steward(site: OperatorDesk) -> None:
    kim = Person(site, "kim@example.org")
    form = begin(kim)
    assert form.heading == "Add a group"
    assert form.form(form.path)["sessions.0.location.city"] == ["Durham"]
    preview = kim.send(form, form.path, {"sessions.0.when": "Mondays 9–10 am", "focus.main": "grief", "do": "preview"})
    assert "A steward looks at each new group" in preview.main.text
    done = kim.send(preview, preview.path)
    assert "Waits for a steward" in done.main.text
    with site.database.reading() as session:
        (waits,) = review.waiting(session)
        assert drafts.of_account(session, kim.id) == []
    assert (waits.kind, waits.account_id) == ("new", kim.id)
    assert '"start_time":"09:00"' in waits.document


def test_a_steward_publishes_a_new_group_of_their_region_at_once(site: OperatorDesk) -> None:
    steward = Person(site, "sam@example.org", (Role.STEWARD, Scope.STATE, "US:NC"))
    form = begin(steward)
    preview = steward.send(form, form.path, {"do": "preview"})
    assert steward.send(preview, preview.path).heading == "Harbor Mornings"


def test_a_steward_of_another_region_only_proposes(site: OperatorDesk) -> None:
    steward = Person(site, "sam@example.org", (Role.STEWARD, Scope.STATE, "US:PA"))
    form = begin(steward)
    preview = steward.send(form, form.path, {"do": "preview"})
    assert "Waits for a steward" in steward.send(preview, preview.path).main.text


def test_what_looks_like_it_is_shown_first(site: OperatorDesk) -> None:
    kim = Person(site, "kim@example.org")
    typed = {"name": "River Circle 1", "contact.phone": "919-555-0142", "sessions.0.location.address_1": "1 Elm Street",
             "sessions.0.location.postal_code": "27701"}
    page = begin(kim, **typed)
    assert "Is it one of these?" in page.main.text
    assert f"/programs/{site.slug}" in page.links
    assert page.form("/operator/new")["name"] == ["River Circle 1"]
    assert "/operator/drafts/" in kim.send(page, "/operator/new", {"sure": "yes"}).path


def test_errors_of_the_first_step_stand_at_their_fields(site: OperatorDesk) -> None:
    page = begin(Person(site, "kim@example.org"), name="", group_type="", **{"contact.url": "nowhere"})
    assert page.status == 422
    assert {tag["href"] for tag in page.of_class("errors")[0].all("a")} == {"#name", "#group_type", "#contact.url"}


def test_buttons_and_drafts_of_a_new_group_lose_nothing(site: OperatorDesk) -> None:
    kim = Person(site, "kim@example.org")
    form = begin(kim)
    more = kim.send(form, form.path, {"name": "Other", "do": "add"})
    assert more.form(form.path)["sessions"] == ["2"]
    kim.send(more, form.path, {"do": "draft"})
    listed = kim.get("/operator/")
    action = next(tag["action"] for tag in listed.all("form") if tag["action"].endswith("/open"))
    again = kim.send(listed, action)
    assert again.form(again.path)["name"] == ["Other"]


def test_nobody_else_reaches_a_draft(site: OperatorDesk) -> None:
    path = begin(Person(site, "kim@example.org")).path
    assert site.joy.get(path).status == 404
    assert site.joy.get(f"{path}/preview").status == 404
    assert site.joy.get("/operator/drafts/nonsense").status == 404


def test_a_new_group_is_saved_while_people_write(site: OperatorDesk) -> None:
    kim = Person(site, "kim@example.org")
    form = begin(kim)
    key = form.path.rpartition("/")[2]
    answer = kim.client.post(f"/operator/draft?key={key}", data={**form.form(form.path), "name": "Auto"},
                             headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert kim.get(form.path).form(form.path)["name"] == ["Auto"]
