"""`finder import`: listings in from a source, the list of past imports, and taking one back as a whole."""

from __future__ import annotations

import uuid
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from finder.cli.fetching import local
from finder.cli.reading import bar, take_listings
from finder.cli.script import FAILED, Failure, Instance, note, show
from finder.db import is_ready
from finder.errors import Conflict, NotFound
from finder.exchange.reading import FORMATS
from finder.listings import undo
from finder.listings.edits import ImportReport
from finder.listings.writing import Author

OUTCOMES = ("read", "added", "changed", "unchanged", "gone", "held", "out_of_scope")
MOST_SHOWN = 20  # refused rows named on the terminal; --json names all
MOST_PAST = 200
CONSOLE = Author("console")
WORDS = ("undo", "list")  # a file of such a name is given as ./list


class _ImportGroup(click.Group):
    """`finder import SOURCE …` takes in; `finder import list` and `finder import undo ID` are about past imports."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*WORDS, "--help", "-h"):
            args = ["source", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(WORDS)


@click.group("import", cls=_ImportGroup, no_args_is_help=False, invoke_without_command=True,
             subcommand_metavar="SOURCE [OPTIONS] | list | undo ID")
@click.pass_context
def take_in(context: click.Context) -> None:
    """Take listings in from a source, or take an import back.

    SOURCE is a file (also .gz), a folder or an http address. `finder import SOURCE --help` shows its options.

    \b
    Example:
      finder import meetings.json --format meeting-guide --source "River County AA"
      finder import list
      finder import undo 5d0b5f3a-9f0e-4c6a-8e7d-2b11c0ffee00
    """
    if context.invoked_subcommand is None:
        raise click.UsageError("Missing argument 'SOURCE'.")


@take_in.command("source", hidden=True)
@click.argument("source")
@click.option("--format", "fmt", type=click.Choice(FORMATS), required=True, help="How the source is written.")
@click.option("--source", "name", required=True, help="The name of the source, the same at every import.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="What the columns of a CSV file mean.")
@click.option("--dry-run", is_flag=True, help="Compare only, and say what would be done.")
@click.option("--take-down-all", is_flag=True, help="Take down what the source lacks, however much it is.")
@click.option("--trust-checks/--no-trust-checks", default=None,
              help="Whether the source's own dates of checking count (a new source: yes).")
@click.option("--anywhere", is_flag=True, help="Also fetch from this machine, local networks and any port.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def source(instance: Instance, source: str, fmt: str, name: str, mapping: Path | None, dry_run: bool,
           take_down_all: bool, trust_checks: bool | None, anywhere: bool, as_json: bool) -> int:
    """Take listings in from a file (also .gz), a folder or an http address.

    Where every row was refused the exit code is 1.

    \b
    Example:
      finder import meetings.json --format meeting-guide --source "River County AA"
    """
    if fmt == "csv" and mapping is None:
        raise click.UsageError("A CSV file needs --mapping FILE, which says what its columns mean.")
    with local(source, fmt, anywhere=anywhere) as path:
        instance.services.database.upgrade()
        with bar("Importing") as step:
            report = take_listings(instance.services, path, fmt, source=name, mapping=mapping, dry_run=dry_run,
                                   take_down_all=take_down_all, trusted=trust_checks, step=step)
    if as_json:
        show(report.counts())
    else:
        _tell(report, dry_run)
    return FAILED if report.read and len({one.row for one in report.refused}) >= report.read else 0


def _tell(report: ImportReport, dry_run: bool) -> None:
    table = Table(box=None, show_header=False)
    counts = report.counts()
    for outcome in OUTCOMES:
        table.add_row(f"{counts[outcome]:,}", outcome.replace("_", " "))
    table.add_row(f"{len(report.refused):,}", "refused")
    Console().print(table)
    for why, count in sorted(report.held_why.items()):
        note(f"Held, {why.replace('_', ' ')}: {count:,}")
    for one in report.refused[:MOST_SHOWN]:
        note(f"Row {one.row}: {one.field or 'the whole row'}: {one.code.replace('_', ' ')}")
    if len(report.refused) > MOST_SHOWN:
        note(f"And {len(report.refused) - MOST_SHOWN:,} more; --json names them all.")
    note(f"{report.seconds:.1f} seconds." + (" Nothing was kept: this was a dry run." if dry_run else ""))


@take_in.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_obj
def past(instance: Instance, as_json: bool) -> None:
    """List the imports that were applied, the newest first.

    \b
    Example:
      finder import list
    """
    _check(instance)
    with instance.services.database.reading() as session:
        found = undo.past(session, most=MOST_PAST)
    if as_json:
        show([{"id": str(one.id), "source": one.source, "at": one.at.isoformat() + "Z", "undone": bool(one.undone_at),
               **{name: one.counts.get(name, 0) for name in OUTCOMES}} for one in found])
        return
    for one in found:
        counts = ", ".join(f"{one.counts[name]:,} {name}" for name in OUTCOMES[1:5] if one.counts.get(name))
        click.echo(f"{one.id}  {one.at:%Y-%m-%d %H:%M}  {one.source}: {counts or 'nothing new'}"
                   + (" (taken back)" if one.undone_at else ""))


@take_in.command("undo")
@click.argument("import_id", metavar="ID", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def take_back(instance: Instance, import_id: uuid.UUID, as_json: bool) -> None:
    """Take back everything that an import did; what others changed since stays.

    \b
    Example:
      finder import undo 5d0b5f3a-9f0e-4c6a-8e7d-2b11c0ffee00
    """
    _check(instance)
    services = instance.services
    try:
        with services.database.transaction() as session:
            report = undo.undo_import(session, import_id, author=CONSOLE, now=services.now())
    except NotFound:
        raise Failure(f"There is no import {import_id}. `finder import list` names them.") from None
    except Conflict:
        raise Failure(f"The import {import_id} was taken back before. Nothing was changed.") from None
    if as_json:
        show({"restored": report.restored, "taken_down": report.taken_down, "brought_back": report.brought_back,
              "kept": report.kept, "untouched": report.untouched})
        return
    note(f"{report.restored:,} listings say again what they said, {report.taken_down:,} were taken down, "
         f"{report.brought_back:,} are back. In {report.kept:,} of them, later changes of others stay.")


def _check(instance: Instance) -> None:
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    instance.services.database.upgrade()
