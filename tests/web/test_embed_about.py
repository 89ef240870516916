from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from finder.web.embed_headers import SANDBOX
from tests import pages
from tests.conftest import MakeApp
from tests.pages import Page

BASE = "https://seat.example"


class Tags(HTMLParser):
    """The tags of some lines with their attributes."""

    def __init__(self, lines: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def hosted(app_with: MakeApp) -> FlaskClient:
    return app_with(base_url=BASE).test_client()


def fetch(client: FlaskClient, path: str = "/embed/about", **form: str) -> Page:
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    base = BASE if client.application.extensions["finder"].settings.base_url else None
    more: dict[str, Any] = {"base_url": base} if base else {}
    answer = client.post(path, data=form, headers=own, **more) if form else client.get(path, **more)
    page = Page(answer, path)
    pages._check_frame(page)
    pages._check_names(page)
    return page


def lines(page: Page, name: str) -> list[tuple[str, dict[str, str | None]]]:
    return Tags(page.one("textarea", id=name).text).found


def test_lines_to_copy_say_what_was_chosen(hosted: FlaskClient) -> None:
    page = fetch(hosted, place="salem, or", miles="50", kind="peer_support", topic="grief", language="es",
                 color="#00695C", background="fff")
    assert page.status == 200
    script, noscript, frame = lines(page, "lines-script")
    assert script[0] == "script"
    assert script[1] == {
        "src": f"{BASE}/embed.js", "data-place": "Salem, OR", "data-miles": "50", "data-kind": "peer_support",
        "data-topic": "grief", "data-color": "#00695c", "data-background": "#ffffff", "data-lang": "es",
        "data-title": "Encuentre un grupo de apoyo", "referrerpolicy": "no-referrer", "async": None}
    assert noscript == ("noscript", {})
    assert [frame] == lines(page, "lines-frame")
    assert frame[1]["src"] == (f"{BASE}/es/embed?place=Salem,+OR&miles=50&kind=peer_support&topic=grief"
                               "&color=00695c&background=ffffff")
    assert frame[1]["sandbox"] == SANDBOX
    assert frame[1]["title"] == "Encuentre un grupo de apoyo"
    assert page.one("iframe")["src"] == frame[1]["src"].removeprefix(BASE)


def test_without_a_choice_the_lines_are_short_and_in_the_language_of_the_page(hosted: FlaskClient) -> None:
    script, *_ = lines(fetch(hosted, "/es/embed/about"), "lines-script")
    assert script[1] == {"src": f"{BASE}/embed.js", "data-lang": "es", "data-title": "Encuentre un grupo de apoyo",
                         "referrerpolicy": "no-referrer", "async": None}


def test_what_was_chosen_stays_in_the_form_and_in_no_address(hosted: FlaskClient) -> None:
    page = fetch(hosted, place="Salem, OR", kind="peer_support", color="#00695c")
    assert page.one("input", id="place")["value"] == "Salem, OR"
    assert page.one("option", value="peer_support", selected="")
    assert page.form("/embed/about")["color"] == ["#00695c"]
    assert page.one("form", action="/embed/about#look")["method"] == "post"
    assert page.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("said", "words"), [
    ({"place": "zzqxv"}, "We do not know that place."), ({"place": "Franklin"}, "Did you mean: Franklin, "),
    ({"place": "x" * 300}, "This is too long."), ({"color": "green"}, "Write a color like #00695c"),
    ({"background": "#12"}, "Write a color like #00695c"),
])
def test_what_a_frame_could_not_use_is_said_here(hosted: FlaskClient, said: dict[str, str], words: str) -> None:
    page = fetch(hosted, **said)
    assert page.status == 422
    assert page.title.startswith("Error:")
    (name,) = said
    assert words in page.of_class("errors")[0].text
    assert page.one("input", id=name)["aria-invalid"] == "true"
    assert page.one("input", id=name)["value"] == said[name]
    assert dict(lines(page, "lines-frame"))["iframe"]["src"] == f"{BASE}/embed"


def test_words_that_would_close_a_tag_stay_words(hosted: FlaskClient) -> None:
    page = fetch(hosted, place='"><script>alert(1)</script>', color="#00695c", language='en"><b>')
    assert [tag for tag, _ in lines(page, "lines-script")] == ["script", "noscript", "iframe"]
    assert "<script>alert" not in page.source


@pytest.mark.parametrize(("color", "words"), [("#00695c", ["white"]), ("#ffcc00", ["black", "stronger shade"]),
                                              ("", [])])
def test_what_becomes_of_a_color_is_said(hosted: FlaskClient, color: str, words: list[str]) -> None:
    found = [tag.text for tag in fetch(hosted, color=color, miles="25").main.of_class("small") if "our" in tag.text]
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_it_says_what_a_policy_of_the_host_must_let_in(hosted: FlaskClient) -> None:
    assert fetch(hosted).one("textarea", id="lines-policy").text == f"script-src {BASE}; frame-src {BASE};"


def test_what_is_wrong_is_listed_in_the_order_of_the_form(hosted: FlaskClient) -> None:
    page = fetch(hosted, place="Springfield", color="red", background="blue")
    assert [one["href"] for one in page.of_class("errors")[0].all("a")] == ["#place", "#color", "#background"]


def test_each_box_of_lines_has_a_name_and_a_button_that_copies_it(hosted: FlaskClient) -> None:
    page = fetch(hosted)
    boxes = page.all("textarea")
    assert len(boxes) == 3
    assert [one["data-copy"] for one in page.all("button") if "data-copy" in one.attributes] == [
        box["id"] for box in boxes]
    assert all(page.one("label", **{"for": box["id"]}).text for box in boxes)


def test_a_form_of_another_site_is_refused(client: FlaskClient) -> None:
    assert client.post("/embed/about", data={"place": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_failure_of_this_page_is_a_page_of_ours(client: FlaskClient) -> None:
    page = Page(client.post("/embed/about", headers={"Sec-Fetch-Site": "cross-site"}), "/embed/about")
    pages._check_frame(page)
