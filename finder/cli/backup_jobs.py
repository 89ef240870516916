"""What `finder work` does about backups: one a night into the instance's folder, and none too many kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from finder.backup import keeping, making, restoring
from finder.cli.gentle import gently
from finder.cli.script import version
from finder.db import file_of
from finder.services import Services

NIGHT_HOUR = 8  # UTC; from 3 in the morning in New York to 10 in the evening in Honolulu
LATEST = timedelta(hours=24)  # after the last one a backup is made at any hour


def look_after(services: Services, now: datetime) -> Mapping[str, int]:
    """Makes a backup when it is time, and then deletes those that need not stay."""
    to, database = services.settings.backup_folder, file_of(services.database.url)
    if to is None or database is None or not database.exists() or not is_due(keeping.newest(to), now):
        return {"made": 0, "deleted": 0}
    restoring.clear(database)
    deleted = keeping.tidy(to)  # before, too: they may be what fills the disk
    gently(partial(making.make, database, to, now=now, software=version(), recipient=services.settings.backup_key))
    return {"made": 1, "deleted": deleted + keeping.tidy(to)}


def is_due(newest: datetime | None, now: datetime) -> bool:
    """Whether it is time: at night when today has none yet, and at any hour when the last one is a day old."""
    if newest is None or newest > now:  # a clock that was wrong must not keep backups from being made
        return True
    return now - newest >= LATEST or now.hour == NIGHT_HOUR and newest.date() < now.date()
