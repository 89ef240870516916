from __future__ import annotations

import numpy as np
import pytest
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.icons import ICONS, STATIC, drawn, pixels_of
from tests.pages import Pages


@pytest.mark.parametrize(("path", "home", "lang"), [("/", "/", "en"), ("/es/", "/es/", "es")], ids=["en", "es"])
def test_a_page_names_a_manifest_in_its_language(pages: Pages, path: str, home: str, lang: str) -> None:
    address = pages.get(path).one("link", rel="manifest")["href"]
    response = pages.client.get(address)
    assert response.mimetype == "application/manifest+json"
    found = response.get_json(force=True)
    assert (found["start_url"], found["lang"], found["dir"], found["display"]) == (home, lang, "ltr", "standalone")
    assert (found["name"], found["short_name"]) == ("Open Seat", "Open Seat")


def test_the_word_under_the_icon_is_the_operators_own(app_with: MakeApp) -> None:
    client = app_with(site_name="Grief Groups of Durham", short_name="Durham").test_client()
    found = client.get("/manifest.webmanifest").get_json(force=True)
    assert (found["name"], found["short_name"]) == ("Grief Groups of Durham", "Durham")


def test_every_icon_of_the_manifest_can_be_fetched(client: FlaskClient) -> None:
    icons = client.get("/manifest.webmanifest").get_json(force=True)["icons"]
    assert {"192x192", "512x512", "any"} <= {icon["sizes"] for icon in icons}
    assert "maskable" in {icon["purpose"] for icon in icons}
    for icon in icons:
        response = client.get(icon["src"])
        assert (response.status_code, response.mimetype) == (200, icon["type"])


@pytest.mark.parametrize("name", ICONS)
def test_icons_are_drawn_from_the_mark(name: str) -> None:
    size, share = ICONS[name]
    assert np.array_equal(pixels_of(STATIC / name), drawn(size, share))


def test_the_maskable_icon_keeps_inside_the_safe_circle() -> None:
    picture = pixels_of(STATIC / "icon-maskable-512.png").astype(int)
    y, x = np.mgrid[0:512, 0:512] - 255.5
    outside = np.hypot(x, y) > 0.4 * 512
    assert len(np.unique(picture[outside], axis=0)) == 1
    assert len(np.unique(picture[~outside], axis=0)) > 2


def test_the_worker_is_served_from_the_top_and_asked_for_anew(client: FlaskClient) -> None:
    response = client.get("/sw.js")
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "worker" not in response.headers["Content-Security-Policy"]  # script-src speaks for it (CSP3, worker-src)


def test_P6_only_help_and_the_readers_own_list_are_kept(pages: Pages) -> None:
    page = pages.get("/es/offline")
    block = next(tag for tag in page.all("section") if "data-offline" in tag.attributes)
    assert block["data-plain"].split() == ["/es/crisis", "/es/offline", "/es/offline/now"]
    assert block["data-own"].split() == ["/es/saved"]
    assert all(pages.client.get(path).status_code == 200 for path in block["data-files"].split())
    assert all("hidden" in button.attributes or "hidden" in (button.parent or button).attributes
               for button in block.all("button"))


def test_Y1_the_page_without_a_network_has_the_help_lines(pages: Pages) -> None:
    page = pages.get("/offline/now")
    assert (page.status, page.heading) == (200, "There is no network right now")
    assert {"tel:988", "tel:911"} <= {tag["href"] for tag in page.main.all("a")}
