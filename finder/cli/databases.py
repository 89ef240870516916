"""`finder db move`: an instance's data from one kind of database to the other, proved row by row."""

from __future__ import annotations

import click

from finder.backup import moving
from finder.cli.script import Failure, Instance, note, show
from finder.db import Database, file_of, server_of
from finder.errors import Conflict, Unavailable

WRONG = {
    "not_current": "Another version of the program made the database that it should come from. Start this one on it "
                   "once (`finder init`), then move it. Nothing was changed.",
    "not_empty": "There are rows in the database that it should go to. Name an empty one. Nothing was changed.",
    "newer_schema": "A newer Finder has made the tables of the database that it should go to. Nothing was changed.",
    "not_equal": "A table did not arrive as it was, so nothing was kept. Please report it.",
}


@click.group("db")
def db() -> None:
    """Look after the database as a whole.

    \b
    Example:
      finder db move sqlite:////srv/finder/instance/finder.db postgresql://finder@/finder
    """


@db.command("move")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--json", "as_json", is_flag=True, help="Print rows and checksums by table as JSON.")
@click.pass_obj
def move(instance: Instance, source: str, target: str, as_json: bool) -> None:
    """Copy all data FROM one database TO another, empty one, and prove it.

    Both are SQLAlchemy addresses, as in FINDER_DATABASE_URL. Stop the site and `finder work` first, and set
    FINDER_DATABASE_URL to the new address afterwards. The folder of the instance stays: its secret belongs to the data.

    \b
    Example:
      finder db move sqlite:////srv/finder/instance/finder.db postgresql://finder@/finder
    """
    held = file_of(source)
    if held is not None and not held.exists():
        raise Failure(f"There is no database at {held}.")
    here, there = Database(source), Database(target)
    try:
        moved = moving.move(here, there, tell=lambda name, rows: note(f"{name}: {rows}") if rows else None)
    except (Conflict, Unavailable) as wrong:
        if wrong.code not in WRONG:
            raise
        raise Failure(WRONG[wrong.code]) from wrong
    finally:
        here.close()
        there.close()
    if as_json:
        show({name: {"rows": one.rows, "sha256": one.sha256} for name, one in moved.items()})
        return
    note(f"{sum(one.rows for one in moved.values())} rows in {len(moved)} tables, every one read again and equal.")
    note(f"Now set FINDER_DATABASE_URL to {server_of(target)} and start the site. The old database is as it was.")
