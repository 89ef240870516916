from __future__ import annotations

from pathlib import Path
from typing import Any

import extruct
import pytest

from finder.catalog.public import public
from finder.exchange import schema_org
from finder.web.pages import unbroken
from tests.conftest import MakeApp
from tests.pages import Page, Pages
from tests.web.sample import DURHAM, HOSTILE, LISTINGS, RALEIGH
from tests.web.site import Site, group


@pytest.mark.parametrize("slug", [one["id"] for one in LISTINGS if not one["id"].startswith("steps")])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_every_kind_of_listing_has_a_page(pages: Pages, slug: str, prefix: str) -> None:
    assert pages.get(f"{prefix}/programs/{slug}").status == 200


def test_everything_stated_is_shown(pages: Pages) -> None:
    text = pages.get("/programs/lantern-street").main.text
    for words in (
        "Lantern Street Hall, 1180 Lantern Street, Durham, NC 27701", "Tuesday, November 24, 6:00 pm Eastern",
        "Just come. No sign-up.", "ask for Renée", "919-555-0142", "18 and older", "Free. Nobody asks for a gift",
        "Welcome", "About 8", "If you ask first", "June 20, 2026", "Light to medium support", "CC0-1.0",
    ):
        assert words in text, words


def test_next_three_sessions_leave_out_the_day_off(pages: Pages) -> None:
    times = [tag["datetime"] for tag in pages.get("/programs/lantern-street").all("time")]
    assert times == ["2026-11-24T18:00:00-05:00", "2026-12-01T18:00:00-05:00", "2026-12-08T18:00:00-05:00"]


def test_cohort_shows_its_first_dates(pages: Pages) -> None:
    times = [tag["datetime"] for tag in pages.get("/programs/steady-ground").all("time")]
    assert times[0] == "2027-01-14T17:30:00-05:00"


def test_nothing_stated_is_asked_and_never_no(pages: Pages) -> None:
    text = pages.get("/programs/bare").main.text
    assert "Times not stated" in text
    assert text.count("Not stated. You can ask.") >= 6
    assert "No phone, email or web page is stated." in text


def test_title_names_no_group(pages: Pages) -> None:
    for listing in LISTINGS[:11]:
        assert listing["name"] not in pages.get(f"/programs/{listing['id']}").title


def test_paused_group_can_be_reached_and_says_so(pages: Pages) -> None:
    page = pages.get("/programs/winter-rest")
    assert page.status == 200
    assert "This group is not meeting for now." in page.main.text
    assert not page.all("time")


def test_I2_hostile_words_stay_words(pages: Pages) -> None:
    page = pages.get("/programs/hostile")
    assert page.heading == " ".join(HOSTILE.split())
    (data,) = [tag for tag in page.all("script") if not tag["src"]]
    assert data["type"] == "application/ld+json"
    assert not page.all("img")


def linked(page: Page) -> dict[str, Any]:
    """What a reader from outside finds in a page that was served."""
    (found,) = extruct.extract(page.source, base_url="http://localhost", syntaxes=["json-ld"])["json-ld"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("slug", [one["id"] for one in LISTINGS if not one["id"].startswith("steps")])
def test_a_reader_from_outside_reads_in_the_head_what_the_page_shows(pages: Pages, slug: str) -> None:
    found = linked(pages.get(f"/programs/{slug}"))
    (document,) = [one for one in LISTINGS if one["id"] == slug]
    assert found == schema_org.graph(public(document), page=f"http://127.0.0.1:8000/programs/{slug}")
    assert found["@graph"][0]["name"] == document["name"]
    assert linked(pages.get(f"/es/programs/{slug}")) == found


def test_a_paused_group_has_no_events_in_the_head(pages: Pages) -> None:
    kinds = [{one["@type"] for one in linked(pages.get(f"/programs/{slug}"))["@graph"]}
             for slug in ("winter-rest", "full-house")]
    assert kinds == [{"Service"}, {"Service", "EventSeries"}]


def test_an_address_given_after_contact_and_a_link_to_join_are_not_in_the_head(pages: Pages) -> None:
    for slug, words in (("manana-clara", ("Secret Lane", "35.91")), ("quiet-hours", ("quiet.example/room", "0163"))):
        head = pages.get(f"/programs/{slug}").one("script", type="application/ld+json").text
        assert not [word for word in words if word in head]


def test_the_head_says_the_same_to_somebody_with_answers(app_with: MakeApp) -> None:
    app = app_with()
    plain = linked(Pages(app.test_client()).get("/programs/lantern-street"))
    client = app.test_client()
    client.post("/find/need", data={"needs": "depression"})
    client.post("/find/where", data={"near.text": "Durham, NC 27701"})
    page = Pages(client).get("/programs/lantern-street")
    assert "How it fits your answers" in page.main.text
    assert linked(page) == plain


def test_the_head_names_the_page_by_the_address_of_the_instance_and_not_by_what_was_asked(app_with: MakeApp) -> None:
    client = app_with(base_url="https://finder.example").test_client()
    page = Page(client.get("/programs/bare", headers={"Host": "127.0.0.1"}), "/programs/bare")
    assert linked(page)["@graph"][0]["url"] == "https://finder.example/programs/bare"


def test_W5_links_to_elsewhere_say_nothing_of_where_they_come_from(pages: Pages) -> None:
    outside = [tag for tag in pages.get("/programs/lantern-street").main.all("a") if tag["href"].startswith("https:")]
    ours = [tag for tag in outside if "www.openstreetmap.org" in tag["href"]]
    assert len(outside) == 4
    assert len(ours) == 1
    assert all({"noopener", "noreferrer", "nofollow"} <= set(tag["rel"].split()) for tag in outside)
    assert all("ugc" in tag["rel"].split() for tag in outside if tag not in ours)


@pytest.mark.parametrize("slug", ["nobody", "00000000-0000-0000-0000-000000000000", "LANTERN-STREET"])
def test_listing_that_is_not_there_is_a_404(pages: Pages, slug: str) -> None:
    assert pages.get(f"/programs/{slug}").status == 404


def _with_answers(pages: Pages, need: str, place: str = "Durham, NC") -> None:
    assert pages.post("/", {"need": need, "place": place}).path == "/results"


def test_a_group_says_how_it_fits_the_answers_that_a_reader_carries(pages: Pages) -> None:
    assert "How it fits your answers" not in pages.get("/programs/lantern-street").main.text
    _with_answers(pages, "depression")
    in_list = pages.get("/results").of_class("match")
    card = next(one for one in in_list if "Lantern Street" in one.text)
    page = pages.get("/programs/lantern-street")
    assert page.response.headers["Cache-Control"] == "no-store"
    text = page.main.text
    assert "How it fits your answers" in text
    assert card.of_class("fit")[0].text in text
    for reason in (tag.text for tag in card.of_class("why")[0].all("li")):
        assert reason in text


def test_a_group_that_the_answers_leave_out_says_why_and_stays_reachable(pages: Pages) -> None:
    _with_answers(pages, "depression")
    text = pages.get("/programs/full-house").main.text
    assert "It is not in your list. This is why:" in text
    assert "Full" in text
    assert "You can still ask the group." in text


def test_answers_give_the_readers_own_zone_without_scripts(pages: Pages) -> None:
    _with_answers(pages, "depression", "San Francisco, CA")
    text = pages.get("/programs/quiet-hours").main.text
    assert "7:00 pm Eastern Where you are: Monday, November 30, 4:00 pm Pacific" in text
    assert "Where you are:" not in pages.get("/programs/lantern-street").main.text


@pytest.mark.parametrize(("slug", "words"), [
    ("lantern-street", "The people in it promise one another to keep what is said private."),
    ("alder-evening", "A therapist must keep what you say private by law, with a few limits."),
    ("maple-line", "You can ask what they write down."),
    ("full-house", "How private it is, is not stated."),
    ("quiet-hours", "From home, sit where nobody listens in."),
])
def test_every_kind_of_group_says_who_hears_what_you_say(pages: Pages, slug: str, words: str) -> None:
    assert words in pages.get(f"/programs/{slug}").main.text


def test_free_places_say_how_old_the_word_is(pages: Pages, tmp_path: Path) -> None:
    assert "Places as of November 14, 2026." in pages.get("/programs/lantern-street").main.text
    site = Site(tmp_path, [group(1, capacity={"status": "open", "as_of": "2026-03-01"})])
    text = site.pages.get(f"/programs/{site.slugs[0]}").main.text
    assert "On March 1, 2026 it said: “Open to new people”. That is old, so please ask." in text
    assert "Places not stated" in text


def _way_to(tmp_path: Path, location: dict[str, Any], **settings: Any) -> list[str]:
    session = {"format": "in_person", "location": location}
    site = Site(tmp_path, [group(1, sessions=[session])], **settings)
    page = site.pages.get(f"/programs/{site.slugs[0]}")
    return [tag["href"] for tag in page.main.all("a") if tag.text == "Directions"]


@pytest.mark.parametrize(("location", "to"), [
    ({**DURHAM, "address_1": "1 A Street"}, "35.99600,-78.89900"),
    ({"address_1": "1 A Street", "city": "Durham", "state": "NC", "country": "US"}, "1%20A%20Street,%20Durham,%20NC"),
    (RALEIGH, None), ({**DURHAM, "hidden": True, "address_1": "4 Secret Lane"}, None),
], ids=["a point", "a street", "only a town", "a private place"])
def test_directions_lead_to_a_place_that_is_stated_and_public(tmp_path: Path, location: dict[str, Any],
                                                              to: str | None) -> None:
    found = _way_to(tmp_path, location)
    assert found == ([f"https://www.openstreetmap.org/directions?to={to}"] if to else [])


def test_an_operator_chooses_who_shows_the_way_or_nobody(tmp_path: Path) -> None:
    own = _way_to(tmp_path, DURHAM, directions="https://maps.example.org/?daddr={to}")
    assert own == ["https://maps.example.org/?daddr=35.99600,-78.89900"]


def test_a_saved_group_can_be_put_beside_another_from_its_page(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1), group(2)])
    assert "Compare with saved" not in site.pages.get(f"/programs/{site.slugs[0]}").main.text
    site.pages.post("/saved", {"g": site.keys[1], "action": "add", "yes": "1"})
    page = site.pages.get(f"/programs/{site.slugs[0]}")
    address = next(tag["href"] for tag in page.main.all("a") if tag.text == "Compare with saved")
    assert site.pages.get(address).heading == "2 groups, side by side"


@pytest.mark.parametrize(("said", "held"), [
    ("Every Monday, 7:30 am–9:00 pm Eastern", "Every Monday, 7:30\u00a0am–9:00\u00a0pm Eastern"),
    ("Cada lunes, de 6:00 a 7:30 p. m., hora del este", "Cada lunes, de 6:00 a 7:30\u00a0p.\u00a0m., hora del este"),
    ("2 amigos", "2 amigos"), ("Always open", "Always open"),
])
def test_no_line_begins_with_the_half_of_the_day(said: str, held: str) -> None:
    assert unbroken(said) == held
