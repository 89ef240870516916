"""D5 at full size: a backup of many listings put back elsewhere, served, and compared by what the public sees."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.load.filling import instance
from tests.load.serving import Served

pytestmark = [pytest.mark.sqlite, pytest.mark.turns(3)]
LISTINGS, MOST_SECONDS = 100_000, 300  # TRUST D5
ADDRESS = "https://groups.example.org"  # which listings name, wherever they are served


def seen(site: Served) -> str:
    """A hash of all listings as everybody may fetch them, but for the moment at which they are asked for."""
    status, said, _ = site.ask("/data/listings.jsonl")
    assert status == 200
    lines = sorted(re.sub(rb',"as_of":"[^"]*Z"', b"", said).splitlines())
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


@pytest.mark.parametrize("listings", [300, pytest.param(LISTINGS, marks=pytest.mark.soak)])
def test_D5_a_backup_is_back_and_served_in_minutes_and_the_public_sees_the_same(tmp_path: Path, listings: int,
                                                                                record_property: Any) -> None:
    old = Served(instance(tmp_path / "instance", listings), FINDER_BASE_URL=ADDRESS)
    (tmp_path / "elsewhere").mkdir()
    new = Served(tmp_path / "elsewhere", FINDER_BASE_URL=ADDRESS)
    try:
        old.start(wait=False)
        before, public = old.ready(), seen(old)
        made = old.run("backup")
        assert made.returncode == 0, made.stderr
        assert old.stop() == 0
        backup = next((old.folder / "backups").glob("finder-*"))
        began = time.monotonic()
        restored = new.run("restore", str(backup))
        assert restored.returncode == 0, restored.stderr
        took = time.monotonic() - began
        new.start(wait=False)
        after = new.ready()
        all_in_all = time.monotonic() - began
        assert after["programs"] == before["programs"] > listings * 0.9
        assert seen(new) == public
        assert new.stop() == 0
    finally:
        for one in (old, new):
            if one.child is not None:
                one.kill()
    record_property("figure", f"{listings:,} listings put back in {took:.0f} s, served after {all_in_all:.0f} s")
    if listings == LISTINGS:
        assert all_in_all < MOST_SECONDS
