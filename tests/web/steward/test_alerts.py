from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finder.accounts.permissions import Role, Scope
from tests.pages import Page
from tests.web.people import Person
from tests.web.site import Site, group

NEW = "/steward/alerts/new"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


@pytest.fixture
def of_ohio(site: Site) -> Person:
    return Person(site, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH"))


def write(person: Person, path: str = NEW, **fields: Any) -> Page:
    return person.send(person.get(path), path,
                       {"text-en": "Storm today", "until": "2026-11-25", "do": "save", **fields})


def items(page: Page) -> list[str]:
    return [tag.text for tag in page.of_class("item")]


def test_a_banner_that_is_put_up_stands_on_all_pages_at_once(site: Site, steward: Person) -> None:
    page = write(steward)
    assert "Saved. It shows on its days" in page.main.text
    assert "Storm today" in site.pages.get("/about").of_class("alerts")[0].text


def test_a_preview_shows_how_it_looks_and_saves_nothing(site: Site, steward: Person) -> None:
    page = write(steward, do="preview", states="US:NC")
    assert "Storm today" in page.of_class("alerts")[0].text
    assert "On pages about: North Carolina" in page.main.text
    assert page.form(NEW)["text-en"] == ["Storm today"]
    assert site.pages.get("/about").of_class("alerts") == []


@pytest.mark.parametrize(("fields", "words"), [
    ({"text-en": "a" * 300}, "Use at most 280 letters"),
    ({"until": ""}, "Say the last day"), ({"until": "tomorrow"}, "Choose a day."),
    ({"until": "2026-11-01"}, "The last day is over already"), ({"until": "2028-01-01"}, "for 92 days at most"),
    ({"until": "9999-12-31"}, "Choose a day."), ({"until": "2199-12-31"}, "for 92 days at most"),
    ({"url": "http://example.org"}, "https:// in front"), ({"states": "US:XX"}, "Choose at least one state"),
])
def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(steward: Person, fields: dict[str, str],
                                                                      words: str) -> None:
    page = write(steward, **{"text-es": "Tormenta hoy", **fields})
    assert page.status == 422
    assert words in page.of_class("errors")[0].text
    assert page.form(NEW)["text-es"] == ["Tormenta hoy"]


def test_a_banner_needs_words_in_one_language(steward: Person) -> None:
    assert "Write what people should know" in write(steward, **{"text-en": " "}).of_class("errors")[0].text


def test_a_change_keeps_the_earlier_words(site: Site, steward: Person) -> None:
    write(steward)
    page = write(steward, "/steward/alerts/1", **{"text-en": "Storm tonight"})
    assert ["Storm tonight" in one for one in items(page)] == [True, False]
    assert "Storm today" in items(page)[1]
    assert "Storm tonight" in site.pages.get("/about").of_class("alerts")[0].text


def test_taking_it_down_keeps_it_in_the_list(site: Site, steward: Person) -> None:
    write(steward)
    page = steward.send(steward.get("/steward/alerts"), "/steward/alerts/1/end")
    assert "It is down" in page.main.text
    assert "Storm today" in items(page)[0]
    assert site.pages.get("/about").of_class("alerts") == []
    assert "This banner is over" in steward.get("/steward/alerts/1").main.text


def test_a_banner_that_somebody_took_down_meanwhile_is_not_changed(steward: Person) -> None:
    write(steward)
    open_page = steward.get("/steward/alerts/1")
    steward.send(steward.get("/steward/alerts"), "/steward/alerts/1/end")
    page = steward.send(open_page, "/steward/alerts/1", {"text-en": "Storm tonight", "do": "save"})
    assert page.status == 409


def test_a_steward_of_a_region_writes_for_it_only(site: Site, steward: Person, of_ohio: Person) -> None:
    form = of_ohio.get(NEW)
    assert [tag["value"] for tag in form.all("input", name="states")] == ["US:OH"]
    for states in ([], ["US:PA"], ["US:OH", "US:PA"]):
        assert of_ohio.pages.post(NEW, {**form.form(NEW), "text-en": "Storm", "until": "2026-11-25",
                                        "states": states}).status == 422
    assert write(of_ohio, states="US:OH").status == 200
    write(steward)
    token = form.form(NEW)["form_token"]
    assert "Only stewards of all its states" in of_ohio.get("/steward/alerts/2").main.text
    assert of_ohio.pages.post("/steward/alerts/2/end", {"form_token": token}).status == 404
    assert of_ohio.pages.post("/steward/alerts/2", {"form_token": token, "text-en": "x"}).status == 404
    assert "Storm today" in site.pages.get("/about").of_class("alerts")[0].text


@pytest.mark.parametrize("number", ["99", "none", "1e3", "9" * 40])
def test_there_is_no_page_for_what_is_not_there(steward: Person, number: str) -> None:
    assert steward.get(f"/steward/alerts/{number}").status == 404
