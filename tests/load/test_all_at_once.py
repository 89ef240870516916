"""V4: an import, a backup, writers and readers at the same time."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from finder.backup import restoring
from finder.search import synthetic
from tests.load.filling import instance, keepers
from tests.load.judging import Met, ask, warm
from tests.load.serving import Served, served, until
from tests.load.writing import Program, kept

pytestmark = [pytest.mark.sqlite, pytest.mark.turns(3)]
LISTINGS, ROWS, WRITERS, READERS = 20_000, 50_000, 20, 100  # TRUST V4
MOST_MILLISECONDS = 500  # of the slowest reader in a hundred (TRUST V4)
SHARE = 0.3  # of what the site can bear alone; the import takes one of two processors


def jobs(site: Served, feed: Path) -> list[subprocess.Popen[bytes]]:
    """An import, and a backup while it is at work."""
    with (site.folder / "jobs").open("ab") as said:
        def begin(*arguments: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(site.command(*arguments), env=site.environ, cwd=site.folder, stdout=said,
                                    stderr=said)
        return [begin("import", str(feed), "--format", "listing", "--source", "Another feed"), begin("backup")]


@pytest.mark.parametrize(("listings", "rows", "writers", "readers", "seconds"), [
    (100, 400, 4, 8, 4), pytest.param(LISTINGS, ROWS, WRITERS, READERS, 100, marks=pytest.mark.soak)])
def test_V4_an_import_a_backup_writers_and_readers_at_once_hinder_one_another_little(
        tmp_path: Path, listings: int, rows: int, writers: int, readers: int, seconds: int,
        record_property: Any) -> None:
    folder, feed, met = instance(tmp_path / "instance", listings), tmp_path / "feed.jsonl", list[Met]()
    people = keepers(folder, 3 * writers)
    feed.write_text("\n".join(map(json.dumps, synthetic.documents(rows, seed=2))), encoding="utf-8")
    with served(folder) as site:
        most = warm(site, tmp_path, min(10, seconds))
        at_work = [Program(site.port, number, people[number::writers], pause=0.5) for number in range(writers)]
        reading = threading.Thread(target=lambda: met.append(
            ask(site, tmp_path, clients=readers, seconds=seconds, rate=max(1, int(most.rate * SHARE)))))
        for one in (*at_work, reading):
            one.start()
        assert until(lambda: all(one.acknowledged for one in at_work), 60)
        begun = jobs(site, feed)
        ended = [one.wait(300) for one in begun]
        reading.join()
        for writer in at_work:
            writer.end()
        assert ended == [0, 0], (folder / "jobs").read_text(encoding="utf-8")
        assert site.stop() == 0
    acknowledged = {mark for one in at_work for mark in one.acknowledged}
    waits = sorted(wait for one in at_work for wait in one.waits)
    record_property("figure", f"import of {rows:,} rows, a backup, {writers} writers, {readers} readers: p99 of these "
                              f"{met[0].p99:.0f} ms of {met[0].answers:,} answers, {len(acknowledged):,} changes, 0 "
                              f"lost, the longest after {waits[-1]:.1f} s, {sum(len(one.refused) for one in at_work)} "
                              f"told to come back")
    assert acknowledged <= kept(folder)
    assert [one.refused for one in at_work] == [[]] * writers
    assert met[0].bad == met[0].full == 0
    backups = list((folder / "backups").glob("finder-*"))
    assert len(backups) == 1
    assert restoring.verify(backups[0]).contents.is_whole
    if rows == ROWS:
        assert met[0].p99 < MOST_MILLISECONDS
