from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finder.accounts.permissions import Role
from tests.pages import Page
from tests.web.people import Person
from tests.web.site import Site, group

LIST, ONE = "/steward/tags", "/steward/tags/by_bus"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, x={"tags": ["by_bus"]}), group(2)])


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def add(person: Person, **fields: Any) -> Page:
    return person.send(person.get(LIST), LIST, {"code": "by_bus", "label-en": "On the bus line",
                                                "synonyms": "transit\nomnibus", **fields})


def test_a_tag_is_added_and_stands_on_the_page_of_its_groups(site: Site, steward: Person) -> None:
    assert "Saved. Listings can have it" in add(steward).main.text
    assert "On the bus line" in site.pages.get(f"/programs/{site.slugs[0]}").main.text
    assert "On the bus line" not in site.pages.get(f"/programs/{site.slugs[1]}").main.text


def test_groups_are_found_by_the_words_of_their_tags(site: Site, steward: Person) -> None:
    client = site.app.test_client()
    assert client.get("/api/v1/programs?q=omnibus").get_json()["total"] == 0
    add(steward)
    for words in ("omnibus", "bus+line", "transit"):
        answer = client.get(f"/api/v1/programs?q={words}").get_json()
        assert [one["listing"]["name"] for one in answer["programs"]] == ["River Circle 1"]
    steward.send(steward.get(ONE), ONE, {"synonyms": "tramway"})
    assert client.get("/api/v1/programs?q=omnibus").get_json()["total"] == 0
    assert client.get("/api/v1/programs?q=tramway").get_json()["total"] == 1


@pytest.mark.parametrize(("fields", "words"), [
    ({"code": "By Bus"}, "A code has small letters"),
    ({"label-en": "a" * 61}, "Use at most 60 letters"), ({"synonyms": "a" * 61}, "at most 60 letters"),
    ({"synonyms": "\n".join(map(str, range(40)))}, "there can be 30 lines")])
def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(steward: Person, fields: dict[str, str],
                                                                      words: str) -> None:
    page = add(steward, **{"label-es": "Con autobús", **fields})
    assert page.status == 422
    assert words in page.of_class("errors")[0].text
    assert page.form(LIST)["label-es"] == ["Con autobús"]


def test_a_tag_needs_a_label_in_one_language(steward: Person) -> None:
    assert "Say what it is called" in add(steward, **{"label-en": " "}).of_class("errors")[0].text


def test_a_code_is_given_once(steward: Person) -> None:
    add(steward)
    assert "There is a tag with this code already." in add(steward).of_class("errors")[0].text


def test_a_retired_tag_can_come_back(steward: Person) -> None:
    add(steward)
    page = steward.send(steward.get(LIST), f"{ONE}/retire", {"do": "retire"})
    assert "No further listing gets it" in page.main.text
    assert "Bring it back" in page.main.text
    assert "Listings can have it again" in steward.send(page, f"{ONE}/retire", {"do": "back"}).main.text


def test_nobody_saves_over_somebody_elses_words(steward: Person) -> None:
    add(steward)
    old = steward.get(ONE)
    steward.send(steward.get(ONE), ONE, {"label-en": "By bus"})
    page = steward.send(old, ONE, {"label-en": "By train"})
    assert page.status == 409
    assert page.form(ONE)["label-en"] == ["By train"]
    assert "By bus" in steward.get(LIST).main.text


def test_there_is_no_page_for_a_tag_that_is_not_there(steward: Person) -> None:
    assert steward.get("/steward/tags/nothing").status == 404
