"""How much room is left where an instance writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

LEAST_ROOM = 0.05  # of a disk (TRUST O1)


def room(paths: Iterable[Path]) -> float:
    """The least share (0 to 1) that is free on any of the disks that these paths lie on, or would."""
    left = 1.0
    for path in paths:
        there = next((one for one in (path, *path.resolve().parents) if one.is_dir()), Path("/"))
        found = shutil.disk_usage(there)
        left = min(left, found.free / found.total)
    return left
