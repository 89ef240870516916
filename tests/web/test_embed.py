from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from flask.testing import FlaskClient

from finder import instance
from finder.catalog import queries
from finder.search.snapshot import Snapshot
from tests.conftest import MakeApp
from tests.listings.database import NOW
from tests.web.embed_pages import FRAMED_POLICY, Frames, check, levels, names
from tests.web.sample import LISTINGS
from tests.web.site import Site, group

MOST_BYTES = 25_000  # of the script, the page, its style and whatever else the first view loads
CANARY = "zqcanary"


@pytest.fixture
def frames(client: FlaskClient) -> Frames:
    return Frames(client)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frames]:
    """A site whose groups have real ids, so that they can be called by name."""
    site = Site(tmp_path_factory.mktemp("site"), [dict(one) for one in LISTINGS])
    yield Frames(site.app.test_client())
    site.database.engine.dispose()


def test_first_page_is_a_form_and_lists_nothing_yet(frames: Frames) -> None:
    page = frames.get("/embed")
    assert page.status == 200
    assert page.title == "Find a support group – Open Seat"
    assert {tag["name"] for tag in page.all("input", "select")} == {"q", "near", "topic", "how", "day", "far"}
    assert names(page) == []
    assert page.response.headers["Cache-Control"] == "no-cache"


def test_a_place_of_the_host_lists_at_once_and_stays_when_a_form_is_sent(frames: Frames) -> None:
    page = frames.get("/embed?place=Durham, NC&miles=15&color=%2300695c")
    assert page.all("h3")[0].text == "33 groups within 15 miles of Durham, NC, or online"
    assert len(names(page)) == 8
    assert page.one("input", id="near")["value"] == "Durham, NC"
    action = page.one("form", id="seek")["action"]
    assert unquote_plus(action) == "/embed?place=Durham, NC&miles=15&color=00695c#here"


def test_a_group_called_by_name_comes_with_all_that_our_own_list_says(named: Frames) -> None:
    page = named.post("/embed?place=27701", {"q": "Lantern Street Low Mood Circle", "near": "27701", "far": "25"})
    assert names(page)[0] == "Lantern Street Low Mood Circle"
    card = page.of_class("match")[0]
    assert re.fullmatch(r"/programs/durham-nc-[0-9a-f]+", card.all("a")[0]["href"])
    for words in ("Every Tuesday, 6:00–7:30 pm", "Next: Tuesday, November 24", "Durham, NC", "Free", "English",
                  "Led by peers", "Lantern Street Neighbors", "Open to new people", "Checked"):
        assert words in card.text
    assert card.all("a")[-1]["href"] == "tel:+19195550142"


def test_groups_with_the_words_come_before_what_fits_the_rest(named: Frames) -> None:
    alone = named.post("/embed?place=27701", {"q": "lantern street", "near": "27701"})
    assert names(alone) == ["Lantern Street Low Mood Circle"]
    assert alone.title == "1 group – Open Seat"
    page = named.post("/embed", {"q": "lantern", "day": "1"})
    assert names(page)[0] == "Lantern Street Low Mood Circle"
    assert "What fits the rest" in page.root.text
    assert page.title.startswith(f"{len(names(page))} groups")
    nothing = named.post("/embed", {"q": f"{CANARY}zzz", "day": "1"})
    assert "No group has those words. The list shows what fits the rest." in nothing.root.text


def test_search_by_words_place_topic_day_and_way(frames: Frames) -> None:
    by_words = frames.post("/embed", {"q": "drinking", "near": "27701"})
    assert all(name.startswith("Evening Steps") for name in names(by_words))
    by_topic = frames.post("/embed", {"topic": "26", "near": "27701"})
    assert names(by_topic) == names(by_words)
    online = frames.post("/embed", {"how": "online"})
    assert "Quiet Hours Online" in names(online)
    assert "Lantern Street Low Mood Circle" not in names(online)
    wednesday = frames.post("/embed", {"day": "2"})
    assert names(wednesday)
    assert "Evening Steps 1" not in names(wednesday)
    in_person = frames.post("/embed", {"how": "person", "day": "0"})
    assert "Maple Line Phone Circle" not in names(in_person)


def test_online_written_where_a_place_belongs_is_a_way_to_meet(frames: Frames) -> None:
    page = frames.post("/embed", {"near": "Online"})
    assert page.one("input", id="near")["value"] == ""
    assert page.one("option", value="online", selected="")
    assert "Quiet Hours Online" in names(page)


def test_choices_of_the_host_hold_where_the_reader_says_nothing(frames: Frames) -> None:
    page = frames.get("/embed?kind=warmline")
    assert names(page) == ["Maple Line Phone Circle"]
    assert "Listed here: Warmline or peer phone line" in page.root.text
    assert names(frames.post("/embed?kind=warmline", {"q": "anything at all"})) == ["Maple Line Phone Circle"]
    topic = frames.get("/embed?topic=grief,alcohol")
    assert "Alcohol" in topic.one("select", id="topic").all("option")[0].text
    assert "Full House Grief Table" in [*names(topic), *names(frames.post("/embed?topic=grief,alcohol", {"page": "4"}))]
    other = frames.post("/embed?topic=grief", {"topic": "2"})
    assert "Steady Ground: Skills for Worry" in names(other)
    assert "Full House Grief Table" not in names(other)


def test_more_groups_are_sent_for_and_carry_what_was_asked(frames: Frames) -> None:
    first = frames.post("/embed", {"q": "drinking", "near": "27701", "far": "25"})
    form = next(one for one in first.all("form") if one.text == "More groups")
    sent = {tag["name"]: tag["value"] for tag in form.all("input", "button") if tag["name"]}
    assert sent == {"q": "drinking", "near": "27701", "far": "25", "page": "2"}
    second = frames.post("/embed", sent)
    assert "Showing 9–16 of 24." in second.root.text
    assert not set(names(first)) & set(names(second))
    assert [one.text for one in second.all("button")][-3:-1] == ["Earlier groups", "More groups"]
    assert second.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", ["99", "499", "500", "0", "-1", "x", "1e9", "²", "9" * 400])
def test_a_page_beyond_the_last_or_none_at_all_shows_groups(frames: Frames, page: str) -> None:
    assert names(frames.post("/embed", {"page": page}))


# -- help ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/embed", "/es/embed"])
@pytest.mark.parametrize(("words", "first"), [
    ("my husband hits me", "help-safety_dv_first"), ("mi esposo me pega", "help-safety_dv_first"),
    ("I want to die", "help-offer_panel"), ("quiero morir", "help-offer_panel"),
    ("end my life", "help-offer_panel"), ("me quiero matar", "help-offer_panel"),
    ("grief anxiety depression and he hits me", "help-safety_dv_first"),
])
def test_Y3_words_of_danger_bring_help_before_everything_else(frames: Frames, path: str, words: str,
                                                              first: str) -> None:
    page = frames.post(path, {"q": words})
    assert page.all("body")[0].all("h2")[0]["id"] == first
    ways = page.of_class("first")[0].all("a")
    assert ways[0]["href"].startswith(("tel:", "sms:"))
    if first != "help-offer_panel":
        assert "tel:911" in {tag["href"] for tag in ways}
    assert page.one(id="here").all("h2")[0]["id"] == first  # where a browser without scripts goes
    assert [tag["id"] for tag in page.all() if "data-first" in tag.attributes] == [first]


@pytest.mark.parametrize("form", [
    {"near": "he hits me every night"}, {"q": "a" * 500 + " I want to die"}, {"topic": "8"}, {"q": "quiero morir" * 40},
], ids=["in the box for a place", "too long to search", "chosen from the list", "again and again"])
def test_help_is_there_also_where_there_can_be_no_list(frames: Frames, form: dict[str, str]) -> None:
    page = frames.post("/embed", form)
    if "topic" not in form:
        assert page.status == 422
        assert page.one(aria_invalid="true")
    found = page.of_class("first")
    assert found or form == {"q": "quiero morir" * 40}
    assert "tel:988" in {tag["href"] for tag in page.all("a")}


def test_a_denial_and_a_town_bring_no_help_that_nobody_asked_for(frames: Frames) -> None:
    assert frames.post("/embed", {"q": "not suicidal, just sad"}).of_class("first") == []
    assert frames.post("/embed", {"near": "Durham, NC"}).of_class("first") == []


def test_help_does_not_wait_for_the_list(app_with: MakeApp) -> None:
    def away() -> Snapshot:
        raise RuntimeError("no database")
    frames = Frames(app_with(away).test_client())
    page = frames.post("/embed", {"q": "my husband hits me"})
    assert page.status == 500
    assert page.of_class("first")[0].one_heading == "You have a right to be safe."
    assert "The list is not there right now" in page.root.text
    assert frames.get("/embed").status == 500
    assert frames.get("/es/embed?place=27701").status == 500


def test_a_host_that_chose_such_a_topic_has_help_first_on_every_page(frames: Frames) -> None:
    page = frames.get("/embed?topic=domestic_violence")
    assert page.all("body")[0].all("h2")[0]["id"] == "help-safety_dv_first"
    assert "data-searched" not in page.one("body").attributes  # and the focus stays where the reader is


# -- nothing of the reader -------------------------------------------------------------------------------------------


def test_P1_nothing_typed_stands_in_an_address_or_a_title(frames: Frames) -> None:
    page = frames.post("/embed?place=Durham, NC", {"q": f"{CANARY} drinking", "near": "Raleigh, NC"})
    assert page.status == 200
    for tag in page.all():
        for name in ("href", "action", "src", "formaction"):
            assert CANARY not in tag[name]
            assert "Raleigh" not in unquote_plus(tag[name]), tag.attributes
    assert CANARY not in page.title
    assert "Raleigh" not in page.title
    assert page.one("input", id="q")["value"] == f"{CANARY} drinking"


@pytest.mark.parametrize("form", [None, {"q": "drinking"}], ids=["opened", "searched"])
def test_W1_W3_cookies_are_not_looked_at_and_none_is_set(client: FlaskClient, frames: Frames,
                                                         form: dict[str, str] | None) -> None:
    def fetch() -> Any:
        return frames.post("/embed", form) if form else frames.get("/embed?place=27701")
    before = fetch()
    for name in ("answers", "saved", "sid", "__Host-answers"):
        client.set_cookie(name, "something")
    after = fetch()
    assert after.source == before.source
    for page in (before, after):
        page.response.headers.remove("X-Request-ID")
    assert after.response.headers == before.response.headers


def test_a_search_is_not_counted(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)], tallies="on")
    Frames(site.app.test_client()).post("/embed", {"topic": "1", "near": "Durham, NC", "far": "5"})
    Frames(site.app.test_client()).get("/embed?topic=depression&place=27701")
    assert not site.app.extensions["finder_counts"]._held


# -- how it stands in a page -----------------------------------------------------------------------------------------


def test_headings_begin_under_those_of_the_host_and_claim_no_part_of_its_page(frames: Frames) -> None:
    page = frames.post("/embed", {"q": "my husband hits me", "near": "Durham, NC"})
    assert min(levels(page)) == 2
    assert max(b - a for a, b in zip(levels(page), levels(page)[1:], strict=False)) <= 1
    assert page.all("main", "header", "footer", "h1") == []


def test_by_itself_it_has_a_first_heading_and_a_main_part(frames: Frames) -> None:
    page = frames.get("/embed?place=27701", **{"Sec-Fetch-Dest": "document"})
    assert page.heading == "Find a support group"
    assert levels(page)[:3] == [1, 2, 3]
    assert page.main
    assert "Sec-Fetch-Dest" in page.response.headers["Vary"]


def test_number_of_groups_is_the_heading_that_gets_the_focus_and_the_title(frames: Frames) -> None:
    page = frames.post("/embed", {"near": "Durham, NC", "far": "25"})
    (heading,) = [tag for tag in page.all() if "data-first" in tag.attributes]
    assert heading.text == "34 groups within 25 miles of Durham, NC, or online"
    assert (heading["id"], heading["tabindex"]) == ("here", "-1")
    assert page.title == "34 groups – Open Seat"
    assert page.one(role="status").text == ""


def test_unknown_and_ambiguous_places_are_asked_back(frames: Frames) -> None:
    unknown = frames.post("/embed", {"near": "zzqxv"})
    assert unknown.status == 422
    assert unknown.title.startswith("Error:")
    assert unknown.one("input", id="near")["aria-invalid"] == "true"
    assert names(unknown) == []
    several = frames.post("/embed", {"q": "drinking", "near": "Franklin"})
    form = several.of_class("choices")[0].all("form")[0]
    assert {tag["name"] for tag in form.all("input", "button")} == {"q", "near"}
    assert form.all("button")[0]["value"].startswith("Franklin, ")


def test_an_empty_list_offers_what_there_is_without_one_thing(frames: Frames) -> None:
    page = frames.post("/embed", {"topic": "26", "day": "6", "near": "Durham, NC", "far": "25"})
    assert names(page) == []
    assert page.title == "No group in our list fits all of that – Open Seat"
    offers = page.of_class("wider")
    assert [one.text.partition(" See")[0] for one in offers] == ["Any day", "Any topic"]
    sent = {tag["name"]: tag["value"] for tag in offers[0].all("input")}
    assert names(frames.post("/embed", sent))


def test_another_language_is_one_press_away_and_takes_the_search_along(frames: Frames) -> None:
    opened = frames.get("/embed?place=27701")
    assert [tag["href"] for tag in opened.all("a", lang="es")] == ["/es/embed?place=27701"]
    searched = frames.post("/embed?place=27701", {"q": "grief"})
    (button,) = searched.all("button", lang="es")
    assert (button["form"], button["formaction"]) == ("seek", "/es/embed?place=27701#here")
    spanish = frames.post("/es/embed?place=27701", {"q": "grief"})
    assert spanish.one("html")["lang"] == "es"
    assert spanish.one("input", id="q")["value"] == "grief"
    assert spanish.of_class("match")[0].all("a")[0]["href"].startswith("/es/programs/")


@pytest.mark.parametrize(("asked", "to"), [("es", "/es/embed?place=27701"), ("es-MX", "/es/embed?place=27701"),
                                           ("en", None), ("fr", None), ("../..", None), ("es" * 200, None)])
def test_a_language_named_in_the_address_is_the_one_of_the_path(client: FlaskClient, asked: str,
                                                                to: str | None) -> None:
    answer = client.get("/embed", query_string={"place": "27701", "lang": asked, "more": "x"})
    assert answer.headers.get("Location") == to
    assert answer.status_code == (302 if to else 200)
    assert answer.headers["Content-Security-Policy"] == FRAMED_POLICY


# -- failures --------------------------------------------------------------------------------------------------------


def test_a_failure_shows_in_the_frame_with_the_line_for_help(client: FlaskClient) -> None:
    answer = client.post("/embed", data={"q": "x" * 300_000})
    assert answer.status_code == 413
    page = Frames(client)._checked("/embed", answer)
    assert page.all("h2")[0].text == "That was too much to send"
    assert [tag["href"] for tag in page.all("a") if "/embed" in tag["href"]] == ["/embed"]


def test_a_foreign_host_is_refused_in_the_frame_too(app_with: MakeApp) -> None:
    client = app_with(base_url="https://seat.example").test_client()
    answer = client.get("/embed", base_url="https://evil.example")
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"] == FRAMED_POLICY.replace("'self'", "'self' https://seat.example")


# -- colors ----------------------------------------------------------------------------------------------------------


def test_colors_of_the_host_are_a_sheet_of_our_own(client: FlaskClient, frames: Frames) -> None:
    page = frames.get("/embed?color=00695C&background=%23101820")
    address = page.all("link")[-1]["href"]
    assert address.startswith("/embed/colors-00695c-101820.css?v=")
    sheet = client.get(address)
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert sheet.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "--fill:#00695c;--on-fill:#ffffff" in sheet.text
    assert "color-scheme:dark" in sheet.text
    assert client.get(address.partition("?")[0]).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/embed/colors-00695c.css", "/embed/colors-00695c-red.css", "/embed/colors--.css",
                                  "/embed/colors-00695C-101820.css", "/embed/colors-}}body{x-101820.css",
                                  "/embed/colors.css"])
def test_other_words_are_no_colors(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_without_a_choice_the_readers_theme_and_the_color_of_the_site_count(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)])
    frames = Frames(site.app.test_client())
    assert len(frames.get("/embed").all("link")) == 1
    with site.database.transaction() as session:
        instance.save(session, {"name": "Open Seat", "color": "#00695c"}, base=0, account_id=None, now=NOW,
                      known_languages=("en", "es"))
        queries.raise_version(session)
    address = frames.get("/embed").all("link")[-1]["href"]
    sheet = site.app.test_client().get(address)
    assert "--plum:#00695c" in sheet.text
    assert "prefers-color-scheme:dark" in sheet.text
    assert sheet.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


# -- weight ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/embed?place=Durham, NC&color=00695c&background=ffffff", "/es/embed?place=27701",
                                  "/embed"])
def test_everything_of_the_first_view_is_light(client: FlaskClient, path: str) -> None:
    squeezed = {"Accept-Encoding": "gzip"}
    page = client.get(path, headers=squeezed)
    source = gzip.decompress(page.data).decode()
    loaded = re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"', source)
    assert len(loaded) >= 2
    answers = [page, *(client.get(one, headers=squeezed) for one in ("/embed.js", *loaded))]
    assert {one.status_code for one in answers} == {200}
    assert sum(len(one.data) for one in answers) <= MOST_BYTES


def test_the_script_is_for_every_site_and_asked_about_again(client: FlaskClient) -> None:
    script = client.get("/embed.js")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert script.headers["Cache-Control"] == "public, max-age=3600, stale-while-revalidate=604800"
    again = client.get("/embed.js", headers={"If-None-Match": script.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Set-Cookie" not in script.headers


def test_I2_every_listing_text_is_shown_as_text(frames: Frames) -> None:
    page = frames.post("/embed", {"near": "Durham, NC", "day": "4"})
    check(page)
    assert any("<script>" in name for name in names(page))
    assert "<script>window" not in page.source
