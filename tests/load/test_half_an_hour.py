"""V5: after half an hour of everything at once, memory, open files and the database's log are as they were."""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from finder.search import synthetic
from tests.load.filling import instance, keepers
from tests.load.judging import Met, ask, warm
from tests.load.serving import Served, served, until
from tests.load.writing import Program, Visitor, Writer, kept

pytestmark = [pytest.mark.sqlite, pytest.mark.turns(3)]
SECONDS = int(os.environ.get("FINDER_TEST_SOAK_SECONDS", "1800"))  # TRUST V5; a shorter run says so in its figure
MOST_GROWTH, MOST_LOG = 0.05, 64 * 1024 * 1024  # TRUST V5
WARM, WINDOW = 1 / 3, 1 / 6  # of the time: before the first look, and of each of the two looks
EVERY_SECONDS = 5
CLIENTS, SHARE = 50, 0.3
FEED_EVERY = 120  # seconds between two small imports; every second time a backup is made
QUIET_SECONDS = 60  # until lines that nobody uses are cut
MORE_FILES = 6  # a database connection has three


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the processes that answer."""

    memory: int
    files: int
    log: int


def look(site: Served) -> Seen:
    return Seen(site.resident(), site.files(), site.log_bytes())


def jobs(site: Served, folder: Path, done: threading.Event, failed: list[str]) -> None:
    """What goes by the clock beside visitors: a feed whose listings change each time, and backups."""
    for count in range(1_000_000):
        feed = folder / "small.jsonl"
        feed.write_text("\n".join(map(json.dumps, synthetic.documents(100, seed=count))), encoding="utf-8")
        for command in (["import", str(feed), "--format", "listing", "--source", "A small feed"],
                        *([["backup"]] if count % 2 else [])):
            ran = site.run(*command)
            if ran.returncode:
                failed.append(ran.stderr)
        if done.wait(FEED_EVERY):
            return


@pytest.mark.parametrize(("seconds", "listings", "accounts"), [
    (4, 100, 20), pytest.param(SECONDS, 20_000, 320, marks=pytest.mark.soak)])
def test_V5_after_a_long_time_memory_open_files_and_the_log_are_as_they_were(
        tmp_path: Path, seconds: int, listings: int, accounts: int, record_property: Any) -> None:
    folder, done = instance(tmp_path / "instance", listings), threading.Event()
    people, met, failed, looks = keepers(folder, accounts), list[Met](), list[str](), list[Seen]()
    with served(folder, FINDER_PROXY_COUNT="1") as site:
        most = warm(site, tmp_path, min(10, seconds))
        before = look(site)
        writers: list[Writer] = [Program(site.port, number, people[number::4], pause=0.5) for number in range(4)]
        writers.append(Visitor(site.port, 4, [one.slug for one in people], pause=5))
        rest = [threading.Thread(target=lambda: met.append(ask(
            site, tmp_path, clients=CLIENTS, seconds=seconds, rate=max(1, int(most.rate * SHARE))))),
            threading.Thread(target=jobs, args=(site, tmp_path, done, failed))]
        for one in (*writers, *rest):
            one.start()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(min(EVERY_SECONDS, seconds / 10))
            looks.append(look(site))
        done.set()
        for one in rest:
            one.join()
        for writer in writers:
            writer.end()
        assert until(lambda: site.files() <= before.files + MORE_FILES * len(site.workers()) * 8, QUIET_SECONDS)
        assert site.stop() == 0
    first = looks[int(len(looks) * WARM):int(len(looks) * (WARM + WINDOW))]
    last = looks[-max(1, int(len(looks) * WINDOW)):]
    growth = statistics.median(one.memory for one in last) / statistics.median(one.memory for one in first) - 1
    files = [round(statistics.median(one.files for one in part)) for part in (first, last)]
    log = max(one.log for one in looks)
    record_property("figure", f"{seconds // 60} minutes, {met[0].answers:,} answers and "
                              f"{sum(len(one.acknowledged) for one in writers):,} changes: memory {growth:+.1%}, open "
                              f"files {files[0]} and {files[1]}, the log at most {log / 2**20:.0f} MB")
    assert failed == []
    assert met[0].bad == 0
    assert {mark for one in writers for mark in one.acknowledged} <= kept(folder)
    assert log < MOST_LOG
    if seconds > 60:
        assert growth < MOST_GROWTH
        assert files[1] <= files[0] + MORE_FILES
