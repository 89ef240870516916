"""`finder reports`: what visitors say is wrong, and closing what has been put right."""

from __future__ import annotations

from dataclasses import asdict

import click

from finder.cli.script import Failure, Instance, note, show
from finder.db import is_ready
from finder.errors import NotFound
from finder.listings import reports as kept


@click.group("reports", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the waiting reports as JSON.")
@click.pass_context
def reports(context: click.Context, as_json: bool) -> None:
    """Show what visitors reported about listings, unsafe ones first.

    \b
    Example:
      finder reports
      finder reports close 12
    """
    instance: Instance = context.obj
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    instance.services.database.upgrade()
    if context.invoked_subcommand is None:
        _list(instance, as_json)


def _list(instance: Instance, as_json: bool) -> None:
    with instance.services.database.reading() as session:
        waiting = kept.waiting(session)
    if as_json:
        show([asdict(one) for one in waiting])
        return
    for one in waiting:
        click.echo(f"{one.number}  {one.day}  {one.kind:<8} {one.name} (/programs/{one.slug})")
        if one.note:
            click.echo("    " + one.note.replace("\n", "\n    "))
    note(f"{len(waiting)} waiting.")


@reports.command("close")
@click.argument("number", type=int)
@click.pass_obj
def close(instance: Instance, number: int) -> None:
    """Close a report that has been dealt with."""
    try:
        with instance.services.database.transaction() as session:
            kept.close(session, number, now=instance.services.now())
    except NotFound:
        raise Failure(f"There is no report {number}.") from None
    note(f"Report {number} is closed.")
