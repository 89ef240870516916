"""Asking a running site whether it works: health, a page, a match."""

from __future__ import annotations

import http.client
import subprocess
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import orjson

from finder.cli.script import Failure

START_SECONDS = 60
ANSWER_SECONDS = 20
STOP_SECONDS = 20
INTAKE = {"format": "finder-intake/1", "needs": ["depression"], "formats": ["online_video"]}

# Never through a proxy: the site asked is on this machine.
_ask = build_opener(ProxyHandler({})).open


class Unanswered(Failure):
    """The site did not answer as it should."""


def wait_until_alive(url: str, child: subprocess.Popen[bytes]) -> None:
    """Waits until /healthz answers. Raises Unanswered when the process ends or takes too long."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if child.poll() is not None:
            raise Unanswered("it ended while starting")
        try:
            _fetch(url + "healthz")
        except Unanswered:
            time.sleep(0.1)
        else:
            return
    raise Unanswered(f"it did not start within {START_SECONDS} seconds")


def steps(url: str) -> Iterator[str]:
    """Asks one thing after another and says what was well. Raises Unanswered."""
    _fetch(url + "healthz")
    _fetch(url + "readyz")
    yield "It is alive and ready."
    page = _fetch(url)
    if b"<h1" not in page:
        raise Unanswered("the first page has no heading")
    yield "The first page is there."
    answer = orjson.loads(_fetch(url + "api/v1/match", orjson.dumps(INTAKE)))
    if not answer["total"] or not answer["matches"]:
        raise Unanswered("nothing was found for a plain search")
    yield f"A search finds {answer['total']} programs."


def stop(child: subprocess.Popen[bytes]) -> None:
    """Ends a process that was started here, gently first."""
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _fetch(url: str, body: bytes | None = None) -> bytes:
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        with _ask(Request(url, body, headers), timeout=ANSWER_SECONDS) as response:
            found: bytes = response.read()
            return found
    except (URLError, OSError, http.client.HTTPException) as wrong:
        raise Unanswered(f"{url} answers: {wrong}") from None
