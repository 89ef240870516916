"""The `finder` script itself: its commands by name, read only when used, and what it says when something goes wrong.

Data goes to stdout, progress and errors to stderr; an error is one plain sentence and the exit code is not 0.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import orjson

from finder.cli import garbage
from finder.config import Settings
from finder.errors import FinderError, Invalid
from finder.wording import problem_text

FAILED, MISUSED, STOPPED = 1, 2, 130
MOST_FIELDS = 5  # of what is wrong are named in one sentence
COMMANDS: Mapping[str, str] = {
    "demo": "setup:demo", "init": "setup:init", "run": "setup:run",
    "import": "importing:take_in", "export": "exporting:export", "match": "data:match", "evaluate": "data:evaluate",
    "reports": "reports:reports", "listing": "listing:listing", "user": "people:user", "work": "work:work",
    "hook": "hooks:hook", "backup": "backups:backup", "restore": "backups:restore", "db": "databases:db",
    "audit": "audit:audit", "doctor": "doctor:doctor", "metrics": "metrics:metrics", "secret": "secrets:secret",
    "mcp": "assistants.command:mcp", "trust": "trust:trust",
    "bench": "bench_standards:bench",  # the last of those that add their own commands to bench
}


@dataclass(frozen=True)
class Instance:
    """What commands work on. `create_app` takes Settings and maybe `services`; both are called when first needed."""

    environ: Mapping[str, str]
    create_app: Callable[..., Any]
    build_services: Callable[[Settings], Any]

    @cached_property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ)

    @cached_property
    def services(self) -> Any:
        return self.build_services(self.settings)


PLAIN: Mapping[str, str] = {
    "database": "The database cannot be read. `finder init` makes one.",
    "read_only": "The database cannot be written: its disk is full, or it may only be read. Make room, then try again.",
    "busy": "Somebody else has been writing for long. Try again in a minute.",
    "database_damaged": "The database is damaged. `finder restore` puts a backup in its place.",
    "newer_schema": "A newer Finder has made this database, and this one cannot read it. Nothing was changed. Install "
                    "the newer one, or put back a backup from before it.",
}


class Script(click.Group):
    """A group that imports a command's module only when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        with garbage.untouched():
            command: click.Command = getattr(importlib.import_module(f"finder.cli.{module}"), name)
        return command


@click.command(cls=Script, no_args_is_help=False, invoke_without_command=True, context_settings={
    "help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="finder", message="%(version)s")
@click.pass_context
def finder(ctx: click.Context) -> None:
    """Find a support group or group therapy program that fits, and say why.

    \b
    Example:
      finder demo
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(instance: Instance, arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code. With `python -X dev` an unforeseen error shows its trace."""
    try:
        given = finder.main(args=None if arguments is None else list(arguments), prog_name="finder",
                            standalone_mode=False, obj=instance)
        return given if isinstance(given, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        return STOPPED
    except BrokenPipeError:  # who reads the output has gone; nothing is wrong with us
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as wrong:
        if sys.flags.dev_mode:
            raise
        return _say(*_told(wrong))


def _told(wrong: Exception) -> tuple[str, int]:
    """An error in one sentence, and the exit code it ends with."""
    if isinstance(wrong, click.UsageError):
        return f"{wrong.format_message()} Try {_help_of(wrong)} for help.", MISUSED
    if isinstance(wrong, click.ClickException):
        return wrong.format_message(), wrong.exit_code
    if isinstance(wrong, FinderError):
        return sentence(wrong), FAILED
    if isinstance(wrong, OSError):
        return f"{wrong.filename or 'The system'}: {wrong.strerror or wrong}.", FAILED
    # Kind and place only: a message may hold what somebody wrote.
    place = traceback.extract_tb(wrong.__traceback__)[-1]
    return f"Something in Finder broke: {type(wrong).__name__} in {Path(place.filename).name}, {place.name}.", FAILED


def _help_of(wrong: click.UsageError) -> str:
    path = wrong.ctx.command_path if wrong.ctx else "finder"
    return f"`{path} --help`"


def _say(text: str, code: int) -> int:
    click.echo(" ".join(text.split()), err=True)
    return code


class Failure(click.ClickException):
    """A plain sentence for the person at the keyboard."""

    exit_code = FAILED


def sentence(error: FinderError) -> str:
    """What went wrong, in one line."""
    if isinstance(error, Invalid):
        named = [f"{field or 'the whole'}: {problem_text(problem)}"
                 for field, problems in error.errors.items() for problem in problems]
        more = len(named) - MOST_FIELDS
        return " ".join(named[:MOST_FIELDS]) + (f" And {more} more." if more > 0 else "")
    return PLAIN.get(error.code, f"That did not work ({error.code.replace('_', ' ')}).")


def show(value: Any, as_json: bool = True) -> None:
    """Writes a value to stdout as JSON: one line for machines, indented for people."""
    option = orjson.OPT_APPEND_NEWLINE | (0 if as_json else orjson.OPT_INDENT_2) | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(value, option=option), nl=False)


def version() -> str:
    """Which Finder this is."""
    return importlib.metadata.version("finder")


def note(text: str) -> None:
    """Writes progress to stderr."""
    click.echo(text, err=True)


def day_given(words: str | None) -> datetime | None:
    """The day that an option names, at midnight UTC; None where it was not given. Raises Failure."""
    if words is None:
        return None
    try:
        return datetime.strptime(words, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Failure("Write the day as in 2027-01-14.") from None
