"""I1: what no browser sends, over a real socket to a site as people run it: no error of ours, and help goes on."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from finder.accounts import people, sign_ins
from finder.accounts.permissions import Role
from finder.cli import probing
from finder.cli.server import address, free_port
from finder.db import Database
from tests.contracts.raw_requests import Maker
from tests.shared import ROOT

HOST = "127.0.0.1"
SEED = 20261127
SHORT, LONG = 300, 5_000
SECONDS = 10
MOST = 1 << 20  # bytes of an answer that are read; the head is what counts
# 501: a transfer coding that nobody knows (RFC 9112, 6.1). 503: we are busy, on purpose.
DELIBERATE = (501, 503)
STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ?[^\r\n]*\r\n")
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Served:
    """A site as people run it, with somebody who may do everything and is signed in."""

    port: int
    log: Path
    honest: dict[str, str]

    def ask(self, raw: bytes) -> list[int]:
        """The statuses of all answers to these bytes; none where the line was hung up."""
        with socket.create_connection((HOST, self.port), SECONDS) as line, contextlib.suppress(OSError):
            with contextlib.suppress(OSError):
                line.sendall(raw)
                line.shutdown(socket.SHUT_WR)
            said = b""
            while len(said) < MOST and (part := line.recv(1 << 16)):
                said += part
        return [int(found) for found in STATUS.findall(said)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("raw"), free_port(HOST)
    environ = {**os.environ, "FINDER_INSTANCE": str(folder / "instance"), "FINDER_HOST": HOST, "FINDER_WORKERS": "2"}
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "finder", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        probing.wait_until_alive(address(HOST, port), child)
        yield Served(port, folder / "log", signed_in(folder / "instance", port))
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
    finally:
        probing.stop(child)


def signed_in(instance: Path, port: int) -> dict[str, str]:
    """Header and field of a steward who is an administrator too."""
    (path,) = instance.glob("*.db")
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        now = datetime.now(UTC)
        account = people.find_or_make(session, "joy@example.org", now=now)
        for role in (Role.STEWARD, Role.ADMINISTRATOR):
            people.give(session, account.id, role, by="a test", now=now)
        secret = sign_ins.begin(session, account.id, now=now, second_step=True)
    database.close()
    with socket.create_connection((HOST, port), SECONDS) as line:
        line.sendall(
            f"GET /account/ HTTP/1.1\r\nHost: {HOST}\r\nCookie: sid={secret}\r\nConnection: close\r\n\r\n".encode()
        )
        page = b"".join(iter(lambda: line.recv(1 << 16), b"")).decode()
    found = TOKEN.search(page)
    assert found, page[:300]
    return {"Cookie": f"sid={secret}", "Sec-Fetch-Site": "same-origin", "form_token": found[1]}


@pytest.mark.parametrize("count", [SHORT, pytest.param(LONG, marks=pytest.mark.soak)])
def test_I1_broken_requests_over_a_socket_get_no_error_of_ours(
    served: Served, shared_app: Flask, count: int, record_property: Any
) -> None:
    maker, counted, wrong = Maker(SEED, shared_app.url_map, served.honest), Counter[int](), []
    for number in range(count):
        raw = maker.one()
        for status in served.ask(raw) or [0]:
            counted[status // 100] += 1
            if status >= 500 and status not in DELIBERATE:
                wrong.append((number, status, raw[:200]))
    assert wrong == []
    assert served.ask(f"GET /crisis HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()) == [200]
    assert b"Traceback" not in served.log.read_bytes()
    assert min(counted[2], counted[3], counted[4]) > count / 50, (
        counted
    )  # it goes through doors, not only against them
    record_property(
        "figure",
        f"{count:,} broken requests, {counted[2]:,} answered, {counted[3]:,} led on, {counted[4]:,} "
        f"refused, {counted[0]:,} hung up on, 0 errors of ours",
    )
