"""What the writer of a file of all listings said about it, read back from beside the file that is kept.

Files are kept as `<stem>-<mark>.<ending>.<state>.gz`, and their facts as `….facts` (see `finder/api/whole.py`). Whoever
only wants the facts does not have the file written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from finder.exchange.shelf import Shelf


def facts(folder: Path, stem: str, ending: str, *, shelf: Shelf, day: date) -> Mapping[str, Any] | None:
    """The facts of a file as it stands for a shelf on a day; None where nobody has asked for that file yet."""
    state = f"{shelf.state}-{day.toordinal()}"
    found = sorted(folder.glob(f"{stem}-*.{ending}.{state}.facts"), key=_written_at)
    if not found:
        return None
    try:
        said = json.loads(found[-1].read_bytes())
    except (OSError, ValueError):  # it is being put away, or the disk is full
        return None
    return said if isinstance(said, dict) else None


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
