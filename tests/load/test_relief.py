"""V6: a new version takes over under load, or a part fails, and nobody is turned away."""

from __future__ import annotations

import http.client
import os
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from finder.config import ROOT
from tests.load.filling import instance, keepers, slugs
from tests.load.serving import STOP_SECONDS, Line, Served, lives, served, until
from tests.load.writing import Program, kept

pytestmark = pytest.mark.sqlite
CLIENTS = 6
STARTED = "import os\nwith open({!r}, 'a') as file:\n    file.write(f'{{os.getpid()}}\\n')\n"
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


@pytest.mark.turns(2)
@pytest.mark.parametrize("reloads", [1, pytest.param(5, marks=pytest.mark.soak)])
def test_V6_a_new_version_takes_over_under_load_and_no_request_fails(tmp_path: Path, reloads: int,
                                                                      record_property: Any) -> None:
    folder = instance(tmp_path / "instance", 200)
    people = keepers(folder, 40)
    paths = ["/", "/crisis", *(f"/programs/{one}" for one in slugs(folder, 20)), "/api/v1/vocabulary"]
    code = tmp_path / "code"  # stands before the program's own; Python runs what it finds there at each start
    code.mkdir()
    with served(folder, PYTHONPATH=f"{code}{os.pathsep}{ROOT}") as site:
        readers = [Reader(site, number, paths) for number in range(CLIENTS)]
        writer = Program(site.port, 1, people, pause=0.2)
        for one in (*readers, writer):
            one.start()
        (code / "sitecustomize.py").write_text(STARTED.format(str(code / "started")), encoding="utf-8")
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
        assert (code / "started").read_text(encoding="utf-8").split().count(str(site.pid)) == reloads
        assert site.stop() == 0
    assert [wrong for one in readers for wrong in one.failed] == []
    assert writer.refused == []
    assert set(writer.acknowledged) <= kept(folder)
    assert writer.acknowledged
    record_property("figure", f"{reloads} times, {sum(one.read for one in readers):,} pages and "
                              f"{len(writer.acknowledged)} changes meanwhile, 0 failed")


def test_V6_new_code_that_cannot_be_read_takes_nothing_over(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    with served(instance(tmp_path / "instance", 20), PYTHONPATH=f"{code}{os.pathsep}{ROOT}") as site:
        before = site.workers()
        (code / "gunicorn.py").write_text("raise SyntaxError\n", encoding="utf-8")
        os.kill(site.pid, signal.SIGHUP)
        assert until(lambda: "the old one goes on" in site.words(), TAKEN_OVER_SECONDS)
        assert site.workers() == before
        assert site.ask("/programs")[0] == 200
        assert site.stop() == 0


@pytest.mark.parametrize("seconds", [2, pytest.param(10, marks=pytest.mark.soak)])
def test_V6_while_nobody_can_write_pages_are_served_and_writers_wait(tmp_path: Path, seconds: int) -> None:
    folder = instance(tmp_path / "instance", 60)
    people = keepers(folder, 40)
    with served(folder) as site:
        readers = [Reader(site, number, ["/", "/crisis", f"/programs/{people[0].slug}"]) for number in range(2)]
        writers = [Program(site.port, number, people[number::20], pause=0.1) for number in range(20)]
        for one in (*readers, *writers):
            one.start()
        assert until(lambda: all(one.acknowledged for one in writers), 60)
        with closing(sqlite3.connect(folder / "finder.db", isolation_level=None, timeout=30)) as plain:
            plain.execute("BEGIN IMMEDIATE")
            time.sleep(0.5)
            before = [one.read for one in readers]
            time.sleep(seconds)
            after = [one.read for one in readers]
            plain.execute("ROLLBACK")
        for reader in readers:
            reader.done.set()
            reader.join()
        for writer in writers:
            writer.end()
        assert site.stop() == 0
    assert all(late > early for early, late in zip(before, after, strict=True))
    assert [wrong for one in readers for wrong in one.failed] == []
    assert [wrong for one in writers for wrong in one.refused] == []
    assert {mark for one in writers for mark in one.acknowledged} <= kept(folder)
