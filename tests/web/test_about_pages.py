from __future__ import annotations

import re
from pathlib import Path

import pytest

from finder.app import create_app
from finder.config import Settings
from finder.matching.ruleset import CRITERIA, REASONS, WEIGHTS, tuned
from finder.services import Services
from finder.web.about_pages import contact_of
from tests.conftest import SECRET, MakeApp
from tests.pages import Page, Pages
from tests.test_plain_words import grade

PAGES = ("/about", "/privacy", "/accessibility", "/how-matching-works", "/offline", "/crisis", "/data", "/calendar")


def _weights(page: Page) -> list[float]:
    table = page.one("table")
    return [float(row.all("td")[0].text) for row in table.all("tr")[1:]]


@pytest.mark.parametrize("path", PAGES)
def test_Y6_pages_about_this_site_read_at_grade_eight_or_below(pages: Pages, path: str) -> None:
    page = pages.get(path)
    texts = [tag.text for tag in page.main.all("p", "li", "h2")]
    assert grade(". ".join(text.rstrip(".") for text in texts)) <= 8
    assert not [text for text in texts if "!" in text]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_to_who_runs_this_site(pages: Pages, path: str) -> None:
    assert "/about" in pages.get(path).links


def test_the_weights_shown_are_those_in_force(pages: Pages) -> None:
    page = pages.get("/how-matching-works")
    assert _weights(page) == sorted(WEIGHTS.values(), reverse=True)
    assert "finder-1" in page.main.text


def test_a_stewards_own_weights_are_shown_in_place_of_ours(app_with: MakeApp) -> None:
    held: Services = app_with().extensions["finder"]
    rules = tuned({"cost": 21, "need": 20})
    services = Services(held.settings, held.database, held.snapshot, held.gazetteer, held.vocabulary, held.now, rules)
    page = Pages(create_app(Settings(secret_key=SECRET), services=services).test_client()).get("/how-matching-works")
    assert len(_weights(page)) == len(CRITERIA)
    assert _weights(page) == sorted((round(one, 1) for one in rules.weights.values()), reverse=True)
    assert rules.name in page.main.text


def test_every_reason_to_leave_a_group_out_is_named(pages: Pages) -> None:
    page = pages.get("/how-matching-works")
    reasons = page.main.all("details")[0].all("li")
    assert len(reasons) == len(REASONS)
    assert sum("take this limit away" in one.text for one in reasons) == 5


def test_who_runs_an_instance_and_how_to_reach_them_is_on_its_page(app_with: MakeApp) -> None:
    pages = Pages(app_with(operator="Piedmont Peer Network", contact="hello@peers.example").test_client())
    page = pages.get("/about")
    assert "run by Piedmont Peer Network" in page.main.text
    assert "mailto:hello@peers.example" in [tag["href"] for tag in page.main.all("a")]
    foot = pages.get("/").one("footer").text
    assert "Piedmont Peer Network" in foot
    assert "hello@peers.example" in foot


def test_an_instance_that_names_nobody_says_so(pages: Pages) -> None:
    assert "demonstration" in pages.get("/about").main.text
    assert "No address is given here yet." in pages.get("/about").main.text


@pytest.mark.parametrize(("words", "href"), [
    ("hello@peers.example", "mailto:hello@peers.example"), ("919-555-0142", "tel:+19195550142"),
    ("https://peers.example/write", "https://peers.example/write"), ("Come by on Mondays, 9 to 5.", ""),
    ("javascript:alert(1)", ""), ("", ""),
])
def test_a_contact_becomes_a_link_where_it_can(words: str, href: str) -> None:
    assert contact_of(words).href == href


@pytest.mark.parametrize("words", ["Who gets it: nobody", "How long", "Why we ask", "What we ask"])
def test_the_notice_on_facts_about_health_answers_the_usual_questions(pages: Pages, words: str) -> None:
    page = pages.get("/privacy")
    heading = page.one("h2", id="health")
    assert heading.parent is not None
    assert words in heading.parent.text


def test_the_inclusion_policy_says_what_is_in_and_what_is_not(pages: Pages) -> None:
    page = pages.get("/about")
    listed = page.one("h2", id="listed").parent
    assert listed is not None
    assert len(listed.all("ul")) == 2
    assert "second look" in listed.text


@pytest.mark.parametrize("path", PAGES)
def test_quoted_buttons_are_those_on_the_pages(pages: Pages, path: str) -> None:
    templates = Path(__file__).resolve().parents[2] / "templates"
    said = " ".join(one.read_text(encoding="utf-8") for one in templates.rglob("*.html"))
    for quoted in re.findall(r"“([A-Z][^”]{5,})”", pages.get(path).main.text):
        assert f"'{quoted}" in said, quoted
