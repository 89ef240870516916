from __future__ import annotations

import pytest

from tests.pages import Pages
from tests.web.sample import HOSTILE, LISTINGS


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


def test_hostile_words_stay_words(pages: Pages) -> None:
    page = pages.get("/programs/hostile")
    assert page.heading == " ".join(HOSTILE.split())
    assert not [tag for tag in page.all("script") if not tag["src"]]
    assert not page.all("img")


def test_links_to_elsewhere_say_nothing_of_where_they_come_from(pages: Pages) -> None:
    outside = [tag for tag in pages.get("/programs/lantern-street").main.all("a") if tag["href"].startswith("https:")]
    assert len(outside) == 3
    assert all(set(tag["rel"].split()) == {"noopener", "noreferrer", "nofollow", "ugc"} for tag in outside)


@pytest.mark.parametrize("slug", ["nobody", "00000000-0000-0000-0000-000000000000", "LANTERN-STREET"])
def test_listing_that_is_not_there_is_a_404(pages: Pages, slug: str) -> None:
    assert pages.get(f"/programs/{slug}").status == 404
