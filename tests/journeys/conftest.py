"""A real browser on a real server: Debian's Chromium, driven by Playwright, every request it makes written down."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.journeys.touching import small_targets

FLAGS = ("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
             "resultTypes": ["violations"]}
MILLISECONDS = 30_000  # long, for a machine of two cores that runs two parts of the suite may stand still for a while
MOST_TABS = 250
PHONE = 600  # CSS pixels; narrower is a phone, where fingers press


class _Shared:
    """The one browser of a process. Tests of other folders take the fixture over, which makes it another one for
    pytest, and Playwright runs only once in a process."""

    holders = 0
    driver: Playwright
    browser: Browser

    def __enter__(self) -> Browser:
        if not _Shared.holders:
            _Shared.driver = sync_playwright().start()
            _Shared.browser = _Shared.driver.chromium.launch(executable_path=_path(), args=list(FLAGS))
        _Shared.holders += 1
        return _Shared.browser

    def __exit__(self, *_: object) -> None:
        _Shared.holders -= 1
        if not _Shared.holders:
            _Shared.browser.close()
            _Shared.driver.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    _path()
    with _Shared() as browser:
        yield browser


def _path() -> str:
    path = os.environ.get("FINDER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("FINDER_REQUIRE_BROWSER"):
            pytest.fail("FINDER_REQUIRE_BROWSER is set and there is no chromium")
        pytest.skip("no chromium on this machine; apt-get install chromium")
    return path


class _Quiet(WSGIRequestHandler):
    """A server log would hold addresses; the tests look at what the browser asked for instead."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        return


@pytest.fixture(scope="session")
def site(shared_app: Flask) -> Iterator[str]:
    yield from served(shared_app)


@pytest.fixture(scope="session")
def tongues_site(many_tongues: Flask) -> Iterator[str]:
    """The same groups in four languages."""
    yield from served(many_tongues)


def served(app: Flask) -> Iterator[str]:
    """Serves an app on a free port until the generator goes on."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@dataclass
class Visit:
    """One person with one browser: where they went, and what the browser said."""

    context: BrowserContext
    page: Page
    site: str
    scripts: bool = True
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    shots: Path | None = None
    _number: int = 0

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)

    def press(self, name: str | Any, role: str = "button") -> None:
        """Presses a button or link by its words and waits for the next page."""
        self.page.get_by_role(role, name=name).first.click()
        self.page.wait_for_load_state()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def tab_to(self, selector: str) -> None:
        """Presses Tab until the focus stands on what the selector names, in sight and not under the sticky line."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert self.page.evaluate("""() => {
                    const box = document.activeElement.getBoundingClientRect();
                    const line = document.querySelector('.lampline').getBoundingClientRect();
                    return line.top > 0 || box.bottom > line.bottom
                        || document.activeElement.closest('.lampline, .skip') !== null;
                }"""), f"{selector} is focused under the line"
                return
        raise AssertionError(f"{selector} cannot be reached by Tab on {self.path}")

    def enter(self, selector: str, to: str) -> None:
        """Reaches a link or button by Tab, presses Enter, and waits for the page it leads to."""
        self.tab_to(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()
        assert self.path.endswith(to), self.path

    def check(self) -> None:
        """No accessibility finding, no sideways scroll, no request to another origin, no complaint of the browser.

        On a phone also no target too small for a finger.
        """
        self.page.wait_for_load_state()
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.path} scrolls sideways by {wide}px"
        if (self.page.viewport_size or {"width": 0})["width"] < PHONE:
            assert small_targets(self.page) == [], self.path
        if self.scripts:  # axe is a script of its own; the pages are the same without
            found = Axe().run(self.page, options=AXE_RULES)
            told = [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found.response["violations"]]
            assert not told, f"{self.path}: {told}"
        foreign = {urlsplit(one.url).netloc for one in self.requests} - {urlsplit(self.site).netloc, ""}
        assert not foreign, foreign
        assert not self.complaints, self.complaints
        self.shoot()

    def shoot(self) -> None:
        """A picture of the whole page when FINDER_TEST_SHOTS names a folder."""
        if self.shots is not None:
            self._number += 1
            name = self.path.strip("/").replace("/", "-") or "home"
            self.page.screenshot(path=self.shots / f"{self._number:02d}-{name}.png", full_page=True)


Start = Callable[..., Visit]


@pytest.fixture
def start(chromium: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Opens a fresh profile. `scripts=False` turns JavaScript off."""
    opened: list[BrowserContext] = []

    def open_(width: int = 1280, height: int = 800, *, scripts: bool = True, **more: Any) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts, **more)
        context.set_default_timeout(MILLISECONDS)
        opened.append(context)
        folder = os.environ.get("FINDER_TEST_SHOTS")
        shots = Path(folder, request.node.name.replace("/", "_")) if folder else None
        if shots is not None:
            shots.mkdir(parents=True, exist_ok=True)
        visit = Visit(context, context.new_page(), site, scripts, shots=shots)
        context.on("request", lambda one: visit.requests.append(one))
        visit.page.on("console", lambda message: visit.complaints.append(message.text)
                      if message.type in ("error", "warning") else None)
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        return visit

    yield open_
    for context in opened:
        context.close()
