"""Two readers from outside for calendars: each gives the next starts as UTC instants, in order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events

NEXT = 10
_SCRIPT = Path(__file__).parent / "next_instants.mjs"


def utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def first_reader(calendar: bytes, now: datetime, count: int = NEXT) -> list[str]:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar)).after(now)
    return [utc(one.start) for one in islice((one for one in found if one.start >= now), count)]


def second_reader(calendar: bytes, now: datetime, modules: str, count: int = NEXT) -> list[str]:
    done = subprocess.run(["node", str(_SCRIPT), modules, now.isoformat(), str(count)], input=calendar,
                          capture_output=True, check=True, timeout=60)
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def modules() -> str:
    """Where ical.js is; it is a judge from outside and no part of this program."""
    folder = os.environ.get("FINDER_TEST_NODE_MODULES", "")
    if not (shutil.which("node") and folder and Path(folder, "ical.js").is_dir()):
        if os.environ.get("CI"):
            pytest.fail("node and ical.js are needed here")
        pytest.skip("node or ical.js is not here (FINDER_TEST_NODE_MODULES)")
    return folder
