from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finder.listings import alerts, tags
from finder.listings.alerts import Wanted
from tests.web.site import Site, group

DURHAM = {"format": "in_person", "location": {"city": "Durham", "state": "NC", "latitude": 35.99, "longitude": -78.9,
                                              "precision": "street"}}
RENO = {"format": "in_person", "location": {"city": "Reno", "state": "NV"}}
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, sessions=[DURHAM], x={"tags": ["by_bus", "unheard_of"]}),
                           group(2, sessions=[RENO])])


def put_up(site: Site, states: tuple[str, ...] = (), until: date = date(2026, 11, 25), url: str = "",
           **texts: str) -> int:
    with site.database.transaction() as session:
        return alerts.put_up(session, Wanted(states, texts or {"en": "Storm today"}, url, None, until), account_id=None,
                             now=site.clock()).number


def shown(site: Site, path: str) -> list[str]:
    return [tag.text for tag in site.pages.get(path).of_class("alerts")]


def test_news_for_everywhere_stands_on_every_page(site: Site) -> None:
    put_up(site)
    for path in ("/", "/about", "/programs", f"/programs/{site.slugs[1]}", "/crisis", "/account/sign-in"):
        (words,) = shown(site, path)
        assert "Storm today" in words
        assert "Until November 25, 2026" in words


def test_news_for_a_state_stands_on_pages_about_it(site: Site) -> None:
    put_up(site, ("US:NC",))
    assert shown(site, f"/programs/{site.slugs[0]}")
    assert shown(site, "/programs?near=Durham%2C+NC")
    for path in ("/", "/programs", f"/programs/{site.slugs[1]}", "/programs?near=Reno%2C+NV"):
        assert shown(site, path) == []


def test_news_for_a_state_stands_on_the_results_of_a_search_there(site: Site) -> None:
    put_up(site, ("US:NV",))
    client = site.app.test_client()
    for place, there in (("Reno, NV", True), ("Durham, NC", False)):
        client.post("/", data={"need": "grief", "place": place}, headers=OWN)
        assert ("Storm today" in client.get("/results").get_data(as_text=True)) is there


def test_the_line_for_help_comes_before_it(site: Site) -> None:
    put_up(site)
    page = site.app.test_client().get("/").get_data(as_text=True)
    assert page.index('class="lampline') < page.index('class="masthead') < page.index('class="alerts') \
        < page.index('id="main"')


def test_news_ends_by_itself(site: Site) -> None:
    put_up(site)
    site.wait(47 * 3600)
    assert shown(site, "/about") == []


def test_news_taken_down_is_gone_with_the_next_request(site: Site) -> None:
    number = put_up(site)
    assert shown(site, "/about")
    with site.database.transaction() as session:
        alerts.end(session, number, now=site.clock())
    assert shown(site, "/about") == []


def test_readers_get_their_language_and_else_the_one_it_was_written_in(site: Site) -> None:
    put_up(site, en="Storm today", es="Tormenta hoy")
    assert "Tormenta hoy" in shown(site, "/es/about")[0]
    site.wait(60)
    put_up(site, en="Bridge closed")
    page = site.pages.get("/es/about")
    assert [tag["lang"] for tag in page.of_class("alerts")[0].all("span") if "lang" in tag.attributes] == ["en"]


def test_words_are_words_and_a_link_says_where_it_leads(site: Site) -> None:
    put_up(site, url="https://weather.example.org/nc", en="<script>alert(1)</script> & more")
    response = site.app.test_client().get("/about").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in response
    (link,) = site.pages.get("/about").of_class("alerts")[0].all("a")
    assert link["href"] == "https://weather.example.org/nc"
    assert "weather.example.org" in link.text


def test_no_more_than_three_stand_at_once_and_those_of_the_state_come_first(site: Site) -> None:
    for number in range(4):
        put_up(site, en=f"Everywhere {number}")
    put_up(site, ("US:NC",), en="Here")
    words = site.pages.get(f"/programs/{site.slugs[0]}").of_class("alerts")[0].all("p")
    assert [tag.text.split(" Until")[0].strip() for tag in words] == ["Here", "Everywhere 3", "Everywhere 2"]


def test_tags_stand_on_the_page_of_a_group_as_plain_words(site: Site) -> None:
    with site.database.transaction() as session:
        tags.add(session, "by_bus", {"en": "On the bus line", "es": "Con autobús"}, ())
    assert "On the bus line" in site.pages.get(f"/programs/{site.slugs[0]}").main.text
    assert "Con autobús" in site.pages.get(f"/es/programs/{site.slugs[0]}").main.text
    assert "unheard_of" not in site.pages.get(f"/programs/{site.slugs[0]}").main.text
