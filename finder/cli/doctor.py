"""`finder doctor`: what an instance needs and may lack, a line each; exit code 1 where something does (for cron)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from finder import crisis, disk, outbox
from finder.backup import keeping, quiet
from finder.cli.script import FAILED, Instance, note, show
from finder.config import LOOPBACK
from finder.db import condition, file_of, is_ready
from finder.errors import FinderError
from finder.listings import waiting
from finder.postgres import quotes_values
from finder.services import Services
from finder.upkeep import alarms

LONGEST_WAIT = timedelta(hours=48)  # of what somebody sent, until somebody looks (TRUST section 4)
LATE_LETTER = timedelta(hours=2)
AHEAD = timedelta(minutes=5)  # by which history may be before a clock
OWN_FILES = ("finder.db", "secret", "pace", "audit_head", "audit_found", "secret.old", "snapshot")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `good`: nothing has to be done; `says`: what was found, in a sentence."""

    about: str
    good: bool
    says: str


# What has no check of its own here.
SAYS: Mapping[str, str] = {
    alarms.FAILED: "{0.many} wrong passwords within five minutes.",
    alarms.PHONE: "Account {0.person} changed {0.many} phone numbers within an hour: finder listing revert-account.",
    alarms.AUDIT: "The audit is broken at entry {0.many}: finder audit verify.",
}
Check = Callable[[Services, datetime], Iterator[Finding]]


def _secret(services: Services, now: datetime) -> Iterator[Finding]:
    if services.settings.secret_key:
        yield Finding("secret", True, "It comes from FINDER_SECRET_KEY.")
        return
    path = services.settings.instance / "secret"
    yield Finding("secret", path.is_file(), f"It lies in {path}." if path.is_file()
                  else f"{path} is missing; the server makes one when it starts.")


def _address(services: Services, now: datetime) -> Iterator[Finding]:
    held = services.settings
    if held.secure:
        yield Finding("address", True, f"People reach it by TLS: {held.base_url}")
    elif held.host in LOOPBACK and not held.base_url:
        yield Finding("address", True, "Only this machine reaches it. For others set FINDER_BASE_URL to https://…")
    else:
        yield Finding("address", False, "People reach it without TLS, so others may read along. Set FINDER_BASE_URL.")


def _clock(services: Services, now: datetime) -> Iterator[Finding]:
    with services.database.reading() as session:
        newest = waiting.newest_change(session)
    late = newest is not None and newest > now.astimezone(UTC).replace(tzinfo=None) + AHEAD
    yield Finding("clock", not late, "It is before the newest change in history." if late
                  else f"{now:%Y-%m-%d %H:%M} UTC.")


def _database(services: Services, now: datetime) -> Iterator[Finding]:
    on_server = file_of(services.settings.database) is None
    with services.database.reading() as session:
        whole, lasting = condition(session)
        quoting = on_server and quotes_values(session)
    if on_server:
        yield Finding("database", whole, "It is on a server, which has met no damage." if whole
                      else "Its server has met damaged pages: put a backup back.")
        yield Finding("server log", not quoting, "The server's log quotes no values." if not quoting else
                      "The server's log may quote what people wrote. As its superuser: "
                      "ALTER DATABASE … SET log_error_verbosity = terse")
    else:
        yield Finding("database", whole, "It is whole." if whole else "It is damaged: finder restore FILE")
    yield Finding("durability", lasting, "Each change is on the disk before it is confirmed." if lasting
                  else "A power cut may lose changes that were confirmed.")


def _room(services: Services, now: datetime) -> Iterator[Finding]:
    left = disk.room([services.settings.instance])
    yield Finding("disk", left > disk.LEAST_ROOM, f"{left:.0%} of it is free.")


def _modes(services: Services, now: datetime) -> Iterator[Finding]:
    if os.name != "posix":
        return
    folder = services.settings.instance
    backups = services.settings.backup_folder
    paths = [folder / name for name in OWN_FILES] + (list(backups.glob("finder-*")) if backups else [])
    wide = [path.name for path in paths if path.is_file() and _is_wide(path)]
    yield Finding("files", not wide, "Only their owner can read them." if not wide
                  else f"Others on this machine can read {', '.join(sorted(wide))}: chmod 600")


def _is_wide(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _backups(services: Services, now: datetime) -> Iterator[Finding]:
    folder = services.settings.backup_folder
    if folder is None:
        yield Finding("backup", True, "This program makes none here, as it was told.")
        return
    newest = keeping.newest(folder)
    fresh = newest is not None and now - newest <= keeping.STALE
    yield Finding("backup", fresh, f"The newest good one is of {newest:%Y-%m-%d %H:%M} UTC." if newest
                  else "There is none: finder backup, and finder work for one each night.")
    if quiet.found(services.settings.instance) is not None:
        yield Finding("restore", False, "It sends nothing until you have looked: finder restore --confirm")


def _crisis(services: Services, now: datetime) -> Iterator[Finding]:
    if not crisis.is_reviewed():
        yield Finding("crisis lines", False, "They are not those that were reviewed. Install Finder anew.")
        return
    yield Finding("crisis lines", services.settings.country in crisis.COUNTRIES,
                  f"Those of {services.settings.country}; SHA-256 of all {crisis.sha256()[:16]}.")


def _alarms(services: Services, now: datetime) -> Iterator[Finding]:
    with services.database.reading() as session:
        found = alarms.found(session, services.settings, now)
    told = [SAYS[one.about].format(one) for one in found if one.about in SAYS]
    yield Finding("alarms", not told, " ".join(told) or "Nothing out of the ordinary in the last day.")


def _waiting(services: Services, now: datetime) -> Iterator[Finding]:
    then = now.astimezone(UTC).replace(tzinfo=None) - LONGEST_WAIT
    with services.database.reading() as session:
        late, held = waiting.sent_before(session, then), waiting.held_feeds(session)
    yield Finding("queue", not late, f"{late:,} things that people sent wait for more than two days." if late
                  else "Nothing waits for more than two days.")
    if held:
        yield Finding("feeds", False, f"{held:,} wait for a steward to look.")


def _letters(services: Services, now: datetime) -> Iterator[Finding]:
    then = now.astimezone(UTC).replace(tzinfo=None) - LATE_LETTER
    with services.database.reading() as session:
        late, failed = outbox.late(session, then), outbox.failed(session)
    yield Finding("letters", not late, f"{late:,} are late. Does finder work run, and does FINDER_MAIL_URL answer?"
                  if late else f"None is late; {failed:,} could not be sent in the last weeks.")


CHECKS: Mapping[str, Check] = {
    "secret": _secret, "address": _address, "clock": _clock, "database": _database, "disk": _room, "files": _modes,
    "backup": _backups, "crisis lines": _crisis, "alarms": _alarms, "queue": _waiting, "letters": _letters,
}


def findings(services: Services, now: datetime) -> list[Finding]:
    """Everything that was looked at, in one order."""
    return [one for about, check in CHECKS.items() for one in _found(about, check, services, now)]


def _found(about: str, check: Check, services: Services, now: datetime) -> list[Finding]:
    try:
        return list(check(services, now))
    except FinderError:
        return [Finding(about, False, "The database cannot be read; it may be damaged: finder restore FILE")]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def doctor(instance: Instance, as_json: bool) -> int:
    """Look the instance over. Exit code 1 where something has to be done.

    \b
    Example:
      finder doctor
    """
    services = instance.services
    if not is_ready(services.database):
        found = [Finding("instance", False, "There is none here yet, or its database does not answer: finder init")]
    else:
        found = findings(services, services.now())
    if as_json:
        show([asdict(one) for one in found])
    else:
        for one in found:
            note(f"{'good' if one.good else 'LOOK'}  {one.about}: {one.says}")
    return 0 if all(one.good for one in found) else FAILED

