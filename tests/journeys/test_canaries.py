"""P1, P2: forty-odd answers that stand nowhere else are sent to the site as it is installed, then looked for."""

from __future__ import annotations

import base64
import binascii
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Response

from finder.cli import probing
from finder.cli.server import address, free_port
from finder.intake.questionnaire import questionnaire
from tests.journeys.conftest import Start, Visit
from tests.shared import ROOT

pytestmark = pytest.mark.browser

HOST, MARK = "127.0.0.1", "zqcanary"
LEAST = 40
BY_OPTION = ("formats", "times", "access")  # questions that are answered option by option
FORMS: tuple[tuple[str, str], ...] = (  # where a form goes, and the field that holds the answer
    *((f"/find/{page.id}", f"{question.path}.{question.options[0].value}" if question.path in BY_OPTION
       else question.path) for page in questionnaire().pages for question in page.questions),
    ("/", "need"), ("/", "place"), ("/programs", "q"), ("/results", "topic"), ("/results", "cost-not"),
    ("/results/change", "place"), ("/results/change", "change"), ("/results/weigh", "cost"),
)
CANARIES = {f"{MARK}{number:02d}x": form for number, form in enumerate(FORMS)}
_SEND = """([action, name, value]) => {
  const form = document.createElement('form');
  form.method = 'post'; form.action = action;
  const input = document.createElement('input');
  input.name = name; input.value = value;
  form.append(input); document.body.append(form); form.submit();
}"""


@dataclass
class Installed:
    """The site as people run it: a process of its own, with its files, its temporary folder and its log."""

    folder: Path
    url: str
    child: subprocess.Popen[bytes]
    responses: list[Response] = field(default_factory=list)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def bytes_on_disk(self) -> Iterator[tuple[Path, bytes]]:
        """Every file the process has: the database with its journal, the secret, what it left in temporary places."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()

    def break_database(self) -> None:
        """Takes a table away under the running site, and the worker that still knows the listings, so that every list
        fails from now on."""
        (path,) = self.folder.glob("instance/*.db")
        with sqlite3.connect(path) as held:
            held.execute("DROP TABLE catalog_state")
        for task in Path(f"/proc/{self.child.pid}/task").iterdir():
            for worker in (task / "children").read_text().split():
                os.kill(int(worker), signal.SIGKILL)
        probing.wait_until_alive(f"{self.url}/", self.child)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    port = free_port(HOST)
    (tmp_path / "tmp").mkdir()
    environ = {**os.environ, "FINDER_INSTANCE": str(tmp_path / "instance"), "FINDER_HOST": HOST,
               "FINDER_WORKERS": "1", "TMPDIR": str(tmp_path / "tmp")}
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-m", "finder", "demo", "--port", str(port)], cwd=ROOT, env=environ,
                                 stdout=log, stderr=subprocess.STDOUT)
        try:
            probing.wait_until_alive(address(HOST, port), child)
            yield Installed(tmp_path, address(HOST, port).rstrip("/"), child)
        finally:
            probing.stop(child)


def _send(visit: Visit, path: str, name: str, canary: str) -> None:
    with visit.page.expect_navigation():
        visit.page.evaluate(_SEND, [path, name, canary])


def _told(visit: Visit, installed: Installed) -> Iterator[str]:
    """All that others could read of a visit: addresses, titles, referrers, cookies, headers, what scripts can see."""
    yield visit.page.url
    yield visit.page.title()
    yield visit.page.evaluate("document.cookie + JSON.stringify([history.state, {...localStorage}, "
                              "{...sessionStorage}, name, document.referrer])")
    for cookie in visit.context.cookies():
        yield cookie["name"]
        yield cookie["value"]
        yield _decoded(cookie["value"])
    for request in visit.requests:
        yield unquote_plus(request.url)
        yield request.headers.get("referer", "")
    for response in installed.responses:
        yield unquote_plus(" ".join(f"{name}: {value}" for name, value in response.all_headers().items()))


def _decoded(value: str) -> str:
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def test_P1_no_answer_is_in_an_address_a_title_a_referrer_or_a_readable_cookie(start: Start,
                                                                               installed: Installed,
                                                                               record_property: Any) -> None:
    assert len(CANARIES) >= LEAST
    visit = start()
    visit.site = installed.url
    visit.context.on("response", lambda one: installed.responses.append(one))
    visit.go("/")
    for canary, (path, name) in CANARIES.items():
        _send(visit, path, name, canary)
        told = [one for one in _told(visit, installed) if MARK in one]
        assert told == [], (path, name)
        visit.requests.clear()
        installed.responses.clear()
    # What was typed into the two free fields is carried, or this test would look for what nobody sent.
    _send(visit, "/", "need", f"{MARK} sad")
    assert visit.path == "/"
    assert MARK in visit.page.content()
    record_property("figure", f"{len(CANARIES)} marked answers, 0 found")


def test_P2_no_answer_is_in_a_log_a_traceback_or_a_file(start: Start, installed: Installed,
                                                        record_property: Any) -> None:
    visit = start()
    visit.site, ask = installed.url, visit.context.request
    for canary, (path, name) in CANARIES.items():
        ask.post(visit.site + path, form={name: canary})
        ask.post(f"{visit.site}/api/v1/match", data={"format": "finder-intake/1", name.split(".")[0]: canary})
    ask.post(f"{visit.site}/", form={"need": f"{MARK} sad", "place": "Durham, NC"})
    assert ask.get(f"{visit.site}/results").status == 200
    assert [path.name for path, body in installed.bytes_on_disk() if MARK.encode() in body] == []

    installed.break_database()
    failed = 0
    for canary in CANARIES:
        for answer in (ask.post(f"{visit.site}/", form={"need": canary, "place": canary}),
                       ask.post(f"{visit.site}/programs", form={"q": canary}),
                       ask.post(f"{visit.site}/api/v1/match", data={"format": "finder-intake/1", "needs_text": canary,
                                                                    "formats": ["phone"]})):
            failed += answer.status >= 500
            assert "Traceback" not in answer.text()
    assert failed >= 2 * LEAST
    assert "failed" in installed.log
    assert [path.name for path, body in installed.bytes_on_disk() if MARK.encode() in body] == []
    record_property("figure", f"{len(CANARIES)} marked answers, {failed} forced failures, 0 found")
