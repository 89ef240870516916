"""V6: a new version takes over under load, and nobody is turned away."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.load.filling import instance, keepers, slugs
from tests.load.serving import STOP_SECONDS, Served, lives, served, until
from tests.load.writing import Line, Program, kept

CLIENTS = 6
TAKEN_OVER_SECONDS = 240  # two programs start while both are at work; no bar, only an end to waiting


class Reader(threading.Thread):
    """Reads page after page on one line; every other reader on a new line for each page."""

    def __init__(self, site: Served, number: int, paths: list[str]) -> None:
        super().__init__(daemon=True)
        self.site, self.keeps, self.paths = site, number % 2 == 0, paths
        self.read, self.failed, self.done = 0, list[str](), threading.Event()

    def run(self) -> None:
        line = Line(self.site.port)
        while not self.done.is_set():
            try:
                status, _, headers = line.ask("GET", self.paths[self.read % len(self.paths)])
                if status != 200:
                    self.failed.append(str(status))
                if not self.keeps or headers.get("Connection") == "close":
                    line.close()
            except (OSError, http.client.HTTPException) as wrong:
                self.failed.append(repr(wrong))
            self.read += 1
            time.sleep(0.02)
        line.close()


@pytest.mark.parametrize("reloads", [1, pytest.param(5, marks=pytest.mark.soak)])
def test_V6_a_new_version_takes_over_under_load_and_no_request_fails(tmp_path: Path, reloads: int,
                                                                      record_property: Any) -> None:
    folder = instance(tmp_path / "instance", 200)
    people = keepers(folder, 40)
    paths = ["/", "/crisis", *(f"/programs/{one}" for one in slugs(folder, 20)), "/api/v1/vocabulary"]
    with served(folder) as site:
        readers = [Reader(site, number, paths) for number in range(CLIENTS)]
        writer = Program(site.port, 1, people, pause=0.2)
        for one in (*readers, writer):
            one.start()
        for _ in range(reloads):
            assert until(lambda: len(site.workers()) == 2, STOP_SECONDS)
            before, master = site.workers(), site.pid
            os.kill(master, signal.SIGHUP)
            assert until(lambda old=before: not any(map(lives, old)), TAKEN_OVER_SECONDS), site.words()
            assert site.child is not None
            assert site.child.poll() is None
            assert not set(site.workers()) & set(before)
        for one in readers:
            one.done.set()
            one.join()
        writer.end()
        assert site.stop() == 0
    assert [wrong for one in readers for wrong in one.failed] == []
    assert writer.refused == []
    assert set(writer.acknowledged) <= kept(folder)
    assert writer.acknowledged
    record_property("figure", f"{reloads} times, {sum(one.read for one in readers):,} pages and "
                              f"{len(writer.acknowledged)} changes meanwhile, 0 failed")
