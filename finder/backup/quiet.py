"""The note that an instance was restored. While it lies in its folder, no letter is sent and no job runs.

A restored database does not know what was sent after it was made: reminders would go out a second time, and people
would be asked again what they have answered. So a steward looks first, and then says that it may go on.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NOTE = "restored"  # in the instance's folder


@dataclass(frozen=True, slots=True)
class Quiet:
    """Since when, and of which moment the restored database is."""

    restored_at: datetime
    made_at: datetime


def begin(instance: Path, made_at: str, *, now: datetime) -> None:
    """Makes an instance quiet. Whole or not at all, whoever kills it."""
    instance.mkdir(parents=True, exist_ok=True)
    draft = instance / f".{NOTE}"
    with draft.open("w", encoding="ascii") as file:
        json.dump({"restored_at": now.astimezone(UTC).isoformat(timespec="seconds"), "made_at": made_at}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, instance / NOTE)


def found(instance: Path) -> Quiet | None:
    """The note, if there is one. One that nobody can read counts as well: made by hand, it is of the day it was."""
    path = instance / NOTE
    try:
        text = path.read_text(encoding="ascii")
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    try:
        said = json.loads(text)
        return Quiet(datetime.fromisoformat(said["restored_at"]), datetime.fromisoformat(said["made_at"]))
    except (ValueError, KeyError, TypeError):
        return Quiet(changed, changed)


def end(instance: Path) -> bool:
    """Lets an instance go on. False when it was not quiet."""
    try:
        (instance / NOTE).unlink()
    except FileNotFoundError:
        return False
    return True
