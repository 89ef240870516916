from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from finder.config import Settings
from finder.errors import Invalid
from finder.places import drawing
from finder.web import mapping
from tests.conftest import MakeApp
from tests.pages import Page, Pages, Tag
from tests.web.sample import DURHAM, RALEIGH
from tests.web.site import Site, group

TILES = "https://maps.example.org/{z}/{x}/{y}.png"


def _map(page: Page) -> Tag:
    (found,) = page.of_class("map")
    return found


def _numbers(page: Page) -> dict[str, str]:
    return {pin.text: pin["href"][1:] for pin in _map(page).all("a")}


def _meets(where: dict[str, Any], way: str = "in_person") -> dict[str, Any]:
    return {"format": way, "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "timezone": "America/New_York",
            "location": where}


def _answered(pages: Pages) -> Page:
    return pages.post("/", {"need": "depression", "place": "Durham, NC"})


@pytest.mark.parametrize("path", ["/programs?near=Durham, NC&topic=1", "/es/programs?near=27701", "/programs"])
def test_every_number_of_a_list_with_a_place_is_on_its_map_and_leads_to_its_group(pages: Pages, path: str) -> None:
    page = pages.get(path)
    numbers = _numbers(page)
    assert numbers
    for card in page.of_class("match"):
        heading = card.all("h3")[0]
        number = heading.all("span")[0].text
        on_map = [tag for tag in card.all("a") if tag.has_class("onmap")]
        assert bool(on_map) == (number in numbers)
        if on_map:
            assert numbers[number] == heading["id"]
            assert on_map[0]["href"] == f"#map-{number}"


def test_results_show_the_map_with_the_readers_place(pages: Pages) -> None:
    page = _answered(pages)
    assert page.path == "/results"
    assert "1" in _numbers(page)
    assert [tag for tag in _map(page).all("circle") if tag.has_class("m-own")]
    assert "The gold dot is Durham, NC." in _map(page).text


def test_a_map_shows_land_counties_and_the_reach_asked_for(pages: Pages) -> None:
    page = pages.get("/programs?near=Durham, NC&far=5")
    drawn = {tag["class"] for tag in _map(page).all("path", "circle")}
    assert {"m-land", "m-home", "m-county", "m-reach"} <= drawn
    assert "The dotted ring is 5 miles." in _map(page).text


def test_P9_a_private_address_has_no_point_anywhere(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1, sessions=[_meets({**DURHAM, "hidden": True})])])
    assert not site.pages.get(f"/programs/{site.slugs[0]}").of_class("map")
    assert not site.pages.get("/programs?near=Durham, NC").of_class("map")


def test_a_point_that_is_only_about_right_is_drawn_so_and_said(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1, sessions=[_meets(RALEIGH)]), group(2, sessions=[_meets(DURHAM)])])
    page = site.pages.get("/programs?near=Durham, NC")
    rough = [tag for tag in _map(page).all("circle") if tag.has_class("m-pin--rough")]
    assert len(rough) == 1
    assert "the group does not state the exact spot" in _map(page).text
    listing = site.pages.get(f"/programs/{site.slugs[0]}")
    assert "The dot is only about right" in _map(listing).text


def test_what_is_far_off_does_not_shrink_the_map(tmp_path: Path) -> None:
    boston = {"city": "Boston", "state": "MA", "country": "US", "latitude": 42.36, "longitude": -71.06,
              "precision": "street"}
    site = Site(tmp_path, [group(1, sessions=[_meets(DURHAM)]), group(2, sessions=[_meets(boston, "hybrid")])])
    page = site.pages.get("/programs?near=Durham, NC&far=25")
    assert len(page.of_class("match")) == 2
    assert len(_numbers(page)) == 1
    assert "Not on it: " in _map(page).text


def test_groups_called_by_name_have_their_map(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1, sessions=[_meets(DURHAM)]), group(2, sessions=[_meets(RALEIGH)])])
    page = site.pages.get(f"/programs?g={site.keys[1]}")
    assert list(_numbers(page)) == ["1"]


def test_a_listing_shows_where_it_meets_and_no_number(pages: Pages) -> None:
    found = _map(pages.get("/programs/lantern-street"))
    assert [tag for tag in found.all("circle") if tag.has_class("m-pin")]
    assert not found.all("a")
    assert "1180 Lantern Street" in found.text


def test_P4_no_picture_is_asked_of_anybody_unless_an_operator_says_so(pages: Pages, app_with: MakeApp) -> None:
    page = pages.get("/programs?near=Durham, NC")
    assert not _map(page).all("image")
    response = app_with(map_tiles=TILES, map_credit="Map data by the town").test_client().get(
        "/programs?near=Durham, NC")
    text = response.get_data(as_text=True)
    assert "img-src 'self' https://maps.example.org data:" in response.headers["Content-Security-Policy"]
    assert set(re.findall(r'<image href="(https://[^/]+)/', text)) == {"https://maps.example.org"}
    assert "Map data by the town" in text


def test_the_privacy_page_says_who_else_learns_which_area_is_looked_at(pages: Pages, app_with: MakeApp) -> None:
    assert "no maps from other companies" in pages.get("/privacy").main.text
    text = app_with(map_tiles=TILES).test_client().get("/privacy").get_data(as_text=True)
    assert "The map pictures come from another site, maps.example.org." in text
    assert "no maps from other companies" not in text


def test_tiles_of_this_site_itself_open_the_policy_to_nobody(app_with: MakeApp) -> None:
    pages = Pages(app_with(map_tiles="/tiles/{z}/{x}/{y}.png").test_client())
    assert _map(pages.get("/programs?near=Durham, NC")).all("image")


def test_tiles_fill_the_frame_and_are_those_of_web_maps() -> None:
    frame = drawing.frame_of([(35.996, -78.899)], ring_miles=15)
    made = mapping.tiles(frame, TILES)
    assert min(one.x for one in made) <= 0
    assert max(one.x + one.size for one in made) >= drawing.WIDE
    assert max(one.y + one.size for one in made) >= drawing.HIGH
    assert len(made) <= 20
    # Zoom 10 around Durham, by the tile numbers of the OpenStreetMap wiki's formula.
    assert "https://maps.example.org/10/287/401.png" in {one.address for one in made}


@pytest.mark.parametrize("address", ["https://a.example/{z}/{x}.png", "ftp://a.example/{z}/{x}/{y}.png", "maps",
                                     "https://a.example/{z}/{x}/{y}.png; script-src *", "//a.example/{z}/{x}/{y}"])
def test_an_address_of_tiles_that_cannot_be_one_is_refused_at_start(address: str) -> None:
    with pytest.raises(Invalid) as wrong:
        Settings.from_env({"FINDER_MAP_TILES": address})
    assert "FINDER_MAP_TILES" in wrong.value.errors
