"""`finder bench pages`: how long the server takes for the pages of a seeker, over HTTP, each for other answers."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import http.client
import tempfile
import time
import uuid
from collections.abc import Mapping
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import orjson

from finder.catalog.listing_schema import load
from finder.cli import probing
from finder.cli.bench import MATCH_SIZE, NOW, bench, cpu, share, tell
from finder.cli.bench_http import HELLO, HOST, served, worked_ms, worked_since
from finder.cli.intakes import ZIPS, intakes
from finder.cli.script import Instance, note
from finder.cli.setup import SEED
from finder.intake.questionnaire import intake_to_form, questionnaire
from finder.search import snapshot

PEOPLE, WARM_UP, ROUNDS = 100, 20, 400  # who ask; results pages before and while time is taken
SHEETS, ON_A_SHEET = 24, 4  # PDFs of handouts while time is taken; groups on one
NO_PDF = 501  # the answer where PDFs cannot be made
MATCH = b'class="match"'  # one group on a page
FORM = "application/x-www-form-urlencoded"

bench.subcommand_metavar = str(bench.subcommand_metavar).replace("|all", "|pages|all")


@bench.command("pages")
@click.option("--size", type=click.IntRange(1, 5_000_000), default=MATCH_SIZE, show_default=True,
              help="How many made-up listings.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def pages_command(instance: Instance, size: int, as_json: bool) -> None:
    """Time the results page, a list, a listing and a handout as a PDF, on the server that `finder run` uses.

    \b
    Example:
      finder bench pages --size 20000
    """
    tell(time_pages(instance, size), as_json)


def time_pages(instance: Instance, size: int) -> dict[str, Any]:
    """Milliseconds from sending a request to its last byte, on this machine and one connection; bytes as sent."""
    with served(instance, size) as (port, server), closing(Visitor(port)) as visitor:
        note(f"{PEOPLE} people answer the questions …")
        carried = [visitor.answer(one) for one in intakes(PEOPLE)]
        note(f"{ROUNDS} results pages over {size:,} listings …")
        figures = _ask(visitor, carried, server)
    note(f"{SHEETS} handouts as PDFs …")
    return {"size": size, **figures, **time_sheets(instance), "cpu": cpu()}


class Visitor:
    """A browser's one connection to the site, reduced to what the site sees of it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port)

    def close(self) -> None:
        self._connection.close()

    def answer(self, intake: Mapping[str, Any]) -> str:
        """Sends the answers page by page, as the forms do. Gives the cookie that carries them."""
        form, carried = urlencode(intake_to_form(intake), doseq=True), ""
        for page in questionnaire().pages:
            status, headers, _ = self.ask(f"/find/{page.id}", carried, form)
            if status == 303:  # a page that refuses what it was not asked keeps the cookie as it was
                carried = _cookie(headers) or carried
        return carried

    def ask(self, path: str, carried: str = "", form: str | None = None) -> tuple[int, Any, bytes]:
        """Status, headers and body of one request."""
        headers = {"Accept-Encoding": "gzip", **({"Cookie": carried} if carried else {}),
                   **({"Content-Type": FORM} if form is not None else {})}
        self._connection.request("GET" if form is None else "POST", path, form, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def time(self, path: str, carried: str = "") -> tuple[float, int, bytes]:
        """Milliseconds of one page, its bytes as sent, and the page itself. Raises Unanswered when it is not there."""
        begun = time.perf_counter()
        status, headers, body = self.ask(path, carried)
        took = (time.perf_counter() - begun) * 1000
        if status != 200:
            raise probing.Unanswered(f"{path.partition('?')[0]} answers {status}.")
        return took, len(body), gzip.decompress(body) if headers["Content-Encoding"] == "gzip" else body


def _cookie(headers: Any) -> str:
    sent = SimpleCookie(headers.get("Set-Cookie", ""))
    return "; ".join(f"{name}={one.value}" for name, one in sent.items())


def _ask(visitor: Visitor, carried: list[str], server: int) -> dict[str, Any]:
    """Each round asks for a hello, for one person's results, for the groups around one town, and for the first of
    those. Of the first two the server's own work is told too."""
    took: dict[str, list[float]] = {name: [] for name in ("hello", "results", "browse", "listing")}
    worked: dict[str, list[float]] = {"hello": [], "results": []}
    shown, heaviest = 0, 0
    for turn in range(WARM_UP + ROUNDS):
        if turn == WARM_UP:
            took, worked = {name: [] for name in took}, {name: [] for name in worked}
        before = worked_ms(server)
        took["hello"].append(visitor.time(HELLO)[0])
        worked["hello"].append(worked_since(server, before))
        before = worked_ms(server)
        milliseconds, sent, results = visitor.time("/results", carried[turn % len(carried)])
        took["results"].append(milliseconds)
        worked["results"].append(worked_since(server, before))
        shown += results.count(MATCH)
        heaviest = max(heaviest, sent)
        milliseconds, _, browse = visitor.time(f"/programs?near={ZIPS[turn % len(ZIPS)]}&far=25")
        took["browse"].append(milliseconds)
        if named := browse.partition(b'<h3 id="g-')[2].partition(b'"')[0].decode():
            took["listing"].append(visitor.time(f"/programs/{named}")[0])
    return {**_ratios(took, ""), **(_ratios(worked, "worked_") if all(worked["hello"]) else {}),
            "results_p50_ms": share(took["results"], 0.5), "results_p95_ms": share(took["results"], 0.95),
            "results_bytes_sent_at_most": heaviest, "mean_shown": round(shown / (WARM_UP + ROUNDS), 1),
            "browse_p95_ms": share(took["browse"], 0.95), "listing_p95_ms": share(took["listing"], 0.95)}


def _ratios(took: Mapping[str, list[float]], which: str) -> dict[str, float]:
    hello, results = share(took["hello"], 0.5), share(took["results"], 0.5)
    return {f"{which}hello_ms": hello, f"{which}results_ms": results,
            f"{which}ratio_to_hello": round(results / hello, 2)}


def time_sheets(instance: Instance) -> dict[str, Any]:
    """Milliseconds of a handout of four of the groups that ship as a PDF, in usual and large print by turns, without a
    server around it; the first one loads the library. Empty where no PDF can be made."""
    listings = [dict(load(orjson.loads(line))) for line in SEED.read_bytes().splitlines()[:SHEETS + ON_A_SHEET]]
    for one in listings:
        one["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, one["id"]))
    held = snapshot.from_documents(listings, NOW.date())
    with tempfile.TemporaryDirectory() as folder:
        settings = dataclasses.replace(instance.settings, instance=Path(folder), database_url="")
        services = dataclasses.replace(instance.build_services(settings), snapshot=lambda: held, now=lambda: NOW)
        services.database.upgrade()
        return _print(instance.create_app(settings, services=services).test_client(),
                      [base64.urlsafe_b64encode(uuid.UUID(one["id"]).bytes).decode().rstrip("=") for one in listings])


def _print(visitor: Any, keys: list[str]) -> dict[str, Any]:
    took, heaviest = [], 0
    for turn in range(SHEETS):
        asked = "&g=".join(keys[turn:turn + ON_A_SHEET])
        begun = time.perf_counter()
        answer = visitor.get(f"/handout.pdf?g={asked}{'&size=large' if turn % 2 else ''}")
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status_code == NO_PDF:
            return {}
        heaviest = max(heaviest, len(answer.data))
    return {"handout_pdf": {"first_ms": round(took[0], 1), "p50_ms": share(took[1:], 0.5),
                            "p95_ms": share(took[1:], 0.95), "bytes_at_most": heaviest}}
