"""Help without a network: nothing on the device before the say, and nothing again once it is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import expect
from werkzeug.serving import BaseWSGIServer, make_server

from tests.journeys.conftest import Start, Visit, _Quiet
from tests.web.site import Site, group

pytestmark = pytest.mark.browser

KEEP = "Make these pages work without a network"
FORGET = "Forget offline pages"
ON_DEVICE = """async () => {
  const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const addresses = (await Promise.all(stores.map((store) => store.keys()))).flat().map(({ url }) => url);
  return { addresses, stored: Object.keys(localStorage).length + Object.keys(sessionStorage).length,
           workers: (await navigator.serviceWorker.getRegistrations()).length,
           databases: (await indexedDB.databases()).length };
}"""
NOTHING = {"addresses": [], "stored": 0, "workers": 0, "databases": 0}


class Server:
    """A server that can go away, because a worker's requests pass by the browser's own switch."""

    def __init__(self, app: Flask) -> None:
        self.app, self.port = app, 0
        self.back()

    def back(self) -> None:
        self.server: BaseWSGIServer = make_server("127.0.0.1", self.port, self.app, threaded=True,
                                                  request_handler=_Quiet)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def away(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def groups(tmp_path: Path) -> Site:
    """Groups with ids that can be saved."""
    return Site(tmp_path, [group(1, focus=["depression"]), group(2)])


@pytest.fixture
def server(groups: Site) -> Iterator[Server]:
    found = Server(groups.app)
    yield found
    found.away()


@pytest.fixture
def visit(start: Start, server: Server) -> Visit:
    found = start(390, 740)
    found.site = f"http://127.0.0.1:{server.port}"
    return found


def _on_device(visit: Visit) -> dict[str, object]:
    found: dict[str, object] = visit.page.evaluate(ON_DEVICE)
    return found


def _kept_pages(visit: Visit) -> set[str]:
    addresses = visit.page.evaluate(ON_DEVICE)["addresses"]
    parts = [urlsplit(one) for one in addresses]
    assert all(one.path.startswith("/static/") or not one.query for one in parts), addresses
    return {one.path for one in parts if not one.path.startswith("/static/")}


def _search(visit: Visit) -> None:
    visit.go("/find/need")
    visit.page.locator("[value=depression]").check()
    visit.page.locator("[name=see], .actions .btn").first.click()
    visit.page.wait_for_load_state()
    visit.go("/results")


def _keep(visit: Visit, prefix: str = "", words: str = KEEP) -> None:
    visit.go(f"{prefix}/offline")
    visit.page.locator("[data-keep]").click()
    expect(visit.page.locator("[data-when=on]").first).to_be_visible()


def test_P6_nothing_is_kept_before_the_say(visit: Visit, groups: Site) -> None:
    for path in ("/", "/programs", f"/programs/{groups.slugs[0]}", "/offline", "/offline/now", "/crisis", "/saved"):
        visit.go(path)
        visit.check()
    _search(visit)
    assert _on_device(visit) == NOTHING


def test_Y1_after_the_say_help_shows_without_a_network(visit: Visit, server: Server) -> None:
    _keep(visit)
    visit.check()
    assert _kept_pages(visit) == {"/crisis", "/offline", "/offline/now", "/saved"}
    server.away()
    page = visit.page
    for path in ("/programs?near=Durham", "/results", "/", "/crisis?x=1"):
        visit.go(path)
        expect(page.locator("h1")).to_have_text("There is no network right now")
        expect(page.locator("main a[href='tel:988']").first).to_be_visible()
    assert page.locator("body").evaluate("one => getComputedStyle(one).margin") == "0px"
    page.get_by_role("link", name="See all help lines").click()
    expect(page.locator("h1")).to_have_text("Help right now")
    visit.go("/saved")
    expect(page.locator("h1")).to_have_text("Nothing saved yet")
    server.back()


def test_P6_results_and_answers_are_never_kept(visit: Visit, groups: Site) -> None:
    _keep(visit)
    _search(visit)
    visit.go("/programs?topic=1")
    visit.go(f"/programs/{groups.slugs[0]}")
    visit.go("/crisis")
    assert _kept_pages(visit) == {"/crisis", "/offline", "/offline/now", "/saved"}
    bodies = visit.page.evaluate("""async () => {
      const store = await caches.open('kept');
      return Promise.all((await store.keys()).map(async (one) => (await store.match(one)).text()));
    }""")
    assert not [body for body in bodies if "Clear my answers" in body]


def test_the_saved_list_is_kept_as_last_seen_and_goes_when_it_is_cleared(visit: Visit, server: Server,
                                                                           groups: Site) -> None:
    _keep(visit)
    page = visit.page
    visit.go(f"/programs/{groups.slugs[0]}")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("button", name="Yes, keep them here").click()
    page.wait_for_load_state()
    visit.go("/saved")
    expect(page.locator(".match h3 a")).to_have_text("River Circle 1")
    server.away()
    visit.go("/saved")
    expect(page.locator(".match h3 a")).to_have_text("River Circle 1")
    server.back()
    visit.go("/saved")
    page.get_by_role("button", name="Clear saved groups").click()
    expect(page.locator("h1")).to_have_text("Nothing saved yet")
    server.away()
    visit.go("/saved")
    expect(page.locator("h1")).to_have_text("Nothing saved yet")
    server.back()


def test_forgetting_leaves_nothing(visit: Visit, server: Server) -> None:
    _keep(visit)
    visit.go("/offline")
    visit.page.get_by_role("button", name=FORGET).click()
    expect(visit.page.locator("[data-when=gone]")).to_be_visible()
    assert _on_device(visit) == NOTHING
    visit.go("/crisis")
    assert _on_device(visit) == NOTHING


def test_pages_are_kept_in_the_readers_language(visit: Visit, server: Server) -> None:
    _keep(visit, "/es")
    assert _kept_pages(visit) == {"/es/crisis", "/es/offline", "/es/offline/now", "/es/saved"}
    server.away()
    visit.go("/programs")
    expect(visit.page.locator("html")).to_have_attribute("lang", "es")
    server.back()


def test_what_cannot_be_fetched_leaves_nothing_behind(visit: Visit, server: Server) -> None:
    visit.go("/offline")
    server.away()
    visit.page.locator("[data-keep]").click()
    expect(visit.page.locator("[data-when=failed]")).to_be_visible()
    assert _on_device(visit) == NOTHING
    server.back()


def test_without_scripts_the_page_says_so_and_has_no_button(start: Start) -> None:
    visit = start(320, 640, scripts=False)
    visit.go("/offline")
    visit.check()
    expect(visit.page.get_by_role("button", name=KEEP)).to_be_hidden()
    expect(visit.page.get_by_text("This needs scripts")).to_be_visible()
