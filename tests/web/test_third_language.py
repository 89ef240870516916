"""A language that is a catalog file only: every page, form, error and machine answer is in it, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from finder.errors import Invalid
from tests.catalogs import STRETCHED, addresses
from tests.conftest import MakeApp
from tests.pages import Page, Pages, Tag
from tests.web.sample import LISTINGS

SHOWN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "label")
# Alike in every language: the site's name, what is texted to a help line, names of places, what the test types, and
# the title by which readers of Meeting Guide feeds find one.
NAMES = ("Open Seat", "HOME", "START", "NC", "SC", "Wake", "zqwords", "Durham, NC 27701", "www.openstreetmap.org",
         "Meetings Feed")
WRITTEN_BY_GROUPS = ("name", "description", "note", "url", "email", "address_1", "city", "license", "join_url", "phone")
_ENGLISH = re.compile(r"[A-Za-z]{2,}")


def _texts(data: Any, name: str = "") -> Iterator[str]:
    if isinstance(data, str):
        yield from data.splitlines() if name in WRITTEN_BY_GROUPS else ()
    elif isinstance(data, dict):
        for key, part in data.items():
            yield from _texts(part, key)
    elif isinstance(data, list | tuple):
        for part in data:
            yield from _texts(part, name)


CONTENT = sorted({*NAMES, *(" ".join(text.split()) for text in _texts(LISTINGS))}, key=len, reverse=True)


def _pieces(tag: Tag) -> Iterator[str]:
    """Every piece of text a reader meets, hidden ones too, but for towns on a map, web addresses and data for programs;
    other languages' own names are marked as such."""
    for part in tag.parts:
        if isinstance(part, str):
            yield " ".join(part.split())
        elif part.has_class("m-town") or part.has_class("addresses") or part.name == "script":
            continue
        elif not part["lang"] or part.name == "html":
            yield from (part[name] for name in SHOWN_ATTRIBUTES)
            if part["name"] == "description":
                yield part["content"]
            yield from _pieces(part)


def english_on(page: Page) -> list[str]:
    """The pieces of a page that still hold a word of English which no group wrote."""
    left = []
    for piece in _pieces(page.root):
        rest = piece
        for one in CONTENT:
            rest = rest.replace(one, "")
        if _ENGLISH.search(rest.replace("DOCTYPE html", "")):
            left.append(piece)
    return left


@pytest.fixture
def visitor(many_tongues: Flask) -> Pages:
    return Pages(many_tongues.test_client())


def test_every_page_is_translated_whole(many_tongues: Flask, visitor: Pages) -> None:
    asked = addresses(many_tongues, STRETCHED)
    assert f"/{STRETCHED}/programs/lantern-street" in asked
    asked += [f"/{STRETCHED}/programs/{quote(one['id'])}" for one in LISTINGS]
    asked += [f"/{STRETCHED}/programs?{query}" for query in ("near=Durham, NC 27701&far=25", "far=x", "paused=1")]
    left = {}
    for address in asked:
        if many_tongues.test_client().get(address).mimetype == "text/html":
            left[address] = english_on(visitor.get(address))
    assert {address: found for address, found in left.items() if found} == {}


def test_the_questions_and_what_they_lead_to_are_translated_whole(visitor: Pages) -> None:
    page = visitor.get(f"/{STRETCHED}/find/who")
    seen = 0
    while "/find/" in page.path:
        assert english_on(page) == [], page.path
        form = page.form("")
        if page.path.endswith("/need"):
            form = {"needs": ["depression", "anxiety"], "needs_text": ["zqwords"]}
        elif page.path.endswith("/where"):
            form = {"near.text": ["Durham, NC 27701"], "radius_miles": ["25"], "times.evening": ["must"]}
        elif page.path.endswith("/safety"):
            form = {"safety": ["passive"]}
        elif page.path.endswith("/feelings"):
            form = {f"phq4.{item}": ["3"] for item in range(4)}
        page = visitor.post(page.path, form)
        seen += 1
    assert seen > 5
    assert page.path == f"/{STRETCHED}/results"
    assert page.of_class("match")
    assert english_on(page) == []


@pytest.mark.parametrize(("method", "path", "form", "status"), [
    ("get", "/no-such-page", {}, 404), ("get", "/answers/clear", {}, 405), ("get", "/programs?page=900", {}, 422),
    ("post", "/", {"need": "x" * 500, "place": ""}, 422), ("post", "/find/where", {"near.text": "y" * 500}, 422),
    ("post", "/results/change", {"change": "?"}, 303),
], ids=lambda value: str(value) if isinstance(value, str) else "")
def test_refusals_are_translated_whole(visitor: Pages, method: str, path: str, form: dict[str, str],
                                       status: int) -> None:
    address = f"/{STRETCHED}{path}"
    page = visitor.get(address) if method == "get" else visitor.post(address, form)
    assert page.status == status or status == 303
    assert [left for left in english_on(page) if not re.search(r"[xy]{20}", left)] == []


def test_a_language_list_names_the_others_by_their_own_names_and_keeps_the_page(visitor: Pages) -> None:
    page = visitor.get(f"/{STRETCHED}/programs?topic=1&topic=2&near=Durham, NC")
    choices = {tag["lang"]: (tag.text, tag["href"]) for tag in page.all("a") if tag["hreflang"]}
    assert {code: name for code, (name, _) in choices.items()} == {"en": "English", "es": "Español", "ar": "العربية"}
    assert choices["ar"][1] == "/ar/programs?topic=1&topic=2&near=Durham%2C+NC"
    assert choices["en"][1] == "/programs?topic=1&topic=2&near=Durham%2C+NC"
    assert page.of_class("tongues")[0].name == "details"


def test_the_way_a_language_runs_is_told_to_the_browser(visitor: Pages) -> None:
    assert visitor.get("/ar/crisis").one("html")["dir"] == "rtl"
    assert visitor.get(f"/{STRETCHED}/crisis").one("html")["dir"] in ("", "ltr")


def test_answers_are_kept_when_the_language_changes_to_a_third_one(visitor: Pages) -> None:
    visitor.post("/", {"need": "feeling down", "place": "Durham, NC"})
    page = visitor.get("/ar/results")
    assert "Lantern Street Low Mood Circle" in page.main.text


@pytest.mark.parametrize(("path", "form", "to"), [
    ("/find/where", {"near.text": "y" * 500}, "/ar/find/where"), ("/", {"need": "x" * 500}, "/ar/"),
    ("/results/change", {"change": "?"}, "/ar/"),
], ids=["question", "home", "change"])
def test_the_language_link_of_a_sent_form_leads_to_its_page(visitor: Pages, path: str, form: dict[str, str],
                                                           to: str) -> None:
    visitor.post("/", {"need": "feeling down", "place": "Durham, NC"})
    page = visitor.post(path, form)
    assert page.status == 422
    assert page.one("a", lang="ar")["href"] == to


@pytest.mark.parametrize("query", ["endpoint=x", "_external=1", "_scheme=ftp", "_anchor=x", "page=1&page=2"])
def test_no_query_breaks_the_language_link(visitor: Pages, query: str) -> None:
    page = visitor.get(f"/crisis?{query}")
    assert page.one("a", lang="es")["href"] == f"/es/crisis?{query}"


@pytest.fixture
def machine(many_tongues: Flask) -> FlaskClient:
    return many_tongues.test_client()


def test_machines_get_reasons_and_labels_in_the_third_language(machine: FlaskClient) -> None:
    intake = {"format": "finder-intake/1", "needs": ["depression"]}
    found = machine.post(f"/api/v1/match?lang={STRETCHED}", json=intake).get_json()
    texts = [line["text"] for one in found["matches"] for line in (*one["reasons"], *one["check_first"])]
    assert texts
    assert [text for text in texts if _ENGLISH.search(re.sub(r"\b[NS]C\b", "", text))] == []
    lists = machine.get(f"/api/v1/vocabulary?lang={STRETCHED}").get_json()["lists"]
    assert [term["label"] for terms in lists.values() for term in terms if _ENGLISH.search(term["label"])] == []
    assert machine.get("/api/v1/vocabulary?lang=de").status_code == 422


def test_the_description_for_machines_names_the_languages(machine: FlaskClient, client: FlaskClient) -> None:
    def languages(one: FlaskClient) -> list[str]:
        operation = one.get("/openapi.json").get_json()["paths"]["/api/v1/vocabulary"]["get"]
        return next(part["schema"]["enum"] for part in operation["parameters"] if part.get("name") == "lang")
    assert sorted(languages(machine)) == ["ar", "el", "en", "es"]
    assert sorted(languages(client)) == ["en", "es"]


def test_an_instance_offers_the_languages_it_names_in_its_order(app_with: MakeApp, catalogs: Path) -> None:
    app = app_with(catalogs=str(catalogs), locales="ar, en", default_locale="ar")
    client = app.test_client()
    assert [one.code for one in app.config["FINDER_LANGUAGES"]] == ["ar", "en"]
    assert '<html lang="ar" dir="rtl">' in client.get("/").get_data(as_text=True)
    assert '<html lang="en">' in client.get("/en/").get_data(as_text=True)
    assert client.get("/es/").status_code == 404


@pytest.mark.parametrize(("settings", "field"), [
    ({"locales": "en,de"}, "FINDER_LOCALES"), ({"default_locale": "de"}, "FINDER_DEFAULT_LOCALE"),
    ({"locales": "en", "default_locale": "es"}, "FINDER_DEFAULT_LOCALE"),
], ids=["named", "default", "default not offered"])
def test_a_language_without_a_catalog_is_refused(app_with: MakeApp, settings: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        app_with(**settings)
    assert set(wrong.value.errors) == {field}


def test_a_folder_that_is_no_language_is_refused(app_with: MakeApp, tmp_path: Path) -> None:
    path = tmp_path / "klingon" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    with pytest.raises(Invalid) as wrong:
        app_with(catalogs=str(tmp_path))
    assert wrong.value.errors["FINDER_CATALOGS"][0].values == {"value": "klingon"}
