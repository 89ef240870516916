"""What the audit is told of commands and jobs: their names, and nothing that stands behind them on the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import click

from finder.audit.chain import Deed
from finder.db import Database

# What a job notes for itself, as how far it has come: alone, that is no deed. Letters are told of where written.
NOTES = frozenset(("message", "silence", "feed", "hook"))
_job: ContextVar[str] = ContextVar("job", default="")
_always: ContextVar[bool] = ContextVar("always", default=False)


@contextmanager
def job(name: str) -> Iterator[None]:
    """What is done meanwhile is done by this job."""
    before = _job.set(name)
    try:
        yield
    finally:
        _job.reset(before)


@contextmanager
def always() -> Iterator[None]:
    """What is done meanwhile is told also where it writes nothing."""
    before = _always.set(True)
    try:
        yield
    finally:
        _always.reset(before)


def exported(database: Database) -> None:
    """Tells that this command gives out data that names people."""
    with always(), database.transaction() as session:
        session.connection()


def deed(rows: Mapping[str, int]) -> Deed | None:
    """What this thread's command, or its job, is called; None where it writes nothing of note, or there is none."""
    name, context = _job.get(), click.get_current_context(silent=True)
    if context is None or not (rows or _always.get()) or (name and NOTES.issuperset(rows)):
        return None
    if name:
        return Deed(f"job.{name}", "job")
    names: list[str] = []
    while context.parent is not None:
        names, context = [str(context.info_name), *names], context.parent
    return Deed(".".join(("command", *names)), "command")
