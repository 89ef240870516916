from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.site import Site, group

ROOM = "https://zoom.example/j/123456"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, sessions=[{"format": "online_video", "join_url": ROOM}]), group(2)])


def test_a_link_to_join_stands_in_no_page_that_programs_collect(site: Site) -> None:
    for path in ("", "/report", "/correct"):
        assert ROOM not in site.pages.get(f"/programs/{site.slugs[0]}{path}").source
    for path in ("/programs", f"/list?g={site.keys[0]}", f"/handout?g={site.keys[0]}", f"/list/text?g={site.keys[0]}"):
        assert ROOM not in site.pages.get(path).source
    calendar = site.app.test_client().get(f"/programs/{site.slugs[0]}/calendar.ics")
    assert ROOM.encode() not in calendar.data


def test_the_button_on_the_listing_shows_it_and_no_browser_keeps_it(site: Site) -> None:
    listing = site.pages.get(f"/programs/{site.slugs[0]}")
    page = site.pages.post(f"/programs/{site.slugs[0]}/join", listing.form("/join"))
    assert [tag["href"] for tag in page.main.all("a") if tag["href"] == ROOM]
    assert page.response.headers["Cache-Control"] == "no-store"


def test_other_sites_machines_and_plain_visits_do_not_get_it(site: Site) -> None:
    path = f"/programs/{site.slugs[0]}/join"
    assert ROOM not in site.pages.get(path).source
    assert ROOM not in site.pages.post(path, {"website": "x"}).source
    assert site.pages.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert site.pages.post("/programs/none/join").status == 404


def test_a_group_without_a_link_says_so(site: Site) -> None:
    assert "has no link to join online" in site.pages.post(f"/programs/{site.slugs[1]}/join").main.text
