"""k6 as a judge from outside: so many clients that ask for a mix of pages, at a rate or greedily, and what they met."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from finder.cli.intakes import intakes
from tests.load.filling import slugs
from tests.load.serving import Served

BUSY_CLIENTS = 16  # keep both processes at work without a long queue
SCRIPT = Path(__file__).parent / "mix.js"
NEEDS = ("feeling down", "panic attacks", "my son uses", "alcohol", "grief", "anger", "trauma", "eating")
PLACES = ("Durham, NC", "10027", "Houston, TX", "online", "Phoenix, AZ", "Chicago, IL", "98101", "Denver, CO")


@dataclass(frozen=True, slots=True)
class Met:
    """What clients met: turns a second (a search asks twice), answers, errors, answers that said when to come back,
    turns that could not begin in time because all clients waited, and milliseconds until an answer was there."""

    rate: float
    answers: int
    bad: int
    full: int
    dropped: int
    median: float
    p99: float
    longest: float


def k6() -> str:
    """The program, from the environment of the tests. Skips where it is not."""
    beside = Path(sys.executable).parent / "k6"
    found = str(beside) if beside.exists() else shutil.which("k6")
    if found is None:
        pytest.skip("k6 (of the extra `judges`) makes the load")
    return found


def warm(site: Served, folder: Path, seconds: int) -> Met:
    """What a few clients meet who keep both processes at work, when each has read its listings and its pages."""
    site.ready()
    for _ in range(2):
        met = ask(site, folder, clients=BUSY_CLIENTS, seconds=seconds)
    return met


def ask(site: Served, folder: Path, *, clients: int, seconds: int, rate: int = 0) -> Met:
    """Lets clients ask for so long: greedily, or together `rate` times a second whatever comes back."""
    given, out = folder / "given.json", folder / "met.json"
    given.write_text(json.dumps({"needs": NEEDS, "places": PLACES, "intakes": intakes(300),
                                 "slugs": slugs(site.folder, 300)}), encoding="utf-8")
    out.unlink(missing_ok=True)
    environ = {**os.environ, "K6_NO_USAGE_REPORT": "true", "SITE": site.url, "GIVEN": str(given), "OUT": str(out),
               "CLIENTS": str(clients), "SECONDS": str(seconds), "RATE": str(rate)}
    ran = subprocess.run([k6(), "run", "--quiet", "--no-color", str(SCRIPT)], env=environ, capture_output=True,
                         text=True, timeout=seconds + 120, check=False)
    assert out.exists(), ran.stderr
    met = json.loads(out.read_text(encoding="utf-8"))
    assert "http_req_duration" in met, "nobody was answered"
    took = met["http_req_duration"]["values"]
    many = {name: int(met.get(name, {"values": {"count": 0}})["values"]["count"])
            for name in ("http_reqs", "iterations", "bad", "full", "dropped_iterations")}
    found = Met(met["iterations"]["values"]["rate"], many["http_reqs"], many["bad"], many["full"],
                many["dropped_iterations"], took["med"], took["p(99)"], took["max"])
    assert not found.bad, ran.stderr[-2000:]
    return found
