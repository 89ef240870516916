"""`finder backup` and `finder restore`: a copy of the database that can be trusted, proved, put back, let go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from finder import outbox
from finder.backup import keeping, making, quiet, restoring
from finder.backup.archive import Manifest
from finder.cli import audited
from finder.cli.gentle import gently
from finder.cli.script import Failure, Instance, note, show, version
from finder.db import file_of, server_of
from finder.errors import FinderError

WRONG = {
    "backup_not_one": "That file is no backup of Finder.",
    "backup_changed": "That backup is not as it was written: it is cut short, or a byte of it has changed. Nothing was "
                      "touched. Take another one.",
    "backup_encrypted": "That backup arrived whole, but it is encrypted: --identity names the file with its key.",
    "backup_wrong_key": "That key does not open this backup. Nothing was touched.",
    "not_a_key": "That is no public key of age. It begins with age1; `age-keygen` makes one with its secret.",
    "no_age": "Encrypted backups need one more library: pip install -c constraints.txt -e '.[backup]'",
    "no_room": "There is no room for it. Nothing was changed, and older backups are as they were.",
    "busy": "Another backup is being made, or somebody writes for long. Try again in a minute.",
    "running": "The site or `finder work` still has the database open. Stop both, then restore. Nothing was changed.",
    "newer_schema": "That backup was made by a newer Finder. Install that one first. Nothing was changed.",
    "database_damaged": "The database itself is damaged, so no backup was made and the older ones were kept. "
                        "`finder restore` puts one back.",
    "read_only": "That folder cannot be written to. Nothing was changed.",
}
SERVER_BACKUP = "This instance keeps its database on a server, which has its own way. Use: pg_dump --format=custom {}"
SERVER_RESTORE = ("This instance keeps its database on a server, which has its own way. Stop the site, make an empty "
                  "database, and use: pg_restore --exit-on-error {} FILE. Then make an empty file {}, so that nothing "
                  "is sent twice, and let it go on with `finder restore --confirm`.")


@click.command("backup")
@click.option("--to", "--out", "to", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for it (FINDER_BACKUP_DIR, else backups in the instance's).")
@click.option("--encrypt-to", "key", help="Encrypt it to a public key of age (FINDER_BACKUP_KEY).")
@click.option("--keep", is_flag=True, help="Then delete what need not stay: 7 days, 4 weeks, 6 months do.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@click.pass_obj
def backup(instance: Instance, to: Path | None, key: str | None, keep: bool, as_json: bool) -> None:
    """Make a backup while the site goes on, read it again, and print where it is.

    The secret of the instance (instance/secret) is not in it: keep that apart, for without it nobody can read what is
    sealed in referrals.

    \b
    Example:
      finder backup --to /mnt/elsewhere --encrypt-to age1… --keep
    """
    settings = instance.settings
    database = file_of(settings.database)
    if database is None:
        raise Failure(SERVER_BACKUP.format(f"--file=finder.dump {server_of(settings.database)}"))
    if not database.exists():
        raise Failure("There is no instance here yet. `finder init` makes one.")
    folder = to or settings.backup_folder or settings.instance / "backups"
    with _told():
        done = gently(partial(making.make, database, folder, now=datetime.now(UTC), software=version(),
                              recipient=settings.backup_key if key is None else key))
    deleted = keeping.tidy(folder) if keep else 0
    _tell(instance)
    if as_json:
        show({"path": str(done.path), "bytes": done.size, "encrypted": done.encrypted, "deleted": deleted,
              **_figures(done.manifest)})
        return
    note(f"Made and read again: {_in_words(done.manifest)}."
         + ("" if done.encrypted else " It is not encrypted: keep it where nobody else can read it.")
         + (f" {deleted} older deleted." if deleted else ""))
    click.echo(done.path)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--verify", is_flag=True, help="Prove the backup and touch nothing.")
@click.option("--identity", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="File with the secret key of an encrypted backup.")
@click.option("--confirm", is_flag=True, help="Let letters and jobs go on after a restore.")
@click.option("--send-waiting", is_flag=True, help="With --confirm: also send the letters that waited in the backup.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def restore(instance: Instance, file: Path | None, verify: bool, identity: Path | None, confirm: bool,
            send_waiting: bool, as_json: bool) -> None:
    """Put a backup back in place of the database, which is set aside and never deleted.

    The site and `finder work` must be stopped. Afterwards no letter is sent and no job runs until somebody has looked
    and confirms.

    \b
    Example:
      finder restore finder-2026-11-27T083000Z.backup --verify
      finder restore finder-2026-11-27T083000Z.backup
      finder restore --confirm
    """
    if confirm == (file is not None):
        raise click.UsageError("Name a file to restore, or say --confirm after one was.")
    if file is None:
        _confirm(instance, send_waiting)
        return
    key = _secret(identity)
    with _told():
        if verify:
            manifest, aside = restoring.verify(file, identity=key), None
        else:
            done = restoring.restore(file, _database(instance), instance=instance.settings.instance, identity=key,
                                     now=datetime.now(UTC))
            manifest, aside = done.manifest, done.aside
    if as_json:
        show({"restored": not verify, "aside": str(aside) if aside else None, **_figures(manifest)})
        return
    note(f"Every byte and every table is as it was: {_in_words(manifest)}.")
    if not verify:
        _say_what_next(aside)


def _say_what_next(aside: Path | None) -> None:
    note("It is in place." + (f" The database of before is {aside}; delete it when you are sure." if aside else ""))
    note("Everybody signs in again. Who lost a role, or ended a token, since the backup has it again: look at people "
         "and tokens. Letters and jobs wait until `finder restore --confirm`, and the audit is taken as it stands by "
         "`finder audit verify --after-restore`.")


def _confirm(instance: Instance, send_waiting: bool) -> None:
    """Drops the letters that waited when the backup was made, since they may have gone since, and lets jobs go on."""
    held = quiet.found(instance.settings.instance)
    if held is None:
        raise Failure("Nothing waits here: this instance was not restored, or somebody confirmed it already.")
    dropped, services = 0, instance.services
    services.database.upgrade()
    with audited.always(), services.database.transaction() as session:
        if not send_waiting:
            dropped = outbox.drop_older(session, held.restored_at)
        session.connection()
    quiet.end(instance.settings.instance)
    note(f"Letters and jobs go on. {dropped} letters from before the restore were dropped." if dropped
         else "Letters and jobs go on.")


def _tell(instance: Instance) -> None:
    """Tells the audit that everything there is was copied. A backup is good also where that cannot be told: the disk
    may be full, and the tables those of an older program."""
    with suppress(FinderError):
        if instance.services.database.is_current():
            audited.exported(instance.services.database)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FinderError as wrong:
        if wrong.code not in WRONG:
            raise
        raise Failure(WRONG[wrong.code]) from wrong


def _database(instance: Instance) -> Path:
    settings = instance.settings
    found = file_of(settings.database)
    if found is None:
        raise Failure(SERVER_RESTORE.format(f"--dbname={server_of(settings.database)}", settings.instance / quiet.NOTE))
    return found


def _secret(identity: Path | None) -> str:
    """The secret key in a file that `age-keygen` wrote, whose other lines are remarks."""
    if identity is None:
        return ""
    lines = [line.strip() for line in identity.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "none")


def _figures(manifest: Manifest) -> dict[str, Any]:
    return {"made_at": manifest.made_at, "software": manifest.software, "schema": manifest.contents.revision,
            "tables": {name: one.rows for name, one in manifest.contents.tables.items()}}


def _in_words(manifest: Manifest) -> str:
    tables = manifest.contents.tables
    return (f"{sum(one.rows for one in tables.values())} rows in {len(tables)} tables, {manifest.size} bytes, "
            f"made {manifest.made_at} by Finder {manifest.software}")
