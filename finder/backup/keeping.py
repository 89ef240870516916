"""Which backups stay: the newest of each of the last seven days, four weeks and six months that have one.

Days without a backup do not count, so that a machine that stood still for a year deletes nothing on its first day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAYS, WEEKS, MONTHS = 7, 4, 6  # TRUST D6
STALE = timedelta(hours=48)  # without a good backup for so long, somebody is told
_NAME = re.compile(r"finder-(\d{4}-\d{2}-\d{2}T\d{6}Z)(-\d+)?\.backup")
_STAMP = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A backup by its name alone. Only one that was written whole and read again has such a name."""

    made_at: datetime
    path: Path


def name(now: datetime, number: int = 1) -> str:
    """The name of a backup made at an instant; `number` tells several of one second apart."""
    return f"finder-{now.astimezone(UTC).strftime(_STAMP)}{f'-{number}' if number > 1 else ''}.backup"


def in_folder(folder: Path) -> list[Kept]:
    """The backups of a folder, the oldest first; anything else in it is left alone."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match and path.is_file():
            found.append(Kept(datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), path))
    return sorted(found)


def newest(folder: Path) -> datetime | None:
    """When the last good backup of a folder was made."""
    found = in_folder(folder)
    return found[-1].made_at if found else None


def staying(instants: Iterable[datetime]) -> frozenset[datetime]:
    """Those instants whose backups stay. Aware, in any order; the newest is always among them."""
    backwards = sorted(instants, reverse=True)
    kept: set[datetime] = set()
    for many, span in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        kept |= set(_newest_of_each(backwards, span)[:many])
    return frozenset(kept)


def tidy(folder: Path) -> int:
    """Deletes the backups that do not stay, and gives how many those were."""
    found = in_folder(folder)
    stay = staying(one.made_at for one in found)
    gone = [one for one in found if one.made_at not in stay]
    for one in gone:
        one.path.unlink(missing_ok=True)
    return len(gone)


def _newest_of_each(backwards: Iterable[datetime], span: Callable[[datetime], tuple[int, ...]]) -> list[datetime]:
    found: dict[tuple[int, ...], datetime] = {}
    for one in backwards:
        found.setdefault(span(one.astimezone(UTC)), one)
    return list(found.values())


def _day(at: datetime) -> tuple[int, ...]:
    return at.year, at.month, at.day


def _week(at: datetime) -> tuple[int, ...]:
    return at.isocalendar()[:2]


def _month(at: datetime) -> tuple[int, ...]:
    return at.year, at.month
