from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from finder.errors import Unavailable
from finder.web.answers import LIFETIME_SECONDS
from tests.conftest import Clock, MakeApp
from tests.pages import Page, Pages


def _search(pages: Pages, need: str = "feeling down", place: str = "Durham, NC") -> Page:
    return pages.post("/", {"need": need, "place": place})


def test_two_boxes_lead_to_reasons(pages: Pages) -> None:
    page = _search(pages)
    assert page.path == "/results"
    assert page.heading.endswith("groups that may fit")
    text = page.main.text
    for words in ("Why this may fit", "Check first", "No group can pay to be higher.", "Lantern Street Low Mood Circle",
                  "What we used to build this list", "What the marks mean"):
        assert words in text, words


def test_no_answer_is_in_any_address_or_title(pages: Pages) -> None:
    page = _search(pages, "zqcanary anxious", "Durham, NC")
    for seen in (*pages.seen, *page.links, page.title):
        assert "zqcanary" not in seen
        assert "Durham" not in seen


def test_P2_no_answer_is_logged_even_when_everything_breaks(app_with: MakeApp,
                                                            caplog: pytest.LogCaptureFixture) -> None:
    def away() -> None:
        raise RuntimeError("zqcanary in the message of a driver")

    pages = Pages(app_with(snapshot=away).test_client())
    with caplog.at_level(logging.DEBUG):
        for path, form in (("/find/need", {"needs_text": "zqcanary"}), ("/find/where", {"near.text": "zqcanary"}),
                           ("/find/about", {"age": "zqcanary"}), ("/results", {"topic": "zqcanary"}),
                           ("/results/change", {"place": "zqcanary"}), ("/", {"need": "zqcanary", "place": "x"})):
            pages.post(path, form)
        assert pages.get("/results").status == 500
        assert pages.get("/programs?near=zqcanary").status == 500
    assert "failed" in caplog.text
    assert "zqcanary" not in caplog.text


def test_results_stay_after_reload_and_on_later_pages(pages: Pages) -> None:
    _search(pages, "alcohol")
    first, again, second = pages.get("/results"), pages.get("/results"), pages.get("/results?page=2")
    names = [[tag.text for tag in page.main.all("h3")] for page in (first, again, second)]
    assert names[0] == names[1]
    assert len(names[0]) == 20
    assert not set(names[0]) & set(names[2])
    assert pages.get("/results?page=99").status == 404
    assert pages.get("/results?page=x").status == 422


def test_W3_only_a_place_is_browsing_and_sets_no_cookie(pages: Pages) -> None:
    page = pages.post("/", {"need": "", "place": "27701"})
    assert page.path == "/programs?near=27701"
    assert pages.client.get_cookie("answers") is None


@pytest.mark.parametrize(("place", "near"), [("durham, north carolina", "Durham,+NC"), ("Franklin", "Franklin"),
                                             ("Durhm, NC", "Durham,+NC")])
def test_a_place_stands_in_an_address_as_the_gazetteer_spells_it(pages: Pages, place: str, near: str) -> None:
    assert pages.post("/", {"need": "", "place": place}).path == f"/programs?near={near}"


@pytest.mark.parametrize("words", ["my sister drinks", "zqcanary", "overdose"])
def test_words_that_name_no_place_land_in_no_address(pages: Pages, words: str) -> None:
    page = pages.post("/", {"need": "", "place": words})
    assert (page.status, page.path) == (422, "/")
    assert "We do not know that place." in page.main.text
    assert not [one for one in (*pages.seen, *page.links, page.title) if words.split()[0] in one]


@pytest.mark.parametrize(("need", "place", "field"), [
    ("", "", "need"), ("sad", "", "place"), ("", "online", "need"), ("x" * 201, "27701", "need"),
    ("sad", "y" * 201, "place"), ("a\x00b", "27701", "need"), ("sad", "a\nb", "place"), ("", "\x01", "place"),
], ids=str)
def test_wrong_box_brings_the_form_back(pages: Pages, need: str, place: str, field: str) -> None:
    page = pages.post("/", {"need": need, "place": place})
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert f"#{field}" in [tag["href"] for tag in page.of_class("errors")[0].all("a")]
    assert page.one("input", id=field)["aria-invalid"] == "true"


@pytest.mark.parametrize("place", ["online", "Online", "en línea", "ZOOM"])
def test_online_needs_no_place(pages: Pages, place: str) -> None:
    page = _search(pages, "feeling down", place)
    assert "Quiet Hours Online" in page.main.text
    assert "Lantern Street Low Mood Circle" not in page.main.text


def test_place_that_may_be_several_is_asked_about(pages: Pages) -> None:
    page = _search(pages, place="Franklin")
    assert "Which place did you mean?" in page.main.text
    choice = next(tag["value"] for tag in page.all("button", name="place"))
    after = pages.post("/results/change", {"place": choice})
    assert "Which place did you mean?" not in after.main.text
    assert f"Near {choice}" in after.main.text


def test_place_nobody_knows_is_said(pages: Pages) -> None:
    assert "We do not know that place." in _search(pages, place="Zzyqqx").main.text


def test_narrowing_stays_out_of_the_address(pages: Pages) -> None:
    _search(pages, "alcohol")
    page = pages.post("/results", {"style-not": "2"})
    assert page.path == "/results"
    assert "Evening Steps" not in page.main.text
    page = pages.post("/results", {"clear": "1"})
    assert "Evening Steps" in page.main.text


@pytest.mark.parametrize("form", [{"topic": "999"}, {"topic": "-1"}, {"kind": "0"}, {"topic": "x" * 500}], ids=str)
def test_wrong_narrowing_is_refused(pages: Pages, form: dict[str, str]) -> None:
    _search(pages)
    assert pages.post("/results", form).status == 422


@pytest.mark.parametrize("form", [{}, {"change": "everything"}, {"change": "x", "place": ""}, {"place": "\x00"},
                                  {"place": "x" * 300}], ids=str)
def test_wrong_change_is_refused(pages: Pages, form: dict[str, str]) -> None:
    _search(pages)
    assert pages.post("/results/change", form).status == 422


@pytest.mark.parametrize("path", ["/results", "/results/change"])
def test_changing_nothing_leads_to_the_start(pages: Pages, path: str) -> None:
    assert pages.post(path, {"change": "times_any"}).heading == "There are no answers yet"


def test_answers_go_away_after_half_an_hour(app_with: MakeApp, clock: Clock) -> None:
    pages = Pages(app_with().test_client())
    _search(pages)
    clock.at += timedelta(seconds=LIFETIME_SECONDS - 1)
    assert pages.get("/results").heading.endswith("groups that may fit")
    # the browser would drop the cookie now; the server does not rely on it
    clock.at += timedelta(seconds=2)
    assert pages.get("/results").heading == "Your answers are gone"


def test_clear_is_on_every_page_while_answers_are_carried(pages: Pages) -> None:
    assert "Clear my answers" not in pages.get("/").source
    _search(pages)
    for path in ("/", "/results", "/programs", "/programs/bare", "/find/need", "/nowhere", "/privacy"):
        assert "Clear my answers" in pages.get(path).source, path
    page = pages.post("/answers/clear")
    assert page.heading == "Your answers are cleared"
    assert "Clear my answers" not in page.source
    assert pages.get("/results").heading == "There are no answers yet"


def test_Y3_help_does_not_wait_for_the_listings(app_with: MakeApp, pages: Pages) -> None:
    def away() -> None:
        raise Unavailable("database")

    pages.post("/find/safety", {"safety": "active"})
    pages.post("/find/need", {"needs": "depression"})
    pages.post("/find/where", {"near.text": "Durham, NC"})
    assert pages.get("/results").of_class("first")
    cookie = pages.client.get_cookie("answers")
    assert cookie is not None
    broken = Pages(app_with(snapshot=away).test_client())
    broken.client.set_cookie("answers", cookie.value)
    page = broken.get("/results")
    assert page.status == 200
    assert page.of_class("first")


@pytest.mark.parametrize("words", ["kill myself", "suicidio", "no puedo más, quiero morir"])
def test_Y3_typed_words_of_dying_bring_the_offer_of_help(pages: Pages, words: str) -> None:
    page = _search(pages, words)
    offer, = page.of_class("offer")
    assert {"tel:988", "sms:988"} <= {tag["href"] for tag in offer.all("a")}


def test_Y3_typed_words_of_violence_bring_help_first_with_the_list_and_without(
        pages: Pages, app_with: MakeApp) -> None:
    assert _search(pages, "my husband hits me").of_class("first")
    cookie = pages.client.get_cookie("answers")
    assert cookie is not None

    def away() -> None:
        raise Unavailable("list")

    broken = Pages(app_with(snapshot=away).test_client())
    broken.client.set_cookie("answers", cookie.value)
    page = broken.get("/results")
    assert (page.status, len(page.of_class("first"))) == (200, 1)


def test_filters_that_leave_nothing_can_be_taken_away_with_one_press(pages: Pages) -> None:
    _search(pages)
    page = pages.post("/results", {"tongue": "3", "tongue-all": "all"})
    assert page.heading.startswith("No group")
    button = next(tag for tag in page.main.all("button") if tag.text == "Clear the filters")
    assert pages.post("/results", {button["name"]: button["value"]}).heading.endswith("groups that may fit")


def test_looking_farther_is_one_press_and_the_new_reach_is_shown(pages: Pages) -> None:
    pages.post("/find/need", {"needs": "trauma_ptsd"})
    page = pages.post("/find/where", {"near.text": "Durham, NC 27701", "radius_miles": "15", "see": "1"})
    (button,) = [tag for tag in page.main.all("button") if tag["value"] == "radius_wider"]
    assert "22.5 miles" in button.text
    assert "1" in button.text.split("miles")[1]
    assert "Up to 15 miles" in page.of_class("used")[0].text
    page = pages.post("/results/change", {"change": "radius_wider"})
    assert "Up to 22.5 miles" in page.of_class("used")[0].text
    assert "River Bend Evening Group" in page.main.text
    asked = pages.get("/find/where")
    menu = asked.one("select", name="radius_miles")
    assert [tag.text for tag in menu.all("option") if "selected" in tag.attributes] == ["22.5 miles"]
    page = pages.post("/find/where", {"near.text": "Durham, NC 27701", "radius_miles": "22.5", "see": "1"})
    assert "Up to 22.5 miles" in page.of_class("used")[0].text
