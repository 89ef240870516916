"""What stewards are told about the site itself: that it was put back from a backup, or has had no backup for long."""

from __future__ import annotations

from datetime import UTC, datetime

from finder.backup import keeping, quiet
from finder.config import Settings
from finder.db import file_of
from finder.web import history_words
from finder.wordings.language import gettext


def notices(settings: Settings, now: datetime) -> list[str]:
    """Sentences for the first page of the desk; most days there are none."""
    return [*_restored(settings, now), *_backups(settings, now)]


def _restored(settings: Settings, now: datetime) -> list[str]:
    held = quiet.found(settings.instance)
    if held is None:
        return []
    return [gettext("This site was put back from a backup made %(when)s. No letter leaves and nothing goes by the "
                    "clock until whoever runs it has looked and lets it go on: finder restore --confirm",
                    when=_ago(held.made_at, now))]


def _backups(settings: Settings, now: datetime) -> list[str]:
    folder, database = settings.backup_folder, file_of(settings.database)
    if folder is None or database is None or not database.exists():
        return []
    newest = keeping.newest(folder)
    if newest is None:
        return [gettext("There is no backup of this site yet. Whoever runs it should see to that: finder work makes "
                        "one each night.")]
    if now - newest <= keeping.STALE:
        return []
    return [gettext("The last good backup was made %(when)s. Whoever runs this site should see why: finder backup",
                    when=_ago(newest, now))]


def _ago(at: datetime, now: datetime) -> str:
    return history_words.ago(at.astimezone(UTC).replace(tzinfo=None), now)
