"""Clients that write over HTTP and remember what was acknowledged: programs of people who look after listings, and
visitors who report a problem. And what of it the database holds afterwards.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from tests.load.filling import Keeper
from tests.load.serving import Line

OPEN_SECONDS = 4  # a form that is sent sooner is taken for a machine's
PAUSE_SECONDS = 0.02  # after a line that broke
MOST_OF_ONE = 60  # changes that programs of one account make in an hour (listings.by_program)
REPORTS_OF_ONE, REPORTS_A_DAY = 5, 200  # listings.visitors


class Writer(threading.Thread, ABC):
    """Writes as fast as it is answered until it is told to stop, through every end of the server."""

    def __init__(self, port: int, number: int, pause: float = 0.0) -> None:
        super().__init__(daemon=True)
        self.line, self.number, self.pause = Line(port), number, pause
        self.acknowledged: list[str] = []
        self.times: list[float] = []  # of each acknowledgement
        self.waits: list[float] = []  # seconds that each took
        self.refused: list[int] = []  # what was answered instead
        self.done = threading.Event()

    def run(self) -> None:
        for count in itertools.count():
            if self.done.is_set():
                return
            mark, began = f"mark {self.number} {count}", time.monotonic()
            try:
                status = self.write(mark)
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE_SECONDS)
                continue
            if status in (200, 303):
                at = time.monotonic()
                self.acknowledged.append(mark)
                self.waits.append(at - began)
                self.times.append(at)
            else:
                self.refused.append(status)
            time.sleep(self.pause)

    @abstractmethod
    def write(self, mark: str) -> int:
        """Sends one change that can be found again by its mark; gives the status of the answer."""

    def end(self) -> None:
        self.done.set()
        self.join()
        self.line.close()


class Program(Writer):
    """Changes listings by tokens, one after the other, so that no account goes over its limit."""

    def __init__(self, port: int, number: int, keepers: Sequence[Keeper], pause: float = 0.0) -> None:
        super().__init__(port, number, pause)
        self.turns = itertools.cycle(keepers)

    def write(self, mark: str) -> int:
        keeper = next(self.turns)
        path, token = f"/api/v1/listings/{keeper.listing}", f"Bearer {keeper.token}"
        status, said, _ = self.line.ask("GET", path, Authorization=token)
        if status != 200:
            return status
        status, said, _ = self.line.ask(
            "PATCH", path, json.dumps({"description": mark}).encode(), Authorization=token,
            Content_Type="application/merge-patch+json", If_Match=f'"{json.loads(said)["version"]}"')
        assert status != 200 or json.loads(said)["applied"] == ["description"]
        return status


class Visitor(Writer):
    """Reports problems from ever new networks; after what all visitors may send in a day it is silent."""

    def __init__(self, port: int, number: int, slugs: Sequence[str], pause: float = 0.0) -> None:
        super().__init__(port, number, pause)
        self.turns, self.sent = itertools.cycle(slugs), 0
        _, page, _ = self.line.ask("GET", f"/programs/{slugs[0]}/report")
        found = re.search(rb'name="stamp"[^>]*value="([^"]+)"', page)
        assert found
        self.stamp, self.ready = found[1].decode(), time.monotonic() + OPEN_SECONDS

    def write(self, mark: str) -> int:
        time.sleep(max(0.0, self.ready - time.monotonic()))
        if len(self.acknowledged) >= REPORTS_A_DAY - 2 * REPORTS_OF_ONE:  # some may have been kept and not acknowledged
            self.done.set()
            return 0
        self.sent += 1
        network = f"10.{self.sent // REPORTS_OF_ONE // 250}.{self.sent // REPORTS_OF_ONE % 250}.7"
        form = urlencode({"kind": "other", "note": mark, "reply_to": "", "website": "", "stamp": self.stamp})
        status, _, _ = self.line.ask("POST", f"/programs/{next(self.turns)}/report", form.encode(),
                                     Content_Type="application/x-www-form-urlencoded", X_Forwarded_For=network,
                                     Sec_Fetch_Site="same-origin")
        return status


def kept(folder: Path) -> set[str]:
    """Every mark that the database holds, each with its history; and the database is whole."""
    with closing(sqlite3.connect(folder / "finder.db")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        texts = [row[0] for row in plain.execute("SELECT after FROM revision WHERE kind != 'import'")]
        notes = [row[0] for row in plain.execute("SELECT note FROM report")]
        last = dict(plain.execute("SELECT program_id, after FROM revision WHERE kind != 'import' ORDER BY id"))
        shown = dict(plain.execute("SELECT id, description FROM program"))
    assert all(json.loads(text)["description"] == shown[program] for program, text in last.items())
    return {json.loads(text)["description"] for text in texts} | set(notes)
