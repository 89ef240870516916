"""D1 and D2: what was acknowledged outlives every kill, and each commit waits for the disk."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from tests.backup.making import borne, made, programs, whole

ROOT = Path(__file__).resolve().parents[2]
WRITER = textwrap.dedent("""
    import itertools, sys
    from sqlalchemy import text
    from finder.db import Database

    database, number, most = Database(f"sqlite:///{sys.argv[1]}"), sys.argv[2], int(sys.argv[3])
    with database.reading() as session:
        mine = list(session.scalars(text("SELECT id FROM program ORDER BY id")))[int(number)::4]
    for count, program in zip(range(most), itertools.cycle(mine)):
        said = f"{number}-{count}-{sys.argv[4]}"
        with database.transaction() as session:
            session.execute(text("UPDATE catalog_state SET version = version + 1"))
            session.execute(text("UPDATE program SET name = :said, version = version + 1, changed_version = "
                                 "(SELECT version FROM catalog_state) WHERE id = :id"), {"said": said, "id": program})
            session.execute(text("INSERT INTO revision (program_id, at, actor, state_after, kind, reason) VALUES "
                                 "(:id, '2026-11-27 04:30:00.000000', 'x', 'published', 'edit', :said)"),
                            {"said": said, "id": program})
        print(said, flush=True)
""")


def writing(path: Path, number: int, most: int, name: str) -> list[str]:
    return [sys.executable, "-c", WRITER, str(path), str(number), str(most), name]


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.soak)])
def test_D1_no_acknowledged_write_is_lost_however_often_all_writers_are_killed(tmp_path: Path, kills: int,
                                                                               record_property: Any) -> None:
    path, chance, acknowledged = made(tmp_path, 40), random.Random(2), set()
    for kill in range(kills):
        group = [subprocess.Popen(writing(path, number, 100_000, str(kill)), stdout=subprocess.PIPE, text=True,
                                  cwd=ROOT) for number in range(4)]
        firsts = [one.stdout.readline().strip() for one in group if one.stdout]
        assert all(firsts), "a writer could not begin after the last kill"
        time.sleep(chance.uniform(0.05, 0.5))
        for one in group:
            os.kill(one.pid, signal.SIGKILL)
        rests = [one.communicate()[0] for one in group]
        acknowledged |= set(firsts) | {line for rest in rests for line in rest.splitlines() if line.count("-") == 2}
        # Of a line that was cut, only what came before the last end of line counts.
        acknowledged -= {rest.rsplit("\n", 1)[-1] for rest in rests}
        assert acknowledged <= set(borne(path))
    whole(path)
    assert len(programs(path)) == 40
    record_property("figure", f"{kills} kills, {len(acknowledged):,} acknowledged writes, 0 lost")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts what reaches the disk")
def test_D2_every_commit_waits_for_the_disk(tmp_path: Path, record_property: Any) -> None:
    path, log, most = made(tmp_path / "instance", 8), tmp_path / "calls", 40
    ran = subprocess.run(["strace", "-f", "-e", "trace=fdatasync,fsync", "-o", str(log),
                          *writing(path, 0, most, "x")], capture_output=True, text=True, cwd=ROOT, check=False)
    if "ptrace" in ran.stderr.lower():
        pytest.skip("this machine lets nobody be traced")
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.split()) == most
    waits = len(re.findall(r"f(?:data)?sync\(", log.read_text()))
    assert waits >= most
    record_property("figure", f"{waits} waits for the disk in {most} commits")
