"""D1 over HTTP: what the site acknowledged outlives every kill of all its processes."""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from tests.load.filling import instance, keepers
from tests.load.serving import Served, until
from tests.load.writing import Program, Visitor, Writer, kept

pytestmark = pytest.mark.sqlite
WRITERS, KILLS = 8, 100  # TRUST D1
BACK_SECONDS = 5.0  # until the next write is acknowledged after a start (TRUST D1)


@pytest.mark.turns(2)
@pytest.mark.parametrize(("kills", "listings", "accounts"), [
    (3, 60, 16), pytest.param(KILLS, 400, 320, marks=pytest.mark.soak)])
def test_D1_no_write_that_the_site_acknowledged_is_lost_however_often_it_is_killed(
        tmp_path: Path, kills: int, listings: int, accounts: int, record_property: Any) -> None:
    folder = instance(tmp_path / "instance", listings)
    people, chance, backs = keepers(folder, accounts), random.Random(3), []
    site = Served(folder, FINDER_PROXY_COUNT="1")  # so that visitors come from more than one network
    writers: list[Writer] = [Program(site.port, number, people[number::WRITERS - 1]) for number in range(WRITERS - 1)]
    try:
        site.start()
        writers.append(Visitor(site.port, WRITERS - 1, [one.slug for one in people]))
        for one in writers:
            one.start()
        for kill in range(kills + 1):
            if kill:
                time.sleep(chance.uniform(0.05, 0.5))
                site.kill()
                began = time.monotonic()
                site.start(wait=False)
                assert until(lambda since=began: _acknowledged(writers, since), 60), site.words()
                backs.append(min(_acknowledged(writers, began)) - began)
            else:
                assert until(lambda: all(one.acknowledged for one in writers), 60)
        for one in writers:
            one.end()
        assert site.stop() == 0
    finally:
        site.kill()
    acknowledged = {mark for one in writers for mark in one.acknowledged}
    assert acknowledged <= kept(folder)
    assert site.run("audit", "verify").returncode == 0
    # Under so much work a turn to write may not come in time; that is said, and nothing was acknowledged.
    assert {status for one in writers for status in one.refused} <= {0, 503}
    record_property("figure", f"{kills} kills, {len(acknowledged):,} acknowledged writes, 0 lost; the next one after "
                              f"{statistics.median(backs):.1f} s, at most {max(backs):.1f} s")
    if kills == KILLS:
        assert max(backs) <= BACK_SECONDS


def _acknowledged(writers: list[Writer], since: float) -> list[float]:
    """When writes that were begun after a moment were acknowledged."""
    return [at for one in writers for at, wait in zip(one.times, one.waits, strict=False) if at - wait > since]
