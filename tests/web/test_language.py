from __future__ import annotations

import pytest

from finder.web.language import language_of, prefixes
from tests.conftest import MakeApp
from tests.pages import Pages

PATHS = ("/", "/programs", "/programs/lantern-street", "/crisis", "/privacy", "/accessibility", "/how-matching-works",
         "/topics", "/results", "/find/need", "/answers/cleared")


@pytest.mark.parametrize("path", PATHS)
def test_each_page_has_its_twin_and_links_stay_in_the_language(pages: Pages, path: str) -> None:
    english = pages.get(path)
    spanish = pages.get(f"/es{path}")
    assert spanish.one("html")["lang"] == "es"
    assert next(tag["href"] for tag in english.all("a", lang="es")).rstrip("/") == f"/es{path}".rstrip("/")
    assert next(tag["href"] for tag in spanish.all("a", lang="en")) == path
    for tag in spanish.all("a"):
        if tag["href"].startswith("/") and tag["lang"] != "en":
            assert tag["href"].startswith("/es"), tag["href"]


def test_language_link_keeps_the_filters(pages: Pages) -> None:
    page = pages.get("/programs?topic=1&topic=2&near=Durham, NC")
    link = next(tag["href"] for tag in page.all("a", lang="es"))
    assert pages.get(link).path.startswith("/es/programs")
    assert "topic=1" in link
    assert "topic=2" in link


def test_answers_are_kept_when_the_language_changes(pages: Pages) -> None:
    pages.post("/", {"need": "feeling down", "place": "Durham, NC"})
    page = pages.get("/es/results")
    assert "Lantern Street Low Mood Circle" in page.main.text


@pytest.mark.parametrize(("path", "language"), [("/", "en"), ("/es", "es"), ("/es/", "es"), ("/es/x", "es"),
                                                ("/esp", "en"), ("/x/es", "en")])
def test_address_alone_tells_the_language(path: str, language: str) -> None:
    assert language_of(path, "en", ("en", "es")) == language


def test_spanish_instance_offers_english_under_its_own_prefix(app_with: MakeApp) -> None:
    assert prefixes("es", ("en", "es")) == {"": "es", "/es": "es", "/en": "en"}
    client = app_with(default_locale="es").test_client()
    for path, language in (("/", "es"), ("/es/", "es"), ("/en/", "en"), ("/en/programs", "en"), ("/nada", "es")):
        assert f'<html lang="{language}">' in client.get(path).get_data(as_text=True)
